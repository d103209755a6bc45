import LigaseRuntime

/// How well predicted probabilities of an event by a time agree with the events that were seen, 1 - Kaplan-Meier.
///
/// Rows are divided by predicted probability into up to ten groups of equal size, at least 20 rows each; rows with equal
/// predictions stay together.
package struct SurvivalCalibration: Hashable, Sendable {
  /// The rows of similar predictions.
  package struct Group: Hashable, Sendable {
    /// The number of rows.
    package let n: Int
    /// The mean predicted probability of an event by the time.
    package let expected: Double
    /// 1 - Kaplan-Meier of these rows at the time.
    package let observed: Double
  }

  /// The time by which events are counted.
  package let time: Double
  /// The groups by ascending predicted probability.
  package let groups: [Group]
  /// Observed over expected events of all rows; nil where no event is expected.
  package let ratio: Double?
  /// The mean of |observed - expected| over the groups, weighted by their rows; nil without rows.
  package let error: Double?

  /// Compares each row's predicted probability of no event by a time with the events seen.
  package init(survival: [Double], of data: SurvivalTimes, at time: Double) {
    let weighted = WeightedCalibration(survival: survival, data, time: time)
    let ones = [Double](repeating: 1, count: data.count)
    let (all, groups) = ones.withUnsafeBufferPointer { weighted.groups($0) }
    self.time = time
    self.groups = groups.map { Group(n: Int($0.weight), expected: $0.expected, observed: $0.observed) }
    (ratio, error) = WeightedCalibration.figures(all, groups)
  }
}

/// The calibration at a time for rows with weights, with rows sorted once.
struct WeightedCalibration: Sendable {
  /// Sums over a group.
  struct Group: Sendable {
    var weight = 0.0
    /// The mean predicted probability of an event.
    var expected = 0.0
    /// Kaplan-Meier at the time; while counting, the curve so far.
    var survival = 1.0
    fileprivate var atRisk = 0.0, events = 0.0

    var observed: Double { 1 - survival }
  }

  /// Rows that may make a group.
  private static let (mostGroups, fewestRows) = (10, 20)

  private let order: TimeOrder
  private let time: Double
  /// The predicted probability of an event.
  private let probabilities: [Double]
  /// Rows by ascending probability.
  private let byRisk: [Int32]

  init(survival: [Double], _ data: SurvivalTimes, time: Double) {
    require(
      survival.count == data.count,
      "SurvivalCalibration: \(survival.count) probabilities for \(data.count) rows")
    require(!survival.contains(where: \.isNaN), "SurvivalCalibration: a probability is not a number")
    order = TimeOrder(data)
    self.time = time
    let probabilities = survival.map { 1 - $0 }
    byRisk = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }.map { Int32($0) }
    self.probabilities = probabilities
  }

  /// The ratio of observed to expected events, and the mean difference over the groups.
  func figures(_ weights: UnsafeBufferPointer<Double>) -> (ratio: Double?, error: Double?) {
    let (all, groups) = groups(weights)
    return Self.figures(all, groups)
  }

  static func figures(_ all: Group, _ groups: [Group]) -> (ratio: Double?, error: Double?) {
    guard all.weight > 0 else { return (nil, nil) }
    let error = groups.reduce(0) { $0 + $1.weight * abs($1.observed - $1.expected) } / all.weight
    return (all.expected > 0 ? all.observed / all.expected : nil, error)
  }

  /// All rows as one group, and the groups that have rows.
  func groups(_ weights: UnsafeBufferPointer<Double>) -> (all: Group, groups: [Group]) {
    let total = weights.reduce(0, +)
    let count = max(1, min(Self.mostGroups, Int(total) / Self.fewestRows))
    let numbers = numbers(weights, total: total, count: count)
    // The last group is that of all rows.
    var groups = [Group](repeating: Group(), count: count + 1)
    for (row, group) in numbers.enumerated() {
      groups[group].weight += weights[row]
      groups[group].expected += weights[row] * probabilities[row]
    }
    groups[count].weight = total
    groups[count].expected = groups.reduce(0) { $0 + $1.expected }
    for group in groups.indices where groups[group].weight > 0 {
      groups[group].expected /= groups[group].weight
      groups[group].atRisk = groups[group].weight
    }
    for run in order.runs.reversed() {
      if run.time > time { break }
      remove(run, weights, numbers, from: &groups)
    }
    let all = groups.removeLast()
    return (all, groups.filter { $0.weight > 0 })
  }

  /// Takes the rows of one time out of their groups, events first.
  private func remove(
    _ run: TimeOrder.Run, _ weights: UnsafeBufferPointer<Double>, _ numbers: [Int], from groups: inout [Group]
  ) {
    let all = groups.count - 1
    for place in run.events {
      let row = Int(order.rows[place])
      groups[numbers[row]].events += weights[row]
      groups[all].events += weights[row]
    }
    func step(_ group: Int) {
      guard groups[group].events > 0 else { return }
      groups[group].survival *= 1 - groups[group].events / groups[group].atRisk
      groups[group].events = 0
    }
    for place in run.events { step(numbers[Int(order.rows[place])]) }
    step(all)
    for place in run.start..<run.end {
      let row = Int(order.rows[place])
      groups[numbers[row]].atRisk -= weights[row]
      groups[all].atRisk -= weights[row]
    }
  }

  /// The group of each row: that in which the middle of the rows with its prediction falls.
  private func numbers(_ weights: UnsafeBufferPointer<Double>, total: Double, count: Int) -> [Int] {
    var numbers = [Int](repeating: 0, count: probabilities.count)
    var (start, before) = (0, 0.0)
    while start < byRisk.count {
      let value = probabilities[Int(byRisk[start])]
      var (end, weight) = (start, 0.0)
      while end < byRisk.count, probabilities[Int(byRisk[end])] == value {
        weight += weights[Int(byRisk[end])]
        end += 1
      }
      let middle = total > 0 ? (before + weight / 2) / total : 0
      let number = min(count - 1, Int(middle * Double(count)))
      for place in start..<end { numbers[Int(byRisk[place])] = number }
      before += weight
      start = end
    }
    return numbers
  }
}
