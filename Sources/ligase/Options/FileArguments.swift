import ArgumentParser
import LigaseFormats

/// Several files of one kind.
enum FileArguments {
  /// Standard input can be read once.
  static func refuseSharedInput(_ files: [String]) throws {
    if files.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input ('-') can be only one of the files")
    }
  }
}

extension ReportOptions {
  /// Says what was skipped in a table, or taken otherwise than usual.
  func note(_ notices: [TableNotice], _ file: String?) {
    for notice in notices { note("\(ReportOptions.place(file)): \(notice)") }
  }

  /// Reads a table and says what was skipped in it.
  func table(_ file: String?, delimiter: Delimiter? = nil, hasHeader: Bool = true) throws -> Table {
    let table = try Table(contentsOf: file, delimiter: delimiter, hasHeader: hasHeader)
    note(table.notices, file)
    return table
  }
}
