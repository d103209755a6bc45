import LigaseTensors

/// The ancestry proportions of a sample's genotypes in several populations, as features (the admixture model
/// of Tang et al., 2005, and Alexander et al., 2009).
///
/// Each of a sample's c alleles at a site comes from population k with the proportion q_k of the sample, and
/// is then the alternate allele with the frequency f_ks in that population, so counts are binomial with the
/// frequency of the mixture. Proportions and frequencies are found by expectation maximisation, starting with
/// one population for each class. The features are `ln(q_k + 0.01)`, scaled so that their total variance
/// equals that of the scaled sites. Unknown genotypes are ignored. The class probabilities of the genotypes
/// can be further features, with the scale of sites.
package struct AncestryFeatures: Codable, Hashable, Sendable {
  /// The number of populations, K.
  package var populations: Int
  /// The indices of the sites that are read: all, or 4,096 evenly spaced ones, because more add little
  /// information about ancestry.
  package var sites: [Int]
  /// The number of alleles of a genotype, c: the largest count of the training samples.
  package var copies: Float
  /// The allele frequencies f, populations × sites, row-major.
  package var frequencies: [Float]
  /// The mean of each feature over the training samples, which is subtracted.
  package var means: [Float]
  /// The standard deviation of each feature, by which it is then divided.
  package var deviations: [Float]
  /// The evidence for classes as further features; nil where it is not read.
  package var classes: ClassEvidence?

  /// The result of `fit`.
  struct Fit {
    /// The fit on all training samples.
    var features: AncestryFeatures
    /// The scaled features of the training samples, samples × width, from frequencies that were fitted
    /// without each sample's fold.
    var training: [Float]
    /// The fits without each fold.
    var parts: [AncestryFeatures]
    /// The fold of each training sample.
    var folds: [Int]
  }

  /// The number of steps for the frequencies, and for the proportions of a sample.
  private static let steps = 100
  /// The number of folds of the training samples.
  private static let folds = 5
  /// The largest number of sites that are read.
  private static let mostSites = 4096

  /// Fits on training samples.
  ///
  /// With many sites a sample's own genotypes affect the frequencies of its class so strongly that its
  /// proportions would always indicate its class, unlike those of new samples. The features of training
  /// samples are therefore computed from frequencies that were fitted without their fold.
  ///
  /// - Parameters:
  ///   - counts: samples × sites, row-major; NaN is unknown.
  ///   - siteCount: the number of sites.
  ///   - samples: the training rows.
  ///   - classes: the class of every row.
  ///   - classCount: K.
  /// - Returns: nil where no genotype has two alternate alleles: haploid genotypes have no mixture of
  ///   ancestors.
  static func fit(
    _ counts: [Float], siteCount: Int, samples: [Int], classes: [Int32], classCount: Int, readsClasses: Bool
  ) -> Fit? {
    let read = min(siteCount, mostSites), sites = (0..<read).map { $0 * siteCount / read }
    func rows(_ samples: [Int]) -> [Float] {
      samples.flatMap { sample in sites.map { counts[sample * siteCount + $0] } }
    }
    let copies = rows(samples).lazy.filter { !$0.isNaN }.max() ?? 1
    guard copies >= 2 else { return nil }
    func frequencies(_ samples: [Int]) -> AncestryFeatures {
      AncestryFeatures(
        fitting: rows(samples), samples.map { classes[$0] }, sites: sites, populations: classCount,
        copies: copies, readsClasses: readsClasses)
    }
    // The samples of each class are assigned to the folds in turn.
    var dealt = [Int](repeating: 0, count: classCount)
    let folds = samples.map { sample -> Int in
      dealt[Int(classes[sample])] += 1
      return dealt[Int(classes[sample])] % Self.folds
    }
    var parts = (0..<Self.folds).map { fold in
      frequencies(samples.indices.filter { folds[$0] != fold }.map { samples[$0] })
    }
    var features = frequencies(samples)
    let held = (0..<Self.folds).map { fold in samples.indices.filter { folds[$0] == fold } }
    let counts = held.map { rows($0.map { samples[$0] }) }
    if readsClasses {
      var scores = ClassEvidence.Scores()
      for (part, counts) in zip(parts, counts) {
        let found = part.classes!.scores(counts, siteCount: read, copies: copies)
        scores.values += found.values
        scores.known += found.known
      }
      features.classes!.correlation = scores.bestCorrelation(held.joined().map { Int(classes[samples[$0]]) })
      for fold in parts.indices { parts[fold].classes!.correlation = features.classes!.correlation }
    }
    let width = features.width
    var logs = [Float](repeating: 0, count: samples.count * width)
    for (fold, part) in parts.enumerated() {
      let found = part.logs(counts[fold])
      for (i, place) in held[fold].enumerated() {
        for k in 0..<width { logs[place * width + k] = found[i * width + k] }
      }
    }
    for k in 0..<width {
      let values = samples.indices.map { Double(logs[$0 * width + k]) }
      let mean = values.reduce(0, +) / Double(max(values.count, 1))
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(values.count, 1))
      features.means.append(Float(mean))
      features.deviations.append(variance > 1e-12 ? Float(variance.squareRoot()) : 1)
    }
    for fold in parts.indices {
      (parts[fold].means, parts[fold].deviations) = (features.means, features.deviations)
    }
    return Fit(features: features, training: features.scaled(logs), parts: parts, folds: folds)
  }

  /// Fits the frequencies of these samples, starting from those of the classes.
  private init(
    fitting counts: [Float], _ classes: [Int32], sites: [Int], populations: Int, copies: Float,
    readsClasses: Bool
  ) {
    (self.populations, self.sites, self.copies, means, deviations) = (populations, sites, copies, [], [])
    let siteCount = sites.count
    // The frequencies of a class, shrunk towards the overall frequencies by one sample.
    let size = populations * siteCount
    var (sums, known) = ([Float](repeating: 0, count: size), [Float](repeating: 0, count: size))
    for (sample, population) in classes.enumerated() {
      for site in 0..<siteCount where !counts[sample * siteCount + site].isNaN {
        sums[Int(population) * siteCount + site] += counts[sample * siteCount + site]
        known[Int(population) * siteCount + site] += copies
      }
    }
    let usual = (0..<siteCount).map { site in
      let places = stride(from: site, to: size, by: siteCount)
      return (places.reduce(0.5) { $0 + sums[$1] }) / (places.reduce(1) { $0 + known[$1] })
    }
    frequencies = (0..<size).map { (sums[$0] + usual[$0 % siteCount] * copies) / (known[$0] + copies) }
    self.classes = readsClasses ? ClassEvidence(frequencies) : nil
    var proportions = [Float](
      repeating: 0.1 / Float(max(populations - 1, 1)), count: classes.count * populations)
    for (sample, population) in classes.enumerated() {
      proportions[sample * populations + Int(population)] = 0.9
    }
    for _ in 0..<Self.steps { (proportions, frequencies) = improved(counts, proportions) }
  }

  private var siteCount: Int { sites.count }

  /// Returns the scaled features of samples, samples × width, from their counts at all sites.
  func encode(_ counts: [Float], siteCount all: Int) -> [Float] {
    guard sites.count < all else { return scaled(logs(counts)) }
    return scaled(logs((0..<counts.count / all).flatMap { row in sites.map { counts[row * all + $0] } }))
  }

  /// The number of features of a sample: one for each population, and one for each class where those are
  /// read.
  var width: Int { self.classes == nil ? populations : 2 * populations }

  /// The names of the features: the proportion of each population, numbered as the classes in which estimation begins, then the
  /// evidence for each class.
  var names: [String] {
    ["ancestry", "evidence"].prefix(width / max(populations, 1)).flatMap { name in
      (1...max(populations, 1)).map { "\(name):\($0)" }
    }
  }

  private func scaled(_ logs: [Float]) -> [Float] {
    let weight = (Float(siteCount) / Float(populations)).squareRoot()
    return logs.indices.map { i in
      let k = i % width
      return (k < populations ? weight : 1) * (logs[i] - means[k]) / deviations[k]
    }
  }

  /// Returns the features of samples before scaling, samples × width.
  private func logs(_ counts: [Float]) -> [Float] {
    let shares = shareLogs(counts)
    guard let evidence = classes?.logs(counts, siteCount: siteCount, copies: copies) else { return shares }
    var all: [Float] = []
    for first in stride(from: 0, to: shares.count, by: populations) {
      all += shares[first..<(first + populations)]
      all += evidence[first..<(first + populations)]
    }
    return all
  }

  /// Returns `ln(q_k + 0.01)` of samples, samples × K.
  private func shareLogs(_ counts: [Float]) -> [Float] {
    let block = max(1, (1 << 18) / max(siteCount, 1)), count = counts.count / max(siteCount, 1)
    let blocks = (count + block - 1) / block
    var parts = [[Float]](repeating: [], count: blocks)
    parts.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = parts
      ThreadTeam.current.forEachShare(blocks) { i in
        let rows = i * block..<min(count, (i + 1) * block)
        let own = Array(counts[(rows.lowerBound * siteCount)..<(rows.upperBound * siteCount)])
        var q = [Float](repeating: 1 / Float(populations), count: rows.count * populations)
        for _ in 0..<Self.steps { q = expected(own, q).proportions }
        parts[i] = q
      }
    }
    return Tensor(Array(parts.joined()).map { $0 + 0.01 }).log().scalars
  }

  /// Returns proportions and frequencies after one step of expectation maximisation, computed block by block.
  private func improved(_ counts: [Float], _ proportions: [Float]) -> (
    proportions: [Float], frequencies: [Float]
  ) {
    let block = max(1, (1 << 20) / max(siteCount, 1)), count = counts.count / max(siteCount, 1)
    var better: [Float] = []
    better.reserveCapacity(proportions.count)
    var alternate = [Float](repeating: 0.5, count: frequencies.count), reference = alternate
    for first in stride(from: 0, to: count, by: block) {
      let rows = first..<min(count, first + block)
      let own = Array(proportions[(first * populations)..<(rows.upperBound * populations)])
      let (q, a, b) = expected(Array(counts[(first * siteCount)..<(rows.upperBound * siteCount)]), own)
      let turned = Tensor(own, shape: [rows.count, populations]).transposed()
      let (up, down) = (turned.matmul(a).scalars, turned.matmul(b).scalars)
      better += q
      for i in frequencies.indices {
        alternate[i] += frequencies[i] * up[i]
        reference[i] += (1 - frequencies[i]) * down[i]
      }
    }
    return (better, frequencies.indices.map { alternate[$0] / (alternate[$0] + reference[$0]) })
  }

  /// Returns the updated proportions, and the ratios of observed to expected alternate and reference alleles,
  /// samples × sites.
  private func expected(_ counts: [Float], _ proportions: [Float]) -> (
    proportions: [Float], alternate: Tensor, reference: Tensor
  ) {
    let n = counts.count / max(siteCount, 1), width = siteCount
    let f = Tensor(frequencies, shape: [populations, width])
    var alternate = Tensor(proportions, shape: [n, populations]).matmul(f),
      reference = Tensor.zeros([n, width])
    var difference = Tensor.zeros([n, width])
    var totals = [Float](repeating: 0, count: n)
    alternate.withUnsafeMutableBufferPointer { alternate in
      reference.withUnsafeMutableBufferPointer { reference in
        difference.withUnsafeMutableBufferPointer { difference in
          for row in 0..<n {
            var total: Float = 0
            for i in (row * width)..<((row + 1) * width) {
              let p = min(max(alternate[i], 1e-5), 1 - 1e-5), count = min(counts[i], copies),
                isKnown = !counts[i].isNaN
              alternate[i] = isKnown ? count / p : 0
              reference[i] = isKnown ? (copies - count) / (1 - p) : 0
              difference[i] = alternate[i] - reference[i]
              total += reference[i]
            }
            totals[row] = total
          }
        }
      }
    }
    var better = difference.linear(weight: f, bias: nil).scalars
    for row in 0..<n {
      var sum: Float = 0
      for i in (row * populations)..<((row + 1) * populations) {
        better[i] = proportions[i] * max(better[i] + totals[row], 0) + 0.01
        sum += better[i]
      }
      for i in (row * populations)..<((row + 1) * populations) { better[i] /= sum }
    }
    return (better, alternate, reference)
  }

  /// The reason why the features cannot be used with so many sites, if any.
  func problem(_ sites: Int) -> String? {
    if self.sites.isEmpty { return "found populations at no site" }
    if let site = self.sites.first(where: { !(0..<sites).contains($0) }) { return "found no site \(site)" }
    if populations < 1 || populations > frequencies.count
      || frequencies.count != populations * self.sites.count || means.count != width
      || deviations.count != width || classes.map({ $0.frequencies.count != frequencies.count }) == true
    {
      return
        "found \(frequencies.count) frequencies, \(means.count) means and \(deviations.count) standard deviations of "
        + "\(populations) populations at \(self.sites.count) sites"
    }
    if !(copies >= 1 && copies.isFinite) { return "found \(copies) alleles a genotype" }
    if !deviations.allSatisfy({ $0 > 0 }) {
      return "found a population with a standard deviation that is not above 0"
    }
    if !(frequencies + (classes?.frequencies ?? [])).allSatisfy({ $0 >= 0 && $0 <= 1 }) {
      return "found a frequency that is not within 0 and 1"
    }
    if let classes, !(0...1 ~= classes.correlation) {
      return "found a correlation of \(classes.correlation), expected 0 to 1"
    }
    return nil
  }
}
