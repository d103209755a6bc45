import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// The class with the nearest centroid of prepared features.
package struct NearestCentroid: Predictor {
  package static let name = "nearest_centroid"
  /// The centroids of the classes, `[K, F]`.
  var centroids: Tensor
  /// 1 for classes with training examples, `[K]`.
  var known: Tensor

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> NearestCentroid? {
    guard let strata = examples.examples.classes, examples.inputs.inputs.count == 1,
      examples.manifests[0].preparation.base is ExpressionPreparation,
      let features = examples.inputs.inputs[0].encoded as? EncodedRows
    else { return nil }
    let k = examples.examples.target.names.count, width = features.values.shape[1]
    let values = features.values.scalars
    var (sums, counts) = ([Float](repeating: 0, count: k * width), [Float](repeating: 0, count: k))
    for row in rows {
      counts[strata[row]] += 1
      for i in 0..<width { sums[strata[row] * width + i] += values[row * width + i] }
    }
    for t in 0..<k where counts[t] > 0 { for i in 0..<width { sums[t * width + i] /= counts[t] } }
    return NearestCentroid(
      centroids: Tensor(sums, shape: [k, width]), known: Tensor(counts.map { $0 > 0 ? 1 : 0 }))
  }

  private init(centroids: Tensor, known: Tensor) { (self.centroids, self.known) = (centroids, known) }

  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) {
    guard inputs.count == 1, inputs[0].preparation.base is ExpressionPreparation,
      sizes == [objective.count, inputs[0].preparation.base.shape.channels]
    else { return nil }
    self.init(
      centroids: weights.constant("centroids", sizes, 0), known: weights.constant("known", [sizes[0]], 0))
  }

  package var sizes: [Int] { centroids.shape }

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    guard let features = inputs.inputs[0].encoded as? EncodedRows else { return [] }
    let k = centroids.shape[0]
    return nearest(features.values, rows).flatMap { nearest in (0..<k).map { $0 == nearest ? 1 : 0 } }
  }

  /// The class of the nearest centroid of some rows.
  private func nearest(_ features: Tensor, _ rows: [Int]) -> [Int] {
    let (k, width) = (centroids.shape[0], centroids.shape[1])
    let (values, means, known) = (features.scalars, centroids.scalars, known.scalars)
    return rows.map { row in
      let distances = (0..<k).map { t -> Float in
        guard known[t] > 0 else { return .infinity }
        return (0..<width).reduce(0) {
          let d = values[row * width + $1] - means[t * width + $1]
          return $0 + d * d
        }
      }
      return distances.indices.min { (distances[$0], $0) < (distances[$1], $1) }!
    }
  }

  package var dependence: PredictorDependence { .steps }

  package func output(
    _ batches: [InputBatch], _ inputs: PreparedInputs, rows: [Int], outputs: [Int]
  ) -> Tensor? {
    guard let x = batches[0].rows else { return nil }
    return Tensor(zip(nearest(x, Array(rows.indices)), outputs).map { $0 == $1 ? 1 : 0 })
  }

  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit.buffer("centroids", &centroids)
    visit.buffer("known", &known)
  }
}

/// The observation of the training sample with the nearest genotypes.
package struct NearestSample: Predictor {
  package static let name = "nearest_sample"
  /// Prepared genotypes of the training samples, `[n, F]`.
  var samples: Tensor
  /// The observation of each training sample, `[n, K]`.
  var observed: Tensor
  /// The factors that turn prepared differences into differences of alleles, `[F]`.
  var units: Tensor

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> NearestSample? {
    guard examples.inputs.inputs.count == 1, examples.examples.target.objective != SurvivalObjective.name,
      let preparation = examples.manifests[0].preparation.base as? GenotypeFeatures,
      let features = examples.inputs.inputs[0].encoded as? EncodedRows
    else { return nil }
    let indicators = Indicators(examples.examples), k = indicators.width
    return NearestSample(
      samples: features.values.gatheredRows(rows.map { Int32($0) }).slicedLast(
        0..<preparation.sites.count),
      observed: Tensor(
        rows.flatMap { row in indicators.values[(row * k)..<((row + 1) * k)].map { $0.isNaN ? 0 : $0 } },
        shape: [rows.count, k]), units: Tensor(preparation.deviations))
  }

  private init(samples: Tensor, observed: Tensor, units: Tensor) {
    (self.samples, self.observed, self.units) = (samples, observed, units)
  }

  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) {
    guard inputs.count == 1,
      let genotypes = inputs[0].preparation.base as? GenotypeFeatures, let count = sizes.first,
      1...(1 << 24) ~= count, sizes.dropFirst() == [genotypes.sites.count, objective.count]
    else { return nil }
    self.init(
      samples: weights.constant("samples", [sizes[0], sizes[1]], 0),
      observed: weights.constant("observed", [sizes[0], sizes[2]], 0),
      units: weights.constant("units", [sizes[1]], 0))
  }

  package var sizes: [Int] { samples.shape + [observed.shape[1]] }

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    guard let features = inputs.inputs[0].encoded as? EncodedRows else { return [] }
    let k = observed.shape[1], labels = observed.scalars
    return nearest(features.values, rows).flatMap { labels[($0 * k)..<(($0 + 1) * k)] }
  }

  /// The nearest training sample of some rows.
  private func nearest(_ features: Tensor, _ rows: [Int]) -> [Int] {
    let (n, width, stride) = (samples.shape[0], samples.shape[1], features.shape[1])
    let (values, others, units) = (features.scalars, samples.scalars, units.scalars)
    return rows.map { row in
      var (best, least) = (0, Float.infinity)
      for other in 0..<n {
        var distance: Float = 0
        for i in 0..<width {
          distance += units[i] * abs(values[row * stride + i] - others[other * width + i])
        }
        if distance < least { (best, least) = (other, distance) }
      }
      return best
    }
  }

  package var dependence: PredictorDependence { .steps }

  package func output(
    _ batches: [InputBatch], _ inputs: PreparedInputs, rows: [Int], outputs: [Int]
  ) -> Tensor? {
    guard let x = batches[0].rows else { return nil }
    let k = observed.shape[1], labels = observed.scalars
    return Tensor(zip(nearest(x, Array(rows.indices)), outputs).map { labels[$0 * k + $1] })
  }

  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit.buffer("samples", &samples)
    visit.buffer("observed", &observed)
    visit.buffer("units", &units)
  }
}

/// The mean plus the effect of each known record of every input: for pairs of a drug and a cell line, a
/// prediction from their ids alone.
package struct KeyMeans: Predictor {
  package static let name = "key_means"
  private let scales: [ValuesObjective.Scale]

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> KeyMeans? {
    guard examples.examples.target.objective == "values", examples.inputs.inputs.count > 1,
      examples.examples.target.forecastChannel == nil
    else { return nil }
    var options = TrainingOptions()
    options.offsets = examples.inputs.inputs.map(\.name).reversed()
    return (try? ValuesObjective(fitting: examples, rows: rows, options: options)).map { KeyMeans($0.scales) }
  }

  private init(_ scales: [ValuesObjective.Scale]) { self.scales = scales }

  /// Returns nil: the predictor is only a baseline, because the offsets of a network include it.
  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) { nil }
  package var sizes: [Int] { [] }

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    ValuesObjective(scales: scales).finished(
      [Float](repeating: 0, count: rows.count * scales.count), inputs, rows: rows)
  }

  package mutating func visitParameters(_ visit: ParameterVisitor) {}
}
