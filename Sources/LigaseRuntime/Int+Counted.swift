extension Int {
  /// The number with its noun: `1 cell line`, `2 cell lines`, `35,032 parameters`.
  package func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }

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
