import LigaseFormats
import LigaseRuntime

/// Right-censored times to an event: a column of times, and a column that tells where the event was observed.
package struct SurvivalLabels: Sendable {
  /// The column of times.
  package let time: String
  /// The column of events.
  package let event: String
  /// The value that means an observed event; nil is understood from the values.
  package let eventValue: String?

  /// Labels in two columns.
  ///
  /// - Parameter event: `COLUMN`, or `COLUMN=VALUE` with the value that means an observed event.
  package init(time: String, event: String) {
    self.time = time
    let parts = event.split(separator: "=", maxSplits: 1).map(String.init)
    (self.event, eventValue) = parts.count == 2 ? (parts[0], parts[1]) : (event, nil)
  }

  /// The two columns.
  package var columns: [String] { [time, event] }

  /// The number of evaluation times.
  package static let timeCount = 9

  /// Times and events of examples that have both: two numbers an example, the time and 1 for an event.
  ///
  /// - Throws: `JoinError` for times that are negative or no numbers, and for events of more than two values or of values that
  ///   can be meant in two ways.
  func target(_ columns: [(name: String, values: [String])], _ describe: (Int) -> String) throws
    -> Labels.Target
  {
    let times = try times(columns[0].values, describe), events = try events(columns[1].values, describe)
    let count = events.count { $0 }
    guard count > 0 else {
      throw JoinError(
        "found no event in '\(event)' of \(events.count.counted("example")), expected at least one")
    }
    var note =
      "\(time), \(event): \(events.count.counted("example")) with \(count.counted("event")), "
      + "\((events.count - count).grouped) censored"
    let zeros = times.count { $0 == 0 }
    if zeros > 0 { note += "; \(zeros.counted("time")) of 0" }
    var target = TargetDescription("survival", [time], columns: self.columns)
    target.times = Self.evaluationTimes(times, events)
    return (
      target, Observations(numbers: zip(times, events).flatMap { [$0, $1 ? 1 : 0] }, width: 2), note
    )
  }

  /// The examples with a time and an event.
  static func labelled(_ columns: [(name: String, values: [String])]) -> [Int] {
    columns[0].values.indices.filter { row in
      columns.allSatisfy { !MissingValue.isMissing($0.values[row][...].trimmed.utf8) }
    }
  }

  private func times(_ texts: [String], _ describe: (Int) -> String) throws -> [Float] {
    try texts.enumerated().map { row, text in
      guard case .success(let value) = LabelColumn.number(text[...].trimmed), Float(value).isFinite else {
        throw JoinError(
          "found \(FormatError.quoted(text)) in \(time) for \(describe(row)), expected a number")
      }
      guard value >= 0 else {
        throw JoinError("found the time \(text) in \(time) for \(describe(row)), expected 0 or more")
      }
      return Float(value)
    }
  }

  private func events(_ texts: [String], _ describe: (Int) -> String) throws -> [Bool] {
    let values = LabelColumn(event, texts, asText: true).values
    let found = Set(values.compactMap { $0 })
    if let eventValue {
      let wanted = LabelColumn.name(eventValue)
      guard found.contains(wanted) else {
        throw JoinError(
          "found no '\(eventValue)' in \(event), expected it to mean an event; the values are "
            + FormatError.list(Labels.order(found), limit: 6))
      }
      return values.map { $0 == wanted }
    }
    guard found.count <= 2 else {
      throw JoinError(
        "found \(found.count) values in \(event) (\(FormatError.list(Labels.order(found), limit: 6))): competing risks are not "
          + "supported", remedy: .nameEventValue(event))
    }
    if event.lowercased().contains("cens") {
      throw JoinError(
        "the name of \(event) says that its values may mean censoring, not an event; the values are "
          + FormatError.list(Labels.order(found)), remedy: .nameEventValue(event))
    }
    if found.isSubset(of: ["1", "2"]), found.contains("2") {
      throw JoinError(
        "found the values 1 and 2 in \(event), which in R mean censored and event, expected 0 and 1",
        remedy: .nameEventValue(event))
    }
    return try values.enumerated().map { row, text in
      guard let text, let value = BooleanText.value(text) else {
        throw JoinError(
          "found \(FormatError.quoted(text ?? "")) in \(event) for \(describe(row)), expected 0 or 1 (no or yes)",
          remedy: .nameEventValue(event))
      }
      return value
    }
  }

  /// Times at which survival is predicted and evaluated: the deciles of the times at which events were observed, rounded to
  /// three digits.
  static func evaluationTimes(_ times: [Float], _ events: [Bool]) -> [Float] {
    let observed = zip(times, events).filter { $1 && $0 > 0 }.map(\.0).sorted()
    guard !observed.isEmpty else { return [] }
    var chosen: [Float] = []
    for i in 1...timeCount {
      let time = rounded(observed[min(observed.count * i / (timeCount + 1), observed.count - 1)])
      if time > chosen.last ?? 0 { chosen.append(time) }
    }
    return chosen
  }

  /// A number with three digits that count.
  private static func rounded(_ value: Float) -> Float {
    var unit: Float = 1
    while value / unit >= 1000 { unit *= 10 }
    while value / unit < 100 { unit /= 10 }
    let digits = (value / unit).rounded()
    return unit >= 1 ? digits * unit : digits / (1 / unit).rounded()
  }
}
