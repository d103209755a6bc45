import LigaseRuntime

/// A matrix as coloured cells with the labels of rows and columns, and a legend of the colours. Missing numbers are grey.
package struct HeatMap: Sendable {
  /// What is above the cells.
  package var title: String
  package var rowLabels: [String]
  package var columnLabels: [String]
  /// The numbers, row by row; one that is not finite is missing.
  package let values: [Double]
  package var scale: ColourScale
  /// What the numbers are, above the legend.
  package var legendTitle: String

  /// - Parameter values: `[rows x columns]`, row by row.
  package init(
    title: String, rowLabels: [String], columnLabels: [String], values: [Double],
    scale: ColourScale = .sequential, legendTitle: String = ""
  ) {
    require(
      values.count == rowLabels.count * columnLabels.count,
      "HeatMap: \(values.count) values for \(rowLabels.count) rows and \(columnLabels.count) columns")
    self.title = title
    self.rowLabels = rowLabels
    self.columnLabels = columnLabels
    self.values = values
    self.scale = scale
    self.legendTitle = legendTitle
  }

  private static let top = 42.0
  private static let labelWidth = 180.0
  /// The size that the cells have together along an axis, as long as they stay between the smallest and the largest size.
  private static let plotSize = 620.0
  private static let cellSizes = 2.0...26.0
  private static let legendHeight = 140.0

  private static func cellSize(_ count: Int) -> Double {
    min(max((plotSize / Double(max(count, 1))).rounded(.down), cellSizes.lowerBound), cellSizes.upperBound)
  }

  /// The positions of the cells and of what is beside them.
  private struct Layout {
    var cellWidth, cellHeight, left, bottom, right: Double
    var rowLabels, columnLabels: [String]
    /// Labels are drawn for every so many rows and columns, so that they do not overlap.
    var rowStep, columnStep: Int
  }

  private var layout: Layout {
    let size = SVGPicture.FontSize.tick
    let rows = rowLabels.map { TextWidth.cut($0, to: Self.labelWidth, size: size) }
    let columns = columnLabels.map { TextWidth.cut($0, to: Self.labelWidth, size: size) }
    let width = Self.cellSize(columns.count), height = Self.cellSize(rows.count)
    // One of 1, 2, 5, 10, 20, 50 labels, with a distance of at least a line between two.
    func step(_ cell: Double, _ line: Double) -> Int {
      [1, 2, 5, 10, 20].first { Double($0) * cell >= line } ?? 50
    }
    let rowStep = step(height, size + 1), columnStep = step(width, (size + 1) * 1.4143)
    var left = 16 + (rows.map { TextWidth.of($0, size: size) }.max() ?? 0) + 6
    // A label under a column rises to the right at 45 degrees and ends at the column.
    for (column, label) in columns.enumerated() where (column + 1) % columnStep == 0 {
      left = max(left, 8 + TextWidth.of(label, size: size) * 0.7072 - (Double(column) + 0.5) * width)
    }
    return Layout(
      cellWidth: width, cellHeight: height, left: left, bottom: Self.top + Double(rows.count) * height,
      right: left + Double(columns.count) * width, rowLabels: rows, columnLabels: columns,
      rowStep: rowStep, columnStep: columnStep)
  }

  /// The picture as an SVG file.
  package var svg: String {
    let layout = layout, range = scale.range(of: values), ticks = AxisTicks(range)
    let size = SVGPicture.FontSize.tick
    let labelHeight = (layout.columnLabels.map { TextWidth.of($0, size: size) }.max() ?? 0) * 0.7072 + 22
    let tickWidth = ticks.values.map { TextWidth.of(ticks.label($0), size: size) }.max() ?? 0
    let legendTitle = TextWidth.cut(self.legendTitle, to: 160, size: size)
    let legend = max(24 + tickWidth, TextWidth.of(legendTitle, size: size))
    var picture = SVGPicture(
      width: layout.right + 28 + legend + 16,
      height: max(layout.bottom + labelHeight, Self.top + 18 + Self.legendHeight + 16), title: title)
    picture.heading(x: 16)
    drawCells(&picture, layout, range)
    drawLabels(&picture, layout)
    drawLegend(&picture, x: layout.right + 28, legendTitle, range, ticks)
    return picture.text
  }

  private func colour(_ value: Double, _ range: ClosedRange<Double>) -> String {
    scale.colour((value - range.lowerBound) / (range.upperBound - range.lowerBound))
  }

  /// Neighbours of one colour in a row are one rectangle.
  private func drawCells(_ picture: inout SVGPicture, _ layout: Layout, _ range: ClosedRange<Double>) {
    let count = columnLabels.count
    for row in rowLabels.indices {
      var start = 0
      while start < count {
        let fill = colour(values[row * count + start], range)
        var end = start + 1
        while end < count, colour(values[row * count + end], range) == fill { end += 1 }
        picture.rectangle(
          x: layout.left + Double(start) * layout.cellWidth,
          y: Self.top + Double(row) * layout.cellHeight, width: Double(end - start) * layout.cellWidth,
          height: layout.cellHeight, fill: fill, isCrisp: true)
        start = end
      }
    }
  }

  private func drawLabels(_ picture: inout SVGPicture, _ layout: Layout) {
    let size = SVGPicture.FontSize.tick
    for (row, label) in layout.rowLabels.enumerated() where (row + 1) % layout.rowStep == 0 {
      picture.text(
        label, x: layout.left - 6, y: Self.top + (Double(row) + 0.5) * layout.cellHeight + 4, size: size,
        anchor: .end)
    }
    for (column, label) in layout.columnLabels.enumerated() where (column + 1) % layout.columnStep == 0 {
      picture.text(
        label, x: layout.left + (Double(column) + 0.5) * layout.cellWidth + 4, y: layout.bottom + 12,
        size: size, anchor: .end, rotation: -45)
    }
  }

  private func drawLegend(
    _ picture: inout SVGPicture, x: Double, _ title: String, _ range: ClosedRange<Double>, _ ticks: AxisTicks
  ) {
    let size = SVGPicture.FontSize.tick, steps = 70
    let top = Self.top + (title.isEmpty ? 0 : 18)
    if !title.isEmpty { picture.text(title, x: x, y: Self.top + 8, size: size) }
    for step in 0..<steps {
      picture.rectangle(
        x: x, y: top + Double(step) * Self.legendHeight / Double(steps), width: 14,
        height: Self.legendHeight / Double(steps),
        fill: scale.colour(1 - (Double(step) + 0.5) / Double(steps)), isCrisp: true)
    }
    for tick in ticks.values {
      let y =
        top + (range.upperBound - tick) / (range.upperBound - range.lowerBound) * Self.legendHeight
      picture.line(x1: x + 14, y1: y, x2: x + 18, y2: y, stroke: SVGPicture.Ink.axis)
      picture.text(ticks.label(tick), x: x + 21, y: y + 4, size: size)
    }
  }
}
