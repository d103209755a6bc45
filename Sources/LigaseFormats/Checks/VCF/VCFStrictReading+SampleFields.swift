extension VCFStrictReading {
  /// Checks the fields of a sample from the one at `start`, and returns the end of the sample.
  ///
  /// - Parameter ploidy: nil where no genotype determines it; then haploid and diploid counts are valid.
  mutating func takeFields(_ text: Bytes, _ start: Int, field: Int, ploidy: Int?, column: Int) -> Int {
    var i = start
    var field = field
    var localCount: Int?
    while true {
      let valueStart = i
      while i < text.count, text[i] != 0x3A, text[i] != 0x09 { i &+= 1 }
      if field >= formatFields.count {
        let count = formatFields.count
        add(
          "sample-fields", column: column,
          "found more than the \(count) fields of FORMAT, expected as many at most")
        while i < text.count, text[i] != 0x09 { i &+= 1 }
        return i
      }
      let value = text.part(valueStart, i)
      if value.isEmpty, isEmptyList(field, localCount) {
        // Without local alleles the list is empty.
        if formatRules.rules[formatFields[field]].extent == .localAlleles { localCount = 0 }
      } else if value.isEmpty {
        add(
          "sample-value", minor >= 5 ? .warning : .error, column: column,
          "found nothing between colons, expected a value or '.'")
      } else if !(value.count == 1 && value[0] == 0x2E) {
        let index = formatFields[field]
        if index >= 0, formatRules.rules[index].isKnown,
          !(field > 0 && repeatsGenotype && index == formatFields[0])
        {
          takeField(value, index, ploidy, &localCount, column: column)
        }
      } else if formatFields[field] >= 0, formatRules.rules[formatFields[field]].extent == .localAlleles {
        localCount = 0
      }
      if i == text.count || text[i] == 0x09 { return i }
      i &+= 1
      field &+= 1
    }
  }

  /// Returns whether an empty field is a list without values: LAA of a sample with only the reference allele
  /// (4.5), and the fields with a value for each local alternate allele.
  private func isEmptyList(_ field: Int, _ localCount: Int?) -> Bool {
    guard minor >= 5, formatFields[field] >= 0 else { return false }
    let rule = formatRules.rules[formatFields[field]]
    return rule.extent == .localAlleles || rule.count == .perLocalAlternate && localCount == 0
  }

  /// Checks that LAA precedes all other fields but GT where any of them needs it.
  mutating func checkLocalOrder(_ keys: [Bytes]) {
    guard minor >= 5, let place = keys.firstIndex(where: { $0.spells("LAA") }), place > 0 else { return }
    let needsIt = formatFields.contains { index in
      guard index >= 0 else { return false }
      let count = formatRules.rules[index].count
      return count == .perLocalAlternate || count == .perLocalAllele || count == .perLocalGenotype
    }
    if needsIt, place > 1 || !keys[0].spells("GT") {
      add("local-alleles", column: 9, "found LAA after other fields, expected it first or after GT")
    }
  }

  @inline(__always)
  private mutating func takeField(
    _ value: Bytes, _ index: Int, _ ploidy: Int?, _ localCount: inout Int?, column: Int
  ) {
    let rule = formatRules.rules[index]
    if rule.extent == .localAlleles {
      localCount = takeLocalAlleles(value, column: column)
      return
    }
    var count = 1
    if rule.type == .string, rule.extent == .any {
      if rule.count == .any { return }
      for byte in value { count &+= byte == 0x2C ? 1 : 0 }
    } else {
      count = formatRules.keys[index].withUnsafeBufferPointer {
        takeValues(value, rule, $0, column: column, name: "sample")
      }
    }
    checkCount(count, rule, index, ploidy, localCount, column: column)
  }

  private mutating func checkCount(
    _ count: Int, _ rule: VCFFieldRule, _ index: Int, _ ploidy: Int?, _ localCount: Int?, column: Int
  ) {
    var expected: Int?
    let keys = formatRules.keys
    switch rule.count {
    case .any: return
    case .exactly, .perAlternate, .perAllele: expected = expectedCount(rule.count)
    case .perGenotype:
      if !hasAlternates { return }
      expected = genotypeCount(alleles: alternateCount + 1, ploidy, found: count)
    case .perGenotypeAllele: expected = ploidy
    case .perLocalAlternate, .perLocalAllele, .perLocalGenotype:
      guard let localCount else {
        return add(
          "local-alleles", column: column,
          "found \(FormatError.quoted(keys[index])) without LAA, expected LAA before it")
      }
      expected =
        switch rule.count {
        case .perLocalAlternate: localCount
        case .perLocalAllele: localCount + 1
        default: genotypeCount(alleles: localCount + 1, ploidy, found: count)
        }
    }
    if let expected, count != expected {
      add(
        "sample-count", column: column,
        "found \(count) values of \(FormatError.quoted(keys[index])), expected \(expected)")
    }
  }

  /// Returns the number of genotypes; for an unknown ploidy, that of a ploidy which fits `found`.
  private func genotypeCount(alleles: Int, _ ploidy: Int?, found: Int) -> Int? {
    if let ploidy { return GenotypeOrder.count(alleles: alleles, ploidy: ploidy) }
    return found == alleles ? found : GenotypeOrder.count(alleles: alleles, ploidy: 2)
  }

  /// Checks LAA: distinct alternate alleles of the record.
  private mutating func takeLocalAlleles(_ value: Bytes, column: Int) -> Int {
    let alternateCount = alternateCount
    var seen: Set<Int> = []
    for slice in value.split(separator: 0x2C, omittingEmptySubsequences: false) {
      let number = VCFValues.integer(Bytes(rebasing: slice)) ?? 0
      if number < 1 || number > alternateCount || !seen.insert(number).inserted {
        add(
          "local-alleles", column: column,
          "found \(FormatError.quoted(value)), expected alternate alleles from 1 to \(alternateCount), each once"
        )
        break
      }
    }
    return value.reduce(1) { $0 + ($1 == 0x2C ? 1 : 0) }
  }
}
