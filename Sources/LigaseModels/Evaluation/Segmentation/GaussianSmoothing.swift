import LigaseRuntime

/// Convolution with a Gaussian along each axis, cut at four standard deviations; beyond the border the nearest voxel goes on.
package enum GaussianSmoothing {
  /// Smooths the values of a grid in place.
  ///
  /// - Parameter sigma: the standard deviation in millimetres; 0 changes nothing.
  package static func smooth(_ values: inout [Float], _ grid: VoxelGrid, sigma: Double) {
    guard sigma > 0 else { return }
    let (depth, height, width) = (grid.extents[0], grid.extents[1], grid.extents[2])
    let weights = grid.spacing.map { Self.weights(sigma / $0) }
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      ThreadTeam.current.forEachRange(of: depth, grain: 1) { planes in
        for z in planes {
          let plane = UnsafeMutableBufferPointer(
            rebasing: values[z * height * width..<(z + 1) * height * width])
          alongRows(plane, width, weights[2])
          acrossRows(plane, rows: height, width: width, pitch: width, weights[1])
        }
      }
      ThreadTeam.current.forEachRange(of: height, grain: 1) { rows in
        for y in rows {
          let slice = UnsafeMutableBufferPointer(rebasing: values[(y * width)...])
          acrossRows(slice, rows: depth, width: width, pitch: height * width, weights[0])
        }
      }
    }
  }

  /// The weights at distances 0, 1, …, with sum 1 over both sides.
  private static func weights(_ sigma: Double) -> [Float] {
    let radius = Int(4 * sigma + 0.5)
    let weights = (0...radius).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
    let sum = 2 * weights.reduce(0, +) - weights[0]
    return weights.map { Float($0 / sum) }
  }

  private static func alongRows(
    _ values: UnsafeMutableBufferPointer<Float>, _ width: Int, _ weights: [Float]
  ) {
    let radius = weights.count - 1
    guard width > 1, radius > 0 else { return }
    var padded = [Float](repeating: 0, count: width + 2 * radius)
    padded.withUnsafeMutableBufferPointer { padded in
      for start in stride(from: 0, to: values.count, by: width) {
        for i in padded.indices { padded[i] = values[start + min(max(i - radius, 0), width - 1)] }
        for x in 0..<width { values[start + x] = padded[x + radius] * weights[0] }
        for k in 1...radius {
          let weight = weights[k]
          for x in 0..<width {
            values[start + x] += weight * (padded[x + radius - k] + padded[x + radius + k])
          }
        }
      }
    }
  }

  /// Smooths across rows of `width` values that begin `pitch` values apart.
  private static func acrossRows(
    _ values: UnsafeMutableBufferPointer<Float>, rows: Int, width: Int, pitch: Int, _ weights: [Float]
  ) {
    let radius = weights.count - 1
    guard rows > 1, radius > 0 else { return }
    var copy = [Float](repeating: 0, count: rows * width)
    copy.withUnsafeMutableBufferPointer { copy in
      for row in 0..<rows {
        for x in 0..<width { copy[row * width + x] = values[row * pitch + x] }
      }
      for row in 0..<rows {
        let target = row * pitch
        for x in 0..<width { values[target + x] = copy[row * width + x] * weights[0] }
        for k in 1...radius {
          let (before, after) = (max(row - k, 0) * width, min(row + k, rows - 1) * width)
          let weight = weights[k]
          for x in 0..<width { values[target + x] += weight * (copy[before + x] + copy[after + x]) }
        }
      }
    }
  }
}
