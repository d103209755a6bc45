/// A problem of a file and its position: the one error that every reader and writer of this library throws.
///
/// Its `description` is a single line like that of a compiler, `expression.csv:12:4: found 'abc', expected a
/// number`, whatever bytes the file contains.
///
/// ```swift
/// do {
///   _ = try Table(contentsOf: "response.csv").floats("ln_IC50")
/// } catch let error as FormatError {
///   print(error)                                     // response.csv:12:4: found 'abc', expected a number
///   print(error.line ?? 0, error.kind == .badData)
/// }
/// ```
public struct FormatError: Error, Equatable, Sendable {
  /// The kinds of errors; each kind has its exit code (sysexits.h).
  public enum Kind: Equatable, Sendable {
    /// The input was read, but is not valid for the format or the caller.
    case badData
    /// The input does not exist or cannot be opened.
    case noInput
    /// The output cannot be created, or exists and must not be replaced.
    case cannotCreate
    /// Reading or writing failed, or the stream is truncated or corrupt.
    case inputOutput
    /// The reader of the output has closed it.
    case brokenPipe
  }

  /// The kind of the error.
  public var kind: Kind
  /// The file as the user named it; `-` is standard input or output.
  public var path: String
  /// The line, counted from 1.
  public var line: Int?
  /// The column of a table, or the byte within the line, counted from 1.
  public var column: Int?
  /// The byte of the file, counted from 0, where there are no lines (compressed streams).
  public var offset: Int?
  /// The problem: the value found and the value expected.
  public var message: String
  /// A remedy, if any.
  package var remedy: Remedy?

  /// Creates an error with the known parts of its position.
  package init(
    _ kind: Kind, path: String, line: Int? = nil, column: Int? = nil, offset: Int? = nil, _ message: String,
    remedy: Remedy? = nil
  ) {
    self.kind = kind
    self.path = path
    self.line = line
    self.column = column
    self.offset = offset
    self.message = message
    self.remedy = remedy
  }

  /// The exit code of a command that ends with this error: 65 bad data, 66 no input, 73 cannot create, 74
  /// input/output or truncated, 0 for a broken pipe.
  package var exitCode: Int32 {
    switch kind {
    case .badData: 65
    case .noInput: 66
    case .cannotCreate: 73
    case .inputOutput: 74
    case .brokenPipe: 0
    }
  }
}

extension FormatError: CustomStringConvertible {
  /// The error in one line: `path:line:column: message`.
  public var description: String {
    var text = path == "-" ? "standard input" : FormatError.printable(path.utf8)
    if path == "-", kind == .cannotCreate || kind == .brokenPipe { text = "standard output" }
    if let line {
      text += ":\(line)"
      if let column { text += ":\(column)" }
    }
    if let offset { text += ": at byte \(offset)" }
    return text + ": " + message
  }

  /// Returns `text` in single quotes, shortened to about 40 characters, with control bytes and invalid UTF-8
  /// escaped.
  package static func quoted(_ text: some Sequence<UInt8>) -> String {
    var bytes: [UInt8] = []
    var isCut = false
    for byte in text {
      if bytes.count == 60 {
        isCut = true
        break
      }
      bytes.append(byte)
    }
    var shown = printable(bytes)
    if isCut || shown.count > 48 { shown = String(shown.prefix(40)) + "…" }
    return "'" + shown + "'"
  }

  /// Returns `text` in single quotes, shortened to about 40 characters, with control characters escaped.
  package static func quoted(_ text: String) -> String { quoted(text.utf8) }

  /// Returns `text` in one line, with control bytes as `\n`, `\t` or `\xNN`, and likewise bytes that are not
  /// UTF-8.
  static func printable(_ text: some Sequence<UInt8>) -> String {
    let bytes = Array(text)
    let isText = UTF8Scan.firstInvalid(bytes) == nil
    var shown: [UInt8] = []
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n"): shown += Array("\\n".utf8)
      case UInt8(ascii: "\r"): shown += Array("\\r".utf8)
      case UInt8(ascii: "\t"): shown += Array("\\t".utf8)
      case 0..<32, 127: shown += Array(hexadecimal(byte).utf8)
      case 128... where !isText: shown += Array(hexadecimal(byte).utf8)
      default: shown.append(byte)
      }
    }
    return String(decoding: shown, as: UTF8.self)
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16)
  }
}

extension FormatError {
  /// Returns `names` as a list for a message: all of them if there are few, else the first ones and the
  /// number of others.
  package static func list(_ names: some Collection<String>, limit: Int = 12) -> String {
    let shown = names.prefix(limit).map { printable($0.utf8) }.joined(separator: ", ")
    return names.count > limit ? shown + ", … (\(names.count) in all)" : shown
  }

  /// Returns the number of names, and the first of them: `60 (GENE01, GENE02, GENE03, …)`.
  package static func counted(_ names: some Collection<String>, limit: Int = 3) -> String {
    let shown = names.prefix(limit).map { printable($0.utf8) }.joined(separator: ", ")
    return "\(names.count) (\(shown)\(names.count > limit ? ", …" : ""))"
  }
}
