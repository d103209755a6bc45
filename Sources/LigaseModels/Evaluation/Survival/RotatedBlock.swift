import LigaseRuntime
import LigaseTensors

/// Centred columns turned to their principal axes, so that a fit of n rows and more columns than rows has at most n
/// coefficients.
///
/// With the singular value decomposition `X = U S V'` the columns are `X V = U S`. A quadratic penalty is the same for the
/// coefficients g of `U S` and for the weights `V g` of X, so both fits are one. Blocks that are not wider than tall stay as
/// they are.
package struct RotatedBlock: Sendable {
  /// The turned columns of the rows that were fitted, `[n, k]`.
  package let columns: DoubleMatrix
  /// The columns before, `[n, p]`.
  private let x: DoubleMatrix
  /// `U / S`, of which `V = X' U / S`; nil where nothing was turned.
  private let dual: DoubleMatrix?

  /// Turns centred columns; nil where a number is not finite.
  package init?(_ x: DoubleMatrix) {
    self.x = x
    guard x.columns > x.rows else {
      guard x.elements.allSatisfy({ $0.isFinite }) else { return nil }
      (columns, dual) = (x, nil)
      return
    }
    guard let (values, vectors) = x.times(x, transposeOther: true).symmetricEigen() else { return nil }
    let largest = values.last ?? 0
    let kept = values.indices.filter { values[$0] > 1e-10 * largest }
    var columns = DoubleMatrix(rows: x.rows, columns: kept.count)
    var dual = columns
    for (j, k) in kept.enumerated() {
      let root = values[k].squareRoot()
      for i in 0..<x.rows {
        columns[i, j] = vectors[i, k] * root
        dual[i, j] = vectors[i, k] / root
      }
    }
    (self.columns, self.dual) = (columns, dual)
  }

  /// The weight of each column of X for coefficients of the turned columns.
  package func weights(_ coefficients: [Double]) -> [Double] {
    require(
      coefficients.count == columns.columns,
      "RotatedBlock: \(coefficients.count) coefficients for \(columns.columns) columns")
    return dual.map { x.transposeTimes(vector: $0.times(vector: coefficients)) } ?? coefficients
  }

  /// Other rows of the columns of X, centred by the same means, turned in the same way.
  package func rotated(_ rows: DoubleMatrix) -> DoubleMatrix {
    require(
      rows.columns == x.columns, "RotatedBlock: \(rows.columns) columns, expected \(x.columns)")
    return dual.map { rows.times(x, transposeOther: true).times($0) } ?? rows
  }
}
