import LigaseFormats
import TestSupport
import Testing

/// Small pictures of our own making.
enum Pictures {
  /// Grey of 3 rows and 4 columns: 0, 20, 40, ….
  static let grey = Image(extents: [3, 4], channels: 1, values: (0..<12).map { Float($0 * 20) })
  /// Colour of 2 rows and 3 columns.
  static let colour = Image(extents: [2, 3], channels: 3, values: (0..<18).map { Float($0 * 14) })

  /// A PNG chunk.
  static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    return bigEndian(UInt32(content.count)) + body + bigEndian(crc(body))
  }

  static func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }

  /// A PNG of rows that each begin with their filter; `chunks` stand before the pixels.
  static func png(
    width: Int, height: Int, bits: UInt8, colours: UInt8, chunks: [UInt8] = [], rows: [UInt8]
  ) -> [UInt8] {
    var sums: (UInt32, UInt32) = (1, 0)
    for byte in rows {
      sums.0 = (sums.0 + UInt32(byte)) % 65_521
      sums.1 = (sums.1 + sums.0) % 65_521
    }
    let length = UInt16(rows.count)
    // One stored block of deflate in a zlib stream.
    let stream: [UInt8] =
      [0x78, 0x01, 1, UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8)]
      + rows + bigEndian(sums.1 << 16 | sums.0)
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk(
        "IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [bits, colours, 0, 0, 0])
      + chunks + chunk("IDAT", stream) + chunk("IEND", [])
  }
}

@Suite struct RasterTests {
  let folder = TemporaryFolder()

  private func read(_ bytes: [UInt8]) throws -> Image {
    try Image(contentsOf: folder.write(bytes, to: "x"))
  }

  @Test func picturesComeBackFromPNG() throws {
    for image in [Pictures.grey, Pictures.colour] {
      try image.writePNG(to: folder.file("p.png"), window: 0...255, overwrite: true)
      let read = try Image(contentsOf: folder.file("p.png"))
      #expect(read.values == image.values && read.extents == image.extents)
      #expect(read.channels == image.channels && read.window == 0...255)
    }
    #expect(folder.names == ["p.png"])
  }

  @Test func windowsAndInvertedGrey() throws {
    var image = Image(extents: [1, 5], channels: 1, values: [-1000, -300, 400, 5000, .nan])
    #expect(image.bytes(window: -1000...400) == [0, 128, 255, 255, 0])
    image.inversion = 255
    #expect(try read(image.pngData(window: -1000...400)).values == [255, 127, 0, 0, 0])
    #expect(image.valueRange == -1000...5000)
    var transparent = Image(extents: [1, 2], channels: 2, values: [10, 255, 30, 0])
    #expect(throws: FormatError.self) { try transparent.pngData() }
    transparent.hasOpacity = true
    #expect(try read(transparent.pngData(window: 0...255)).values == [10, 30])
  }

  @Test func kindsOfPNG() throws {
    // 16 bits are big-endian in the file.
    let wide = try read(
      Pictures.png(width: 2, height: 1, bits: 16, colours: 0, rows: [0, 0x01, 0x02, 0xFF, 0xFE]))
    #expect(wide.values == [258, 65_534] && wide.window == 0...65_535)
    // 2 bits become 8.
    let few = try read(Pictures.png(width: 4, height: 1, bits: 2, colours: 0, rows: [0, 0b00_01_10_11]))
    #expect(few.values == [0, 85, 170, 255])
    // A palette becomes colours, with a transparent one also opacity.
    let palette = Pictures.chunk("PLTE", [1, 2, 3, 4, 5, 6])
    let colours = try read(
      Pictures.png(width: 2, height: 1, bits: 8, colours: 3, chunks: palette, rows: [0, 1, 0]))
    #expect(colours.channels == 3 && colours.values == [4, 5, 6, 1, 2, 3])
    let transparent = try read(
      Pictures.png(
        width: 2, height: 1, bits: 8, colours: 3, chunks: palette + Pictures.chunk("tRNS", [9]),
        rows: [0, 1, 0]))
    #expect(transparent.channels == 4 && transparent.values == [4, 5, 6, 255, 1, 2, 3, 9])
  }

  @Test func portableMaps() throws {
    #expect(try read(Array("P2 # c\n2 2\n#x\n9\n0 1\n8 9\n".utf8)).values == [0, 1, 8, 9])
    #expect(try read(Array("P5 2 1 255\n".utf8) + [7, 200]).values == [7, 200])
    #expect(try read(Array("P5 2 1 65535\n".utf8) + [1, 2, 255, 255]).values == [258, 65_535])
    let colour = try read(Array("P6\n1 2\n255\n".utf8) + [1, 2, 3, 4, 5, 6])
    #expect(colour.channels == 3 && colour.extents == [2, 1] && colour.values == [1, 2, 3, 4, 5, 6])
    #expect(try read(Array("P3 1 1 255 7 8 9".utf8)).values == [7, 8, 9])
  }

  @Test func picturesComeBackFromJPEG() throws {
    // A smooth picture survives within a few steps.
    for channels in [1, 3] {
      let pixels = (0..<64 * 48 * channels).map { UInt8($0 / channels % 64 * 2 + $0 / channels / 64) }
      let bytes = try RasterCodec.encodeJPEG(pixels, width: 64, height: 48, channels: channels, quality: 95)
      let image = try read(bytes)
      #expect(image.extents == [48, 64] && image.channels == channels)
      #expect(zip(image.values, pixels).allSatisfy { abs($0 - Float($1)) < 8 })
      let error = #expect(throws: FormatError.self) { try read(Array(bytes[..<(bytes.count / 2)])) }
      #expect(error?.kind == .inputOutput)
    }
  }

  @Test func damagedPicturesAreTypedErrors() throws {
    let png = try Pictures.grey.pngData(window: 0...255)
    for count in 0..<png.count {
      #expect(throws: FormatError.self) { try read(Array(png[..<count])) }
    }
    var changed = png
    changed[20] ^= 1
    #expect(throws: FormatError.self) { try read(changed) }
    for (text, message) in [
      ("P5 2 2 255\nab", "truncated: the file ends within the image"),
      ("P2 2 1 9 3 12", "found '12' as a sample, expected 0 to 9"),
      ("P5 1 1 255\nab", "found bytes after the last sample, expected a single image"),
      (
        "P5 1000000 1000000 255\n",
        "found the size 1000000 x 1000000 x 1, expected at most 1,073,741,824 values"
      ),
      ("P4 8 1\n1", "found PBM (P4, one bit a pixel), expected PGM (P2, P5) or PPM (P3, P6)"),
      (
        "P5 99999999999999999999 1 255\n",
        "found '99999999999999999999' as the width, expected 1 to 1073741824"
      ),
      ("GIF89a.", "found GIF, expected PNG, JPEG, PGM, PPM, NIfTI or DICOM"),
      (
        "hello",
        "found the first bytes 'hello' of no known image format, expected PNG, JPEG, PGM, PPM, NIfTI or DICOM"
      ),
      ("", "truncated: the file is empty, expected PNG, JPEG, PGM, PPM, NIfTI or DICOM"),
    ] {
      let error = #expect(throws: FormatError.self) { try read(Array(text.utf8)) }
      #expect(error?.message == message)
    }
    // A header of few bytes that asks for gigabytes is refused before they are taken.
    let huge = #expect(throws: FormatError.self) {
      try read(Pictures.png(width: 30_000, height: 30_000, bits: 8, colours: 0, rows: [0]))
    }
    #expect(huge?.message == "truncated: found 69 bytes for 900,000,000 bytes of pixels")
  }
}

@Suite(.enabled(if: RealData.folder != nil, "LIGASE_DATA names no folder with data"))
struct RasterConformanceTests {
  /// The pixels of an image as red, green, blue and opacity, as the index gives them.
  private func expanded(_ image: Image, bits: Int) -> [UInt8] {
    let full: Float = bits == 16 ? 65_535 : 255
    var values: [Float] = []
    for place in stride(from: 0, to: image.values.count, by: image.channels) {
      let pixel = image.values[place..<place + image.channels]
      let colours = image.channels < 3 ? Array(repeating: pixel[place], count: 3) : Array(pixel.prefix(3))
      values += colours + [image.channels % 2 == 0 ? pixel.last! : full]
    }
    return bits == 16 ? littleEndian(values.map { UInt16($0) }) : values.map { UInt8($0) }
  }

  @Test func pngSuite() throws {
    let specimens = try #require(Specimens("pngsuite"))
    var counts = [0, 0]
    for specimen in specimens.files {
      if specimen.expectation == "invalid" {
        #expect(throws: FormatError.self, "\(specimen.name)") { try Image(contentsOf: specimen.path) }
        counts[1] += 1
      } else {
        let image = try Image(contentsOf: specimen.path)
        let bits = Int(try #require(specimen.entry["rgba_bitdepth"]?.number))
        let expected = specimen.entry["rgba"]?["sha256_le_c"]?.text
        #expect(sha256(expanded(image, bits: bits)) == expected, "\(specimen.name)")
        counts[0] += 1
      }
    }
    #expect(counts[0] + counts[1] == specimens.files.count && counts[0] > 0)
    print("pngsuite: \(counts[0]) valid, \(counts[1]) invalid")
  }
}
