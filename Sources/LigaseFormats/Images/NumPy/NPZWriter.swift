import CZlib

/// The bytes of an array in NumPy's format, version 1.0, little endian, in the order of C.
package enum NPYWriter {
  /// The header of an array of a type such as `<f4`.
  static func header(_ type: String, _ shape: [Int]) -> [UInt8] {
    let sides = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sides)), }"
    // Elements begin at a multiple of 64 bytes.
    text += String(repeating: " ", count: (64 - (10 + text.utf8.count + 1) % 64) % 64) + "\n"
    let length = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
  }

  /// An array of floats.
  package static func bytes(floats: [Float], shape: [Int]) -> [UInt8] {
    precondition(floats.count == shape.reduce(1, *), "NPYWriter: \(floats.count) numbers for \(shape)")
    return header("<f4", shape) + floats.withUnsafeBytes { Array($0) }
  }

  /// An array of whole numbers of 8 bits.
  package static func bytes(_ bytes: [UInt8], shape: [Int]) -> [UInt8] {
    precondition(bytes.count == shape.reduce(1, *), "NPYWriter: \(bytes.count) numbers for \(shape)")
    return header("|u1", shape) + bytes
  }

  /// An array of texts.
  package static func bytes(texts: [String]) -> [UInt8] {
    let width = max(1, texts.map { $0.unicodeScalars.count }.max() ?? 1)
    var out = header("<U\(width)", [texts.count])
    for text in texts {
      var values = text.unicodeScalars.map(\.value)
      values += [UInt32](repeating: 0, count: width - values.count)
      for value in values { out += (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) } }
    }
    return out
  }
}

extension Image {
  /// Writes the values as an array, the slowest axis first and channels last where there are several.
  package func writeNPY(to path: String, overwrite: Bool = false) throws {
    let output = try OutputFile(path, overwrite: overwrite, compression: Compression.none)
    try output.write(NPYWriter.bytes(floats: values, shape: extents + (channels > 1 ? [channels] : [])))
    try output.close()
  }
}

/// Writes an archive of NumPy arrays (`.npz`), stored without compression; larger than 4 GB in ZIP64.
package final class NPZWriter {
  private let output: OutputFile
  private var directory: [UInt8] = []
  private var count = 0
  private var offset = 0

  /// Starts an archive.
  package init(_ output: OutputFile) { self.output = output }

  /// Adds an array of floats.
  package func add(_ name: String, floats: [Float], shape: [Int]) throws {
    try add(name, NPYWriter.bytes(floats: floats, shape: shape))
  }

  /// Adds an array of texts.
  package func add(_ name: String, texts: [String]) throws { try add(name, NPYWriter.bytes(texts: texts)) }

  /// Adds an array of whole numbers of 8 bits.
  package func add(_ name: String, bytes: [UInt8], shape: [Int]) throws {
    try add(name, NPYWriter.bytes(bytes, shape: shape))
  }

  private static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func add(_ name: String, _ bytes: [UInt8]) throws {
    let member = Array((name + ".npy").utf8)
    let check = Int(bytes.withUnsafeBufferPointer { crc32_z(crc32(0, nil, 0), $0.baseAddress, $0.count) })
    let isLong = bytes.count >= 0xFFFF_FFFF || offset >= 0xFFFF_FFFF
    let size = isLong ? 0xFFFF_FFFF : bytes.count
    func little(_ value: Int, _ width: Int) -> [UInt8] { Self.little(value, width) }
    // Version, flags (names are UTF-8), method, time, date (1 January 1980), check, sizes.
    let middle =
      little(isLong ? 45 : 20, 2) + little(0x800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
      + little(check, 4)
      + little(size, 4) + little(size, 4) + little(member.count, 2)
    let local = isLong ? little(1, 2) + little(16, 2) + little(bytes.count, 8) + little(bytes.count, 8) : []
    try output.write([0x50, 0x4B, 3, 4] + middle + little(local.count, 2) + member + local)
    try output.write(bytes)
    let extra =
      isLong
      ? little(1, 2) + little(24, 2) + little(bytes.count, 8) + little(bytes.count, 8) + little(offset, 8)
      : []
    directory +=
      [0x50, 0x4B, 1, 2] + little(isLong ? 45 : 20, 2) + middle + little(extra.count, 2) + little(0, 2)
      + little(0, 2)
    directory += little(0, 2) + little(0, 4) + little(isLong ? 0xFFFF_FFFF : offset, 4) + member + extra
    count += 1
    offset += 30 + member.count + local.count + bytes.count
  }

  /// Writes the directory and closes the file.
  package func close() throws {
    func little(_ value: Int, _ width: Int) -> [UInt8] { Self.little(value, width) }
    try output.write(directory)
    let isLong = offset + directory.count >= 0xFFFF_FFFF || count >= 0xFFFF
    if isLong {
      try output.write(
        [0x50, 0x4B, 6, 6] + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4) + little(0, 4)
          + little(count, 8)
          + little(count, 8) + little(directory.count, 8) + little(offset, 8))
      try output.write(
        [0x50, 0x4B, 6, 7] + little(0, 4) + little(offset + directory.count, 8) + little(1, 4))
    }
    func short(_ value: Int, _ width: Int) -> [UInt8] { little(isLong ? Int.max : value, width) }
    try output.write(
      [0x50, 0x4B, 5, 6] + little(0, 4) + short(count, 2) + short(count, 2) + short(directory.count, 4)
        + short(offset, 4)
        + little(0, 2))
    try output.close()
  }
}
