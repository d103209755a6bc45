/// A table of named features: records × features, row-major, with NaN for missing numbers.
package struct FeatureTable: Sendable {
  /// The names of the features.
  package var names: [String]
  /// The numbers of each record, one record after the other.
  package var values: [Float]

  /// Creates a table.
  package init(names: [String], values: [Float]) {
    precondition(
      names.isEmpty ? values.isEmpty : values.count % names.count == 0,
      "FeatureTable: \(values.count) numbers under \(names.count) names")
    self.names = names
    self.values = values
  }

  /// The number of records.
  package var rowCount: Int { names.isEmpty ? 0 : values.count / names.count }

  /// Returns the features with the largest variance over the chosen rows, in their original order.
  package func topVariance(_ count: Int, over rows: [Int]) -> FeatureTable {
    guard count < names.count else { return self }
    let width = names.count
    var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    for row in rows { for i in 0..<width { sums[i] += Double(values[row * width + i]) } }
    for row in rows {
      for i in 0..<width {
        let d = Double(values[row * width + i]) - sums[i] / Double(rows.count)
        squares[i] += d * d
      }
    }
    let kept = Array(0..<width).sorted { (squares[$1], $0) < (squares[$0], $1) }.prefix(count).sorted()
    return selecting(columns: kept)
  }

  /// The mean of each feature over the chosen rows that have it; 0 where none has.
  func means(over rows: [Int]) -> [Float] {
    let width = names.count
    var (sums, counts) = ([Double](repeating: 0, count: width), [Int](repeating: 0, count: width))
    for row in rows {
      for i in 0..<width where !values[row * width + i].isNaN {
        sums[i] += Double(values[row * width + i])
        counts[i] += 1
      }
    }
    return zip(sums, counts).map { Float($0 / Double(max(1, $1))) }
  }

  /// Whether a value is missing, not-a-number.
  var hasGaps: Bool { values.contains(where: \.isNaN) }

  /// Returns the table with a number of each feature for missing values.
  func filling(_ numbers: [Float]) -> FeatureTable {
    var filled = values
    for i in filled.indices where filled[i].isNaN { filled[i] = numbers[i % numbers.count] }
    return FeatureTable(names: names, values: filled)
  }

  /// Returns the chosen features.
  package func selecting(columns: [Int]) -> FeatureTable {
    let width = names.count
    var result: [Float] = []
    result.reserveCapacity(rowCount * columns.count)
    for row in 0..<rowCount { for column in columns { result.append(values[row * width + column]) } }
    return FeatureTable(names: columns.map { names[$0] }, values: result)
  }
}

extension FeatureTable: Records {
  package var count: Int { rowCount }

  package func selecting(_ rows: [Int]) -> FeatureTable {
    let width = names.count
    return FeatureTable(names: names, values: rows.flatMap { values[($0 * width)..<(($0 + 1) * width)] })
  }

  package func add(to digest: inout some ContentDigest) {
    digest.add(names)
    digest.add(values)
  }
}
