import LigaseFormats
import LigaseRuntime

/// The examples of a forecast: beginnings of series, and the value of a channel some steps after the end of each.
///
/// An example reads the first p steps of its series, and its target is the value at step p + horizon. Steps after the first p
/// are not in its record.
package struct SeriesForecast: Sendable {
  /// The most examples of one series, evenly spread over it, so that long series need little memory.
  package static let mostPrefixes = 20
  /// The fewest steps that an example reads.
  package static let fewestSteps = 2

  /// The index of the channel whose values are targets.
  package let channel: Int
  /// The name of the target: the channel, and the number of steps ahead.
  package let name: String
  /// The beginnings of series, one for each example.
  package let records: SeriesRecords
  /// The series of each example, as an index of the reading.
  package let series: [Int]
  /// The row of the table with the last step that each example reads.
  package let lastRows: [Int]
  /// The target of each example.
  package let values: [Float]
  /// A line for people.
  package let note: String

  /// Takes examples from series.
  ///
  /// - Throws: `FormatError` for a channel that the table lacks, and where no series is long enough.
  package init(_ channel: String, horizon: Int, of reading: SeriesReading, path: String) throws {
    precondition(horizon > 0, "SeriesForecast: a horizon of \(horizon) steps")
    let all = reading.records
    guard let index = all.channels.firstIndex(of: channel) else {
      throw FormatError(
        .badData, path: path, line: 1,
        "found no channel \(FormatError.quoted(channel)) to forecast, expected one of "
          + FormatError.list(all.channels, limit: 8))
    }
    var (parts, series, lastRows, values) = ([SeriesRecords.Series](), [Int](), [Int](), [Float]())
    for (i, one) in all.series.enumerated() {
      let ends = Self.ends(one, channel: index, of: all.channels.count, horizon: horizon)
      for end in ends {
        parts.append(
          SeriesRecords.Series(
            times: Array(one.times.prefix(end)), values: Array(one.values.prefix(end * all.channels.count))))
        series.append(i)
        lastRows.append(reading.rows[i][end - 1])
        values.append(one.values[(end + horizon - 1) * all.channels.count + index])
      }
    }
    guard !values.isEmpty else {
      throw FormatError(
        .badData, path: path, line: 1,
        "found no series to forecast \(FormatError.quoted(channel)) \(horizon.counted("step")) ahead (the longest has "
          + "\((all.series.map(\.times.count).max() ?? 0).counted("step"))), expected at least "
          + "\((Self.fewestSteps + horizon).counted("step")), of which the last has a value and one of those read too"
      )
    }
    var records = all
    records.series = parts
    (self.channel, name, self.records) = (index, "\(channel)+\(horizon)", records)
    (self.series, self.lastRows, self.values) = (series, lastRows, values)
    let used = Set(series).count, skipped = all.count - used
    note =
      "forecast of \(FormatError.quoted(channel)) \(horizon.counted("step")) ahead: "
      + "\(values.count.counted("example")) from \(used.grouped) series"
      + (skipped == 0 ? "" : "; skipped \(skipped.grouped) series that are too short or lack values")
  }

  /// The numbers of steps that examples of one series read, ascending.
  private static func ends(
    _ one: SeriesRecords.Series, channel: Int, of width: Int, horizon: Int
  ) -> [Int] {
    func isObserved(_ step: Int) -> Bool { !one.values[step * width + channel].isNaN }
    guard let first = one.times.indices.first(where: isObserved) else { return [] }
    let all = stride(
      from: max(fewestSteps, first + 1), through: one.times.count - horizon, by: 1
    ).filter { isObserved($0 + horizon - 1) }
    guard all.count > mostPrefixes else { return all }
    return (1...mostPrefixes).map { all[$0 * all.count / mostPrefixes - 1] }
  }
}
