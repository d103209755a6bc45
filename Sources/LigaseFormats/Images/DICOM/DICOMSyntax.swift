/// A transfer syntax: how the elements of a DICOM file and its pixels are encoded (PS3.5, annex A).
struct DICOMSyntax: Equatable {
  /// The encodings of pixels.
  enum Pixels: Equatable {
    case native
    case runLength
    /// 8-bit baseline or extended JPEG.
    case jpeg
    case jpegLossless
    case jpeg2000
    case jpegLS
    /// An encoding that is not read, with the command that converts it, if one does.
    case refused(command: String?)
  }

  let name: String
  var isExplicit = true
  var isBigEndian = false
  var isDeflated = false
  var pixels = Pixels.native

  static let implicitLittle = DICOMSyntax(name: "Implicit VR Little Endian", isExplicit: false)
  static let explicitLittle = DICOMSyntax(name: "Explicit VR Little Endian")
  static let explicitBig = DICOMSyntax(name: "Explicit VR Big Endian", isBigEndian: true)

  private static let known: [String: DICOMSyntax] = [
    "1.2.840.10008.1.2": implicitLittle,
    "1.2.840.10008.1.2.1": explicitLittle,
    "1.2.840.10008.1.2.1.99": DICOMSyntax(name: "Deflated Explicit VR Little Endian", isDeflated: true),
    "1.2.840.10008.1.2.2": explicitBig,
    "1.2.840.10008.1.2.5": DICOMSyntax(name: "RLE Lossless", pixels: .runLength),
    "1.2.840.10008.1.2.4.50": DICOMSyntax(name: "JPEG Baseline", pixels: .jpeg),
    "1.2.840.10008.1.2.4.51": DICOMSyntax(name: "JPEG Extended", pixels: .jpeg),
    "1.2.840.10008.1.2.4.57": DICOMSyntax(name: "JPEG Lossless", pixels: .jpegLossless),
    "1.2.840.10008.1.2.4.70": DICOMSyntax(
      name: "JPEG Lossless, first-order prediction", pixels: .jpegLossless),
    "1.2.840.10008.1.2.4.80": DICOMSyntax(name: "JPEG-LS Lossless", pixels: .jpegLS),
    "1.2.840.10008.1.2.4.81": DICOMSyntax(name: "JPEG-LS Near-Lossless", pixels: .jpegLS),
    "1.2.840.10008.1.2.4.90": DICOMSyntax(name: "JPEG 2000 Lossless", pixels: .jpeg2000),
    "1.2.840.10008.1.2.4.91": DICOMSyntax(name: "JPEG 2000", pixels: .jpeg2000),
  ]
  private static let refusedNames: [(prefix: String, name: String, command: String?)] = [
    ("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2", "gdcmconv -w FILE NEW.dcm"),
    ("1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2", "gdcmconv -w FILE NEW.dcm"),
    ("1.2.840.10008.1.2.4.94", "JPIP, whose pixels are on a server", nil),
    ("1.2.840.10008.1.2.4.95", "JPIP, whose pixels are on a server", nil),
    ("1.2.840.10008.1.2.4.10", "MPEG video", "gdcmraw FILE NEW.mpg"),
    ("1.2.840.10008.1.2.4.11", "JPEG XL", "gdcmconv -w FILE NEW.dcm"),
    ("1.2.840.10008.1.2.4.20", "High-Throughput JPEG 2000", "gdcmconv -w FILE NEW.dcm"),
    ("1.2.840.10008.1.2.4.", "a retired JPEG process", "dcmdjpeg FILE NEW.dcm"),
  ]

  /// Returns the syntax of an identifier; one that is not known is read as explicit and its pixels are refused.
  init(identifier: String) {
    if let known = DICOMSyntax.known[identifier] {
      self = known
      return
    }
    let found = DICOMSyntax.refusedNames.first { identifier.hasPrefix($0.prefix) }
    let digits = String(identifier.filter { "0123456789.".contains($0) }.prefix(64))
    self.init(
      name: (found?.name).map { "\($0) (\(digits))" }
        ?? "the transfer syntax \(digits.isEmpty ? "''" : digits)",
      pixels: .refused(command: found.map(\.command) ?? "gdcmconv -w FILE NEW.dcm"))
  }

  private init(
    name: String, isExplicit: Bool = true, isBigEndian: Bool = false, isDeflated: Bool = false,
    pixels: Pixels = .native
  ) {
    (self.name, self.isExplicit, self.isBigEndian) = (name, isExplicit, isBigEndian)
    (self.isDeflated, self.pixels) = (isDeflated, pixels)
  }
}
