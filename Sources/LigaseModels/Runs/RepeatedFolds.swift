import LigaseDatasets
import LigaseFormats

/// The fold of each example in one repeat of a cross-validation, as a user gives it.
package struct RepeatedFolds: Hashable, Sendable {
  /// The name of the repeat.
  package let name: String
  /// The fold of each example, or -1 for one in no fold.
  package let folds: [Int]

  package init(name: String, folds: [Int]) { (self.name, self.folds) = (name, folds) }

  /// The numbers of its folds, ascending.
  var numbers: [Int] { Set(folds).filter { $0 >= 0 }.sorted() }

  /// Reads all repeats of a split: one for each value of its column `repeat`, or a single one without that column.
  package static func all(_ table: Table, of keys: KeyColumns) throws -> [RepeatedFolds] {
    let column = CrossValidationTable.repeatColumn
    guard table.hasColumn(column), keys.column(column) == nil else {
      return [RepeatedFolds(name: "0", folds: try Split(table).folds(of: keys))]
    }
    try table.requireRows()
    let names = try table.strings(column)
    return try Labels.order(Set(names)).map { name in
      let own = table.selecting(rows: names.indices.filter { names[$0] == name })
      return RepeatedFolds(name: name, folds: try Split(own).folds(of: keys))
    }
  }
}
