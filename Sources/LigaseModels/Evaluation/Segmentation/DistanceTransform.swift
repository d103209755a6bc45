import LigaseRuntime

/// The exact Euclidean distance of each voxel to the nearest voxel of a set, in time linear in the number of voxels.
///
/// Along x, the squared distance to the nearest voxel of the row is found in two sweeps. Along y and then z, the squared distances
/// f(q) become `min over q of f(q) + spacing² (p - q)²`, the lower envelope of parabolas.
///
/// Source: Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions" (Theory of Computing, 2012).
package struct DistanceTransform: Sendable {
  /// The squared distances in square millimetres; infinite if the set is empty.
  package let squared: [Double]

  /// - Parameter set: whether each voxel of the grid belongs to the set.
  package init(to set: [Bool], _ grid: VoxelGrid) {
    precondition(set.count == grid.count, "DistanceTransform: \(set.count) voxels in a grid \(grid.extents)")
    let (depth, height, width) = (grid.extents[0], grid.extents[1], grid.extents[2])
    squared = [Double](unsafeUninitializedCapacity: set.count) { target, count in
      nonisolated(unsafe) let target = target
      count = set.count
      set.withUnsafeBufferPointer { set in
        nonisolated(unsafe) let set = set
        ThreadTeam.current.forEachRange(of: depth * height, grain: 64) { rows in
          for row in rows { Self.row(set, target, row * width, width, grid.spacing[2]) }
        }
      }
      if height > 1 {
        ThreadTeam.current.forEachRange(of: depth, grain: 1) { planes in
          var envelope = Envelope(capacity: height)
          for z in planes {
            for x in 0..<width {
              envelope.replace(target, from: z * height * width + x, stride: width, grid.spacing[1])
            }
          }
        }
      }
      if depth > 1 {
        ThreadTeam.current.forEachRange(of: height, grain: 1) { rows in
          var envelope = Envelope(capacity: depth)
          for y in rows {
            for x in 0..<width {
              envelope.replace(target, from: y * width + x, stride: height * width, grid.spacing[0])
            }
          }
        }
      }
    }
  }

  /// Fills a row with the squared distances to its own members.
  private static func row(
    _ set: UnsafeBufferPointer<Bool>, _ target: UnsafeMutableBufferPointer<Double>, _ start: Int,
    _ width: Int, _ step: Double
  ) {
    let far = Int.max
    var distance = far
    // Sweep to the right, storing steps; then to the left, taking the smaller of both.
    for i in start..<start + width {
      distance = set[i] ? 0 : distance == far ? far : distance + 1
      target.initializeElement(at: i, to: distance == far ? .infinity : Double(distance))
    }
    distance = far
    for i in (start..<start + width).reversed() {
      distance = set[i] ? 0 : distance == far ? far : distance + 1
      let nearest = distance == far ? target[i] : min(target[i], Double(distance))
      target[i] = nearest * step * (nearest * step)
    }
  }

  /// The lower envelope of the parabolas along one line of voxels.
  private struct Envelope {
    /// The places of the parabolas, their heights, and the place from which each is the lowest.
    private var places: [Int]
    private var heights: [Double]
    private var starts: [Double]
    private let length: Int

    init(capacity: Int) {
      length = capacity
      places = [Int](repeating: 0, count: capacity)
      heights = [Double](repeating: 0, count: capacity)
      starts = [Double](repeating: 0, count: capacity)
    }

    /// Replaces the values of a line by their envelope.
    mutating func replace(
      _ values: UnsafeMutableBufferPointer<Double>, from start: Int, stride: Int, _ step: Double
    ) {
      let square = step * step
      let length = length
      places.withUnsafeMutableBufferPointer { places in
        heights.withUnsafeMutableBufferPointer { heights in
          starts.withUnsafeMutableBufferPointer { starts in
            var count = 0
            for q in 0..<length {
              let height = values[start + q * stride]
              if height == .infinity { continue }
              var from = -Double.infinity
              while count > 0 {
                let p = places[count - 1]
                let crossing =
                  ((height - heights[count - 1]) / square + Double(q * q - p * p)) / Double(2 * (q - p))
                if crossing > starts[count - 1] {
                  from = crossing
                  break
                }
                count -= 1
              }
              (places[count], heights[count], starts[count]) = (q, height, from)
              count += 1
            }
            if count == 0 { return }
            var k = 0
            for q in 0..<length {
              while k + 1 < count, starts[k + 1] < Double(q) { k += 1 }
              let offset = Double(q - places[k])
              values[start + q * stride] = heights[k] + square * offset * offset
            }
          }
        }
      }
    }
  }
}
