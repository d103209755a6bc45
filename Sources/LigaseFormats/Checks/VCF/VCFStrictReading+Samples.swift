extension VCFStrictReading {
  /// Checks FORMAT: colon-separated keys, GT first; its rules are stored as long as FORMAT stays the same.
  mutating func takeFormat(_ field: Bytes) {
    if formatText.count == field.count, field.elementsEqual(formatText) { return }
    formatText = Array(field)
    formatFields.removeAll()
    (phaseFields, hasCopyNumber) = (nil, false)
    isFormatMissing = field.spells(".")
    repeatsGenotype = false
    if isFormatMissing { return }
    // Problems are reported for the first of consecutive records with this FORMAT.
    let keys = field.split(separator: 0x3A, omittingEmptySubsequences: false).map { Bytes(rebasing: $0) }
    findPhaseFields(keys)
    for (i, key) in keys.enumerated() {
      if key.isEmpty {
        add("format-key", column: 9, "found nothing between colons, expected a key")
      } else if key.spells("GT"), i > 0 {
        if formatFields.first == genotypeIndex {
          repeatsGenotype = true
        } else {
          add("genotype-first", column: 9, "found GT after another key, expected it first")
        }
      }
      let index = formatRules.index(key) ?? undefinedFormat(key)
      if let index, formatFields.contains(index), !(key.spells("GT") && repeatsGenotype) {
        add("duplicate-format", column: 9, "found \(FormatError.quoted(key)) twice, expected each key once")
      }
      formatFields.append(index ?? -1)
      if minor < 3, !key.allSatisfy({ VCFValues.isLetter($0) || $0 >= 0x30 && $0 <= 0x39 }) {
        add("format-key", column: 9, "found \(FormatError.quoted(key)), expected letters and digits")
      }
    }
    checkLocalOrder(keys)
    if repeatsGenotype {
      add("repeated-genotype", .warning, column: 9, "found GT twice; the first one counts")
    }
  }

  private var genotypeIndex: Int? {
    let key: StaticString = "GT"
    return formatRules.index(Bytes(start: key.utf8Start, count: 2))
  }

  private mutating func undefinedFormat(_ key: Bytes) -> Int? {
    if key.isEmpty { return nil }
    if minor >= 3, !VCFValues.isKey(key) {
      add("format-key", column: 9, "found \(FormatError.quoted(key)), expected letters, digits, '_' and '.'")
    }
    addUndefined("undefined-format", key) { "found \($0) without a ##FORMAT" }
    return formatRules.rules.count > 100_000 ? nil : formatRules.set(Array(key), VCFFieldRule())
  }

  /// Checks the sample columns.
  mutating func takeSamples(_ text: Bytes, isEmpty: Bool) {
    guard let sampleCount else { return }
    var found = 0
    var i = 0
    // Fast path for a genotype alone: two digits that are alleles, and a separator.
    let isGenotypeFirst = formatFields.first.map { $0 == genotypeIndex } ?? false
    let isGenotypeOnly = isGenotypeFirst && formatFields.count == 1
    let digits = UInt8(min(9, alternateCount))
    while !isEmpty {
      let start = i
      if isGenotypeFirst, start &+ 3 <= text.count,
        text[start] &- 0x30 <= digits, text[start &+ 2] &- 0x30 <= digits,
        text[start &+ 1] == 0x7C || text[start &+ 1] == 0x2F
      {
        let end = start &+ 3
        if end == text.count || text[end] == 0x09 {
          i = end
          found &+= 1
          if i == text.count { break }
          i &+= 1
          continue
        }
        if !isGenotypeOnly, text[end] == 0x3A, !repeatsGenotype, phaseFields == nil {
          i = takeFields(text, end &+ 1, field: 1, ploidy: 2, column: 10 &+ found)
          found &+= 1
          if i == text.count { break }
          i &+= 1
          continue
        }
      }
      i = takeSample(text, start, isGenotypeFirst, column: 10 &+ found)
      if let phaseFields {
        checkPhaseSets(text.part(start, i), phaseFields, hasGenotype: isGenotypeFirst, column: 10 &+ found)
      }
      found &+= 1
      if i == text.count { break }
      i &+= 1
    }
    if found != sampleCount {
      add("column-count", "found the fields of \(found) samples, expected \(sampleCount)")
    }
  }

  /// Checks one sample whose text begins at `start` and returns its end.
  private mutating func takeSample(_ text: Bytes, _ start: Int, _ hasGenotype: Bool, column: Int) -> Int {
    var end = start
    while end < text.count, text[end] != 0x09 { end &+= 1 }
    let sample = text.part(start, end)
    if sample.isEmpty {
      add("sample-value", column: column, "found an empty field, expected values or '.'")
      return end
    }
    if isFormatMissing {
      if !sample.spells(".") {
        add(
          "values-without-format", .warning, column: column,
          "found \(FormatError.quoted(sample)) where FORMAT is '.', expected '.'")
      }
      return end
    }
    if !hasGenotype { return takeFields(text, start, field: 0, ploidy: nil, column: column) }
    var colon = start
    while colon < end, text[colon] != 0x3A { colon &+= 1 }
    let genotype = text.part(start, colon)
    let ploidy = takeGenotype(genotype, column: column)
    if colon == end { return end }
    if repeatsGenotype { checkRepeats(text.part(start, end), genotype, column: column) }
    return takeFields(text, colon &+ 1, field: 1, ploidy: ploidy, column: column)
  }

  /// Checks that repeated GT fields are equal.
  private mutating func checkRepeats(_ sample: Bytes, _ genotype: Bytes, column: Int) {
    for (i, value) in sample.split(separator: 0x3A, omittingEmptySubsequences: false).enumerated()
    where i > 0 && i < formatFields.count && formatFields[i] == genotypeIndex {
      if !value.elementsEqual(genotype), !Bytes(rebasing: value).spells(".") {
        add("duplicate-format", column: column, "found two genotypes that differ, expected one")
      }
    }
  }

  /// Checks a genotype and returns its ploidy, nil if it is unknown.
  ///
  ///     GT     = [ "/" | "|" ] allele { ( "/" | "|" ) allele }   (the leading mark from 4.4 on)
  ///     allele = "." | number
  private mutating func takeGenotype(_ text: Bytes, column: Int) -> Int? {
    let alternateCount = alternateCount
    var ploidy = 0
    var i = 0
    var isKnown = false
    if minor >= 4, text.count > 1, text[0] == 0x7C || text[0] == 0x2F { i = 1 }
    while true {
      let start = i
      var allele = 0
      while i < text.count, text[i] &- 0x30 <= 9 {
        if allele < 1 << 40 { allele = allele &* 10 &+ Int(text[i] &- 0x30) }
        i &+= 1
      }
      if i > start {
        isKnown = true
        if allele > alternateCount {
          let isLone = !hasAlternates && allele == 1
          add(
            isLone ? "allele-without-alternate" : "genotype-allele", isLone ? .warning : .error,
            column: column,
            "found allele \(allele) in \(FormatError.quoted(text)), expected \(alternateCount) at most")
        }
      } else if i < text.count, text[i] == 0x2E {
        i &+= 1
      } else {
        add(
          "genotype", column: column,
          "found \(FormatError.quoted(text)), expected alleles separated by '/' or '|'")
        return nil
      }
      ploidy &+= 1
      if i == text.count { break }
      guard text[i] == 0x7C || text[i] == 0x2F else {
        add(
          "genotype", column: column,
          "found \(FormatError.quoted(text)), expected alleles separated by '/' or '|'")
        return nil
      }
      i &+= 1
    }
    // One dot may be a missing genotype of any ploidy.
    return ploidy == 1 && !isKnown ? nil : ploidy
  }
}
