/// The place of a slice in the patient: millimetres to the left, back and top (LPS).
struct DICOMGeometry {
  /// The centre of the first pixel.
  var position: [Double]?
  /// The directions in which columns and rows rise: two unit vectors.
  var orientation: [Double]?
  /// The distance between rows, and between columns.
  var pixelSpacing: [Double]?

  /// Reads the place of a file, whose functional groups count where it has one frame.
  init(of file: DICOMFile) throws {
    let groups = file.dataset.items(.frameGroups)
    try self.init(file.dataset, frame: groups.count == 1 ? groups[0] : nil)
  }

  private init() {}

  /// The place of a file, nowhere where what it says cannot be used: the values of pixels do not need it.
  static func ifAny(of file: DICOMFile) -> (geometry: DICOMGeometry, flaw: String?) {
    do { return (try DICOMGeometry(of: file), nil) } catch {
      return (
        DICOMGeometry(),
        "the place of the image is not used: \((error as? FormatError)?.message ?? "\(error)")"
      )
    }
  }

  /// Reads the place of a file, or of a frame from its functional groups.
  init(_ dataset: DICOMDataset, frame: DICOMDataset? = nil) throws {
    let groups = (frame.map { [$0] } ?? []) + dataset.items(.sharedGroups)
    func find(_ group: DICOMTag, _ tag: DICOMTag, _ count: Int) throws -> [Double]? {
      for item in groups.flatMap({ $0.items(group) }) {
        if let numbers = try item.numbers(tag) {
          return try DICOMGeometry.checked(numbers, count, tag, item.path)
        }
      }
      return try dataset.numbers(tag).map { try DICOMGeometry.checked($0, count, tag, dataset.path) }
    }
    position = try find(.framePositions, .position, 3)
    orientation = try find(.frameOrientations, .orientation, 6)
    pixelSpacing =
      try find(.pixelMeasures, .pixelSpacing, 2)
      ?? dataset.numbers(.imagerSpacing)
      .map { try DICOMGeometry.checked($0, 2, .imagerSpacing, dataset.path) }
    if let spacing = pixelSpacing, spacing.contains(where: { $0 <= 0 }) {
      throw FormatError(
        .badData, path: dataset.path,
        "found \(DICOMTag.pixelSpacing) \(spacing[0]) x \(spacing[1]), expected positive numbers")
    }
    if let axes = orientation { try DICOMGeometry.checkAxes(axes, dataset.path) }
  }

  private static func checked(_ numbers: [Double], _ count: Int, _ tag: DICOMTag, _ path: String) throws
    -> [Double]
  {
    guard numbers.count == count, numbers.allSatisfy({ abs($0) < 1e9 }) else {
      throw FormatError(
        .badData, path: path, "found \(numbers.count) numbers in \(tag), expected \(count) below 1e9")
    }
    return numbers
  }

  /// Throws where the directions are not at right angles or have not the length 1.
  private static func checkAxes(_ axes: [Double], _ path: String) throws {
    let (u, v) = (Array(axes[..<3]), Array(axes[3...]))
    guard abs(dot(u, u) - 1) < 0.01, abs(dot(v, v) - 1) < 0.01, abs(dot(u, v)) < 0.01 else {
      throw FormatError(
        .badData, path: path, "found \(DICOMTag.orientation) that are not two unit vectors at a right angle")
    }
  }

  static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  /// The direction at a right angle to the slice.
  var normal: [Double]? {
    orientation.map { o in
      [o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]]
    }
  }

  /// The distance between rows and columns.
  var spacing: [Double]? { pixelSpacing }

  /// The affine map of ``Image/affine``, with a step from slice to slice in LPS; the normal where it is nil.
  func affine(step: [Double]?) -> [Double]? {
    guard let position, let orientation, let pixelSpacing, let step = step ?? normal else { return nil }
    return (0..<3).flatMap { row in
      // To the left and back becomes to the right and front.
      let sign: Double = row < 2 ? -1 : 1
      return [
        sign * orientation[row] * pixelSpacing[1], sign * orientation[3 + row] * pixelSpacing[0],
        sign * step[row],
        sign * position[row],
      ].map { $0 == 0 ? 0 : $0 }
    } + [0, 0, 0, 1]
  }

  /// The affine map of the slice alone.
  var affine: [Double]? { affine(step: nil) }
}
