internal import Glibc
import LigaseDatasets

/// Ridge regression of `log(1 + n)` of the counts of words, four nucleotides or two amino acids, with the penalty that
/// predicts a fifth of the training groups best from the others.
struct WordRidge {
  private let sequences: [[UInt8]]
  private let encoding: SequenceEncoding
  private let outputs: Int
  /// The means of the features and of the targets over the training examples, and weights `[K][words]`.
  private var center: [Double]
  private var base: [Double]
  private var weights: [[Double]] = []

  /// The penalties that are tried.
  static let penalties = [1.0, 10, 100, 1000, 10_000]

  /// Fits the weights; nil where the examples are no sequences.
  ///
  /// - Parameter observed: K numbers for each example; those that are no numbers do not count.
  init?(_ data: SupervisedData, _ observed: [Float], train: [Int]) {
    guard case .sequences(let sequences) = data.examples.inputs, case .sequence(let plan) = data.plan else {
      return nil
    }
    let k = data.examples.target.count
    let encoding = SequenceEncoding(alphabet: plan.alphabet, tokenLength: plan.alphabet == .protein ? 2 : 4)
    let width = encoding.tokenCount
    (self.sequences, self.encoding, outputs) = (sequences, encoding, k)
    (center, base) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: k))
    let features = train.map { WordRidge.logCounts(sequences[$0], encoding) }
    for row in features { for i in 0..<width { center[i] += row[i] / Double(train.count) } }
    for t in 0..<k {
      let known = train.map { Double(observed[$0 * k + t]) }.filter { !$0.isNaN }
      base[t] = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
    }
    let (center, base) = (center, base)
    func residual(_ i: Int, _ t: Int) -> Double {
      let value = Double(observed[train[i] * k + t])
      return value.isNaN ? 0 : value - base[t]
    }
    let centred = features.map { zip($0, center).map { $0 - $1 } }
    let isHeld = train.map { data.examples.groups[$0] % 5 == 4 }
    /// Sums of products over the examples that are held apart or not.
    func sums(_ held: Bool) -> (gram: PositiveDefiniteSystem, right: [[Double]], count: Int) {
      var gram = PositiveDefiniteSystem(size: width)
      var right = [[Double]](repeating: [Double](repeating: 0, count: width), count: k)
      for (i, row) in centred.enumerated() where isHeld[i] == held {
        row.withUnsafeBufferPointer { gram.addProduct(of: $0) }
        for t in 0..<k {
          let r = residual(i, t)
          if r != 0 { for j in 0..<width { right[t][j] += row[j] * r } }
        }
      }
      return (gram, right, isHeld.count { $0 == held })
    }
    func solutions(_ gram: PositiveDefiniteSystem, _ right: [[Double]], _ penalty: Double) -> [[Double]] {
      right.map {
        var (system, solution) = (gram, $0)
        system.add(diagonal: penalty)
        system.solve(&solution)
        return solution
      }
    }
    let (kept, held) = (sums(false), sums(true))
    var best = (penalty: WordRidge.penalties[0], error: Double.infinity)
    if kept.count > 0, held.count > 0 {
      for penalty in WordRidge.penalties {
        let weights = solutions(kept.gram, kept.right, penalty)
        var error = 0.0
        for (i, row) in centred.enumerated() where isHeld[i] {
          for t in 0..<k where !observed[train[i] * k + t].isNaN {
            let difference = residual(i, t) - dot(row, weights[t], width)
            error += difference * difference
          }
        }
        if error < best.error { best = (penalty, error) }
      }
    }
    var gram = kept.gram
    gram.add(held.gram)
    weights = solutions(gram, zip(kept.right, held.right).map { zip($0, $1).map(+) }, best.penalty)
  }

  /// K numbers for each of `rows`.
  func predict(_ rows: [Int]) -> [Float] {
    rows.flatMap { row -> [Float] in
      let x = zip(WordRidge.logCounts(sequences[row], encoding), center).map { $0 - $1 }
      return (0..<outputs).map { Float(base[$0] + dot(x, weights[$0], x.count)) }
    }
  }

  private static func logCounts(_ sequence: [UInt8], _ encoding: SequenceEncoding) -> [Double] {
    var counts = [Double](repeating: 0, count: encoding.tokenCount)
    for word in encoding.words(of: sequence) { counts[Int(word)] += 1 }
    return counts.map { log1p($0) }
  }
}
