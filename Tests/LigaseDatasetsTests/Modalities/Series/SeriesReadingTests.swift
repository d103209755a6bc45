import LigaseDatasets
import LigaseFormats
import Testing

@Suite struct SeriesReadingTests {
  private func read(_ text: String, _ change: (inout SeriesReading.Options) -> Void = { _ in }) throws
    -> SeriesReading
  {
    var options = SeriesReading.Options()
    change(&options)
    return try SeriesReading(Table(bytes: Array(text.utf8), path: "labs.csv"), options)
  }

  private func refusal(_ text: String, _ change: (inout SeriesReading.Options) -> Void = { _ in }) -> String?
  {
    do {
      _ = try read(text, change)
      return nil
    } catch { return "\(error)" }
  }

  private func times(_ texts: [String]) throws -> [Double] {
    try read("id,time,x\n" + texts.map { "a,\($0),1\n" }.joined()).records.series[0].times
  }

  @Test func rowsInAnyOrder() throws {
    let reading = try read("id,time,x,y\nb,2,5,6\na,1,1,2\nb,0.5,3,4\na,10,7,8\nc,0,9,10\n")
    #expect(reading.ids == ["b", "a", "c"] && reading.records.channels == ["x", "y"])
    #expect(reading.records.series.map(\.times) == [[0.5, 2], [1, 10], [0]])
    #expect(reading.records.series.map(\.values) == [[3, 4, 5, 6], [1, 2, 7, 8], [9, 10]])
    #expect(
      reading.notes == [
        "3 series of 1 to 2 steps, 2 channels (x, y), no missing values, irregular spacing (1.5 to 9, mean 5.25)"
      ])
    #expect(
      reading.columnNote == "ids are in column 'id' and times in column 'time'" && reading.areColumnsGuessed)
  }

  /// The first column names series, and a usual name times; else the second column.
  @Test func columnsAreFound() throws {
    for (header, id, time) in [
      ("id,x,Date", "id", "Date"), ("id,x,HOUR", "id", "HOUR"), ("patient,t,x", "patient", "t"),
      ("sample,week,x", "sample", "week"), ("time,name,x", "name", "time"), ("step,day,x", "day", "step"),
    ] {
      let reading = try read(header + "\n1,1,1\n2,2,2\n")
      #expect(reading.idColumn == id && reading.records.timeColumn == time, "\(header)")
    }
    let named = try read("x,week,person,time\n5,1,a,3\n6,2,a,2\n") {
      ($0.idColumn, $0.timeColumn) = ("person", "week")
    }
    #expect(named.ids == ["a"] && named.records.channels == ["x", "time"])
    #expect(named.records.series[0].values == [5, 3, 6, 2] && named.columnNote.hasSuffix("column 'week'"))
    #expect(!named.areColumnsGuessed)
    #expect(
      refusal("id,time,x\na,1,2\n") { $0.timeColumn = "when" }
        == "labs.csv:1: found no column 'when', expected one of: id, time, x")
    #expect(
      refusal("id,time,x\na,1,2\n") { ($0.idColumn, $0.timeColumn) = ("id", "id") }
        == "labs.csv:1: found the column 'id' named for ids and for times, expected two columns")
  }

  @Test func datesAreDays() throws {
    #expect(try times(["1970-01-02", "1970-03-01", "1972-02-29"]) == [1, 59, 789])
    #expect(try times(["2024-02-28", "2024-02-29", "2024-03-01"]) == [19781, 19782, 19783])
    #expect(
      try times(["1970-01-01T06:00", "1970-01-01 12:00:00", "1970-01-01T18:00:00.000Z"]) == [0.25, 0.5, 0.75])
    #expect(
      try times(["1970-01-01T02:00+02:00", "1970-01-01T00:00-0600", "1970-01-01T12:00+00"]) == [0, 0.25, 0.5])
    #expect(try times(["1969-12-31", "0001-01-01", "2000-01-01"]) == [-719_162, -1, 10_957])
    let reading = try read("id,date,x\na,2024-01-31,1\na,2024-02-29,2\na,2024-03-31,3\n")
    #expect(reading.records.areDates && reading.columnNote.contains("dates in column 'date'"))
    #expect(reading.notes.last!.hasSuffix("irregular spacing (29 to 31 days, mean 30 days)"))
  }

  @Test func timesThatAreNone() {
    for (texts, message) in [
      (["1", "2", "x"], ":4:2: found 'x' in column 'time', expected a number as in other rows"),
      (
        ["2024-01-01", "5", "2024-01-02"],
        ":3:2: found '5' in column 'time', expected an ISO date such as 2024-03-31 or 2024-03-31T12:30 as in other rows"
      ),
      (
        ["2024-01-01", "2024-13-01"],
        ":3:2: found '2024-13-01' in column 'time', expected an ISO date such as 2024-03-31 or 2024-03-31T12:30 as in other rows"
      ),
      (
        ["2023-02-29"],
        ":2:2: found '2023-02-29' in column 'time', expected a number, or an ISO date such as 2024-03-31 or 2024-03-31T12:30"
      ),
      (["1", "", "3"], ":3:2: found an empty field in column 'time', expected a number as in other rows"),
      (["1", "inf", "3"], ":3:2: found 'inf' in column 'time', expected a number as in other rows"),
    ] {
      #expect(
        refusal("id,time,x\n" + texts.map { "a,\($0),1\n" }.joined()) == "labs.csv" + message, "\(texts)")
    }
    for text in [
      "2024-1-01", "24-01-01", "2024-01-01T", "2024-01-01T25:00", "2024-01-01T12", "2024-01-01T12:60",
      "2024-01-01T12:00:61", "2024-01-01T12:00:00.", "2024-01-01T12:00+1", "2024-01-01T12:00Zx", "2024-00-10",
      "2024-04-31",
    ] {
      #expect(
        refusal("id,time,x\na,2023-01-01,1\na,\(text),1\n")?.contains("found '\(text)'") == true, "\(text)")
    }
  }

  @Test func equalTimesAreRefused() {
    #expect(
      refusal("id,time,x\na,1,1\nb,1,1\na,2,1\na,1.0,2\n")
        == "labs.csv:5:2: found the time '1.0' of the series 'a' a second time (first on line 2), expected each time once"
    )
    #expect(
      refusal("id,date,x\na,2024-01-01,1\na,2024-01-01T00:00,1\n")
        == "labs.csv:3:2: found the time '2024-01-01T00:00' of the series 'a' a second time (first on line 2), expected each "
        + "time once")
    #expect(refusal("id,time,x\na,1,1\nb,1,1\nc,1,1\n") == nil)
  }

  @Test func missingValuesAreHoles() throws {
    let reading = try read("id,time,x,y\na,1,NA,2\na,2,,n/a\na,3,-,4\na,4,1,None\n")
    #expect(
      reading.records.series[0].values.map(\.isNaN) == [true, false, true, true, true, false, false, true])
    #expect(reading.notes.last!.contains("62.5 % of the values missing"))
    let empty = try read("id,time,x,y\na,1,,2\na,2,NA,3\n")
    #expect(empty.records.channels == ["y"] && empty.notes.contains("ignored columns without values: x"))
    #expect(
      refusal("id,time,x\na,1,\na,2,NA\n")
        == "labs.csv:1: found no column of values besides 'id' and 'time', expected a long table: an id, a time and values in "
        + "each row")
  }

  @Test func textsAreRefusedWithTheirPlace() throws {
    let text = "id,time,x,ward\na,1,3,B2\na,2,4,B2\n"
    #expect(refusal(text) == "labs.csv:2:4: found 'B2' in column 'ward', expected a number")
    do { _ = try read(text) } catch let error as FormatError { #expect(error.remedy == .skipColumn("ward")) }
    #expect(try read(text) { $0.skippedColumns = ["ward"] }.records.channels == ["x"])
    #expect(
      refusal(text) { $0.skippedColumns = ["bed"] }
        == "labs.csv:1: found no column 'bed', expected one of: id, time, x, ward")
    #expect(
      refusal("id,time,x\na,1,3\na,2,4 mg\n") == "labs.csv:3:3: found '4 mg' in column 'x', expected a number"
    )
    #expect(
      refusal("id,time,x\na,1,inf\na,2,4\n")?.hasPrefix("labs.csv:2:3: found 'inf' in column 'x'") == true)
    // Columns of labels are never channels, and those that are not there do no harm.
    let labelled = try read(text) { $0.labelColumns = ["ward", "class"] }
    #expect(labelled.records.channels == ["x"])
    #expect(labelled.notes.contains("not channels, as they hold labels: ward"))
  }

  @Test func filesThatHoldNothing() {
    #expect(refusal("")?.hasPrefix("labs.csv") == true)
    #expect(refusal("id,time,x\n") == "labs.csv:2: found no row below the header, expected data")
    #expect(
      refusal("id\na\n")
        == "labs.csv:1: found one column, expected a long table: an id, a time and values in each row")
    #expect(refusal("id,time\na,1\n")?.contains("found no column of values besides 'id' and 'time'") == true)
    #expect(
      refusal("id,time,x\n,1,2\n")
        == "labs.csv:2:1: found no id in column 'id', expected the name of a series")
  }

  @Test func compactDatesArePointedOut() throws {
    let note = "times such as 20240131 are read as numbers; write dates as 2024-03-31"
    #expect(try read("id,date,x\na,20240131,1\na,20240201,1\n").notes.contains(note))
    #expect(try !read("id,date,x\na,20241331,1\na,20240201,1\n").notes.contains(note))
    #expect(try read("id,t,x\na,1,1\na,2,1\n").notes.count == 1)
  }

  /// A model's channels are found by name; others are ignored.
  @Test func channelsOfAModel() throws {
    let reading = try read("id,note,y,time,x\na,new,1,1,2\na,,3,2,\n") { $0.channels = ["x", "y"] }
    #expect(reading.records.channels == ["x", "y"] && reading.ignored == ["note"])
    let values = reading.records.series[0].values
    #expect(values[0] == 2 && values[1] == 1 && values[2].isNaN && values[3] == 3)
    #expect(
      refusal("id,time,x\na,1,2\n") { $0.channels = ["y", "x", "z"] }
        == "labs.csv: found no column for 2 of the model's 3 channels: y, z; the table has x")
    let empty = try read("id,time,x,y\na,1,,3\n") { $0.channels = ["x", "y"] }
    #expect(empty.records.series[0].values[0].isNaN)
  }

  /// A label in the long table is the same in all rows of a series.
  @Test func labelsInTheTable() throws {
    let text = "id,time,x,kind\nb,2,1,no\na,1,1,yes\nb,1,1,no\n"
    let table = try Table(bytes: Array(text.utf8), path: "labs.csv")
    var options = SeriesReading.Options()
    options.labelColumns = ["kind"]
    #expect(try SeriesReading(table, options).labels("kind", of: table) == ["no", "yes"])
    let other = try Table(bytes: Array((text + "b,3,1,yes\n").utf8), path: "labs.csv")
    #expect(throws: FormatError.self) { try SeriesReading(other, options).labels("kind", of: other) }
    do { _ = try SeriesReading(other, options).labels("kind", of: other) } catch {
      #expect(
        "\(error)"
          == "labs.csv:5:4: found 'yes' in column 'kind' for the series 'b', which has 'no' on line 2; expected one label for a "
          + "series")
    }
  }

  @Test func oneStepEachIsNoSeries() throws {
    let reading = try read("id,time,x\na,1,1\nb,1,1\nc,1,1\nd,1,1\n")
    do {
      try reading.requireSteps(path: "labs.csv")
      Issue.record("no error")
    } catch {
      #expect(
        "\(error)".hasPrefix(
          "labs.csv: found one step in each of 4 series (a, b, c, … (4 in all)), expected a long table"),
        "\(error)")
    }
    try read("id,time,x\na,1,1\nb,1,1\nb,2,1\n").requireSteps(path: "labs.csv")
  }
}
