import LigaseTensors

/// Random masking of genotypes in training, so that a model of many sites predicts with few of them as well as a model of those
/// few, and is as sure as it should be.
///
/// An example is masked with probability `fraction`. A masked example draws the probability p of its sites to be unknown
/// uniformly from 0 to 1, then each site is unknown with probability p: any number of known sites is equally likely. Ancestry is
/// found by the sites that are left. Since that takes many steps, each example has a fixed number of masks, drawn beforehand.
struct GenotypeMasks: RowAugmentation {
  /// The examples, masked, that are prepared: those that a training of a feature network looks at (3,000 steps of 32).
  private static let budget = 48_000
  /// The most masks of an example.
  private static let most = 24

  private let features: GenotypeFeatures
  private let fraction: Float
  /// Masks of each example.
  private let viewCount: Int
  /// The place of each record among the training samples, or -1.
  private let places: [Int]
  /// Features of ancestry by view and training sample; empty where there are none.
  private var ancestry: [Float] = []

  /// Draws the masks of training samples.
  ///
  /// - Parameters:
  ///   - values: samples × sites, row-major; not-a-number is unknown.
  ///   - fraction: the probability that an example is masked.
  ///   - rows: the training samples.
  ///   - fit: what was found of their ancestry.
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

  /// Which sites a view of a record masks.
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
