internal import Glibc
import LigaseFormats

/// A map over the image that it explains, as a picture: the image in grey, the map in colours from dark red over orange to light yellow.
package enum HeatPicture {
  /// The colours from the least to the largest value of a map (those of black-body radiation, in equal steps of lightness).
  private static let colours: [(r: Float, g: Float, b: Float)] = [
    (0, 0, 0), (105, 8, 8), (190, 34, 16), (228, 92, 20), (240, 150, 40), (246, 205, 90), (255, 255, 220),
  ]

  /// The colour of a share of the largest value.
  static func colour(_ share: Float) -> (r: Float, g: Float, b: Float) {
    let place = min(max(share, 0), 1) * Float(colours.count - 1), low = min(Int(place), colours.count - 2)
    let (a, b, t) = (colours[low], colours[low + 1], place - Float(low))
    return (a.r + t * (b.r - a.r), a.g + t * (b.g - a.g), a.b + t * (b.b - a.b))
  }

  /// The smallest number of pixels of a side; smaller images are enlarged by whole factors.
  private static let smallest = 256

  /// Returns the picture: the image, and beside it the image under the map.
  ///
  /// - Parameters:
  ///   - image: the image, grey or in colour.
  ///   - map: the map, with the extents of the image.
  package static func overlay(_ image: Image, _ map: Image) -> Image {
    let (h, w) = (image.extents[0], image.extents[1]), gap = 4
    let factor = max(1, (smallest + min(h, w) - 1) / max(min(h, w), 1))
    let (height, width) = (h * factor, 2 * w * factor + gap)
    var out = [Float](repeating: 255, count: height * width * 3)
    let range = image.window ?? image.valueRange, low = Float(range.lowerBound)
    let scale = range.upperBound > range.lowerBound ? 255 / Float(range.upperBound - range.lowerBound) : 0
    let most = map.values.max() ?? 0
    for y in 0..<height {
      for x in 0..<(w * factor) {
        let place = (y / factor) * w + x / factor
        var grey = (0..<min(image.channels, 3)).map { channel in
          min(max((image.values[place * image.channels + channel] - low) * scale, 0), 255)
        }
        if image.lowIsBright { grey = grey.map { 255 - $0 } }
        func channel(_ k: Int) -> Float { grey.count == 3 ? grey[k] : grey[0] }
        let share = most > 0 ? max(map.values[place], 0) / most : 0, heat = colour(share),
          opacity = 0.65 * share
        let hot = [heat.r, heat.g, heat.b]
        let left = (y * width + x) * 3, right = (y * width + x + w * factor + gap) * 3
        for k in 0..<3 {
          out[left + k] = channel(k)
          out[right + k] = channel(k) * (1 - opacity) + hot[k] * opacity
        }
      }
    }
    return Image(extents: [height, width], channels: 3, values: out)
  }
}
