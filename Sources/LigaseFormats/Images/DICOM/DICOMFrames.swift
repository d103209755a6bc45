import CLigaseCodecs
import LigaseRuntime

/// The frames of a DICOM file as stored numbers.
package struct DICOMFrames {
  let file: DICOMFile
  package let layout: DICOMLayout
  /// The bytes of each frame, of one or more fragments, where pixels are encapsulated.
  private let fragments: [[Range<Int>]]
  private var bytes: [UInt8] { file.dataset.fields.bytes }
  private var path: String { file.path }

  /// Finds the frames of a file, and checks that all are there.
  package init(_ file: DICOMFile) throws {
    let layout = try file.layout()
    (self.file, self.layout) = (file, layout)
    if case .refused(let command) = file.syntax.pixels {
      throw FormatError(
        .badData, path: file.path, "found \(file.syntax.name), which is not read",
        remedy: command.map { .rewrite(with: $0) })
    }
    let element = file.dataset[layout.source]!
    guard file.syntax.pixels != .native else {
      guard element.fragments == nil else {
        throw FormatError(
          .badData, path: file.path, "found fragments of pixels, expected native ones for \(file.syntax.name)"
        )
      }
      fragments = []
      let size = DICOMFrames.nativeBits(layout) * layout.frames
      guard element.value.count * 8 >= size else {
        throw FormatError(
          .inputOutput, path: file.path, offset: element.value.upperBound,
          "truncated: found \(element.value.count.counted("byte")) in \(layout.source), expected \(((size + 7) / 8).grouped)"
        )
      }
      return
    }
    guard let all = element.fragments, !layout.isFloat else {
      throw FormatError(
        .badData, path: file.path, "found native pixels, expected fragments for \(file.syntax.name)")
    }
    fragments = try DICOMFrames.frames(all, layout: layout, of: file)
  }

  /// The number of bits of a native frame.
  private static func nativeBits(_ layout: DICOMLayout) -> Int {
    // Two pixels of YBR_FULL_422 share a blue and a red sample.
    let samples = layout.photometric == .ybrFull422 ? layout.rows * layout.columns * 2 : layout.frameSize
    return samples * layout.bitsAllocated
  }

  /// Assigns fragments to frames: all to the only frame, one to each, or by the table of offsets, or by the first
  /// bytes of each stream.
  private static func frames(
    _ all: [Range<Int>], layout: DICOMLayout, of file: DICOMFile
  ) throws -> [[Range<Int>]] {
    let dataset = file.dataset
    let fragments = Array(all.dropFirst())
    if layout.frames == 1 { return [fragments] }
    if fragments.count == layout.frames { return fragments.map { [$0] } }
    let bytes = dataset.fields.bytes
    let table = all.first ?? 0..<0
    let fields = BinaryFields(bytes: bytes, isBigEndian: false)
    var starts = (0..<table.count / 4).compactMap {
      fields.integer(UInt32.self, at: table.lowerBound + 4 * $0).map(Int.init)
    }
    if starts.isEmpty, let wide = dataset[.extendedOffsets]?.value {
      starts = (0..<wide.count / 8).compactMap {
        fields.integer(UInt64.self, at: wide.lowerBound + 8 * $0).flatMap(Int.init(exactly:))
      }
    }
    var frames: [[Range<Int>]] = []
    if starts.count == layout.frames, let first = fragments.first {
      let places = Set(starts.map { $0.addingReportingOverflow(first.lowerBound).partialValue })
      for fragment in fragments {
        if places.contains(fragment.lowerBound) { frames.append([]) }
        if !frames.isEmpty { frames[frames.count - 1].append(fragment) }
      }
    } else {
      for fragment in fragments {
        let head = Array(bytes[fragment].prefix(4))
        if head.starts(with: [0xFF, 0xD8]) || head == [0xFF, 0x4F, 0xFF, 0x51] { frames.append([]) }
        if !frames.isEmpty { frames[frames.count - 1].append(fragment) }
      }
    }
    guard frames.count == layout.frames else {
      throw FormatError(
        .badData, path: file.path,
        "found \(fragments.count.counted("fragment")) of pixels for \(layout.frames.counted("frame")), expected one for each or "
          + "a table of offsets")
    }
    return frames
  }

  /// Returns the numbers of a frame, row by row, samples of a pixel together; colours are RGB. Floats are their bit
  /// patterns.
  func numbers(_ frame: Int) throws -> [Int64] {
    var samples = try storedNumbers(frame)
    // libjpeg has converted already.
    if [.ybrFull, .ybrFull422].contains(layout.photometric), file.syntax.pixels != .jpeg {
      try convertToRGB(&samples)
    }
    return samples
  }

  /// Returns the numbers of a frame as they are stored; colours are in YBR where the file has them so, except
  /// those of JPEG.
  package func storedNumbers(_ frame: Int) throws -> [Int64] {
    var samples = try file.syntax.pixels == .native ? nativeCells(frame) : decodedCells(frame)
    guard !layout.isFloat else { return samples }
    let shift = UInt64(layout.highBit + 1 - layout.bitsStored)
    let mask = UInt64.max >> UInt64(64 - layout.bitsStored)
    let sign = layout.isSigned ? Int64(1) << Int64(layout.bitsStored - 1) : 0
    for i in samples.indices {
      let value = Int64((UInt64(bitPattern: samples[i]) >> shift) & mask)
      samples[i] = (value ^ sign) - sign
    }
    return samples
  }

  // MARK: - Native pixels

  private func nativeCells(_ frame: Int) throws -> [Int64] {
    let value = file.dataset[layout.source]!.value
    let start = value.lowerBound
    let isBig = file.dataset.fields.isBigEndian
    if layout.bitsAllocated == 1 {
      let first = frame * layout.frameSize
      return (first..<first + layout.frameSize).map { Int64(bytes[start + $0 / 8] >> UInt8($0 % 8) & 1) }
    }
    if layout.photometric == .ybrFull422 {
      return try sharedColours(start + frame * layout.rows * layout.columns * 2)
    }
    let size = layout.frameSize * layout.cell
    let from = start + frame * size
    // Bytes in words of big-endian files are swapped.
    if layout.cell == 1, isBig, file.dataset[layout.source]!.code == "OW" {
      return arranged(
        (from..<from + size).map {
          let at = start + (($0 - start) ^ 1)
          return Int64(bytes[at < value.upperBound ? at : $0])
        })
    }
    return arranged(DICOMFrames.cells(bytes[from..<from + size], cell: layout.cell, isBigEndian: isBig))
  }

  /// Returns the cells of bytes as numbers without sign.
  static func cells(_ bytes: ArraySlice<UInt8>, cell: Int, isBigEndian: Bool) -> [Int64] {
    bytes.withUnsafeBytes { source in
      func run<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) -> [Int64] {
        (0..<source.count / MemoryLayout<T>.size).map {
          let raw = source.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self)
          return Int64(truncatingIfNeeded: isBigEndian ? T(bigEndian: raw) : T(littleEndian: raw))
        }
      }
      switch cell {
      case 1: return run(UInt8.self)
      case 2: return run(UInt16.self)
      case 4: return run(UInt32.self)
      default: return run(UInt64.self)
      }
    }
  }

  /// Returns samples with those of a pixel together.
  private func arranged(_ samples: [Int64]) -> [Int64] {
    guard layout.isPlanar else { return samples }
    let plane = layout.rows * layout.columns
    return samples.indices.map { samples[$0 % layout.samples * plane + $0 / layout.samples] }
  }

  /// Returns the pixels of YBR_FULL_422: two brightnesses, a blue and a red sample for each two pixels of a row.
  private func sharedColours(_ start: Int) throws -> [Int64] {
    guard layout.bitsAllocated == 8, layout.columns % 2 == 0 else {
      throw FormatError(
        .badData, path: path,
        "found YBR_FULL_422 of \(layout.bitsAllocated) bits and \(layout.columns) columns, expected 8 bits "
          + "and an even number of columns")
    }
    return (0..<layout.frameSize).map {
      let (pixel, sample) = ($0 / 3, $0 % 3)
      let pair = start + pixel / 2 * 4
      return Int64(bytes[sample == 0 ? pair + pixel % 2 : pair + 1 + sample])
    }
  }

  /// Converts full-range YCbCr of 8 bits to RGB (PS3.3, section C.7.6.3.1.2).
  private func convertToRGB(_ samples: inout [Int64]) throws {
    guard layout.bitsStored == 8 else {
      throw FormatError(
        .badData, path: path, "found \(layout.photometric.rawValue) of \(layout.bitsStored) bits, expected 8")
    }
    func byte(_ value: Double) -> Int64 { Int64(min(max(value.rounded(), 0), 255)) }
    for i in stride(from: 0, to: samples.count, by: 3) {
      let (y, blue, red) = (Double(samples[i]), Double(samples[i + 1]) - 128, Double(samples[i + 2]) - 128)
      samples[i] = byte(y + 1.402 * red)
      samples[i + 1] = byte(y - 0.344136 * blue - 0.714136 * red)
      samples[i + 2] = byte(y + 1.772 * blue)
    }
  }

  // MARK: - Encapsulated pixels

  private func decodedCells(_ frame: Int) throws -> [Int64] {
    let stream = fragments[frame].reduce(into: [UInt8]()) { $0 += bytes[$1] }
    switch file.syntax.pixels {
    case .runLength:
      return try DICOMRunLength.decode(stream, layout: layout, path: path)
    case .jpeg:
      let precision = RasterCodec.precision(ofJPEG: stream)
      guard precision == nil || precision == 8 else {
        throw FormatError(
          .badData, path: path, "found \(file.syntax.name) of \(precision!) bits, expected 8 bits",
          remedy: .rewrite(with: "dcmdjpeg FILE NEW.dcm"))
      }
      let size = try RasterCodec.jpeg.size(of: stream, path: path)
      try check(size)
      // The markers of a stream, or the names of its channels, say more than the file; without them RGB is what the file says.
      let colours = layout.photometric == .rgb ? LIGASE_JPEG_RGB : LIGASE_JPEG_MARKERS
      return try RasterCodec.jpeg.decode(stream, count: layout.frameSize, colours: Int(colours), path: path)
        .map(Int64.init)
    case .jpegLossless:
      let decoder = try JPEGLossless(stream, path: path)
      try check(
        ligase_picture(
          width: UInt32(decoder.width), height: UInt32(decoder.height), channels: UInt32(decoder.channels),
          bits: UInt32(decoder.precision), is_signed: 0, has_alpha: 0))
      return try decoder.decode().map(Int64.init)
    case .jpeg2000:
      return try decode(stream, "JPEG 2000", ligase_jpeg2000_size, ligase_jpeg2000_decode)
    case .jpegLS:
      return try decode(stream, "JPEG-LS", ligase_jpegls_size, ligase_jpegls_decode)
    case .native, .refused:
      return []
    }
  }

  private typealias Size = (
    UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<ligase_picture>?, UnsafeMutablePointer<CChar>?
  ) -> Int32
  private typealias Decode = (
    UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<Int32>?, Int, UnsafeMutablePointer<CChar>?
  ) -> Int32

  /// Decodes a stream with a library of the trait `Codecs`.
  private func decode(_ stream: [UInt8], _ name: String, _ size: Size, _ decode: Decode) throws -> [Int64] {
    guard ligase_has_codecs() != 0 else {
      throw FormatError(
        .badData, path: path, "found \(file.syntax.name), which is not read without the trait Codecs",
        remedy: .rewrite(with: "gdcmconv -w FILE NEW.dcm"))
    }
    var picture = ligase_picture()
    try RasterCodec.call(name, path: path) { size(stream, stream.count, &picture, $0) }
    try check(picture)
    // A byte of an empty region can stand for very many pixels, yet not for any number.
    guard layout.frameSize >> 16 <= stream.count + 256 else {
      throw FormatError(
        .inputOutput, path: path,
        "truncated: found \(stream.count.counted("byte")) of \(name) for \(layout.frameSize.counted("sample"))"
      )
    }
    var samples = [Int32](repeating: 0, count: layout.frameSize)
    try RasterCodec.call(name, path: path) { decode(stream, stream.count, &samples, samples.count, $0) }
    // The sign of the stream counts where that of the file is another one.
    let sign = picture.is_signed != 0 && !layout.isSigned && picture.bits <= 32
    if sign, samples.contains(where: { $0 < 0 }) {
      throw FormatError(
        .badData, path: path,
        "found negative numbers in the \(name) stream, expected none as \(DICOMTag.pixelRepresentation) is 0")
    }
    // A stream without sign may hold numbers with one, in as many bits as it says.
    guard layout.isSigned, picture.is_signed == 0, 1...31 ~= picture.bits else {
      return samples.map(Int64.init)
    }
    let bit = Int64(1) << Int64(picture.bits - 1)
    return samples.map { (Int64($0) ^ bit) - bit }
  }

  /// Throws where a stream has another size than the file states.
  private func check(_ size: ligase_picture) throws {
    guard Int(size.width) == layout.columns, Int(size.height) == layout.rows,
      Int(size.channels) == layout.samples
    else {
      throw FormatError(
        .badData, path: path,
        "found a stream of \(size.width) x \(size.height) pixels and \(Int(size.channels).counted("channel")), expected "
          + "\(layout.columns) x \(layout.rows) and \(layout.samples)")
    }
    guard Int(size.bits) <= layout.bitsAllocated else {
      throw FormatError(
        .badData, path: path, "found a stream of \(size.bits) bits, expected at most \(layout.bitsAllocated)")
    }
  }
}
