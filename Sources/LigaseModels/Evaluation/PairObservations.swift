/// Values measured for pairs of two keys, such as ratings of items by people; the ids of both are numbered from 0.
package struct PairObservations: Hashable, Sendable {
  /// For each observation the number of its first key.
  package let firstKeys: [Int32]
  /// For each observation the number of its second key.
  package let secondKeys: [Int32]
  /// The values.
  package let values: [Double]
  /// How many first keys are numbered; not all need an observation.
  package let firstCount: Int
  /// How many second keys are numbered; not all need an observation.
  package let secondCount: Int

  /// Creates observations; columns of different lengths and numbers beyond the counts are wrong use.
  package init(firstKeys: [Int32], secondKeys: [Int32], values: [Double], firstCount: Int, secondCount: Int) {
    precondition(
      firstKeys.count == values.count && secondKeys.count == values.count,
      "PairObservations: \(firstKeys.count) first keys, \(secondKeys.count) second keys, \(values.count) values"
    )
    precondition(
      firstKeys.allSatisfy { $0 >= 0 && $0 < firstCount }
        && secondKeys.allSatisfy { $0 >= 0 && $0 < secondCount },
      "PairObservations: a number beyond the count")
    self.firstKeys = firstKeys
    self.secondKeys = secondKeys
    self.values = values
    self.firstCount = firstCount
    self.secondCount = secondCount
  }

  /// The mean of all values; 0 of none.
  package var mean: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }

  /// How many observations each first key has.
  package var firstObservations: [Int] { counts(firstKeys, firstCount) }

  /// How many observations each second key has.
  package var secondObservations: [Int] { counts(secondKeys, secondCount) }

  /// The rows of each of `count` numbers.
  static func rows(_ numbers: [Int32], _ count: Int) -> [[Int]] {
    var rows = [[Int]](repeating: [], count: count)
    for (row, number) in numbers.enumerated() { rows[Int(number)].append(row) }
    return rows
  }

  private func counts(_ numbers: [Int32], _ count: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    for number in numbers { counts[Int(number)] += 1 }
    return counts
  }
}
