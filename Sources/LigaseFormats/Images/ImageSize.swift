import LigaseRuntime

/// Checks of the sizes that a header states, made before memory is taken.
enum ImageSize {
  /// The largest number of values in one image: 2^30, 4 GiB of floats.
  static let limit = 1 << 30
  /// The largest number of bytes of an encoded file.
  static let byteLimit = 1 << 32

  /// Returns the product of sizes. Throws where one is below 1 or the product is above ``limit``.
  static func count(_ sizes: [Int], path: String) throws -> Int {
    let shown = sizes.map(String.init).joined(separator: " x ")
    var count = 1
    for size in sizes {
      guard size >= 1 else {
        throw FormatError(
          .badData, path: path, "found the size \(shown), expected at least 1 along each axis")
      }
      let (product, isOver) = count.multipliedReportingOverflow(by: size)
      guard !isOver, product <= limit else {
        throw FormatError(
          .badData, path: path, "found the size \(shown), expected at most \(limit.grouped) values")
      }
      count = product
    }
    return count
  }

  /// Throws where `count` bytes of pixels cannot come from `encoded` bytes: one byte of a deflate or Huffman
  /// stream stands for 1,032 bytes at most.
  static func require(_ count: Int, from encoded: Int, path: String) throws {
    guard count / 1032 <= encoded + 64 else {
      throw FormatError(
        .inputOutput, path: path,
        "truncated: found \(encoded.counted("byte")) for \(count.counted("byte")) of pixels")
    }
  }
}
