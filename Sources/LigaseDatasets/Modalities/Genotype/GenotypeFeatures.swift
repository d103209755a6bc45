import LigaseTensors

/// A site of a variant: what genotypes of two files must share to mean the same.
package struct VariantSite: Codable, Hashable, Sendable {
  /// The contig's name.
  package var contig: String
  /// The position of the first base of the reference allele, from 1.
  package var position: Int
  /// The reference allele.
  package var reference: String
  /// The alternate allele that is counted.
  package var alternate: String
  /// The record's id, or empty.
  package var id: String

  /// A site of one alternate allele.
  package init(contig: String, position: Int, reference: String, alternate: String, id: String) {
    self.contig = contig
    self.position = position
    self.reference = reference
    self.alternate = alternate
    self.id = id
  }

  /// `contig:position:reference:alternate`.
  package var name: String { "\(contig):\(position):\(reference):\(alternate)" }
}

/// What is done to allele counts before a network reads them: missing ones filled, each site scaled, as fitted on
/// training samples.
package struct GenotypeFeatures: Codable, Hashable, Sendable {
  /// What stands for a genotype that is not known.
  package enum Missing: String, Codable, CaseIterable, Sendable {
    /// The mean count of the site.
    case mean
    /// The commonest count of the site.
    case mode
    /// The mean, and a second feature that says it was missing.
    case flag
  }

  /// The sites, in the order of the network's inputs.
  package var sites: [VariantSite]
  /// What stands for an unknown genotype.
  package var missing: Missing
  /// The number that stands for it, for each site.
  package var fills: [Float]
  /// Subtracted from each site's count.
  package var means: [Float]
  /// Each count is divided by this after that: the root of a fifth of the site's variance and four fifths of the mean
  /// variance of all sites that vary, so that an allele of few samples does not loom; 1 for a site that does not vary.
  package var deviations: [Float]
  /// How much of a sample comes from each of some populations, as features beside the sites; nil where they are not read.
  package var ancestry: AncestryFeatures?

  /// Fits on the training samples.
  ///
  /// - Parameters:
  ///   - values: samples × sites, row-major; not-a-number is missing.
  ///   - samples: the training rows; at least one.
  package init(fitting values: [Float], sites: [VariantSite], samples: [Int], missing: Missing) {
    precondition(!samples.isEmpty, "GenotypeFeatures: no sample to fit on")
    self.sites = sites
    self.missing = missing
    (fills, means) = ([], [])
    var variances: [Double] = []
    let width = sites.count
    for site in 0..<width {
      let known = samples.map { values[$0 * width + site] }.filter { !$0.isNaN }.map(Double.init)
      let mean = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
      var fill = mean
      if missing == .mode {
        var counts: [Double: Int] = [:]
        for value in known { counts[value, default: 0] += 1 }
        fill = counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0
      }
      let variance =
        known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(known.count, 1))
      fills.append(Float(fill))
      means.append(Float(mean))
      variances.append(variance > 1e-12 ? variance : 0)
    }
    let usual = variances.reduce(0, +) / Double(max(variances.count { $0 > 0 }, 1))
    deviations = variances.map { $0 > 0 ? Float((($0 + 4 * usual) / 5).squareRoot()) : 1 }
  }

  /// Features of a sample: one a site, with `flag` a second one, and one a population.
  package var width: Int { sites.count * (missing == .flag ? 2 : 1) + (ancestry?.width ?? 0) }

  /// The feature of a site whose genotype is unknown.
  func filled(_ site: Int) -> Float { (fills[site] - means[site]) / deviations[site] }

  /// Scaled counts and the ancestry they show, `[N, width]`.
  func encode(_ values: [Float]) -> Tensor {
    encode(values, ancestry: ancestry?.encode(values, siteCount: sites.count) ?? [])
  }

  /// The same with the features of ancestry as they are given, samples × populations.
  func encode(_ values: [Float], ancestry: [Float]) -> Tensor {
    let count = sites.isEmpty ? 0 : values.count / sites.count
    let (sites, width, populations) = (sites.count, width, self.ancestry?.width ?? 0)
    return Tensor(shape: [count, width]) { out in
      for row in 0..<count {
        for site in 0..<sites {
          let value = values[row * sites + site]
          let filled = value.isNaN ? fills[site] : value
          out[row * width + site] = (filled - means[site]) / deviations[site]
          if missing == .flag { out[row * width + sites + site] = value.isNaN ? 1 : 0 }
        }
        for k in 0..<populations {
          out[(row + 1) * width - populations + k] = ancestry[row * populations + k]
        }
      }
    }
  }

  /// Why they cannot be used, if so.
  package var problem: String? {
    if sites.isEmpty { return "found no site" }
    if Set([fills.count, means.count, deviations.count, sites.count]).count > 1 {
      return "found \(sites.count) sites with \(means.count) means, \(deviations.count) deviations and "
        + "\(fills.count) fills"
    }
    if !deviations.allSatisfy({ $0 > 0 }) { return "found a site with a deviation that is not above 0" }
    return ancestry?.problem(sites.count)
  }
}
