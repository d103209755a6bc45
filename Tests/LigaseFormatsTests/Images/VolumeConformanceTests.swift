import LigaseFormats
import TestSupport
import Testing

/// Runs the specimens of NIfTI and DICOM against the values of their reference readers.
@Suite(.enabled(if: RealData.folder != nil, "LIGASE_DATA names no folder with data"))
struct VolumeConformanceTests {
  private func close(_ a: [Double]?, _ b: [Double], _ tolerance: Double = 1e-5) -> Bool {
    a?.count == b.count && zip(a ?? [], b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  // MARK: - NIfTI

  /// Compares the header with the index: sizes, steps and the affine map.
  private func compareHeader(_ info: ImageInfo, _ entry: JSONValue, _ name: String) {
    let shape = entry["shape"]?.numbers.map { Int($0) } ?? []
    let padded = shape.count == 1 ? [shape[0], 1] : shape
    #expect(info.extents == Array(padded.prefix(3).reversed()), "\(name)")
    #expect(info.channels == shape.dropFirst(3).reduce(1, *), "\(name)")
    let type = entry["on_disk_dtype"]?.text ?? ""
    let names = [
      ">i2": "int16", ">u2": "uint16", ">i4": "int32", ">u4": "uint32", ">i8": "int64", ">u8": "uint64",
      ">f4": "float32", ">f8": "float64",
    ]
    if !type.contains("c") { #expect(info.type == names[type] ?? type, "\(name)") }
    if shape.count > 1, let zooms = entry["zooms"]?.numbers {
      #expect(close(info.spacing?.reversed(), Array(zooms.prefix(min(3, shape.count)))), "\(name)")
    }
    if let affine = entry["affine"]?.numbers { #expect(close(info.affine, affine), "\(name)") }
    if let orientation = entry["orientation"]?.text { #expect(info.orientation == orientation, "\(name)") }
    if let slope = entry["scl_slope"]?.number, let term = entry["scl_inter"]?.number {
      #expect(close([info.scale?.slope ?? 1, info.scale?.intercept ?? 0], [slope, term]), "\(name)")
    }
  }

  /// Returns the values in the order of the index: the last axis, time, the fastest and x the slowest.
  private func inIndexOrder(_ image: Image) -> [Float] {
    let extents = [Int](repeating: 1, count: 3 - image.extents.count) + image.extents
    var values: [Float] = []
    for x in 0..<extents[2] {
      for y in 0..<extents[1] {
        for z in 0..<extents[0] {
          let place = ((z * extents[1] + y) * extents[2] + x) * image.channels
          values += image.values[place..<place + image.channels]
        }
      }
    }
    return values
  }

  private func compareValues(_ image: Image, _ expected: JSONValue, _ name: String) {
    let found = inIndexOrder(image)
    // The sizes of a file of five axes are folded into the channels in another order than that of the index.
    if expected["shape"]?.elements?.count ?? 0 <= 4 {
      for (value, reference) in zip(found, expected["first"]?.numbers ?? []) {
        #expect(
          value.isNaN && reference.isNaN || abs(Double(value) - reference) <= 1e-6 * max(1, abs(reference)),
          "\(name)")
      }
    }
    // Where the values are 32-bit floats, so is the digest.
    if expected["dtype"]?.text == "float64", expected["shape"]?.elements?.count ?? 0 <= 4,
      let digest = expected["sha256_le_c"]?.text
    {
      let exact = littleEndian(found.map { Double($0).bitPattern })
      let isExact = sha256(exact) == digest
      let mean = expected["mean"]?.number ?? .nan
      let sum = found.reduce(0) { $0 + Double($1) }
      #expect(isExact || abs(sum / Double(found.count) - mean) <= 1e-6 * max(1, abs(mean)), "\(name)")
    }
    if let least = expected["min"]?.number, let most = expected["max"]?.number {
      #expect(
        close([image.valueRange.lowerBound, image.valueRange.upperBound], [least, most], 1e-6), "\(name)")
    }
  }

  @Test func nibabel() throws {
    let specimens = try #require(Specimens("nibabel"))
    var counts: [String: Int] = [:]
    for specimen in specimens.files where !specimen.name.hasSuffix(".mgz") {
      counts[specimen.expectation, default: 0] += 1
      switch specimen.expectation {
      case "valid":
        let file = try ImageFile(contentsOf: specimen.path)
        compareHeader(file.info, specimen.entry, specimen.name)
        if specimen.entry["on_disk_dtype"]?.text?.contains("c") == true {
          let error = #expect(throws: FormatError.self) { try file.image() }
          #expect(error?.message.hasPrefix("found complex numbers (complex64)") == true, "\(specimen.name)")
        } else if let expected = specimen.entry["scaled_f64_C_order_xyz"] {
          compareValues(try file.image(), expected, specimen.name)
        }
      case "header-only":
        let file = try ImageFile(contentsOf: specimen.path)
        compareHeader(file.info, specimen.entry, specimen.name)
        #expect(throws: FormatError.self, "\(specimen.name)") { try file.image() }
      case "invalid":
        #expect(throws: FormatError.self, "\(specimen.name)") { try Image(contentsOf: specimen.path) }
      default:
        do { _ = try Image(contentsOf: specimen.path) } catch { #expect(error is FormatError) }
      }
    }
    #expect(counts["valid"] ?? 0 > 0)
    print(
      "nibabel: \(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))")
  }

  @Test func deepmedic() throws {
    let specimens = try #require(Specimens("deepmedic-nifti"))
    for specimen in specimens.files {
      let file = try ImageFile(contentsOf: specimen.path)
      compareHeader(file.info, specimen.entry, specimen.name)
      let image = try file.image()
      var counts: [Float: Int] = [:]
      for value in image.values { counts[value, default: 0] += 1 }
      guard case .object(let expected)? = specimen.entry["scaled_values"] else { continue }
      #expect(counts.count == expected.count, "\(specimen.name)")
      for (text, count) in expected {
        let value = try #require(Double(text))
        #expect(counts[Float(value)] == count.number.map { Int($0) }, "\(specimen.name): \(text)")
      }
    }
  }

  // MARK: - DICOM

  private func comparePixels(_ path: String, _ entry: JSONValue, _ name: String) throws {
    let file = try DICOMFile(contentsOf: path)
    let frames = try DICOMFrames(file)
    let numbers = try (0..<frames.layout.frames).flatMap { try frames.storedNumbers($0) }
    guard let expected = entry["pixels_raw"] else { return }
    let shape = expected["shape"]?.numbers.map { Int($0) } ?? []
    #expect(numbers.count == shape.reduce(1, *), "\(name)")
    if entry["pixel_compare"]?.text == "exact" {
      let bytes = numbers.flatMap { number in
        withUnsafeBytes(of: number.littleEndian) { Array($0.prefix(frames.layout.cell)) }
      }
      #expect(sha256(bytes) == expected["sha256_le_c"]?.text, "\(name)")
    } else {
      // Decoders of lossy streams differ by their rounding. The index has colours in YBR where libjpeg gives RGB.
      if entry["PhotometricInterpretation"]?.text?.hasPrefix("YBR") == true {
        let first = (expected["first"]?.numbers ?? []).prefix(6).map { $0 }
        for i in [0, 3] {
          let (y, blue, red) = (first[i], first[i + 1] - 128, first[i + 2] - 128)
          let colours = [y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue]
          let found = numbers[i..<i + 3].map(Double.init)
          #expect(zip(colours, found).allSatisfy { abs($0 - $1) < 6 }, "\(name)")
        }
        return
      }
      let range = max(1, (expected["max"]?.number ?? 1) - (expected["min"]?.number ?? 0))
      let mean = numbers.reduce(0) { $0 + Double($1) } / Double(numbers.count)
      #expect(abs(mean - (expected["mean"]?.number ?? .nan)) <= 0.01 * range, "\(name)")
      for (number, reference) in zip(numbers, expected["first"]?.numbers ?? []) {
        #expect(abs(Double(number) - reference) <= 0.02 * range, "\(name)")
      }
    }
  }

  private func compareHeader(dicom info: ImageInfo, _ entry: JSONValue, _ name: String) {
    if let rows = entry["Rows"]?.number, let columns = entry["Columns"]?.number {
      #expect(info.extents.suffix(2) == [Int(rows), Int(columns)], "\(name)")
    }
    let properties = Dictionary(uniqueKeysWithValues: info.properties.map { ($0.name, $0.value) })
    #expect(properties["modality"] == entry["Modality"]?.text, "\(name)")
    if let photometric = entry["PhotometricInterpretation"]?.text, info.type != "" {
      #expect(properties["photometric"] == photometric, "\(name)")
    }
    if let spacing = entry["PixelSpacing"]?.numbers, info.type != "" {
      #expect(close(info.spacing?.suffix(2), spacing), "\(name)")
    }
    if let center = entry["WindowCenter"]?.numbers.first, info.type != "" {
      #expect(
        info.window?.center == center && info.window?.width == entry["WindowWidth"]?.numbers.first, "\(name)")
    }
    if let position = entry["ImagePositionPatient"]?.numbers, position.count == 3, let affine = info.affine {
      #expect(close([-affine[3], -affine[7], affine[11]], position), "\(name)")
    }
  }

  @Test func pydicom() throws {
    let specimens = try #require(Specimens("pydicom"))
    var counts: [String: Int] = [:]
    for specimen in specimens.files {
      let kind = String(specimen.expectation.prefix { $0 != "(" })
      counts[kind, default: 0] += 1
      switch kind {
      case "auxiliary": continue
      case "valid":
        let file = try ImageFile(contentsOf: specimen.path)
        compareHeader(dicom: file.info, specimen.entry, specimen.name)
        do {
          try comparePixels(specimen.path, specimen.entry, specimen.name)
          let image = try file.image()
          #expect(image.extents == file.info.extents, "\(specimen.name)")
          #expect(image.channels == file.info.channels, "\(specimen.name)")
        } catch let error as FormatError {
          // 12-bit JPEG is refused by name.
          #expect(error.message == "found JPEG Extended of 12 bits, expected 8 bits", "\(specimen.name)")
        }
      case "needs-force":
        let error = #expect(throws: FormatError.self, "\(specimen.name)") {
          try ImageFile(contentsOf: specimen.path)
        }
        #expect(error?.remedy == .readWithoutPreamble, "\(specimen.name)")
        let file = try ImageFile(contentsOf: specimen.path, options: .init(force: true))
        compareHeader(dicom: file.info, specimen.entry, specimen.name)
      case "either":
        do { _ = try Image(contentsOf: specimen.path) } catch { #expect(error is FormatError) }
      default:
        let file = try ImageFile(contentsOf: specimen.path)
        compareHeader(dicom: file.info, specimen.entry, specimen.name)
        #expect(throws: FormatError.self, "\(specimen.name)") { try file.image() }
      }
    }
    #expect(counts["valid"] ?? 0 > 0)
    print(
      "pydicom: \(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))")
  }

  @Test func headerOnlyPhrasesNameTheReason() throws {
    let specimens = try #require(Specimens("pydicom"))
    for specimen in specimens.files where specimen.name == "JPEG-lossy.dcm" {
      let error = #expect(throws: FormatError.self) { try Image(contentsOf: specimen.path) }
      #expect(error?.message == "found JPEG Extended of 12 bits, expected 8 bits")
      #expect(error?.remedy == .rewrite(with: "dcmdjpeg FILE NEW.dcm"))
    }
  }
}
