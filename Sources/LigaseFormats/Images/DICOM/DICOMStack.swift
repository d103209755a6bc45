import LigaseRuntime

/// Slices in the order of their positions along the normal, and the step from one to the next.
///
/// The numbers of instances and the thickness of slices are not used: both are often wrong.
struct DICOMStack {
  /// The indices of the slices, from the lowest position to the highest.
  var order: [Int]
  /// The distance between slices, rows and columns.
  var spacing: [Double]?
  /// The affine map of ``Image/affine``.
  var affine: [Double]?
  /// What was accepted about the distances.
  var notice: String?

  /// One slice: its name in messages, and its place.
  struct Slice {
    var name: String
    var geometry: DICOMGeometry
  }

  /// Orders at least two slices. Throws where they make no regular grid; with `allowGaps` the distances may differ.
  init(_ slices: [Slice], allowGaps: Bool, path: String) throws {
    func refuse(_ message: String, _ remedy: Remedy? = nil) -> FormatError {
      FormatError(.badData, path: path, message, remedy: remedy)
    }
    let first = slices[0]
    for slice in slices {
      guard slice.geometry.position != nil, slice.geometry.orientation != nil else {
        throw refuse(
          "found no \(slice.geometry.position == nil ? DICOMTag.position : DICOMTag.orientation) in \(slice.name), expected it in "
            + "each slice")
      }
      guard DICOMStack.isClose(slice.geometry.orientation!, first.geometry.orientation!, 1e-3) else {
        throw refuse(
          "found different orientations in \(first.name) and \(slice.name), expected parallel slices")
      }
      guard DICOMStack.isClose(slice.geometry.pixelSpacing ?? [], first.geometry.pixelSpacing ?? [], 1e-3)
      else {
        throw refuse("found different pixel spacings in \(first.name) and \(slice.name), expected equal ones")
      }
    }
    let normal = first.geometry.normal!
    let heights = slices.map { DICOMGeometry.dot($0.geometry.position!, normal) }
    order = slices.indices.sorted { (heights[$0], $0) < (heights[$1], $1) }
    let sorted = order.map { heights[$0] }
    let gaps = zip(sorted.dropFirst(), sorted).map { $0 - $1 }
    let middle = gaps.sorted()[gaps.count / 2]
    func pair(_ i: Int) -> String { "\(slices[order[i]].name) and \(slices[order[i + 1]].name)" }
    if let i = gaps.firstIndex(where: { $0 < max(1e-4, 0.01 * middle) }) {
      throw refuse("found the same position in \(pair(i)), expected one slice at each position")
    }
    do { try DICOMStack.checkGaps(gaps, sorted, pair, path: path) } catch let error as FormatError
      where allowGaps
    {
      notice = "accepted: \(error.message); the spacing is the mean distance"
    }
    let (low, high) = (slices[order[0]].geometry, slices[order[order.count - 1]].geometry)
    let step = zip(high.position!, low.position!).map { ($0 - $1) / Double(slices.count - 1) }
    try DICOMStack.checkTilt(step, normal: normal, path: path)
    for (i, slice) in order.map({ slices[$0] }).enumerated() {
      let shift = DICOMStack.sideways(
        zip(slice.geometry.position!, low.position!).map { $0 - $1 }, normal: normal)
      let expected = (sorted[i] - sorted[0]) / DICOMGeometry.dot(step, normal)
      let apart = zip(shift, DICOMStack.sideways(step, normal: normal)).map { $0 - expected * $1 }
      let distance = DICOMGeometry.dot(apart, apart).squareRoot()
      guard distance > DICOMStack.sidewaysTolerance(step, slice.geometry) else { continue }
      throw refuse(
        "found \(slice.name) shifted sideways by \(DICOMStack.shown(distance)) mm against \(slices[order[0]].name), expected slices above "
          + "each other")
    }
    spacing = low.pixelSpacing.map { [DICOMGeometry.dot(step, step).squareRoot()] + $0 }
    affine = low.affine(step: step)
  }

  /// The largest departure from a regular grid in millimetres that the rounding of positions explains.
  private static func tolerance(_ step: Double) -> Double { min(max(0.05 * step, 0.06), 0.15 * step) }

  /// Throws where a distance is not that of the others.
  private static func checkGaps(
    _ gaps: [Double], _ heights: [Double], _ pair: (Int) -> String, path: String
  ) throws {
    let middle = gaps.sorted()[gaps.count / 2]
    if let i = gaps.firstIndex(where: { $0 > 1.5 * middle }) {
      let missing = Int(min((gaps[i] / middle).rounded(), 1e6)) - 1
      throw FormatError(
        .badData, path: path,
        "found \(shown(gaps[i])) mm between \(pair(i)) and \(shown(middle)) mm between other slices: \(missing.counted("slice")) "
          + "missing", remedy: .acceptGaps)
    }
    let step = (heights[heights.count - 1] - heights[0]) / Double(gaps.count)
    for (i, height) in heights.enumerated()
    where abs(height - heights[0] - step * Double(i)) > tolerance(step) {
      let worst = gaps.indices.max { abs(gaps[$0] - middle) < abs(gaps[$1] - middle) }!
      throw FormatError(
        .badData, path: path,
        "found \(shown(gaps[worst])) mm between \(pair(worst)) and \(shown(middle)) mm between other slices, expected equal "
          + "distances", remedy: .acceptGaps)
    }
  }

  /// The part of a way that lies within the slices.
  private static func sideways(_ way: [Double], normal: [Double]) -> [Double] {
    let along = DICOMGeometry.dot(way, normal)
    return zip(way, normal).map { $0 - along * $1 }
  }

  /// How far one slice may lie beside the line of all: what rounding explains, or a tenth of a pixel.
  private static func sidewaysTolerance(_ step: [Double], _ geometry: DICOMGeometry) -> Double {
    max(
      tolerance(DICOMGeometry.dot(step, step).squareRoot()), 0.1 * (geometry.pixelSpacing?.min() ?? 0))
  }

  /// Throws where each slice is shifted sideways against the one before.
  private static func checkTilt(_ step: [Double], normal: [Double], path: String) throws {
    let along = DICOMGeometry.dot(step, normal)
    let sideways = sideways(step, normal: normal)
    let shift = DICOMGeometry.dot(sideways, sideways).squareRoot()
    guard shift > tolerance(along) / 5 else { return }
    let degrees = atan2(shift, along) * 180 / .pi
    throw FormatError(
      .badData, path: path,
      "found slices that are shifted by \(shown(shift)) mm each against their normal (gantry tilt of \(shown(degrees)) degrees), "
        + "expected slices above each other", remedy: .rewrite(with: "dcm2niix FILE"))
  }

  private static func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
  }

  private static func shown(_ value: Double) -> String {
    let rounded = (value * 1000).rounded() / 1000
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int(rounded)) : String(rounded)
  }

  /// Orders the frames of one file by their functional groups, or takes the offsets of a dose grid. Frames without
  /// different, regular positions, such as those of a film, stay in the order of the file, without a spacing.
  init(frames: Int, of file: DICOMFile) throws {
    let dataset = file.dataset
    (order, spacing, affine) = (Array(0..<frames), nil, nil)
    let groups = dataset.items(.frameGroups)
    if groups.count == frames {
      let slices = groups.enumerated().compactMap { frame in
        (try? DICOMGeometry(dataset, frame: frame.element)).map {
          Slice(name: "frame \(frame.offset + 1)", geometry: $0)
        }
      }
      if slices.count == frames, let stack = try? DICOMStack(slices, allowGaps: false, path: file.path) {
        self = stack
      }
      return
    }
    let geometry = DICOMGeometry.ifAny(of: file).geometry
    guard let offsets = try dataset.numbers(.frameOffsets), offsets.count == frames,
      let pixelSpacing = geometry.pixelSpacing, let normal = geometry.normal
    else { return }
    let step = (offsets[frames - 1] - offsets[0]) / Double(frames - 1)
    let isEven = offsets.enumerated().allSatisfy {
      abs($0.element - offsets[0] - step * Double($0.offset)) <= DICOMStack.tolerance(abs(step))
    }
    guard isEven, step != 0, step.isFinite else { return }
    spacing = [abs(step)] + pixelSpacing
    affine = geometry.affine(step: normal.map { $0 * step })
  }
}
