/// A dense matrix of `Double`, row-major: for closed-form fits, where single precision is too coarse. No gradients.
package struct DoubleMatrix: Sendable, Equatable {
  /// The number of rows.
  package let rows: Int
  /// The number of columns.
  package let columns: Int
  /// The numbers, row by row.
  package var elements: [Double]

  /// Creates a matrix from its numbers.
  package init(rows: Int, columns: Int, _ elements: [Double]) {
    require(
      elements.count == rows * columns, "DoubleMatrix: \(elements.count) numbers for \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Creates a matrix of one repeated number.
  package init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.init(rows: rows, columns: columns, [Double](repeating: value, count: rows * columns))
  }

  /// The number in a row and column.
  package subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// Returns the product of two matrices, each optionally transposed.
  package func times(
    _ other: DoubleMatrix, transposeSelf: Bool = false, transposeOther: Bool = false
  ) -> DoubleMatrix {
    let m = transposeSelf ? columns : rows, k = transposeSelf ? rows : columns
    let n = transposeOther ? other.rows : other.columns
    require(
      k == (transposeOther ? other.columns : other.rows),
      "DoubleMatrix: \(rows) x \(columns) and \(other.rows) x \(other.columns) do not multiply")
    var result = DoubleMatrix(rows: m, columns: n)
    guard m > 0, n > 0, k > 0 else { return result }
    result.elements.withUnsafeMutableBufferPointer {
      Kernels.gemm(
        elements, transposed: transposeSelf, stride: columns, other.elements, transposed: transposeOther,
        otherStride: other.columns, into: $0.baseAddress!, m: m, n: n, k: k)
    }
    return result
  }

  /// Returns the eigenvalues, ascending, and the eigenvectors, as columns, of a symmetric matrix; nil when it
  /// contains numbers that are not finite.
  package func symmetricEigen() -> (values: [Double], vectors: DoubleMatrix)? {
    require(rows == columns, "symmetricEigen: \(rows) x \(columns) is not square")
    guard elements.allSatisfy(\.isFinite) else { return nil }
    guard rows > 0 else { return ([], self) }
    // LAPACK returns the eigenvectors as columns of a column-major matrix, which are rows here.
    var vectors = elements
    guard let values = Kernels.symmetricEigen(&vectors, rows) else { return nil }
    var result = DoubleMatrix(rows: rows, columns: rows)
    for i in 0..<rows { for j in 0..<rows { result[i, j] = vectors[j * rows + i] } }
    return (values, result)
  }
}
