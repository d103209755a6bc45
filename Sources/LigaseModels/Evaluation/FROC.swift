import LigaseFormats

/// Free-response receiver operating characteristic: the share of lesions that are found against false findings in each scan, as LUNA16
/// measures it (Setio et al., 2017).
///
/// A finding hits a lesion where its distance from the lesion's centre is at most the lesion's radius. Further findings of the same lesion
/// count neither way; a finding that hits none is false. Sensitivities are linear between the thresholds of findings.
package struct FROC: Sendable {
  /// A place that was found.
  package struct Finding: Sendable {
    package let scan: Int
    package let place: [Double]
    package let score: Double

    package init(scan: Int, place: [Double], score: Double) {
      (self.scan, self.place, self.score) = (scan, place, score)
    }
  }

  /// A lesion.
  package struct Lesion: Sendable {
    package let scan: Int
    package let place: [Double]
    package let diameter: Double

    package init(scan: Int, place: [Double], diameter: Double) {
      (self.scan, self.place, self.diameter) = (scan, place, diameter)
    }
  }

  /// The rates of false findings a scan at which sensitivity is reported.
  package static let rates = [0.125, 0.25, 0.5, 1, 2, 4, 8]

  /// What the findings of a scan are: of a lesion, by its number, or false. By descending score.
  private let found: [(score: Double, scan: Int, lesion: Int?)]
  private let lesionCounts: [Int]
  private let scanCount: Int

  /// - Parameter scans: the number of scans, also those without lesions and findings.
  package init(findings: [Finding], lesions: [Lesion], scans: Int) {
    scanCount = scans
    var counts = [Int](repeating: 0, count: scans), of = [[Int]](repeating: [], count: scans)
    for (i, lesion) in lesions.enumerated() {
      counts[lesion.scan] += 1
      of[lesion.scan].append(i)
    }
    lesionCounts = counts
    found = findings.map { finding in
      let near = of[finding.scan].map { number -> (number: Int, distance: Double) in
        (
          number,
          zip(finding.place, lesions[number].place).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            .squareRoot()
        )
      }.filter { $0.distance <= lesions[$0.number].diameter / 2 }.min {
        ($0.distance, $0.number) < ($1.distance, $1.number)
      }
      return (finding.score, finding.scan, near?.number)
    }.sorted { $0.score > $1.score }
  }

  /// The sensitivities at ``rates``, and their mean, for weighted scans; NaN without lesions.
  func figures(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
    let lesions = zip(lesionCounts, weights).reduce(0) { $0 + Double($1.0) * $1.1 }
    let scans = weights.reduce(0, +)
    guard lesions > 0, scans > 0 else { return [Double](repeating: .nan, count: Self.rates.count + 1) }
    // Points of the curve: false findings a scan, sensitivity.
    var (points, hits, misses, seen) = ([(0.0, 0.0)], 0.0, 0.0, Set<Int>())
    var i = 0
    while i < found.count {
      let score = found[i].score
      while i < found.count, found[i].score == score {
        let weight = weights[found[i].scan]
        if let lesion = found[i].lesion {
          if seen.insert(lesion).inserted { hits += weight }
        } else {
          misses += weight
        }
        i += 1
      }
      points.append((misses / scans, hits / lesions))
    }
    var values = Self.rates.map { rate -> Double in
      guard let next = points.firstIndex(where: { $0.0 > rate }) else { return points.last!.1 }
      let (a, b) = (points[next - 1], points[next])
      return a.1 + (b.1 - a.1) * (rate - a.0) / (b.0 - a.0)
    }
    values.append(values.reduce(0, +) / Double(values.count))
    return values
  }

  /// The names of the figures.
  package static var metrics: [String] {
    rates.map { "sensitivity_at_\($0 == $0.rounded() ? "\(Int($0))" : "\($0)")_false_positives" } + ["froc"]
  }

  /// The sensitivities with intervals over scans.
  package func scores(_ bootstrap: Bootstrap) -> [Score] {
    let ones = [Double](repeating: 1, count: scanCount)
    let values = ones.withUnsafeBufferPointer { figures($0) }
    let resampled = bootstrap.values(count: scanCount, figureCount: values.count) { figures($0) }
    return zip(Self.metrics, values.indices).map { metric, i in
      Score(
        model: "model", metric: metric, value: values[i], resampled: resampled[i],
        n: lesionCounts.reduce(0, +))
    }
  }
}
