import LigaseRuntime

/// The run-length encoding of DICOM (PS3.5, annex G).
///
///     frame = count:uint32 offset:uint32[15] segments
///     segment = ( n:0...127 n+1 bytes | n:129...255 one byte, 257-n times | 128 )*
///
/// A segment holds one byte of every sample of one channel, the most significant one first.
enum DICOMRunLength {
  /// Returns the cells of a frame.
  static func decode(_ stream: [UInt8], layout: DICOMLayout, path: String) throws -> [Int64] {
    let fields = BinaryFields(bytes: stream, isBigEndian: false)
    let expected = layout.samples * layout.cell
    guard let found = fields.integer(UInt32.self, at: 0), stream.count >= 64 else {
      throw FormatError(
        .inputOutput, path: path, "truncated: an RLE frame of \(stream.count) bytes, expected at least 64")
    }
    guard Int(found) == expected, expected <= 15 else {
      throw FormatError(.badData, path: path, "found \(found) RLE segments, expected \(expected)")
    }
    let starts = (0..<expected).map { Int(fields.integer(UInt32.self, at: 4 + 4 * $0) ?? 0) }
    let pixels = layout.rows * layout.columns
    // Two bytes stand for 128 at most.
    guard pixels / 64 <= stream.count else {
      throw FormatError(
        .inputOutput, path: path,
        "truncated: an RLE frame of \(stream.count) bytes for \(pixels.counted("pixel"))")
    }
    var cells = [Int64](repeating: 0, count: layout.frameSize)
    for (segment, start) in starts.enumerated() {
      let end = segment + 1 < expected ? starts[segment + 1] : stream.count
      guard start >= 64, start <= end, end <= stream.count else {
        throw FormatError(
          .badData, path: path,
          "found an RLE segment from byte \(start) to \(end), expected rising ones from 64 to \(stream.count)"
        )
      }
      let plane = try bytes(stream[start..<end], count: pixels, path: path)
      let channel = segment / layout.cell
      for place in 0..<pixels {
        let at = place * layout.samples + channel
        cells[at] = cells[at] << 8 | Int64(plane[place])
      }
    }
    return cells
  }

  private static func bytes(_ segment: ArraySlice<UInt8>, count: Int, path: String) throws -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(count + 128)
    var at = segment.startIndex
    while output.count < count, at < segment.endIndex {
      let control = Int(segment[at])
      at += 1
      if control < 128 {
        guard at + control < segment.endIndex else { break }
        output += segment[at...at + control]
        at += control + 1
      } else if control > 128 {
        guard at < segment.endIndex else { break }
        output.append(contentsOf: repeatElement(segment[at], count: 257 - control))
        at += 1
      }
    }
    guard output.count >= count else {
      throw FormatError(
        .inputOutput, path: path,
        "truncated: an RLE segment of \(output.count.counted("byte")), expected \(count.grouped)")
    }
    return output
  }
}
