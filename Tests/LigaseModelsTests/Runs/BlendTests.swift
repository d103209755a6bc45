import LigaseDatasets
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

/// The weight of a predictor in a blend is chosen on validation examples.
@Suite struct BlendTests {
  @Test func theShareIsThatOfTheValidationRowsAndStays() throws {
    let simulated = try SimulatedTraining { line, _ in line < 24 ? .train : .test }
    var data = simulated.data
    // The split has no validation subset, so whole cell lines are drawn, and the network is retrained on all.
    data.division.isValidationDrawn = true
    var options = simulated.options(for: .newCellLines, epochs: 4)
    options.training.refits = true
    var first = try Training(data, options: options, seed: 1)
    _ = try first.run()
    let model = first.model, share = model.manifest.blend[0].share
    let rows = data.division.validation
    let prepared = PreparedExamples(data.examples, as: model.manifest.inputs)
    let process = try #require(GaussianProcess.fit(prepared, rows: data.division.train))
    let expected = Blend.share(
      model.parts(prepared.inputs, rows: rows)[0].outputs, process.predict(prepared.inputs, rows: rows),
      truth: data.examples.observations.numbers(of: rows),
      clusters: data.examples.keys.columns.map { column in rows.map { column.codes[$0] } },
      expected: try #require(process.shareWithoutValidation))
    #expect(isClose(share, expected, 1e-6) && (0...1).contains(share))
    var again = try #require(try first.refit())
    _ = try again.run()
    #expect(again.model.manifest.blend[0].share == share)
    #expect(again.model.manifest.provenance.metrics["validation_rmse_gaussian-process"] != nil)
  }

  /// Predictions a and b of clusters, each with an error of the whole cluster, and the truth.
  private struct Clustered {
    var (a, b, truth, cluster) = ([Float](), [Float](), [Float](), [Int32]())

    init(clusters: Int, rows: Int, seed: UInt64) {
      var random = SeededGenerator(seed: seed)
      for c in 0..<clusters {
        let (ofA, ofB) = (random.nextNormal(), 0.5 * random.nextNormal())
        for _ in 0..<rows {
          let t = random.nextNormal()
          truth.append(Float(t))
          a.append(Float(t + ofA))
          b.append(Float(t + ofB))
          cluster.append(Int32(c))
        }
      }
    }

    func share(_ clusters: [[Int32]]? = nil, expected: Double = 0.5) -> Double {
      Blend.share(a, b, truth: truth, clusters: clusters ?? [cluster], expected: expected)
    }
  }

  @Test func theShareIsTheBestWhereThereAreManyClusters() {
    let many = Clustered(clusters: 2_000, rows: 2, seed: 1)
    // The variances of the errors are 1 and 1/4, and they are independent.
    #expect(isClose(many.share(expected: 0), 0.8, 0.03), "\(many.share(expected: 0))")
    #expect(isClose(many.share(expected: 1), 0.8, 0.03))
  }

  @Test func fewClustersSayLittleOfTheShareHoweverManyRowsTheyHave() {
    for seed in 1...20 as ClosedRange<UInt64> {
      let few = Clustered(clusters: 5, rows: 1, seed: seed),
        large = Clustered(clusters: 5, rows: 400, seed: seed)
      // The share lies between the best one, which every row has without variance, and the expected one.
      let best = few.share([few.cluster, few.cluster]), one = few.share([[0, 0, 0, 0, 0]], expected: 0.3)
      #expect(one == 0.3 && (0...1).contains(best))
      #expect(few.share(expected: 0.2) <= few.share(expected: 0.9))
      #expect(
        large.share(expected: 0.9) - large.share(expected: 0.2)
          > large.share([large.cluster.indices.map { Int32($0) }], expected: 0.9)
          - large.share([large.cluster.indices.map { Int32($0) }], expected: 0.2))
    }
    // A second of everything adds nothing.
    let once = Clustered(clusters: 8, rows: 3, seed: 7)
    var twice = once
    (twice.a, twice.b, twice.truth, twice.cluster) = (
      once.a + once.a, once.b + once.b, once.truth + once.truth, once.cluster + once.cluster
    )
    #expect(isClose(once.share(), twice.share(), 1e-9))
  }

  @Test func theVarianceIsThatOfTheJackknife() {
    let data = Clustered(clusters: 6, rows: 2, seed: 3), n = 6.0
    func best(without: Int32?) -> Double {
      var (joint, square) = (0.0, 0.0)
      for i in data.a.indices where data.cluster[i] != without {
        let d = Double(data.b[i] - data.a[i])
        joint += d * Double(data.truth[i] - data.a[i])
        square += d * d
      }
      return joint / square
    }
    let left = (0..<6).map { best(without: $0) }, mean = left.reduce(0, +) / n
    let variance = (n - 1) / n * left.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let weight = Blend.variance / (Blend.variance + variance)
    #expect(isClose(data.share(expected: 0.4), 0.4 + weight * (best(without: nil) - 0.4), 1e-4))
  }

  @Test func aShareThatIsGivenIsKept() throws {
    let simulated = try SimulatedTraining { line, _ in line < 24 ? .train : .test }
    var options = simulated.options(for: .newCellLines, epochs: 1)
    options.blend = [BlendOptions("gaussian-process", share: 0.25)]
    let model = try simulated.trained(options).model
    #expect(model.manifest.blend.map(\.share) == [0.25])
    options.blend = []
    #expect(try simulated.trained(options).model.predictors.isEmpty)
  }

  /// Without validation rows the weight of the process is larger the better it predicts each cell line from
  /// the others; with responses that are independent of the profiles both weights are about equal.
  @Test func withoutValidationRowsTheLeaveOneOutErrorChooses() throws {
    let study = SimulatedStudy()
    func share(_ values: [Float]?) throws -> Double {
      var data = try SimulatedTraining(study, values: values) { line, _ in line < 24 ? .train : .test }.data
      data.division.train += data.division.validation
      data.division.validation = []
      var options = DrugResponseTask.defaults(for: data, TaskChoice(setting: "new-cell-lines"))
      options.training.epochs = 1
      let model = try SimulatedExamples.trained(data, options, drawsValidation: false).model
      let process = try #require(
        GaussianProcess.fit(
          PreparedExamples(data.examples, as: model.manifest.inputs), rows: data.division.train))
      let errors = try #require(process.kernel.errors)
      let share = model.manifest.blend[0].share
      // Weights in proportion to the inverse of both errors.
      #expect(isClose(share * errors.leaveOneOut, (1 - share) * errors.ofMeans, 1e-9))
      return share
    }
    var random = SeededGenerator(seed: 4)
    let told = try share(nil), untold = try share(study.pairs.map { _ in Float(random.nextNormal()) })
    #expect(told > untold + 0.02 && abs(untold - 0.5) < 0.1, "\(told) \(untold)")
  }
}
