import LigaseTensors

/// Responses of cell lines to drugs as a signal shared by similar cell lines and a residual, with learned
/// covariances between drugs: a multi-task Gaussian process (Bonilla et al., 2008; Rakitsch et al., 2013).
///
/// ```
/// Y = F + E,   cov F = K x C1,   cov E = S x C2
/// ```
/// K `[n, n]` is the kernel of the cell lines. C1 and C2 `[m, m]` are the covariances of the drugs in the
/// signal F, which depends on profiles, and in the residual E, which does not. S is diagonal: the noise of
/// each cell line, so that cell lines that their profiles predict poorly have less weight. With the rows of Y
/// and K divided by the root of S, the posterior mean of F is an elementwise shrunk Y in the basis where K,
/// C1 and C2 are diagonal. C1, C2 and S are the modes of their posteriors, found by expectation maximisation.
/// The priors are inverse Wishart: for C1 as if ten more cell lines had shown independent drugs in F, for C2
/// as if twenty more had shown the drugs' own variances in E, and for S as if sixty more drugs had shown
/// average noise of each cell line.
package struct LineCovariance {
  /// The dual weights `[n, m]`: predictions are the kernel times these. Those of a drug sum to zero.
  package let weights: DoubleMatrix
  /// C1, the covariance of drugs in the signal that depends on profiles, `[m, m]`.
  package let shared: DoubleMatrix
  /// C2, the covariance of drugs in the residual, `[m, m]`.
  package let own: DoubleMatrix
  /// The diagonal of S, `[n]`.
  package let noise: [Double]
  /// `[n, m]`: Y of each cell line minus its prediction from all other cell lines, with K, C1, C2 and S
  /// unchanged.
  package let leaveOneOutResiduals: DoubleMatrix

  /// Fits the covariances.
  ///
  /// - Parameters:
  ///   - table: Y, `[n, m]`, without gaps.
  ///   - kernel: K, centred.
  /// - Returns: nil where results are not finite.
  package init?(of table: DoubleMatrix, kernel: DoubleMatrix, iterations: Int = 30) {
    let (n, m) = (table.rows, table.columns)
    // The noise of each cell line relative to the mean, and the eigenvalues of K divided by it.
    var noise = [Double](repeating: 1, count: n)
    guard var (values, axes) = kernel.positiveEigen() else { return nil }
    var sample = table.times(table, transposeSelf: true)
    for i in sample.elements.indices { sample.elements[i] /= Double(max(n, 1)) }
    let level = sample.diagonalMean
    guard (values.last ?? 0) > 0, level > 0 else {
      weights = DoubleMatrix(rows: n, columns: m)
      (shared, own, leaveOneOutResiduals) = (DoubleMatrix(rows: m, columns: m), sample, table)
      self.noise = noise
      return
    }
    var (shared, own) = (sample, sample)
    for i in 0..<m {
      for j in 0..<m {
        shared[i, j] = 0.4 * sample[i, j] + (i == j ? 0.01 * level : 0)
        own[i, j] = 0.6 * sample[i, j] + (i == j ? 0.05 * level : 0)
      }
    }
    var (dual, residuals) = (DoubleMatrix(rows: n, columns: m), table)
    for iteration in 1...iterations {
      // C2 = B B', C1 = B diag(q) B'.
      guard let (root, inverseRoot) = own.squareRoots(),
        let (found, turn) = inverseRoot.times(shared).times(inverseRoot).symmetricEigen()
      else { return nil }
      let q = found.map { max($0, 1e-9) }, basis = root.times(turn)
      let whitened = axes.times(table.rowsDividedByRoots(of: noise), transposeSelf: true)
        .times(inverseRoot.times(turn))
      let rank = Double(values.count { $0 > 0 })
      var (mean, precise, rest) = (whitened, whitened, whitened)
      var (spread, spreadOverKernel) = ([Double](repeating: 0, count: m), [Double](repeating: 0, count: m))
      var spreadOfRow = [Double](repeating: 0, count: n)
      for i in 0..<n {
        for j in 0..<m {
          let signal = values[i] * q[j], kept = signal / (signal + 1)
          mean[i, j] = whitened[i, j] * kept
          rest[i, j] = whitened[i, j] - mean[i, j]
          precise[i, j] = values[i] > 0 ? mean[i, j] / values[i] : 0
          spread[j] += kept
          spreadOfRow[i] += kept
          spreadOverKernel[j] += values[i] > 0 ? kept / values[i] : 0
        }
      }
      if iteration == iterations {
        dual = axes.times(precise).times(basis, transposeOther: true).rowsDividedByRoots(of: noise)
        residuals = Self.leaveOneOutResiduals(rest, axes, values, q).times(basis, transposeOther: true)
          .rowsDividedByRoots(of: noise.map { 1 / $0 })
        break
      }
      var (m1, m2) = (precise.times(mean, transposeSelf: true), rest.times(rest, transposeSelf: true))
      for j in 0..<m {
        m1[j, j] += spreadOverKernel[j]
        m2[j, j] += spread[j]
      }
      (shared, own) = (m1.between(basis), m2.between(basis))
      let count = Double(n)
      let left = axes.times(rest)
      for line in 0..<n {
        var squares = 60.0
        for j in 0..<m { squares += noise[line] * left[line, j] * left[line, j] }
        for i in 0..<n { squares += noise[line] * axes[line, i] * axes[line, i] * spreadOfRow[i] }
        noise[line] = squares / (60 + Double(m))
      }
      let usual = noise.reduce(0, +) / count
      for line in 0..<n { noise[line] /= usual }
      guard let next = kernel.dividedByRoots(of: noise).positiveEigen() else { return nil }
      (values, axes) = next
      for i in 0..<m {
        for j in 0..<m {
          let (one, two) = (i == j ? 0.04 * level : 0, i == j ? 0.6 * sample[i, i] : 0)
          shared[i, j] = (count / rank * shared[i, j] + 10 * one) / (count + 10)
          own[i, j] = (own[i, j] + 20 * two) / (count + 20)
        }
      }
    }
    for drug in 0..<m {
      let mean = (0..<n).reduce(0.0) { $0 + dual[$1, drug] } / Double(n)
      for line in 0..<n { dual[line, drug] -= mean }
    }
    weights = dual
    (self.shared, self.own, self.noise) = (shared, own, noise)
    leaveOneOutResiduals = residuals
  }

  /// Returns the residual of each cell line and latent drug without that cell line: `[A^-1 y]_i / [A^-1]_ii`,
  /// `A = q K + 1` in the basis where C1 and C2 are diagonal, rows divided by the root of S (Rasmussen and
  /// Williams, 2006, equation 5.12). No refit is needed, and a cell line is left out with its responses to
  /// all drugs.
  ///
  /// - Parameters:
  ///   - rest: `A^-1 y` in the basis of K's eigenvectors, `[n, m]`.
  ///   - axes: K's eigenvectors, with its eigenvalues `values`.
  ///   - q: the ratio of both covariances for each latent drug.
  private static func leaveOneOutResiduals(
    _ rest: DoubleMatrix, _ axes: DoubleMatrix, _ values: [Double], _ q: [Double]
  ) -> DoubleMatrix {
    var (squares, inverse) = (axes, rest)
    for i in squares.elements.indices { squares.elements[i] *= squares.elements[i] }
    for i in values.indices { for j in q.indices { inverse[i, j] = 1 / (values[i] * q[j] + 1) } }
    let diagonal = squares.times(inverse)
    var residuals = axes.times(rest)
    for i in residuals.elements.indices { residuals.elements[i] /= diagonal.elements[i] }
    return residuals
  }
}

extension DoubleMatrix {
  /// Returns a square matrix with the mean of every row and column subtracted.
  package func centred() -> DoubleMatrix {
    guard rows > 0 else { return self }
    let size = Double(rows)
    let byRow = (0..<rows).map { i in (0..<columns).reduce(0.0) { $0 + self[i, $1] } / size }
    let byColumn = (0..<columns).map { j in (0..<rows).reduce(0.0) { $0 + self[$1, j] } / size }
    let all = byRow.reduce(0, +) / size
    var result = self
    for i in 0..<rows { for j in 0..<columns { result[i, j] += all - byRow[i] - byColumn[j] } }
    return result
  }

  /// The mean of the diagonal.
  var diagonalMean: Double {
    (0..<rows).reduce(0.0) { $0 + self[$1, $1] } / Double(max(rows, 1))
  }

  /// Returns the matrix with each row divided by the root of a number.
  fileprivate func rowsDividedByRoots(of numbers: [Double]) -> DoubleMatrix {
    var result = self
    for i in 0..<rows { for j in 0..<columns { result[i, j] /= numbers[i].squareRoot() } }
    return result
  }

  /// Returns the matrix with each row and each column divided by the root of a number.
  fileprivate func dividedByRoots(of numbers: [Double]) -> DoubleMatrix {
    var result = self
    for i in 0..<rows { for j in 0..<columns { result[i, j] /= (numbers[i] * numbers[j]).squareRoot() } }
    return result
  }

  /// Returns eigenvalues, with those below 1e-10 of the largest set to zero, and eigenvectors.
  fileprivate func positiveEigen() -> (values: [Double], vectors: DoubleMatrix)? {
    guard let (found, vectors) = symmetricEigen() else { return nil }
    let least = max(found.last ?? 0, 0) * 1e-10
    return (found.map { $0 > least ? $0 : 0 }, vectors)
  }

  /// Returns `b self b'`.
  fileprivate func between(_ b: DoubleMatrix) -> DoubleMatrix { b.times(self).times(b, transposeOther: true) }

  /// Returns the symmetric square root of a positive matrix, and that of its inverse; eigenvalues below a
  /// billionth of the largest are raised to that value.
  fileprivate func squareRoots() -> (root: DoubleMatrix, inverse: DoubleMatrix)? {
    guard let (values, vectors) = symmetricEigen() else { return nil }
    let least = max((values.last ?? 0) * 1e-9, .leastNormalMagnitude)
    func scaled(_ body: (Double) -> Double) -> DoubleMatrix {
      var columns = vectors
      for i in 0..<rows { for j in 0..<rows { columns[i, j] *= body(max(values[j], least)) } }
      return columns.times(vectors, transposeOther: true)
    }
    return (scaled { $0.squareRoot() }, scaled { 1 / $0.squareRoot() })
  }
}
