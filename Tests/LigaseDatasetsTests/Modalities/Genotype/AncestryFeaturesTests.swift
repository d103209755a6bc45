import LigaseDatasets
import LigaseTensors
import Testing

@Suite struct AncestryFeaturesTests {
  /// Genotypes of samples with these proportions of the first of two populations.
  private func simulated(
    _ shares: [Double], siteCount: Int, isDifferent: Bool = true, seed: UInt64 = 3
  ) -> [Float] {
    var random = SeededGenerator(seed: seed)
    let frequencies = (0..<siteCount).map { _ in
      let f = 0.1 + 0.8 * random.nextUniform()
      return (f, isDifferent ? 0.1 + 0.8 * random.nextUniform() : f)
    }
    return shares.flatMap { share in
      frequencies.map { first, second -> Float in
        (0..<2).reduce(0) { sum, _ in
          let f = random.nextUniform() < share ? first : second
          return sum + (random.nextUniform() < f ? 1 : 0)
        }
      }
    }
  }

  private func records(_ values: [Float], _ siteCount: Int) -> GenotypeRecords {
    GenotypeRecords(
      sites: (0..<siteCount).map {
        VariantSite(contig: "1", position: $0 + 1, reference: "A", alternate: "G", id: "")
      }, table: FeatureTable(names: (0..<siteCount).map { "s\($0)" }, values: values))
  }

  private func rows(_ encoded: any EncodedRecords) -> [[Float]] {
    let rows = (encoded as! EncodedRows).values, width = rows.shape[1]
    return (0..<rows.shape[0]).map { Array(rows.scalars[($0 * width)..<(($0 + 1) * width)]) }
  }

  private func fit(
    _ values: [Float], _ siteCount: Int, train: [Int], classes: [Int32]
  ) -> (found: GenotypeFeatures, rows: [[Float]]) {
    let observed = ObservedRecords(
      Observations(numbers: classes.map { Float($0) }, width: 1), classCount: 2)
    let result = GenotypeModality().fit(records(values, siteCount), rows: train, observed: observed)
    return (result.preparation, rows(result.encoded))
  }

  /// For two populations and their children, the simulated proportions are found.
  @Test func sharesOfMixedSamplesAreFound() throws {
    let shares = (0..<60).map { $0 < 30 ? 1.0 : 0 } + [0.5, 0.5, 0.75, 0.25, 1, 0]
    let sites = 300
    let (found, rows) = fit(
      simulated(shares, siteCount: sites), sites, train: Array(0..<60),
      classes: shares.map { $0 > 0.5 ? 0 : 1 })
    let ancestry = try #require(found.ancestry)
    #expect(found.width == sites + 2 && ancestry.populations == 2 && ancestry.copies == 2)
    // Converted back to proportions.
    let weight = Float(sites / 2).squareRoot()
    for (row, share) in zip(rows, shares).dropFirst(60) {
      for (k, expected) in [share, 1 - share].enumerated() {
        let scaled = row[sites + k] / weight * ancestry.deviations[k] + ancestry.means[k]
        let q = Tensor([scaled]).exp().scalars[0] - 0.01
        #expect(abs(Double(q) - expected) < 0.12, "\(share): \(q)")
      }
    }
  }

  /// If classes are independent of genotypes, the features of training samples must not indicate their class.
  @Test func trainingSamplesAreDescribedWithoutThemselves() {
    let sites = 2000, count = 60
    let values = simulated([Double](repeating: 1, count: count), siteCount: sites, isDifferent: false)
    let classes = (0..<Int32(count)).map { $0 % 2 }
    let (found, rows) = fit(values, sites, train: Array(0..<count), classes: classes)
    func separation(_ values: [Float]) -> Float {
      let (a, b) = (0..<count).reduce(into: (Float(0), Float(0))) { sums, i in
        if classes[i] == 0 { sums.0 += values[i] } else { sums.1 += values[i] }
      }
      let mean = values.reduce(0, +) / Float(count)
      let spread = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(count)).squareRoot()
      return abs(a - b) / Float(count / 2) / max(spread, 1e-9)
    }
    #expect(separation(rows.map { $0[sites] }) < 0.6)
    // With frequencies that were fitted on them, they do.
    #expect(separation(self.rows(found.encode(records(values, sites))).map { $0[sites] }) > 1)
  }

  @Test func whatIsInheritedAsOneHasNone() {
    let values: [Float] = [0, 1, 1, 0, 0, 1, 1, 0]
    let (found, rows) = fit(values, 2, train: [0, 1, 2, 3], classes: [0, 1, 0, 1])
    #expect(found.ancestry == nil && found.width == 2 && rows[0].count == 2)
  }

  /// Unknown genotypes are ignored, and without known ones the proportions are equal.
  @Test func unknownGenotypesSayNothing() {
    let sites = 40
    var values = simulated([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1], siteCount: sites)
    for i in 0..<sites { values[10 * sites + i] = .nan }
    values[3] = .nan
    let (found, rows) = fit(
      values, sites, train: Array(0..<10), classes: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0])
    #expect(rows.joined().allSatisfy { $0.isFinite })
    let ancestry = found.ancestry!, weight = Float(sites / 2).squareRoot()
    let logs = (0..<2).map { rows[10][sites + $0] / weight * ancestry.deviations[$0] + ancestry.means[$0] }
    #expect(abs(logs[0] - logs[1]) < 1e-3)
  }

  @Test func ofManySitesSomeAreRead() {
    let sites = 5000
    let values = simulated((0..<12).map { $0 < 6 ? 1 : 0 }, siteCount: sites)
    let (found, rows) = fit(values, sites, train: Array(0..<12), classes: (0..<12).map { $0 < 6 ? 0 : 1 })
    #expect(found.ancestry!.sites.count == 4096 && found.ancestry!.sites.last == 4998)
    #expect(found.problem == nil && rows[0].count == sites + 2)
    var broken = found
    broken.ancestry!.sites[0] = 5000
    #expect(broken.problem == "found no site 5000")
    broken = found
    broken.ancestry!.frequencies.removeLast()
    #expect(
      broken.problem?.hasPrefix("found 8191 frequencies, 2 means and 2 standard deviations") == true
    )
    broken = found
    broken.ancestry!.populations = .max
    #expect(broken.problem?.hasPrefix("found 8192 frequencies") == true)
    broken = found
    broken.ancestry!.sites = []
    #expect(broken.problem == "found populations at no site")
    broken = found
    broken.ancestry!.copies = .infinity
    #expect(broken.problem == "found inf alleles a genotype")
    broken = found
    broken.ancestry!.frequencies[7] = 1.5
    #expect(broken.problem == "found a frequency that is not within 0 and 1")
  }
}
