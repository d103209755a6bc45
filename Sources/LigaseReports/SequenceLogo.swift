import LigaseFormats
import LigaseRuntime

/// A sequence logo: at each position a stack of the letters A, C, G and T.
///
/// With frequencies, a letter is as high as its frequency times the information content of the position in bits. With contributions, it
/// is as high as its contribution; letters with negative contributions hang below the axis, upside down. Larger letters are farther from
/// the axis.
///
/// Source: Schneider and Stephens, "Sequence logos: a new way to display consensus sequences" (Nucleic Acids Research, 1990).
package struct SequenceLogo: Sendable {
  /// What is above the stacks.
  package var title: String
  /// The heights of the letters, `[width x 4]`.
  package let heights: [Double]
  /// The range of the axis.
  package let range: ClosedRange<Double>
  private let unit: String

  /// A logo of the frequencies of a motif.
  package init(_ motif: Motif, title: String, background: [Double] = Motif.uniformBackground) {
    let information = motif.informationContent(background: background)
    heights = motif.frequencies.enumerated().map { $1 * information[$0 / 4] }
    // The information of a position with the rarest letter only: 2 bits for equal frequencies.
    range = 0...max(log2(1 / (background.min() ?? 0.25)), 1)
    self.title = title
    unit = "bits"
  }

  /// A logo of contributions, `[width x 4]`, row by row; numbers that are not finite count as 0.
  package init(contributions: [Float], title: String) {
    require(
      contributions.count.isMultiple(of: 4),
      "SequenceLogo: \(contributions.count) contributions, expected four for each position")
    heights = contributions.map { $0.isFinite ? Double($0) : 0 }
    var (low, high) = (0.0, 0.0)
    for start in stride(from: 0, to: heights.count, by: 4) {
      let stack = heights[start..<start + 4]
      low = min(low, stack.reduce(0) { $0 + min($1, 0) })
      high = max(high, stack.reduce(0) { $0 + max($1, 0) })
    }
    range = low == high ? 0...1 : low...high
    self.title = title
    unit = "contribution"
  }

  /// The number of positions.
  package var width: Int { heights.count / 4 }

  private static let columnWidth = 24.0
  private static let plotHeight = 130.0
  private static let top = 40.0

  /// The picture as an SVG file.
  package var svg: String {
    let ticks = AxisTicks(range, count: 4)
    let labelWidth =
      ticks.values.map { TextWidth.of(ticks.label($0), size: SVGPicture.FontSize.tick) }.max() ?? 0
    let left = 34 + labelWidth + 8, columns = Double(max(width, 1)) * Self.columnWidth
    let needed = TextWidth.of(title, size: SVGPicture.FontSize.title) * 1.1 + 32
    // A short motif has a picture wide enough for a title of usual length.
    var picture = SVGPicture(
      width: max(left + columns + 16, min(needed, 420)), height: Self.top + Self.plotHeight + 34, title: title
    )
    picture.heading(x: 16)
    let scale = Self.plotHeight / (range.upperBound - range.lowerBound)
    func y(_ value: Double) -> Double { Self.top + (range.upperBound - value) * scale }
    for tick in ticks.values {
      picture.line(x1: left - 5, y1: y(tick), x2: left, y2: y(tick), stroke: SVGPicture.Ink.axis)
      picture.text(
        ticks.label(tick), x: left - 8, y: y(tick) + 4, size: SVGPicture.FontSize.tick, anchor: .end)
    }
    picture.line(
      x1: left, y1: Self.top, x2: left, y2: Self.top + Self.plotHeight, stroke: SVGPicture.Ink.axis)
    picture.text(
      unit, x: 22, y: Self.top + Self.plotHeight / 2, size: SVGPicture.FontSize.label, anchor: .middle,
      rotation: -90)
    drawLetters(&picture, left: left, y)
    picture.line(x1: left, y1: y(0), x2: left + columns, y2: y(0), stroke: SVGPicture.Ink.axis)
    // Numbers of positions, all of them or every fifth.
    let step = width > 30 ? 5 : 1
    for position in 1...max(width, 1) where position == 1 || position % step == 0 {
      picture.text(
        "\(position)", x: left + (Double(position) - 0.5) * Self.columnWidth,
        y: Self.top + Self.plotHeight + 17, size: SVGPicture.FontSize.tick, anchor: .middle)
    }
    return picture.text
  }

  private func drawLetters(_ picture: inout SVGPicture, left: Double, _ y: (Double) -> Double) {
    for position in 0..<width {
      let x = left + Double(position) * Self.columnWidth + 1
      let letters = (0..<4).sorted {
        (abs(heights[position * 4 + $0]), $0) < (abs(heights[position * 4 + $1]), $1)
      }
      var (above, below) = (0.0, 0.0)
      for letter in letters {
        let height = heights[position * 4 + letter], isNegative = height < 0
        let (from, to) = isNegative ? (below, below + height) : (above + height, above)
        if isNegative { below += height } else { above += height }
        let pixels = y(to) - y(from)
        // Less than a tenth of a pixel is invisible.
        if pixels < 0.1 { continue }
        picture.shape(
          LetterShape.paths[letter], x: x, y: y(from), width: Self.columnWidth - 2, height: pixels,
          fill: LetterShape.colours[letter], isFlipped: isNegative)
      }
    }
  }
}
