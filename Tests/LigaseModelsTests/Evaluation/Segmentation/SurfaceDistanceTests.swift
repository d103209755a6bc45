import LigaseModels
import TestSupport
import Testing

private func square(_ value: Int) -> Int { value * value }

/// A set of voxels given by a formula in (z, y, x).
private func set(_ extents: [Int], _ contains: (Int, Int, Int) -> Bool) -> [Bool] {
  (0..<extents[0]).flatMap { z in
    (0..<extents[1]).flatMap { y in (0..<extents[2]).map { x in contains(z, y, x) } }
  }
}

@Suite struct SurfaceDistanceTests {
  private let grid = VoxelGrid(extents: [9, 11, 13], spacing: [2.5, 0.7, 1.3])

  private var sets: [Character: [Bool]] {
    let extents = grid.extents
    return [
      "A": set(extents) { z, y, x in
        9 * square(z - 4) + 4 * square(y - 5) + 3 * square(x - 6) < 70
      },
      "B": set(extents) { z, y, x in
        9 * square(z - 5) + 4 * square(y - 4) + 3 * square(x - 8) < 80
      },
      "C": set(extents) { z, y, x in (z * z * 7 + y * 5 + x * 3 + z * y * x) % 9 == 0 },
      // A box at four borders of the volume, and single voxels.
      "E": set(extents) { z, _, x in z < 3 && x > 5 },
      "O": set(extents) { ($0, $1, $2) == (4, 5, 6) },
      "P": set(extents) { ($0, $1, $2) == (0, 10, 12) },
      "N": set(extents) { _, _, _ in false },
    ]
  }

  /// The numbers are those of MONAI 1.6 (percentile=95; symmetric=True).
  @Test func distancesAreThoseOfMONAI() throws {
    let sets = sets
    for (names, hausdorff95, average) in [
      ("AB", 3.606938, 1.613275), ("AC", 6.391939, 2.195611), ("CB", 8.081429, 2.296854),
      ("EB", 12.5, 6.262455), ("OA", 6.379655, 4.996892), ("OP", 13.15637, 13.15637), ("AA", 0, 0),
    ] {
      let (a, b) = (sets[names.first!]!, sets[names.last!]!)
      for distance in [SurfaceDistance(a, b, grid), SurfaceDistance(b, a, grid)] {
        let distance = try #require(distance)
        #expect(abs(distance.hausdorff95 - hausdorff95) < 1e-5 * (1 + hausdorff95), "\(names)")
        #expect(abs(distance.average - average) < 1e-5 * (1 + average), "\(names)")
      }
    }
    #expect(SurfaceDistance(sets["A"]!, sets["N"]!, grid) == nil)
    #expect(SurfaceDistance(sets["N"]!, sets["N"]!, grid) == nil)
  }

  /// In an image the two neighbours in other slices do not exist, so its inner pixels are no surface.
  @Test func imagesHaveTwoAxes() throws {
    let grid = VoxelGrid(extents: [1, 17, 19], spacing: [1, 0.5, 2])
    #expect(grid.axes == [1, 2])
    let f = set(grid.extents) { _, y, x in 3 * square(y - 8) + 2 * square(x - 9) < 90 }
    let g = set(grid.extents) { _, y, x in y > 4 && x < 14 && (y * x) % 7 != 3 }
    let distance = try #require(SurfaceDistance(f, g, grid))
    #expect(abs(distance.hausdorff95 - 6.020797) < 1e-5 && abs(distance.average - 1.775801) < 1e-5)
    let whole = [Bool](repeating: true, count: 9)
    #expect(
      SurfaceDistance.surface(of: whole, VoxelGrid(extents: [1, 3, 3])).count { $0 } == 8
        && SurfaceDistance.surface(of: whole, VoxelGrid(extents: [1, 3, 3], axes: [0, 1, 2])).allSatisfy {
          $0
        })
  }

  @Test func distancesOfAllVoxelsAreThoseOfBruteForce() {
    for (seed, extents) in [[1, 1, 1], [1, 1, 9], [1, 8, 7], [6, 1, 5], [5, 6, 7], [9, 3, 4]].enumerated() {
      let grid = VoxelGrid(extents: extents, spacing: [1.7, 0.6, 1.1])
      for modulus in [2, 7, 23] {
        let members: [Bool] = (0..<grid.count).map { (i: Int) -> Bool in
          let sum: Int = i * 7919 + seed * 31 + i * i * 13
          return sum % modulus == 0
        }
        let found = DistanceTransform(to: members, grid).squared
        let (height, width) = (extents[1], extents[2])
        let places: [SIMD3<Double>] = (0..<grid.count).map { i in
          let (z, y, x) = (i / width / height, i / width % height, i % width)
          return SIMD3(Double(z), Double(y), Double(x)) * SIMD3(1.7, 0.6, 1.1)
        }
        for i in members.indices {
          var nearest = Double.infinity
          for j in members.indices where members[j] {
            let offset = places[i] - places[j]
            nearest = min(nearest, (offset * offset).sum())
          }
          let isClose = found[i] == nearest || abs(found[i] - nearest) < 1e-9 * (1 + nearest)
          #expect(isClose)
        }
      }
    }
    let none = [Bool](repeating: false, count: 8)
    #expect(
      DistanceTransform(to: none, VoxelGrid(extents: [2, 2, 2])).squared.allSatisfy { $0 == .infinity })
  }

  /// The numbers are those of SciPy's `gaussian_filter` with `mode='nearest'`.
  @Test func smoothingIsAGaussianInMillimetres() {
    let grid = VoxelGrid(extents: [5, 6, 7], spacing: [2, 0.8, 1])
    var values: [Float] = []
    for z in 0..<5 {
      for y in 0..<6 {
        for x in 0..<7 {
          let sum: Int = z * 31 + y * 17 + x * 7 + z * y * x
          values.append(Float(sum % 13))
        }
      }
    }
    let before = values
    GaussianSmoothing.smooth(&values, grid, sigma: 0)
    #expect(values == before)
    GaussianSmoothing.smooth(&values, grid, sigma: 1)
    let places: [Int] = [0, 2 * 42 + 3 * 7 + 3, 4 * 42 + 5 * 7 + 6, 42 + 5 * 7]
    let found: [Float] = places.map { values[$0] }
    let expected: [Double] = [3.638319191209323, 7.331457431316446, 6.382262527763946, 8.776910358538677]
    #expect(mismatch(found, expected) == nil)
  }
}

@Suite struct ConnectedComponentsTests {
  /// Labels by flooding from each voxel, for comparison.
  private func flooded(_ set: [Bool], _ extents: [Int]) -> [Int] {
    var sizes: [Int] = [], open = set
    for first in set.indices where open[first] {
      var (waiting, size) = ([first], 0)
      open[first] = false
      while let i = waiting.popLast() {
        size += 1
        let (z, y, x) = (i / extents[2] / extents[1], i / extents[2] % extents[1], i % extents[2])
        for dz in -1...1 {
          for dy in -1...1 {
            for dx in -1...1 {
              let place = [z + dz, y + dy, x + dx]
              guard zip(place, extents).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
              let j = (place[0] * extents[1] + place[1]) * extents[2] + place[2]
              if open[j] {
                open[j] = false
                waiting.append(j)
              }
            }
          }
        }
      }
      sizes.append(size)
    }
    return sizes
  }

  @Test func componentsAreThoseOfFlooding() {
    for extents in [[1, 12, 15], [7, 9, 11], [4, 1, 30]] {
      let grid = VoxelGrid(extents: extents)
      for modulus in [2, 3, 5, 9, 17] {
        let members: [Bool] = (0..<grid.count).map { (i: Int) -> Bool in
          let sum: Int = i * 7919 + i * i * 13 + i / 7
          return sum % modulus == 0
        }
        let components = ConnectedComponents(of: members, grid)
        let sizes = flooded(members, extents)
        #expect(components.voxelCounts == sizes)
        #expect(components.largest.count { $0 } == sizes.max() ?? 0)
        #expect(zip(components.largest, members).allSatisfy { !$0 || $1 })
      }
    }
  }

  @Test func cornersConnectAndTheFirstOfEqualsIsLargest() {
    // Two voxels that share a corner; and two components of two voxels.
    var corner = [Bool](repeating: false, count: 8)
    (corner[0], corner[7]) = (true, true)
    #expect(ConnectedComponents(of: corner, VoxelGrid(extents: [2, 2, 2])).voxelCounts == [2])
    let row = [true, true, false, true, true, false, true]
    let components = ConnectedComponents(of: row, VoxelGrid(extents: [1, 1, 7]))
    #expect(components.voxelCounts == [2, 2, 1])
    #expect(components.largest == [true, true, false, false, false, false, false])
    #expect(
      ConnectedComponents(of: corner.map { _ in false }, VoxelGrid(extents: [2, 2, 2])).largestRanges == [])
    // Rows that end and begin at the border are no neighbours.
    let rows = [false, false, true, true, false, false, false, false, false]
    #expect(ConnectedComponents(of: rows, VoxelGrid(extents: [1, 3, 3])).voxelCounts == [1, 1])
  }
}
