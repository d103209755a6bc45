/// Writes lossless JPEG (ITU-T T.81, annex H) for tests of its decoder.
struct LosslessEncoder {
  var width: Int
  var height: Int
  var channels: Int
  var precision: Int
  var predictor: Int
  var transform = 0
  /// The lines between restart markers; 0 means none.
  var restartLines = 0
  /// One scan for each channel instead of one for all.
  var separateScans = false

  /// Returns a stream of samples, those of a pixel together.
  func encode(_ samples: [Int]) -> [UInt8] {
    var bytes: [UInt8] = [0xFF, 0xD8]
    // Codes of 5 bits for the differences of 0 to 16 bits.
    bytes += segment(
      0xC4, [0, 0, 0, 0, 0, 17] + [UInt8](repeating: 0, count: 11) + (0...16).map { UInt8($0) })
    var frame = [
      UInt8(precision), UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255),
    ]
    frame.append(UInt8(channels))
    for channel in 0..<channels { frame += [UInt8(channel + 1), 0x11, 0] }
    bytes += segment(0xC3, frame)
    if restartLines > 0 {
      let interval = restartLines * width
      bytes += segment(0xDD, [UInt8(interval >> 8), UInt8(interval & 255)])
    }
    for scan in separateScans ? (0..<channels).map({ [$0] }) : [Array(0..<channels)] {
      var header = [UInt8(scan.count)]
      for channel in scan { header += [UInt8(channel + 1), 0] }
      bytes += segment(0xDA, header + [UInt8(predictor), 0, UInt8(transform)])
      bytes += data(samples.map { $0 >> transform }, scan)
    }
    return bytes + [0xFF, 0xD9]
  }

  private func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] {
    [0xFF, marker, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
  }

  private func data(_ samples: [Int], _ scan: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    var (window, count) = (0, 0)
    func flush(_ bytes: inout [UInt8]) {
      while count >= 8 {
        let byte = UInt8(window >> (count - 8) & 255)
        bytes += byte == 0xFF ? [0xFF, 0] : [byte]
        count -= 8
        window &= (1 << count) - 1
      }
    }
    func put(_ value: Int, _ size: Int, _ bytes: inout [UInt8]) {
      (window, count) = (window << size | value, count + size)
      flush(&bytes)
    }
    for y in 0..<height {
      let isFirst = restartLines == 0 ? y == 0 : y % restartLines == 0
      if isFirst, y > 0 {
        if count > 0 { put((1 << (8 - count)) - 1, 8 - count, &bytes) }
        bytes += [0xFF, 0xD0 + UInt8((y / restartLines - 1) % 8)]
      }
      for x in 0..<width {
        for channel in scan {
          func at(_ dx: Int, _ dy: Int) -> Int { samples[((y - dy) * width + x - dx) * channels + channel] }
          var difference = at(0, 0) - predict(x, isFirst, at)
          difference = (difference + 32_768) & 0xFFFF - 32_768
          if difference == -32_768 {
            put(16, 5, &bytes)
          } else {
            var size = 0
            while abs(difference) >> size > 0 { size += 1 }
            put(size, 5, &bytes)
            put(difference < 0 ? difference + (1 << size) - 1 : difference, size, &bytes)
          }
        }
      }
    }
    if count > 0 { put((1 << (8 - count)) - 1, 8 - count, &bytes) }
    return bytes
  }

  private func predict(_ x: Int, _ isFirst: Bool, _ at: (Int, Int) -> Int) -> Int {
    if isFirst { return x == 0 ? 1 << (precision - transform - 1) : at(1, 0) }
    if x == 0 { return at(0, 1) }
    let (a, b, c) = (at(1, 0), at(0, 1), at(1, 1))
    return [a, b, c, a + b - c, a + (b - c) >> 1, b + (a - c) >> 1, (a + b) >> 1][predictor - 1]
  }
}
