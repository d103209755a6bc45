/// An array in NumPy's format, read row by row: a row is what stands at one index of the first axis.
package final class NPYReader {
  /// The header.
  package let header: NPYHeader
  /// The file as the user named it.
  package let path: String
  /// The name of the array in its archive, with `: `; empty for a file of one array.
  private let prefix: String
  private let next: (Int) throws -> [UInt8]
  /// Whether all bytes that the source has follow, so that a shape that asks for more is refused at once.
  private let available: Int?
  /// The rows of an array whose first axis varies fastest, turned.
  private var turned: [UInt8]?
  private var row = 0

  init(
    _ name: String?, path: String, available: Int?, read: @escaping (Int) throws -> [UInt8]
  ) throws {
    prefix = name.map { FormatError.printable($0.utf8) + ": " } ?? ""
    (self.path, self.available, next) = (path, available, read)
    header = try NPYHeader(prefix, path: path, read: read)
    if let available, available - header.length < header.byteCount { throw truncated }
    if let available, available - header.length > header.byteCount {
      throw refuse(
        "found \(available - header.length - header.byteCount) bytes after the \(header.byteCount) of an array \(header.shape), expected none"
      )
    }
  }

  /// Opens a file of one array; nil is standard input.
  package convenience init(contentsOf path: String?) throws {
    let reader = try ByteReader(contentsOf: path, content: .binary)
    try self.init(nil, path: reader.path, available: nil) { try reader.readContent($0) }
  }

  private var truncated: FormatError {
    FormatError(
      .inputOutput, path: path,
      prefix + "truncated: found less than the \(header.byteCount) bytes of an array \(header.shape)")
  }

  /// A problem of the array.
  package func refuse(_ message: String) -> FormatError {
    FormatError(.badData, path: path, prefix + message)
  }

  /// The bytes of the next row in the order of C; nil after the last.
  private func nextBytes() throws -> [UInt8]? {
    guard row < header.rowCount, header.count > 0 else { return nil }
    let size = header.rowSize * header.size
    defer { row += 1 }
    guard header.isFortran, header.shape.count > 1 else {
      let bytes = try next(size)
      if bytes.count < size { throw truncated }
      return bytes
    }
    if turned == nil { turned = try turn() }
    return Array(turned![(row * size)..<((row + 1) * size)])
  }

  /// All elements in the order of C, from an array whose first axis varies fastest.
  private func turn() throws -> [UInt8] {
    let bytes = try next(header.byteCount), width = header.size
    if bytes.count < header.byteCount { throw truncated }
    var turned = [UInt8](repeating: 0, count: bytes.count)
    var index = [Int](repeating: 0, count: header.shape.count), strides = index
    var stride = 1
    for axis in header.shape.indices {
      strides[axis] = stride
      stride *= header.shape[axis]
    }
    for at in 0..<header.count {
      let from = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 } * width
      for byte in 0..<width { turned[at * width + byte] = bytes[from + byte] }
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < header.shape[axis] { break }
        index[axis] = 0
      }
    }
    return turned
  }

  /// The numbers of the next row; nil after the last. Complex numbers are two numbers each.
  package func nextRow() throws -> [Double]? {
    guard header.kind != .text, header.kind != .bytes else { throw refuse("found texts, expected numbers") }
    return try nextBytes().map(numbers)
  }

  /// All remaining rows as numbers.
  package func numbers() throws -> [Double] {
    var all: [Double] = []
    while let row = try nextRow() { all += row }
    return all
  }

  /// All remaining elements as texts: whole numbers without a decimal point.
  package func strings() throws -> [String] {
    var all: [String] = []
    while let bytes = try nextBytes() {
      switch header.kind {
      case .text, .bytes:
        for at in stride(from: 0, to: bytes.count, by: max(header.size, 1)) {
          all.append(try text(bytes[at..<(at + header.size)]))
        }
      case .signed, .unsigned: all += integers(bytes)
      case .boolean: all += bytes.map { $0 == 0 ? "false" : "true" }
      case .floating: all += numbers(bytes).map { header.size == 8 ? "\($0)" : "\(Float($0))" }
      case .complex: throw refuse("found complex numbers, expected numbers or texts")
      }
    }
    return all
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws -> String {
    if header.kind == .bytes {
      let kept = bytes.prefix(bytes.lastIndex { $0 != 0 }.map { $0 + 1 - bytes.startIndex } ?? 0)
      guard UTF8Scan.firstInvalid(Array(kept)) == nil else { throw refuse("found a text that is not UTF-8") }
      return String(decoding: kept, as: UTF8.self)
    }
    var scalars = String.UnicodeScalarView(), pending = 0
    for at in stride(from: bytes.startIndex, to: bytes.endIndex, by: 4) {
      let value = (0..<4).reduce(UInt32(0)) {
        $0 | UInt32(bytes[at + $1]) << UInt32(8 * (header.isBigEndian ? 3 - $1 : $1))
      }
      guard value != 0 else {
        pending += 1
        continue
      }
      guard let scalar = Unicode.Scalar(value) else { throw refuse("found a text with no valid character") }
      for _ in 0..<pending { scalars.append("\0") }
      pending = 0
      scalars.append(scalar)
    }
    return String(scalars)
  }

  private func pattern(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ width: Int) -> UInt64 {
    var value: UInt64 = 0
    for i in 0..<width {
      value = value << 8 | UInt64(bytes[at + (header.isBigEndian ? i : width - 1 - i)])
    }
    return value
  }

  private func integers(_ bytes: [UInt8]) -> [String] {
    let width = header.size
    return bytes.withUnsafeBufferPointer { bytes in
      stride(from: 0, to: bytes.count, by: width).map { at in
        let value = pattern(bytes, at, width)
        return header.kind == .unsigned ? "\(value)" : "\(Self.signed(value, width))"
      }
    }
  }

  private static func signed(_ value: UInt64, _ width: Int) -> Int64 {
    let shift = UInt64(64 - 8 * width)
    return Int64(bitPattern: value << shift) >> Int64(shift)
  }

  /// The numbers in some bytes.
  private func numbers(_ bytes: [UInt8]) -> [Double] {
    let width = header.kind == .complex ? header.size / 2 : header.size
    return bytes.withUnsafeBufferPointer { bytes in
      [Double](unsafeUninitializedCapacity: bytes.count / max(width, 1)) { target, count in
        count = bytes.count / max(width, 1)
        switch (header.kind, width) {
        case (.boolean, _), (.unsigned, 1): for i in 0..<count { target[i] = Double(bytes[i]) }
        case (.unsigned, _): for i in 0..<count { target[i] = Double(pattern(bytes, i * width, width)) }
        case (.signed, _):
          for i in 0..<count { target[i] = Double(Self.signed(pattern(bytes, i * width, width), width)) }
        case (_, 2): for i in 0..<count { target[i] = Self.half(UInt16(pattern(bytes, i * 2, 2))) }
        case (_, 4):
          for i in 0..<count { target[i] = Double(Float(bitPattern: UInt32(pattern(bytes, i * 4, 4)))) }
        default: for i in 0..<count { target[i] = Double(bitPattern: pattern(bytes, i * 8, 8)) }
        }
      }
    }
  }

  /// A number of 16 bits: a sign, 5 bits of exponent, 10 of fraction.
  private static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023) / 1024)
    let size: Double =
      switch exponent {
      case 0: fraction * 0x1p-14
      case 31: fraction == 0 ? .infinity : .nan
      default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
      }
    return bits >> 15 == 0 ? size : -size
  }
}
