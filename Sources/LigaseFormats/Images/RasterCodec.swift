import CLigaseCodecs
import LigaseRuntime

/// PNG and JPEG through libpng and libjpeg.
///
/// PNG is expanded: palettes become colours, 1 to 4 bits become 8, and a transparent colour becomes a channel of
/// opacity. Gamma and colour profiles are not applied.
package enum RasterCodec {
  case png, jpeg

  /// The name of the format.
  var name: String { self == .png ? "PNG" : "JPEG" }

  /// Reads the size of a picture.
  func size(of bytes: [UInt8], path: String) throws -> ligase_picture {
    var picture = ligase_picture()
    try RasterCodec.call(name, path: path) {
      self == .png
        ? ligase_png_size(bytes, bytes.count, &picture, $0)
        : ligase_jpeg_size(bytes, bytes.count, &picture, $0)
    }
    if self == .jpeg, picture.channels != 1, picture.channels != 3 {
      throw FormatError(
        .badData, path: path,
        "found a JPEG of \(Int(picture.channels).counted("channel")) (CMYK has 4), expected grey or colour (RGB)",
        remedy: .rewrite(with: "convert FILE -colorspace sRGB NEW.png"))
    }
    return picture
  }

  /// Decodes a picture to values.
  func image(of bytes: [UInt8], path: String) throws -> Image {
    let picture = try size(of: bytes, path: path)
    let extents = [Int(picture.height), Int(picture.width)]
    let channels = Int(picture.channels)
    let count = try ImageSize.count(extents + [channels], path: path)
    let isWide = picture.bits == 16
    var image: Image
    if isWide {
      try ImageSize.require(count * 2, from: bytes.count, path: path)
      var samples = [UInt16](repeating: 0, count: count)
      try samples.withUnsafeMutableBytes { try decode(bytes, into: $0, path: path) }
      image = Image(extents: extents, channels: channels, values: samples.map(Float.init))
    } else {
      let samples = try decode(bytes, count: count, path: path)
      image = Image(extents: extents, channels: channels, values: samples.map(Float.init))
    }
    image.window = 0...(isWide ? 65_535 : 255)
    image.hasOpacity = picture.has_alpha != 0
    return image
  }

  /// Decodes a picture of 8 bits that has `count` samples.
  func decode(
    _ bytes: [UInt8], count: Int, colours: Int = Int(LIGASE_JPEG_MARKERS), path: String
  ) throws -> [UInt8] {
    try ImageSize.require(count, from: bytes.count, path: path)
    var samples = [UInt8](repeating: 0, count: count)
    try samples.withUnsafeMutableBytes { try decode(bytes, into: $0, colours: colours, path: path) }
    return samples
  }

  private func decode(
    _ bytes: [UInt8], into target: UnsafeMutableRawBufferPointer, colours: Int = Int(LIGASE_JPEG_MARKERS),
    path: String
  ) throws {
    let pixels = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    try RasterCodec.call(name, path: path) {
      self == .png
        ? ligase_png_decode(bytes, bytes.count, pixels, target.count, $0)
        : ligase_jpeg_decode(bytes, bytes.count, Int32(colours), pixels, target.count, $0)
    }
  }

  /// Returns the number of bits of a sample in the frame header of a JPEG; nil where there is none.
  static func precision(ofJPEG bytes: [UInt8]) -> Int? {
    var at = 2
    while at + 4 < bytes.count {
      guard bytes[at] == 0xFF else { return nil }
      let marker = bytes[at + 1]
      if 0xC0...0xCF ~= marker, marker != 0xC4, marker != 0xC8, marker != 0xCC { return Int(bytes[at + 4]) }
      if marker == 0xFF {
        at += 1
      } else {
        at += 2 + (Int(bytes[at + 2]) << 8 | Int(bytes[at + 3]))
      }
    }
    return nil
  }

  /// Calls a codec with room for its message, and throws that message if it fails.
  static func call(_ name: String, path: String, _ body: (UnsafeMutablePointer<CChar>) -> Int32) throws {
    var message = [CChar](repeating: 0, count: Int(LIGASE_MESSAGE))
    let failed = message.withUnsafeMutableBufferPointer { body($0.baseAddress!) != 0 }
    guard failed else { return }
    let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let shown = FormatError.printable(text)
    let isShort = ["runcated", "Premature end", "too small"].contains { shown.contains($0) }
    throw FormatError(
      isShort ? .inputOutput : .badData, path: path,
      isShort
        ? "truncated: the \(name) stream ends within its pixels (\(shown))" : "corrupt \(name): \(shown)")
  }

  /// Returns 8-bit grey (1 channel) or RGB (3 channels) as PNG.
  static func encodePNG(_ pixels: [UInt8], width: Int, height: Int, channels: Int) throws -> [UInt8] {
    var (output, size): (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0)
    defer { free(output) }
    try call("PNG", path: "PNG") {
      ligase_png_encode(pixels, UInt32(width), UInt32(height), UInt32(channels), &output, &size, $0)
    }
    return Array(UnsafeBufferPointer(start: output, count: size))
  }

  /// Returns 8-bit grey (1 channel) or RGB (3 channels) as a baseline JPEG.
  package static func encodeJPEG(
    _ pixels: [UInt8], width: Int, height: Int, channels: Int, quality: Int
  ) throws -> [UInt8] {
    var (output, size): (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0)
    defer { free(output) }
    try call("JPEG", path: "JPEG") {
      ligase_jpeg_encode(
        pixels, UInt32(width), UInt32(height), UInt32(channels), Int32(quality), &output, &size, $0)
    }
    return Array(UnsafeBufferPointer(start: output, count: size))
  }
}
