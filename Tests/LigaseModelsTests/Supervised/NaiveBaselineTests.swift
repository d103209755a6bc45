import Glibc
import LigaseDatasets
import LigaseModels
import TestSupport
import Testing

@Suite struct NaiveBaselineTests {
  private func data(
    _ task: SupervisedModel.Task, _ inputs: RawInputs, _ target: Target, _ observations: Observations,
    _ plan: FeaturePlan
  ) -> SupervisedData {
    let count =
      switch inputs {
      case .sequences(let all): all.count
      case .features(let table): table.rowCount
      }
    return SupervisedData(
      task: task,
      examples: Examples(
        idColumn: "id", ids: (0..<count).map { "\($0)" }, inputs: inputs, target: target,
        observations: observations,
        groups: Array(0..<count)), plan: plan)
  }

  private let plan = FeaturePlan.expression(
    isScaled: false, topVariance: nil, countsPerMillion: false, logTransformed: false)
  private let table = RawInputs.features(
    FeatureTable(names: ["a", "b"], values: [0, 0, 2, 0, 10, 10, 12, 10, 3, 3, 9, 8]))

  @Test func thePriorIsTheShareOrTheMean() {
    let classes = data(.expression, table, .classes(["x", "y"]), .classes([0, 0, 0, 1, 1, 1]), plan)
    #expect(
      NaiveBaseline.prior.predict(classes, train: [0, 1, 2, 3], rows: [4, 5]) == [0.75, 0.25, 0.75, 0.25])
    let values = data(
      .expression, table,
      .values([.init(name: "v", mean: 0, deviation: 1), .init(name: "w", mean: 0, deviation: 1)]),
      .values([1, .nan, 3, .nan, .nan, .nan, 8, 5, 0, 0, 0, 0]), plan)
    #expect(NaiveBaseline.prior.predict(values, train: [0, 1, 2, 3], rows: [5]) == [4, 5])
  }

  @Test func theNearestCentroid() {
    let classes = data(.expression, table, .classes(["x", "y", "z"]), .classes([0, 0, 1, 1, 2, 2]), plan)
    // Centroids (1, 0) and (11, 10); no training example is of z.
    #expect(
      NaiveBaseline.nearestCentroid.predict(classes, train: [0, 1, 2, 3], rows: [4, 5]) == [1, 0, 0, 0, 1, 0])
    // Scales come from the training rows: b is constant there, a alone decides.
    let scaled = data(
      .expression, .features(FeatureTable(names: ["a", "b"], values: [0, 5, 10, 5, 1, 500])),
      .classes(["x", "y"]),
      .classes([0, 1, 1]),
      .expression(isScaled: true, topVariance: nil, countsPerMillion: false, logTransformed: false))
    #expect(NaiveBaseline.nearestCentroid.predict(scaled, train: [0, 1], rows: [2]) == [1, 0])
  }

  @Test func theNearestSample() {
    let sites = (1...3).map { VariantSite(contig: "1", position: $0, reference: "A", alternate: "G", id: "") }
    let genotypes = data(
      .genotype,
      .features(
        FeatureTable(names: sites.map(\.name), values: [0, 0, 0, 2, 2, .nan, 2, 1, 2, .nan, .nan, 1])),
      .classes(["x", "y"]), .classes([0, 1, 0, 0]), .genotype(sites: sites, missing: .mean))
    // (2, 1, 2) is 5 of 3 away from the first, 1 of 2 known from the second.
    #expect(NaiveBaseline.nearestSample.predict(genotypes, train: [0, 1], rows: [2, 3]) == [0, 1, 1, 0])
  }

  /// Counts of words tell what a linear model of them can tell, and the penalty draws to the mean.
  @Test func theRidgeOfWords() {
    let texts = ["AAAAAAAA", "CCCCCCCC", "AAAAAAAA", "CCCCCCCC"].map { Array($0.utf8) }
    let sequences = data(
      .sequence, .sequences(texts), .values([.init(name: "v", mean: 0, deviation: 1)]),
      .values([1, 3, 0, 0]),
      .sequence(SequenceEncoding(alphabet: .dna)))
    // Five words each: two features, centred to ± ln 6 / 2, whose sums of products have the eigenvalue s = (ln 6)²: the
    // penalty of 1 leaves s / (1 + s) of the way.
    let s = log(6.0) * log(6.0), way = Float(s / (1 + s))
    let found = NaiveBaseline.kmerRidge.predict(sequences, train: [0, 1], rows: [2, 3])
    #expect(found.count == 2 && abs(found[0] - 2 + way) < 1e-6 && abs(found[1] - 2 - way) < 1e-6, "\(found)")
  }

  @Test func whichSuitWhat() {
    #expect(NaiveBaseline.suitable(for: SimulatedExamples.sequences()) == [.prior, .kmerRidge])
    #expect(NaiveBaseline.suitable(for: SimulatedExamples.residues()) == [.prior])
    #expect(NaiveBaseline.suitable(for: SimulatedExamples.expression()) == [.prior, .nearestCentroid])
    var values = SimulatedExamples.expression()
    values.examples.target = .values([.init(name: "v", mean: 0, deviation: 1)])
    #expect(NaiveBaseline.suitable(for: values) == [.prior])
  }
}
