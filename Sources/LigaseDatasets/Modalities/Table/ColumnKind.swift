import LigaseFormats

/// The kind of a column of a clinical table.
package enum ColumnKind: Codable, Hashable, Sendable {
  /// Numbers.
  case number
  /// Yes or no, in one of the spellings of ``BooleanText``.
  case boolean
  /// One of several names.
  case category
  /// One of several names in an order, from low to high.
  case ordered([String])
  /// A column that is not read.
  case skipped

  /// Reads `number`, `boolean`, `category`, `skip` or `ordered:low<middle<high`.
  package init?(_ text: String) {
    switch text {
    case "number": self = .number
    case "boolean": self = .boolean
    case "category": self = .category
    case "skip": self = .skipped
    default:
      guard text.hasPrefix("ordered:") else { return nil }
      let levels = text.dropFirst("ordered:".count).split(separator: "<", omittingEmptySubsequences: false)
        .map { $0.trimmed }
      guard levels.count > 1, !levels.contains(""), Set(levels).count == levels.count else { return nil }
      self = .ordered(levels)
    }
  }

  /// The kind in a word.
  package var word: String {
    switch self {
    case .number: "number"
    case .boolean: "boolean"
    case .category: "category"
    case .ordered: "ordered"
    case .skipped: "skip"
    }
  }
}

/// The spellings of yes and no.
enum BooleanText {
  private static let values = [
    "yes": true, "no": false, "true": true, "false": false, "y": true, "n": false, "t": true, "f": false,
    "1": true, "0": false,
  ]

  /// The value of a text, whatever the case of its letters.
  static func value(_ text: String) -> Bool? { values[text.lowercased()] }
}

/// Numbers with thousands separators: `1,234.5`.
enum GroupedNumber {
  /// The text without its separators; nil where the commas do not part groups of three digits.
  static func plain(_ text: String) -> String? {
    guard text.utf8.contains(0x2C) else { return nil }
    let isNegative = text.hasPrefix("-"), digits = isNegative ? text.dropFirst() : text[...]
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let groups = parts[0].split(separator: ",", omittingEmptySubsequences: false)
    func areDigits(_ text: Substring) -> Bool { text.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
    guard groups.allSatisfy(areDigits), 1...3 ~= groups[0].count,
      groups.dropFirst().allSatisfy({ $0.count == 3 }),
      parts.count == 1 || areDigits(parts[1])
    else { return nil }
    return (isNegative ? "-" : "") + groups.joined() + (parts.count > 1 ? "." + parts[1] : "")
  }
}

/// Calendar dates as text.
enum DateText {
  /// Whether a text is a date: `2024-05-31`, `31.05.2024`, `5/31/2024`, with or without a time of day.
  static func isDate(_ text: String) -> Bool {
    let day = text.split(whereSeparator: { $0 == " " || $0 == "T" }).first ?? ""
    for separator in ["-", "/", "."] as [Character] {
      let parts = day.split(separator: separator, omittingEmptySubsequences: false)
      guard parts.count == 3, parts.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }) else { continue }
      let counts = parts.map(\.count)
      if counts[0] == 4, 1...2 ~= counts[1], 1...2 ~= counts[2] { return true }
      if 1...2 ~= counts[0], 1...2 ~= counts[1], counts[2] == 4 || counts[2] == 2 { return true }
    }
    return false
  }
}

/// Names that have an order of their own.
enum KnownOrders {
  private static let all: [[String]] = [
    ["i", "ii", "iii", "iv", "v"], ["low", "medium", "high"], ["low", "moderate", "high"],
    ["low", "middle", "high"], ["low", "mid", "high"],
    ["low", "intermediate", "high"], ["none", "mild", "moderate", "severe"], ["small", "medium", "large"],
    ["never", "former", "current"], ["g1", "g2", "g3", "g4"], ["t0", "t1", "t2", "t3", "t4"],
    ["n0", "n1", "n2", "n3"], ["m0", "m1"],
    ["well differentiated", "moderately differentiated", "poorly differentiated"],
  ]

  /// The levels in their order, where all of them stand in one known order; at least three, as two need none.
  static func order(_ levels: [String]) -> [String]? {
    guard levels.count > 2, Set(levels.map { $0.lowercased() }).count == levels.count else { return nil }
    for order in all {
      let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
      let places = levels.map { place[$0.lowercased()] }
      guard places.allSatisfy({ $0 != nil }) else { continue }
      return levels.indices.sorted { places[$0]! < places[$1]! }.map { levels[$0] }
    }
    return nil
  }
}
