import LigaseFormats
import TestSupport
import Testing

@Suite struct NIfTITests {
  let folder = TemporaryFolder()

  /// A volume with an oblique affine map and two channels.
  static let volume: Image = {
    var image = Image(extents: [2, 3, 4], channels: 2, values: (0..<48).map { Float($0) / 4 - 3 })
    image.affine = [0, 2, 0, -10, -1.5, 0, 0.5, 4, 0, 0, 3, 6, 0, 0, 0, 1]
    return image
  }()

  @Test func imagesComeBack() throws {
    var mask = Image(extents: [2, 3], channels: 1, values: [0, 1, 2, 255, 4, 5])
    mask.spacing = [0.5, 2]
    let scan = Image(extents: [1, 2, 2], channels: 1, values: [-1024, 0, 3071, 7])
    for (image, type) in [(NIfTITests.volume, "float32"), (mask, "uint8"), (scan, "int16")] {
      for name in ["x.nii", "x.nii.gz"] {
        try image.writeNIfTI(to: folder.file(name), overwrite: true)
        let file = try ImageFile(contentsOf: folder.file(name))
        let read = try file.image()
        #expect(
          read.values == image.values && read.extents == image.extents && read.channels == image.channels)
        #expect(file.info.type == type)
        if let affine = image.affine { #expect(read.affine == affine) }
        if let spacing = image.spacing { #expect(read.spacing == spacing) }
      }
    }
    #expect(
      try ImageFile(contentsOf: folder.write(NIfTITests.volume.niftiData(), to: "y")).info.orientation
        == "PRS")
    let long = Image(extents: [1, 40_000], channels: 1, values: [Float](repeating: 3, count: 40_000))
    try long.writeNIfTI(to: folder.file("long.nii"))
    let file = try ImageFile(contentsOf: folder.file("long.nii"))
    #expect(file.info.format == "NIfTI-2" && file.info.extents == [1, 40_000])
    #expect(try file.image().values == long.values)
  }

  /// Returns a NIfTI-1 file of 2 x 1 x 1 numbers with changed bytes.
  private func file(_ changes: [(Int, [UInt8])], data: [UInt8] = [1, 2]) throws -> [UInt8] {
    var bytes = Array(try Image(extents: [1, 1, 2], channels: 1, values: [1, 2]).niftiData().prefix(352))
    for (offset, change) in changes { bytes.replaceSubrange(offset..<offset + change.count, with: change) }
    return bytes + data
  }

  private func float(_ value: Float) -> [UInt8] {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
  }

  private func read(_ bytes: [UInt8]) throws -> Image {
    try Image(contentsOf: folder.write(bytes, to: "v.nii"))
  }

  @Test func slopesAndIntercepts() throws {
    for (slope, term, values) in [
      (2, -1, [1, 3]), (0, 5, [1, 2]), (.nan, 5, [1, 2]), (3, .nan, [3, 6]), (-1, 0, [-1, -2]),
    ] as [(Float, Float, [Float])] {
      #expect(try read(file([(112, float(slope)), (116, float(term))])).values == values)
    }
  }

  @Test func unitsAndForms() throws {
    // Metres become millimetres; the qform counts where there is no sform.
    let metres = try read(file([(123, [1]), (80, float(0.002) + float(0.003) + float(0.004))]))
    #expect(metres.spacing.map { $0.map { ($0 * 1e6).rounded() / 1e6 } } == [4, 3, 2])
    let half = float(1) + float(0) + float(0)
    let turned = try read(
      file([
        (80, float(2) + float(3) + float(4)), (76, float(-1)), (252, [1, 0]), (256, half),
        (268, float(7) + float(8) + float(9)),
      ]))
    #expect(turned.affine == [2, 0, 0, 7, 0, -3, 0, 8, 0, 0, 4, 9, 0, 0, 0, 1])
  }

  @Test func pairsAndTheirParts() throws {
    let pair = try file([(344, Array("ni1\0".utf8)), (108, float(0))], data: [])
    folder.write(pair, to: "p.hdr")
    let missing = #expect(throws: FormatError.self) { try Image(contentsOf: folder.file("p.hdr")) }
    #expect(missing?.kind == .noInput && missing?.path == folder.file("p.img"))
    #expect(try ImageFile(contentsOf: folder.file("p.hdr")).info.extents == [1, 1, 2])
    folder.write([8, 9], to: "p.img")
    #expect(try Image(contentsOf: folder.file("p.hdr")).values == [8, 9])
    #expect(try Image(contentsOf: folder.file("p.img")).values == [8, 9])
  }

  @Test func damagedFilesAreTypedErrors() throws {
    for (changes, data, message) in [
      ([], [1], "truncated: found 1 byte of pixels, expected 2"),
      ([(40, [9, 0])], [1, 2], "found 9 axes (dim[0]), expected 1 to 7"),
      ([(42, [0xFE, 0xFF])], [1, 2], "found the size -2 x 1 x 1, expected at least 1 along each axis"),
      (
        [(42, [0xFF, 0x7F, 0xFF, 0x7F, 0xFF, 0x7F])], [1, 2],
        "found the size 32767 x 32767 x 32767, expected at most 1,073,741,824 values"
      ),
      ([(108, [0, 0, 0, 0])], [1, 2], "found pixels from byte 0.0 (vox_offset), expected at least 352"),
      (
        [(70, [128, 0])], [1, 2],
        "found colours (RGB24), expected integers of 8 to 64 bits or floats of 32 or 64 bits"
      ),
      (
        [(70, [0, 6])], [1, 2],
        "found 128-bit floats (float128), expected integers of 8 to 64 bits or floats of 32 or 64 bits"
      ),
      (
        [(344, Array("n+9".utf8))], [1, 2],
        "found the magic 'n+9\\x00' at byte 344, expected 'n+1' or 'ni1', or 'n+2' or 'ni2' at byte 4"
      ),
    ] as [([(Int, [UInt8])], [UInt8], String)] {
      let error = #expect(throws: FormatError.self) { try read(file(changes, data: data)) }
      #expect(error?.message == message)
    }
    let bytes = try NIfTITests.volume.niftiData()
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: FormatError.self) { try read(Array(bytes[..<count])) }
    }
  }
}
