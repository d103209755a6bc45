/// What is wrong with a file, and where: the one error that every reader and writer of this library throws.
///
/// Its `description` is a single line in the manner of a compiler,
/// `expression.csv:12:4: found 'abc', expected a number`, whatever bytes the file held.
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
  /// What kind of thing went wrong; each kind has its exit code (sysexits.h).
  public enum Kind: Equatable, Sendable {
    /// The bytes arrived, but they are not what the format or the caller asks for.
    case badData
    /// The input does not exist or cannot be opened.
    case noInput
    /// The output cannot be created, or exists and must not be replaced.
    case cannotCreate
    /// Reading or writing failed, or the stream is truncated or corrupt.
    case inputOutput
    /// Whoever read our output has gone away.
    case brokenPipe
  }

  /// What kind of thing went wrong.
  public var kind: Kind
  /// The file as the user named it; `-` is standard input or output.
  public var path: String
  /// The line, counted from 1.
  public var line: Int?
  /// The column of a table, or the byte within the line, counted from 1.
  public var column: Int?
  /// The byte of the file, counted from 0, where lines mean nothing (compressed streams).
  public var offset: Int?
  /// The problem: the value found and the value expected.
  public var message: String
  /// A remedy, if there is one.
  package var remedy: Remedy?

  /// Describes a problem; of the places, only those that are known.
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

  /// The exit code of a command that stops here: 65 bad data, 66 no input, 73 cannot create, 74 input/output
  /// or truncated, 0 for a broken pipe.
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
  /// One line: `path:line:column: message`.
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

  /// `text` between single quotes, shortened to about 40 characters, control bytes and bad UTF-8 escaped.
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

  /// `text` between single quotes, shortened to about 40 characters, control characters escaped.
  package static func quoted(_ text: String) -> String { quoted(text.utf8) }

  /// `text` on one line: control bytes as `\n`, `\t` or `\xNN`, and so the bytes that are not UTF-8.
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
  /// `names` as a list for a message: all of them when few, else the first ones and how many more.
  package static func list(_ names: some Collection<String>, limit: Int = 12) -> String {
    let shown = names.prefix(limit).map { printable($0.utf8) }.joined(separator: ", ")
    return names.count > limit ? shown + ", … (\(names.count) in all)" : shown
  }

  /// How many names there are, and the first of them: `60 (GENE01, GENE02, GENE03, …)`.
  package static func counted(_ names: some Collection<String>, limit: Int = 3) -> String {
    let shown = names.prefix(limit).map { printable($0.utf8) }.joined(separator: ", ")
    return "\(names.count) (\(shown)\(names.count > limit ? ", …" : ""))"
  }
}
