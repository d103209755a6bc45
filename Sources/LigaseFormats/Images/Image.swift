/// An image or a volume: numbers at the places of a grid of two or three axes, in one or more channels.
///
/// ```
/// let square = Image(extents: [2, 2], channels: 1, values: [0, 1, 2, 3])
/// print(square.extents, square.values[1 * 2 + 0])  // row 1, column 0: 2
/// ```
package struct Image: Sendable, Equatable {
  /// The number of places along each axis, the slowest first: `[height, width]` or `[depth, height, width]`.
  package let extents: [Int]
  /// The number of channels: 1 for grey, 3 for colour.
  package let channels: Int
  /// The numbers, channels last: those of the place (y, x) of an image of width W begin at `(y W + x) channels`.
  package var values: [Float]
  /// The distance between neighbours along each axis in millimetres, in the order of ``extents``; nil where the file does not say.
  package var spacing: [Double]?
  /// The affine map from (x, y, z), the index on the last axis, on the one before it and on the first of three, to
  /// millimetres to the right, front and top (RAS), four rows of four numbers; nil where the file does not say.
  package var affine: [Double]?
  /// The interval of values that the file proposes for display, from black to white; nil where it proposes none.
  package var window: ClosedRange<Double>?
  /// What remains of this number is a value inverted, where small values are bright (MONOCHROME1 in DICOM); nil elsewhere. Pictures are
  /// inverted, ``values`` are not.
  package var inversion: Double?
  /// Whether the last channel is one of opacity.
  package var hasOpacity = false
  /// Whether the channels are measurements in turn, such as times, and no colours.
  package var areChannelsMeasurements = false

  /// Whether small values are bright.
  package var lowIsBright: Bool { inversion != nil }

  /// Creates an image; `values` has a number for each place and channel.
  package init(extents: [Int], channels: Int, values: [Float]) {
    precondition(
      values.count == extents.reduce(channels, *),
      "Image: \(values.count) values for extents \(extents) and \(channels) channels")
    (self.extents, self.channels, self.values) = (extents, channels, values)
  }

  /// Returns where an index lies: in millimetres to the right, front and top where the file says, else the index itself.
  package func place(x: Double, y: Double, z: Double = 0) -> (x: Double, y: Double, z: Double) {
    guard let affine else { return (x, y, z) }
    func along(_ row: Int) -> Double {
      affine[row] * x + affine[row + 1] * y + affine[row + 2] * z + affine[row + 3]
    }
    return (along(0), along(4), along(8))
  }
}
