import LigaseFormats
import LigaseRuntime

/// A table of cases: each row has an id and the paths of the volumes of one case.
///
///     id        split  flair              labels
///     patient1  train  p1/flair.nii.gz    p1/labels.nii.gz
///     patient2  test   p2/flair.nii.gz    p2/labels.nii.gz
///
/// Ids are in the column `id`, otherwise in the first one. `split`, `labels` and `mask` may be absent. Of the other columns, those whose
/// first field is the path of an existing file or folder are channels; the remaining ones are groups. Paths are relative to the
/// folder of the table.
package struct CaseTable: Sendable {
  /// How a table of cases is read.
  package struct Options: Sendable {
    /// The columns of channels, in this order; nil takes all columns whose first field is an existing path.
    package var channels: [String]?
    /// The column of label volumes; nil takes `labels` if the table has it.
    package var labels: String?
    /// The column of masks; nil takes `mask` if the table has it.
    package var mask: String?
    /// The folder of relative paths; nil takes that of the table.
    package var root: String?

    package init(
      channels: [String]? = nil, labels: String? = nil, mask: String? = nil, root: String? = nil
    ) {
      (self.channels, self.labels, self.mask, self.root) = (channels, labels, mask, root)
    }
  }

  /// One row.
  package struct Case: Sendable, Equatable {
    /// Its id, without `/`.
    package let id: String
    /// Its subset; nil without a column `split`, or where its field is missing.
    package let subset: Split.Subset?
    /// The paths of its channels, in the order of ``CaseTable/channelNames``.
    package let channels: [String]
    /// The path of its label volume; nil without a column of labels, or where its field is missing.
    package let labels: String?
    /// The path of its mask; nil without a column of masks.
    package let mask: String?
    /// Its line in the table.
    package let line: Int
  }

  /// A column that holds neither ids nor paths.
  package struct Group: Sendable, Equatable {
    package let name: String
    /// A value for each case.
    package let values: [String]
  }

  /// The file as the user named it.
  package let path: String
  /// The column of ids.
  package let idColumn: String
  /// The columns of channels.
  package let channelNames: [String]
  /// The rows, at least one, with distinct ids.
  package let cases: [Case]
  /// The columns that are neither ids, subsets nor paths.
  package let groups: [Group]

  /// Reads the rows of a table; the files of all paths must exist.
  ///
  /// - Throws: `FormatError` with the line of an id that is empty, repeated or holds `/`, of an unknown subset, of an empty path and
  ///   of a missing file.
  package init(_ table: Table, _ options: Options = Options()) throws {
    try table.requireRows()
    let idColumn = table.hasColumn("id") ? "id" : table.columnNames[0]
    func usual(_ option: String?, _ name: String) -> String? {
      option ?? (table.hasColumn(name) && name != idColumn ? name : nil)
    }
    let (labels, mask) = (usual(options.labels, "labels"), usual(options.mask, "mask"))
    let split = usual(nil, Self.splitColumn)
    let special = Set([idColumn, split, labels, mask].compactMap { $0 })
    let others = table.columnNames.filter { !special.contains($0) }
    let ids = try Self.ids(table, idColumn)
    let paths = Paths(
      table: table, ids: ids,
      root: options.root ?? (table.path == "-" ? "." : FilePath.folder(of: table.path)))
    let channels = try options.channels ?? others.filter(paths.isColumn)
    if let taken = channels.first(where: special.contains) {
      throw FormatError(
        .badData, path: table.path,
        "column \(FormatError.quoted(taken)) cannot be a channel: it holds ids, subsets, labels or masks")
    }
    let subsets = try split.map { try Self.subsets(table, $0) }
    let channelPaths = try channels.map { try paths.column($0) }
    let labelPaths = try labels.map { try paths.column($0, mayBeMissing: true) }
    let maskPaths = try mask.map { try paths.column($0) }
    (path, self.idColumn, channelNames) = (table.path, idColumn, channels)
    cases = ids.indices.map { row in
      Case(
        id: ids[row], subset: subsets?[row], channels: channelPaths.map { $0[row]! },
        labels: labelPaths?[row], mask: maskPaths?[row], line: table.line(ofRow: row))
    }
    groups = try others.filter { !channels.contains($0) }.map {
      Group(name: $0, values: try table.strings($0))
    }
  }

  /// The paths in a table and the files that they name.
  private struct Paths {
    let table: Table
    let ids: [String]
    let root: String

    private func located(_ path: String) -> String { path.hasPrefix("/") ? path : root + "/" + path }

    /// Whether the first field of a column is the path of an existing file or folder.
    func isColumn(_ name: String) throws -> Bool {
      let first = try table.strings(name)[0]
      return !first.isEmpty && access(located(first), F_OK) == 0
    }

    /// The path of each row in a column.
    func column(_ name: String, mayBeMissing: Bool = false) throws -> [String?] {
      let index = try table.index(ofColumn: name)
      return try table.strings(name).enumerated().map { row, path in
        if mayBeMissing, table.isMissing(row: row, column: index) { return nil }
        guard !path.isEmpty else {
          throw table.error(
            row: row, column: index, "found no path under \(name) for \(ids[row]), expected one")
        }
        guard access(located(path), R_OK) == 0 else {
          throw table.error(
            row: row, column: index,
            "cannot read \(located(path)), the \(name) of \(ids[row]): \(String(cString: strerror(errno)))")
        }
        return located(path)
      }
    }
  }

  /// The column of subsets: `train`, `val` or `test`.
  package static let splitColumn = "split"

  private static func ids(_ table: Table, _ column: String) throws -> [String] {
    let index = try table.index(ofColumn: column)
    var firstRow: [String: Int] = [:]
    let ids = try table.strings(column)
    for (row, id) in ids.enumerated() {
      guard !id.isEmpty, !id.contains("/") else {
        throw table.error(
          row: row, column: index,
          "found \(id.isEmpty ? "an empty id" : "the id \(FormatError.quoted(id))"), expected a name that files can have, without /"
        )
      }
      if let first = firstRow.updateValue(row, forKey: id) {
        throw table.error(
          row: row, column: index,
          "found the id \(FormatError.quoted(id)) again, first on line \(table.line(ofRow: first)); expected it once"
        )
      }
    }
    return ids
  }

  private static func subsets(_ table: Table, _ column: String) throws -> [Split.Subset?] {
    let index = try table.index(ofColumn: column)
    return try table.strings(column).enumerated().map { row, name in
      if table.isMissing(row: row, column: index) { return nil }
      guard let subset = Split.Subset(name: name) else {
        throw table.error(
          row: row, column: index,
          "found \(FormatError.quoted(name)) under \(column), expected train, val or test")
      }
      return subset
    }
  }
}
