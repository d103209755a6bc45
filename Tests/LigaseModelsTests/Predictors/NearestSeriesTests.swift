import LigaseDatasets
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct NearestSeriesTests {
  /// The distance by its definition, over all pairs of steps in the band.
  private func reference(_ a: [Float], _ b: [Float], channels: Int) -> Float {
    let (n, m) = (a.count / channels, b.count / channels), slope = Double(m) / Double(n)
    let half = max(1, 0.1 * Double(max(n, m)), slope) + 1e-6
    var table = [[Double]](repeating: [Double](repeating: .infinity, count: m + 1), count: n + 1)
    table[0][0] = 0
    for i in 1...n {
      for j in 1...m where abs(Double(j) - 0.5 - (Double(i) - 0.5) * slope) <= half {
        let square = (0..<channels).reduce(0.0) {
          let d = Double(a[(i - 1) * channels + $1]) - Double(b[(j - 1) * channels + $1])
          return $0 + d * d
        }
        table[i][j] = square + min(table[i - 1][j], table[i][j - 1], table[i - 1][j - 1])
      }
    }
    return Float(table[n][m])
  }

  @Test func distances() {
    #expect(NearestSeries.distance([1, 2, 3], [1, 2, 3], channels: 1) == 0)
    // A shift by one step costs nothing; a shift beyond the band does.
    #expect(NearestSeries.distance([0, 0, 5, 0, 0, 0], [0, 5, 0, 0, 0, 0], channels: 1) == 0)
    #expect(NearestSeries.distance([0, 0, 0, 5, 0, 0], [5, 0, 0, 0, 0, 0], channels: 1) == 50)
    #expect(NearestSeries.distance([1, 1], [1, 1, 1, 1, 1, 1], channels: 1) == 0)
    #expect(NearestSeries.distance([1, 2, 3, 4], [2, 2, 3, 2], channels: 2) == 1 + 4)
    #expect(NearestSeries.distance([3], [1, 2], channels: 1) == 5)
    #expect(NearestSeries.distance([0, 9, 9], [0, 0, 0], channels: 1, below: 50) == .infinity)
    var random = SeededGenerator(seed: 2, stream: "warping")
    for _ in 0..<200 {
      let channels = 1 + random.next(below: 3)
      func draw() -> [Float] {
        (0..<(channels * (1 + random.next(below: 30)))).map { _ in Float(random.nextNormal()) }
      }
      let (a, b) = (draw(), draw())
      let (found, expected) = (
        NearestSeries.distance(a, b, channels: channels), reference(a, b, channels: channels)
      )
      #expect(
        found.isFinite && abs(found - expected) <= 1e-4 * max(1, expected),
        "\(a.count) \(b.count) \(channels)")
    }
  }

  private func prepared(_ data: TrainingData, _ train: [Int]) -> PreparedExamples {
    PreparedExamples(data.examples, options: SimulatedExamples.defaults(data), train: train)
  }

  @Test func theNearestTrainingSeriesAnswers() throws {
    let data = SimulatedExamples.series(30, lengths: 3...15), train = Array(0..<24)
    let examples = prepared(data, train)
    let nearest = try #require(NearestSeries.fit(examples, rows: train))
    // A training series is nearest to itself.
    let own = nearest.predict(examples.inputs, rows: train)
    #expect(own == train.flatMap { row in (0..<3).map { $0 == row % 3 ? Float(1) : 0 } })
    let dependence = threadDependence { nearest.predict(examples.inputs, rows: Array(24..<30)) }
    #expect(dependence == nil)
    // Values: that of the nearest, and the mean where it is missing.
    var values = data
    values.examples.target = TargetDescription("values", ["v"])
    values.examples.observations = Observations(
      numbers: (0..<30).map { $0 == 3 ? .nan : Float($0) }, width: 1)
    let said = try #require(NearestSeries.fit(prepared(values, train), rows: train)).predict(
      examples.inputs, rows: [2, 3])
    #expect(said[0] == 2 && abs(said[1] - Float(train.reduce(0, +) - 3) / 23) < 1e-5)
  }

  @Test func otherExamplesAndLongOnesAreSkipped() {
    let rows = Array(0..<20)
    #expect(NearestSeries.fit(prepared(SimulatedExamples.expression(), rows), rows: rows) == nil)
    #expect(NearestSeries.reasonToSkip(SimulatedExamples.expression().examples, trainingCount: 20) == nil)
    let series = SeriesRecords.Series(
      times: (0..<20_000).map { Double($0) }, values: [Float](repeating: 0, count: 20_000))
    var data = SimulatedExamples.series(600)
    data.examples.inputs[0].records = SeriesRecords(
      channels: ["x"], series: [SeriesRecords.Series](repeating: series, count: 600))
    #expect(
      NearestSeries.reasonToSkip(data.examples, trainingCount: 480)
        == "time warping of 480 training series with the others would take too long")
    let folds = try? CrossValidation(
      data, options: SimulatedExamples.defaults(data), folds: 5, repeats: 1, seed: 1)
    #expect(
      folds?.report == [
        "skipped the baseline nearest_series: time warping of 480 training series with the others would take too long"
      ])
  }
}
