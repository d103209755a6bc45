import LigaseFormats

extension SeriesModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let table = try Table(contentsOf: file.path), fitted = preparation as? SeriesPreparation
    var options = SeriesReading.Options()
    options.idColumn = file.key.flatMap { table.hasColumn($0) ? $0 : nil }
    options.timeColumn = fitted.flatMap { table.hasColumn($0.timeColumn) ? $0.timeColumn : nil }
    options.labelColumns = file.excluded.sorted()
    options.channels = fitted?.channels
    let reading = try SeriesReading(table, options)
    try fitted?.requireTimes(reading.records, path: table.path)
    return ReadInput(
      ids: reading.ids, reading.records, SeriesModality(),
      notes: table.notices.map { "\($0)" } + [reading.columnNote] + reading.notes)
  }
}
