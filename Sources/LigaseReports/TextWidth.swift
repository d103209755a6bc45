/// The width that text takes at most.
///
/// Widths are those of Helvetica and Arial, and a sixth more, because the fonts that replace them where they are absent, such as DejaVu
/// Sans, are wider.
///
/// Source: Adobe Font Metrics of Helvetica. Characters beyond ASCII are estimated.
package enum TextWidth {
  /// Widths of the characters from the space to `~` in thousandths of the font size.
  private static let ascii: [Int] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
  ]

  private static func thousandths(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    if 32..<127 ~= scalar.value { return ascii[Int(scalar.value) - 32] }
    if character == "…" { return 1000 }
    // Scripts from Hangul on, such as those of East Asia, and symbols are as wide as high.
    return scalar.value < 0x1100 ? 600 : 1000
  }

  /// Returns the width of text in the unit of the font size.
  package static func of(_ text: String, size: Double) -> Double {
    Double(text.reduce(0) { $0 + thousandths($1) }) * size / 1000 * (1 + 1.0 / 6)
  }

  /// Returns `text`, or its beginning with an ellipsis if it is wider than `width`.
  package static func cut(_ text: String, to width: Double, size: Double) -> String {
    if of(text, size: size) <= width { return text }
    var used = of("…", size: size)
    var kept = ""
    for character in text {
      used += of(String(character), size: size)
      if used > width { break }
      kept.append(character)
    }
    while kept.last == " " { kept.removeLast() }
    return kept + "…"
  }
}
