/// A skipped part or an unusual format of a table.
package enum TableNotice: Equatable, Sendable {
  /// The number of lines above the header that begin with `#`.
  case skippedComments(Int)
  /// The delimiter that was detected in the first rows, which differs from the file's suffix.
  case delimiter(Delimiter)
  /// The comma is the decimal mark.
  case decimalCommas
  /// Each row ends with an additional delimiter.
  case droppedTrailingField
  /// Columns that describe the rows and have no values.
  case skippedColumns([String])
  /// A series matrix without rows: its values are in other files.
  case emptySeries
  /// The number of lines with another number of samples than the file has; the line number of the first.
  case sampleLinesOfOtherWidth(Int, line: Int)
}

extension TableNotice: CustomStringConvertible {
  /// The notice as a phrase.
  package var description: String {
    switch self {
    case .skippedComments(let count):
      "skipped \(count) comment line\(count == 1 ? "" : "s") above the header"
    case .delimiter(let delimiter): "fields are separated by \(delimiter.plural)"
    case .decimalCommas: "decimal commas are converted to points"
    case .droppedTrailingField: "dropped the empty last field of every row"
    case .sampleLinesOfOtherWidth(let count, let line):
      "\(count) line\(count == 1 ? "" : "s") about samples (the first is line \(line)) have another number of samples"
    case .emptySeries: "the table has no values (those of sequencing are in supplementary files)"
    case .skippedColumns(let names): "ignored columns without values: \(FormatError.list(names))"
    }
  }
}
