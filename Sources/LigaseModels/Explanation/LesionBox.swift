import LigaseFormats

/// A place in an image that stands out in a map: a connected region above half of the map's largest value.
package struct LesionBox: Hashable, Sendable {
  /// The place of the largest value in the region, in pixels from 0.
  package var peak: (x: Int, y: Int) { (peakX, peakY) }
  package let peakX, peakY: Int
  /// The middle of the region, weighted by the map, in pixels from 0.
  package let x, y: Float
  /// The first and last column and row of the region.
  package let xMin, xMax, yMin, yMax: Int
  /// The largest value in the region as a share of that of the map, from a half to 1.
  package let strength: Float

  /// The level of a region as a share of the map's largest value.
  package static let level: Float = 0.5

  /// The regions of a map of two axes, the strongest first; none where nothing is above zero.
  package static func boxes(in map: Image) -> [LesionBox] {
    let (h, w) = (map.extents[0], map.extents[1]), values = map.values
    guard let most = values.max(), most > 0 else { return [] }
    var seen = [Bool](repeating: false, count: values.count), found: [LesionBox] = []
    for start in values.indices where !seen[start] && values[start] >= level * most {
      var (waiting, peak) = ([start], start)
      var (x0, x1, y0, y1) = (w, 0, h, 0)
      var (sum, sumX, sumY) = (Float(0), Float(0), Float(0))
      seen[start] = true
      while let place = waiting.popLast() {
        let (y, x) = (place / w, place % w)
        (x0, x1, y0, y1) = (min(x0, x), max(x1, x), min(y0, y), max(y1, y))
        (sum, sumX, sumY) = (
          sum + values[place], sumX + values[place] * Float(x), sumY + values[place] * Float(y)
        )
        if values[place] > values[peak] || values[place] == values[peak] && place < peak { peak = place }
        for (dy, dx) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
          let (ny, nx) = (y + dy, x + dx)
          guard (0..<h).contains(ny), (0..<w).contains(nx) else { continue }
          let next = ny * w + nx
          if !seen[next], values[next] >= level * most {
            seen[next] = true
            waiting.append(next)
          }
        }
      }
      found.append(
        LesionBox(
          peakX: peak % w, peakY: peak / w, x: sumX / sum, y: sumY / sum, xMin: x0, xMax: x1, yMin: y0,
          yMax: y1,
          strength: values[peak] / most))
    }
    return found.sorted { ($1.strength, $0.peakY, $0.peakX) < ($0.strength, $1.peakY, $1.peakX) }
  }
}
