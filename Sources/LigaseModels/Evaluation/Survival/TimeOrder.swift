/// The rows of a cohort from the latest time to the earliest, in runs of equal times.
///
/// All rows before the end of a run are at risk at its time. Within a run the censored rows come first, because a row that
/// is censored at the time of an event is still at risk.
struct TimeOrder: Sendable {
  /// The rows of one time, as places in `rows`.
  struct Run: Sendable {
    /// The time of these rows.
    let time: Double
    /// The first place, that of the first row with an event, and the place after the last.
    let start, firstEvent, end: Int

    /// The places of the censored rows.
    var censored: Range<Int> { start..<firstEvent }
    /// The places of the rows with an event.
    var events: Range<Int> { firstEvent..<end }
  }

  /// The rows by descending time.
  let rows: [Int32]
  /// The runs by descending time.
  let runs: [Run]

  init(_ data: SurvivalTimes) {
    let (times, events) = (data.times, data.events)
    let order = times.indices.sorted { a, b in
      if times[a] != times[b] { return times[a] > times[b] }
      return events[a] == events[b] ? a < b : !events[a]
    }
    var (runs, start): ([Run], Int) = ([], 0)
    while start < order.count {
      let time = times[order[start]]
      var firstEvent = start
      while firstEvent < order.count, times[order[firstEvent]] == time, !events[order[firstEvent]] {
        firstEvent += 1
      }
      var end = firstEvent
      while end < order.count, times[order[end]] == time { end += 1 }
      runs.append(Run(time: time, start: start, firstEvent: firstEvent, end: end))
      start = end
    }
    (rows, self.runs) = (order.map { Int32($0) }, runs)
  }
}
