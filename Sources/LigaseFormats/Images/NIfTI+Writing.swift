extension Image {
  /// Writes the image as NIfTI-1, or as NIfTI-2 where an axis is longer than 32,767; a name in `.gz` is compressed.
  ///
  /// Numbers are stored as `uint8` or `int16` where all of them are such integers, else as `float32`; so they come
  /// back as they are. ``affine`` becomes the sform, channels become the fourth axis.
  package func writeNIfTI(to path: String?, overwrite: Bool = false) throws {
    let output = try OutputFile(path, overwrite: overwrite)
    try output.write(try niftiData(path: path ?? "-"))
    try output.close()
  }

  /// The image as a NIfTI file that is not compressed.
  package func niftiData(path: String = "-") throws -> [UInt8] {
    let sizes = Array(extents.reversed())
    let isSecond = (sizes + [channels]).contains { $0 > Int(Int16.max) }
    let type = storedType
    var fields = Fields(isSecond: isSecond)
    fields.setSizes(channels == 1 ? sizes : sizes + Array(repeating: 1, count: 3 - sizes.count) + [channels])
    fields.setType(type)
    fields.setPlace(affine: affine, spacing: spacing?.reversed())
    var bytes = fields.bytes
    bytes.reserveCapacity(bytes.count + values.count * type.size)
    let places = values.count / channels
    for channel in 0..<channels {
      for place in 0..<places { type.append(values[place * channels + channel], to: &bytes) }
    }
    return bytes
  }

  /// The type in which the values are stored without loss.
  private var storedType: StoredType {
    var type = StoredType.uint8
    for value in values {
      guard value.rounded() == value, abs(value) <= 32_767, !(value == 0 && value.sign == .minus) else {
        return .float32
      }
      if value < 0 || value > 255 { type = .int16 }
    }
    return type
  }

  private enum StoredType: Int {
    case uint8 = 2
    case int16 = 4
    case float32 = 16

    var size: Int { [.uint8: 1, .int16: 2, .float32: 4][self]! }

    func append(_ value: Float, to bytes: inout [UInt8]) {
      switch self {
      case .uint8: bytes.append(UInt8(value))
      case .int16: withUnsafeBytes(of: Int16(value).littleEndian) { bytes += $0 }
      case .float32: withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
      }
    }
  }

  /// The header and the four bytes after it, little-endian.
  private struct Fields {
    let isSecond: Bool
    var bytes: [UInt8]

    init(isSecond: Bool) {
      self.isSecond = isSecond
      bytes = [UInt8](repeating: 0, count: isSecond ? 544 : 352)
      set(Int32(isSecond ? 540 : 348), at: 0)
      let magic = Array((isSecond ? "n+2\0\r\n\u{1A}\n" : "n+1\0").utf8)
      let start = isSecond ? 4 : 344
      bytes.replaceSubrange(start..<start + magic.count, with: magic)
      if isSecond { set(Int64(544), at: 168) } else { set(Float(352).bitPattern, at: 108) }
      setReal(1, first: 112, second: 176)
      // Millimetres and seconds.
      if isSecond { set(Int32(10), at: 500) } else { bytes[123] = 10 }
    }

    mutating func set<T: FixedWidthInteger>(_ value: T, at offset: Int) {
      withUnsafeBytes(of: value.littleEndian) {
        bytes.replaceSubrange(offset..<offset + MemoryLayout<T>.size, with: $0)
      }
    }

    mutating func setReal(_ value: Double, first: Int, second: Int, _ index: Int = 0) {
      if isSecond {
        set(value.bitPattern, at: second + 8 * index)
      } else {
        set(Float(value).bitPattern, at: first + 4 * index)
      }
    }

    mutating func setSizes(_ sizes: [Int]) {
      let dimensions = [sizes.count] + sizes + Array(repeating: 1, count: 7 - sizes.count)
      for (i, size) in dimensions.enumerated() {
        if isSecond { set(Int64(size), at: 16 + 8 * i) } else { set(Int16(size), at: 40 + 2 * i) }
      }
    }

    mutating func setType(_ type: StoredType) {
      set(Int16(type.rawValue), at: isSecond ? 12 : 70)
      set(Int16(8 * type.size), at: isSecond ? 14 : 72)
    }

    /// Sets the sform and the steps along x, y and z.
    mutating func setPlace(affine: [Double]?, spacing: [Double]?) {
      var steps = spacing ?? []
      if let affine {
        steps = (0..<3).map { column in
          (0..<3).reduce(0) { $0 + affine[$1 * 4 + column] * affine[$1 * 4 + column] }.squareRoot()
        }
        for i in 0..<12 { setReal(affine[i], first: 280, second: 400, i) }
        if isSecond { set(Int32(1), at: 348) } else { set(Int16(1), at: 254) }
      }
      setReal(1, first: 76, second: 104, 0)
      for axis in 0..<7 { setReal(axis < steps.count ? steps[axis] : 1, first: 76, second: 104, axis + 1) }
    }
  }
}
