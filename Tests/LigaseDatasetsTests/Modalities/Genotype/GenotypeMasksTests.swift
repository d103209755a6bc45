import LigaseDatasets
import LigaseRuntime
import Testing

@Suite struct GenotypeMasksTests {
  private let sites = 40, samples = 30

  /// Samples of two populations, the last five of them new.
  private func fit(
    _ fraction: Float, missing: GenotypeFeatures.Missing = .flag, classCount: Int? = 2
  ) -> (features: GenotypeFeatures, rows: EncodedRows) {
    var random = SeededGenerator(seed: 8)
    let frequencies = (0..<2 * sites).map { _ in 0.1 + 0.8 * random.nextUniform() }
    let values = (0..<(samples * sites)).map { i -> Float in
      let f = frequencies[(i / sites % 2) * sites + i % sites]
      return Float((0..<2).count { _ in random.nextUniform() < f })
    }
    var modality = GenotypeModality()
    (modality.missing, modality.maskedFraction) = (missing, fraction)
    let records = GenotypeRecords(
      sites: (0..<sites).map {
        VariantSite(contig: "1", position: $0 + 1, reference: "A", alternate: "G", id: "")
      }, table: FeatureTable(names: (0..<sites).map { "s\($0)" }, values: values))
    let observed = ObservedRecords(
      Observations(numbers: (0..<samples).map { Float($0 % 2) }, width: 1), classCount: classCount)
    let (features, encoded) = modality.fit(records, rows: Array(0..<25), observed: observed)
    return (features, encoded as! EncodedRows)
  }

  private func rows(_ batch: InputBatch) -> [[Float]] {
    guard case .rows(let values) = batch else { return [] }
    let width = values.shape[1]
    return (0..<values.shape[0]).map { Array(values.scalars[($0 * width)..<(($0 + 1) * width)]) }
  }

  /// Masked sites equal unknown ones, any number of them is equally likely, and the rest of the row is
  /// unchanged.
  @Test func maskedSitesAreUnknown() {
    let (features, encoded) = fit(1)
    let plain = rows(encoded.batch(Array(0..<25), view: 0))
    var shares: [Double] = []
    for key in 0..<40 {
      for (row, whole) in zip(rows(encoded.trainingBatch(Array(0..<25), key: { UInt64(key) })), plain) {
        let masked = (0..<sites).filter { row[sites + $0] == 1 }
        shares.append(Double(masked.count) / Double(sites))
        #expect(
          masked.allSatisfy { row[$0] == (features.fills[$0] - features.means[$0]) / features.deviations[$0] }
        )
        for site in 0..<sites where row[sites + site] == 0 { #expect(row[site] == whole[site]) }
        #expect(row.count == features.width && row.allSatisfy(\.isFinite))
      }
    }
    let mean = shares.reduce(0, +) / Double(shares.count)
    #expect(abs(mean - 0.5) < 0.04 && shares.count { $0 < 0.25 } > 150 && shares.count { $0 > 0.75 } > 150)
    // Equal keys give equal batches; records that are not in training are unchanged.
    let again = (0..<2).map { _ in rows(encoded.trainingBatch([3, 4], key: { 7 })) }
    #expect(again[0] == again[1])
    #expect(rows(encoded.trainingBatch([27], key: { 7 })) == rows(encoded.batch([27], view: 0)))
  }

  @Test func theFractionIsThatOfExamples() {
    let (_, encoded) = fit(0.25)
    var masked = 0
    for key in 0..<80 {
      masked += rows(encoded.trainingBatch(Array(0..<25), key: { UInt64(key) })).count { row in
        (0..<sites).contains { row[sites + $0] == 1 }
      }
    }
    // One of 41 masked examples keeps all its sites.
    #expect(abs(Double(masked) / 2000 - 0.25) < 0.04)
    let (_, never) = fit(0)
    var keys = 0
    let batch = never.trainingBatch([1, 2]) {
      keys += 1
      return 0
    }
    #expect(rows(batch) == rows(never.batch([1, 2], view: 0)) && keys == 0)
  }

  /// Ancestry, and the probability of each class, are those of the remaining genotypes.
  @Test func ancestryIsOfTheRemainingSites() throws {
    let (features, encoded) = fit(1)
    let ancestry = try #require(features.ancestry)
    #expect(ancestry.classes?.frequencies.count == 2 * sites && features.width == 2 * sites + 4)
    #expect(fit(0).features.width == 2 * sites + 2 && fit(1, classCount: nil).features.width == 2 * sites)
    func evidence(_ row: [Float]) -> [Float] {
      (2..<4).map { row[2 * sites + $0] * ancestry.deviations[$0] + ancestry.means[$0] }
    }
    var (sure, right) = (0, 0)
    for key in 0..<20 {
      for (i, row) in rows(encoded.trainingBatch(Array(0..<25), key: { UInt64(key) })).enumerated() {
        let found = evidence(row), known = (0..<sites).count { row[sites + $0] == 0 }
        if known == 0 { #expect(abs(found[0] - found[1]) < 1e-4) }
        if known > 20 { (sure, right) = (sure + 1, right + (found[i % 2] > found[1 - i % 2] ? 1 : 0)) }
      }
    }
    #expect(sure > 100 && Double(right) > 0.8 * Double(sure))
  }

  /// Identical sites are no more evidence than one, and their correlation is found.
  @Test func copiesOfASiteAreNoFurtherEvidence() throws {
    var random = SeededGenerator(seed: 9)
    func correlation(copies: Int) throws -> Float {
      let (samples, distinct) = (200, 4)
      let values = (0..<samples).flatMap { sample in
        (0..<distinct).flatMap { _ -> [Float] in
          let f = sample % 2 == 0 ? 0.7 : 0.3
          return Array(repeating: Float((0..<2).count { _ in random.nextUniform() < f }), count: copies)
        }
      }
      var modality = GenotypeModality()
      modality.maskedFraction = 0.5
      let sites = (0..<(distinct * copies)).map {
        VariantSite(contig: "1", position: $0 + 1, reference: "A", alternate: "G", id: "")
      }
      let found = modality.fit(
        GenotypeRecords(sites: sites, table: FeatureTable(names: sites.map(\.name), values: values)),
        rows: Array(0..<samples),
        observed: ObservedRecords(
          Observations(numbers: (0..<samples).map { Float($0 % 2) }, width: 1), classCount: 2))
      var broken = found.preparation
      broken.ancestry!.classes!.correlation = 2
      #expect(
        broken.problem == "found a correlation of 2.0, expected 0 to 1" && found.preparation.problem == nil)
      return try #require(found.preparation.ancestry?.classes?.correlation)
    }
    #expect(try correlation(copies: 1) < 0.15)
    // 40 sites in groups of ten: 1 + 39 ρ is about 10.
    #expect(try 0.12...0.5 ~= correlation(copies: 10))
  }
}
