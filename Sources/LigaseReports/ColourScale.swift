/// Colours for numbers, from light to dark or from blue over white to red.
///
/// Source: Harrower and Brewer, "ColorBrewer.org" (The Cartographic Journal, 2003), schemes Blues and RdBu, which readers with colour
/// blindness can tell apart.
package enum ColourScale: String, Sendable, CaseIterable {
  /// From the smallest number, nearly white, to the largest one, dark blue.
  case sequential
  /// From negative numbers, blue, over 0, white, to positive ones, red; the range is the same on both sides.
  case diverging

  private var stops: [UInt32] {
    switch self {
    case .sequential:
      [0xF7FBFF, 0xDEEBF7, 0xC6DBEF, 0x9ECAE1, 0x6BAED6, 0x4292C6, 0x2171B5, 0x08519C, 0x08306B]
    case .diverging:
      [0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xF7F7F7, 0xFDDBC7, 0xF4A582, 0xD6604D, 0xB2182B]
    }
  }

  /// Returns the colour at a fraction of the scale, from 0 to 1, as `#rrggbb`.
  package func colour(_ fraction: Double) -> String {
    guard fraction.isFinite else { return SVGPicture.Ink.missing }
    let stops = stops, place = min(max(fraction, 0), 1) * Double(stops.count - 1)
    let low = min(Int(place), stops.count - 2), share = place - Double(low)
    var text = "#"
    for shift in [UInt32(16), 8, 0] {
      let (a, b) = (stops[low] >> shift & 0xFF, stops[low + 1] >> shift & 0xFF)
      let value = UInt8((Double(a) + share * (Double(b) - Double(a))).rounded())
      text += (value < 16 ? "0" : "") + String(value, radix: 16)
    }
    return text
  }

  /// The range of the scale for some numbers, of which those that are not finite are left out.
  package func range(of values: [Double]) -> ClosedRange<Double> {
    // Larger numbers would overflow in the difference of both ends.
    let finite = values.lazy.filter(\.isFinite).map { min(max($0, -1e300), 1e300) }
    var (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
    if self == .diverging {
      high = max(abs(low), abs(high))
      low = -high
    }
    return low < high ? low...high : low...(low + max(abs(low), 1))
  }
}
