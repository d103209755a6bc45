import Crypto
import LigaseDatasets

/// The SHA-256 of data as it was read: names and the bits of numbers, so that a CSV and the TSV made from it agree.
package struct DataDigest: ContentDigest {
  private var hash = SHA256()

  /// A digest of nothing yet.
  package init() {}

  /// Adds names, each with its end.
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

  /// Adds text.
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
  package var hexadecimal: String {
    hash.finalize().map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}
