/// Values measured for pairs of two keys, such as cell lines and drugs; the ids of both are numbered from 0.
package struct PairObservations: Hashable, Sendable {
  /// The index of the first key of each observation.
  package let firstKeys: [Int32]
  /// The index of the second key of each observation.
  package let secondKeys: [Int32]
  /// The measured values.
  package let values: [Double]
  /// The number of first keys; some may have no observation.
  package let firstCount: Int
  /// The number of second keys; some may have no observation.
  package let secondCount: Int

  /// Creates observations; all columns must have the same length, and indices must be below the counts.
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

  /// The mean of all values; 0 without values.
  package var mean: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }

  /// The number of observations of each first key.
  package var firstObservations: [Int] { counts(firstKeys, firstCount) }

  /// The number of observations of each second key.
  package var secondObservations: [Int] { counts(secondKeys, secondCount) }

  /// The rows in which each index below `count` occurs.
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
