import LigaseDatasets
import LigaseTensors
import TestSupport
import Testing

@Suite struct FeaturePlanTests {
  /// Four samples of three genes; the last two samples would change everything if they were looked at.
  private let table = FeatureTable(
    names: ["G0", "G1", "G2"], values: [1, 0, 5, 3, 10, 5, 1000, -7, 900, -500, 3, -900])

  private func fit(_ isScaled: Bool, top: Int?) -> (
    features: ExpressionFeatures, table: FeatureTable, rows: Tensor
  ) {
    let plan = FeaturePlan.expression(
      isScaled: isScaled, topVariance: top, countsPerMillion: true, logTransformed: false)
    let (features, inputs, _) = plan.fit(.features(table), train: [0, 1])
    guard case .expression(let expression) = features, case .features(let kept) = inputs,
      case .rows(let rows) = features.encode(inputs)
    else { fatalError("other features") }
    return (expression, kept, rows)
  }

  @Test func scalesComeFromTrainingSamples() {
    let (features, _, rows) = fit(true, top: nil)
    #expect(features.scaler.means == [2, 5, 5] && features.scaler.deviations == [1, 5, 1])
    #expect(features.countsPerMillion && !features.logTransformed)
    #expect(
      rows.shape == [4, 3] && Array(rows.scalars[..<6]) == [-1, -1, 0, 1, 1, 0] && rows.scalars[6] == 998)
    #expect(fit(false, top: nil).rows.scalars == table.values)
  }

  @Test func genesThatVaryMostOverTrainingSamples() {
    #expect(fit(true, top: 1).table.names == ["G1"] && fit(true, top: 1).table.values == [0, 10, -7, 3])
    // In their order, not by their variance.
    #expect(
      fit(true, top: 2).table.names == ["G0", "G1"]
        && fit(true, top: 2).features.scaler.genes == ["G0", "G1"])
    #expect(fit(true, top: 3).table.names == table.names && fit(true, top: 99).table.names == table.names)
  }

  @Test func sequencesOfOneLengthKeepIt() {
    func length(_ texts: [String]) -> Int? {
      let plan = FeaturePlan.sequence(SequenceEncoding(alphabet: .dna, tokenLength: 2))
      guard
        case .sequence(let found) = plan.fit(.sequences(texts.map { Array($0.utf8) }), train: [0]).features
      else { return -1 }
      return found.length
    }
    #expect(length(["ACG", "GGG"]) == 3 && length(["ACG", "GG"]) == nil)
  }

  @Test func scalersThatCannotBeUsed() {
    #expect(FeatureScaler(identityFor: ["a"]).problem == nil)
    #expect(FeatureScaler(identityFor: []).problem == "found no feature")
    #expect(
      Features.expression(
        ExpressionFeatures(scaler: .init(identityFor: []), countsPerMillion: false, logTransformed: false)
      ).problem == "found no feature")
    #expect(Features.sequence(SequenceEncoding(alphabet: .dna, tokenLength: 20)).problem != nil)
  }

  @Test func examplesAreChosenWithAllThatIsTheirs() {
    let examples = Examples(
      idColumn: "sample", ids: ["a", "b", "c", "d"], inputs: .features(table), target: .labels(["x", "y"]),
      observations: .labels([0, 1, 1, 0, 1, 1, 0, 0]), groups: [7, 8, 8, 9])
    let chosen = examples.selecting([2, 0])
    #expect(
      chosen.ids == ["c", "a"] && chosen.groups == [8, 7] && chosen.count == 2 && chosen.strata == nil)
    if case .features(let kept) = chosen.inputs {
      #expect(kept.values == [1000, -7, 900, 1, 0, 5] && kept.rowCount == 2)
    }
    if case .labels(let values) = chosen.observations { #expect(values == [1, 1, 0, 1]) }
  }
}
