import LigaseRuntime

/// An image file whose header has been read; its format is recognised by its bytes.
///
/// Reads PNG, JPEG, PGM, PPM, NIfTI and DICOM. A folder is read as a series of DICOM slices, and either file of a
/// NIfTI pair as both.
package struct ImageFile {
  /// What a caller accepts.
  package struct Options: Sendable {
    /// Read DICOM without its preamble.
    package var force = false
    /// Accept a series with missing or uneven slices.
    package var allowGaps = false

    package init(force: Bool = false, allowGaps: Bool = false) {
      (self.force, self.allowGaps) = (force, allowGaps)
    }
  }

  /// The file as the user named it.
  package let path: String
  /// What its header says.
  package let info: ImageInfo
  private let decode: () throws -> Image

  /// Creates a file from its header and the reading of its pixels.
  init(path: String, info: ImageInfo, decode: @escaping () throws -> Image) {
    (self.path, self.info, self.decode) = (path, info, decode)
  }

  /// Reads the header of `path`; `-` or nil is standard input.
  package init(contentsOf path: String?, options: Options = Options()) throws {
    if let path, path != "-", FilePath.isFolder(path) {
      let series = try DICOMSeries(folder: path, options: options)
      self.init(path: path, info: series.info) { try series.image() }
      return
    }
    let header = path.flatMap { NIfTIFile.headerPath(forPixels: $0) }
    let reader = try ByteReader(contentsOf: header ?? path, content: .binary)
    let head = try reader.peek(ImageFile.headSize)
    if DICOMFile.recognizes(head) {
      self = try ImageFile(dicom: reader, options)
    } else if NIfTIHeader.recognizes(head, path: reader.path) {
      let file = try NIfTIFile(reader)
      self.init(path: reader.path, info: file.info) { try file.image() }
    } else if head.starts(with: ImageFile.pngMagic) {
      self = try ImageFile(.png, reader)
    } else if head.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = try ImageFile(.jpeg, reader)
    } else if PortableMap.recognizes(head) {
      self = try ImageFile(portableMap: reader)
    } else if DICOMFile.resembles(head) {
      self = try ImageFile(dicom: reader, options)
    } else {
      throw ImageFile.refusal(of: head, path: reader.path)
    }
  }

  /// The pixels as values.
  package func image() throws -> Image { try decode() }

  // MARK: - Formats

  /// The number of bytes by which a format is recognised.
  static let headSize = 1024
  private static let pngMagic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  private init(_ codec: RasterCodec, _ reader: ByteReader) throws {
    let (bytes, path) = (try reader.readImage(), reader.path)
    let size = try codec.size(of: bytes, path: path)
    var info = ImageInfo(
      format: codec.name, extents: [Int(size.height), Int(size.width)], channels: Int(size.channels),
      type: size.bits == 16 ? "uint16" : "uint8")
    if size.has_alpha != 0 { info.properties.append(.init("alpha", "yes")) }
    self.init(path: path, info: info) { try codec.image(of: bytes, path: path) }
  }

  private init(dicom reader: ByteReader, _ options: Options) throws {
    let file = try DICOMFile(try reader.readImage(), force: options.force, path: reader.path)
    self.init(path: reader.path, info: file.info) { try file.image() }
  }

  private init(portableMap reader: ByteReader) throws {
    let (bytes, path) = (try reader.readImage(), reader.path)
    let map = try PortableMap(bytes, path: path)
    let info = ImageInfo(
      format: map.name, extents: [map.height, map.width], channels: map.channels,
      type: map.maximum > 255 ? "uint16" : "uint8")
    self.init(path: path, info: info) { try map.image(bytes) }
  }

  /// Returns the error for a file of no known format.
  private static func refusal(of head: [UInt8], path: String) -> FormatError {
    let expected = "expected PNG, JPEG, PGM, PPM, NIfTI or DICOM"
    if head.isEmpty {
      return FormatError(.inputOutput, path: path, "truncated: the file is empty, \(expected)")
    }
    let known: [([UInt8], String)] = [
      (Array("GIF8".utf8), "GIF"), (Array("BM".utf8), "BMP"), ([0x49, 0x49, 0x2A, 0], "TIFF"),
      ([0x4D, 0x4D, 0, 0x2A], "TIFF"), (Array("RIFF".utf8), "WebP"),
      ([0, 0, 0, 12, 0x6A, 0x50], "JPEG 2000"),
    ]
    if let (_, name) = known.first(where: { head.starts(with: $0.0) }) {
      return FormatError(
        .badData, path: path, "found \(name), \(expected)", remedy: .rewrite(with: "convert FILE NEW.png"))
    }
    return FormatError(
      .badData, path: path,
      "found the first bytes \(FormatError.quoted(head.prefix(8))) of no known image format, \(expected)")
  }
}

extension ByteReader {
  /// Returns the rest of an encoded image.
  func readImage() throws -> [UInt8] {
    var bytes: [UInt8] = []
    if let size = knownSize { bytes.reserveCapacity(min(size, ImageSize.byteLimit) + 1) }
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while bytes.count <= ImageSize.byteLimit {
      let count = try chunk.withUnsafeMutableBytes { try read(into: $0) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
    throw FormatError(
      .badData, path: path,
      "found more than \(ImageSize.byteLimit.grouped) bytes, expected an image of at most that")
  }
}
