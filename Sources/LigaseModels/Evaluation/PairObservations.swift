/// Measured responses of cell lines to drugs, both numbered from 0.
package struct PairObservations: Hashable, Sendable {
  /// For each observation the number of its drug.
  package let drugs: [Int32]
  /// For each observation the number of its cell line.
  package let cells: [Int32]
  /// The responses.
  package let values: [Double]
  /// How many drugs are numbered; not all need an observation.
  package let drugCount: Int
  /// How many cell lines are numbered; not all need an observation.
  package let cellCount: Int

  /// Creates observations; columns of different lengths and numbers beyond the counts are wrong use.
  package init(drugs: [Int32], cells: [Int32], values: [Double], drugCount: Int, cellCount: Int) {
    precondition(
      drugs.count == values.count && cells.count == values.count,
      "PairObservations: \(drugs.count) drugs, \(cells.count) cells, \(values.count) values")
    precondition(
      drugs.allSatisfy { $0 >= 0 && $0 < drugCount } && cells.allSatisfy { $0 >= 0 && $0 < cellCount },
      "PairObservations: a number beyond the count")
    self.drugs = drugs
    self.cells = cells
    self.values = values
    self.drugCount = drugCount
    self.cellCount = cellCount
  }

  /// The mean of all responses; 0 of none.
  package var mean: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }

  /// How many observations each drug has.
  package var drugObservations: [Int] { counts(drugs, drugCount) }

  /// How many observations each cell line has.
  package var cellObservations: [Int] { counts(cells, cellCount) }

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
