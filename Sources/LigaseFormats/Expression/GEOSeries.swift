import LigaseRuntime

/// The lines before the table of a GEO series matrix (NCBI Gene Expression Omnibus):
///
///     !Series_title<TAB>"…"
///     !Sample_geo_accession<TAB>"GSM1"<TAB>"GSM2" …
///     !Sample_characteristics_ch1<TAB>"tissue: blood"<TAB>"tissue: skin" …
///     !series_matrix_table_begin
///     "ID_REF"<TAB>"GSM1"<TAB>"GSM2" …
///     …
///     !series_matrix_table_end
struct GEOSeries {
  /// The sample metadata of the lines; nil if it was not to be kept.
  private(set) var metadata: SampleMetadata?
  /// Warnings about malformed input.
  private(set) var notices: [TableNotice] = []

  static let tableEnd = Array("!series_matrix_table_end".utf8)
  private static let tableBegin = Array("!series_matrix_table_begin".utf8)

  /// Returns whether the text begins like a series matrix, ignoring white space before it, without consuming
  /// it.
  static func begins(_ window: TextWindow) throws -> Bool {
    while window.end - window.start < 64 { if try !window.fill() { break } }
    let text = UnsafeBufferPointer(start: window.base + window.start, count: window.end - window.start)
    let head = text.prefix(64).drop { $0 <= 0x20 }.prefix(8)
    return ["!Series_", "!Sample_", "!series_"].contains { head.elementsEqual($0.utf8) }
  }

  /// Reads the lines up to the header of the table.
  init(_ window: TextWindow, keepsMetadata: Bool) throws {
    var samples = SampleMetadata()
    while true {
      let line = window.line
      guard let text = try GEOSeries.nextLine(window) else {
        throw FormatError(
          .inputOutput, path: window.path, line: line,
          "truncated: found the end of the file, expected !series_matrix_table_begin")
      }
      if text.starts(with: GEOSeries.tableBegin),
        text.dropFirst(GEOSeries.tableBegin.count).allSatisfy({ $0 <= 0x20 })
      {
        break
      }
      if text.first == 0x21 {
        if text.starts(with: "!Sample_".utf8) { try samples.add(text, path: window.path, line) }
      } else if text.contains(where: { $0 > 0x20 }) {
        throw FormatError(
          .badData, path: window.path, line: line,
          "found \(FormatError.quoted(text)), expected a line that begins with '!' before the table")
      }
    }
    while let first = try window.peek(), first <= 0x20 {
      let line = window.line
      guard let text = try window.nextLine() else { break }
      if text.contains(where: { $0 > 0x20 }) {
        throw FormatError(
          .badData, path: window.path, line: line,
          "found \(FormatError.quoted(text)), expected the header of the table")
      }
    }
    let odd = samples.finish()
    if !odd.isEmpty { notices.append(.sampleLinesOfOtherWidth(odd.count, line: odd[0])) }
    if keepsMetadata { metadata = samples }
  }

  /// Returns the next line, joined with the following ones while a quoted field is open: NCBI's files break
  /// lines within quotes.
  private static func nextLine(_ window: TextWindow) throws -> [UInt8]? {
    guard let first = try window.nextLine() else { return nil }
    var text = Array(first.drop { $0 == 0x20 || $0 == 0x09 })
    while text.first == 0x21, QuotedFields(text).isOpen, try !beginsKeyword(window),
      let next = try window.nextLine()
    {
      text.append(0x0A)
      text += next
    }
    return text
  }

  /// Returns whether the next line begins with a keyword, so that an open quote before it is a plain
  /// character.
  private static func beginsKeyword(_ window: TextWindow) throws -> Bool {
    while window.end - window.start < 8 { if try !window.fill() { return false } }
    let head = UnsafeBufferPointer(start: window.base + window.start, count: 8)
    return ["!Series_", "!Sample_", "!series_"].contains { head.elementsEqual($0.utf8) }
  }
}

/// The tab-separated fields of a line, which may be in double quotes: a quote closes before a tab or the end,
/// so that fields may contain tabs and quotes; doubled quotes are one.
struct QuotedFields {
  private(set) var fields: [String] = []
  /// Whether the quote of the last field is not closed.
  private(set) var isOpen = false

  init(_ text: [UInt8]) {
    var i = 0
    while i <= text.count {
      var field: [UInt8] = []
      if i < text.count, text[i] == 0x22 {
        i += 1
        isOpen = true
        while i < text.count {
          if text[i] == 0x22 {
            if i + 1 == text.count || text[i + 1] == 0x09 {
              isOpen = false
              i += 1
              break
            }
            if text[i + 1] == 0x22 {
              // A doubled quote; if a tab follows, it still ends the field.
              i += 1
              isOpen = i + 1 == text.count || text[i + 1] != 0x09
            }
          }
          field.append(text[i])
          i += 1
          if !isOpen { break }
        }
      } else {
        while i < text.count, text[i] != 0x09 {
          field.append(text[i])
          i += 1
        }
      }
      fields.append(String(decoding: field, as: UTF8.self).withoutSurroundingSpaces)
      i += 1
    }
  }
}
