import LigaseFormats
import LigaseRuntime

/// What is done to every image before a network reads it.
extension Image {
  /// Returns the image with other values at the same places.
  func mapped(_ body: (Float) -> Float) -> Image {
    var result = self
    for i in result.values.indices { result.values[i] = body(values[i]) }
    return result
  }

  /// Returns the image with its values linearly mapped from a range to 0 to 1, and cut there (MONAI's `ScaleIntensityRange` with
  /// `clip`).
  package func scaledIntensity(from low: Float, to high: Float) -> Image {
    let scale = high > low ? 1 / (high - low) : 0
    return mapped { min(max(($0 - low) * scale, 0), 1) }
  }

  /// The values below which the given percentages of all values lie, linear between neighbours in order.
  func percentiles(_ wanted: [Float]) -> [Float] {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return wanted.map { _ in 0 } }
    return wanted.map { percent in
      let place = Double(percent) / 100 * Double(sorted.count - 1), low = Int(place)
      let rest = Float(place - Double(low)), high = min(low + 1, sorted.count - 1)
      return sorted[low] + rest * (sorted[high] - sorted[low])
    }
  }

  /// Mean and standard deviation of each channel.
  func moments() -> (means: [Double], deviations: [Double]) {
    var moments = ChannelMoments(channels)
    moments.add(self)
    return (moments.means, moments.deviations)
  }

  /// Returns the image with other extents. Each value is the mean of its neighbours, weighted by a triangle as wide as the larger of the
  /// two distances between pixels: linear interpolation where the image grows, an average where it shrinks.
  package func resized(to target: [Int]) -> Image {
    var result = self
    for axis in extents.indices where result.extents[axis] != target[axis] {
      result = result.resized(axis: axis, to: target[axis])
    }
    if let spacing {
      result.spacing = zip(spacing, zip(extents, target)).map { $0 * Double($1.0) / Double($1.1) }
    }
    return result
  }

  private func resized(axis: Int, to length: Int) -> Image {
    let old = extents[axis], scale = Double(old) / Double(length), support = max(scale, 1)
    let inner = extents[(axis + 1)...].reduce(channels, *), outer = extents[..<axis].reduce(1, *)
    var target = extents
    target[axis] = length
    var out = [Float](repeating: 0, count: outer * length * inner)
    for place in 0..<length {
      let center = (Double(place) + 0.5) * scale - 0.5
      let first = max(0, Int((center - support).rounded(.down))),
        last = min(old - 1, Int((center + support).rounded(.up)))
      var weights = (first...last).map { max(0, 1 - abs(Double($0) - center) / support) }
      let sum = weights.reduce(0, +)
      weights = sum > 0 ? weights.map { $0 / sum } : weights.map { _ in 1 / Double(weights.count) }
      for block in 0..<outer {
        let to = (block * length + place) * inner
        for (i, weight) in weights.enumerated() where weight > 0 {
          let from = (block * old + first + i) * inner
          for k in 0..<inner { out[to + k] += Float(weight) * values[from + k] }
        }
      }
    }
    var result = Image(extents: target, channels: channels, values: out)
    (result.spacing, result.affine) = (spacing, nil)
    return result
  }

  /// How far places move where an axis is padded, or cropped around its middle place, as in MONAI.
  private static func shift(to target: Int, from own: Int) -> Int {
    target >= own ? (target - own) / 2 : target / 2 - own / 2
  }

  /// Returns what ``paddedOrCropped(to:)`` made of an image of other extents at its places there; what was cropped is 0.
  package func placedBack(in target: [Int]) -> Image {
    guard target != extents else { return self }
    return moved(to: target, by: zip(extents, target).map { -Self.shift(to: $0, from: $1) }, filler: 0)
  }

  /// Returns the middle of the image with other extents; what lies outside of the image has its smallest value (MONAI's
  /// `ResizeWithPadOrCrop`).
  package func paddedOrCropped(to target: [Int]) -> Image {
    guard target != extents else { return self }
    return moved(
      to: target, by: zip(target, extents).map { Self.shift(to: $0, from: $1) }, filler: values.min() ?? 0)
  }

  /// Returns the image with other extents, its places moved along each axis.
  private func moved(to target: [Int], by shifts: [Int], filler: Float) -> Image {
    var out = [Float](repeating: filler, count: target.reduce(channels, *))
    // The last axis is copied line by line.
    let rank = extents.count, lines = target.dropLast().reduce(1, *)
    let from = max(0, shifts[rank - 1]), to = min(target[rank - 1], extents[rank - 1] + shifts[rank - 1])
    for line in 0..<lines {
      var (rest, source, stride, isInside) = (line, 0, 1, true)
      for axis in stride_(rank - 2) {
        let place = rest % target[axis] - shifts[axis]
        rest /= target[axis]
        if place < 0 || place >= extents[axis] { isInside = false }
        source += place * stride
        stride *= extents[axis]
      }
      guard isInside, from < to else { continue }
      let start = (source * extents[rank - 1] + from - shifts[rank - 1]) * channels
      let goal = (line * target[rank - 1] + from) * channels
      for k in 0..<((to - from) * channels) { out[goal + k] = values[start + k] }
    }
    var result = Image(extents: target, channels: channels, values: out)
    result.spacing = spacing
    return result
  }

  /// The axes from one down to the first.
  private func stride_(_ last: Int) -> StrideThrough<Int> { stride(from: last, through: 0, by: -1) }
}

/// Mean and variance of each channel of many images.
struct ChannelMoments {
  private var sums, squares: [Double]
  private var count = 0.0

  init(_ channels: Int) {
    (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
  }

  mutating func add(_ image: Image) {
    let c = image.channels
    for channel in 0..<c {
      var (sum, square) = (0.0, 0.0)
      for i in stride(from: channel, to: image.values.count, by: c) {
        let value = Double(image.values[i])
        sum += value
        square += value * value
      }
      sums[channel] += sum
      squares[channel] += square
    }
    count += Double(image.values.count / c)
  }

  var means: [Double] { sums.map { $0 / max(count, 1) } }
  var deviations: [Double] {
    zip(squares, means).map { square, mean in max(square / max(count, 1) - mean * mean, 0).squareRoot() }
  }
}
