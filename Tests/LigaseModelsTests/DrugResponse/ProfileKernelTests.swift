import Glibc
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct ProfileKernelTests {
  /// Solves `a x = b` by elimination with pivots.
  private static func solve(_ a: [[Double]], _ b: [Double]) -> [Double] {
    var (a, b) = (a, b)
    for i in b.indices {
      let pivot = (i..<b.count).max { abs(a[$0][i]) < abs(a[$1][i]) }!
      a.swapAt(i, pivot)
      b.swapAt(i, pivot)
      for row in (i + 1)..<max(b.count, i + 1) {
        let factor = a[row][i] / a[i][i]
        for column in i..<b.count { a[row][column] -= factor * a[i][column] }
        b[row] -= factor * b[i]
      }
    }
    for i in b.indices.reversed() {
      for column in (i + 1)..<max(b.count, i + 1) { b[i] -= a[i][column] * b[column] }
      b[i] /= a[i][i]
    }
    return b
  }

  private static func kernel(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) -> Double {
    let squares = zip(x, y).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
    return exp(-0.7 * (squares / Double(x.count)).squareRoot())
  }

  /// One drug and no gap: kernel ridge regression whose noise is chosen by refitting without each line in turn.
  @Test func oneDrugAgainstRefittingWithoutEachLine() {
    let (n, genes) = (14, 5), profiles = Tensor.draws([14, 5]), x = profiles.scalars
    let rows = (0..<n).map { x[($0 * genes)..<(($0 + 1) * genes)] }
    let y = rows.map { Double($0.first!) + 0.3 * Double($0.last!) * Double($0.last!) }
    let mean = 0.25, centred = y.map { Double(Float($0 + mean)) - mean }
    let kernel = ProfileKernel(
      fitting: profiles, lines: (0..<n).map { Int32($0) }, drugs: [Int32](repeating: 0, count: n),
      responses: y.map { Float($0 + mean) }, drugMeans: [mean])

    let gram = rows.map { a in rows.map { Self.kernel(a, $0) } }
    func fit(_ kept: [Int], _ noise: Double) -> [Double] {
      Self.solve(
        kept.map { i in kept.map { gram[i][$0] + (i == $0 ? noise : 0) } }, kept.map { centred[$0] })
    }
    var best = (error: centred.reduce(0) { $0 + $1 * $1 }, weights: [Double](repeating: 0, count: n))
    for step in 0..<18 {
      let noise = 0.01 * exp(Double(step) / 17 * 8.0064)
      var error = 0.0
      for left in 0..<n {
        let kept = (0..<n).filter { $0 != left }
        let said = zip(kept, fit(kept, noise)).reduce(0.0) { $0 + gram[left][$1.0] * $1.1 }
        error += (centred[left] - said) * (centred[left] - said)
      }
      if error < best.error { best = (error, fit(Array(0..<n), noise)) }
    }
    #expect(best.weights.contains { $0 != 0 })
    let new = Tensor.draws([6, 5], seed: 9), found = kernel.responses(new).scalars
    for i in 0..<6 {
      let profile = new.scalars[(i * genes)..<((i + 1) * genes)]
      let expected = mean + zip(rows, best.weights).reduce(0.0) { $0 + Self.kernel(profile, $1.0) * $1.1 }
      #expect(abs(Double(found[i]) - expected) < 1e-4 * max(1, abs(expected)), "\(found[i]) \(expected)")
    }
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

  @Test func farFromAllProfilesTheMeanIsSaid() {
    let profiles = Tensor.draws([12, 4])
    let kernel = ProfileKernel(
      fitting: profiles, lines: (0..<12).map { Int32($0) }, drugs: [Int32](repeating: 0, count: 12),
      responses: (0..<12).map { profiles.scalars[$0 * 4] + 3 }, drugMeans: [3])
    #expect(
      abs(kernel.responses(Tensor([Float](repeating: 1000, count: 4), shape: [1, 4])).scalars[0] - 3) < 1e-6)
  }
}
