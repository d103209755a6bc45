/// Names of which some repeat an earlier one, and names made of them that all differ.
///
/// The first keeps its name; the others get `:2`, `:3`, … behind it, numbers left out that give a name which is there.
package struct RepeatedNames: Equatable, Sendable {
  /// The names, all different, in the order of those that they were made of.
  package private(set) var unique: [String]
  /// How many were changed.
  package private(set) var count = 0
  /// What the first name that was changed became.
  package private(set) var first: String?

  /// Makes names unique; none becomes one of those that are `reserved`.
  ///
  /// - Parameter areDistinct: whether the names are known to differ, so that they need not be compared.
  package init(_ names: [String], reserved: Set<String> = [], areDistinct: Bool = false) {
    unique = names
    if areDistinct { return }
    let given = reserved.union(names)
    if given.count == reserved.count + names.count { return }
    var used = reserved
    var next: [String: Int] = [:]
    for (index, name) in names.enumerated() where !used.insert(name).inserted {
      var number = next[name] ?? 2
      while given.contains("\(name):\(number)") || used.contains("\(name):\(number)") { number += 1 }
      unique[index] = "\(name):\(number)"
      next[name] = number + 1
      used.insert(unique[index])
      count += 1
      if first == nil { first = unique[index] }
    }
  }

  /// One line for people, nil where all names differ.
  package var message: String? {
    guard let first else { return nil }
    return
      "\(count) \(count == 1 ? "column has" : "columns have") the name of an earlier one, and so a number behind it: "
      + "\(FormatError.printable(first.utf8))" + (count > 1 ? ", …" : "")
  }
}
