import Glibc

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
  /// What the lines say of the samples; nil if it was not to be kept.
  private(set) var metadata: SampleMetadata?

  static let tableEnd = Array("!series_matrix_table_end".utf8)
  private static let tableBegin = Array("!series_matrix_table_begin".utf8)

  /// Whether the text begins as a series matrix does; nothing is taken.
  static func begins(_ window: TextWindow) throws -> Bool {
    while window.end - window.start < 8 { if try !window.fill() { return false } }
    let head = UnsafeBufferPointer(start: window.base + window.start, count: 8)
    return ["!Series_", "!Sample_", "!series_"].contains { head.elementsEqual($0.utf8) }
  }

  /// Takes the lines up to the table.
  init(_ window: TextWindow, keepsMetadata: Bool) throws {
    if keepsMetadata { metadata = SampleMetadata() }
    while true {
      let line = window.line
      guard let text = try window.nextLine() else {
        throw FormatError(
          .inputOutput, path: window.path, line: line,
          "truncated: found the end of the file, expected !series_matrix_table_begin")
      }
      if text.elementsEqual(GEOSeries.tableBegin) { return }
      if text.first == 0x21 {
        if keepsMetadata, text.starts(with: "!Sample_".utf8) {
          try metadata?.add(text, path: window.path, line)
        }
      } else if text.contains(where: { $0 > 0x20 }) {
        throw FormatError(
          .badData, path: window.path, line: line,
          "found \(FormatError.quoted(text)), expected a line that begins with '!' before the table")
      }
    }
  }
}

/// What the `!Sample_` lines of a GEO series matrix say: one row a sample.
///
/// The first column, `sample`, is the accession. `characteristics_ch1` lines of the form `key: value` become columns
/// called by their keys, whichever line a sample has them on; other lines keep their names.
public struct SampleMetadata: Equatable, Sendable {
  /// The samples, by their accessions.
  public private(set) var samples: [String] = []
  /// The names of the columns besides `sample`.
  public private(set) var columns: [String] = []
  /// The values of each column; empty where a sample has none.
  public private(set) var values: [[String]] = []
  private var positions: [String: Int] = [:]
  private var width: Int?

  init() {}

  /// Adds a line that begins with `!Sample_`.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>, path: String, _ line: Int) throws {
    if UTF8Scan.firstInvalid(text) != nil || text.contains(0) {
      throw FormatError(.badData, path: path, line: line, "found bytes that are not text in UTF-8")
    }
    var fields = text.split(separator: 0x09, omittingEmptySubsequences: false).map { field -> String in
      let isQuoted = field.count >= 2 && field.first == 0x22 && field.last == 0x22
      return String(decoding: isQuoted ? field.dropFirst().dropLast() : field, as: UTF8.self)
    }
    let name = String(fields.removeFirst().dropFirst("!Sample_".count))
    if let width, fields.count != width {
      throw FormatError(
        .badData, path: path, line: line,
        "found \(fields.count) samples, expected \(width) as in the lines before")
    }
    width = fields.count
    if name == "geo_accession" {
      samples = fields
      return
    }
    if name.hasPrefix("characteristics_ch") {
      for (i, field) in fields.enumerated() where !field.isEmpty {
        let parts = SampleMetadata.pair(field)
        set(parts.key ?? name, i, parts.value)
      }
    } else {
      for (i, field) in fields.enumerated() { set(name, i, field) }
    }
  }

  /// `key: value` as its parts; a text without a key is all value.
  private static func pair(_ text: String) -> (key: String?, value: String) {
    guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return (nil, text) }
    let value = text[text.index(after: colon)...].drop { $0 == " " }
    return (String(text[..<colon]), String(value))
  }

  /// Joins a value to those that a sample has in a column already.
  private mutating func set(_ column: String, _ sample: Int, _ value: String) {
    let name = column == "sample" ? "sample.2" : column
    let index =
      positions[name]
      ?? {
        positions[name] = columns.count
        columns.append(name)
        values.append([String](repeating: "", count: width ?? 0))
        return columns.count - 1
      }()
    let old = values[index][sample]
    values[index][sample] = old.isEmpty || value.isEmpty ? old + value : old + "; " + value
  }

  /// Writes strict TSV: `sample`, then the columns; tabs and line breaks become spaces.
  public func writeTSV(to output: OutputFile) throws {
    let names = columns.map { String($0.map { $0 == "\t" || $0.isNewline ? " " : $0 }) }
    let table = try TSVWriter(output, columns: ["sample"] + names)
    for (i, sample) in samples.enumerated() {
      try table.plainField(sample)
      for column in values { try table.plainField(column[i]) }
      try table.endRow()
    }
  }
}
