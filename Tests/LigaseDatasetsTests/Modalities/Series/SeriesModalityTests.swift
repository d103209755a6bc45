import Glibc
import LigaseDatasets
import LigaseTensors
import Testing

@Suite struct SeriesModalityTests {
  private typealias Series = SeriesRecords.Series

  private func fit(_ series: [Series], train: [Int], channels: [String] = ["x"], zscore: Bool = true) -> (
    preparation: SeriesPreparation, encoded: any EncodedRecords
  ) {
    var modality = SeriesModality()
    modality.zscore = zscore
    return modality.fit(SeriesRecords(channels: channels, series: series), rows: train, observed: nil)
  }

  private func steps(_ encoded: any EncodedRecords, _ record: Int) -> [Float] {
    encoded.batch([record], view: 0).steps!.values.scalars
  }

  @Test func scalesComeFromObservedTrainingValues() {
    let series = [
      Series(times: [0, 1], values: [1, 10, .nan, 10]), Series(times: [0, 1], values: [3, .nan, .nan, 10]),
      Series(times: [0, 1], values: [1000, -5, -1000, 5]),
    ]
    let (preparation, encoded) = fit(series, train: [0, 1], channels: ["x", "y"])
    // A channel that does not vary keeps its unit.
    #expect(preparation.means == [2, 10] && preparation.deviations == [1, 1])
    #expect(preparation.hasMissing && !preparation.isIrregular && preparation.meanStep == 1)
    #expect(steps(encoded, 2).prefix(2) == [998, -15])
    #expect(preparation.shape == InputShape(steps: 6, isOneHot: false) && preparation.problem == nil)
    let plain = fit(series, train: [0, 1], channels: ["x", "y"], zscore: false).preparation
    #expect(plain.means == [0, 0] && plain.deviations == [1, 1])
    #expect(preparation.summary.map(\.name) == ["channels", "preparation", "times"])
  }

  /// Values, masks, and times since the last value; before the first value stands the mean.
  @Test func missingValuesAreCarriedForward() {
    let series = [Series(times: [0, 2, 4, 6], values: [.nan, 1, .nan, 3])]
    let (preparation, encoded) = fit(series, train: [0])
    #expect(preparation.means == [2] && preparation.deviations == [1] && preparation.meanStep == 2)
    func gap(_ time: Double) -> Float { Float(log1p(time / 2)) }
    #expect(steps(encoded, 0) == [0, 0, gap(0), -1, 1, gap(0), -1, 0, gap(2), 1, 1, gap(0)])
    // Masks are no inputs where training has no missing values; new series are carried forward all the same.
    let complete = fit(
      [Series(times: [0, 1], values: [1, 3]), Series(times: [0, 1, 2], values: [.nan, 3, .nan])], train: [0])
    #expect(!complete.preparation.hasMissing && steps(complete.encoded, 1) == [0, 1, 1])
    #expect(complete.preparation.shape.channels == 1 && !complete.preparation.readsTime)
  }

  @Test func irregularStepsHaveTheirTimes() {
    let series = [Series(times: [5, 6, 9], values: [1, 2, 3]), Series(times: [7], values: [2])]
    let (preparation, encoded) = fit(series, train: [0, 1], zscore: false)
    #expect(preparation.isIrregular && preparation.meanStep == 2 && preparation.readsTime)
    #expect(steps(encoded, 0) == [1, 0, 2, Float(log1p(0.5)), 3, Float(log1p(1.5))])
    #expect(steps(encoded, 1) == [2, 0])
    // Rounding of times is no irregularity; series of one step have no spacing.
    let even = (0..<50).map { Double($0) * 0.1 }
    #expect(
      !fit([Series(times: even, values: [Float](repeating: 1, count: 50))], train: [0]).preparation
        .isIrregular)
    #expect(fit([Series(times: [3], values: [1])], train: [0]).preparation.meanStep == 1)
  }

  /// Whatever happens later, or in another series, earlier steps are encoded alike.
  @Test func nothingOfTheFutureEnters() {
    var random = SeededGenerator(seed: 4, stream: "series")
    func draw(_ length: Int) -> Series {
      var time = 0.0
      return Series(
        times: (0..<length).map { _ in
          time += 0.1 + random.nextUniform()
          return time
        },
        values: (0..<(3 * length)).map { _ in random.nextUniform() < 0.3 ? .nan : Float(random.nextNormal()) }
      )
    }
    let train = (0..<10).map { draw(5 + $0) }
    let preparation = fit(train, train: Array(0..<10), channels: ["a", "b", "c"]).preparation
    #expect(preparation.hasMissing && preparation.isIrregular)
    func encoded(_ series: Series) -> [Float] {
      steps(preparation.encode(SeriesRecords(channels: ["a", "b", "c"], series: [series])), 0)
    }
    let width = preparation.shape.channels
    for _ in 0..<20 {
      let whole = draw(12), now = encoded(whole)
      for kept in 1..<12 {
        var other = draw(12)
        let last = whole.times[kept - 1], first = other.times[kept]
        other.times = whole.times[..<kept] + other.times[kept...].map { $0 - first + last + 0.01 }
        other.values = Array(whole.values[..<(3 * kept)] + other.values[(3 * kept)...])
        #expect(encoded(other)[..<(kept * width)] == now[..<(kept * width)])
        let short = Series(times: Array(whole.times[..<kept]), values: Array(whole.values[..<(3 * kept)]))
        #expect(encoded(short)[...] == now[..<(kept * width)])
      }
    }
  }

  /// Batches, and windows of steps, hold the series one after the other.
  @Test func batchesAndWindows() {
    let (_, encoded) = fit(
      [
        Series(times: [0, 1, 2], values: [1, 2, 3]), Series(times: [0], values: [4]),
        Series(times: [0, 1], values: [5, 6]),
      ], train: [0, 1, 2], zscore: false)
    let batch = encoded.batch([2, 0, 1], view: 0).steps!
    #expect(batch.layout.lengths == [2, 3, 1] && batch.values.scalars == [5, 6, 1, 2, 3, 4])
    let window = encoded.window([0, 1, 2], steps: 1..<3).steps!
    #expect(window.layout.lengths == [2, 0, 1] && window.values.scalars == [2, 3, 6])
    #expect((0..<3).map(encoded.stepCount) == [3, 1, 2] && (0..<3).map(encoded.weight) == [3, 1, 2])
    let training = encoded.trainingBatch([1], key: { 0 }).steps!
    #expect(training.values.scalars == [4])
  }

  @Test func preparationsThatCannotBe() {
    let good = fit([Series(times: [0, 1], values: [1, 2])], train: [0]).preparation
    for (change, message) in [
      ({ $0.channels = [] }, "found no channel"), ({ $0.means = [] }, "found 1 channels with 0 means"),
      ({ $0.deviations = [0] }, "found a channel with the standard deviation 0.0"),
      ({ $0.meanStep = 0 }, "found the mean step 0.0"),
      ({ $0.meanStep = .infinity }, "found the mean step inf"),
    ] as [((inout SeriesPreparation) -> Void, String)] {
      var other = good
      change(&other)
      #expect(other.problem?.hasPrefix(message) == true, "\(message): \(other.problem ?? "none")")
    }
  }
}
