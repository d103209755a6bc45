/// The `!Sample_` lines of a GEO series matrix as a table with one row per sample.
///
/// The first column, `sample`, is the accession. `characteristics_ch1` lines of the form `key: value` become
/// columns named by their keys, regardless of the line of each sample; other lines keep their names.
package struct SampleMetadata: Equatable, Sendable {
  /// The samples, by their accessions.
  package private(set) var samples: [String] = []
  /// The names of the columns besides `sample`.
  package private(set) var columns: [String] = []
  /// The values of each column; empty where a sample has none.
  package private(set) var values: [[String]] = []
  private var positions: [String: Int] = [:]
  private var lines: [Line] = []

  /// A line that has been read but not converted to columns.
  private struct Line: Equatable {
    var name: String
    var fields: [String]
    var number: Int
  }

  init() {}

  /// Adds a line that begins with `!Sample_`.
  mutating func add(_ text: [UInt8], path: String, _ line: Int) throws {
    if UTF8Scan.firstInvalid(text) != nil || text.contains(0) {
      throw FormatError(.badData, path: path, line: line, "found bytes that are not UTF-8")
    }
    var fields = QuotedFields(text).fields
    let name = String(fields.removeFirst().dropFirst("!Sample_".count))
    if name == "geo_accession" {
      samples = fields
    } else {
      lines.append(Line(name: name, fields: fields, number: line))
    }
  }

  /// Creates the columns; returns the numbers of the lines with another number of samples: the last samples
  /// then have no value, or surplus values are ignored.
  mutating func finish() -> [Int] {
    if samples.isEmpty { samples = [String](repeating: "", count: lines.first?.fields.count ?? 0) }
    var odd: [Int] = []
    for line in lines {
      if line.fields.count != samples.count { odd.append(line.number) }
      add(line.name, Array(line.fields.prefix(samples.count)))
    }
    lines = []
    return odd
  }

  private mutating func add(_ name: String, _ fields: [String]) {
    if name.hasPrefix("characteristics_ch") {
      for (i, field) in fields.enumerated() where !field.isEmpty {
        let parts = SampleMetadata.pair(field)
        set(parts.key ?? name, i, parts.value)
      }
    } else {
      for (i, field) in fields.enumerated() { set(name, i, field) }
    }
  }

  /// Splits `key: value`; a text without a key is a value.
  private static func pair(_ text: String) -> (key: String?, value: String) {
    guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return (nil, text) }
    let value = text[text.index(after: colon)...].drop { $0 == " " }
    return (String(text[..<colon]), String(value))
  }

  /// Appends a value to those that a sample already has in a column.
  private mutating func set(_ column: String, _ sample: Int, _ value: String) {
    let name = column == "sample" ? "sample.2" : column
    let index =
      positions[name]
      ?? {
        positions[name] = columns.count
        columns.append(name)
        values.append([String](repeating: "", count: samples.count))
        return columns.count - 1
      }()
    let old = values[index][sample]
    values[index][sample] = old.isEmpty || value.isEmpty ? old + value : old + "; " + value
  }

  /// Writes strict TSV: `sample`, then the columns; tabs and line breaks become spaces.
  package func writeTSV(to output: OutputFile) throws {
    let names = columns.map { String($0.map { $0 == "\t" || $0.isNewline ? " " : $0 }) }
    let table = try TSVWriter(output, columns: ["sample"] + names)
    for (i, sample) in samples.enumerated() {
      try table.plainField(sample)
      for column in values { try table.plainField(column[i]) }
      try table.endRow()
    }
  }
}
