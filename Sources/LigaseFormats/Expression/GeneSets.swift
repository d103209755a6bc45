/// Sets of genes in the GMT format (Broad Institute): a line for each set, with tabs between its fields.
///
///     name  description  gene  gene  …
package struct GeneSets: Equatable, Sendable {
  /// A set of genes.
  package struct GeneSet: Equatable, Sendable {
    package var name: String
    package var description: String
    package var genes: [String]
  }

  /// The sets, in the order of the file.
  package var sets: [GeneSet]

  /// Reads `path`; `-` or nil is standard input.
  ///
  /// - Throws: `FormatError` for a line without genes, a name that occurs twice, and a file without sets.
  package init(contentsOf path: String?) throws {
    let reader = try ByteReader(contentsOf: path)
    let bytes = try reader.readAll()
    var (sets, seen) = ([GeneSet](), [String: Int]())
    for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let line = line.last == 0x0D ? line.dropLast() : line
      guard !line.allSatisfy({ $0 <= 0x20 }) else { continue }
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      func failure(_ message: String) -> FormatError {
        FormatError(.badData, path: reader.path, line: number + 1, message)
      }
      // Programs that align columns end lines with empty fields.
      let genes = fields.dropFirst(2).filter { !$0.isEmpty }
      guard let name = fields.first, !name.isEmpty, !genes.isEmpty else {
        throw failure(
          "found \(fields.count.counted("field")) without genes, expected name, description and genes with tabs between"
        )
      }
      if let first = seen.updateValue(number + 1, forKey: name) {
        throw failure("found the set \(FormatError.quoted(name)) again, which is on line \(first), too")
      }
      sets.append(GeneSet(name: name, description: fields[1], genes: Array(genes)))
    }
    guard !sets.isEmpty else {
      throw FormatError(
        .badData, path: reader.path,
        "found no gene set, expected name, description and genes with tabs between")
    }
    self.sets = sets
  }
}
