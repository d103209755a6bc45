import LigaseDatasets
import LigaseGenomics

/// The simple models beside which a network's scores stand, fitted on the same training examples.
public enum NaiveBaseline: String, CaseIterable, Sendable {
  /// The shares of the classes, or the mean.
  case prior
  /// Ridge regression of counts of words: four nucleotides, or two amino acids.
  case kmerRidge = "kmer_ridge"
  /// The class of the nearest centroid of scaled features.
  case nearestCentroid = "nearest_centroid"
  /// What was observed for the nearest training sample.
  case nearestSample = "nearest_sample"

  /// The baselines that a kind of data has.
  public static func suitable(for data: SupervisedData) -> [NaiveBaseline] {
    switch data.task {
    case .sequence: [.prior, .kmerRidge]
    case .residues: [.prior]
    case .expression:
      if case .classes = data.examples.target { [.prior, .nearestCentroid] } else { [.prior] }
    case .genotype: [.prior, .nearestSample]
    }
  }

  /// K numbers for each of `rows`, or for each of their residues: scores of classes or labels, or values.
  public func predict(_ data: SupervisedData, train: [Int], rows: [Int]) -> [Float] {
    let k = data.examples.target.count
    if case .residues(let labels) = data.examples.observations {
      let counts = FittedExamples.classCounts(data.examples.observations, train, k)
      let shares = counts.map { Float($0) / Float(max(counts.reduce(0, +), 1)) }
      return rows.flatMap { row in labels[row].flatMap { _ in shares } }
    }
    let observed = Self.indicators(data.examples)
    switch self {
    case .prior:
      let means = Self.means(observed, train, k)
      return rows.flatMap { _ in means }
    case .kmerRidge: return WordRidge(data, observed, train: train)?.predict(rows) ?? []
    case .nearestCentroid: return Self.centroids(data, observed, k, train, rows)
    case .nearestSample: return Self.nearest(data, observed, k, train, rows)
    }
  }

  /// Observations as numbers: 1 and 0 for classes and labels.
  static func indicators(_ examples: Examples) -> [Float] {
    switch examples.observations {
    case .classes(let classes):
      var values = [Float](repeating: 0, count: classes.count * examples.target.count)
      for (row, label) in classes.enumerated() { values[row * examples.target.count + Int(label)] = 1 }
      return values
    case .labels(let values), .values(let values): return values
    case .residues: return []
    }
  }

  private static func means(_ observed: [Float], _ rows: [Int], _ k: Int) -> [Float] {
    (0..<k).map { t in
      let known = rows.map { observed[$0 * k + t] }.filter { !$0.isNaN }
      return known.isEmpty ? 0 : Float(known.reduce(0) { $0 + Double($1) } / Double(known.count))
    }
  }

  /// Features as the network reads them.
  private static func scaled(_ data: SupervisedData, _ train: [Int]) -> (values: [Float], width: Int) {
    let (features, inputs, _) = data.plan.fit(data.examples.inputs, train: train)
    guard case .rows(let rows) = features.encode(inputs) else { return ([], 0) }
    return (rows.scalars, rows.shape[1])
  }

  private static func centroids(
    _ data: SupervisedData, _ observed: [Float], _ k: Int, _ train: [Int], _ rows: [Int]
  ) -> [Float] {
    let (values, width) = scaled(data, train)
    var (sums, counts) = ([Float](repeating: 0, count: k * width), [Float](repeating: 0, count: k))
    for row in train {
      for t in 0..<k where observed[row * k + t] > 0.5 {
        counts[t] += 1
        for i in 0..<width { sums[t * width + i] += values[row * width + i] }
      }
    }
    return rows.flatMap { row -> [Float] in
      let distances = (0..<k).map { t -> Float in
        guard counts[t] > 0 else { return .infinity }
        return (0..<width).reduce(0) {
          let d = values[row * width + $1] - sums[t * width + $1] / counts[t]
          return $0 + d * d
        }
      }
      let nearest = distances.indices.min { (distances[$0], $0) < (distances[$1], $1) }!
      return (0..<k).map { $0 == nearest ? 1 : 0 }
    }
  }

  private static func nearest(
    _ data: SupervisedData, _ observed: [Float], _ k: Int, _ train: [Int], _ rows: [Int]
  ) -> [Float] {
    // Allele counts as they are: a sample is as far as it has other alleles; unknown sites do not count.
    guard case .features(let table) = data.examples.inputs else { return [] }
    let width = table.names.count
    return table.values.withUnsafeBufferPointer { values in
      rows.flatMap { row -> ArraySlice<Float> in
        var (best, least) = (train[0], Float.infinity)
        for other in train {
          var (distance, known): (Float, Float) = (0, 0)
          for i in 0..<width {
            let d = abs(values[row * width + i] - values[other * width + i])
            if !d.isNaN {
              distance += d
              known += 1
            }
          }
          let mean = known == 0 ? .infinity : distance / known
          if mean < least { (best, least) = (other, mean) }
        }
        return observed[(best * k)..<((best + 1) * k)]
      }
    }
  }
}
