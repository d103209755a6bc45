import LigaseNetworks
import LigaseTensors

/// What similar profiles say about a line's responses: Gaussian-process regression of all drugs at once.
///
/// ```
/// k(x, x') = exp(-0.7 rms(x - x')),   y(x, d) = mean_d + sum_n k(x, x_n) weight_nd
/// ```
/// The responses that training left out are first filled in by a low-rank matrix (soft thresholding of singular values,
/// Mazumder et al., 2010). Each principal component of lines × drugs is then regressed with the noise that its
/// leave-one-out error likes best; a component that no noise predicts better than its mean is left out.
public struct ProfileKernel: Module {
  /// Scaled profiles of the training lines, `[n, genes]`.
  public var profiles: Tensor
  /// `[n, drugs]`.
  public var weights: Tensor
  /// The mean response of each drug, `[drugs]`.
  public var means: Tensor

  /// A kernel of the given sizes, to be loaded.
  public init(lineCount: Int, geneCount: Int, drugCount: Int) {
    profiles = .zeros([lineCount, geneCount])
    weights = .zeros([lineCount, drugCount])
    means = .zeros([drugCount])
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit.buffer("profiles", &profiles)
    visit.buffer("weights", &weights)
    visit.buffer("means", &means)
  }

  /// Responses of lines with these profiles to every drug, `[lines, drugs]`.
  public func responses(_ x: Tensor) -> Tensor {
    Self.kernel(x, profiles).matmul(weights) + means
  }

  /// Fits the kernel.
  ///
  /// - Parameters:
  ///   - profiles: `[n, genes]`, scaled.
  ///   - pairs: line, drug and response of each training pair.
  ///   - drugMeans: the mean of each drug.
  public init(
    fitting profiles: Tensor, lines: [Int32], drugs: [Int32], responses: [Float], drugMeans: [Double]
  ) {
    let n = profiles.shape[0], m = drugMeans.count
    var table = PartialTable(rows: n, columns: m)
    for i in responses.indices {
      table.add(Double(responses[i]) - drugMeans[Int(drugs[i])], row: Int(lines[i]), column: Int(drugs[i]))
    }
    let filled = table.filledByLowRank()
    guard let axes = filled.times(filled, transposeSelf: true).symmetricEigen()?.vectors else {
      preconditionFailure("ProfileKernel: responses that are not finite")
    }
    let scores = filled.times(axes)
    let gram = Self.kernel(profiles, profiles)
    let dual = Self.regress(scores, DoubleMatrix(rows: n, columns: n, gram.scalars.map { Double($0) }))
    self.profiles = profiles
    weights = Tensor(dual.times(axes, transposeOther: true).elements.map { Float($0) }, shape: [n, m])
    means = Tensor(drugMeans.map { Float($0) })
  }

  /// Kernel ridge regression of each column of `scores`: the dual weights.
  private static func regress(_ scores: DoubleMatrix, _ kernel: DoubleMatrix) -> DoubleMatrix {
    let n = scores.rows, m = scores.columns
    var dual = DoubleMatrix(rows: n, columns: m)
    guard let (values, vectors) = kernel.symmetricEigen() else { return dual }
    let projected = vectors.times(scores, transposeSelf: true)
    var best = (0..<m).map { column in (0..<n).reduce(0.0) { $0 + scores[$1, column] * scores[$1, column] } }
    for step in 0..<18 {
      let noise = 0.01 * exponential(Double(step) / 17 * 8.0064)  // 0.01 to 30
      let inverse = values.map { 1 / (max($0, 0) + noise) }
      var shrunk = projected
      for i in 0..<n { for j in 0..<m { shrunk[i, j] *= inverse[i] } }
      let weights = vectors.times(shrunk)
      let diagonal = (0..<n).map { row in
        (0..<n).reduce(0.0) { $0 + vectors[row, $1] * vectors[row, $1] * inverse[$1] }
      }
      for column in 0..<m {
        let error = (0..<n).reduce(0.0) {
          let e = weights[$1, column] / diagonal[$1]
          return $0 + e * e
        }
        guard error < best[column] else { continue }
        best[column] = error
        for row in 0..<n { dual[row, column] = weights[row, column] }
      }
    }
    return dual
  }

  /// `exp(-0.7 rms(x - x'))` for all pairs of rows.
  private static func kernel(_ a: Tensor, _ b: Tensor) -> Tensor {
    let genes = Float(a.shape[1])
    let squaresA = a.squared().sum(alongAxis: 1).reshaped([a.shape[0], 1]),
      squaresB = b.squared().sum(alongAxis: 1)
    var distance = (squaresA + squaresB - 2 * a.matmul(b.transposed())) / genes
    distance.withUnsafeMutableBufferPointer { values in
      for i in values.indices { values[i] = -0.7 * max(values[i], 0).squareRoot() }
    }
    return distance.exp()
  }
}

private func exponential(_ x: Double) -> Double {
  // A short series after halving: enough for a grid of noises, the same on every machine.
  var result = 1.0, term = 1.0
  let y = x / 256
  for i in 1..<12 {
    term *= y / Double(i)
    result += term
  }
  for _ in 0..<8 { result *= result }
  return result
}
