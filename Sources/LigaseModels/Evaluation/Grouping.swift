/// A key column whose ids put rows into groups: metrics are taken within each, and two of them make the pairs that the
/// baselines know.
package struct Grouping: Hashable, Sendable {
  /// Its name in `pearson_per_NAME`, `NAME_mean` and so on.
  package let name: String
  /// The column of the truth; nil takes the only key column whose name contains one of `words`.
  package internal(set) var column: String?
  /// The noun for one of its ids in messages.
  let noun: String
  /// Parts of the names of columns that may be it, in small letters.
  let words: [String]

  /// The grouping by a column, under the column's own name.
  package init(column: String) { self.init(name: column, column: column) }

  /// A grouping of this name: by a column, or by the key column that one of the words recognises.
  package init(name: String, noun: String? = nil, column: String? = nil, words: [String] = []) {
    self.name = name
    self.noun = noun ?? name
    self.column = column
    self.words = words
  }
}
