internal import Glibc
import LigaseFormats

/// Connected segments of similar pixels of an image: SLIC (Achanta et al., 2012).
///
/// ```
/// D² = d_colour² + (compactness d_place / S)²          S = √(pixels / count)
/// ```
/// Pixels are assigned to the nearest of the centres within 2 S along each axis, and centres move to the means of their pixels,
/// ten times. Centres begin on a regular grid, each at the smallest gradient among its 3 × 3 pixels. Connected pieces of less than a
/// quarter of S² join the piece beside them, so that every segment is connected by its sides. Colours are CIE L\*a\*b\* of sRGB; of
/// grey images, and of other numbers of channels, each channel is a lightness from 0 to 100, the least and the largest number of the
/// image or the ends of its window.
package struct Superpixels: Sendable {
  /// The number of segments that is aimed at.
  package var count: Int
  /// The weight of distances beside colours: that of scikit-image. More makes segments more square.
  package var compactness = Self.usualCompactness
  /// The usual weight.
  package static let usualCompactness = 10.0
  private static let iterations = 10

  package init(count: Int) { self.count = count }

  /// A centre of a segment.
  private struct Centre {
    var y, x: Double
    var colour: [Double]
  }

  /// Returns the numbers of the pixels of each segment, of an image of two axes.
  package func segments(of image: Image) -> [[Int]] {
    let (h, w) = (image.extents[0], image.extents[1]), colours = Self.colours(image)
    let size = max(1, (Double(h * w) / Double(max(count, 1))).squareRoot())
    var centres = initialCentres(colours, h, w), labels = [Int](repeating: -1, count: h * w)
    for _ in 0..<Self.iterations {
      labels = assigned(colours, h, w, centres, size)
      centres = means(colours, w, labels, centres)
    }
    return Self.connected(labels, h, w, least: Int(size * size) / 4)
  }

  /// Centres on a grid of about square cells, each moved to the smallest gradient beside it.
  private func initialCentres(_ colours: [[Double]], _ h: Int, _ w: Int) -> [Centre] {
    let columns = min(w, max(1, Int((Double(count) * Double(w) / Double(h)).squareRoot().rounded())))
    let rows = min(h, max(1, Int((Double(count) / Double(columns)).rounded())))
    func gradient(_ y: Int, _ x: Int) -> Double {
      func square(_ a: Int, _ b: Int) -> Double {
        zip(colours[a], colours[b]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      return square(y * w + min(x + 1, w - 1), y * w + max(x - 1, 0))
        + square(min(y + 1, h - 1) * w + x, max(y - 1, 0) * w + x)
    }
    var centres: [Centre] = []
    for row in 0..<rows {
      for column in 0..<columns {
        let (y, x) = ((2 * row + 1) * h / (2 * rows), (2 * column + 1) * w / (2 * columns))
        var best = (y: y, x: x, gradient: gradient(y, x))
        for ny in max(0, y - 1)...min(h - 1, y + 1) {
          for nx in max(0, x - 1)...min(w - 1, x + 1) {
            let own = gradient(ny, nx)
            if own < best.gradient { best = (ny, nx, own) }
          }
        }
        centres.append(Centre(y: Double(best.y), x: Double(best.x), colour: colours[best.y * w + best.x]))
      }
    }
    return centres
  }

  /// The nearest centre of each pixel; -1 where none is near.
  private func assigned(
    _ colours: [[Double]], _ h: Int, _ w: Int, _ centres: [Centre], _ size: Double
  ) -> [Int] {
    var labels = [Int](repeating: -1, count: h * w)
    var least = [Double](repeating: .infinity, count: h * w)
    let weight = (compactness / size) * (compactness / size), reach = 2 * size
    for (label, centre) in centres.enumerated() {
      let rows = max(0, Int((centre.y - reach).rounded(.up)))...min(h - 1, Int(centre.y + reach))
      let columns = max(0, Int((centre.x - reach).rounded(.up)))...min(w - 1, Int(centre.x + reach))
      for y in rows {
        for x in columns {
          let (dy, dx) = (Double(y) - centre.y, Double(x) - centre.x), own = colours[y * w + x]
          var distance = weight * (dy * dy + dx * dx)
          for c in own.indices { distance += (own[c] - centre.colour[c]) * (own[c] - centre.colour[c]) }
          if distance < least[y * w + x] { (labels[y * w + x], least[y * w + x]) = (label, distance) }
        }
      }
    }
    return labels
  }

  /// The mean place and colour of each segment; the centre as it was where it has no pixel.
  private func means(_ colours: [[Double]], _ w: Int, _ labels: [Int], _ centres: [Centre]) -> [Centre] {
    var sums = centres.map { Centre(y: 0, x: 0, colour: $0.colour.map { _ in 0 }) }
    var counts = [Double](repeating: 0, count: centres.count)
    for (pixel, label) in labels.enumerated() where label >= 0 {
      counts[label] += 1
      sums[label].y += Double(pixel / w)
      sums[label].x += Double(pixel % w)
      for c in colours[pixel].indices { sums[label].colour[c] += colours[pixel][c] }
    }
    return centres.indices.map { i in
      let n = counts[i]
      guard n > 0 else { return centres[i] }
      return Centre(y: sums[i].y / n, x: sums[i].x / n, colour: sums[i].colour.map { $0 / n })
    }
  }

  /// Returns connected pieces of pixels of one label, row by row; pieces of fewer than `least` pixels join the piece before them.
  private static func connected(_ labels: [Int], _ h: Int, _ w: Int, least: Int) -> [[Int]] {
    var segments: [[Int]] = [], places = [Int](repeating: -1, count: labels.count)
    func neighbours(_ pixel: Int) -> [Int] {
      let (y, x) = (pixel / w, pixel % w)
      return [(y, x - 1), (y - 1, x), (y, x + 1), (y + 1, x)].compactMap { y, x in
        0..<h ~= y && 0..<w ~= x ? y * w + x : nil
      }
    }
    for start in labels.indices where places[start] < 0 {
      // The first pixel of a piece has the pieces before it on its left and above.
      let beside = neighbours(start).map { places[$0] }.first { $0 >= 0 }
      var (piece, next) = ([start], 0)
      places[start] = segments.count
      while next < piece.count {
        for pixel in neighbours(piece[next]) where places[pixel] < 0 && labels[pixel] == labels[start] {
          places[pixel] = segments.count
          piece.append(pixel)
        }
        next += 1
      }
      if let beside, piece.count < least {
        for pixel in piece { places[pixel] = beside }
        segments[beside] += piece
      } else {
        segments.append(piece)
      }
    }
    return segments.map { $0.sorted() }
  }

  // MARK: - Colours

  /// The colour of each pixel.
  private static func colours(_ image: Image) -> [[Double]] {
    let channels = image.channels, range = image.window ?? image.valueRange
    let width = range.upperBound - range.lowerBound
    let unit = image.values.map { value in
      width > 0 && value.isFinite ? min(max((Double(value) - range.lowerBound) / width, 0), 1) : 0
    }
    return stride(from: 0, to: unit.count, by: channels).map { start in
      let own = Array(unit[start..<(start + channels)])
      return channels == 3 ? lab(own) : own.map { 100 * $0 }
    }
  }

  /// CIE L\*a\*b\* of sRGB, with the white of D65.
  private static func lab(_ rgb: [Double]) -> [Double] {
    let linear = rgb.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
    let rows = [
      [0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227],
    ]
    let f = zip(rows, [0.95047, 1, 1.08883]).map { row, white -> Double in
      let value = zip(row, linear).reduce(0) { $0 + $1.0 * $1.1 } / white
      return value > 0.008856 ? cbrt(value) : 7.787 * value + 16.0 / 116
    }
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
  }
}
