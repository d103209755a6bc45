import LigaseRuntime

/// The connected components of a set of voxels: voxels that share a face, an edge or a corner are neighbours (26-neighbourhood, in an
/// image 8).
///
/// The set is divided into runs along x; runs of neighbouring rows that touch are joined by union-find.
package struct ConnectedComponents: Sendable {
  /// Consecutive voxels of a row.
  private struct Run {
    var start: Int
    var end: Int
    var parent: Int
  }

  /// The runs in order; after the initialiser each parent is the first run of the component.
  private let runs: [Run]
  private let voxelCount: Int
  /// The number of voxels of each component, by its first run in order.
  private let sizes: [(run: Int, size: Int)]

  /// Labels a set of voxels.
  package init(of set: [Bool], _ grid: VoxelGrid) {
    let (height, width) = (grid.extents[1], grid.extents[2])
    var runs: [Run] = []
    // The first run of each row, and the end of all runs.
    var rowStarts: [Int] = []
    rowStarts.reserveCapacity(grid.extents[0] * height + 1)
    set.withUnsafeBufferPointer { set in
      for row in 0..<grid.extents[0] * height {
        rowStarts.append(runs.count)
        var i = row * width
        let end = i + width
        while i < end {
          if !set[i] {
            i += 1
            continue
          }
          let start = i
          while i < end, set[i] { i += 1 }
          runs.append(Run(start: start, end: i, parent: runs.count))
        }
      }
    }
    rowStarts.append(runs.count)
    runs.withUnsafeMutableBufferPointer { runs in
      for row in 0..<rowStarts.count - 1 where rowStarts[row] < rowStarts[row + 1] {
        let (z, y) = (row / height, row % height)
        for (dz, dy) in [(0, -1), (-1, -1), (-1, 0), (-1, 1)]
        where z + dz >= 0 && y + dy >= 0 && y + dy < height {
          let other = row + dz * height + dy
          Self.join(
            runs, rowStarts[row]..<rowStarts[row + 1], rowStarts[other]..<rowStarts[other + 1],
            offset: (row - other) * width)
        }
      }
    }
    var counts = [Int](repeating: 0, count: runs.count)
    for i in runs.indices {
      // Parents come first, so that of the parent is already the root.
      runs[i].parent = runs[runs[i].parent].parent
      counts[runs[i].parent] += runs[i].end - runs[i].start
    }
    self.runs = runs
    voxelCount = set.count
    sizes = counts.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
  }

  /// Joins the runs of a row with those of another one that touch them, `offset` voxels earlier.
  private static func join(
    _ runs: UnsafeMutableBufferPointer<Run>, _ row: Range<Int>, _ other: Range<Int>, offset: Int
  ) {
    func root(_ run: Int) -> Int {
      var run = run
      while runs[run].parent != run {
        runs[run].parent = runs[runs[run].parent].parent
        run = runs[run].parent
      }
      return run
    }
    var (i, j) = (row.lowerBound, other.lowerBound)
    while i < row.upperBound, j < other.upperBound {
      let (start, end) = (runs[j].start + offset, runs[j].end + offset)
      // A run touches voxels up to one place beyond its ends.
      if runs[i].start <= end, start <= runs[i].end {
        let (a, b) = (root(i), root(j))
        runs[max(a, b)].parent = min(a, b)
      }
      if runs[i].end < end { i += 1 } else { j += 1 }
    }
  }

  /// The number of voxels of each component, in the order of their first voxels.
  package var voxelCounts: [Int] { sizes.map(\.size) }

  /// The ranges of voxels of the largest component, of the first one among equals; empty without a component.
  package var largestRanges: [Range<Int>] {
    guard let largest = sizes.max(by: { ($0.size, $1.run) < ($1.size, $0.run) }) else { return [] }
    return runs.filter { $0.parent == largest.run }.map { $0.start..<$0.end }
  }

  /// Whether each voxel belongs to the largest component.
  package var largest: [Bool] {
    var set = [Bool](repeating: false, count: voxelCount)
    for range in largestRanges { for i in range { set[i] = true } }
    return set
  }
}
