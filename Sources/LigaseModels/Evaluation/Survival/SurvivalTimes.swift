import LigaseRuntime

/// Right-censored times to an event, one a row: the time of the event, or the last time at which the row was known to
/// have had none.
package struct SurvivalTimes: Hashable, Sendable {
  /// The time of the event or of the censoring, in the caller's unit; finite.
  package let times: [Double]
  /// Whether the event was seen; otherwise the row is censored at its time.
  package let events: [Bool]

  /// Times with their events; different counts and times that are not finite are wrong use.
  package init(times: [Double], events: [Bool]) {
    require(times.count == events.count, "SurvivalTimes: \(times.count) times and \(events.count) events")
    require(times.allSatisfy(\.isFinite), "SurvivalTimes: a time is not finite")
    (self.times, self.events) = (times, events)
  }

  /// The number of rows.
  package var count: Int { times.count }

  /// The number of rows whose event was seen.
  package var eventCount: Int { events.count { $0 } }

  /// Some of the rows, in the order given.
  package func selecting(rows: [Int]) -> SurvivalTimes {
    SurvivalTimes(times: rows.map { times[$0] }, events: rows.map { events[$0] })
  }
}
