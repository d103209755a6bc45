import LigaseFormats
import TestSupport
import Testing

@Suite struct DICOMTests {
  let folder = TemporaryFolder()

  private func read(_ bytes: [UInt8], force: Bool = false) throws -> Image {
    try Image(contentsOf: folder.write(bytes, to: "x.dcm"), options: .init(force: force))
  }

  private func refusal(_ bytes: [UInt8]) -> FormatError? {
    #expect(throws: FormatError.self) { try read(bytes) }
  }

  @Test func encodingsOfElements() throws {
    for (explicit, big) in [(true, false), (false, false), (true, true)] {
      for isOpen in [true, false] {
        var builder = DICOMBuilder(explicit: explicit, bigEndian: big)
        var item = DICOMBuilder(explicit: explicit, bigEndian: big)
        item.add(0x0008, 0x1150, "UI", "1.2")
        builder.add(0x0008, 0x1140, items: [item.bytes, item.bytes], isOpen: isOpen)
        builder.add(0x0010, 0x0010, "PN", "Doe^Jane")
        builder.addLayout(rows: 2, columns: 2, signed: 1)
        builder.add(0x0028, 0x1052, "DS", "-10")
        builder.add(0x0028, 0x1053, "DS", "0.5")
        builder.add(0x7FE0, 0x0010, "OW", [-4, 0, 300, 32_767].flatMap { builder.number(Int16($0)) })
        let image = try read(builder.file())
        #expect(image.extents == [2, 2] && image.values == [-12, -10, 140, 16_373.5])
        // Without its preamble the file is read on demand only.
        let error = refusal(builder.bytes)
        #expect(error?.remedy == .readWithoutPreamble)
        #expect(try read(builder.bytes, force: true).values == image.values)
      }
    }
  }

  @Test func storedBitsAndSigns() throws {
    var builder = DICOMBuilder()
    builder.addLayout(rows: 1, columns: 3, bits: 16, stored: 12, highBit: 13, signed: 1)
    // Bits outside the 12 from bit 2 to 13 hold something else.
    builder.add(
      0x7FE0, 0x0010, "OW",
      [0xC003 | 0x800 << 2, 0x4001 | 5 << 2, 0x7FF << 2].flatMap { builder.number(UInt16($0)) })
    #expect(try read(builder.file()).values == [-2048, 5, 2047])
    var bits = DICOMBuilder()
    bits.addLayout(rows: 1, columns: 5, bits: 1, frames: 2)
    bits.add(0x7FE0, 0x0010, "OB", [0b101_10011, 0b01])
    #expect(try read(bits.file()).values == [1, 1, 0, 0, 1, 1, 0, 1, 1, 0])
    var wide = DICOMBuilder()
    wide.addLayout(rows: 1, columns: 2, bits: 32)
    wide.add(0x7FE0, 0x0010, "OW", wide.number(UInt32(1 << 31)) + wide.number(UInt32(7)))
    #expect(try read(wide.file()).values == [2_147_483_648, 7])
  }

  @Test func coloursOfAllLayouts() throws {
    let pixels: [UInt8] = [255, 0, 0, 0, 128, 64]
    for planar in [0, 1] {
      var builder = DICOMBuilder()
      builder.addLayout(rows: 1, columns: 2, samples: 3, photometric: "RGB", bits: 8, planar: planar)
      builder.add(0x7FE0, 0x0010, "OB", planar == 0 ? pixels : [255, 0, 0, 128, 0, 64])
      let image = try read(builder.file())
      #expect(image.channels == 3 && image.values == pixels.map(Float.init))
    }
    var full = DICOMBuilder()
    full.addLayout(rows: 1, columns: 2, samples: 3, photometric: "YBR_FULL", bits: 8, planar: 0)
    full.add(0x7FE0, 0x0010, "OB", [76, 85, 255, 100, 128, 128])
    #expect(try read(full.file()).values == [254, 0, 0, 100, 100, 100])
    var shared = DICOMBuilder()
    shared.addLayout(rows: 1, columns: 2, samples: 3, photometric: "YBR_FULL_422", bits: 8, planar: 0)
    shared.add(0x7FE0, 0x0010, "OB", [10, 20, 128, 128])
    #expect(try read(shared.file()).values == [10, 10, 10, 20, 20, 20])
    var palette = DICOMBuilder()
    palette.addLayout(rows: 1, columns: 3, photometric: "PALETTE COLOR", bits: 8)
    for channel in 0..<3 {
      palette.add(0x0028, 0x1101 + UInt16(channel), "US", [2, 10, 16].flatMap { palette.number(UInt16($0)) })
      palette.add(
        0x0028, 0x1201 + UInt16(channel), "OW", [1, 300].flatMap { palette.number(UInt16($0 + channel)) })
    }
    palette.add(0x7FE0, 0x0010, "OB", [0, 11, 200])
    #expect(try read(palette.file()).values == [1, 2, 3, 300, 301, 302, 300, 301, 302])
  }

  @Test func tablesWindowsAndInvertedGrey() throws {
    var item = DICOMBuilder()
    item.add(0x0028, 0x3002, "US", [3, 5, 16].flatMap { item.number(UInt16($0)) })
    item.add(0x0028, 0x3006, "US", [100, 200, 400].flatMap { item.number(UInt16($0)) })
    var builder = DICOMBuilder()
    builder.addLayout(rows: 1, columns: 4, photometric: "MONOCHROME1", bits: 8)
    builder.add(0x0028, 0x1050, "DS", "300\\1")
    builder.add(0x0028, 0x1051, "DS", "201\\2")
    builder.add(0x0028, 0x3000, items: [item.bytes], isOpen: true)
    builder.add(0x7FE0, 0x0010, "OB", [0, 5, 6, 99])
    let image = try read(builder.file())
    #expect(image.values == [100, 100, 200, 400] && image.lowIsBright)
    #expect(image.window == 199.5...399.5)
    #expect(image.bytes(window: 100...400) == [255, 255, 170, 0])
  }

  /// What pixels do not need is not used, and said.
  @Test func windowsAndPlacesThatCannotBeUsed() throws {
    func file(_ window: String, _ spacing: String) throws -> ImageFile {
      var builder = DICOMBuilder()
      builder.add(0x0028, 0x0030, "DS", spacing)
      builder.addLayout(rows: 1, columns: 2)
      builder.add(0x0028, 0x1050, "DS", window)
      builder.add(0x0028, 0x1051, "DS", "20")
      builder.add(0x7FE0, 0x0010, "OW", [1, 2].flatMap { builder.number(UInt16($0)) })
      return try ImageFile(contentsOf: folder.write(builder.file(), to: "x.dcm"))
    }
    let first = try file("40\\", "1\\1")
    #expect(first.info.window?.center == 40 && first.info.notices.isEmpty && first.info.spacing == [1, 1])
    for (window, spacing, words) in [
      ("4,0", "1\\1", "the window is not used: found '4,0'"),
      ("40", "0\\0", "the place of the image is not used"),
    ] {
      let file = try file(window, spacing)
      #expect(try file.image().values == [1, 2])
      #expect(file.info.notices.count == 1 && file.info.notices[0].hasPrefix(words), "\(file.info.notices)")
    }
  }

  /// Frames whose places cannot be used keep the order of the file.
  @Test func framesWithoutUsablePlaces() throws {
    for usable in 0...2 {
      var builder = DICOMBuilder()
      builder.addLayout(rows: 1, columns: 1, frames: 2)
      let groups = (0..<2).map { frame in
        var (position, orientation, group) = (DICOMBuilder(), DICOMBuilder(), DICOMBuilder())
        position.add(0x0020, 0x0032, "DS", "0\\0\\\(5 - frame)")
        orientation.add(0x0020, 0x0037, "DS", frame < usable ? "1\\0\\0\\0\\1\\0" : "0\\0\\0\\0\\0\\0")
        group.add(0x0020, 0x9113, items: [position.bytes], isOpen: false)
        group.add(0x0020, 0x9116, items: [orientation.bytes], isOpen: false)
        return group.bytes
      }
      builder.add(0x5200, 0x9230, items: groups, isOpen: false)
      builder.add(0x7FE0, 0x0010, "OW", [1, 2].flatMap { builder.number(UInt16($0)) })
      #expect(try read(builder.file()).values == (usable == 2 ? [2, 1] : [1, 2]))
      #expect(try ImageFile(contentsOf: folder.file("x.dcm")).info.extents == [2, 1, 1])
    }
  }

  /// An inverted value depends on its number alone, not on others of the image.
  @Test func inversionDependsOnNoOtherPixel() throws {
    for (signed, sum) in [(0, 4095.0 * 2 - 20), (1, -1.0 * 2 - 20)] {
      var builder = DICOMBuilder()
      builder.addLayout(rows: 1, columns: 1, photometric: "MONOCHROME1", stored: 12, signed: signed)
      builder.add(0x0028, 0x1052, "DS", "-10")
      builder.add(0x0028, 0x1053, "DS", "2")
      builder.add(0x7FE0, 0x0010, "OW", builder.number(UInt16(5)))
      #expect(try read(builder.file()).inversion == sum)
    }
  }

  @Test func endsAndEncodingsThatDisagree() throws {
    var builder = DICOMBuilder()
    builder.addLayout(rows: 1, columns: 2)
    builder.add(0x7FE0, 0x0010, "OW", [1, 2].flatMap { builder.number(UInt16($0)) })
    for count in 1...7 {
      let file = try ImageFile(
        contentsOf: folder.write(builder.file() + [UInt8](repeating: 10, count: count), to: "x.dcm"))
      #expect(try file.image().values == [1, 2])
      #expect(
        file.info.notices == ["\(count == 1 ? "1 byte" : "\(count) bytes") after the pixels are not read"])
    }
    let path = folder.write(builder.file(syntax: "1.2.840.10008.1.2"), to: "x.dcm")
    let file = try ImageFile(contentsOf: path)
    #expect(try file.image().values == [1, 2])
    #expect(file.info.notices.first?.hasPrefix("the elements have explicit representations") == true)
    #expect(refusal(Array(builder.file().dropLast()))?.kind == .inputOutput)
  }

  @Test func runLengths() throws {
    var builder = DICOMBuilder()
    builder.addLayout(rows: 2, columns: 2)
    // The high bytes are 1 1 1 2, the low bytes 7 8 9 9.
    let segments: [UInt8] = [254, 1, 0, 2, 2, 7, 8, 9, 0, 9]
    let header = [2, 64, 68].flatMap { builder.number(UInt32($0)) } + [UInt8](repeating: 0, count: 52)
    builder.add(fragments: [header + segments])
    let syntax = "1.2.840.10008.1.2.5"
    #expect(try read(builder.file(syntax: syntax)).values == [263, 264, 265, 521])
    var short = DICOMBuilder()
    short.addLayout(rows: 3, columns: 2)
    short.add(fragments: [header + segments])
    #expect(
      refusal(short.file(syntax: syntax))?.message == "truncated: an RLE segment of 4 bytes, expected 6")
  }

  @Test func baselineJPEG() throws {
    let pixels = (0..<64).map { UInt8($0 * 3) }
    let jpeg = try RasterCodec.encodeJPEG(pixels, width: 8, height: 8, channels: 1, quality: 100)
    var builder = DICOMBuilder()
    builder.addLayout(rows: 8, columns: 8, bits: 8, frames: 2)
    let half = jpeg.count / 4 * 2
    // Two fragments for each frame: a frame begins with the first bytes of a stream.
    builder.add(fragments: [
      Array(jpeg[..<half]), Array(jpeg[half...]), Array(jpeg[..<half]), Array(jpeg[half...]),
    ])
    let image = try read(builder.file(syntax: "1.2.840.10008.1.2.4.50"))
    #expect(image.extents == [2, 8, 8])
    #expect(zip(image.values, pixels + pixels).allSatisfy { abs($0 - Float($1)) <= 2 })
  }

  @Test func refusedFilesNameTheReason() throws {
    var builder = DICOMBuilder()
    builder.add(0x0010, 0x0010, "PN", "Doe^Jane")
    builder.addLayout(rows: 2, columns: 2, bits: 8)
    builder.add(0x7FE0, 0x0010, "OB", [1, 2])
    #expect(
      refusal(builder.file())?.message == "truncated: found 2 bytes in PixelData (7FE0,0010), expected 4")
    let video = refusal(builder.file(syntax: "1.2.840.10008.1.2.4.102"))
    #expect(video?.message == "found MPEG video (1.2.840.10008.1.2.4.102), which is not read")
    #expect(video?.remedy == .rewrite(with: "gdcmraw FILE NEW.mpg"))
    for (rows, photometric, samples, message) in [
      (0, "MONOCHROME2", 1, "found 0 as Rows (0028,0010), expected 1 to 65535"),
      (2, "CMYK", 3, "found PhotometricInterpretation (0028,0004) 'CMYK', expected MONOCHROME1"),
      (2, "RGB", 1, "found RGB with 1 sample a pixel, expected 3"),
      (65_535, "MONOCHROME2", 1, "found the size 70000 x 65535 x 65535 x 1, expected at most"),
    ] {
      var bad = DICOMBuilder()
      bad.addLayout(
        rows: rows, columns: rows == 65_535 ? rows : 2, samples: samples, photometric: photometric, bits: 8,
        frames: rows == 65_535 ? 70_000 : 1)
      bad.add(0x7FE0, 0x0010, "OB", [1, 2, 3, 4])
      #expect(refusal(bad.file())?.message.hasPrefix(message) == true, "\(message)")
    }
    // Every shorter file is an error, and no message names the patient.
    let whole = DICOMBuilder.slice(at: "0\\0\\0")
    for count in 0..<whole.count {
      let error = refusal(Array(whole[..<count]))
      #expect(error.map { !"\($0)".contains("Doe") } == true)
    }
  }

  @Test func identifiersStandApart() throws {
    let path = folder.write(DICOMBuilder.slice(at: "1\\2\\3"), to: "x.dcm")
    let info = try ImageFile(contentsOf: path).info
    #expect(info.identifiers.contains(.init("patient_name", "Doe^Jane")))
    #expect(!info.properties.contains { $0.value.contains("Doe") || $0.value == "1.2.3" })
    #expect(info.scale?.slope == 2 && info.scale?.intercept == -1000)
    // Left and back become right and front; rows are 1 mm apart, columns 2 mm.
    #expect(info.affine == [-2, 0, 0, -1, 0, -1, 0, -2, 0, 0, 1, 3, 0, 0, 0, 1])
    #expect(info.orientation == "LPS" && info.spacing == [1, 2])
  }

  @Test func enhancedFrames() throws {
    for explicit in [true, false] {
      var builder = DICOMBuilder(explicit: explicit)
      builder.addLayout(rows: 1, columns: 1, frames: 3)
      func item(_ build: (inout DICOMBuilder) -> Void) -> [UInt8] {
        var inner = DICOMBuilder(explicit: explicit)
        build(&inner)
        return inner.bytes
      }
      let orientation = item { $0.add(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0") }
      let measures = item { $0.add(0x0028, 0x0030, "DS", "0.5\\0.5") }
      let shared = item {
        $0.add(0x0020, 0x9116, items: [orientation], isOpen: false)
        $0.add(0x0028, 0x9110, items: [measures], isOpen: false)
      }
      builder.add(0x5200, 0x9229, items: [shared], isOpen: false)
      // The file has its frames from the top down.
      let frames = [8.0, 5.5, 3.0].enumerated().map { i, z in
        item { frame in
          frame.add(
            0x0020, 0x9113, items: [item { $0.add(0x0020, 0x0032, "DS", "0\\0\\\(z)") }], isOpen: false)
          let scale = item {
            $0.add(0x0028, 0x1052, "DS", "\(i)")
            $0.add(0x0028, 0x1053, "DS", "10")
          }
          frame.add(0x0028, 0x9145, items: [scale], isOpen: false)
        }
      }
      builder.add(0x5200, 0x9230, items: frames, isOpen: false)
      builder.add(0x7FE0, 0x0010, "OW", [1, 2, 3].flatMap { builder.number(UInt16($0)) })
      let image = try read(builder.file())
      #expect(image.extents == [3, 1, 1] && image.values == [32, 21, 10])
      #expect(image.spacing == [2.5, 0.5, 0.5])
      #expect(image.affine == [-0.5, 0, 0, 0, 0, -0.5, 0, 0, 0, 0, 2.5, 3, 0, 0, 0, 1])
    }
  }

  @Test func codecsThatAreLibraries() throws {
    for (syntax, name, stream) in [
      ("90", "JPEG 2000", Codestreams.jpeg2000), ("80", "JPEG-LS", Codestreams.jpegLS),
    ] {
      let file = Codestreams.file(stream, bits: syntax == "90" ? 8 : 12, syntax: syntax)
      #if Codecs
        #expect(try read(file).values == (0..<16).map { Float($0 * (syntax == "90" ? 15 : 211)) })
        for count in [20, stream.count / 2, stream.count - 8] {
          let short = Codestreams.file(Array(stream[..<count]), bits: syntax == "90" ? 8 : 12, syntax: syntax)
          #expect(refusal(short)?.message.contains(name) == true, "\(name): \(count)")
        }
      #else
        let error = refusal(file)
        #expect(error?.message.hasSuffix("which is not read without the trait Codecs") == true, "\(name)")
        #expect(error?.remedy == .rewrite(with: "gdcmconv -w FILE NEW.dcm"))
      #endif
    }
  }
}
