import LigaseFormats
import LigaseRuntime

/// The grid of a volume, or of an image as a volume of one slice.
package struct VoxelGrid: Sendable, Equatable {
  /// Depth, height and width; voxel (z, y, x) has the index `(z height + y) width + x`.
  package let extents: [Int]
  /// The distance between neighbours along each axis in millimetres, in the order of ``extents``.
  package let spacing: [Double]
  /// The axes on which voxels have neighbours.
  package let axes: [Int]

  /// Creates a grid of three axes.
  ///
  /// - Parameter axes: the axes on which voxels have neighbours; nil takes those longer than 1, or all three for a single voxel.
  package init(extents: [Int], spacing: [Double] = [1, 1, 1], axes: [Int]? = nil) {
    precondition(
      extents.count == 3 && spacing.count == 3, "VoxelGrid: extents \(extents) and spacing \(spacing)")
    let long = (0..<3).filter { extents[$0] > 1 }
    (self.extents, self.spacing) = (extents, spacing)
    self.axes = axes ?? (long.isEmpty ? [0, 1, 2] : long)
  }

  /// The grid of an image, with unit spacing where its file has none.
  package init(_ image: Image) {
    let missing = 3 - image.extents.count
    let spacing = [Double](repeating: 1, count: missing) + (image.spacing ?? image.extents.map { _ in 1 })
    self.init(
      extents: [Int](repeating: 1, count: missing) + image.extents,
      spacing: spacing.map { $0.isFinite && $0 > 0 ? $0 : 1 })
  }

  /// The number of voxels.
  package var count: Int { extents[0] * extents[1] * extents[2] }

  /// The grid of a box within this one, with the same neighbours.
  func cropped(to box: VoxelBox) -> VoxelGrid {
    VoxelGrid(extents: box.extents, spacing: spacing, axes: axes)
  }
}

/// A box of voxels, bounds included.
package struct VoxelBox: Sendable, Equatable {
  /// The first and last place on each axis, depth first; empty while `lower` is above `upper`.
  package var lower = [Int](repeating: .max, count: 3)
  package var upper = [Int](repeating: -1, count: 3)

  package init() {}

  /// The number of places on each axis.
  package var extents: [Int] { zip(lower, upper).map { max(0, $1 &- $0 &+ 1) } }

  /// Extends the box to hold another one.
  package mutating func formUnion(_ other: VoxelBox) {
    for axis in 0..<3 {
      lower[axis] = min(lower[axis], other.lower[axis])
      upper[axis] = max(upper[axis], other.upper[axis])
    }
  }

  /// Extends the box to hold the places `first...last` of the row (z, y).
  mutating func add(_ z: Int, _ y: Int, _ first: Int, _ last: Int) {
    (lower[0], lower[1], lower[2]) = (min(lower[0], z), min(lower[1], y), min(lower[2], first))
    (upper[0], upper[1], upper[2]) = (max(upper[0], z), max(upper[1], y), max(upper[2], last))
  }
}
