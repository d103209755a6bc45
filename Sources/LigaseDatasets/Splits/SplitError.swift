import LigaseRuntime

/// The reason why rows could not be split or joined.
///
/// ```swift
/// let samples = KeyColumns([KeyColumn("id", ["a", "b"])])
/// do { _ = try Split.folds(5, of: samples, seed: 1) } catch { print(error) }
/// ```
public enum SplitError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The first ids of two tables that have no row in common.
  public struct EmptyJoin: Hashable, Sendable {
    /// The compared columns.
    package let names: [String]
    /// Up to three ids of the left table.
    package let left: [String]
    /// Up to three ids of the right table.
    package let right: [String]

    /// Creates the ids of an empty join.
    package init(names: [String], left: [String], right: [String]) {
      self.names = names
      self.left = left
      self.right = right
    }
  }

  /// The tables have no key column in common; their columns.
  case noSharedColumns([String], [String])
  /// No row of one table matches the other.
  case emptyJoin(EmptyJoin)
  /// A column that does not exist; the existing ones.
  case missingColumn(String, [String])
  /// The same ids in two different folds or subsets.
  case contradiction(ids: String, String, String)
  /// A fold that does not occur; the existing ones.
  case missingFold(Int, [Int])
  /// Fewer groups than folds or subsets.
  case tooFewGroups(groups: Int, needed: Int, of: String)
  /// Fractions that are not three numbers from 0 to 1 with sum 1.
  case badFractions([Double])
  /// A subset that is needed but has no row.
  case emptyPart(String)

  /// A description in one line.
  public var description: String {
    func list(_ names: [some CustomStringConvertible]) -> String {
      names.map(\.description).joined(separator: ", ")
    }
    switch self {
    case .noSharedColumns(let left, let right):
      return "the tables have no key column in common: one has \(list(left)), the other \(list(right))"
    case .emptyJoin(let join):
      return "no rows match by \(list(join.names)): one table begins with "
        + "\(join.left.joined(separator: "; ")), the other with \(join.right.joined(separator: "; "))"
    case .missingColumn(let name, let existing):
      return "there is no column '\(name)'; there are \(list(existing))"
    case .contradiction(let ids, let first, let second):
      return "the split assigns \(ids) to both \(first) and \(second)"
    case .missingFold(let fold, let existing):
      return "there is no fold \(fold); there are \(list(existing))"
    case .tooFewGroups(let groups, let needed, let name):
      return
        "cannot assign \(groups.grouped) \(name) to \(needed) subsets: there must be at least one for each"
    case .badFractions(let fractions):
      return
        "fractions of train, val and test must be three numbers from 0 to 1 that sum to 1 (got \(list(fractions)))"
    case .emptyPart(let part):
      return "the \(part) subset of the split contains no row of the data"
    }
  }
}
