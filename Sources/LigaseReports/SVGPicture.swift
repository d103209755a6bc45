/// A picture in the SVG format, to which shapes are added from the bottom to the top. The same calls give the same bytes.
///
/// Coordinates are in pixels from the upper left corner.
///
/// Source: https://www.w3.org/TR/SVG11/
package struct SVGPicture: Sendable {
  /// Where text is relative to its position.
  package enum Anchor: String, Sendable {
    case start, middle, end
  }

  /// The colours that all figures share.
  enum Ink {
    static let text = "#222222"
    static let axis = "#666666"
    static let grid = "#e4e4e4"
    static let missing = "#d9d9d9"
  }

  /// The font sizes that all figures share.
  enum FontSize {
    static let title = 15.0
    static let label = 12.0
    static let tick = 11.0
  }

  package let width: Double
  package let height: Double
  private let title: String
  private var shapes = ""

  /// - Parameter title: what the picture shows, for screen readers and tooltips; it is not drawn.
  package init(width: Double, height: Double, title: String) {
    self.width = width
    self.height = height
    self.title = title
  }

  /// The file.
  package var text: String {
    let size = [width, height].map(NumberText.coordinate)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(size[0])" height="\(size[1])" \
      viewBox="0 0 \(size[0]) \(size[1])" role="img" font-family="Helvetica, Arial, sans-serif">
      <title>\(SVGPicture.escaped(title))</title>
      <rect width="\(size[0])" height="\(size[1])" fill="#ffffff"/>
      \(shapes)</svg>

      """
  }

  /// Returns text in which no character is markup. Characters that XML forbids, such as control characters, become U+FFFD; tabs and line
  /// ends become spaces.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result += " "
      default:
        let value = scalar.value
        let isForbidden = value < 0x20 || 0x7F...0x9F ~= value || value & 0xFFFE == 0xFFFE
        result.unicodeScalars.append(isForbidden ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }

  private static func number(_ value: Double) -> String { NumberText.coordinate(value) }

  /// Adds a rectangle; `isCrisp` draws its edges at whole pixels, so that rectangles side by side have no gap.
  package mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String, isCrisp: Bool = false
  ) {
    let numbers = [x, y, max(width, 0), max(height, 0)].map(SVGPicture.number)
    shapes += "<rect x=\"\(numbers[0])\" y=\"\(numbers[1])\" width=\"\(numbers[2])\" height=\"\(numbers[3])\""
    shapes += " fill=\"\(SVGPicture.escaped(fill))\"\(isCrisp ? " shape-rendering=\"crispEdges\"" : "")/>\n"
  }

  /// Adds a straight line.
  package mutating func line(
    x1: Double, y1: Double, x2: Double, y2: Double, stroke: String, width: Double = 1
  ) {
    let numbers = [x1, y1, x2, y2, width].map(SVGPicture.number)
    shapes += "<line x1=\"\(numbers[0])\" y1=\"\(numbers[1])\" x2=\"\(numbers[2])\" y2=\"\(numbers[3])\""
    shapes += " stroke=\"\(SVGPicture.escaped(stroke))\" stroke-width=\"\(numbers[4])\"/>\n"
  }

  /// Adds a closed shape, given in the unit square and stretched to a rectangle, upside down if `isFlipped`.
  package mutating func shape(
    _ path: String, x: Double, y: Double, width: Double, height: Double, fill: String, isFlipped: Bool = false
  ) {
    let numbers = [x, isFlipped ? y + height : y].map(SVGPicture.number)
    // Scales have more decimals than coordinates, because they are multiplied by the path.
    let scales = [width, isFlipped ? -height : height].map { NumberText.fixed($0, decimals: 3) }
    shapes += "<path transform=\"translate(\(numbers[0]) \(numbers[1])) scale(\(scales[0]) \(scales[1]))\""
    shapes += " d=\"\(path)\" fill=\"\(SVGPicture.escaped(fill))\" fill-rule=\"evenodd\"/>\n"
  }

  /// Adds text with its baseline at `y`, turned by `rotation` degrees clockwise around its position.
  package mutating func text(
    _ text: String, x: Double, y: Double, size: Double, anchor: Anchor = .start, isBold: Bool = false,
    colour: String? = nil, rotation: Double = 0
  ) {
    let numbers = [x, y, size, rotation].map(SVGPicture.number)
    shapes += "<text x=\"\(numbers[0])\" y=\"\(numbers[1])\" font-size=\"\(numbers[2])\""
    if anchor != .start { shapes += " text-anchor=\"\(anchor.rawValue)\"" }
    if isBold { shapes += " font-weight=\"bold\"" }
    if rotation != 0 { shapes += " transform=\"rotate(\(numbers[3]) \(numbers[0]) \(numbers[1]))\"" }
    shapes += " fill=\"\(SVGPicture.escaped(colour ?? Ink.text))\">\(SVGPicture.escaped(text))</text>\n"
  }

  /// Adds the title of a figure at the top, cut to the width of the picture.
  mutating func heading(x: Double) {
    // Bold letters are about a tenth wider.
    let shown = TextWidth.cut(title, to: (width - x - 8) / 1.1, size: FontSize.title)
    text(shown, x: x, y: 24, size: FontSize.title, isBold: true)
  }
}
