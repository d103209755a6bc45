import LigaseFormats
import LigaseReports
import TestSupport
import Testing

/// Whether the elements of a picture are closed in the order in which they are opened, and no text contains markup.
private func isWellFormed(_ svg: String) -> Bool {
  var open: [Substring] = []
  var rest = svg[...]
  while let start = rest.firstIndex(of: "<") {
    guard let end = rest[start...].firstIndex(of: ">") else { return false }
    let tag = rest[rest.index(after: start)..<end]
    if tag.contains("<") || rest[..<start].contains(">") { return false }
    let name = tag.prefix { $0 != " " && $0 != "/" }
    if tag.hasPrefix("/") {
      if open.popLast() != tag.dropFirst() { return false }
    } else if !tag.hasSuffix("/") {
      open.append(name)
    }
    rest = rest[rest.index(after: end)...]
  }
  return open.isEmpty && !rest.contains(">") && !svg.contains("nan") && !svg.contains("inf")
}

@Suite struct SVGTests {
  private let nasty = "<script>alert(\"x\")</script> & 'y' \u{0}\u{1B}\n日本 ✂"

  @Test func textIsNeverMarkup() {
    #expect(
      SVGPicture.escaped("a<b>&\"c'\td\u{0}\u{FFFE}é")
        == "a&lt;b&gt;&amp;&quot;c&#39; d\u{FFFD}\u{FFFD}é")
    var picture = SVGPicture(width: 10, height: 20, title: nasty)
    picture.text(nasty, x: 1, y: 2, size: 3, colour: "\"/><x")
    #expect(isWellFormed(picture.text) && !picture.text.contains("<script") && !picture.text.contains("<x"))
    #expect(!isWellFormed("<a><b></a></b>") && !isWellFormed("<a>") && !isWellFormed("a > b"))
  }

  @Test func numbersAreShortAndFixed() {
    let coordinates: [(Double, String)] = [
      (0, "0"), (-0.001, "0"), (12.5, "12.5"), (12.345, "12.35"), (-3, "-3"), (.nan, "0"),
      (1e300, "10000000"),
      (0.1 + 0.2, "0.3"),
    ]
    for (value, text) in coordinates { #expect(NumberText.coordinate(value) == text) }
    let short: [(Double, String)] = [
      (0, "0"), (0.1234, "0.123"), (45.67, "45.7"), (1230, "1230"), (-0.5, "-0.5"), (1.2e-7, "1.2e-07"),
      (6.02214e23, "6.02e+23"), (.infinity, "NA"), (9.999e-8, "1e-07"),
      (Double.leastNonzeroMagnitude, "4.94e-324"),
      (0.0002, "0.0002"),
      (999_999, "999999"), (-1.7976931348623157e308, "-1.8e+308"),
    ]
    for (value, text) in short { #expect(NumberText.short(value) == text) }
    #expect(NumberText.fixed(1.005, decimals: 1) == "1.0" && NumberText.fixed(-0.04, decimals: 1) == "0.0")
    #expect(NumberText.fixed(999_999_999.5, decimals: 9) == "999999999.500000000")
  }

  @Test func ticksAreRound() {
    #expect(AxisTicks(0...2, count: 4).values == [0, 0.5, 1, 1.5, 2])
    let small = AxisTicks(-0.034...0.071)
    #expect(small.values.map(small.label) == ["-0.02", "0.00", "0.02", "0.04", "0.06"])
    let large = AxisTicks(0...4.2e7)
    #expect(large.values.map(large.label) == ["0", "1e+07", "2e+07", "3e+07", "4e+07"])
    for range in [
      1...1, -Double.leastNonzeroMagnitude...Double.leastNonzeroMagnitude, -1e300...1e300,
      1...1.000_000_000_000_000_2, 0...1e-250,
    ] {
      let ticks = AxisTicks(range)
      #expect(1...12 ~= ticks.values.count && ticks.values.allSatisfy(\.isFinite))
      _ = ticks.values.map(ticks.label)
    }
  }

  @Test func longTextIsCut() {
    #expect(TextWidth.cut("short", to: 100, size: 12) == "short")
    let cut = TextWidth.cut("a rather long label of a bar", to: 60, size: 12)
    #expect(cut.hasSuffix("…") && cut.count > 5 && TextWidth.of(cut, size: 12) <= 60)
    #expect(TextWidth.cut("abc", to: 0, size: 12) == "…" && TextWidth.of("", size: 12) == 0)
    // Ten digits of 0.556, and a sixth more.
    #expect(abs(TextWidth.of("0123456789", size: 10) - 55.6 * 7 / 6) < 1e-9)
  }

  @Test func logosHaveLettersInProportion() {
    let motif = Motif(name: "m", frequencies: [1, 0, 0, 0, 0.25, 0.25, 0.25, 0.25, 0, 0.5, 0, 0.5])
    let logo = SequenceLogo(motif, title: nasty), svg = logo.svg
    #expect(logo.heights == [2, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0, 0.5] && logo.range == 0...2)
    #expect(isWellFormed(svg) && svg.split(separator: "<path").count == 1 + 3)
    #expect(svg == SequenceLogo(motif, title: nasty).svg)
    // The only letter of the first column is as high as the axis, 130 pixels.
    #expect(svg.contains("scale(22.000 130.000)"))
    let signed = SequenceLogo(contributions: [0.5, 0, -0.25, .nan, 0, 0, 0, .infinity], title: "c")
    #expect(
      signed.range == -0.25...0.5 && isWellFormed(signed.svg) && signed.svg.contains("scale(22.000 -43.333)"))
    for contributions in [[], [0, 0, 0, 0], [Float](repeating: .greatestFiniteMagnitude, count: 8)] {
      #expect(isWellFormed(SequenceLogo(contributions: contributions, title: "").svg))
    }
    #expect(isWellFormed(SequenceLogo(Motif(name: "", frequencies: []), title: "").svg))
  }

  @Test func barsPointToTheirSides() {
    let chart = BarChart(
      title: nasty, axisTitle: "x",
      bars: [
        .init("a", 2, interval: 1...3), .init("b", -1), .init(String(repeating: "long ", count: 90), .nan),
        .init(nasty, 0, interval: -Double.infinity...Double.infinity),
      ])
    let svg = chart.svg
    #expect(isWellFormed(svg) && svg.contains("…</text>") && svg.contains(">NA</text>"))
    // The axis is 360 pixels for -1 to 3, so that the bars are 180 and 90 wide.
    #expect(svg.contains("width=\"180\" height=\"15\"") && svg.contains("width=\"90\" height=\"15\""))
    #expect(svg == chart.svg)
    for values in [
      [], [0], [Double.nan], [1e308, -1e308], [Double.leastNonzeroMagnitude], [Double.infinity],
    ] {
      #expect(isWellFormed(BarChart(title: "", bars: values.map { .init("x", $0) }).svg))
    }
  }

  @Test func cellsHaveTheColoursOfTheirNumbers() {
    #expect(ColourScale.diverging.colour(0) == "#2166ac" && ColourScale.diverging.colour(0.5) == "#f7f7f7")
    #expect(ColourScale.diverging.colour(1) == "#b2182b" && ColourScale.sequential.colour(7) == "#08306b")
    #expect(ColourScale.diverging.range(of: [-1, 3, .nan]) == -3...3)
    #expect(ColourScale.sequential.range(of: [2, 2]) == 2...4)
    let map = HeatMap(
      title: nasty, rowLabels: ["r", nasty], columnLabels: ["a", "b", nasty],
      values: [-1, -1, 0, 1, .nan, 0.5],
      scale: .diverging, legendTitle: nasty)
    let svg = map.svg
    #expect(isWellFormed(svg) && svg == map.svg)
    // The two equal cells are one rectangle.
    #expect(svg.contains("width=\"52\" height=\"26\" fill=\"#2166ac\""))
    #expect(svg.contains("width=\"26\" height=\"26\" fill=\"#d9d9d9\""))
    for values in [[Double.nan], [0], [1e308], [-Double.infinity]] {
      for scale in ColourScale.allCases {
        let one = HeatMap(title: "", rowLabels: [""], columnLabels: [""], values: values, scale: scale)
        #expect(isWellFormed(one.svg))
      }
    }
    #expect(isWellFormed(HeatMap(title: "", rowLabels: [], columnLabels: [], values: []).svg))
    let wide = HeatMap(
      title: "w", rowLabels: ["r"], columnLabels: (0..<1000).map { "c\($0)" },
      values: .init(repeating: 1, count: 1000))
    #expect(isWellFormed(wide.svg) && wide.svg.split(separator: ">c").count < 300)
  }
}
