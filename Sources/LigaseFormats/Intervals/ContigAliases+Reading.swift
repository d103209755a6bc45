import LigaseGenomics

extension ContigAliases {
  /// Reads aliases from a file: two or more columns of names, separated by tabs, one line per contig; blank
  /// lines and those that begin with `#` are skipped. A line with fewer than two names throws.
  package init(contentsOf path: String) throws {
    let window = TextWindow(try ByteReader(contentsOf: path))
    var groups: [[String]] = []
    while true {
      let line = window.line
      guard let text = try window.nextLine() else { break }
      if text.allSatisfy({ $0 <= 0x20 }) || text[0] == 0x23 { continue }
      let names = text.split(separator: 0x09).map { String(decoding: $0, as: UTF8.self) }
      guard names.count >= 2 else {
        throw FormatError(
          .badData, path: path, line: line,
          "found \(FormatError.quoted(text)), expected two names of a contig, separated by a tab")
      }
      groups.append(names)
    }
    self.init(groups: groups)
  }
}
