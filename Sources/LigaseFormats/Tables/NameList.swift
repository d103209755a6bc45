/// A text file with one name per line; blank lines and spaces around the names are ignored.
package enum NameList {
  /// Reads the names in `path` (`-` or nil is standard input); a duplicate name, and a file without names,
  /// throw a `FormatError`.
  package static func read(contentsOf path: String?) throws -> [String] {
    let reader = try ByteReader(contentsOf: path)
    let bytes = try reader.readAll()
    var names: [String] = []
    var lines: [String: Int] = [:]
    for (i, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      var field = line
      field = field.drop { $0 <= 0x20 }
      while let last = field.last, last <= 0x20 { field = field.dropLast() }
      if field.isEmpty { continue }
      if UTF8Scan.firstInvalid(Array(field)) != nil || field.contains(0) {
        throw FormatError(.badData, path: reader.path, line: i + 1, "found bytes that are not UTF-8")
      }
      let name = String(decoding: field, as: UTF8.self)
      if let first = lines.updateValue(i + 1, forKey: name) {
        throw FormatError(
          .badData, path: reader.path, line: i + 1,
          "found \(FormatError.quoted(name)) again (first on line \(first)), expected unique names")
      }
      names.append(name)
    }
    if names.isEmpty {
      throw FormatError(.badData, path: reader.path, "found no name, expected one per line")
    }
    return names
  }
}
