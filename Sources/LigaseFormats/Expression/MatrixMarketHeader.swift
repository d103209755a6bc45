import LigaseRuntime

/// The first lines of a MatrixMarket file (Boisvert and others, NIST, 1996):
///
///     %%MatrixMarket matrix coordinate|array integer|real|pattern general
///     { % comment }
///     rows columns entries            for coordinate
///     rows columns                    for array
///
/// Upper and lower case are equal. Symmetric, Hermitian and complex matrices are refused, because none of
/// them contains expression.
struct MatrixMarketHeader {
  /// The type of the values of entries.
  enum Field {
    case number
    case pattern
  }

  var rows = 0
  var columns = 0
  /// The number of entries.
  var entryCount = 0
  /// Whether the format is array: every value is written, column by column.
  var isArray = false
  var field = Field.number
  /// The line number of the sizes.
  var line = 0

  private static let banner = Array("%%MatrixMarket".utf8)

  /// Returns whether the text begins like MatrixMarket, without consuming it. A banner without its second
  /// `%`, or after spaces, throws.
  static func begins(_ window: TextWindow) throws -> Bool {
    let length = 64
    while window.end - window.start < length { if try !window.fill() { break } }
    let head = UnsafeBufferPointer(
      start: window.base + window.start, count: min(length, window.end - window.start))
    func isBanner(_ text: some Collection<UInt8>, _ banner: some Collection<UInt8>) -> Bool {
      text.count >= banner.count && zip(text, banner).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
    if isBanner(head, banner) { return true }
    let text = head.drop { $0 <= 0x20 }
    let path = window.path.lowercased()
    if isBanner(text, banner) || isBanner(text, banner.dropFirst()) || isBanner(text, banner.dropFirst(2))
      || text.first == 0x25 || path.hasSuffix(".mtx") || path.hasSuffix(".mtx.gz")
    {
      throw FormatError(
        .badData, path: window.path, line: window.line,
        "found \(FormatError.quoted(head.prefix { $0 != 0x0A })), expected MatrixMarket to begin with '%%MatrixMarket'"
      )
    }
    return false
  }

  /// Reads the first lines.
  init(_ window: TextWindow) throws {
    let first = try window.nextLine().map { String(decoding: $0, as: UTF8.self) } ?? ""
    let words = first.split { $0 == " " || $0 == "\t" }.map { $0.lowercased() }
    func refuse(_ line: Int, _ found: String, _ expected: String) -> FormatError {
      FormatError(
        .badData, path: window.path, line: line, "found \(FormatError.quoted(found)), expected \(expected)")
    }
    guard words.count >= 5, words[0] == "%%matrixmarket", words[1] == "matrix" else {
      throw refuse(1, first, "`%%MatrixMarket matrix coordinate integer general` or the like")
    }
    switch words[2] {
    case "coordinate": isArray = false
    case "array": isArray = true
    default: throw refuse(1, words[2], "coordinate or array")
    }
    switch words[3] {
    case "integer", "real", "double", "unsigned-integer": field = .number
    case "pattern" where !isArray: field = .pattern
    default: throw refuse(1, words[3], isArray ? "integer or real" : "integer, real or pattern")
    }
    if words[4] != "general" { throw refuse(1, words[4], "general: expression is no symmetric matrix") }
    while true {
      line = window.line
      guard let text = try window.nextLine() else {
        throw FormatError(
          .badData, path: window.path, line: line,
          "found the end of the file, expected the sizes of the matrix")
      }
      if text.first == 0x25 || text.allSatisfy({ $0 <= 0x20 }) { continue }
      let numbers = text.split { $0 <= 0x20 }.map { Int(String(decoding: $0, as: UTF8.self)) }
      guard numbers.count == (isArray ? 2 : 3), let sizes = numbers as? [Int],
        sizes.allSatisfy({ $0 >= 0 }), sizes[0] <= Int32.max, sizes[1] <= Int32.max
      else {
        throw refuse(
          line, String(decoding: text, as: UTF8.self),
          isArray ? "the numbers of rows and columns" : "the numbers of rows, columns and entries")
      }
      (rows, columns) = (sizes[0], sizes[1])
      // Both are below 2^31, so the product fits.
      entryCount = isArray ? rows * columns : sizes[2]
      guard entryCount <= rows * columns else {
        throw refuse(
          line, String(decoding: text, as: UTF8.self), "no more entries than \(rows) × \(columns) values")
      }
      return
    }
  }
}
