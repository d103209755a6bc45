extension VCFStrictReading {
  /// Checks INFO: `key[=value[,value…]]` separated by semicolons, or `.`.
  mutating func takeInfo(_ field: Bytes) {
    hasEnd = false
    if hasStructuralValue {
      for index in structuralValues.indices { structuralValues[index] = nil }
      hasStructuralValue = false
    }
    if field.spells(".") { return }
    if minor < 3, field.hasBlank {
      add(
        "info", column: 8, "found a blank in \(FormatError.quoted(field)), expected none before version 4.3")
    }
    if field.isEmpty { return add("info", column: 8, "found an empty field, expected '.' or key=value") }
    var i = 0
    while i <= field.count {
      let start = i
      while i < field.count, field[i] != 0x3B, field[i] != 0x3D { i &+= 1 }
      let key = field.part(start, i)
      if i < field.count, field[i] == 0x3D {
        let valueStart = i &+ 1
        i = valueStart
        while i < field.count, field[i] != 0x3B { i &+= 1 }
        takeEntry(key, field.part(valueStart, i))
      } else {
        takeEntry(key, nil)
      }
      i &+= 1
    }
  }

  private mutating func takeEntry(_ key: Bytes, _ value: Bytes?) {
    if key.isEmpty {
      let found = value == nil ? "nothing between semicolons" : "a value without a key"
      return add("info", column: 8, "found \(found), expected key=value")
    }
    guard let index = infoRules.index(key) ?? undefinedInfo(key) else { return }
    let rule = infoRules.rules[index]
    if infoRules.lastRecord[index] == problems.seenRecordCount {
      add(
        "duplicate-info", minor >= 3 ? .error : .warning, column: 8,
        "found \(FormatError.quoted(key)) twice, expected each key once")
    }
    infoRules.lastRecord[index] = problems.seenRecordCount
    if let structural = rule.structural, let value {
      structuralValues[structural.rawValue] = value
      hasStructuralValue = true
    }
    if rule.extent == .end { hasEnd = true }
    if !rule.isKnown { return }
    guard let value else {
      if rule.type != .flag, rule.count != .exactly(0) {
        add("info-value", column: 8, "found \(FormatError.quoted(key)) without a value, expected one")
      }
      return
    }
    if rule.type == .flag { return takeFlag(key, value) }
    if value.isEmpty {
      return add("info-value", column: 8, "found \(FormatError.quoted(key)) with an empty value")
    }
    if value.spells(".") { return }
    // Quoted text may contain commas.
    let isQuoted =
      rule.type == .string && value.count > 1 && value[0] == 0x22 && value[value.count - 1] == 0x22
    let count = isQuoted ? 1 : takeValues(value, rule, key, column: 8, name: "info")
    guard let expected = expectedCount(rule.count) else { return }
    if count != expected {
      add(
        "info-count", column: 8,
        "found \(count) values of \(FormatError.quoted(key)), expected \(expected)")
    }
  }

  /// Checks a flag with a value; older files write membership as `DB=1`.
  private mutating func takeFlag(_ key: Bytes, _ value: Bytes) {
    let isSwitch = value.spells("0") || value.spells("1")
    add(
      isSwitch ? "flag-switch" : "info-value", isSwitch ? .warning : .error, column: 8,
      "found \(FormatError.quoted(key)) with the value \(FormatError.quoted(value)), expected a flag to have none"
    )
  }

  /// Checks each of the comma-separated values and returns their number.
  @inline(__always)
  mutating func takeValues(
    _ text: Bytes, _ rule: VCFFieldRule, _ key: Bytes, column: Int, name: StaticString
  ) -> Int {
    var count = 0
    var start = 0
    var i = 0
    while true {
      while i < text.count, text[i] != 0x2C { i &+= 1 }
      count &+= 1
      if i == start {
        if !rule.allowsEmpty { addValue(name, key, column, "nothing between commas", "a value or '.'") }
      } else if rule.type != .string || rule.extent != .any, !(i == start &+ 1 && text[start] == 0x2E) {
        let value = text.part(start, i)
        if let fault = VCFValues.fault(value, rule, position: position) {
          addValue(
            name, key, column, FormatError.quoted(value),
            fault == .type ? VCFStrictReading.type(rule.type, value) : VCFStrictReading.extents(rule.extent))
        }
      }
      if i == text.count { return count }
      i &+= 1
      start = i
    }
  }

  private mutating func addValue(
    _ name: StaticString, _ key: Bytes, _ column: Int, _ found: String, _ expected: String
  ) {
    add("\(name)-type", column: column, "found \(found) in \(FormatError.quoted(key)), expected \(expected)")
  }

  /// Returns the expected kind of value for a type; for a whole number, also its range.
  private static func type(_ type: VCF.ValueType, _ value: Bytes) -> String {
    let digits = value.dropFirst(value.first == 0x2D || value.first == 0x2B ? 1 : 0)
    guard type == .integer, !digits.isEmpty, digits.allSatisfy({ $0 &- 0x30 <= 9 }) else {
      return type.rawValue
    }
    return "Integer from \(Int32.min + 8) to \(Int32.max) (\(Int32.min) to \(Int32.min + 7) are reserved)"
  }

  private static func extents(_ extent: VCFFieldRule.Extent) -> String {
    switch extent {
    case .notNegative: "a number from 0 up"
    case .fraction: "a number from 0 to 1"
    case .end: "a position that is not before POS"
    default: "another value"
    }
  }

  /// Returns the number of values required for the alleles of this record; nil if any number is valid. INFO
  /// has no ploidy, and a record without alternates has no number to compare.
  @inline(__always)
  func expectedCount(_ count: VCFFieldRule.Count) -> Int? {
    switch count {
    case .exactly(let number): number
    case .perAlternate: hasAlternates ? alternateCount : nil
    case .perAllele: hasAlternates ? alternateCount + 1 : nil
    default: nil
    }
  }

  private mutating func undefinedInfo(_ key: Bytes) -> Int? {
    if !VCFValues.isKey(key), !key.spells("1000G") {
      add(
        "info-key", minor >= 3 || key.hasBlank ? .error : .warning, column: 8,
        "found the key \(FormatError.quoted(key)), expected letters, digits, '_' and '.'")
    }
    addUndefined("undefined-info", key) { "found \($0) without a ##INFO" }
    return infoRules.rules.count > 100_000
      ? nil : infoRules.set(Array(key), VCFFieldRule().forInfo(Array(key), minor: minor))
  }
}
