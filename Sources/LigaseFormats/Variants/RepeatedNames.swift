/// Names that may repeat, and unique names created from them.
///
/// The first occurrence keeps its name; the others get the suffix `:2`, `:3`, …, skipping numbers that give
/// an existing name.
package struct RepeatedNames: Equatable, Sendable {
  /// The unique names, in the original order.
  package private(set) var unique: [String]
  /// The number of changed names.
  package private(set) var count = 0
  /// The new name of the first changed name.
  package private(set) var first: String?

  /// Makes names unique, and different from those in `reserved`.
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

  /// A message in one line, nil if no name was changed.
  package var message: String? {
    guard let first else { return nil }
    return
      "\(count) \(count == 1 ? "column has" : "columns have") the name of an earlier one, and so a number behind it: "
      + "\(FormatError.printable(first.utf8))" + (count > 1 ? ", …" : "")
  }
}
