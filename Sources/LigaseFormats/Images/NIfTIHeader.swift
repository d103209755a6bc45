/// The header of a NIfTI-1 or NIfTI-2 file, or of its predecessor Analyze 7.5.
///
/// NIfTI-1 has 348 bytes, NIfTI-2 has 540; the first four are that number, which tells the byte order. The magic
/// says whether the pixels follow in the same file (`n+1`) or are in a file of their own (`ni1`).
///
/// Source: https://nifti.nimh.nih.gov/nifti-1, https://nifti.nimh.nih.gov/nifti-2.
struct NIfTIHeader {
  /// The kinds of files.
  enum Kind: String {
    case nifti1 = "NIfTI-1"
    case nifti2 = "NIfTI-2"
    case analyze = "Analyze 7.5"
  }

  let kind: Kind
  /// Whether the pixels are in a file of their own.
  let isPair: Bool
  let isBigEndian: Bool
  /// The sizes along x, y, z, time and further axes, as many as the header counts.
  let sizes: [Int]
  /// The code of the type of a number.
  let typeCode: Int
  /// The distances between neighbours along x, y, z in millimetres; nil where they are not positive.
  let spacing: [Double]?
  /// The affine map of ``Image/affine``; nil where it is not finite.
  let affine: [Double]?
  /// The form that gave the affine map: `sform`, `qform` or `pixdim`.
  let form: String
  /// The byte at which the pixels begin.
  let offset: Int
  /// The factor and term of stored numbers; nil where there are none.
  let scale: (slope: Double, intercept: Double)?
  /// Texts that people write: description, auxiliary file, name of the intent.
  let texts: [ImageInfo.Property]

  /// The number of bytes that ``init(_:path:)`` needs at most.
  static let size = 544

  private static let types: [Int: SampleType] = [
    2: .uint8, 4: .int16, 8: .int32, 16: .float32, 64: .float64, 256: .int8, 512: .uint16, 768: .uint32,
    1024: .int64, 1280: .uint64,
  ]
  private static let refusedTypes: [Int: String] = [
    1: "1-bit numbers", 32: "complex numbers (complex64)", 128: "colours (RGB24)",
    1536: "128-bit floats (float128)", 1792: "complex numbers (complex128)",
    2048: "complex numbers (complex256)", 2304: "colours (RGBA32)",
  ]

  /// The type of a number. Throws for one that is not read.
  func type(path: String) throws -> SampleType {
    if let type = NIfTIHeader.types[typeCode] { return type }
    throw FormatError(
      .badData, path: path,
      "found \(NIfTIHeader.refusedTypes[typeCode] ?? "the datatype \(typeCode)"), expected integers of 8 to 64 bits or "
        + "floats of 32 or 64 bits")
  }

  /// The name of the type of a number.
  var typeName: String {
    NIfTIHeader.types[typeCode]?.rawValue ?? NIfTIHeader.refusedTypes[typeCode] ?? "datatype \(typeCode)"
  }

  /// Returns whether bytes begin a header: its size in either byte order, or its magic.
  static func recognizes(_ bytes: [UInt8], path: String) -> Bool {
    magic(bytes) != nil || path.hasSuffix(".nii") || path.hasSuffix(".nii.gz") || isAnalyze(bytes, path: path)
  }

  /// Whether a header of 348 bytes without magic is in a file of its own.
  private static func isAnalyze(_ bytes: [UInt8], path: String) -> Bool {
    bytes.count >= 348 && (path.hasSuffix(".hdr") || path.hasSuffix(".hdr.gz"))
      && [[0x5C, 1, 0, 0], [0, 0, 1, 0x5C]].contains(Array(bytes[..<4]))
  }

  /// The kind that the magic states, and whether the pixels are in another file.
  private static func magic(_ bytes: [UInt8]) -> (kind: Kind, isPair: Bool)? {
    func at(_ start: Int, _ text: String) -> Bool {
      bytes.count >= start + 4 && Array(bytes[start..<start + 4]) == Array(text.utf8) + [0]
    }
    if at(344, "n+1") { return (.nifti1, false) }
    if at(344, "ni1") { return (.nifti1, true) }
    if at(4, "n+2") { return (.nifti2, false) }
    if at(4, "ni2") { return (.nifti2, true) }
    return nil
  }

  /// Reads a header from the first bytes of a file.
  init(_ bytes: [UInt8], path: String) throws {
    func bad(_ message: String) -> FormatError { FormatError(.badData, path: path, message) }
    if bytes.isEmpty {
      throw FormatError(.inputOutput, path: path, "truncated: the file is empty, expected NIfTI")
    }
    guard bytes.count >= 348 else {
      throw FormatError(
        .inputOutput, path: path,
        "truncated: found \(bytes.count) bytes, expected a NIfTI header of 348 or 540")
    }
    if let (kind, isPair) = NIfTIHeader.magic(bytes) {
      (self.kind, self.isPair) = (kind, isPair)
    } else if NIfTIHeader.isAnalyze(bytes, path: path) {
      (kind, isPair) = (.analyze, true)
    } else {
      throw bad(
        "found the magic \(FormatError.quoted(bytes[344..<348])) at byte 344, expected 'n+1' or 'ni1', or 'n+2' or 'ni2' "
          + "at byte 4")
    }
    let isSecond = kind == .nifti2
    guard bytes.count >= (isSecond ? 540 : 348) else {
      throw FormatError(
        .inputOutput, path: path, "truncated: found \(bytes.count) bytes, expected a NIfTI-2 header of 540")
    }
    isBigEndian = try NIfTIHeader.byteOrder(bytes, kind: kind, path: path)
    let layout = Layout(fields: BinaryFields(bytes: bytes, isBigEndian: isBigEndian), isSecond: isSecond)
    sizes = try layout.sizes(path: path)
    typeCode = layout.short(first: 70, second: 12)
    offset = try layout.offset(isPair: isPair, kind: kind, path: path)
    scale = kind == .analyze ? layout.analyzeScale : layout.scale
    let unit = kind == .analyze ? 1 : layout.unit
    let steps = (1...3).map { layout.step($0) * unit }
    spacing = steps.prefix(min(3, sizes.count)).allSatisfy { $0 > 0 && $0.isFinite } ? steps : nil
    var (affine, form) = kind == .analyze ? layout.analyzeAffine(sizes) : layout.affine(sizes)
    for i in 0..<12 { affine[i] *= unit }
    self.affine = affine.allSatisfy(\.isFinite) ? affine : nil
    self.form = form
    texts = kind == .analyze ? [] : layout.texts
  }

  /// Returns whether numbers are big-endian: by the size of the header, or by the number of axes where the size is
  /// damaged.
  private static func byteOrder(_ bytes: [UInt8], kind: Kind, path: String) throws -> Bool {
    for isBig in [false, true] {
      let size = BinaryFields(bytes: bytes, isBigEndian: isBig).integer(Int32.self, at: 0)
      if size == (kind == .nifti2 ? 540 : 348) { return isBig }
    }
    for isBig in [false, true] {
      let layout = Layout(
        fields: BinaryFields(bytes: bytes, isBigEndian: isBig), isSecond: kind == .nifti2)
      if 1...7 ~= layout.size(0) { return isBig }
    }
    throw FormatError(
      .badData, path: path,
      "found neither the header size nor the number of axes (dim[0] from 1 to 7) in any byte order")
  }
}

extension NIfTIHeader {
  /// The positions of fields in either version.
  struct Layout {
    let fields: BinaryFields
    let isSecond: Bool

    func short(first: Int, second: Int) -> Int {
      Int(fields.integer(Int16.self, at: isSecond ? second : first) ?? 0)
    }

    /// A code that NIfTI-1 stores in 16 and NIfTI-2 in 32 bits.
    func code(first: Int, second: Int) -> Int {
      isSecond
        ? Int(fields.integer(Int32.self, at: second) ?? 0) : Int(fields.integer(Int16.self, at: first) ?? 0)
    }

    /// A real number of an array: 32 bits in NIfTI-1 and 64 in NIfTI-2.
    func real(first: Int, second: Int, _ index: Int = 0) -> Double {
      (isSecond ? fields.double(at: second + 8 * index) : fields.float(at: first + 4 * index)) ?? .nan
    }

    /// dim[index].
    func size(_ index: Int) -> Int {
      isSecond
        ? Int(fields.integer(Int64.self, at: 16 + 8 * index) ?? 0)
        : Int(fields.integer(Int16.self, at: 40 + 2 * index) ?? 0)
    }

    /// pixdim[index], whose sign means nothing.
    func step(_ index: Int) -> Double { abs(real(first: 76, second: 104, index)) }

    func sizes(path: String) throws -> [Int] {
      let count = size(0)
      guard 1...7 ~= count else {
        throw FormatError(.badData, path: path, "found \(count) axes (dim[0]), expected 1 to 7")
      }
      let sizes = (1...count).map { size($0) }
      _ = try ImageSize.count(sizes, path: path)
      return sizes
    }

    func offset(isPair: Bool, kind: Kind, path: String) throws -> Int {
      let least = isPair ? 0 : isSecond ? 544 : 352
      let found = isSecond ? Double(fields.integer(Int64.self, at: 168) ?? 0) : fields.float(at: 108) ?? .nan
      if kind == .analyze { return 0 }
      guard found >= Double(least), found < 1e15 else {
        throw FormatError(
          .badData, path: path, "found pixels from byte \(found) (vox_offset), expected at least \(least)")
      }
      return Int(found)
    }

    /// The slope and intercept; a slope of 0 or one that is no number means none.
    var scale: (slope: Double, intercept: Double)? {
      let slope = real(first: 112, second: 176)
      let intercept = real(first: 116, second: 184)
      guard slope.isFinite, slope != 0 else { return nil }
      let term = intercept.isFinite ? intercept : 0
      return slope == 1 && term == 0 ? nil : (slope, term)
    }

    /// The factor of SPM's Analyze files.
    var analyzeScale: (slope: Double, intercept: Double)? {
      let slope = fields.float(at: 112) ?? 0
      return slope.isFinite && slope != 0 && slope != 1 ? (slope, 0) : nil
    }

    /// The number of millimetres of the unit of space; unknown units are millimetres.
    var unit: Double {
      let code = isSecond ? Int(fields.integer(Int32.self, at: 500) ?? 0) : Int(fields.bytes[123])
      return [1: 1000, 3: 0.001][code & 7] ?? 1
    }

    var texts: [ImageInfo.Property] {
      [
        .init("description", fields.text(at: isSecond ? 240 : 148, count: 80)),
        .init("auxiliary_file", fields.text(at: isSecond ? 320 : 228, count: 24)),
        .init("intent_name", fields.text(at: isSecond ? 508 : 328, count: 16)),
      ]
    }
  }
}
