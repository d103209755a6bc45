import LigaseRuntime

/// PGM and PPM, the portable maps of Netpbm, with a maximum up to 65535.
///
///     file = magic space width space height space maximum whitespace samples
///     magic = P2 grey text | P3 colour text | P5 grey | P6 colour; `#` begins a comment in the header
///
/// Samples of P5 and P6 have one byte, or two in big-endian order where the maximum is above 255. Values are the
/// samples as they are.
struct PortableMap {
  let width: Int
  let height: Int
  let channels: Int
  let maximum: Int
  private let isText: Bool
  /// The byte at which the samples begin.
  private let start: Int
  private let path: String

  /// The name of the format.
  var name: String { channels == 1 ? "PGM" : "PPM" }

  /// Returns whether the first bytes are those of a portable map.
  static func recognizes(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 3 && bytes[0] == UInt8(ascii: "P") && (0x31...0x37).contains(bytes[1])
      && (isSpace(bytes[2]) || bytes[2] == UInt8(ascii: "#"))
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  /// Reads the header.
  init(_ bytes: [UInt8], path: String) throws {
    self.path = path
    guard let kind = [0x32: (1, true), 0x33: (3, true), 0x35: (1, false), 0x36: (3, false)][Int(bytes[1])]
    else {
      let name = bytes[1] == 0x37 ? "PAM (P7)" : "PBM (P\(Int(bytes[1]) - 0x30), one bit a pixel)"
      throw FormatError(
        .badData, path: path, "found \(name), expected PGM (P2, P5) or PPM (P3, P6)",
        remedy: .rewrite(with: "pnmdepth 255 FILE > NEW.pgm"))
    }
    (channels, isText) = kind
    var scan = Scan(bytes: bytes, at: 2, path: path)
    width = try scan.number("the width", in: 1...(1 << 30), allowsComments: true)
    height = try scan.number("the height", in: 1...(1 << 30), allowsComments: true)
    maximum = try scan.number("the maximum", in: 1...65_535, allowsComments: true)
    guard scan.at < bytes.count, PortableMap.isSpace(bytes[scan.at]) else { throw scan.truncated() }
    start = scan.at + 1
  }

  /// Decodes the samples of the file whose header this is.
  func image(_ bytes: [UInt8]) throws -> Image {
    let count = try ImageSize.count([height, width, channels], path: path)
    let width = maximum > 255 ? 2 : 1
    var scan = Scan(bytes: bytes, at: start, path: path)
    guard bytes.count - start >= (isText ? count * 2 - 1 : count * width) else { throw scan.truncated() }
    var values = [Float](repeating: 0, count: count)
    if isText {
      for i in 0..<count {
        values[i] = Float(try scan.number("a sample", in: 0...maximum, allowsComments: false))
      }
    } else {
      for i in 0..<count {
        let at = start + i * width
        let sample = width == 1 ? Int(bytes[at]) : Int(bytes[at]) << 8 | Int(bytes[at + 1])
        guard sample <= maximum else {
          throw FormatError(
            .badData, path: path, offset: at, "found the sample \(sample), expected 0 to \(maximum)")
        }
        values[i] = Float(sample)
      }
      scan.at = start + count * width
    }
    if let rest = bytes[scan.at...].firstIndex(where: { !PortableMap.isSpace($0) }) {
      throw FormatError(
        .badData, path: path, offset: rest, "found bytes after the last sample, expected a single image")
    }
    var image = Image(extents: [height, self.width], channels: channels, values: values)
    image.window = 0...Double(maximum)
    return image
  }

  /// Reads numbers from text.
  private struct Scan {
    let bytes: [UInt8]
    var at: Int
    let path: String

    func truncated() -> FormatError {
      FormatError(.inputOutput, path: path, offset: bytes.count, "truncated: the file ends within the image")
    }

    mutating func number(_ what: String, in range: ClosedRange<Int>, allowsComments: Bool) throws -> Int {
      while at < bytes.count {
        if allowsComments, bytes[at] == UInt8(ascii: "#") {
          while at < bytes.count, bytes[at] != 0x0A { at += 1 }
        } else if PortableMap.isSpace(bytes[at]) {
          at += 1
        } else {
          break
        }
      }
      let first = at
      var value = 0
      while at < bytes.count, 0x30...0x39 ~= bytes[at], value <= 1 << 40 {
        value = value * 10 + Int(bytes[at] - 0x30)
        at += 1
      }
      if first == bytes.count { throw truncated() }
      guard at > first, range.contains(value) else {
        throw FormatError(
          .badData, path: path, offset: first,
          "found \(FormatError.quoted(bytes[first...].prefix { !PortableMap.isSpace($0) })) as \(what), "
            + "expected \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
  }
}
