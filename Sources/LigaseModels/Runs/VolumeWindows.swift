internal import Glibc
import LigaseDatasets
import LigaseNetworks

/// The windows that cover one volume as the network reads it.
///
/// Windows have equal extents, and the last of each axis ends with the volume. Where they overlap, numbers are means
/// weighted by a Gaussian about the middle of each window, whose deviation is an eighth of its extent (MONAI's
/// `sliding_window_inference`).
package struct VolumeWindows {
  /// The volumes, of which this is one.
  let volumes: EncodedVolumes
  let record: Int
  /// The extents of the volume and of a window.
  let extents, roi: [Int]
  /// Where windows with a place inside the mask begin.
  let origins: [[Int]]
  /// Windows that are computed at the same time, whatever the number of threads.
  private static let group = 8

  init(_ volumes: EncodedVolumes, _ record: Int) {
    (self.volumes, self.record, extents) = (volumes, record, volumes.extents(of: record))
    let preparation = volumes.preparation
    let roi = zip(preparation.extents(preparation.options.roiSize), extents).map { min($0, $1) }
    self.roi = roi
    origins = Self.origins(extents, roi, overlap: preparation.options.overlap).filter { origin in
      volumes.maskPart(record, from: origin, extents: roi)?.contains(1) ?? true
    }
  }

  /// Calls `body` with where each window begins and what `compute` returns for it, in order.
  func forEach<Result: Sendable>(
    _ compute: (_ origin: [Int], _ batch: InputBatch) -> Result, _ body: ([Int], Result) -> Void
  ) {
    for start in stride(from: 0, to: origins.count, by: Self.group) {
      let chunk = Array(origins[start..<min(start + Self.group, origins.count)])
      let found = ModelNetwork.forEach(chunk.indices.map { $0..<($0 + 1) }) { range in
        let origin = chunk[range.lowerBound]
        return compute(origin, batch(from: origin))
      }
      for (origin, result) in zip(chunk, found) { body(origin, result) }
    }
  }

  /// Returns numbers at each place of the volume, `[places, K]`: means of those that `compute` returns for the places of
  /// windows, and 0 in windows outside the mask.
  func mean(
    channels k: Int, _ compute: (_ origin: [Int], _ batch: InputBatch) -> [Float]
  ) -> [Float] {
    let count = extents.reduce(1, *)
    let weights = WindowWeights(roi, isUniform: volumes.preparation.options.overlap == 0)
    var (sums, mass) = ([Float](repeating: 0, count: count * k), [Float](repeating: 0, count: count))
    let last = weights.last
    forEach(compute) { origin, outputs in
      forEachLine(from: origin) { line, to in
        let whole = weights.line(line), from = line * last.count
        for x in last.indices {
          let weight = whole * last[x]
          for c in 0..<k { sums[(to + x) * k + c] += weight * outputs[(from + x) * k + c] }
          mass[to + x] += weight
        }
      }
    }
    for place in 0..<count where mass[place] > 0 {
      for c in 0..<k { sums[place * k + c] /= mass[place] }
    }
    return sums
  }

  /// Returns what `compute` returns for each window.
  func map<Result: Sendable>(_ compute: (_ origin: [Int], _ batch: InputBatch) -> Result) -> [Result] {
    var results: [Result] = []
    forEach(compute) { results.append($1) }
    return results
  }

  /// Returns the input of a window.
  func batch(from origin: [Int]) -> InputBatch {
    volumes.windowBatch(record, from: origin, extents: roi)
  }

  /// Calls `body` with the number of each place of a window, its number in the volume, and its weight in means.
  func forEachWeight(from origin: [Int], _ body: (_ from: Int, _ to: Int, _ weight: Float) -> Void) {
    let weights = WindowWeights(roi, isUniform: volumes.preparation.options.overlap == 0)
    let last = weights.last
    forEachLine(from: origin) { line, to in
      let whole = weights.line(line), from = line * last.count
      for x in last.indices { body(from + x, to + x, whole * last[x]) }
    }
  }

  /// Whether a window reads a place of a box.
  func reads(_ box: [Range<Int>], from origin: [Int]) -> Bool {
    let margin = volumes.preparation.options.margin
    return box.indices.allSatisfy { axis in
      box[axis].overlaps((origin[axis] - margin)..<(origin[axis] + roi[axis] + margin))
    }
  }

  /// Calls `body` with the number of each place that a window reads, with those around its outputs, and its number in the volume.
  ///
  /// - Parameter box: the places that are meant; nil for all of the volume.
  func forEachRead(
    from origin: [Int], in box: [Range<Int>]? = nil, _ body: (_ row: Int, _ place: Int) -> Void
  ) {
    let margin = volumes.preparation.options.margin, missing = 3 - extents.count
    func three(_ sizes: [Int], _ rest: Int) -> [Int] { [Int](repeating: rest, count: missing) + sizes }
    let first = three(origin.map { $0 - margin }, 0), size = three(roi.map { $0 + 2 * margin }, 1)
    let whole = three(extents, 1)
    let limits = [Range<Int>](repeating: 0..<1, count: missing) + (box ?? extents.map { 0..<$0 })
    let ranges = (0..<3).map { limits[$0].clamped(to: first[$0]..<(first[$0] + size[$0])) }
    for z in ranges[0] {
      for y in ranges[1] {
        for x in ranges[2] {
          body(
            ((z - first[0]) * size[1] + y - first[1]) * size[2] + x - first[2],
            (z * whole[1] + y) * whole[2] + x)
        }
      }
    }
  }

  /// Calls `body` with the number of each line of a window along the last axis, and the number of its first place in the
  /// volume.
  private func forEachLine(from origin: [Int], _ body: (_ line: Int, _ to: Int) -> Void) {
    for line in 0..<(roi.reduce(1, *) / roi.last!) {
      var (rest, start, step) = (line, origin.last!, extents.last!)
      for axis in roi.indices.dropLast().reversed() {
        start += (origin[axis] + rest % roi[axis]) * step
        rest /= roi[axis]
        step *= extents[axis]
      }
      body(line, start)
    }
  }

  /// Returns where windows begin: at equal steps, the last of each axis ending with the volume.
  package static func origins(_ extents: [Int], _ roi: [Int], overlap: Float) -> [[Int]] {
    let starts = zip(extents, roi).map { extent, size -> [Int] in
      let step = max(1, Int(Float(size) * (1 - overlap)))
      return Array(stride(from: 0, to: extent - size, by: step)) + [extent - size]
    }
    return starts.reduce([[]]) { all, axis in all.flatMap { origin in axis.map { origin + [$0] } } }
  }
}

/// The weights of the places of a window: a product of Gaussians along the axes, at least a thousandth of the largest.
private struct WindowWeights {
  private let axes: [[Float]]

  init(_ roi: [Int], isUniform: Bool) {
    axes = roi.map { extent in
      (0..<extent).map { i in
        if isUniform { return 1 }
        let deviation = max(0.125 * Double(extent), 1e-6)
        let z = (Double(i) - Double(extent - 1) / 2) / deviation
        return Float(max(exp(-z * z / 2), 1e-3))
      }
    }
  }

  /// The weight of a line of places, by its number, without that along the last axis.
  func line(_ line: Int) -> Float {
    var (rest, weight) = (line, Float(1))
    for axis in axes.dropLast().reversed() {
      weight *= axis[rest % axis.count]
      rest /= axis.count
    }
    return weight
  }

  /// The weights along the last axis.
  var last: [Float] { axes.last! }
}
