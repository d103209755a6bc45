/// The header of an array in NumPy's format (NEP 1): versions 1.0, 2.0 and 3.0.
///
/// ```
/// magic "\x93NUMPY", major, minor, length of the header (2 bytes, from version 2.0 on 4), header
/// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
/// ```
package struct NPYHeader: Equatable, Sendable {
  /// The kind of an element.
  package enum Kind: UInt8, Sendable {
    case boolean = 0x62
    case signed = 0x69
    case unsigned = 0x75
    case floating = 0x66
    case complex = 0x63
    /// Bytes, padded with zeros.
    case bytes = 0x53
    /// UTF-32, padded with zeros.
    case text = 0x55
  }

  /// The kind of an element.
  package let kind: Kind
  /// The size of an element in bytes.
  package let size: Int
  /// Whether the most significant byte is first.
  package let isBigEndian: Bool
  /// Whether the first axis varies fastest.
  package let isFortran: Bool
  /// The number of elements along each axis.
  package let shape: [Int]
  /// The number of elements.
  package let count: Int
  /// Bytes from the start of the array to its elements.
  package let length: Int

  /// The size of all elements in bytes.
  package var byteCount: Int { count * size }
  /// The elements along all axes but the first.
  package var rowCount: Int { shape.first ?? 1 }
  /// The number of elements of a row.
  package var rowSize: Int { shape.dropFirst().reduce(1, *) }

  /// The longest header that is read; NumPy's own limit is 10,000 bytes.
  private static let longest = 1 << 20

  /// Reads a header.
  ///
  /// - Parameters:
  ///   - name: what the array is called in errors.
  ///   - read: returns the next bytes; fewer at the end.
  init(_ name: String, path: String, read: (Int) throws -> [UInt8]) throws {
    func refuse(_ message: String) -> FormatError { FormatError(.badData, path: path, name + message) }
    func truncated() -> FormatError {
      FormatError(.inputOutput, path: path, name + "truncated: the file ends within the header of the array")
    }
    let start = try read(8)
    guard start.count == 8 else {
      throw start.starts(with: Self.magic.prefix(start.count)) && !start.isEmpty
        ? truncated() : refuse("found \(start.count) bytes, expected a NumPy array (.npy)")
    }
    guard start.starts(with: Self.magic) else {
      throw refuse("found \(FormatError.quoted(start.prefix(6))) at its start, expected a NumPy array (.npy)")
    }
    guard 1...3 ~= start[6], start[7] == 0 else {
      throw refuse("found version \(start[6]).\(start[7]) of the format, expected 1.0, 2.0 or 3.0")
    }
    let width = start[6] == 1 ? 2 : 4, bytes = try read(width)
    guard bytes.count == width else { throw truncated() }
    let length = bytes.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    guard length <= Self.longest else {
      throw refuse("found a header of \(length) bytes, expected at most \(Self.longest)")
    }
    let text = try read(length)
    guard text.count == length else { throw truncated() }
    var literal = PythonLiteral(text)
    guard case .dictionary(let entries)? = literal.whole() else {
      throw refuse("found the header \(FormatError.quoted(text)), expected a Python dictionary")
    }
    guard Set(entries.map(\.key)) == ["descr", "fortran_order", "shape"], entries.count == 3 else {
      throw refuse(
        "found the keys \(FormatError.list(entries.map(\.key), limit: 6)), expected descr, fortran_order and shape"
      )
    }
    let fields = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
    guard case .boolean(let isFortran)? = fields["fortran_order"] else {
      throw refuse("found a fortran_order that is not True or False")
    }
    guard case .tuple(let axes)? = fields["shape"] else { throw refuse("found a shape that is not a tuple") }
    var (shape, count) = ([Int](), 1)
    for axis in axes {
      guard case .integer(let extent) = axis, extent >= 0, axes.count <= 64 else {
        throw refuse("found a shape that is not a tuple of at most 64 numbers from 0")
      }
      let (product, isOver) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !isOver, product < 1 << 48 else {
        throw refuse("found the shape \(axes.map(\.words)), too large")
      }
      count = product
      shape.append(extent)
    }
    if shape.contains(0) { count = 0 }
    guard case .string(let description)? = fields["descr"] else {
      throw refuse("found fields with names (a structured array), expected an array of numbers or texts")
    }
    let type = try Self.type(description, refuse)
    (kind, size, isBigEndian) = type
    guard count < 1 << 48, size < 1 << 14 else {
      throw refuse("found an array of \(count) × \(size) bytes, too large")
    }
    (self.isFortran, self.shape, self.count, self.length) = (isFortran, shape, count, 8 + width + length)
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Kind, size and byte order from a type such as `<f4`.
  private static func type(_ text: String, _ refuse: (String) -> FormatError) throws -> (Kind, Int, Bool) {
    let bytes = Array(text.utf8)
    let order = bytes.first.flatMap { [0x3C, 0x3E, 0x7C, 0x3D].contains($0) ? $0 : nil }
    let rest = order == nil ? bytes[...] : bytes.dropFirst()
    if rest.first == 0x4F {
      throw refuse(
        "found Python objects (a pickle), which are not read: they can run any program when they are unpacked"
      )
    }
    let digits = rest.dropFirst()
    guard let letter = rest.first, let kind = Kind(rawValue: letter),
      digits.allSatisfy({ 0x30...0x39 ~= $0 }),
      let number = Int(String(decoding: digits, as: UTF8.self))
    else { throw refuse("found the type \(FormatError.quoted(text)), expected numbers, booleans or texts") }
    let sizes: [Int] =
      switch kind {
      case .boolean: [1]
      case .signed, .unsigned: [1, 2, 4, 8]
      case .floating: [2, 4, 8]
      case .complex: [8, 16]
      case .bytes, .text: [number]
      }
    guard sizes.contains(number), number > 0 || kind == .bytes || kind == .text, number < 1 << 12 else {
      throw refuse("found the type \(FormatError.quoted(text)), which is not read")
    }
    return (kind, kind == .text ? 4 * number : number, order == 0x3E)
  }
}

/// A literal of Python, as far as headers of arrays need: dictionaries, tuples, strings, numbers, `True` and `False`.
private struct PythonLiteral {
  indirect enum Value {
    case dictionary([(key: String, value: Value)])
    case tuple([Value])
    case list([Value])
    case string(String)
    case integer(Int)
    case boolean(Bool)

    var words: String { if case .integer(let number) = self { "\(number)" } else { "?" } }
  }

  private let text: [UInt8]
  private var at = 0
  private var depth = 0

  init(_ text: [UInt8]) { self.text = text }

  /// The whole text as one value; nil for anything else.
  mutating func whole() -> Value? {
    guard let value = value() else { return nil }
    skip()
    return at == text.count ? value : nil
  }

  private mutating func skip() {
    while at < text.count, text[at] == 0x20 || (0x09...0x0D).contains(text[at]) { at += 1 }
  }

  private mutating func take(_ letter: Character) -> Bool {
    skip()
    guard at < text.count, text[at] == letter.asciiValue! else { return false }
    at += 1
    return true
  }

  private mutating func value() -> Value? {
    guard depth < 8 else { return nil }
    depth += 1
    defer { depth -= 1 }
    if take("{") {
      var entries: [(key: String, value: Value)] = []
      while !take("}") {
        guard entries.count < 64, case .string(let key)? = value(), take(":"), let value = value() else {
          return nil
        }
        entries.append((key, value))
        if !take(",") { return take("}") ? .dictionary(entries) : nil }
      }
      return .dictionary(entries)
    }
    if take("(") { return items(until: ")").map { .tuple($0) } }
    if take("[") { return items(until: "]").map { .list($0) } }
    return scalar()
  }

  private mutating func items(until end: Character) -> [Value]? {
    var items: [Value] = []
    while !take(end) {
      guard items.count < 4096, let item = value() else { return nil }
      items.append(item)
      if !take(",") {
        // `(6)` is a number in brackets, and no tuple.
        guard take(end), items.count > 1 || end == "]" else { return nil }
        return items
      }
    }
    return items
  }

  private mutating func scalar() -> Value? {
    skip()
    guard at < text.count else { return nil }
    if text[at] == 0x27 || text[at] == 0x22 {
      let quote = text[at], rest = text[(at + 1)...]
      guard let end = rest.firstIndex(of: quote), !rest[..<end].contains(0x5C) else { return nil }
      at = end + 1
      return .string(String(decoding: rest[..<end], as: UTF8.self))
    }
    let word = text[at...].prefix {
      $0 == 0x2D || 0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0
    }
    at += word.count
    let letters = String(decoding: word, as: UTF8.self)
    switch letters {
    case "True": return .boolean(true)
    case "False": return .boolean(false)
    // Python 2 wrote long numbers as `3L`.
    default: return Int(letters.hasSuffix("L") ? String(letters.dropLast()) : letters).map { .integer($0) }
    }
  }
}
