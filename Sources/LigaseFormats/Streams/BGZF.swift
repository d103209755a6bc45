/// Blocked gzip (SAM specification, section 4.1): gzip members of at most 64 KiB each, whose extra field `BC`
/// contains the member's size minus one, followed by an empty member at the end.
package enum BGZF {
  /// The empty member that ends every complete file.
  package static let endBlock: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x04, 0, 0, 0, 0, 0, 0xFF, 0x06, 0, 0x42, 0x43, 0x02, 0, 0x1B, 0, 0x03, 0, 0, 0, 0, 0,
    0, 0,
    0, 0,
  ]

  /// The largest size of a block in bytes.
  static let blockCapacity = 1 << 16

  /// The number of content bytes of a written block: they fit even if they cannot be compressed.
  package static let contentCapacity = 0xFF00

  /// Returns the size of the BGZF block at the window of `input`, nil for any other gzip member.
  static func blockSize(at input: FileInput) throws -> Int? {
    try input.require(18)
    let head = input.window
    guard head.count >= 12, head[0] == 0x1F, head[1] == 0x8B, head[2] == 8, head[3] & 4 != 0 else {
      return nil
    }
    let extraLength = Int(head[10]) | Int(head[11]) << 8
    try input.require(12 + extraLength)
    return blockSize(header: input.window)
  }

  /// Returns the size of the BGZF block whose first bytes, with the whole extra field, are `header`.
  static func blockSize(header: UnsafeBufferPointer<UInt8>) -> Int? {
    guard header.count >= 12, header[3] & 4 != 0 else { return nil }
    let end = 12 + (Int(header[10]) | Int(header[11]) << 8)
    guard header.count >= end else { return nil }
    var i = 12
    while i + 4 <= end {
      let length = Int(header[i + 2]) | Int(header[i + 3]) << 8
      if header[i] == 0x42, header[i + 1] == 0x43, length == 2, i + 6 <= end {
        return (Int(header[i + 4]) | Int(header[i + 5]) << 8) + 1
      }
      i += 4 + length
    }
    return nil
  }
}
