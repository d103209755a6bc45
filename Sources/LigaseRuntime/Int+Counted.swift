extension Int {
  /// Returns the number with its noun: `1 cell line`, `2 cell lines`, `35,032 parameters`.
  package func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }

  /// The number with one of two nouns: `2 categories`.
  package func counted(_ noun: String, _ plural: String) -> String {
    "\(grouped) \(self == 1 ? noun : plural)"
  }

  /// Returns the number with the name of a column as its noun: `80 cell lines` for the column `cell_line`.
  package func counted(column: String) -> String {
    let noun = column.split(separator: "_").joined(separator: " ")
    return noun.hasSuffix("s") ? "\(grouped) \(noun)" : counted(noun)
  }

  /// The digits in groups of three: `35,032`.
  package var grouped: String {
    let digits = String(magnitude)
    var text = ""
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.count - i) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + text
  }
}
