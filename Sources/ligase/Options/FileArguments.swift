import ArgumentParser
import Glibc
import LigaseFormats

/// Checks of the files that one command reads or writes.
enum FileArguments {
  /// Throws where several inputs are standard input, which can be read only once.
  static func refuseSharedInput(_ files: [String?], of what: String = "files") throws {
    if files.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input ('-') can be used for only one of the \(what)")
    }
  }

  /// Throws where two outputs are one file; each has the option that names it.
  static func refuseSharedOutput(_ outputs: [(option: String, path: String?)]) throws {
    var options: [String: String] = [:]
    for (option, path) in outputs {
      guard let path, path != "-" else { continue }
      let steps = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
      if let other = options.updateValue(option, forKey: (path.hasPrefix("/") ? "/" : "") + steps) {
        throw ValidationError("\(other) and \(option) must be different files (got '\(path)' for both)")
      }
    }
  }

  /// Throws where a file of this name cannot be created.
  static func requirePlace(of path: String) throws {
    if path.isEmpty || FilePath.isFolder(path) {
      throw FormatError(
        .cannotCreate, path: path, path.isEmpty ? "the file name is empty" : "is a directory, expected a file"
      )
    }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    guard access((folder.isEmpty && !path.hasPrefix("/") ? "." : folder) + "/.", W_OK) == 0 else {
      throw FormatError(.cannotCreate, path: path, "cannot create: \(String(cString: strerror(errno)))")
    }
  }

  /// Creates a folder unless there is one already.
  ///
  /// - Parameter what: what the error calls it.
  static func makeFolder(_ path: String, _ what: String = "the folder") throws {
    guard FilePath.isFolder(path) || mkdir(path, 0o777) == 0 else {
      throw FormatError(
        .cannotCreate, path: path, "cannot create \(what): \(String(cString: strerror(errno)))")
    }
  }

  /// Throws where an output would replace an existing file without --overwrite.
  static func refuseExisting(_ path: String, overwrite: Bool) throws {
    if access(path, F_OK) == 0, !overwrite {
      throw FormatError(.cannotCreate, path: path, "already exists", remedy: .replaceOutput)
    }
  }
}

extension ReportOptions {
  /// Reports rows that were skipped in a table, and unusual formats.
  func note(_ notices: [TableNotice], _ file: String?) {
    for notice in notices { note("\(ReportOptions.place(file)): \(notice)") }
  }

  /// Reads a table and reports its notices.
  func table(_ file: String?, delimiter: Delimiter? = nil, hasHeader: Bool = true) throws -> Table {
    let table = try Table(contentsOf: file, delimiter: delimiter, hasHeader: hasHeader)
    note(table.notices, file)
    return table
  }
}
