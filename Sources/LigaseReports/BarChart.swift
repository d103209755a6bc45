import LigaseRuntime

/// Horizontal bars with labels and values, and intervals where they are known. Bars of negative values point to the left.
package struct BarChart: Sendable {
  /// One bar.
  package struct Bar: Sendable {
    package var label: String
    /// The length; a value that is not finite is shown as `NA`.
    package var value: Double
    /// The bounds of an interval, such as a confidence interval.
    package var interval: ClosedRange<Double>?

    package init(_ label: String, _ value: Double, interval: ClosedRange<Double>? = nil) {
      self.label = label
      self.value = value
      self.interval = interval
    }
  }

  /// What is above the bars.
  package var title: String
  /// What the values are, with their unit.
  package var axisTitle: String
  /// The bars from the top to the bottom.
  package var bars: [Bar]

  package init(title: String, axisTitle: String = "", bars: [Bar]) {
    self.title = title
    self.axisTitle = axisTitle
    self.bars = bars
  }

  private static let rowHeight = 24.0
  private static let barHeight = 15.0
  private static let plotWidth = 360.0
  private static let labelWidth = 220.0
  private static let top = 42.0
  private static let positive = "#4477aa"
  private static let negative = "#cc6677"

  /// The range of the axis, between two ticks: 0, all values and all intervals.
  private var range: ClosedRange<Double> {
    var (low, high) = (0.0, 0.0)
    for bar in bars {
      for value in [bar.value, bar.interval?.lowerBound ?? 0, bar.interval?.upperBound ?? 0]
      where value.isFinite {
        // Larger numbers would overflow in the difference of both ends.
        low = max(min(low, value), -1e300)
        high = min(max(high, value), 1e300)
      }
    }
    guard low < high else { return 0...1 }
    let step = AxisTicks(low...high).step
    let (first, last) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
    return first <= low && last >= high && (last - first).isFinite ? first...last : low...high
  }

  /// The picture as an SVG file.
  package var svg: String {
    let size = SVGPicture.FontSize.label, range = range, ticks = AxisTicks(range)
    let labels = bars.map { TextWidth.cut($0.label, to: Self.labelWidth, size: size) }
    let values = bars.map { NumberText.short($0.value) }
    let left = 16 + (labels.map { TextWidth.of($0, size: size) }.max() ?? 0) + 10
    let right = (values.map { TextWidth.of($0, size: size) }.max() ?? 0) + 12
    let bottom = Self.top + Double(bars.count) * Self.rowHeight
    var picture = SVGPicture(
      width: left + Self.plotWidth + right + 16, height: bottom + (axisTitle.isEmpty ? 30 : 50), title: title)
    picture.heading(x: 16)
    let scale = Self.plotWidth / (range.upperBound - range.lowerBound)
    func x(_ value: Double) -> Double {
      left + (min(max(value, range.lowerBound), range.upperBound) - range.lowerBound) * scale
    }
    for tick in ticks.values {
      picture.line(x1: x(tick), y1: Self.top, x2: x(tick), y2: bottom, stroke: SVGPicture.Ink.grid)
      picture.text(
        ticks.label(tick), x: x(tick), y: bottom + 16, size: SVGPicture.FontSize.tick, anchor: .middle)
    }
    for (row, bar) in bars.enumerated() {
      let middle = Self.top + (Double(row) + 0.5) * Self.rowHeight
      picture.text(labels[row], x: left - 10, y: middle + 4, size: size, anchor: .end)
      picture.text(
        values[row], x: left + Self.plotWidth + right, y: middle + 4, size: size, anchor: .end)
      draw(bar, in: &picture, middle: middle, x)
    }
    picture.line(x1: x(0), y1: Self.top, x2: x(0), y2: bottom, stroke: SVGPicture.Ink.axis)
    if !axisTitle.isEmpty {
      let shown = TextWidth.cut(axisTitle, to: Self.plotWidth, size: size)
      picture.text(shown, x: left + Self.plotWidth / 2, y: bottom + 36, size: size, anchor: .middle)
    }
    return picture.text
  }

  private func draw(_ bar: Bar, in picture: inout SVGPicture, middle: Double, _ x: (Double) -> Double) {
    guard bar.value.isFinite else { return }
    let (from, to) = (x(min(bar.value, 0)), x(max(bar.value, 0)))
    picture.rectangle(
      x: from, y: middle - Self.barHeight / 2, width: to - from, height: Self.barHeight,
      fill: bar.value < 0 ? Self.negative : Self.positive)
    guard let interval = bar.interval, !interval.lowerBound.isNaN, !interval.upperBound.isNaN else { return }
    let (low, high) = (x(interval.lowerBound), x(interval.upperBound))
    picture.line(x1: low, y1: middle, x2: high, y2: middle, stroke: SVGPicture.Ink.text, width: 1.2)
    for end in [low, high] {
      picture.line(x1: end, y1: middle - 4, x2: end, y2: middle + 4, stroke: SVGPicture.Ink.text, width: 1.2)
    }
  }
}
