import LigaseTensors

/// A table of numbers with missing values.
struct PartialTable {
  private var sums: DoubleMatrix
  private var counts: DoubleMatrix

  init(rows: Int, columns: Int) {
    sums = DoubleMatrix(rows: rows, columns: columns)
    counts = sums
  }

  /// Adds a measurement; several of one cell of the table are averaged.
  mutating func add(_ value: Double, row: Int, column: Int) {
    sums[row, column] += value
    counts[row, column] += 1
  }

  /// Returns the number of known values of a row.
  func knownCount(ofRow row: Int) -> Int { (0..<counts.columns).count { counts[row, $0] > 0 } }

  /// Returns the table with imputed gaps: first by the shrunk mean of the row, then iteratively by the
  /// low-rank part of the table, whose singular values are reduced by 0.45 standard deviations times the root
  /// of the longer side.
  func filledByLowRank(iterations: Int = 30) -> DoubleMatrix {
    let (n, m) = (sums.rows, sums.columns)
    var table = sums, squares = 0.0, known = 0.0
    for row in 0..<n {
      var (total, count) = (0.0, 0.0)
      for column in 0..<m where counts[row, column] > 0 {
        table[row, column] = sums[row, column] / counts[row, column]
        total += table[row, column]
        squares += table[row, column] * table[row, column]
        count += 1
      }
      for column in 0..<m where counts[row, column] == 0 { table[row, column] = total / (count + 5) }
      known += count
    }
    guard known < Double(n * m), known > 0 else { return table }
    let cut = 0.45 * (squares / known).squareRoot() * Double(max(n, m)).squareRoot()
    for _ in 0..<iterations {
      guard let smooth = table.softThresholded(cut) else { return table }
      for i in table.elements.indices where counts.elements[i] == 0 { table.elements[i] = smooth.elements[i] }
    }
    return table
  }
}

extension DoubleMatrix {
  /// Returns the matrix with every singular value reduced by `cut`, to at least zero; nil if it is not
  /// finite.
  fileprivate func softThresholded(_ cut: Double) -> DoubleMatrix? {
    // With A'A = V S^2 V', A V diag(max(0, 1 - cut / s)) V' needs only the smaller Gram matrix.
    let isWide = columns > rows
    guard
      let (values, vectors) = times(self, transposeSelf: !isWide, transposeOther: isWide).symmetricEigen()
    else { return nil }
    var shrunk = vectors
    for j in values.indices {
      let s = max(values[j], 0).squareRoot(), factor = s > cut ? 1 - cut / s : 0
      for i in 0..<shrunk.rows { shrunk[i, j] *= factor }
    }
    let projector = shrunk.times(vectors, transposeOther: true)
    return isWide ? projector.times(self) : times(projector)
  }
}
