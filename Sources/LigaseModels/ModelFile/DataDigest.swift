import Crypto

/// The SHA-256 of data as it was read: names and the bits of numbers, so that a CSV and the TSV made from it agree.
public struct DataDigest {
  private var hash = SHA256()

  /// A digest of nothing yet.
  public init() {}

  /// Adds names, each with its end.
  public mutating func add(_ names: [String]) {
    for name in names {
      hash.update(data: Array(name.utf8))
      hash.update(data: [0])
    }
    hash.update(data: [0xFF])
  }

  /// Adds the bits of numbers.
  public mutating func add(_ values: [Float]) {
    values.withUnsafeBytes { hash.update(bufferPointer: $0) }
    hash.update(data: [0xFF])
  }

  /// Adds text.
  public mutating func add(bytes: [UInt8]) {
    hash.update(data: bytes)
    hash.update(data: [0xFF])
  }

  /// Adds whole numbers.
  public mutating func add(_ values: [Int32]) {
    values.withUnsafeBytes { hash.update(bufferPointer: $0) }
    hash.update(data: [0xFF])
  }

  /// The digest in hexadecimal.
  public var hexadecimal: String {
    hash.finalize().map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}
