import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

@Suite struct JPEGLosslessTests {
  private func samples(_ count: Int, precision: Int) -> [Int] {
    var random = SeededGenerator(seed: UInt64(count + precision))
    // Noise, and stretches of the extremes, whose differences are the largest.
    return (0..<count).map { i in
      i % 7 == 0 ? (i % 2) * (1 << precision - 1) : Int(random.next() % UInt64(1 << precision))
    }
  }

  @Test(arguments: 1...7) func everyPredictor(_ predictor: Int) throws {
    for precision in [2, 8, 12, 16] {
      for (channels, restartLines, separate) in [(1, 0, false), (3, 0, false), (3, 2, false), (2, 0, true)] {
        let values = samples(9 * 7 * channels, precision: precision)
        let encoder = LosslessEncoder(
          width: 9, height: 7, channels: channels, precision: precision, predictor: predictor,
          restartLines: restartLines, separateScans: separate)
        let decoder = try JPEGLossless(encoder.encode(values), path: "x")
        #expect(decoder.width == 9 && decoder.height == 7 && decoder.precision == precision)
        #expect(try decoder.decode().map(Int.init) == values, "\(precision) bits, \(channels) channels")
      }
    }
  }

  @Test func pointTransform() throws {
    let values = samples(20, precision: 12)
    let encoder = LosslessEncoder(
      width: 5, height: 4, channels: 1, precision: 12, predictor: 4, transform: 3)
    let decoded = try JPEGLossless(encoder.encode(values), path: "x").decode()
    #expect(decoded.map(Int.init) == values.map { $0 / 8 * 8 })
  }

  @Test func damagedStreamsAreTypedErrors() throws {
    let bytes = LosslessEncoder(width: 9, height: 7, channels: 1, precision: 12, predictor: 1).encode(
      samples(63, precision: 12))
    for count in 0..<bytes.count {
      #expect(throws: FormatError.self) { try JPEGLossless(Array(bytes[..<count]), path: "x").decode() }
    }
    let baseline = try RasterCodec.encodeJPEG([1, 2, 3, 4], width: 2, height: 2, channels: 1, quality: 90)
    let error = #expect(throws: FormatError.self) { try JPEGLossless(baseline, path: "x") }
    #expect(
      error?.message
        == "corrupt lossless JPEG: found the JPEG process of the marker FFC0, expected lossless (FFC3)")
  }
}
