import Glibc
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct ProfileKernelTests {
  typealias Matrix = [[Double]]

  /// The inverse by elimination with pivots.
  private static func inverse(_ matrix: Matrix) -> Matrix {
    let n = matrix.count
    var a = matrix.enumerated().map { i, row in row + (0..<n).map { $0 == i ? 1.0 : 0 } }
    for i in 0..<n {
      let pivot = (i..<n).max { abs(a[$0][i]) < abs(a[$1][i]) }!
      a.swapAt(i, pivot)
      let scale = a[i][i]
      for column in 0..<2 * n { a[i][column] /= scale }
      for row in 0..<n where row != i {
        let factor = a[row][i]
        for column in 0..<2 * n { a[row][column] -= factor * a[i][column] }
      }
    }
    return a.map { Array($0[n...]) }
  }

  private static func times(_ a: Matrix, _ b: Matrix) -> Matrix {
    a.map { row in b[0].indices.map { j in row.indices.reduce(0.0) { $0 + row[$1] * b[$1][j] } } }
  }

  /// Both kernels of two profiles, before they are scaled.
  private static func kernels(_ x: [Double], _ y: [Double]) -> [Double] {
    let genes = Double(x.count)
    let distance = zip(x, y).reduce(0) { $0 + abs($1.0 - $1.1) }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let lengths = (dot(x, x) * dot(y, y)).squareRoot()
    let angle = acos(min(1, dot(x, y) / lengths))
    return [
      exp(-distance / genes / 2), lengths * (sin(angle) + (.pi - angle) * cos(angle)) / (.pi * genes),
    ]
  }

  /// Expectation maximisation over the whole covariance of all responses at once, and prediction by
  /// conditioning.
  @Test func twoDrugsAgainstTheDenseGaussianProcess() {
    let (n, m, genes) = (8, 2, 5), profiles = Tensor.draws([8, 5])
    let new = Tensor.draws([4, 5], seed: 9) * 2
    func rows(_ x: Tensor) -> Matrix {
      (0..<x.shape[0]).map { i in (0..<genes).map { Double(x.scalars[i * genes + $0]) } }
    }
    let known = rows(profiles)
    // Within three standard deviations of the training cell lines' mean.
    let asked = rows(new).map { profile in
      profile.indices.map { gene in
        let values = known.map { $0[gene] }, mean = values.reduce(0, +) / Double(n)
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)).squareRoot()
        return min(max(profile[gene], mean - 3 * deviation), mean + 3 * deviation)
      }
    }
    #expect(asked != rows(new))
    let y = known.map { [$0[0] + 0.3 * $0[4] * $0[4], 0.8 * $0[0] - $0[1]].map { Double(Float($0)) } }
    let kernel = ProfileKernel(
      fitting: profiles, lines: (0..<n * m).map { Int32($0 / m) }, drugs: (0..<n * m).map { Int32($0 % m) },
      responses: y.flatMap { $0.map { Float($0) } }, drugMeans: [0, 0])

    // Kernels, centred by the training cell lines and scaled.
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    var (k, across) = (
      Matrix(repeating: .init(repeating: 0, count: n), count: n),
      asked.map { _ in [Double](repeating: 0, count: n) }
    )
    for (part, share) in [0.7, 0.3].enumerated() {
      let plain = known.map { a in known.map { Self.kernels(a, $0)[part] } }
      let columns = (0..<n).map { j in mean(plain.map { $0[j] }) }, all = mean(columns)
      func centred(_ row: [Double]) -> [Double] { zip(row, columns).map { $0 - $1 - mean(row) + all } }
      let inside = plain.map(centred), scale = share / mean((0..<n).map { inside[$0][$0] })
      for i in 0..<n { for j in 0..<n { k[i][j] += scale * inside[i][j] } }
      for (i, profile) in asked.enumerated() {
        for (j, value) in centred(known.map { Self.kernels(profile, $0)[part] }).enumerated() {
          across[i][j] += scale * value
        }
      }
    }
    // The pseudo-inverse: centring only removes the direction of ones.
    let even = 1 / Double(n)
    let pseudo = Self.inverse(k.map { $0.map { $0 + even } }).map { $0.map { $0 - even } }
    var noise = [Double](repeating: 1, count: n)
    func products(_ a: Matrix, _ b: Matrix) -> Matrix {
      (0..<m).map { p in (0..<m).map { q in (0..<n).reduce(0.0) { $0 + a[$1][p] * b[$1][q] } } }
    }
    let sample = products(y, y).map { $0.map { $0 / Double(n) } }
    let level = mean((0..<m).map { sample[$0][$0] })
    func ridge(_ share: Double, _ extra: Double) -> Matrix {
      (0..<m).map { p in (0..<m).map { share * sample[p][$0] + (p == $0 ? extra * level : 0) } }
    }
    var (c1, c2) = (ridge(0.4, 0.01), ridge(0.6, 0.05))
    let flat = y.flatMap { $0.map { [$0] } }
    var solved = flat
    for iteration in 1...30 {
      let signal = (0..<n * m).map { a in (0..<n * m).map { b in k[a / m][b / m] * c1[a % m][b % m] } }
      let total = (0..<n * m).map { a in
        (0..<n * m).map { b in signal[a][b] + (a / m == b / m ? noise[a / m] * c2[a % m][b % m] : 0) }
      }
      let inverted = Self.inverse(total)
      solved = Self.times(inverted, flat)
      if iteration == 30 { break }
      let gain = Self.times(signal, inverted), found = Self.times(gain, flat)
      let reduced = Self.times(gain, signal)
      let f = (0..<n).map { i in (0..<m).map { found[i * m + $0][0] } }
      func posterior(_ i: Int, _ p: Int, _ j: Int, _ q: Int) -> Double {
        signal[i * m + p][j * m + q] - reduced[i * m + p][j * m + q]
      }
      var (m1, m2) = (products(Self.times(pseudo, f), f), products(f, f))
      // The residuals of each cell line: the mean of e e'.
      let left = (0..<n).map { i in
        (0..<m).map { p in
          (0..<m).map { q in (y[i][p] - f[i][p]) * (y[i][q] - f[i][q]) + posterior(i, p, i, q) }
        }
      }
      for p in 0..<m {
        for q in 0..<m {
          m2[p][q] = (0..<n).reduce(0.0) { $0 + left[$1][p][q] / noise[$1] }
          for i in 0..<n { for j in 0..<n { m1[p][q] += pseudo[i][j] * posterior(i, p, j, q) } }
        }
      }
      let precision = Self.inverse(c2)
      noise = left.map { line in
        (60
          + (0..<m).reduce(0.0) { sum, p in sum + (0..<m).reduce(0.0) { $0 + precision[p][$1] * line[$1][p] }
          })
          / (60 + Double(m))
      }
      noise = noise.map { $0 / mean(noise) }
      for p in 0..<m {
        for q in 0..<m {
          let count = Double(n)
          c1[p][q] = (count / (count - 1) * m1[p][q] + (p == q ? 0.4 * level : 0)) / (count + 10)
          c2[p][q] = (m2[p][q] + (p == q ? 12 * sample[p][p] : 0)) / (count + 20)
        }
      }
    }
    let said = kernel.responses(new).scalars
    for i in asked.indices {
      for p in 0..<m {
        let expected = (0..<n).reduce(0.0) { sum, j in
          sum + across[i][j] * (0..<m).reduce(0.0) { $0 + c1[p][$1] * solved[j * m + $1][0] }
        }
        #expect(
          abs(Double(said[i * m + p]) - expected) < 1e-3 * max(1, abs(expected)),
          "\(said[i * m + p]) \(expected)")
      }
    }
    #expect(said.contains { abs($0) > 0.05 })
  }

  @Test func drugsInAnyOrderAndGapsGiveTheSameAnswers() {
    let (n, m) = (20, 6), profiles = Tensor.draws([20, 8])
    var (lines, drugs, responses) = ([Int32](), [Int32](), [Float]())
    for line in 0..<n {
      for drug in 0..<m where (line * 7 + drug * 3) % 5 != 0 {
        lines.append(Int32(line))
        drugs.append(Int32(drug))
        responses.append(Float(drug) + profiles.scalars[line * 8 + drug])
      }
    }
    let means = (0..<m).map { Double($0) + 0.1 }
    let kernel = ProfileKernel(
      fitting: profiles, lines: lines, drugs: drugs, responses: responses, drugMeans: means)
    let order = (0..<m).map { ($0 + 2) % m }
    let turned = ProfileKernel(
      fitting: profiles, lines: lines.reversed(), drugs: drugs.reversed().map { Int32(order[Int($0)]) },
      responses: responses.reversed(), drugMeans: (0..<m).map { drug in means[order.firstIndex(of: drug)!] })
    let new = Tensor.draws([5, 8], seed: 4)
    let (a, b) = (kernel.responses(new), turned.responses(new))
    #expect(a.shape == [5, 6] && a.isFinite)
    for line in 0..<5 {
      for drug in 0..<m {
        #expect(abs(a.scalars[line * m + drug] - b.scalars[line * m + order[drug]]) < 2e-3)
      }
    }
  }

  @Test func equalResponsesSayTheMean() {
    let kernel = ProfileKernel(
      fitting: .draws([12, 4]), lines: (0..<12).map { Int32($0) }, drugs: [Int32](repeating: 0, count: 12),
      responses: [Float](repeating: 3, count: 12), drugMeans: [3])
    #expect(kernel.responses(.draws([5, 4], seed: 2)).scalars.allSatisfy { $0 == 3 })
  }

  /// Each cell line predicted from the others by conditioning the dense process, with the covariances of all
  /// cell lines.
  @Test func leavingOutALineIsFittingWithoutIt() throws {
    let (n, m) = (9, 3)
    func matrix(_ rows: Int, _ columns: Int, _ seed: UInt64) -> DoubleMatrix {
      DoubleMatrix(
        rows: rows, columns: columns, Tensor.draws([rows, columns], seed: seed).scalars.map { Double($0) })
    }
    let factors = matrix(n, 4, 3), table = factors.times(matrix(4, m, 4))
    let noisy = DoubleMatrix(
      rows: n, columns: m, zip(table.elements, matrix(n, m, 5).elements).map { $0 + 0.4 * $1 })
    let kernel = factors.times(factors, transposeOther: true).centred()
    let fit = try #require(LineCovariance(of: noisy, kernel: kernel))
    for left in 0..<n {
      let others = (0..<n).filter { $0 != left }.flatMap { line in (0..<m).map { (line: line, drug: $0) } }
      let total = others.map { a in
        others.map { b in
          kernel[a.line, b.line] * fit.shared[a.drug, b.drug]
            + (a.line == b.line ? fit.noise[a.line] * fit.own[a.drug, b.drug] : 0)
        }
      }
      let solved = Self.times(Self.inverse(total), others.map { [noisy[$0.line, $0.drug]] })
      for drug in 0..<m {
        let expected = others.indices.reduce(0.0) {
          $0 + kernel[left, others[$1].line] * fit.shared[drug, others[$1].drug] * solved[$1][0]
        }
        let found = noisy[left, drug] - fit.leaveOneOutResiduals[left, drug]
        #expect(abs(found - expected) < 1e-6, "\(found) \(expected)")
      }
    }
  }

  /// More cell lines than the limit: those with the most measurements are used, with ties broken by the seed;
  /// predictions stay useful.
  @Test func ofManyLinesSomeAreUsed() throws {
    let (n, m) = (60, 4), profiles = Tensor.draws([60, 5])
    var (lines, drugs, responses) = ([Int32](), [Int32](), [Float]())
    for line in 0..<n {
      for drug in 0..<(line < 10 ? m : m - 1) {
        lines.append(Int32(line))
        drugs.append(Int32(drug))
        responses.append(Float(drug) + profiles.scalars[line * 5])
      }
    }
    func fit(_ limit: Int, _ seed: UInt64 = 0) -> ProfileKernel {
      ProfileKernel(
        fitting: profiles, lines: lines, drugs: drugs, responses: responses, drugMeans: [0, 1, 2, 3],
        lineLimit: limit, seed: seed)
    }
    let some = fit(40), all = fit(60)
    #expect(some.usedLines == 40 && some.allLines == 60 && some.usedRows.starts(with: 0..<10))
    #expect(some.usedRows == fit(40).usedRows && some.usedRows != fit(40, 1).usedRows)
    #expect(all.usedRows == Array(0..<60) && all.allLines == 60)
    let new = Tensor.draws([30, 5], seed: 7)
    for kernel in [some, all] {
      let said = kernel.responses(new).scalars, errors = try #require(kernel.errors)
      let truth = (0..<30).map { Double(new.scalars[$0 * 5]) }
      let found = RegressionMetrics(truth: truth, prediction: (0..<30).map { Double(said[$0 * m]) })
      #expect(found.pearson! > 0.8, "\(found.pearson!)")
      // Each cell line is predicted from the others better than by the means, but not as well as when it is
      // included.
      let fitted = kernel.responses(profiles).scalars
      let pairs = responses.indices.filter { kernel.usedRows.contains(Int(lines[$0])) }
      let squares = pairs.map { i -> Double in
        let d = Double(responses[i] - fitted[Int(lines[i]) * m + Int(drugs[i])])
        return d * d
      }
      let left = errors.leaveOneOut
      #expect(left < 0.7 * errors.ofMeans, "\(errors)")
      #expect(left > squares.reduce(0, +) / Double(pairs.count), "\(errors)")
    }
  }
}
