/// Streams of 4 x 4 samples of our own, which the tests cannot encode themselves.
enum Codestreams {
  /// 0, 15, 30, … in 8 bits, encoded without loss by OpenJPEG.
  static let jpeg2000 = bytes(
    "ff4fff510029000000000004000000040000000000000000000000040000000400000000000000000001070101ff52000c0000000100000404"
      + "0001ff5c00044040ff640025000143726561746564206279204f70656e4a5045472076657273696f6e20322e352e34ff90000a00000000"
      + "00230001ff93df8090120f849fd4667341db5452f32fa4977cd77fffd9")
  /// 0, 211, 422, … in 12 bits, encoded without loss by CharLS.
  static let jpegLS = bytes(
    "ffd8fff7000b100004000401011100fff8000d01ffff0012004301140040ffda0008010100000000ad2da5b4ad3169ad25a6698e8ba0b48d2d"
      + "cf739d10ffd900")

  /// Whether this build decodes them.
  static var isRead: Bool {
    #if Codecs
      true
    #else
      false
    #endif
  }

  /// Returns a DICOM file with a stream; `syntax` is the last part of the transfer syntax.
  static func file(_ stream: [UInt8], bits: Int, syntax: String) -> [UInt8] {
    var builder = DICOMBuilder()
    builder.addLayout(rows: 4, columns: 4, bits: bits == 8 ? 8 : 16, stored: bits)
    builder.add(fragments: [stream])
    return builder.file(syntax: "1.2.840.10008.1.2.4." + syntax)
  }

  private static func bytes(_ digits: String) -> [UInt8] {
    let digits = Array(digits)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0..<$0 + 2]), radix: 16)! }
  }
}
