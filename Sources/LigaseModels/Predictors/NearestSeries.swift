import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// What was observed for the training series that is nearest by dynamic time warping of prepared values.
///
/// ```
/// D(i, j) = |x_i - y_j|² + min(D(i - 1, j), D(i, j - 1), D(i - 1, j - 1))
/// ```
/// over cells within a tenth of the longer length of the diagonal (Sakoe and Chiba, 1978); channels are warped together. Of
/// equal distances the first training series counts.
package struct NearestSeries: Predictor {
  package static let name = "nearest_series"
  /// Half the width of the band, as a fraction of the longer length: the usual 10 % (Ratanamahatana and Keogh, 2004).
  package static let bandFraction = 0.1
  /// The most multiplications for one fold, about half a minute on two cores.
  static let costLimit = 4e10
  /// Prepared values of the training series, L × channels each.
  private let series: [[Float]]
  private let channels: Int
  /// The observation of each, `[n][K]`; means where a value is missing.
  private let observed: [[Float]]

  package static func reasonToSkip(_ examples: Examples, trainingCount: Int) -> String? {
    guard let records = examples.inputs.first?.records as? SeriesRecords, examples.inputs.count == 1,
      examples.observations.steps.isEmpty, examples.target.forecastChannel == nil
    else { return nil }
    return reasonToSkip(records, trainingCount: trainingCount, otherCount: examples.count - trainingCount)
  }

  /// Why so many series are not warped with each other, if so.
  static func reasonToSkip(_ records: SeriesRecords, trainingCount: Int, otherCount: Int) -> String? {
    let lengths = records.series.map { Double($0.times.count) }
    let mean = lengths.reduce(0, +) / Double(max(lengths.count, 1))
    let cost =
      Double(trainingCount) * Double(otherCount) * mean * max(1, 2 * bandFraction * mean)
      * Double(records.channels.count)
    return cost <= costLimit
      ? nil : "time warping of \(trainingCount) training series with the others would take too long"
  }

  /// For each of `rows` the place of the nearest training series among `train`.
  static func nearest(_ encoded: EncodedSeries, train: [Int], rows: [Int]) -> [Int] {
    NearestSeries(series: train.map { encoded.values(of: $0) }, channels: encoded.channels, observed: [])
      .nearest(encoded, rows: rows)
  }

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> NearestSeries? {
    guard examples.inputs.inputs.count == 1, examples.examples.observations.steps.isEmpty,
      examples.examples.target.objective != SurvivalObjective.name,
      examples.examples.target.forecastChannel == nil,
      let encoded = examples.inputs.inputs[0].encoded as? EncodedSeries,
      reasonToSkip(examples.examples, trainingCount: rows.count) == nil
    else { return nil }
    let indicators = Indicators(examples.examples), k = indicators.width, means = indicators.means(rows)
    return NearestSeries(
      series: rows.map { encoded.values(of: $0) }, channels: encoded.channels,
      observed: rows.map { row in
        (0..<k).map { t in
          let value = indicators.values[row * k + t]
          return value.isNaN ? means[t] : value
        }
      })
  }

  private init(series: [[Float]], channels: Int, observed: [[Float]]) {
    (self.series, self.channels, self.observed) = (series, channels, observed)
  }

  /// A baseline only: it would keep the training series in the model file.
  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) { nil }
  package var sizes: [Int] { [] }
  package mutating func visitParameters(_ visit: ParameterVisitor) {}

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    guard let encoded = inputs.inputs[0].encoded as? EncodedSeries else { return [] }
    return nearest(encoded, rows: rows).flatMap { observed[$0] }
  }

  private func nearest(_ encoded: EncodedSeries, rows: [Int]) -> [Int] {
    var nearest = [Int](repeating: 0, count: rows.count)
    nearest.withUnsafeMutableBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      ThreadTeam.current.forEachShare(rows.count) { i in
        slots[i] = self.nearest(to: encoded.values(of: rows[i]))
      }
    }
    return nearest
  }

  /// The training series with the least distance.
  private func nearest(to values: [Float]) -> Int {
    var (best, least) = (0, Float.infinity)
    for (i, other) in series.enumerated() {
      let distance = Self.distance(values, other, channels: channels, below: least)
      if distance < least { (best, least) = (i, distance) }
    }
    return best
  }

  /// The distance of two series, L × channels each; infinite as soon as it is known to be `limit` at least.
  package static func distance(
    _ a: [Float], _ b: [Float], channels: Int, below limit: Float = .infinity
  ) -> Float {
    let (n, m) = (a.count / channels, b.count / channels)
    guard n > 0, m > 0 else { return n == m ? 0 : .infinity }
    // The band follows the diagonal of series of different lengths, and is wide enough to be connected.
    let slope = Double(m) / Double(n)
    let half = max(1, bandFraction * Double(max(n, m)), slope) + 1e-6
    var before = [Float](repeating: .infinity, count: m + 1), now = before
    before[0] = 0
    for i in 0..<n {
      for j in now.indices { now[j] = .infinity }
      let middle = (Double(i) + 0.5) * slope - 0.5
      let first = max(0, Int((middle - half).rounded(.up))),
        last = min(m - 1, Int((middle + half).rounded(.down)))
      var least = Float.infinity
      for j in stride(from: first, through: last, by: 1) {
        var square: Float = 0
        for c in 0..<channels {
          let d = a[i * channels + c] - b[j * channels + c]
          square += d * d
        }
        now[j + 1] = square + min(before[j], before[j + 1], now[j])
        least = min(least, now[j + 1])
      }
      if !(least < limit) { return .infinity }
      swap(&before, &now)
    }
    return before[m]
  }
}
