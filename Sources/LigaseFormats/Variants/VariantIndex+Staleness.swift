import LigaseRuntime

extension VariantIndex {
  /// The requested contigs that the header has but the index lacks: there are no records of them, or the
  /// index is of an older version of the file. The content cannot show which, so the file dates are reported.
  package struct Gap: Equatable, Sendable {
    /// The contigs.
    package var contigs: [String]
    /// The index.
    package var index: String
    /// Whether the index is older than the file.
    package var isOlder: Bool
  }

  /// Returns the gap of the index of a file, nil if it has all contigs.
  func gap(of contigs: [String], beside path: String) -> Gap? {
    let known = Set(self.contigs)
    let missing = contigs.filter { !known.contains($0) }
    if missing.isEmpty { return nil }
    let index = path + (format == .tbi ? ".tbi" : ".csi")
    return Gap(contigs: missing, index: index, isOlder: VariantIndex.isOlder(index, than: path))
  }

  private static func isOlder(_ a: String, than b: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(a, &first) == 0, stat(b, &second) == 0 else { return false }
    return (first.st_mtim.tv_sec, first.st_mtim.tv_nsec) < (second.st_mtim.tv_sec, second.st_mtim.tv_nsec)
  }

  /// Throws where there are records after the last one in the index, or the file ends before it.
  func checkEnd(of records: PlacedRecords, path: String) throws {
    let ends = indexed.flatMap { contig in
      contig.bins.filter { $0.key != scheme.countsBin }.values.flatMap(\.chunks).map(\.end)
    }
    guard let end = ends.max() else { return }
    do {
      try records.seek(to: end)
      while let isRecord = try records.next({ line in line.contains { $0 > 0x20 } && line.first != 0x23 }) {
        if isRecord { throw stale(path, "found records after the last one of the index") }
      }
    } catch let error as FormatError where error.kind == .inputOutput || error.remedy == .rebuildIndex {
      throw stale(path, "the index ends at byte \(end >> 16), where the file has no block")
    }
  }

  /// Returns the error of an index of another version of the file.
  func stale(_ path: String, _ message: String) -> FormatError {
    FormatError(
      .badData, path: path + (format == .tbi ? ".tbi" : ".csi"),
      "the index is not of this version of \(FormatError.printable(path.utf8)): \(message)",
      remedy: .rebuildIndex)
  }
}
