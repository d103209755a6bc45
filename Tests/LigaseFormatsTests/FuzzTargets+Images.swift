import LigaseFormats
import TestSupport

extension FuzzTarget {
  /// Reads an image and looks at all of it.
  static func readImage(_ path: String, _ threads: Int) throws {
    let file = try ImageFile(contentsOf: path)
    let image = try file.image()
    precondition(image.extents == file.info.extents && image.channels == file.info.channels)
    precondition(image.values.count == image.extents.reduce(image.channels, *))
    let isShown = [1, 3].contains(image.hasOpacity ? image.channels - 1 : image.channels)
    for slice in 0..<image.depth where isShown && !(image.areChannelsMeasurements && image.channels > 1) {
      _ = try image.slice(slice).pngData()
    }
  }

  /// Reads all elements of an array.
  private static func readArray(_ reader: NPYReader) throws {
    let kind = reader.header.kind
    if kind == .text || kind == .bytes {
      _ = try reader.strings()
    } else {
      let size = reader.header.rowSize * (kind == .complex ? 2 : 1)
      while let row = try reader.nextRow() { precondition(row.count == size) }
    }
  }

  /// An archive of two arrays.
  private static var archive: [UInt8] {
    let folder = TemporaryFolder(), path = folder.file("x.npz")
    guard let output = try? OutputFile(path, compression: Compression.none) else { return [] }
    let writer = NPZWriter(output)
    guard (try? writer.add("ids", texts: ["a", "b"])) != nil,
      (try? writer.add("images", floats: [1, 2, 3, 4, 5, 6, 7, 8], shape: [2, 2, 2])) != nil,
      (try? writer.close()) != nil
    else { return [] }
    return TemporaryFolder.contents(of: path) ?? []
  }

  static let images: [FuzzTarget] = [
    FuzzTarget(
      "png",
      bytes: [
        (try? Pictures.grey.pngData(window: 0...255)) ?? [],
        Pictures.png(
          width: 2, height: 2, bits: 8, colours: 3,
          chunks: Pictures.chunk("PLTE", [1, 2, 3, 4, 5, 6]) + Pictures.chunk("tRNS", [9]),
          rows: [0, 1, 0, 1, 0, 1]),
      ], read: readImage),
    FuzzTarget(
      "jpeg",
      bytes: [1, 3].map { channels in
        let pixels = (0..<16 * 16 * channels).map { UInt8($0 % 251) }
        return
          (try? RasterCodec.encodeJPEG(pixels, width: 16, height: 16, channels: channels, quality: 80)) ?? []
      }, read: readImage),
    FuzzTarget(
      "portable-map",
      bytes: [
        Array("P2 # c\n2 2\n#x\n9\n0 1\n8 9\n".utf8), Array("P3 1 1 255 7 8 9".utf8),
        Array("P5 2 2 65535\n".utf8) + [1, 2, 3, 4, 5, 6, 7, 8], Array("P6\n1 1\n255\n".utf8) + [9, 8, 7],
      ], read: readImage),
    FuzzTarget(
      "nifti",
      bytes: [
        (try? NIfTITests.volume.niftiData()) ?? [],
        (try? Image(extents: [2, 2], channels: 1, values: [1, 2, 3, 4]).niftiData()) ?? [],
      ], suffix: ".nii", read: readImage),
    FuzzTarget("dicom", bytes: dicomSeeds, suffix: ".dcm", read: readImage),
    FuzzTarget("dicom-encapsulated", bytes: encapsulatedSeeds, suffix: ".dcm", read: readImage),
    FuzzTarget(
      "dicom-codecs",
      bytes: [
        Codestreams.file(Codestreams.jpeg2000, bits: 8, syntax: "90"),
        Codestreams.file(Codestreams.jpegLS, bits: 12, syntax: "80"),
      ], suffix: ".dcm", seedsAreGood: Codestreams.isRead, read: readImage),
    FuzzTarget(
      "dicom-series", bytes: [DICOMBuilder.slice(at: "0\\0\\5", first: 9)],
      companions: ["a.dcm": DICOMBuilder.slice(at: "0\\0\\0"), "b.dcm": DICOMBuilder.slice(at: "0\\0\\10")],
      suffix: ".dcm"
    ) { path, threads in
      try readImage(String(path.dropLast("/fuzz.dcm".count)), threads)
    },
    FuzzTarget(
      "npy",
      bytes: [
        NPYWriter.bytes(texts: ["a", "bc"]), NPYWriter.bytes(floats: [1, 2, 3, 4, 5, 6], shape: [2, 3]),
      ], suffix: ".npy"
    ) { path, _ in try readArray(NPYReader(contentsOf: path)) },
    FuzzTarget("npz", bytes: [archive], suffix: ".npz") { path, _ in
      let archive = try NPZ(contentsOf: path)
      for name in archive.names { try readArray(archive.array(name)) }
    },
    FuzzTarget("jpeg-lossless", bytes: losslessSeeds) { path, _ in
      let bytes = TemporaryFolder.contents(of: path) ?? []
      let decoder = try JPEGLossless(bytes, path: path)
      let samples = try decoder.decode()
      precondition(samples.count == decoder.width * decoder.height * decoder.channels)
    },
  ]

  /// Files with native pixels: with sequences, without a preamble's syntax, in several frames, in colours.
  private static var dicomSeeds: [[UInt8]] {
    var seeds = [DICOMBuilder.slice(at: "0\\0\\0")]
    for (explicit, big) in [(false, false), (true, true)] {
      var builder = DICOMBuilder(explicit: explicit, bigEndian: big)
      var item = DICOMBuilder(explicit: explicit, bigEndian: big)
      item.add(0x0028, 0x3002, "US", [2, 0, 16].flatMap { item.number(UInt16($0)) })
      item.add(0x0028, 0x3006, "US", [100, 200].flatMap { item.number(UInt16($0)) })
      builder.addPlace("0\\0\\0")
      builder.addLayout(rows: 2, columns: 2, bits: 8, frames: 2)
      builder.add(0x0028, 0x3000, items: [item.bytes], isOpen: big)
      builder.add(0x3004, 0x000C, "DS", "0\\2.5")
      builder.add(0x7FE0, 0x0010, "OB", [1, 0, 1, 0, 2, 3, 4, 5])
      seeds.append(builder.file())
    }
    var colours = DICOMBuilder()
    colours.addLayout(rows: 2, columns: 2, samples: 3, photometric: "YBR_FULL_422", bits: 8, planar: 0)
    colours.add(0x7FE0, 0x0010, "OB", [1, 2, 3, 4, 5, 6, 7, 8])
    return seeds + [colours.file()]
  }

  private static func encapsulated(_ fragments: [[UInt8]], _ syntax: String, bits: Int, size: Int = 2)
    -> [UInt8]
  {
    var builder = DICOMBuilder()
    builder.addLayout(rows: size, columns: size, bits: bits)
    builder.add(fragments: fragments)
    return builder.file(syntax: "1.2.840.10008.1.2." + syntax)
  }

  /// Files with run lengths, JPEG and lossless JPEG.
  private static var encapsulatedSeeds: [[UInt8]] {
    let runs: [UInt8] =
      [2, 0, 0, 0, 64, 0, 0, 0, 68, 0, 0, 0] + [UInt8](repeating: 0, count: 52) + [
        254, 1, 0, 2, 2, 7, 8, 9, 0, 9,
      ]
    let pixels = (0..<64).map { UInt8($0 * 3) }
    let jpeg = (try? RasterCodec.encodeJPEG(pixels, width: 8, height: 8, channels: 1, quality: 90)) ?? []
    return [
      encapsulated([runs], "5", bits: 16), encapsulated([jpeg], "4.50", bits: 8, size: 8),
      encapsulated([losslessSeeds[0]], "4.70", bits: 16, size: 4),
    ]
  }

  private static var losslessSeeds: [[UInt8]] {
    [
      LosslessEncoder(width: 4, height: 4, channels: 1, precision: 12, predictor: 1).encode(
        (0..<16).map { $0 * 211 % 4096 }),
      LosslessEncoder(width: 3, height: 4, channels: 3, precision: 8, predictor: 7, restartLines: 2).encode(
        (0..<36).map { $0 * 37 % 256 }),
    ]
  }
}
