/// Class labels of samples in the CLS format (Broad Institute, GenePattern):
///
///     samples classes 1
///     # name name …
///     label label …                  one for each sample: the index of a class, or its name
package struct ClassLabels: Equatable, Sendable {
  /// The names of the classes in the second line.
  package var classes: [String]
  /// The class of each sample.
  package var labels: [String]

  /// Reads `path`; `-` or nil is standard input. Counts that do not match the labels throw.
  package init(contentsOf path: String?) throws {
    let reader = try ByteReader(contentsOf: path)
    let bytes = try reader.readAll()
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      line.split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) }
    }
    func failure(_ line: Int, _ message: String) -> FormatError {
      FormatError(.badData, path: reader.path, line: line, message)
    }
    let counts = lines.first?.compactMap { Int($0) } ?? []
    guard counts.count >= 2, counts[0] > 0, counts[1] > 0 else {
      throw failure(1, "found no numbers of samples and classes, expected `samples classes 1`")
    }
    guard lines.count >= 3, var names = lines.dropFirst().first, names.first?.hasPrefix("#") == true else {
      throw failure(2, "found no line of class names, expected `# name name …`")
    }
    names[0].removeFirst()
    if names[0].isEmpty { names.removeFirst() }
    guard names.count == counts[1] else {
      throw failure(2, "found \(names.count) class names, expected \(counts[1]) as given on the first line")
    }
    let found = lines[2]
    guard found.count == counts[0] else {
      throw failure(3, "found \(found.count) labels, expected \(counts[0]) as given on the first line")
    }
    let areNames = found.allSatisfy { names.contains($0) }
    classes = names
    labels = try found.map { label in
      if areNames { return label }
      guard let index = Int(label), names.indices.contains(index) else {
        throw failure(
          3,
          "found label \(FormatError.quoted(label)), expected a class name or an index from 0 to \(names.count - 1)"
        )
      }
      return names[index]
    }
  }
}
