/// A box of places in a volume. Its places need not be voxels: they lie at `centre + matrix (place - middle)`, in voxels of
/// the volume, and have values by linear interpolation. Places up to half a voxel beyond the middles of the outer voxels have their
/// values; further ones are outside.
struct VolumeBox {
  /// The number of places along each axis of the box and of the volume, the slowest first.
  let extents, volume: [Int]
  /// Where the middle of the box lies in the volume.
  let centre: [Double]
  /// For each axis of the volume, the voxels of a step along each axis of the box.
  let matrix: [[Double]]
  /// The voxels that are read: those between which places lie, cut to the volume and one voxel around it.
  let origin, readExtents: [Int]

  /// Creates a box in a volume of the given extents.
  init(extents: [Int], centre: [Double], matrix: [[Double]], in volume: [Int]) {
    (self.extents, self.volume, self.centre, self.matrix) = (extents, volume, centre, matrix)
    var (origin, read) = ([Int](), [Int]())
    for axis in volume.indices {
      let half = zip(matrix[axis], extents).reduce(0.0) { $0 + abs($1.0) * Double($1.1 - 1) / 2 }
      let most = Double(volume[axis])
      let low = min(max((centre[axis] - half).rounded(.down), -1), most)
      let high = min(max((centre[axis] + half).rounded(.down) + 1, low), most)
      origin.append(Int(low))
      read.append(Int(high) - Int(low) + 1)
    }
    (self.origin, readExtents) = (origin, read)
  }

  /// Where the box begins, if its places are voxels.
  var voxelOrigin: [Int]? {
    for (axis, row) in matrix.enumerated() {
      for (other, step) in row.enumerated() where step != (axis == other ? 1 : 0) { return nil }
    }
    let first = zip(centre, extents).map { $0 - Double($1 - 1) / 2 }
    return first.allSatisfy { $0 == $0.rounded() } ? first.map { Int($0) } : nil
  }

  /// Returns the values of the places, channels last, from those of the voxels that are read.
  func interpolated(_ read: [Float], channels: Int) -> [Float] {
    let grid = Voxels(readExtents, channels: channels)
    return [Float](unsafeUninitializedCapacity: extents.reduce(channels, *)) { target, count in
      count = target.count
      var next = target.baseAddress!
      read.withUnsafeBufferPointer { read in
        forEachRead { place in
          grid.interpolate(read.baseAddress!, at: place, into: next)
          next += channels
        }
      }
    }
  }

  /// Calls `body` with the number of each place and the values there, from those of the whole volume, channels last; places
  /// outside have the values of the border.
  func forEachValue(of values: [Float], channels: Int, _ body: (Int, UnsafePointer<Float>) -> Void) {
    let grid = Voxels(volume, channels: channels)
    var (found, number) = ([Float](repeating: 0, count: channels), 0)
    values.withUnsafeBufferPointer { values in
      found.withUnsafeMutableBufferPointer { found in
        forEachPlace { place in
          grid.interpolate(values.baseAddress!, at: grid.clamped(place), into: found.baseAddress!)
          body(number, found.baseAddress!)
          number += 1
        }
      }
    }
  }

  /// The voxels of a grid of up to three axes, channels last.
  private struct Voxels {
    let z, y, x, channels: Int
    let last: SIMD3<Double>

    init(_ extents: [Int], channels: Int) {
      let e = VolumeBox.threeAxes(extents)
      (z, y, x, self.channels) = (e[0], e[1], e[2], channels)
      last = SIMD3(Double(z - 1), Double(y - 1), Double(x - 1))
    }

    func clamped(_ place: SIMD3<Double>) -> SIMD3<Double> {
      place.clamped(lowerBound: .zero, upperBound: last)
    }

    /// Writes the values at a place, which lies between the voxels.
    @inline(__always) func interpolate(
      _ values: UnsafePointer<Float>, at place: SIMD3<Double>, into target: UnsafeMutablePointer<Float>
    ) {
      let (i, j, k) = (Int(place.x), Int(place.y), Int(place.z))
      let tz = Float(place.x - Double(i)), ty = Float(place.y - Double(j)), tx = Float(place.z - Double(k))
      let dz = i + 1 < z ? y * x * channels : 0, dy = j + 1 < y ? x * channels : 0,
        dx = k + 1 < x ? channels : 0
      let first = values + ((i * y + j) * x + k) * channels
      for c in 0..<channels {
        let p = first + c, q = p + dz
        let a = p[0] + tx * (p[dx] - p[0]), b = p[dy] + tx * (p[dy + dx] - p[dy])
        let d = q[0] + tx * (q[dx] - q[0]), e = q[dy] + tx * (q[dy + dx] - q[dy])
        let near = a + ty * (b - a), far = d + ty * (e - d)
        target[c] = near + tz * (far - near)
      }
    }
  }

  /// Returns what stands at the voxel closest to each place.
  func nearest<T>(_ read: [T]) -> [T] {
    let e = Self.threeAxes(readExtents)
    var values: [T] = []
    values.reserveCapacity(extents.reduce(1, *))
    forEachRead { values.append(read[(Int($0.x + 0.5) * e[1] + Int($0.y + 0.5)) * e[2] + Int($0.z + 0.5)]) }
    return values
  }

  fileprivate static func threeAxes(_ sizes: [Int]) -> [Int] {
    [Int](repeating: 1, count: 3 - sizes.count) + sizes
  }

  /// Calls `body` with where each place lies among the voxels that are read, in order.
  private func forEachRead(_ body: (SIMD3<Double>) -> Void) {
    let grid = Voxels(volume, channels: 1), missing = 3 - origin.count
    let low = SIMD3<Double>(repeating: -1), high = grid.last + 1
    var first = SIMD3<Double>.zero
    for axis in origin.indices { first[axis + missing] = Double(origin[axis]) }
    forEachPlace { place in
      var read = grid.clamped(place)
      read.replace(with: low, where: place .< -0.5)
      read.replace(with: high, where: place .> grid.last + 0.5)
      body(read - first)
    }
  }

  /// Calls `body` with where each place lies in the volume, in order; the axes that are missing to three are the first.
  func forEachPlace(_ body: (SIMD3<Double>) -> Void) {
    let missing = 3 - extents.count, e = Self.threeAxes(extents)
    var (start, steps) = (SIMD3<Double>.zero, [SIMD3<Double>](repeating: .zero, count: 3))
    for axis in extents.indices {
      start[axis + missing] = centre[axis]
      for other in extents.indices {
        steps[other + missing][axis + missing] = matrix[axis][other]
        start[axis + missing] -= matrix[axis][other] * Double(extents[other] - 1) / 2
      }
    }
    let (a, b, c) = (steps[0], steps[1], steps[2])
    for i in 0..<e[0] {
      for j in 0..<e[1] {
        let line = start + a * Double(i) + b * Double(j)
        for k in 0..<e[2] { body(line + c * Double(k)) }
      }
    }
  }
}
