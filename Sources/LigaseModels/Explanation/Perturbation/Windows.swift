/// Windows that cover a grid.
package enum Windows {
  /// Returns the numbers of the places of each window: at equal steps along each axis, the last cut at the end.
  ///
  /// - Parameters:
  ///   - extents: the grid, the slowest axis first.
  ///   - size: the places of a window along each axis.
  package static func covering(_ extents: [Int], size: Int, stride step: Int) -> [[Int]] {
    var windows: [[Int]] = [[0]]
    for extent in extents {
      let count = extent <= size ? 1 : (extent - size + step - 1) / step + 1
      let ranges = (0..<count).map { ($0 * step)..<min($0 * step + size, extent) }
      windows = windows.flatMap { window in
        ranges.map { range in window.flatMap { p in range.map { p * extent + $0 } } }
      }
    }
    return windows
  }
}
