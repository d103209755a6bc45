/// Some samples of a VCF file, in any order.
package struct SampleSelection: Equatable, Sendable {
  /// The columns of the samples, counted from 0.
  package let columns: [Int]
  /// The names of the samples.
  package let names: [String]
  private let total: Int

  /// Selects the samples of these names, or, with `excluding`, all others in the order of the file. Names
  /// that are not in the header throw.
  package init(_ names: [String], excluding: Bool = false, of header: VCF.Header, path: String) throws {
    let places = Dictionary(header.samples.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    let missing = names.filter { places[$0] == nil }
    if !missing.isEmpty {
      throw FormatError(
        .badData, path: path,
        "found no sample \(FormatError.list(missing.map { FormatError.quoted($0) }, limit: 5)), expected some of: "
          + FormatError.list(header.samples, limit: 5))
    }
    var seen: Set<String> = []
    let unique = names.filter { seen.insert($0).inserted }
    columns =
      excluding
      ? header.samples.indices.filter { !seen.contains(header.samples[$0]) } : unique.map { places[$0]! }
    self.names = columns.map { header.samples[$0] }
    total = header.samples.count
  }

  /// Keeps these samples of a record; a record without fields for all samples of the file throws.
  package func apply(to record: inout VCF.Record, path: String) throws {
    guard record.ends.count == 9 else {
      if total == 0 { return }
      throw FormatError(
        .badData, path: path, line: record.line == 0 ? nil : record.line,
        "found no fields of samples, expected those of \(total)")
    }
    var starts: [Int] = []
    starts.reserveCapacity(total + 1)
    for i in record.ends[8]..<record.text.count where record.text[i] == 0x09 { starts.append(i) }
    guard starts.count >= total else {
      throw FormatError(
        .badData, path: path, line: record.line == 0 ? nil : record.line,
        "found the fields of \(starts.count) samples, expected \(total) as in the header")
    }
    starts.append(record.text.count)
    var text = Array(record.text[..<record.ends[8]])
    for column in columns { text.append(contentsOf: record.text[starts[column]..<starts[column + 1]]) }
    record.text = text
  }
}

extension VCF.Record {
  /// Updates `AC` and `AN` of INFO from the genotypes, if there are any.
  package mutating func updateAlleleCounts() {
    guard formatIndex(of: VariantFilter.genotypeKey) != nil else { return }
    let counts = alleleFigures(.counts).map { Int($0) }
    let number = alleleFigures(.number).map { Int($0) }
    if counts.isEmpty { removeInfo("AC") } else { setInfo("AC", to: .integers(counts)) }
    setInfo("AN", to: .integers(number))
  }
}
