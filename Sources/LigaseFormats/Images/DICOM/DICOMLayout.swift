import LigaseRuntime

/// How the pixels of a DICOM file are laid out (PS3.3, section C.7.6.3).
package struct DICOMLayout {
  /// The meanings of samples.
  enum Photometric: String {
    case monochrome1 = "MONOCHROME1"
    case monochrome2 = "MONOCHROME2"
    case palette = "PALETTE COLOR"
    case rgb = "RGB"
    case ybrFull = "YBR_FULL"
    case ybrFull422 = "YBR_FULL_422"
    case ybrICT = "YBR_ICT"
    case ybrRCT = "YBR_RCT"
  }

  let rows: Int
  let columns: Int
  package let frames: Int
  let samples: Int
  let bitsAllocated: Int
  let bitsStored: Int
  let highBit: Int
  var isSigned: Bool
  let isPlanar: Bool
  let photometric: Photometric
  /// The element that holds the pixels.
  let source: DICOMTag

  /// Whether the numbers are floats.
  var isFloat: Bool { source != .pixelData }
  /// The number of bytes of a stored sample.
  package var cell: Int { max(1, bitsAllocated / 8) }
  /// The number of samples of a frame.
  var frameSize: Int { rows * columns * samples }
  /// The number of channels of the image.
  var channels: Int { photometric == .palette ? 3 : samples }

  /// The type of a stored number.
  var typeName: String {
    isFloat
      ? "float\(bitsAllocated)" : bitsAllocated == 1 ? "bit" : "\(isSigned ? "" : "u")int\(bitsAllocated)"
  }

  /// Reads and checks the layout.
  init(_ dataset: DICOMDataset) throws {
    guard
      let source = [DICOMTag.pixelData, .floatPixelData, .doublePixelData].first(where: { dataset[$0] != nil }
      )
    else {
      throw FormatError(
        .badData, path: dataset.path, "found no PixelData (7FE0,0010), expected an image")
    }
    func required(_ tag: DICOMTag, _ range: ClosedRange<Int>) throws -> Int {
      if let value = try dataset.integer(tag, in: range) { return value }
      throw FormatError(.badData, path: dataset.path, "found no \(tag), expected it beside PixelData")
    }
    func refuse(_ found: String, _ expected: String) -> FormatError {
      FormatError(.badData, path: dataset.path, "found \(found), expected \(expected)")
    }
    self.source = source
    rows = try required(.rows, 1...65_535)
    columns = try required(.columns, 1...65_535)
    frames = try dataset.integer(.frames, in: 1...(1 << 24)) ?? 1
    samples = try dataset.integer(.samplesPerPixel, in: 1...65_535) ?? 1
    guard samples == 1 || samples == 3 else {
      throw refuse("\(DICOMTag.samplesPerPixel) \(samples)", "1 or 3")
    }
    let text = dataset.text(.photometric) ?? (samples == 1 ? "MONOCHROME2" : "RGB")
    guard let photometric = Photometric(rawValue: text) else {
      throw refuse(
        "\(DICOMTag.photometric) \(FormatError.quoted(text))",
        "MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB, YBR_FULL, YBR_FULL_422, YBR_ICT or YBR_RCT")
    }
    self.photometric = photometric
    let isGrey = [.monochrome1, .monochrome2, .palette].contains(photometric)
    guard isGrey == (samples == 1) else {
      throw refuse("\(text) with \(samples.counted("sample")) a pixel", isGrey ? "1" : "3")
    }
    if source != .pixelData {
      bitsAllocated = source == .floatPixelData ? 32 : 64
    } else {
      bitsAllocated = try required(.bitsAllocated, 1...64)
    }
    guard [1, 8, 16, 32, 64].contains(bitsAllocated), bitsAllocated < 64 || source != .pixelData else {
      throw refuse("\(DICOMTag.bitsAllocated) \(bitsAllocated)", "1, 8, 16 or 32")
    }
    bitsStored = try dataset.integer(.bitsStored, in: 1...bitsAllocated) ?? bitsAllocated
    highBit = try dataset.integer(.highBit, in: (bitsStored - 1)...(bitsAllocated - 1)) ?? bitsStored - 1
    isSigned = try dataset.integer(.pixelRepresentation, in: 0...1) == 1
    isPlanar = try samples > 1 && dataset.integer(.planar, in: 0...1) == 1
    _ = try ImageSize.count([frames, rows, columns, channels], path: dataset.path)
  }
}
