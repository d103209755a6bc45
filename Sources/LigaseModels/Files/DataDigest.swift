import Crypto
import LigaseDatasets

/// The SHA-256 of data as it was read: names and the bits of numbers, so that a CSV file and the same data as
/// TSV agree.
package struct DataDigest: ContentDigest {
  private var hash = SHA256()

  /// Creates a digest of no data.
  package init() {}

  /// Adds names, each with a terminator.
  package mutating func add(_ names: [String]) {
    for name in names {
      hash.update(data: Array(name.utf8))
      hash.update(data: [0])
    }
    hash.update(data: [0xFF])
  }

  /// Adds the bits of numbers.
  package mutating func add(_ values: [Float]) {
    values.withUnsafeBytes { hash.update(bufferPointer: $0) }
    hash.update(data: [0xFF])
  }

  /// Adds the bytes of a text.
  package mutating func add(bytes: [UInt8]) {
    hash.update(data: bytes)
    hash.update(data: [0xFF])
  }

  /// Adds whole numbers.
  package mutating func add(_ values: [Int32]) {
    values.withUnsafeBytes { hash.update(bufferPointer: $0) }
    hash.update(data: [0xFF])
  }

  /// The digest in hexadecimal.
  package var hexadecimal: String { Self.text(of: hash.finalize()) }

  /// Returns bytes in hexadecimal.
  static func text(of bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}
