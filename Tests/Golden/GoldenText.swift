/// Compares the output of the command with the committed output: names, classes, counts and order exactly,
/// numbers with a decimal point or an exponent within a tolerance, because different processors round
/// differently.
enum GoldenText {
  /// Returns the difference of two texts: nil where each number is within `tolerance · max(1, |expected|)` of
  /// the expected one and everything else is equal.
  ///
  /// - Parameter allowsTies: whether a row may name another class where its two largest numbers are within twice the
  ///   tolerance of each other.
  static func difference(
    _ found: String, _ expected: String, tolerance: Double, allowsTies: Bool = false
  ) -> String? {
    if found == expected { return nil }
    let (foundLines, expectedLines) = (lines(found), lines(expected))
    guard foundLines.count == expectedLines.count else {
      return "found \(foundLines.count) lines, expected \(expectedLines.count)"
    }
    for (number, (a, b)) in zip(foundLines, expectedLines).enumerated() where a != b {
      let (a, b) = (words(a), words(b))
      let isTie = allowsTies && isTied(b, within: 2 * tolerance)
      let isSame =
        a.count == b.count
        && zip(a, b).allSatisfy { x, y in
          guard isDecimal(x) || isDecimal(y), let x = Double(x), let y = Double(y) else {
            return x == y || isTie && Double(y) == nil
          }
          return abs(x - y) <= tolerance * max(1, abs(y))
        }
      if !isSame {
        return "line \(number + 1): found \(a.joined(separator: " ")), expected \(b.joined(separator: " "))"
      }
    }
    return nil
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The words and numbers of a line.
  private static func words(_ line: Substring) -> [Substring] {
    line.split { " \t,;=()[]{}\"".contains($0) }
  }

  /// Returns whether a word may be a number that differs in its last digits; whole numbers are counts and
  /// names.
  private static func isDecimal(_ word: Substring) -> Bool { word.contains(".") || word.contains("e") }

  /// Returns whether the two largest numbers of a row of probabilities are nearly equal, or one of two labels
  /// is near its threshold.
  private static func isTied(_ words: [Substring], within margin: Double) -> Bool {
    let numbers = words.filter(isDecimal).compactMap { Double($0) }.sorted(by: >)
    guard numbers.count > 1 else { return false }
    return numbers[0] - numbers[1] <= margin || numbers.contains { abs($0 - 0.5) <= margin }
  }
}
