import LigaseRuntime

/// A right-continuous step function of time: a survival curve or a cumulative hazard.
package struct StepCurve: Codable, Hashable, Sendable {
  /// The times of the steps, ascending.
  package let times: [Double]
  /// The value from each step on.
  package let values: [Double]
  /// The value before the first step.
  package let initial: Double

  /// A curve from its steps; other numbers of values than times, and times that do not ascend, are wrong use.
  package init(times: [Double], values: [Double], initial: Double) {
    if let problem = Self.problem(times, values) { require(false, "StepCurve: \(problem)") }
    (self.times, self.values, self.initial) = (times, values, initial)
  }

  /// Reads a curve; throws where values are missing or times do not ascend.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    times = try container.decode([Double].self, forKey: .times)
    values = try container.decode([Double].self, forKey: .values)
    initial = try container.decode(Double.self, forKey: .initial)
    if let problem = Self.problem(times, values) {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: problem))
    }
  }

  private static func problem(_ times: [Double], _ values: [Double]) -> String? {
    if times.count != values.count { return "found \(values.count) values for \(times.count) times" }
    if !zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) { return "the times do not ascend" }
    return nil
  }

  /// The value at a time; that of the last step from there on.
  package func value(at time: Double) -> Double { value(steps: places { $0 <= time }) }

  /// The value just before a time, the limit from the left.
  package func value(before time: Double) -> Double { value(steps: places { $0 < time }) }

  private func value(steps: Int) -> Double { steps == 0 ? initial : values[steps - 1] }

  /// How many times meet a condition that holds for the first ones only.
  private func places(_ holds: (Double) -> Bool) -> Int {
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(times[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
