extension VCF {
  /// The number of columns of a record, which must be that of the line `#CHROM`: eight, or nine and one for
  /// each sample.
  ///
  /// A record does not end with a tab. Where the header has FORMAT and no samples, FORMAT may be
  /// missing.
  struct ColumnCount: Sendable {
    private let hasFormat: Bool
    private let sampleCount: Int

    init(_ header: Header) {
      hasFormat = header.hasFormatColumn
      sampleCount = header.samples.count
    }

    /// Throws where a record has other columns than the header, or ends with a tab.
    func check(_ line: UnsafeBufferPointer<UInt8>, path: String, number: Int) throws {
      let found = ColumnCount.tabs(line) + 1
      if !isRight(found, line) { throw error(found, line, path: path, number: number) }
    }

    /// Returns whether a line with `found` columns agrees with the header.
    @inline(__always)
    func isRight(_ found: Int, _ line: UnsafeBufferPointer<UInt8>) -> Bool {
      let isEqual =
        found == (hasFormat ? 9 &+ sampleCount : 8) || hasFormat && sampleCount == 0 && found == 8
      return isEqual && line.last != 0x09
    }

    /// Whether the header has no samples.
    var isWithoutSamples: Bool { sampleCount == 0 }

    /// Returns the number of tabs.
    static func tabs(_ text: UnsafeBufferPointer<UInt8>) -> Int {
      text.baseAddress.map { LineCount.count(0x09, $0, text.count) } ?? 0
    }

    /// Returns the error of a line that has `found` columns.
    func error(_ found: Int, _ line: UnsafeBufferPointer<UInt8>, path: String, number: Int) -> FormatError {
      let hasTab = line.last == 0x09
      let place = number > 0 ? "" : " at \(ColumnCount.place(line))"
      let columns = hasTab ? found - 1 : found
      let (end, without) = hasTab ? (" and a tab at the end of the line", " and no tab") : ("", "")
      let message: String
      if found < 8 {
        message = "found \(found) fields\(place), expected eight at least, separated by tabs"
      } else if !hasFormat {
        message = "found \(columns) columns\(end)\(place), expected 8\(without): the header names no samples"
      } else {
        let samples = max(0, columns - 9)
        message =
          "found the fields of \(samples) sample\(samples == 1 ? "" : "s")\(end)\(place), "
          + "expected \(sampleCount)\(without) as in the header"
      }
      return FormatError(.badData, path: path, line: number > 0 ? number : nil, message)
    }

    /// Returns `contig:position` of a record whose line has no number.
    static func place(_ line: UnsafeBufferPointer<UInt8>) -> String {
      let fields = line.prefix(200).split(separator: 0x09, maxSplits: 2, omittingEmptySubsequences: false)
      return fields.prefix(2).map { FormatError.printable($0) }.joined(separator: ":")
    }
  }
}

extension [VCF.Warning] {
  /// Counts a warning of a class, for which the first line and message are stored.
  mutating func note(_ name: String, line: Int, count: Int = 1, _ message: @autoclosure () -> String) {
    if let index = firstIndex(where: { $0.name == name }) {
      self[index].count += count
    } else {
      append(VCF.Warning(name: name, line: line, count: count, message: message()))
    }
  }

  /// Adds the warnings of a later part of the file.
  mutating func merge(_ later: [VCF.Warning]) {
    for warning in later {
      note(warning.name, line: warning.line, count: warning.count, warning.message)
    }
  }
}
