import LigaseTensors

/// The site of a variant, by which genotypes of two files are matched.
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

  /// Creates a site with one alternate allele.
  package init(contig: String, position: Int, reference: String, alternate: String, id: String) {
    self.contig = contig
    self.position = position
    self.reference = reference
    self.alternate = alternate
    self.id = id
  }

  /// The name of the site, `contig:position:reference:alternate`.
  package var name: String { "\(contig):\(position):\(reference):\(alternate)" }
}

/// The preparation of allele counts: imputation of missing ones and scaling of each site, as fitted on
/// training samples.
package struct GenotypeFeatures: Codable, Hashable, Sendable {
  /// The imputation of unknown genotypes.
  package enum Missing: String, Codable, CaseIterable, Sendable {
    /// The mean count of the site.
    case mean
    /// The most frequent count of the site.
    case mode
    /// The mean count, and a second feature that is 1 for missing genotypes.
    case flag
  }

  /// The sites, in the order of the network's inputs.
  package var sites: [VariantSite]
  /// The imputation of unknown genotypes.
  package var missing: Missing
  /// The imputed number of each site.
  package var fills: [Float]
  /// The mean count of each site, which is subtracted.
  package var means: [Float]
  /// The scale of each site, by which counts are then divided: the root of a fifth of its variance plus four
  /// fifths of the mean variance of all varying sites, so that rare alleles do not get large values; 1 for a
  /// constant site.
  package var deviations: [Float]
  /// The ancestry of a sample as further features; nil where it is not read.
  package var ancestry: AncestryFeatures?

  /// Fits on the training samples.
  ///
  /// - Parameters:
  ///   - values: samples × sites, row-major; NaN is missing.
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

  /// The number of features of a sample: one for each site, with `flag` a second one, and those of the
  /// ancestry.
  package var width: Int { sites.count * (missing == .flag ? 2 : 1) + (ancestry?.width ?? 0) }

  /// Returns the feature of a site with an unknown genotype.
  func filled(_ site: Int) -> Float { (fills[site] - means[site]) / deviations[site] }

  /// Returns scaled counts and ancestry features, `[N, width]`.
  func encode(_ values: [Float]) -> Tensor {
    encode(values, ancestry: ancestry?.encode(values, siteCount: sites.count) ?? [])
  }

  /// Returns scaled counts and the given ancestry features, samples × populations, as `[N, width]`.
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

  /// The reason why the features cannot be used, if any.
  package var problem: String? {
    if sites.isEmpty { return "found no site" }
    if Set([fills.count, means.count, deviations.count, sites.count]).count > 1 {
      return
        "found \(sites.count) sites with \(means.count) means, \(deviations.count) standard deviations and "
        + "\(fills.count) imputed values"
    }
    if !deviations.allSatisfy({ $0 > 0 }) {
      return "found a site with a standard deviation that is not above 0"
    }
    return ancestry?.problem(sites.count)
  }
}
