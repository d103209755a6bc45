import LigaseFormats
import LigaseRuntime

/// Series read from a long table, a row a step: a column of ids, a column of times, and columns of values.
///
/// Rows may stand in any order. Ids are in the order of their first rows.
package struct SeriesReading: Sendable {
  /// How a table is read.
  package struct Options: Sendable {
    /// The column of ids; nil takes the first that is not the times'.
    package var idColumn: String?
    /// The column of times; nil takes one with a usual name, else the second.
    package var timeColumn: String?
    /// Columns that are no channels.
    package var skippedColumns: [String] = []
    /// Columns of labels or keys, which are never channels; those that the table lacks do no harm.
    package var labelColumns: [String] = []
    /// The channels of a model, in its order; nil takes all other columns.
    package var channels: [String]?
    /// Whether the texts of times are kept, because steps are to be named.
    package var keepsTimes = false

    package init() {}
  }

  /// The names by which a column of times is known.
  static let timeNames: Set<String> = ["time", "date", "day", "hour", "t", "step"]

  /// The column of ids.
  package let idColumn: String
  /// The name of each series.
  package let ids: [String]
  /// The series.
  package let records: SeriesRecords
  /// The row of the table in which each series begins, in the order of the rows.
  package let firstRows: [Int]
  /// The rows of the table of each series.
  package let rows: [[Int]]
  /// Whether the column of ids or of times was not named.
  package let areColumnsGuessed: Bool
  /// Lines for people about all but the columns of ids and times.
  package private(set) var notes: [String] = []
  /// Columns that a model does not use.
  package private(set) var ignored: [String] = []

  /// Reads a table.
  ///
  /// - Throws: `FormatError` with its place for a table without rows or columns of values, an id or a time that is missing, a
  ///   time that stands twice in one series, and a value that is no number; `JoinError` for channels that are missing.
  package init(_ table: Table, _ options: Options = Options()) throws {
    try table.requireRows()
    let (id, time) = try Self.columns(of: table, options)
    idColumn = id
    for name in options.skippedColumns { _ = try table.index(ofColumn: name) }
    let others = table.columnNames.filter { $0 != id && $0 != time }
    let (channels, columns): ([String], [[Float]])
    if let wanted = options.channels {
      try Self.require(wanted, of: table, among: others)
      ignored = others.filter { !wanted.contains($0) }
      (channels, columns) = (wanted, try wanted.map { try Self.values(table, $0) })
    } else {
      (channels, columns) = try Self.channels(of: table, id, time, others, options, &notes)
    }
    let times = try SeriesTimes(table, column: time)
    if !times.areDates, SeriesTimes.looksCompact(times.values) {
      notes.append(
        "times such as \(table.string(row: 0, column: try table.index(ofColumn: time))) are read as numbers; write dates as "
          + "2024-03-31")
    }
    let (ids, rows) = try Self.series(table, id, time, times.values)
    (self.ids, self.rows, firstRows) = (ids, rows, rows.map { $0.min()! })
    let timeIndex = try table.index(ofColumn: time)
    records = SeriesRecords(
      channels: channels,
      series: rows.map { rows in
        var one = SeriesRecords.Series(
          times: rows.map { times.values[$0] }, values: rows.flatMap { row in columns.map { $0[row] } })
        if options.keepsTimes { one.timeTexts = rows.map { table.string(row: $0, column: timeIndex) } }
        return one
      }, areDates: times.areDates, timeColumn: time)
    areColumnsGuessed = options.idColumn == nil || options.timeColumn == nil
    notes.append(records.summary)
  }

  /// The columns of ids and of times.
  private static func columns(of table: Table, _ options: Options) throws -> (id: String, time: String) {
    for name in [options.idColumn, options.timeColumn] {
      if let name { _ = try table.index(ofColumn: name) }
    }
    let names = table.columnNames
    guard names.count > 1 else {
      throw FormatError(
        .badData, path: table.path, line: 1,
        "found one column, expected a long table: an id, a time and values in each row",
        remedy: .nameDelimiter)
    }
    let free = names.filter { $0 != options.idColumn }
    let time = options.timeColumn ?? free.first { timeNames.contains($0.lowercased()) }
    let id = options.idColumn ?? names.first { $0 != time }!
    let chosen = time ?? names.first { $0 != id }!
    guard id != chosen else {
      throw FormatError(
        .badData, path: table.path, line: 1,
        "found the column \(FormatError.quoted(id)) named for ids and for times, expected two columns")
    }
    return (id, chosen)
  }

  /// Throws `JoinError` where channels of a model are missing.
  private static func require(_ wanted: [String], of table: Table, among others: [String]) throws {
    let missing = wanted.filter { !others.contains($0) }
    guard !missing.isEmpty else { return }
    throw JoinError(
      "\(table.spokenPath): found no column for \(missing.count.grouped) of the model's "
        + "\(wanted.count.counted("channel")): \(FormatError.list(missing, limit: 5)); the table has "
        + FormatError.list(others, limit: 5))
  }

  /// The columns that hold values, and their numbers.
  private static func channels(
    of table: Table, _ id: String, _ time: String, _ others: [String], _ options: Options,
    _ notes: inout [String]
  ) throws -> ([String], [[Float]]) {
    let labels = options.labelColumns.filter { others.contains($0) }
    if !labels.isEmpty {
      notes.append("not channels, as they hold labels: \(FormatError.list(labels, limit: 5))")
    }
    let names = others.filter { !options.skippedColumns.contains($0) && !labels.contains($0) }
    let columns = try names.map { try values(table, $0) }
    let filled = names.indices.filter { !columns[$0].allSatisfy(\.isNaN) }
    guard !filled.isEmpty else {
      throw FormatError(
        .badData, path: table.path, line: 1,
        "found no column of values besides \(FormatError.quoted(id)) and \(FormatError.quoted(time)), expected a long "
          + "table: an id, a time and values in each row")
    }
    if filled.count < names.count {
      let empty = names.indices.filter { !filled.contains($0) }.map { names[$0] }
      notes.append("ignored columns without values: \(FormatError.list(empty, limit: 5))")
    }
    return (filled.map { names[$0] }, filled.map { columns[$0] })
  }

  /// The numbers of a channel; a text is an error that says how to leave the column out.
  private static func values(_ table: Table, _ name: String) throws -> [Float] {
    do { return try table.floats(name, missing: .nan) } catch var error as FormatError {
      error.remedy = .skipColumn(name)
      throw error
    }
  }

  /// The names of the series, and the rows of each in the order of their times.
  private static func series(_ table: Table, _ id: String, _ time: String, _ times: [Double]) throws -> (
    ids: [String], rows: [[Int]]
  ) {
    let column = try table.index(ofColumn: id), names = try table.strings(id)
    var (ids, rows, place) = ([String](), [[Int]](), [String: Int]())
    for (row, name) in names.enumerated() {
      if table.isMissing(row: row, column: column) {
        throw table.error(
          row: row, column: column,
          "found no id in column \(FormatError.quoted(id)), expected the name of a series")
      }
      if let found = place[name] {
        rows[found].append(row)
      } else {
        place[name] = ids.count
        ids.append(name)
        rows.append([row])
      }
    }
    for i in rows.indices {
      rows[i].sort { (times[$0], $0) < (times[$1], $1) }
      for (before, after) in zip(rows[i], rows[i].dropFirst()) where times[before] == times[after] {
        let column = try table.index(ofColumn: time)
        throw table.error(
          row: after, column: column,
          "found the time \(FormatError.quoted(table.string(row: after, column: column))) of the series "
            + "\(FormatError.quoted(ids[i])) a second time (first on line \(table.line(ofRow: before))), expected each time once"
        )
      }
    }
    return (ids, rows)
  }

  /// The keys of examples that end before the end of their series: the id, and the time as it stands in the table.
  package func keys(_ series: [Int], lastRows: [Int], of table: Table) throws -> KeyColumns {
    let column = try table.index(ofColumn: records.timeColumn)
    return KeyColumns([
      KeyColumn(idColumn, series.map { ids[$0] }),
      KeyColumn(records.timeColumn, lastRows.map { table.string(row: $0, column: column) }),
    ])
  }

  /// A column of labels of the table itself: the one value that each series has.
  ///
  /// - Throws: `FormatError` at the first row of a series with another value.
  package func labels(_ name: String, of table: Table) throws -> [String] {
    let column = try table.index(ofColumn: name), texts = try table.strings(name)
    return try rows.indices.map { i in
      let first = firstRows[i]
      if let row = rows[i].sorted().first(where: { texts[$0] != texts[first] }) {
        throw table.error(
          row: row, column: column,
          "found \(FormatError.quoted(texts[row])) in column \(FormatError.quoted(name)) for the series "
            + "\(FormatError.quoted(ids[i])), which has \(FormatError.quoted(texts[first])) on line "
            + "\(table.line(ofRow: first)); expected one label for a series")
      }
      return texts[first]
    }
  }
}

extension SeriesReading {
  /// Which columns hold ids and times, for people.
  package var columnNote: String {
    "ids are in column \(FormatError.quoted(idColumn)) and \(records.areDates ? "dates" : "times") in column "
      + FormatError.quoted(records.timeColumn)
  }

  /// Throws where every series has one step, so that nothing is over time.
  package func requireSteps(path: String) throws {
    guard records.series.allSatisfy({ $0.times.count == 1 }) else { return }
    throw FormatError(
      .badData, path: path,
      "found one step in each of \(ids.count.grouped) series (\(FormatError.list(ids, limit: 3))), expected a long table: a row "
        + "for each step of a series, all with the id of the series")
  }
}

extension SeriesPreparation {
  /// Throws where times are of another kind than those of the training series and are read by the model.
  package func requireTimes(_ records: SeriesRecords, path: String) throws {
    guard readsTime, records.areDates != areDates else { return }
    func words(_ areDates: Bool) -> String { areDates ? "dates" : "numbers" }
    throw FormatError(
      .badData, path: path,
      "found times that are \(words(records.areDates)) in column \(FormatError.quoted(records.timeColumn)), expected "
        + "\(words(areDates)): the model reads the time between steps")
  }

  /// Lines for people about what new series have that the training series had not.
  package func report(on reading: SeriesReading) -> [String] {
    let records = reading.records
    var lines: [String] = []
    if !reading.ignored.isEmpty {
      lines.append(
        "ignored \(reading.ignored.count.counted("column")) that the model does not use: "
          + FormatError.list(reading.ignored, limit: 5))
    }
    if !hasMissing, records.missingFraction > 0 {
      lines.append(
        "\(SeriesRecords.percent(records.missingFraction)) of the values are missing, and none was in training: the last value is "
          + "carried forward; expect lower accuracy")
    }
    if !isIrregular, records.isIrregular {
      lines.append(
        "the steps are irregular, and were not in training: the model ignores the time between them")
    }
    return lines
  }
}
