internal import Glibc
import LigaseRuntime

/// Random changes of training segments. Names are those of MONAI where they exist.
package struct VolumeAugmentation: Codable, Hashable, Sendable {
  /// Whether segments are flipped along the last axis, left and right.
  package var randFlip = true
  /// The largest angle of a rotation about each axis, in degrees.
  package var randRotate: Float = 0
  /// The largest relative change of size.
  package var randZoom: Float = 0
  /// The largest shear.
  package var randShear: Float = 0
  /// The largest coefficient of the bias field: the exponential of a polynomial of degree 3 over the volume.
  package var randBiasField: Float = 0
  /// The deviation of a number that is added to each channel.
  package var randShiftIntensity: Float = 0.05
  /// The deviation of a factor, around 1, of each channel.
  package var randScaleIntensity: Float = 0.01

  package init() {}

  /// No changes.
  package static var none: VolumeAugmentation {
    var none = VolumeAugmentation()
    (none.randFlip, none.randShiftIntensity, none.randScaleIntensity) = (false, 0, 0)
    return none
  }

  var problem: String? {
    for (name, value, limit) in [
      ("randRotate", randRotate, 180), ("randZoom", randZoom, 0.9), ("randShear", randShear, 1),
      ("randBiasField", randBiasField, 1), ("randShiftIntensity", randShiftIntensity, 10),
      ("randScaleIntensity", randScaleIntensity, 10),
    ] as [(String, Float, Float)] where !(0...limit ~= value) {
      return "\(name) must be from 0 to \(limit) (got \(value))"
    }
    return nil
  }

  /// Draws a rotation, a zoom and a shear: for each axis in space the millimetres of a step along each axis of a segment;
  /// nil where none is drawn.
  func affine(axes: Int, using random: inout SeededGenerator) -> [[Double]]? {
    guard randRotate > 0 || randZoom > 0 || randShear > 0 else { return nil }
    func drawn(_ limit: Float) -> Double { limit > 0 ? Double(limit) * (2 * random.nextUniform() - 1) : 0 }
    var matrix = (0..<axes).map { row in (0..<axes).map { row == $0 ? 1.0 : 0.0 } }
    func multiply(_ other: [[Double]]) {
      matrix = (0..<axes).map { row in
        (0..<axes).map { column in
          (0..<axes).reduce(0.0) { $0 + matrix[row][$1] * other[$1][column] }
        }
      }
    }
    let unit = matrix
    for (a, b) in axes == 2 ? [(0, 1)] : [(1, 2), (0, 2), (0, 1)] {
      let angle = drawn(randRotate) * .pi / 180
      var turn = unit
      (turn[a][a], turn[b][b], turn[a][b], turn[b][a]) = (cos(angle), cos(angle), -sin(angle), sin(angle))
      multiply(turn)
    }
    let zoom = exp(drawn(log1p(randZoom)))
    var skew = unit
    for row in 0..<axes {
      for column in 0..<axes { skew[row][column] = (row == column ? 1 : drawn(randShear)) / zoom }
    }
    multiply(skew)
    return matrix
  }

  /// Draws the factors of a bias field; nil where none is drawn.
  func biasField(axes: Int, using random: inout SeededGenerator) -> BiasField? {
    guard randBiasField > 0 else { return nil }
    return BiasField(axes: axes, most: Double(randBiasField), using: &random)
  }
}

/// A slowly varying factor, as of the coils of a magnetic-resonance scanner: `exp(sum a_ijk P_i(z) P_j(y) P_k(x))` for
/// `i + j + k` of 3 at most, with Legendre polynomials P over the volume from -1 to 1.
struct BiasField {
  /// The coefficients by the degrees along three axes, `[4, 4, 4]`; that of axes that are missing is 0.
  private var coefficients = [Double](repeating: 0, count: 64)

  /// Draws coefficients between 0 and `most`.
  init(axes: Int, most: Double, using random: inout SeededGenerator) {
    for i in 0..<(axes == 3 ? 4 : 1) {
      for j in 0..<(4 - i) {
        for k in 0..<(4 - i - j) { coefficients[(i * 4 + j) * 4 + k] = random.nextUniform() * most }
      }
    }
  }

  /// Multiplies the values of a box, channels last, in a volume of the given extents.
  func apply(to values: inout [Float], channels: Int, box: VolumeBox, in volume: [Int]) {
    let missing = 3 - volume.count
    var scale = SIMD3<Double>.zero
    for (axis, extent) in volume.enumerated() where extent > 1 {
      scale[axis + missing] = 2 / Double(extent - 1)
    }
    let one = SIMD3<Double>(repeating: 1)
    var target = 0
    coefficients.withUnsafeBufferPointer { a in
      box.forEachPlace { place in
        let u = (place * scale - one).clamped(lowerBound: -one, upperBound: one), u2 = u * u
        let (p2, p3) = ((3 * u2 - one) * 0.5, (5 * u2 - 3 * one) * u * 0.5)
        let (z, y, x) = (
          SIMD4(1, u.x, p2.x, p3.x), SIMD4(1, u.y, p2.y, p3.y), SIMD4(1, u.z, p2.z, p3.z)
        )
        var sum = 0.0
        for i in 0..<4 {
          for j in 0..<(4 - i) {
            let row = (i * 4 + j) * 4
            let along = a[row] * x[0] + a[row + 1] * x[1] + a[row + 2] * x[2] + a[row + 3] * x[3]
            sum += z[i] * y[j] * along
          }
        }
        let factor = Float(exp(sum))
        for c in 0..<channels { values[target + c] *= factor }
        target += channels
      }
    }
  }
}
