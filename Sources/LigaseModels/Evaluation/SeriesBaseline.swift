import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// The baseline `nearest_series` of an evaluation: what was observed for the fitted row whose series is nearest by dynamic time
/// warping.
struct SeriesBaseline {
  /// For each judged row the row of the truth whose series is nearest; nil where the baseline is left out.
  let nearest: [Int]?
  /// A line for people.
  let note: String

  /// - Parameter series: the series that a key column of the truth names.
  init(_ series: SeriesReading, _ truth: Table, _ rows: JudgedRows, keys: [String]) throws {
    let place = Dictionary(uniqueKeysWithValues: series.ids.enumerated().map { ($1, $0) })
    var best: (column: String, records: [Int?], count: Int)?
    for key in keys {
      let records = try truth.strings(key).map { place[$0] }, count = records.count { $0 != nil }
      if count > best?.count ?? 0 { best = (key, records, count) }
    }
    func without(_ reason: String) -> (nearest: [Int]?, note: String) {
      (nil, "no \(NearestSeries.name) baseline: \(reason)")
    }
    guard let best else {
      let names = try truth.strings(keys[0])
      throw JoinError(
        "no row of \(truth.spokenPath) has a series: it has \(names.prefix(3).joined(separator: ", ")) in column "
          + "\(FormatError.quoted(keys[0])), the series are \(series.ids.prefix(3).joined(separator: ", "))")
    }
    let fitted = rows.fitted.filter { best.records[$0] != nil }
    let missing = rows.judged.count { best.records[$0] == nil }
    let reason: String? =
      missing > 0
      ? "\(missing.counted("evaluated row")) without a series"
      : fitted.isEmpty
        ? "no row to fit it on has a series"
        : NearestSeries.reasonToSkip(
          series.records, trainingCount: fitted.count, otherCount: rows.judged.count)
    if let reason {
      (nearest, note) = without(reason)
      return
    }
    let train = fitted.map { best.records[$0]! }
    let encoded = SeriesModality().fit(series.records, rows: train, observed: nil).encoded as! EncodedSeries
    nearest = NearestSeries.nearest(encoded, train: train, rows: rows.judged.map { best.records[$0]! }).map {
      fitted[$0]
    }
    note =
      "\(NearestSeries.name): series of column \(FormatError.quoted(best.column)), "
      + "\(series.records.channels.count.counted("channel"))"
  }
}
