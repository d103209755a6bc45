internal import Glibc
import LigaseFormats
import LigaseTensors

/// Random changes of training images, drawn anew each time an image is read. Names are those of MONAI where they exist.
package struct ImageAugmentation: Codable, Hashable, Sendable {
  /// Which flips are drawn.
  package enum Flip: String, Codable, CaseIterable, Sendable { case auto, none, horizontal, vertical, both }
  /// Whether quarter turns are drawn.
  package enum QuarterTurns: String, Codable, CaseIterable, Sendable { case auto, none, all }

  /// Flips. `auto` draws those under which the mean image of each class of the training images stays alike.
  package var randFlip = Flip.auto
  /// Quarter turns; `auto` as of flips.
  package var randRotate90 = QuarterTurns.auto
  /// The largest shift along each axis, as a fraction of its extent; shifts are whole pixels unless the image is turned or scaled, too.
  package var randTranslate: Float = 0.125
  /// The largest angle of a rotation in degrees.
  package var randRotate: Float = 0
  /// The largest relative change of size.
  package var randZoom: Float = 0
  /// The largest shear.
  package var randShear: Float = 0
  /// The standard deviation of Gaussian noise, in standard deviations of the training images.
  package var randGaussianNoise: Float = 0.1
  /// The largest change of the logarithm of the exponent by which values between the smallest and the largest are raised.
  package var randAdjustContrast: Float = 0

  package init() {}

  /// No changes.
  package static var none: ImageAugmentation {
    var none = ImageAugmentation()
    (none.randFlip, none.randRotate90, none.randTranslate, none.randGaussianNoise) = (.none, .none, 0, 0)
    return none
  }

  var problem: String? {
    for (value, limit, name) in [
      (randTranslate, 0.5, "randTranslate"), (randRotate, 180, "randRotate"), (randZoom, 0.9, "randZoom"),
      (randShear, 1, "randShear"), (randGaussianNoise, 100, "randGaussianNoise"),
      (randAdjustContrast, 3, "randAdjustContrast"),
    ] as [(Float, Float, String)] where !(value >= 0 && value <= limit) {
      return "\(name) must be from 0 to \(limit) (got \(value))"
    }
    return nil
  }

  /// Whether a flip or turn may be drawn.
  func allows(_ symmetry: ImageSymmetry, isSquare: Bool) -> Bool {
    if symmetry.transposes, !isSquare { return false }
    if randRotate90 != .none { return randFlip != .none || symmetry.isRotation }
    switch randFlip {
    case .none: return symmetry == .identity
    case .horizontal: return !symmetry.transposes && !symmetry.flipsRows
    case .vertical: return !symmetry.transposes && !symmetry.flipsColumns
    case .auto, .both: return !symmetry.transposes
    }
  }

  /// Whether a flip or turn is drawn because the user says so, whatever the images are.
  func demands(_ symmetry: ImageSymmetry) -> Bool {
    if randRotate90 == .all { return randFlip != .none && randFlip != .auto || symmetry.isRotation }
    switch randFlip {
    case .auto, .none: return false
    case .horizontal: return symmetry == ImageSymmetry.all[1]
    case .vertical: return symmetry == ImageSymmetry.all[2]
    case .both: return !symmetry.transposes
    }
  }

  /// Changes one image.
  func apply(to image: inout Image, symmetries: [ImageSymmetry], using random: inout SeededGenerator) {
    let (h, w) = (image.extents[0], image.extents[1])
    if symmetries.count > 1 {
      let chosen = symmetries[random.next(below: symmetries.count)]
      image.values = chosen.apply(image.values, height: h, width: w, channels: image.channels)
    }
    func drawn(_ limit: Float) -> Float { limit > 0 ? limit * Float(2 * random.nextUniform() - 1) : 0 }
    var (dy, dx) = (drawn(randTranslate) * Float(h), drawn(randTranslate) * Float(w))
    let angle = drawn(randRotate) * .pi / 180, zoom = exp(drawn(log1p(randZoom))), shear = drawn(randShear)
    if angle == 0, zoom == 1, shear == 0 {
      (dy, dx) = (dy.rounded(), dx.rounded())
      if dy != 0 || dx != 0 { image.shift(Int(dy), Int(dx)) }
    } else {
      image.turn(angle: angle, zoom: zoom, shear: shear, dy: dy, dx: dx)
    }
    if randAdjustContrast > 0 {
      let gamma = exp(drawn(randAdjustContrast)), low = image.values.min() ?? 0,
        high = image.values.max() ?? 0
      if high > low { image = image.mapped { low + (high - low) * pow(($0 - low) / (high - low), gamma) } }
    }
    if randGaussianNoise > 0 {
      for i in image.values.indices { image.values[i] += randGaussianNoise * Float(random.nextNormal()) }
    }
  }
}

extension Image {
  /// The place on an axis that a place outside of it mirrors.
  fileprivate static func mirrored(_ place: Int, _ length: Int) -> Int {
    guard length > 1 else { return 0 }
    let period = 2 * (length - 1), rest = ((place % period) + period) % period
    return rest < length ? rest : period - rest
  }

  /// Moves the image by whole pixels; what was outside mirrors the inside.
  fileprivate mutating func shift(_ dy: Int, _ dx: Int) {
    let (h, w, c, old) = (extents[0], extents[1], channels, values)
    let columns = (0..<w).map { Self.mirrored($0 - dx, w) }
    for y in 0..<h {
      let line = Self.mirrored(y - dy, h) * w
      for x in 0..<w {
        let from = (line + columns[x]) * c, to = (y * w + x) * c
        for k in 0..<c { values[to + k] = old[from + k] }
      }
    }
  }

  /// Turns, scales, shears and moves the image about its middle, with linear interpolation; what was outside mirrors the inside.
  fileprivate mutating func turn(angle: Float, zoom: Float, shear: Float, dy: Float, dx: Float) {
    let (h, w, c, old) = (extents[0], extents[1], channels, values)
    let (my, mx) = (Float(h - 1) / 2, Float(w - 1) / 2),
      (sine, cosine) = (sin(angle) / zoom, cos(angle) / zoom)
    for y in 0..<h {
      for x in 0..<w {
        let (v, u) = (Float(y) - my - dy, Float(x) - mx - dx)
        let (sy, sx) = (cosine * v - sine * u + my, sine * v + (cosine + shear) * u + mx)
        let (fy, fx) = (sy.rounded(.down), sx.rounded(.down)), (ty, tx) = (sy - fy, sx - fx)
        let (y0, y1) = (Self.mirrored(Int(fy), h), Self.mirrored(Int(fy) + 1, h))
        let (x0, x1) = (Self.mirrored(Int(fx), w), Self.mirrored(Int(fx) + 1, w))
        for k in 0..<c {
          let top = old[(y0 * w + x0) * c + k] * (1 - tx) + old[(y0 * w + x1) * c + k] * tx
          let bottom = old[(y1 * w + x0) * c + k] * (1 - tx) + old[(y1 * w + x1) * c + k] * tx
          values[(y * w + x) * c + k] = top * (1 - ty) + bottom * ty
        }
      }
    }
  }
}
