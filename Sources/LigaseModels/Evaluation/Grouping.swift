/// A key column whose ids define groups of rows: correlations are computed within each group, and two
/// groupings define the pairs of the baselines.
package struct Grouping: Hashable, Sendable {
  /// The name in `pearson_per_NAME`, `NAME_mean` and other metrics and baselines.
  package let name: String
  /// The column of the truth; nil uses the only key column whose name contains one of `words`.
  package internal(set) var column: String?
  /// The singular noun for an id in messages.
  let noun: String
  /// Lower-case parts of column names that identify the grouping.
  let words: [String]

  /// Creates a grouping by a column, under the column's name.
  package init(column: String) { self.init(name: column, column: column) }

  /// Creates a grouping with a name: by a column, or by the key column whose name contains one of the words.
  package init(name: String, noun: String? = nil, column: String? = nil, words: [String] = []) {
    self.name = name
    self.noun = noun ?? name
    self.column = column
    self.words = words
  }
}
