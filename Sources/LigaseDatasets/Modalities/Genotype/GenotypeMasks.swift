import LigaseTensors

/// Random masking of genotypes in training, so that a model of many sites predicts samples with few known
/// sites as well, and with as well calibrated probabilities, as a model of those sites.
///
/// An example is masked with probability `fraction`. For a masked example a probability p is drawn uniformly
/// from 0 to 1, then each site is unknown with probability p, so that any number of known sites is equally
/// likely. Ancestry features are computed from the unmasked sites. This takes many steps, so each example has
/// a fixed number of masks that are drawn in advance.
struct GenotypeMasks: RowAugmentation {
  /// The number of masked examples that are prepared: about half of those that a training of a feature
  /// network reads (3,000 steps of 32).
  private static let budget = 48_000
  /// The largest number of masks of an example.
  private static let most = 24

  private let features: GenotypeFeatures
  private let fraction: Float
  /// The number of masks of each example.
  private let viewCount: Int
  /// The index of each record among the training samples, or -1.
  private let places: [Int]
  /// The ancestry features by view and training sample; empty where there are none.
  private var ancestry: [Float] = []

  /// Draws the masks of training samples.
  ///
  /// - Parameters:
  ///   - values: samples × sites, row-major; NaN is unknown.
  ///   - fraction: the probability that an example is masked.
  ///   - rows: the training samples.
  ///   - fit: the fitted ancestry features.
  init(
    _ values: [Float], _ features: GenotypeFeatures, fraction: Float, rows: [Int],
    ancestry fit: AncestryFeatures.Fit?
  ) {
    (self.features, self.fraction) = (features, fraction)
    let siteCount = features.sites.count
    viewCount = min(max(Self.budget / max(rows.count, 1), 1), Self.most)
    var places = [Int](repeating: -1, count: siteCount == 0 ? 0 : values.count / siteCount)
    for (i, row) in rows.enumerated() { places[row] = i }
    self.places = places
    guard let fit else { return }
    let k = fit.features.width
    ancestry = [Float](repeating: 0, count: viewCount * rows.count * k)
    for view in 0..<viewCount {
      for (fold, part) in fit.parts.enumerated() {
        let held = rows.indices.filter { fit.folds[$0] == fold }
        var counts: [Float] = []
        counts.reserveCapacity(held.count * siteCount)
        for i in held {
          var row = values[(rows[i] * siteCount)..<((rows[i] + 1) * siteCount)]
          for (site, isMasked) in zip(row.indices, mask(of: rows[i], view)) where isMasked {
            row[site] = .nan
          }
          counts += row
        }
        let found = part.encode(counts, siteCount: siteCount)
        for (place, i) in held.enumerated() {
          let start = (view * rows.count + i) * k
          ancestry.replaceSubrange(start..<start + k, with: found[(place * k)..<((place + 1) * k)])
        }
      }
    }
  }

  /// Returns whether each site is masked in a view of a record.
  private func mask(of record: Int, _ view: Int) -> [Bool] {
    var random = SeededGenerator(seed: UInt64(view), stream: "genotype masks", step: record)
    let probability = random.nextUniform()
    return features.sites.indices.map { _ in random.nextUniform() < probability }
  }

  func apply(to row: inout ArraySlice<Float>, of record: Int, using random: inout SeededGenerator) {
    let (isMasked, view) = (
      random.nextUniform() < Double(fraction), Int(random.next(upperBound: UInt64(viewCount)))
    )
    guard isMasked, places[record] >= 0 else { return }
    let siteCount = features.sites.count, first = row.startIndex
    for (site, isMasked) in mask(of: record, view).enumerated() where isMasked {
      row[first + site] = features.filled(site)
      if features.missing == .flag { row[first + siteCount + site] = 1 }
    }
    guard let k = features.ancestry?.width, !ancestry.isEmpty else { return }
    let start = (view * (ancestry.count / viewCount / k) + places[record]) * k
    row.replaceSubrange((row.endIndex - k)..<row.endIndex, with: ancestry[start..<start + k])
  }
}
