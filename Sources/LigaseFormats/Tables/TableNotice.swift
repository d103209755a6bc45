/// Something in a table that was skipped, or taken otherwise than usual.
package enum TableNotice: Equatable, Sendable {
  /// So many lines above the header begin with `#`.
  case skippedComments(Int)
  /// This delimiter fits the first rows, whatever the file's name promises.
  case delimiter(Delimiter)
  /// The comma is the decimal mark.
  case decimalCommas
  /// Each row ends in a delimiter too many.
  case droppedTrailingField
  /// Columns that describe the rows and hold no values.
  case skippedColumns([String])
  /// A series matrix whose table has no row: its values are in files beside it.
  case emptySeries
  /// So many lines about samples have another number of samples than there are; the line of the first.
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
