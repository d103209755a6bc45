import LigaseFormats
import LigaseRuntime

/// The columns of all targets, one after the other, prepared for the similarity.
struct TargetColumns: Sendable {
  /// The columns of each target as they are, four numbers each.
  private(set) var forward: [Double] = []
  /// The columns of the reverse complement of each target; empty if only one strand is compared.
  private(set) var reverse: [Double] = []
  /// The index of the first column of each target, and at the end the number of columns.
  private(set) var starts: [Int] = [0]

  init(_ targets: [Motif], _ options: MotifComparison.Options) {
    for target in targets {
      forward += TargetColumns.prepared(target, options.similarity)
      if options.bothStrands {
        reverse += TargetColumns.prepared(target.reverseComplement, options.similarity)
      }
      starts.append(forward.count / 4)
    }
  }

  /// The number of columns of a target.
  func width(_ target: Int) -> Int { starts[target + 1] - starts[target] }

  /// For correlations, columns minus their mean, divided by their norm, so that the correlation is a product.
  static func prepared(_ motif: Motif, _ similarity: MotifComparison.ColumnSimilarity) -> [Double] {
    guard similarity == .pearson else { return motif.frequencies }
    var columns = motif.frequencies
    for start in stride(from: 0, to: columns.count, by: 4) {
      let mean = columns[start..<start + 4].reduce(0, +) / 4
      for k in start..<start + 4 { columns[k] -= mean }
      let norm = columns[start..<start + 4].reduce(0) { $0 + $1 * $1 }.squareRoot()
      // Equal frequencies differ from their mean by rounding only.
      for k in start..<start + 4 { columns[k] = norm > 1e-9 ? columns[k] / norm : 0 }
    }
    return columns
  }
}

/// The similarities of the columns of one query and those of all targets in equal steps, and their null distributions.
struct ColumnScores: Sendable {
  /// The number of columns of the query.
  let width: Int
  /// Similarities are from 0 to this.
  let largest: Int
  /// Similarities with the forward and reverse columns of the targets, `[width x columns]`; the reverse ones may be empty.
  let forward: [UInt16], reverse: [UInt16]
  /// The probability of each similarity of each column, `[width x (largest + 1)]`.
  let probabilities: [Double]

  init(_ query: Motif, _ targets: TargetColumns, _ options: MotifComparison.Options) {
    let similarity = options.similarity, columns = TargetColumns.prepared(query, similarity)
    func values(_ theirs: [Double]) -> [Double] {
      stride(from: 0, to: columns.count, by: 4).flatMap { i in
        stride(from: 0, to: theirs.count, by: 4).map { j in
          switch similarity {
          case .pearson:
            return columns[i] * theirs[j] + columns[i + 1] * theirs[j + 1] + columns[i + 2] * theirs[j + 2]
              + columns[i + 3] * theirs[j + 3]
          case .euclidean:
            return -(0..<4).reduce(0.0) {
              let difference = columns[i + $1] - theirs[j + $1]
              return $0 + difference * difference
            }.squareRoot()
          }
        }
      }
    }
    let forward = values(targets.forward), reverse = values(targets.reverse)
    let low = min(forward.min() ?? 0, reverse.min() ?? .infinity)
    let high = max(forward.max() ?? 0, reverse.max() ?? -.infinity)
    let largest = options.stepCount
    let scale = high > low ? Double(largest) / (high - low) : 0
    func steps(_ values: [Double]) -> [UInt16] {
      values.map { UInt16(min(max((($0 - low) * scale).rounded(), 0), Double(largest))) }
    }
    width = query.width
    self.largest = largest
    self.forward = steps(forward)
    self.reverse = steps(reverse)
    let size = largest + 1, count = targets.forward.count / 4
    let each = 1 / Double((targets.forward.count + targets.reverse.count) / 4)
    var probabilities = [Double](repeating: 0, count: query.width * size)
    for (scores, count) in [(self.forward, count), (self.reverse, targets.reverse.count / 4)] where count > 0
    {
      for (i, score) in scores.enumerated() { probabilities[i / count * size + Int(score)] += 1 }
    }
    self.probabilities = probabilities.map { $0 * each }
  }

  /// The distribution of a sum of independent similarities: that of `sum` and one more column.
  func convolved(_ sum: [Double], column: Int) -> [Double] {
    let size = largest + 1
    var result = [Double](repeating: 0, count: sum.count + largest)
    result.withUnsafeMutableBufferPointer { result in
      sum.withUnsafeBufferPointer { sum in
        probabilities.withUnsafeBufferPointer { probabilities in
          let row = UnsafeBufferPointer(rebasing: probabilities[column * size..<(column + 1) * size])
          // The row of the column has many zeros; the sum has few.
          for k in 0..<size where row[k] > 0 {
            let p = row[k]
            for i in 0..<sum.count { result[k &+ i] += p * sum[i] }
          }
        }
      }
    }
    return result
  }

  /// The probability of each sum or a larger one.
  static func upperTail(_ probabilities: [Double]) -> [Double] {
    var tail = probabilities
    var sum = 0.0
    for i in tail.indices.reversed() {
      sum += tail[i]
      tail[i] = min(sum, 1)
    }
    return tail
  }
}
