import LigaseDatasets
import LigaseFormats
import Testing

@Suite struct SeriesForecastTests {
  private func table(_ text: String) throws -> Table { try Table(bytes: Array(text.utf8), path: "labs.csv") }

  private func forecast(_ text: String, horizon: Int = 1, of channel: String = "x") throws -> SeriesForecast {
    let table = try table(text)
    return try SeriesForecast(channel, horizon: horizon, of: SeriesReading(table), path: table.path)
  }

  private func refusal(_ text: String, horizon: Int = 1, of channel: String = "x") -> String? {
    do {
      _ = try forecast(text, horizon: horizon, of: channel)
      return nil
    } catch { return "\(error)" }
  }

  /// Rows in any order; a target that is missing, and a beginning without a value, are no examples.
  @Test func beginningsAndTheirTargets() throws {
    let text =
      "id,time,x,y\na,3,30,3\na,1,10,1\na,2,20,2\na,4,,4\na,5,50,5\nb,1,1,1\nb,2,2,2\nc,1,,1\nc,2,,2\nc,3,9,3\n"
    let one = try forecast(text)
    #expect(one.name == "x+1" && one.channel == 0)
    #expect(one.series == [0, 0] && one.values == [30, 50])
    #expect(one.records.series.map(\.times) == [[1, 2], [1, 2, 3, 4]])
    #expect(one.records.series[0].values == [10, 1, 20, 2])
    let two = try forecast(text, horizon: 2)
    #expect(two.values == [50] && two.records.series.map(\.times) == [[1, 2, 3]])
    let keys = try SeriesReading(table(text)).keys(one.series, lastRows: one.lastRows, of: table(text))
    #expect(keys.names == ["id", "time"] && keys.describe(0) == "a, 2" && keys.describe(1) == "a, 4")
    #expect(
      one.note
        == "forecast of 'x' 1 step ahead: 2 examples from 1 series; skipped 2 series that are too short or lack values"
    )
  }

  @Test func longSeriesGiveTwentyExamples() throws {
    let text = "id,time,x\n" + (0..<500).map { "a,\($0),\($0)\n" }.joined()
    let found = try forecast(text, horizon: 3)
    #expect(found.values.count == SeriesForecast.mostPrefixes && found.values.last == 499)
    let lengths = found.records.series.map(\.times.count)
    #expect(zip(lengths, lengths.dropFirst()).allSatisfy { 24...25 ~= $1 - $0 })
    #expect(zip(lengths, found.values).allSatisfy { Float($0 + 2) == $1 })
  }

  /// Other values, holes and times after the last step that is read change no input of an example.
  @Test func nothingOfTheFutureIsAnInput() throws {
    func text(after end: Int) -> String {
      "id,time,x,y\n"
        + (0..<12).map { t in
          t < end
            ? "a,\(t),\(t * t),\(t == 2 ? "" : "\(t % 3)")\n"
            : "a,\(Double(t) * 7.5),\(1000 - t),\(t == 11 ? "" : "-50")\n"
        }.joined()
    }
    let whole = try forecast(text(after: 12))
    let preparation = SeriesModality().fit(whole.records, rows: [0, 1, 2], observed: nil).preparation
    func inputs(_ forecast: SeriesForecast, of length: Int) throws -> [Float] {
      let record = try #require(forecast.records.series.firstIndex { $0.times.count == length })
      return try #require(preparation.encode(forecast.records).batch([record], view: 0).steps).values.scalars
    }
    for length in 2...11 {
      let other = try forecast(text(after: length))
      let (expected, found) = (try inputs(whole, of: length), try inputs(other, of: length))
      #expect(expected == found && expected.count == length * preparation.shape.channels)
      #expect(other.values != whole.values)
    }
  }

  @Test func lastValuesAreInTheUnitOfTheData() throws {
    let records = SeriesRecords(
      channels: ["x", "y"],
      series: [
        .init(times: [0, 1, 2], values: [1, 10, 2, .nan, .nan, 30]), .init(times: [0], values: [.nan, 50]),
      ])
    let encoded = try #require(
      SeriesModality().fit(records, rows: [0, 1], observed: nil).encoded as? EncodedSeries)
    func isClose(_ a: Float, _ b: Float) -> Bool { abs(a - b) < 1e-4 }
    #expect(
      isClose(encoded.lastValue(of: 0, channel: 0), 2) && isClose(encoded.lastValue(of: 0, channel: 1), 30))
    // Without a value the training mean.
    #expect(
      isClose(encoded.lastValue(of: 1, channel: 0), 1.5) && isClose(encoded.lastValue(of: 1, channel: 1), 50))
  }

  @Test func whatCannotBeForecastIsRefused() {
    let text = "id,time,x,y\na,1,1,1\na,2,2,2\na,3,3,3\nb,1,1,1\n"
    #expect(
      refusal(text, of: "z") == "labs.csv:1: found no channel 'z' to forecast, expected one of x, y")
    #expect(
      refusal(text, horizon: 2)
        == "labs.csv:1: found no series to forecast 'x' 2 steps ahead (the longest has 3 steps), expected at least 4 steps, "
        + "of which the last has a value and one of those read too")
    #expect(refusal(text) == nil)
  }
}
