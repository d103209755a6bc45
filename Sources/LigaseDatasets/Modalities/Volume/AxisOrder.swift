import LigaseFormats

/// How the axes of a volume become those of the body: upwards, to the front and to the right (RAS), the slowest first,
/// each from the axis that is closest to it, turned where it runs the other way. Values are moved, not resampled.
package struct AxisOrder: Sendable, Equatable {
  /// For each axis of the body the axis of the file.
  let axes: [Int]
  /// Whether each axis of the body runs against that of the file.
  let isTurned: [Bool]

  /// The order of a volume whose map says where it lies; nil where it says nothing, for images of two axes, and where the
  /// axes are those of the body already.
  package init?(_ image: Image) {
    guard image.extents.count == 3, let affine = image.affine, affine.count >= 12 else { return nil }
    // The share of each axis of the file in each direction of the body.
    let steps = (0..<3).map { axis -> [Double] in
      let column = (0..<3).map { affine[4 * (2 - $0) + 2 - axis] }
      let norm = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return column.map { norm > 0 ? $0 / norm : 0 }
    }
    var (axes, isTurned) = ([Int](repeating: -1, count: 3), [Bool](repeating: false, count: 3))
    for _ in 0..<3 {
      var best = (body: -1, file: -1, share: -1.0)
      for body in 0..<3 where axes[body] < 0 {
        for file in 0..<3 where !axes.contains(file) && abs(steps[file][body]) > best.share {
          best = (body, file, abs(steps[file][body]))
        }
      }
      axes[best.body] = best.file
      isTurned[best.body] = steps[best.file][best.body] < 0
    }
    if axes == [0, 1, 2], !isTurned.contains(true) { return nil }
    (self.axes, self.isTurned) = (axes, isTurned)
  }

  /// Returns numbers along the axes of the file in the order of those of the body.
  package func ordered<T>(_ sizes: [T]) -> [T] { axes.map { sizes[$0] } }

  /// Returns the values of an image of one channel along the axes of the body.
  package func ordered(_ image: Image) -> Image {
    var result = image.values
    forEachPlace(image.extents) { body, file in result[body] = image.values[file] }
    var turned = Image(extents: ordered(image.extents), channels: 1, values: result)
    turned.spacing = image.spacing.map { ordered($0) }
    return turned
  }

  /// Returns values along the axes of the body in those of the file, which has the given extents.
  package func restored(_ values: [Float], to extents: [Int]) -> [Float] {
    var result = values
    forEachPlace(extents) { body, file in result[file] = values[body] }
    return result
  }

  /// Calls `body` with the number of each place along the axes of the body and its number in the file.
  private func forEachPlace(_ extents: [Int], _ body: (_ body: Int, _ file: Int) -> Void) {
    let strides = [extents[1] * extents[2], extents[2], 1], own = ordered(extents)
    let steps = (0..<3).map { strides[axes[$0]] * (isTurned[$0] ? -1 : 1) }
    let first = (0..<3).reduce(0) { $0 + (isTurned[$1] ? strides[axes[$1]] * (own[$1] - 1) : 0) }
    var number = 0
    for z in 0..<own[0] {
      for y in 0..<own[1] {
        let line = first + z * steps[0] + y * steps[1]
        for x in 0..<own[2] {
          body(number, line + x * steps[2])
          number += 1
        }
      }
    }
  }
}
