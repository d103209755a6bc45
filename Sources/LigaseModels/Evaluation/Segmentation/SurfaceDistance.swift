import LigaseRuntime

/// Distances between the surfaces of two sets of voxels.
///
/// The surface of a set are its voxels with a neighbour outside it, among the six that share a face (four in an image); beyond the
/// border of the volume is outside. Each surface voxel of one set has a distance to the nearest surface voxel of the other one. These
/// are the definitions of MONAI's `compute_hausdorff_distance` and `compute_average_surface_distance` with `symmetric=True`.
package struct SurfaceDistance: Sendable {
  /// The larger of the two 95th percentiles of the distances from one surface to the other, in millimetres.
  package let hausdorff95: Double
  /// The mean of all distances in both directions, in millimetres.
  package let average: Double

  /// Returns nil where a set is empty.
  ///
  /// - Parameters:
  ///   - first: whether each voxel of the grid belongs to the first set.
  ///   - second: the same for the second set.
  ///   - grid: a grid that holds both sets; a voxel outside it belongs to neither.
  package init?(_ first: [Bool], _ second: [Bool], _ grid: VoxelGrid) {
    let (a, b) = (Self.surface(of: first, grid), Self.surface(of: second, grid))
    guard a.contains(true), b.contains(true) else { return nil }
    let there = Self.distances(from: a, to: b, grid), back = Self.distances(from: b, to: a, grid)
    hausdorff95 = max(Self.percentile95(there), Self.percentile95(back))
    average = (there.reduce(0, +) + back.reduce(0, +)) / Double(there.count + back.count)
  }

  /// The voxels of a set with a neighbour outside it.
  package static func surface(of set: [Bool], _ grid: VoxelGrid) -> [Bool] {
    let (height, width) = (grid.extents[1], grid.extents[2])
    let strides = [height * width, width, 1]
    var surface = [Bool](repeating: false, count: set.count)
    surface.withUnsafeMutableBufferPointer { surface in
      set.withUnsafeBufferPointer { set in
        for axis in grid.axes {
          let (stride, extent) = (strides[axis], grid.extents[axis])
          for i in set.indices where set[i] && !surface[i] {
            let place = i / stride % extent
            surface[i] =
              place == 0 || place == extent - 1 || !set[i - stride] || !set[i + stride]
          }
        }
      }
    }
    return surface
  }

  /// The distances of the voxels of one set to the other one, ascending.
  private static func distances(from set: [Bool], to other: [Bool], _ grid: VoxelGrid) -> [Double] {
    let squared = DistanceTransform(to: other, grid).squared
    var distances: [Double] = []
    for i in set.indices where set[i] { distances.append(squared[i]) }
    distances.sort()
    return distances.map { $0.squareRoot() }
  }

  /// The 95th percentile of ascending values, linear between order statistics.
  private static func percentile95(_ values: [Double]) -> Double {
    let place = 0.95 * Double(values.count - 1)
    let below = Int(place)
    let above = min(below + 1, values.count - 1)
    return values[below] + (place - Double(below)) * (values[above] - values[below])
  }
}
