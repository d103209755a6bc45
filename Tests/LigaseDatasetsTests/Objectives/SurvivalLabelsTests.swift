import LigaseDatasets
import Testing

@Suite struct SurvivalLabelsTests {
  private func target(_ times: [String], _ events: [String], event: String = "died") throws -> Labels.Target {
    let survival = SurvivalLabels(time: "months", event: event)
    return try Labels.target(
      [("months", times), (survival.event, events)], Labels.Reading(survival: survival)
    ) { "row \($0 + 1)" }
  }

  private func refusal(_ times: [String], _ events: [String], event: String = "died") -> String {
    do {
      _ = try target(times, events, event: event)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func timesAndEvents() throws {
    let found = try target(["1", "2.5", "0", "4"], ["1", "0", "1", "0"])
    #expect(found.target.objective == "survival" && found.target.names == ["months"])
    #expect(found.target.columns == ["months", "died"])
    #expect(found.observations.numbers == [1, 1, 2.5, 0, 0, 1, 4, 0])
    #expect(found.note == "months, died: 4 examples with 2 events, 2 censored; 1 time of 0")
    for events in [["yes", "no"], ["TRUE", "FALSE"], ["1.0", "0.0"]] {
      #expect(try target(["1", "2"], events).observations.numbers == [1, 1, 2, 0])
    }
    #expect(
      try target(["1", "2"], ["dead", "alive"], event: "died=dead").observations.numbers == [1, 1, 2, 0])
    #expect(try target(["1", "2"], ["2", "1"], event: "died=2").observations.numbers == [1, 1, 2, 0])
    #expect(
      try target(["1", "2", "3"], ["0", "relapse", "death"], event: "died=death").observations.numbers
        == [1, 0, 2, 0, 3, 1])
  }

  @Test func whatCanBeMeantInTwoWaysIsRefused() {
    #expect(refusal(["1", "-2"], ["1", "0"]) == "found the time -2 in months for row 2, expected 0 or more")
    #expect(refusal(["1", "x"], ["1", "0"]) == "found 'x' in months for row 2, expected a number")
    #expect(refusal(["1", "2"], ["2", "1"]).hasPrefix("found the values 1 and 2 in died, which in R mean"))
    #expect(refusal(["1", "2"], ["1", "0"], event: "censored").hasPrefix("the name of censored says"))
    #expect(refusal(["1", "2", "3"], ["0", "1", "2"]).contains("competing risks are not supported"))
    #expect(
      refusal(["1", "2"], ["0", "0"]) == "found no event in 'died' of 2 examples, expected at least one")
    #expect(
      refusal(["1", "2"], ["dead", "alive"]).hasPrefix("found 'dead' in died for row 1, expected 0 or 1"))
    #expect(refusal(["1", "2"], ["1", "0"], event: "died=x").hasPrefix("found no 'x' in died"))
  }

  @Test func evaluationTimesAreDecilesOfTheEvents() throws {
    let times = (1...100).map { "\($0 * 10)" }
    let found = try target(times, times.indices.map { $0 % 2 == 0 ? "1" : "0" })
    #expect(found.target.times.count == 9 && found.target.times == found.target.times.sorted())
    #expect(found.target.times[4] == 510)
    #expect(try target(["3", "3"], ["1", "1"]).target.times == [3])
  }
}
