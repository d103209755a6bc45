import LigaseDatasets
import LigaseTensors
import TestSupport
import Testing

@Suite struct ExpressionModalityTests {
  /// Four samples of three genes; the last two samples would change everything if they were used.
  private let table = FeatureTable(
    names: ["G0", "G1", "G2"], values: [1, 0, 5, 3, 10, 5, 1000, -7, 900, -500, 3, -900])

  private func fit(_ isScaled: Bool, top: Int?) -> (features: ExpressionPreparation, rows: Tensor) {
    var modality = ExpressionModality()
    (modality.zscore, modality.topVariance, modality.countsPerMillion) = (isScaled, top, true)
    let (features, encoded) = modality.fit(table, rows: [0, 1], observed: nil)
    guard let rows = encoded as? EncodedRows, let again = features.encode(table) as? EncodedRows else {
      fatalError("other features")
    }
    // The original table is reduced to the chosen genes.
    #expect(rows.values.shape == again.values.shape && rows.values.scalars == again.values.scalars)
    return (features, rows.values)
  }

  @Test func scalesComeFromTrainingSamples() {
    let (features, rows) = fit(true, top: nil)
    #expect(features.scaler.means == [2, 5, 5] && features.scaler.deviations == [1, 5, 1])
    #expect(features.countsPerMillion && !features.logTransformed)
    #expect(
      rows.shape == [4, 3] && Array(rows.scalars[..<6]) == [-1, -1, 0, 1, 1, 0] && rows.scalars[6] == 998)
    #expect(fit(false, top: nil).rows.scalars == table.values)
    #expect(features.shape == InputShape(row: 3))
  }

  @Test func genesThatVaryMostOverTrainingSamples() {
    #expect(
      fit(true, top: 1).features.scaler.genes == ["G1"] && fit(false, top: 1).rows.scalars == [0, 10, -7, 3])
    // In their order, not by their variance.
    #expect(fit(true, top: 2).features.scaler.genes == ["G0", "G1"])
    #expect(fit(false, top: 2).rows.scalars == [1, 0, 3, 10, 1000, -7, -500, 3])
    #expect(
      fit(true, top: 3).features.scaler.genes == table.names
        && fit(true, top: 99).features.scaler.genes == table.names)
  }

  /// A gene that distinguishes the classes has more weight than one that does not; the last two samples have
  /// no effect.
  @Test func genesAreWeighedByWhatTheyTell() {
    let table = FeatureTable(
      names: ["tells", "none"], values: [0, 1, 0.1, -1, 3, 1, 3.1, -1, 99, 0, -99, 0])
    var modality = ExpressionModality()
    modality.weighsGenes = true
    func deviations(_ numbers: [Float], classCount: Int?) -> [Float] {
      let observed = ObservedRecords(Observations(numbers: numbers, width: 1), classCount: classCount)
      return modality.fit(table, rows: [0, 1, 2, 3], observed: observed).preparation.scaler.deviations
    }
    for (numbers, k) in [([0, 0, 1, 1, 0, 1], 2), ([0, 0, 5, 5, 9, 9], nil)] as [([Float], Int?)] {
      let found = deviations(numbers, classCount: k)
      let plain = FeatureScaler(fitting: table.values, genes: table.names, samples: [0, 1, 2, 3]).deviations
      // The second is uninformative, so it has a thousandth of the weight of the first.
      #expect(plain[0] / found[0] > 1.4 && abs(plain[1] / found[1] * 1000 / (plain[0] / found[0]) - 1) < 1e-3)
    }
  }

  @Test func sequencesOfOneLengthKeepIt() {
    func length(_ texts: [String]) -> Int? {
      SequenceModality(SequenceEncoding(alphabet: .dna, tokenLength: 2))
        .fit(SequenceRecords(texts.map { Array($0.utf8) }), rows: [0], observed: nil)
        .preparation.encoding.length
    }
    #expect(length(["ACG", "GGG"]) == 3 && length(["ACG", "GG"]) == nil)
  }

  @Test func scalersThatCannotBeUsed() {
    #expect(FeatureScaler(identityFor: ["a"]).problem == nil)
    #expect(FeatureScaler(identityFor: []).problem == "found no feature")
    #expect(
      ExpressionPreparation(scaler: .init(identityFor: []), countsPerMillion: false, logTransformed: false)
        .problem == "found no feature")
    let encoding = SequenceEncoding(alphabet: .dna, tokenLength: 20)
    #expect(SequencePreparation(encoding: encoding, usesBothStrands: false).problem != nil)
    #expect(SequenceModality(encoding).problem != nil)
  }
}
