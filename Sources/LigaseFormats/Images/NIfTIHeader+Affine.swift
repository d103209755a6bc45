extension NIfTIHeader.Layout {
  /// Returns the affine map and the form that gives it: the sform where its code is above 0, else the qform where
  /// its code is above 0, else the pixel sizes around the centre of the volume, x rising to the left.
  func affine(_ sizes: [Int]) -> (affine: [Double], form: String) {
    if code(first: 254, second: 348) > 0 {
      let rows = (0..<12).map { real(first: 280, second: 400, $0) }
      return (rows + [0, 0, 0, 1], "sform")
    }
    if code(first: 252, second: 344) > 0 { return (quaternionAffine, "qform") }
    let extents = (0..<3).map { $0 < sizes.count ? sizes[$0] : 1 }
    let steps = (0..<3).map { $0 < sizes.count ? statedStep($0 + 1) : 1 }
    return (NIfTIHeader.Layout.plain(steps: steps, origin: extents.map { Double($0 - 1) / 2 }), "pixdim")
  }

  /// Returns the affine map of Analyze files: SPM's origin where it lies near the volume, else its centre, x rising
  /// to the left.
  func analyzeAffine(_ sizes: [Int]) -> (affine: [Double], form: String) {
    let extents = (0..<3).map { $0 < sizes.count ? sizes[$0] : 1 }
    let origin = (0..<3).map { Int(fields.integer(Int16.self, at: 253 + 2 * $0) ?? 0) }
    let isStated =
      origin.contains { $0 != 0 } && zip(origin, extents).allSatisfy { $0 > -$1 && $0 < 2 * $1 }
    let centre = (0..<3).map { isStated ? Double(origin[$0] - 1) : Double(extents[$0] - 1) / 2 }
    return (
      NIfTIHeader.Layout.plain(steps: (1...3).map { statedStep($0) }, origin: centre),
      isStated ? "origin" : "pixdim"
    )
  }

  /// The distance between neighbours along an axis, 1 where the header says 0, as nibabel has it: a map needs one.
  private func statedStep(_ index: Int) -> Double { step(index) == 0 ? 1 : step(index) }

  /// Returns the map with given steps that sends `origin` to 0, x rising to the left.
  private static func plain(steps: [Double], origin: [Double]) -> [Double] {
    [
      -steps[0], 0, 0, steps[0] * origin[0],
      0, steps[1], 0, -steps[1] * origin[1],
      0, 0, steps[2], -steps[2] * origin[2],
      0, 0, 0, 1,
    ]
  }

  /// The rotation of the quaternion (a, b, c, d), its steps and its offset; pixdim[0] below 0 turns z.
  private var quaternionAffine: [Double] {
    let (b, c, d) = (
      real(first: 256, second: 352, 0), real(first: 256, second: 352, 1), real(first: 256, second: 352, 2)
    )
    let rest = 1 - (b * b + c * c + d * d)
    let a = rest > 0 ? rest.squareRoot() : 0
    // A quaternion that is a little too long is one of half a turn.
    let length = (a * a + b * b + c * c + d * d).squareRoot()
    let (w, x, y, z) = (a / length, b / length, c / length, d / length)
    let rotation = [
      [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
      [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
      [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    let handedness: Double = real(first: 76, second: 104, 0) < 0 ? -1 : 1
    let steps = [statedStep(1), statedStep(2), statedStep(3) * handedness]
    return (0..<3).flatMap { row in
      (0..<3).map { rotation[row][$0] * steps[$0] } + [real(first: 268, second: 376, row)]
    } + [0, 0, 0, 1]
  }
}
