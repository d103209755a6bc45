import LigaseRuntime

/// A NIfTI file: its header, and its pixels when they are asked for.
///
/// The axes x, y, z of the file become the last, middle and first axis of the image. What follows, time or
/// components, becomes its channels.
struct NIfTIFile {
  let header: NIfTIHeader
  private let path: String
  private let reader: ByteReader

  /// Reads the header from a stream that begins with it.
  init(_ reader: ByteReader) throws {
    (self.reader, path) = (reader, reader.path)
    let bytes = try reader.peek(NIfTIHeader.size)
    header = try NIfTIHeader(bytes, path: path)
  }

  /// The path without the suffix of a header or of pixels, and the suffix of compression.
  private static func stem(_ path: String, _ suffix: String) -> (stem: String, compression: String)? {
    for compression in ["", ".gz"] where path.hasSuffix(suffix + compression) {
      return (String(path.dropLast(suffix.count + compression.count)), compression)
    }
    return nil
  }

  /// Returns the header's file for the file of the pixels of a pair, if there is one.
  static func headerPath(forPixels path: String) -> String? {
    guard let (stem, compression) = stem(path, ".img") else { return nil }
    return [".hdr" + compression, ".hdr", ".hdr.gz"].map { stem + $0 }.first { access($0, R_OK) == 0 }
  }

  /// The sizes of the image, slowest first, and the number of its channels.
  private var shape: (extents: [Int], channels: Int) {
    let sizes = header.sizes
    let channels = sizes.dropFirst(3).reduce(1, *)
    switch sizes.count {
    case 1: return ([1, sizes[0]], 1)
    case 2: return ([sizes[1], sizes[0]], 1)
    default: return ([sizes[2], sizes[1], sizes[0]], channels)
    }
  }

  /// The header in the words of all formats.
  var info: ImageInfo {
    let (extents, channels) = shape
    var info = ImageInfo(
      format: header.kind.rawValue, extents: extents, channels: channels, type: header.typeName)
    info.spacing = header.spacing.map { Array($0.prefix(extents.count).reversed()) }
    info.affine = header.affine
    info.isAffineAssumed = header.form == "pixdim"
    info.scale = header.scale
    info.properties = [
      .init("byte_order", header.isBigEndian ? "big" : "little"), .init("form", header.form),
    ]
    info.identifiers = header.texts.filter { !$0.value.isEmpty }
    if header.affine == nil {
      info.notices.append("the affine map (\(header.form)) is not finite and is ignored")
    }
    return info
  }

  /// Decodes the pixels.
  func image() throws -> Image {
    if header.kind == .analyze {
      throw FormatError(
        .badData, path: path,
        "found Analyze 7.5, which does not say where left and right are, expected NIfTI-1 or NIfTI-2",
        remedy: .rewrite(with: "fslchfiletype NIFTI_GZ FILE"))
    }
    let type = try header.type(path: path)
    let (extents, channels) = shape
    let count = try ImageSize.count(extents + [channels], path: path)
    let bytes = try pixelBytes(count * type.size)
    let (slope, intercept) = header.scale ?? (1, 0)
    let places = count / channels
    let values = [Float](unsafeUninitializedCapacity: count) { target, filled in
      bytes.withUnsafeBytes { source in
        type.forEach(source, isBigEndian: header.isBigEndian) { i, number in
          let value = Float(number * slope + intercept)
          target.initializeElement(at: channels == 1 ? i : i % places * channels + i / places, to: value)
        }
      }
      filled = count
    }
    var image = Image(extents: extents, channels: channels, values: values)
    image.spacing = info.spacing
    image.affine = header.affine
    image.areChannelsMeasurements = channels > 1
    return image
  }

  /// Reads the bytes of the pixels, of this file or of the other of a pair.
  private func pixelBytes(_ count: Int) throws -> [UInt8] {
    guard header.isPair else { return try NIfTIFile.read(count, from: header.offset, of: reader) }
    guard let (stem, compression) = NIfTIFile.stem(path, ".hdr") else {
      throw FormatError(
        .badData, path: path,
        "found a NIfTI header (.hdr) whose pixels are in another file, expected the suffix .hdr")
    }
    let names = [".img" + compression, ".img", ".img.gz"].map { stem + $0 }
    let pixels = try ByteReader(
      contentsOf: names.first { access($0, R_OK) == 0 } ?? names[0], content: .binary)
    return try NIfTIFile.read(count, from: header.offset, of: pixels)
  }

  private static func read(_ count: Int, from start: Int, of reader: ByteReader) throws -> [UInt8] {
    let (end, isOver) = start.addingReportingOverflow(count)
    func truncated(_ found: Int) -> FormatError {
      FormatError(
        .inputOutput, path: reader.path,
        "truncated: found \(max(0, found - start).counted("byte")) of pixels, expected \(count.grouped)")
    }
    if let size = reader.knownSize, isOver || size < end { throw truncated(size) }
    if let bound = reader.sizeBound, isOver || bound < end { throw truncated(bound) }
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var (bytes, skipped): ([UInt8], Int) = ([], 0)
    while bytes.count < count {
      let wanted = min(chunk.count, skipped < start ? start - skipped : count - bytes.count)
      let got = try chunk.withUnsafeMutableBytes {
        try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
      }
      if got == 0 { throw truncated(skipped + bytes.count) }
      if skipped < start { skipped += got } else { bytes += chunk[..<got] }
    }
    // The check of a compressed stream stands at its end.
    if reader.compression != .none {
      while try chunk.withUnsafeMutableBytes({ try reader.read(into: $0) }) > 0 {}
    }
    return bytes
  }
}
