import LigaseDatasets
import LigaseFormats
import Testing

@Suite struct SeriesStepLabelsTests {
  private func read(_ text: String, missing: [String] = []) throws -> (SeriesReading, SeriesStepLabels) {
    let table = try Table(bytes: Array(text.utf8), path: "steps.csv")
    var options = SeriesReading.Options()
    (options.labelColumns, options.keepsTimes) = (["state"], true)
    let reading = try SeriesReading(table, options)
    return (reading, try reading.stepLabels("state", of: table, missing: missing))
  }

  private func refusal(_ text: String) -> String? {
    do {
      _ = try read(text)
      return nil
    } catch { return "\(error)" }
  }

  /// Classes follow the times, not the rows; a series without any class is skipped.
  @Test func classesOfSteps() throws {
    let text =
      "id,date,x,state\na,2024-01-02,2,up\na,2024-01-01,1,down\nb,2024-01-01,1,\nb,2024-01-02,2,NA\na,2024-01-03,3,\n"
    let (reading, labels) = try read(text)
    #expect(labels.names == ["down", "up"] && labels.series == [0] && labels.steps == [[0, 1, -1]])
    #expect(
      labels.note
        == "state: 2 classes of steps (down, up); 3 steps without a class; skipped 1 series without any")
    #expect(reading.records.channels == ["x"])
    #expect(reading.records.stepColumns == ["date"] && reading.records.stepCount(of: 0) == 3)
    #expect(reading.records.stepFields(of: 0, step: 1) == ["2024-01-02"])
    #expect(try read(text.replacing("NA", with: "?"), missing: ["?"]).1.series == [0])
    #expect(try read(text.replacing("NA", with: "?")).1.names == ["?", "down", "up"])
  }

  @Test func fewerThanTwoClassesAreRefused() {
    let text = "id,time,x,state\na,1,1,up\na,2,2,\n"
    #expect(
      refusal(text)
        == "steps.csv:1: found only the class 'up' in column 'state' for 2 steps, expected at least two classes of steps"
    )
    #expect(
      refusal(text.replacing("up", with: "NA"))
        == "steps.csv:1: found no class in column 'state' for 2 steps, expected at least two classes of steps"
    )
  }

  @Test func stepsOfSequences() {
    let records = SequenceRecords([Array("MKV".utf8)])
    #expect(records.stepColumns == ["position", "residue"] && records.stepCount(of: 0) == 3)
    #expect(records.stepFields(of: 0, step: 1) == ["2", "K"])
  }
}
