import LigaseFormats
import LigaseRuntime

/// Values over time, a series a record: channels measured at steps of its own times.
package struct SeriesRecords: Records {
  /// One series.
  package struct Series: Hashable, Sendable {
    /// The times of its L steps, ascending.
    package var times: [Double]
    /// L × channels, row-major; not-a-number where a value is missing.
    package var values: [Float]
    /// Its times as they stand in a table, where steps are to be named; otherwise empty.
    package var timeTexts: [String] = []

    package init(times: [Double], values: [Float]) { (self.times, self.values) = (times, values) }
  }

  /// The names of the channels.
  package var channels: [String]
  /// The series.
  package var series: [Series]
  /// Whether times are days of dates.
  package var areDates: Bool
  /// The column of times in the table that was read.
  package var timeColumn: String

  package init(channels: [String], series: [Series], areDates: Bool = false, timeColumn: String = "time") {
    precondition(
      series.allSatisfy { $0.values.count == $0.times.count * channels.count },
      "SeriesRecords: values for \(channels.count) channels")
    (self.channels, self.series, self.areDates, self.timeColumn) = (channels, series, areDates, timeColumn)
  }

  package var count: Int { series.count }
  package var stepColumns: [String] { [timeColumn] }
  package func stepCount(of record: Int) -> Int { series[record].times.count }
  package func stepFields(of record: Int, step: Int) -> [String] {
    let one = series[record]
    return [one.timeTexts.isEmpty ? "\(one.times[step])" : one.timeTexts[step]]
  }

  package func add(to digest: inout some ContentDigest) {
    digest.add(channels)
    for one in series {
      digest.add(
        bytes: one.times.flatMap { time in
          (0..<8).map { UInt8(truncatingIfNeeded: time.bitPattern >> (8 * $0)) }
        })
      digest.add(one.values)
    }
  }

  /// Some of the series.
  package func selecting(_ records: [Int]) -> SeriesRecords {
    var chosen = self
    chosen.series = records.map { series[$0] }
    return chosen
  }
}

extension SeriesRecords {
  /// The spacing of the steps of some series.
  struct Spacing {
    /// The mean time between two steps; 1 where every series has one step.
    var mean = 1.0
    /// The shortest and the longest time between two steps.
    var range = 1.0...1.0
    /// Whether these differ by more than a thousandth, which is more than rounding of times makes.
    var isIrregular = false

    init(_ series: some Sequence<Series>) {
      var (sum, count, least, most) = (0.0, 0, Double.infinity, 0.0)
      for one in series {
        for (before, after) in zip(one.times, one.times.dropFirst()) {
          sum += after - before
          count += 1
          (least, most) = (min(least, after - before), max(most, after - before))
        }
      }
      guard count > 0 else { return }
      (mean, range) = (sum / Double(count), least...most)
      isIrregular = most - least > 1e-3 * mean
    }
  }

  /// The fraction of values that are missing.
  package var missingFraction: Double {
    let all = series.reduce(0) { $0 + $1.values.count }
    return Double(series.reduce(0) { $0 + $1.values.count(where: \.isNaN) }) / Double(max(all, 1))
  }

  /// Whether the times between steps differ.
  package var isIrregular: Bool { Spacing(series).isIrregular }

  /// Series, steps, channels, missing values and spacing in a line for people.
  package var summary: String {
    let lengths = series.map(\.times.count), spacing = Spacing(series)
    func words(_ time: Double) -> String { Self.words(time, areDates: areDates) }
    let (least, most) = (lengths.min() ?? 0, lengths.max() ?? 0)
    let missing = missingFraction
    let names = channels.prefix(3).joined(separator: ", ") + (channels.count > 3 ? ", …" : "")
    return
      "\(count.grouped) series of \(least == most ? "\(least)" : "\(least) to \(most)") \(most == 1 ? "step" : "steps"), "
      + "\(channels.count.counted("channel")) (\(names)), "
      + (missing == 0 ? "no missing values" : "\(Self.percent(missing)) of the values missing") + ", "
      + (spacing.isIrregular
        ? "irregular spacing (\(Self.short(spacing.range.lowerBound)) to \(words(spacing.range.upperBound)), "
          + "mean \(words(spacing.mean)))"
        : "regular spacing (\(words(spacing.mean)))")
  }

  /// A fraction in percent, with one decimal place and at least 0.1.
  package static func percent(_ fraction: Double) -> String {
    "\(max((fraction * 1000).rounded(), fraction > 0 ? 1 : 0) / 10) %"
  }

  /// A time with its unit, where it is known.
  static func words(_ time: Double, areDates: Bool) -> String {
    short(time) + (areDates ? time == 1 ? " day" : " days" : "")
  }

  /// A time with about four digits.
  static func short(_ time: Double) -> String {
    if time == time.rounded(), abs(time) < 1e9 { return "\(Int(time))" }
    return "\(Float(time < 1 ? (time * 1e6).rounded() / 1e6 : (time * 1e3).rounded() / 1e3))"
  }
}
