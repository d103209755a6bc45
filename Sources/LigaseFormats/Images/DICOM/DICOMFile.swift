import CZlib
import LigaseRuntime

/// A DICOM file (PS3.10) whose elements have been read.
package struct DICOMFile {
  let path: String
  let dataset: DICOMDataset
  let syntax: DICOMSyntax
  /// The byte at which a truncated file ends within an element.
  let truncation: Int?
  /// What is unusual about the encoding, in sentences.
  let notices: [String]
  /// Whether the file begins with its preamble.
  let hasPreamble: Bool

  /// Returns whether the first bytes are a preamble of 128 bytes and `DICM`.
  static func recognizes(_ head: [UInt8]) -> Bool {
    head.count >= 132 && Array(head[128..<132]) == Array("DICM".utf8)
  }

  /// Returns whether bytes begin like the elements of a DICOM file without a preamble.
  static func resembles(_ head: [UInt8]) -> Bool {
    guard head.count >= 8, let encoding = guess(head, at: 0) else { return false }
    let group = encoding.isBigEndian ? Int(head[0]) << 8 | Int(head[1]) : Int(head[1]) << 8 | Int(head[0])
    return [2, 4, 8].contains(group)
  }

  /// Reads the elements of a file; `-` or nil is standard input.
  package init(contentsOf path: String?, force: Bool = false) throws {
    let reader = try ByteReader(contentsOf: path, content: .binary)
    try self.init(try reader.readImage(), force: force, path: reader.path)
  }

  /// Reads the elements of a file.
  init(_ bytes: [UInt8], force: Bool, path: String) throws {
    self.path = path
    hasPreamble = DICOMFile.recognizes(bytes)
    guard hasPreamble || force && DICOMFile.resembles(bytes) else {
      throw FormatError(
        .badData, path: path, "found no DICOM preamble ('DICM' at byte 128)",
        remedy: DICOMFile.resembles(bytes) ? .readWithoutPreamble : nil)
    }
    var parser = DICOMParser(bytes, at: hasPreamble ? 132 : 0, path: path)
    let little = DICOMParser.Encoding(isExplicit: true, isBigEndian: false)
    let hasMeta =
      hasPreamble || bytes[0] == 2 && bytes[1] == 0 && DICOMFile.guess(bytes, at: 0)?.isExplicit == true
    let meta = hasMeta ? try parser.dataset(little) { $0 >> 16 == 2 } : nil
    var (syntax, notices) = (DICOMSyntax.explicitLittle, [String]())
    if let identifier = meta?.text(.transferSyntax) {
      syntax = DICOMSyntax(identifier: identifier)
      // Without representations the letters would be a length of more than 16,000 bytes.
      if !syntax.isExplicit, DICOMFile.guess(bytes, at: parser.at)?.isExplicit == true {
        syntax.isExplicit = true
        notices.append(
          "the elements have explicit representations, unlike the transfer syntax \(syntax.name)")
      }
    } else if let encoding = DICOMFile.guess(bytes, at: parser.at) {
      syntax = encoding.isBigEndian ? .explicitBig : encoding.isExplicit ? .explicitLittle : .implicitLittle
    }
    self.syntax = syntax
    if syntax.isDeflated, parser.truncation == nil {
      let inflated = try DICOMFile.inflate(bytes, from: parser.at, path: path)
      parser = DICOMParser(inflated, at: 0, path: path)
    }
    dataset = try parser.dataset(
      DICOMParser.Encoding(isExplicit: syntax.isExplicit, isBigEndian: syntax.isBigEndian))
    truncation = parser.truncation
    if let truncation {
      notices.append("the file is truncated: it ends within the element at byte \(truncation)")
    }
    if parser.surplus > 0 {
      notices.append("\(parser.surplus.counted("byte")) after the pixels are not read")
    }
    self.notices = notices
  }

  /// Returns the encoding of the element at a byte: by its group, which is small, and by the letters of its
  /// representation.
  private static func guess(_ bytes: [UInt8], at start: Int) -> DICOMParser.Encoding? {
    guard start <= bytes.count - 8 else { return nil }
    let isBig = bytes[start] == 0 && bytes[start + 1] != 0
    guard isBig || bytes[start + 1] == 0 else { return nil }
    let isExplicit = bytes[start + 4..<start + 6].allSatisfy { 0x41...0x5A ~= $0 }
    return DICOMParser.Encoding(isExplicit: isExplicit, isBigEndian: isBig)
  }

  /// Decompresses the data set of a deflated file (RFC 1951).
  private static func inflate(_ bytes: [UInt8], from start: Int, path: String) throws -> [UInt8] {
    var stream = z_stream()
    guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw FormatError(.inputOutput, path: path, "cannot start decompression")
    }
    defer { inflateEnd(&stream) }
    var (output, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 1 << 18))
    var (consumed, limit) = (start, mostHeader)
    while output.count <= limit || limit == mostHeader {
      if output.count > limit { limit += pixelBytes(of: output, path: path) }
      let available = min(bytes.count - consumed, 1 << 30)
      let (code, left, written) = bytes.withUnsafeBufferPointer { source in
        chunk.withUnsafeMutableBufferPointer { target in
          stream.next_in = source.baseAddress.map { UnsafeMutablePointer(mutating: $0 + consumed) }
          stream.avail_in = UInt32(available)
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          let code = CZlib.inflate(&stream, Z_NO_FLUSH)
          return (code, Int(stream.avail_in), target.count - Int(stream.avail_out))
        }
      }
      consumed += available - left
      output += chunk[..<written]
      if code == Z_STREAM_END { return output }
      guard code == Z_OK, written > 0 || available > left else {
        throw FormatError(
          .inputOutput, path: path, offset: consumed,
          code == Z_DATA_ERROR ? "corrupt deflated data set" : "truncated: the deflated data set does not end"
        )
      }
    }
    throw FormatError(
      .badData, path: path,
      "found a deflated data set of more than \(limit.grouped) bytes, expected no more beside the pixels of its size"
    )
  }

  /// The most bytes of a deflated data set beside its pixels.
  private static let mostHeader = 64 << 20

  /// The bytes of native pixels of the size that the beginning of a data set states, at least 1; at most the largest of a file.
  private static func pixelBytes(of beginning: [UInt8], path: String) -> Int {
    var parser = DICOMParser(beginning, at: 0, path: path)
    guard let dataset = try? parser.dataset(DICOMParser.Encoding(isExplicit: true, isBigEndian: false)) else {
      return 1
    }
    func stated(_ tag: DICOMTag) -> Int { (try? dataset.integer(tag, in: 1...ImageSize.limit)) ?? 1 }
    let sizes = [DICOMTag.rows, .columns, .frames, .samplesPerPixel].map(stated)
    let count = (try? ImageSize.count(sizes, path: path)) ?? ImageSize.limit
    return count * max(1, min(stated(.bitsAllocated), 64) / 8)
  }

  /// The layout of the pixels. Throws where there are none.
  func layout() throws -> DICOMLayout {
    if let truncation, dataset[.pixelData] == nil {
      throw FormatError(
        .inputOutput, path: path, offset: truncation, "truncated: the file ends within an element")
    }
    return try DICOMLayout(dataset)
  }

  /// The header in the words of all formats.
  var info: ImageInfo {
    var info = ImageInfo(format: "DICOM", extents: [], channels: 0, type: "")
    info.notices = notices
    do {
      let layout = try layout()
      info.extents =
        layout.frames > 1 ? [layout.frames, layout.rows, layout.columns] : [layout.rows, layout.columns]
      info.channels = layout.channels
      info.type = layout.typeName
      if layout.frames > 1 {
        let stack = try DICOMStack(frames: layout.frames, of: self)
        (info.spacing, info.affine) = (
          stack.spacing ?? DICOMGeometry.ifAny(of: self).geometry.spacing, stack.affine
        )
      } else {
        let (geometry, flaw) = DICOMGeometry.ifAny(of: self)
        (info.spacing, info.affine) = (geometry.spacing, geometry.affine)
        if let flaw { info.notices.append(flaw) }
      }
      let frames = try DICOMMeaning.frames(of: dataset), meaning = frames[0]
      if frames.contains(where: { ($0.slope, $0.intercept) != (meaning.slope, meaning.intercept) }) {
        info.notices.append("slope and intercept differ between frames; those of the first are shown")
      }
      if let flaw = meaning.flaw { info.notices.append(flaw) }
      if meaning.slope != 1 || meaning.intercept != 0 { info.scale = (meaning.slope, meaning.intercept) }
      info.window = meaning.window
      info.properties = [
        .init("photometric", layout.photometric.rawValue), .init("bits_stored", "\(layout.bitsStored)"),
      ]
    } catch {
      // What the header says is shown even so.
      if let rows = try? dataset.integer(.rows, in: 1...65_535),
        let columns = try? dataset.integer(.columns, in: 1...65_535)
      {
        info.extents = [rows, columns]
        info.channels = (try? dataset.integer(.samplesPerPixel, in: 1...65_535)) ?? 1
      }
      info.notices.append("no pixels can be read: \((error as? FormatError)?.message ?? "\(error)")")
    }
    info.properties += [
      .init("transfer_syntax", syntax.name), .init("byte_order", syntax.isBigEndian ? "big" : "little"),
    ]
    // A code has capitals, digits and underscores; what else stands there may identify a patient.
    if let modality = dataset.text(.modality), modality.utf8.count <= 16,
      modality.utf8.allSatisfy({ 0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x5F || $0 == 0x20 })
    {
      info.properties.append(.init("modality", modality))
    }
    info.identifiers = DICOMTag.identifiers.compactMap { tag, column in
      dataset.text(tag).map { .init(column, $0) }
    }
    return info
  }
}
