internal import Glibc
import LigaseNetworks
import LigaseTensors

/// Gaussian-process regression of the responses of cell lines to all drugs on similar profiles.
///
/// ```
/// k(x, x') = a exp(-|x - x'|_1 / (2 genes)) + b |x| |x'| (sin t + (pi - t) cos t) / (pi genes),   t the angle of x and x'
/// y(x, d) = mean_d + sum_n k(x, x_n) weight_nd
/// ```
/// Each gene is first clipped to three standard deviations about its mean over the training cell lines, so
/// that one extreme gene of a cell line does not reduce its similarity in all others.
///
/// The first kernel decreases with the distance; the second is that of a wide network of rectified linear
/// units (Cho and Saul, 2009). a and b give them 0.7 and 0.3 of the variance between training cell lines.
/// `LineCovariance` fits the weights.
///
/// The time of a fit grows with the cube of the number of cell lines. With more than `lineLimit` training
/// cell lines it uses those with the most measured drugs, with ties broken at random by the seed. The other
/// cell lines still affect the means of the drugs, the limits of the genes, and the imputation of gaps in the
/// table.
package struct ProfileKernel: Module {
  /// The scaled and clipped profiles of the training cell lines, `[n, genes]`.
  package var profiles: Tensor
  /// The lower and upper limit of each gene, `[2, genes]`.
  package var limits: Tensor
  /// The dual weights, `[n, drugs]`.
  package var weights: Tensor
  /// The mean response of each drug, `[drugs]`.
  package var means: Tensor
  /// The scales a and b of the kernels, `[2]`.
  package var shares: Tensor

  /// The training cell lines with weights, as ascending rows of the given profiles.
  package private(set) var usedRows: [Int]
  /// The number of given training cell lines; for a loaded kernel, the number of those with weights.
  package private(set) var allLines: Int
  /// The mean squared errors over the training responses of cell lines with weights; nil for a loaded kernel.
  package private(set) var errors: Errors?

  /// The mean squared errors of predictions of responses.
  package struct Errors: Sendable {
    /// The leave-one-out error, without a cell line's own responses but with covariances fitted on all cell
    /// lines.
    package let leaveOneOut: Double
    /// The error of the means of drugs over all cell lines.
    package let ofMeans: Double
  }

  /// The number of training cell lines with weights.
  package var usedLines: Int { usedRows.count }

  /// The largest number of cell lines of one fit: more than in any public drug screen, half a minute and 0.5
  /// GB on two cores of 2020.
  package static let lineLimit = 2000

  /// Creates a kernel of the given sizes, to be loaded.
  init(lineCount: Int, geneCount: Int, drugCount: Int, from weights: WeightBuilder) {
    profiles = weights.constant("profiles", [lineCount, geneCount], 0)
    limits = weights.constant("limits", [2, geneCount], 0)
    self.weights = weights.constant("weights", [lineCount, drugCount], 0)
    means = weights.constant("means", [drugCount], 0)
    shares = weights.constant("shares", [2], 0)
    (usedRows, allLines) = (Array(0..<lineCount), lineCount)
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit.buffer("profiles", &profiles)
    visit.buffer("limits", &limits)
    visit.buffer("weights", &weights)
    visit.buffer("means", &means)
    visit.buffer("shares", &shares)
  }

  /// Returns the responses of cell lines with these profiles to every drug, `[cell lines, drugs]`.
  package func responses(_ x: Tensor) -> Tensor {
    let x = Self.held(x, within: limits)
    let (near, angular) = (Self.laplacian(x, profiles), Self.arcCosine(x, profiles))
    return (near * shares.scalars[0] + angular * shares.scalars[1]).matmul(weights) + means
  }

  /// Returns the response of each cell line to one drug, `[cell lines]`, whose gradient flows to `x`; 0 for the drug -1.
  func responses(_ x: Tensor, drugs: [Int]) -> Tensor {
    let all = responses(x.detached).scalars, m = means.count
    let values = drugs.enumerated().map { $1 < 0 ? 0 : all[$0 * m + $1] }
    return Tensor.recording(Tensor(values), from: [x], "profileKernel") { dy in
      [slopes(x.detached, drugs, dy.scalars)]
    }
  }

  /// Returns the gradient of the responses at the profiles, times a factor for each cell line.
  ///
  /// ```
  /// d exp(-|x - x'|_1 / 2G) / dx = -sign(x - x') / 2G exp(…)
  /// d |x| |x'| (sin t + (pi - t) cos t) / dx = (pi - t) x' + |x'| sin t x / |x|
  /// ```
  private func slopes(_ x: Tensor, _ drugs: [Int], _ factors: [Float]) -> Tensor {
    let (genes, m) = (profiles.shape[1], means.count), held = Self.held(x, within: limits)
    let (own, free, others) = (held.scalars, x.scalars, profiles.scalars), w = weights.scalars
    let near = Self.laplacian(held, profiles).scalars, scale = Float(max(genes, 1)), shares = shares.scalars
    @Sendable func length(_ values: ArraySlice<Float>) -> Float {
      values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let count = profiles.shape[0]
    let lengths = (0..<count).map { length(others[($0 * genes)..<(($0 + 1) * genes)]) }
    return Tensor(shape: x.shape) { out in
      nonisolated(unsafe) let out = out
      ThreadTeam.current.forEachShare(drugs.count) { row in
        let line = own[(row * genes)..<((row + 1) * genes)], size = length(line)
        for gene in 0..<genes { out[row * genes + gene] = 0 }
        guard drugs[row] >= 0 else { return }
        for n in 0..<count {
          let weight = factors[row] * w[n * m + drugs[row]]
          let other = others[(n * genes)..<((n + 1) * genes)], product = size * lengths[n]
          let cosine =
            product > 0
            ? min(max(zip(line, other).reduce(0) { $0 + $1.0 * $1.1 } / product, -1), 1) : 0
          let sine = max(0, 1 - cosine * cosine).squareRoot()
          let angular = product > 0 ? weight * shares[1] / (scale * .pi) : 0
          let (along, back) = (
            angular * (.pi - acosf(cosine)), product > 0 ? angular * lengths[n] * sine / size : 0
          )
          let step = -weight * shares[0] * near[row * count + n] / (2 * scale)
          for gene in 0..<genes {
            let a = line[row * genes + gene], b = other[n * genes + gene]
            out[row * genes + gene] += along * b + back * a + (a > b ? step : a < b ? -step : 0)
          }
        }
        // Clipped genes do not change.
        for gene in 0..<genes where own[row * genes + gene] != free[row * genes + gene] {
          out[row * genes + gene] = 0
        }
      }
    }
  }

  /// Fits the kernel.
  ///
  /// - Parameters:
  ///   - profiles: `[n, genes]`, scaled.
  ///   - lines: the row of `profiles` of each training pair; `drugs` and `responses` are of the same pairs.
  ///   - drugMeans: the mean of each drug.
  package init(
    fitting profiles: Tensor, lines: [Int32], drugs: [Int32], responses: [Float], drugMeans: [Double]
  ) {
    self.init(
      fitting: profiles, lines: lines, drugs: drugs, responses: responses, drugMeans: drugMeans,
      lineLimit: Self.lineLimit, seed: 0)
  }

  /// Fits the kernel on at most `lineLimit` cell lines; `seed` breaks ties between those with equally many
  /// measured drugs.
  package init(
    fitting profiles: Tensor, lines: [Int32], drugs: [Int32], responses: [Float], drugMeans: [Double],
    lineLimit: Int, seed: UInt64
  ) {
    var partial = PartialTable(rows: profiles.shape[0], columns: drugMeans.count)
    for i in responses.indices {
      partial.add(Double(responses[i]) - drugMeans[Int(drugs[i])], row: Int(lines[i]), column: Int(drugs[i]))
    }
    allLines = profiles.shape[0]
    usedRows = Self.mostMeasured(partial, rows: allLines, limit: lineLimit, seed: seed)
    let limits = Self.limits(profiles), n = usedRows.count, m = drugMeans.count
    let profiles = Self.held(
      n == allLines ? profiles : profiles.gatheredRows(usedRows.map { Int32($0) }), within: limits)
    var table = partial.filledByLowRank()
    if n < allLines {
      table = DoubleMatrix(
        rows: n, columns: m, usedRows.flatMap { table.elements[$0 * m..<($0 + 1) * m] })
    }
    var kernel = DoubleMatrix(rows: n, columns: n)
    var shares: [Float] = []
    for (part, share) in [
      (Self.laplacian(profiles, profiles), 0.7), (Self.arcCosine(profiles, profiles), 0.3),
    ] {
      let values = part.scalars.map { Double($0) }
      let variance = DoubleMatrix(rows: n, columns: n, values).centred().diagonalMean
      let scale = variance > 0 ? share / variance : 0
      shares.append(Float(scale))
      for i in values.indices { kernel.elements[i] += scale * values[i] }
    }
    guard let covariance = LineCovariance(of: table, kernel: kernel.centred()) else {
      preconditionFailure("ProfileKernel: responses that are not finite")
    }
    // The dual weights of a drug sum to zero, so centring only leaves the mean row, which is one number for
    // each drug.
    let dual = covariance.weights
    var means = drugMeans
    for column in 0..<n {
      let mean = (0..<n).reduce(0.0) { $0 + kernel[$1, column] } / Double(max(n, 1))
      for drug in 0..<m { means[drug] -= mean * dual[column, drug] }
    }
    errors = Self.errors(table, covariance.leaveOneOutResiduals, lines, drugs, usedRows)
    (self.profiles, self.limits) = (profiles, limits)
    weights = Tensor(dual.elements.map { Float($0) }, shape: [n, m])
    self.means = Tensor(means.map { Float($0) })
    self.shares = Tensor(shares)
  }

  /// Returns the mean squared residuals of drug means and of leave-one-out predictions, over the measured
  /// pairs of the cell lines in `rows`.
  private static func errors(
    _ table: DoubleMatrix, _ residuals: DoubleMatrix, _ lines: [Int32], _ drugs: [Int32], _ rows: [Int]
  ) -> Errors? {
    let place = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
    var (leaveOneOut, ofMeans, count) = (0.0, 0.0, 0.0)
    for (line, drug) in zip(lines, drugs) {
      guard let row = place[Int(line)] else { continue }
      leaveOneOut += residuals[row, Int(drug)] * residuals[row, Int(drug)]
      ofMeans += table[row, Int(drug)] * table[row, Int(drug)]
      count += 1
    }
    return count > 0 ? Errors(leaveOneOut: leaveOneOut / count, ofMeans: ofMeans / count) : nil
  }

  /// Returns the rows of the cell lines with the most measured drugs, at most `limit`, ascending.
  private static func mostMeasured(_ table: PartialTable, rows: Int, limit: Int, seed: UInt64) -> [Int] {
    var order = Array(0..<rows)
    guard rows > limit else { return order }
    var random = SeededGenerator(seed: seed, stream: "kernel lines")
    random.shuffle(&order)
    let known = order.map { (row: $0, count: table.knownCount(ofRow: $0)) }
    let sorted = known.enumerated().sorted { ($0.element.count, $1.offset) > ($1.element.count, $0.offset) }
    return sorted.prefix(limit).map(\.element.row).sorted()
  }

  /// Returns three standard deviations about the mean of each column, `[2, genes]`.
  private static func limits(_ profiles: Tensor) -> Tensor {
    let (n, genes, x) = (profiles.shape[0], profiles.shape[1], profiles.scalars)
    var (least, most) = ([Float](), [Float]())
    for gene in 0..<genes {
      let values = (0..<n).map { Double(x[$0 * genes + gene]) }
      let mean = values.reduce(0, +) / Double(max(n, 1))
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(n, 1))
      least.append(Float(mean - 3 * variance.squareRoot()))
      most.append(Float(mean + 3 * variance.squareRoot()))
    }
    return Tensor(least + most, shape: [2, genes])
  }

  private static func held(_ profiles: Tensor, within limits: Tensor) -> Tensor {
    let (genes, bounds, x) = (profiles.shape[1], limits.scalars, profiles.scalars)
    return Tensor(
      x.indices.map { min(max(x[$0], bounds[$0 % genes]), bounds[genes + $0 % genes]) }, shape: profiles.shape
    )
  }

  /// Returns `exp(-mean |x - x'| / 2)` for all pairs of rows.
  private static func laplacian(_ a: Tensor, _ b: Tensor) -> Tensor {
    let (rows, columns, genes) = (a.shape[0], b.shape[0], a.shape[1])
    let (x, y) = (a.scalars, b.scalars), scale = -0.5 / Float(max(genes, 1))
    return Tensor(shape: [rows, columns]) { out in
      nonisolated(unsafe) let out = out
      ThreadTeam.current.forEachShare(rows) { row in
        x.withUnsafeBufferPointer { x in
          y.withUnsafeBufferPointer { y in
            for column in 0..<columns {
              let sum = manhattan(x.baseAddress! + row * genes, y.baseAddress! + column * genes, genes)
              out[row * columns + column] = scale * sum
            }
          }
        }
      }
    }.exp()
  }

  /// Returns the arc-cosine kernel of order 1 for all pairs of rows, divided by the number of columns.
  private static func arcCosine(_ a: Tensor, _ b: Tensor) -> Tensor {
    let lengthsA = a.squared().sum(alongAxis: 1).scalars, lengthsB = b.squared().sum(alongAxis: 1).scalars
    let columns = b.shape[0], genes = Float(max(a.shape[1], 1))
    var result = a.matmul(b.transposed())
    result.withUnsafeMutableBufferPointer { values in
      for i in values.indices {
        let product = (lengthsA[i / columns] * lengthsB[i % columns]).squareRoot()
        guard product > 0 else {
          values[i] = 0
          continue
        }
        let cosine = min(max(values[i] / product, -1), 1)
        let sine = max(0, 1 - cosine * cosine).squareRoot()
        values[i] = product / genes * (sine + (.pi - acosf(cosine)) * cosine) / .pi
      }
    }
    return result
  }
}

/// Returns the sum of the absolute differences of `count` numbers.
private func manhattan(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Float {
  typealias Lanes = SIMD8<Float>
  let (x8, y8) = (UnsafeRawPointer(x), UnsafeRawPointer(y))
  var sums = Lanes(), i = 0
  while i + 8 <= count {
    let d =
      x8.loadUnaligned(fromByteOffset: i * 4, as: Lanes.self)
      - y8.loadUnaligned(fromByteOffset: i * 4, as: Lanes.self)
    sums += d.replacing(with: -d, where: d .< 0)
    i += 8
  }
  var sum = sums.sum()
  while i < count {
    sum += abs(x[i] - y[i])
    i += 1
  }
  return sum
}
