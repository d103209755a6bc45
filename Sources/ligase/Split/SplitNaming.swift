import LigaseDatasets
import LigaseFormats

/// Errors of a split that does not fit the data, with the names of both files.
enum SplitNaming {
  /// Runs `body`; where the split and the data have no key column or no row in common, the error names both.
  static func naming<Value>(_ split: String, _ data: String?, _ body: () throws -> Value) throws -> Value {
    let data = data.map { $0 == "-" ? "standard input" : $0 } ?? "the data"
    do { return try body() } catch SplitError.noSharedColumns(let left, let right) {
      throw FormatError(
        .badData, path: split,
        "cannot be matched to \(data): its key columns are \(FormatError.list(right)), those of \(data) "
          + "\(FormatError.list(left))", remedy: .nameSplitColumn)
    } catch SplitError.emptyJoin(let join) {
      throw FormatError(
        .badData, path: split,
        "no row matches \(data) by \(join.names.joined(separator: ", ")): it begins with "
          + "\(join.right.joined(separator: "; ")), \(data) with \(join.left.joined(separator: "; "))")
    }
  }
}
