internal import Glibc
import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Ridge regression on `log(1 + n)` of k-mer counts, with k 4 for nucleotides and 2 for amino acids. The
/// penalty is the one with the best predictions of a held-out fifth of the training groups.
package struct KMerRidge: Predictor {
  package static let name = "kmer_ridge"
  private let encoding: SequenceEncoding
  private let outputs: Int
  /// The means of the features and of the targets over the training examples, and weights `[K][k-mers]`.
  private var center: [Double]
  private var base: [Double]
  private var weights: [[Double]] = []

  /// The candidate penalties.
  static let penalties = [1.0, 10, 100, 1000, 10_000]

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> KMerRidge? {
    guard examples.inputs.inputs.count == 1,
      let preparation = examples.manifests[0].preparation.base as? SequencePreparation,
      let encoded = examples.inputs.inputs[0].encoded as? EncodedSequences,
      examples.examples.observations.steps.isEmpty
    else { return nil }
    return KMerRidge(
      encoded.sequences, preparation.encoding.alphabet, Indicators(examples.examples),
      groups: examples.examples.groups, train: rows)
  }

  /// Returns nil: the predictor is only a baseline, because the network's linear path can replace it.
  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) { nil }
  package var sizes: [Int] { [] }
  package mutating func visitParameters(_ visit: ParameterVisitor) {}

  /// Fits the weights.
  init(
    _ sequences: [[UInt8]], _ alphabet: SequenceAlphabet, _ indicators: Indicators, groups: [Int],
    train: [Int]
  ) {
    let observed = indicators.values
    let k = indicators.width
    let encoding = SequenceEncoding(alphabet: alphabet, tokenLength: alphabet == .protein ? 2 : 4)
    let width = encoding.tokenCount
    (self.encoding, outputs) = (encoding, k)
    (center, base) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: k))
    let features = train.map { KMerRidge.logCounts(sequences[$0], encoding) }
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
    let isHeld = train.map { groups[$0] % 5 == 4 }
    /// Returns sums of products over the held-out examples, or over the others.
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
    var best = (penalty: KMerRidge.penalties[0], error: Double.infinity)
    if kept.count > 0, held.count > 0 {
      for penalty in KMerRidge.penalties {
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

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    guard let encoded = inputs.inputs[0].encoded as? EncodedSequences else { return [] }
    return predict(encoded.sequences, rows)
  }

  /// Returns K numbers for each of `rows`.
  func predict(_ sequences: [[UInt8]], _ rows: [Int]) -> [Float] {
    rows.flatMap { row -> [Float] in
      let x = zip(KMerRidge.logCounts(sequences[row], encoding), center).map { $0 - $1 }
      return (0..<outputs).map { Float(base[$0] + dot(x, weights[$0], x.count)) }
    }
  }

  private static func logCounts(_ sequence: [UInt8], _ encoding: SequenceEncoding) -> [Double] {
    var counts = [Double](repeating: 0, count: encoding.tokenCount)
    for word in encoding.words(of: sequence) { counts[Int(word)] += 1 }
    return counts.map { log1p($0) }
  }
}
