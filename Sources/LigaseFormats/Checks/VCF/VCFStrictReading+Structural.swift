/// The rules of structural variants that concern several fields, from 4.4 on.
extension VCFStrictReading {
  /// Checks the INFO values of the alternate alleles of a record.
  mutating func checkStructural(_ alternates: Bytes) {
    let alleles = alternates.split(separator: 0x2C, omittingEmptySubsequences: false).map {
      Bytes(rebasing: $0)
    }
    let kinds = hasAlternates ? alleles.map { VCFAlleleKind($0) } : []
    for key in [VCFStructuralKey.length, .claim] { checkCount(key, kinds.count) }
    checkLengths(kinds, alleles)
    checkClaims(kinds, alleles)
    checkIntervals(kinds.count)
    checkRepeats(kinds)
  }

  /// Returns the values of a key, nil where it is absent or missing as a whole; missing values are nil.
  func values(of key: VCFStructuralKey) -> [Bytes?]? {
    guard let value = structuralValues[key.rawValue], !value.spells("."), !value.isEmpty else { return nil }
    return value.split(separator: 0x2C, omittingEmptySubsequences: false).map {
      let part = Bytes(rebasing: $0)
      return part.isEmpty || part.spells(".") ? nil : part
    }
  }

  /// Returns the values of a key as numbers; an invalid number is missing here, because its type has been
  /// checked.
  func numbers(of key: VCFStructuralKey) -> [Double?]? {
    values(of: key)?.map { value in
      guard let value, case .success(let number) = DecimalNumber.double(value) else { return nil }
      return number
    }
  }

  /// Checks that SVLEN and SVCLAIM have a value for each alternate allele, whatever the header defines.
  private mutating func checkCount(_ key: VCFStructuralKey, _ alleleCount: Int) {
    guard alleleCount > 0, let values = values(of: key), values.count != alleleCount else { return }
    let name = key.name
    let index = infoRules.index(Bytes(start: name.utf8Start, count: name.utf8CodeUnitCount))
    // With a definition of one value per allele this has already been checked.
    if let index, infoRules.rules[index].isKnown, infoRules.rules[index].count == .perAlternate { return }
    add("info-count", column: 8, "found \(values.count) values of '\(name)', expected \(alleleCount)")
  }

  private mutating func checkLengths(_ kinds: [VCFAlleleKind], _ alleles: [Bytes]) {
    let lengths = values(of: .length) ?? []
    let known = kinds.indices.filter { $0 < lengths.count && lengths[$0] != nil }
    let copies = known.filter { [.deletion, .duplication, .copyNumber, .tandemRepeat].contains(kinds[$0]) }
    mixesLengths = Set(copies.map { VCFValues.integer(lengths[$0]!).map(abs) }).count > 1
    guard let index = kinds.indices.first(where: { kinds[$0].isSymbolic && !known.contains($0) }) else {
      return
    }
    // For compatibility with earlier versions, END determines the length.
    add(
      "structural-length", hasEnd ? .warning : .error, column: 8,
      "found \(FormatError.quoted(alleles[index])) without SVLEN, expected the length of the variant")
  }

  /// Checks that the copy number of a sample refers to alleles of one length.
  mutating func checkCopyNumber() {
    if mixesLengths, hasCopyNumber {
      add(
        "structural-length", column: 9,
        "found CN of alleles that differ in SVLEN, expected the same length of <CNV>, <DEL> and <DUP>")
    }
  }

  private mutating func checkClaims(_ kinds: [VCFAlleleKind], _ alleles: [Bytes]) {
    let claims = values(of: .claim) ?? []
    for (index, kind) in kinds.enumerated() {
      let claim = index < claims.count ? claims[index].map { String(decoding: $0, as: UTF8.self) } : nil
      let shown = FormatError.quoted(alleles[index])
      guard let claim else {
        if kind == .deletion || kind == .duplication {
          add("claim", column: 8, "found \(shown) without SVCLAIM, expected D, J or DJ")
        }
        continue
      }
      let isKnown = ["D", "J", "DJ"].contains(claim)
      if kind == .plain, isKnown {
        add("claim-of-other", .warning, column: 8, "found SVCLAIM \(claim) of \(shown), expected '.'")
      } else if !kind.claims.contains(claim) {
        let expected = kind.claims.isEmpty ? "'.'" : kind.claims.joined(separator: " or ")
        add(
          "claim", column: 8, "found SVCLAIM \(FormatError.quoted(claim)) of \(shown), expected \(expected)")
      }
    }
  }

  private mutating func checkIntervals(_ alleleCount: Int) {
    for (key, width) in [
      (VCFStructuralKey.positionInterval, 2), (.endInterval, 2), (.lengthInterval, 2), (.copyInterval, 2),
      (.mobileElement, 4), (.transduction, 4),
    ] {
      guard let values = values(of: key) else { continue }
      if alleleCount > 0, values.count != width * alleleCount {
        add(
          "info-count", column: 8,
          "found \(values.count) values of '\(key.name)', expected \(width) for each alternate allele, "
            + "\(width * alleleCount) in all")
      } else if width == 2, let numbers = numbers(of: key) {
        checkBounds(numbers, key, spansZero: key == .positionInterval || key == .endInterval)
      }
    }
  }

  /// Checks pairs of bounds: the lower one first, with 0 between them where they are differences.
  private mutating func checkBounds(_ bounds: [Double?], _ key: VCFStructuralKey, spansZero: Bool) {
    for place in stride(from: 0, to: bounds.count - 1, by: 2) {
      let (lower, upper) = (bounds[place], bounds[place + 1])
      if spansZero, lower ?? 0 > 0 || upper ?? 0 < 0 {
        return add(
          "interval", column: 8,
          "found an interval of '\(key.name)' without 0, expected a lower bound up to 0 and an upper one from 0"
        )
      }
      if let lower, let upper, lower > upper {
        return add(
          "interval", column: 8, "found the bounds of '\(key.name)' exchanged, expected the lower one first")
      }
    }
  }

  /// Checks `<CNV:TR>`: RN is the number of repeats of each allele, for which the other lists have a value
  /// each.
  private mutating func checkRepeats(_ kinds: [VCFAlleleKind]) {
    let lists: [VCFStructuralKey] = [
      .unitSequences, .unitLengths, .unitCounts, .repeatLengths, .unitCountIntervals, .repeatLengthIntervals,
      .singleUnitLengths, .repeatCount,
    ]
    guard kinds.contains(.tandemRepeat) || lists.contains(where: { values(of: $0) != nil }) else { return }
    let given = numbers(of: .repeatCount)
    // The count of RN is checked by its definition.
    if let given, given.count != kinds.count { return }
    let counts = kinds.indices.map { index in
      given.map { Int(min(1e9, max(0, $0[index] ?? 0))) } ?? (kinds[index] == .tandemRepeat ? 1 : 0)
    }
    if let index = counts.indices.first(where: { counts[$0] > 0 && kinds[$0] != .tandemRepeat }) {
      add(
        "repeats-of-other", .warning, column: 8,
        "found RN of alternate allele \(index + 1), expected it of <CNV:TR> alone")
    }
    let total = counts.reduce(0) { min(1 << 40, $0 + $1) }
    for key in lists.prefix(6) {
      let width = key == .unitCountIntervals || key == .repeatLengthIntervals ? 2 : 1
      guard let values = values(of: key), values.count != width * total else { continue }
      return add(
        "info-count", column: 8,
        "found \(values.count) values of '\(key.name)', expected \(width * total) by RN of all alleles")
    }
    checkUnits(kinds, counts)
    checkUncertainty(.unitCountIntervals, of: .unitCounts)
    checkUncertainty(.repeatLengthIntervals, of: .repeatLengths)
    checkSingleUnits(total)
  }

  /// Checks that units have a sequence or a length, and that both agree.
  private mutating func checkUnits(_ kinds: [VCFAlleleKind], _ counts: [Int]) {
    let (sequences, lengths) = (values(of: .unitSequences), numbers(of: .unitLengths))
    for sequence in sequences ?? [] {
      if let sequence, !sequence.allSatisfy({ VCFStrictReading.isNucleotide($0) }) {
        add(
          "tandem-repeat", column: 8,
          "found RUS \(FormatError.quoted(sequence)), expected IUPAC codes of nucleotides")
      }
    }
    var place = 0
    for (kind, count) in zip(kinds, counts) {
      if kind == .tandemRepeat, count == 0 {
        add("tandem-repeat", column: 8, "found <CNV:TR> without repeats, expected RN from 1 up")
      }
      for index in place..<place + min(count, max(sequences?.count ?? 0, lengths?.count ?? 0)) {
        let (sequence, length) = (sequences?[index], lengths?[index])
        if sequence == nil, length == nil, kind == .tandemRepeat {
          return add(
            "tandem-repeat", column: 8, "found a repeat of <CNV:TR> without RUS and RUL, expected one of them"
          )
        }
        if let sequence, let length, Double(sequence.count) != length {
          return add(
            "tandem-repeat", column: 8,
            "found RUL \(Int(max(-1, min(1e9, length)))) of RUS \(FormatError.quoted(sequence)), expected \(sequence.count)"
          )
        }
      }
      place += count
    }
    if sequences == nil, lengths == nil, kinds.contains(.tandemRepeat) {
      add("tandem-repeat", column: 8, "found <CNV:TR> without RUS and RUL, expected one of them")
    }
    if let sequences, let lengths, zip(sequences, lengths).contains(where: { $0 != nil && $1 != nil }) {
      add("unit-length", .warning, column: 8, "found RUL beside RUS, which says the same")
    }
    if numbers(of: .unitCounts)?.contains(where: { $0 ?? 0 < 0 }) == true {
      add("tandem-repeat", column: 8, "found RUC below 0, expected a number of at least 0")
    }
    checkTotals(sequences, lengths)
  }

  /// Checks that RB is about RUC times the length of the unit.
  private mutating func checkTotals(_ sequences: [Bytes?]?, _ lengths: [Double?]?) {
    guard let counts = numbers(of: .unitCounts), let bases = numbers(of: .repeatLengths) else { return }
    for index in counts.indices {
      let length = sequences?[index].map { Double($0.count) } ?? lengths?[index]
      guard let length, let count = counts[index], let bases = bases[index] else { continue }
      if abs(bases - length * count) > max(length, 0.1 * bases) {
        return add(
          "repeat-length", .warning, column: 8,
          "found RB \(Int(max(-1e9, min(1e9, bases)))) of \(count) units of \(Int(min(1e9, length))) bases, expected about their product"
        )
      }
    }
  }

  /// Checks that bounds are differences from a value that is present.
  private mutating func checkUncertainty(_ key: VCFStructuralKey, of nominal: VCFStructuralKey) {
    guard let bounds = numbers(of: key) else { return }
    let values = values(of: nominal)
    for (index, bound) in bounds.enumerated() where bound != nil {
      if values == nil || values?[index / 2] == nil {
        return add(
          "tandem-repeat", column: 8,
          "found '\(key.name)' of a repeat without '\(nominal.name)', expected it missing there")
      }
    }
    checkBounds(bounds, key, spansZero: true)
  }

  /// Checks that RUB has a length for each unit, according to the whole numbers of RUC.
  private mutating func checkSingleUnits(_ total: Int) {
    guard let found = values(of: .singleUnitLengths) else { return }
    guard let counts = numbers(of: .unitCounts) else {
      return add("tandem-repeat", column: 8, "found RUB without RUC, expected RUC")
    }
    if counts.contains(where: { $0 != nil && $0!.rounded() != $0! }) {
      return add("tandem-repeat", column: 8, "found RUB and a fraction in RUC, expected whole numbers")
    }
    let expected = Int(counts.reduce(0) { min(1e12, $0 + max(0, $1 ?? 0)) })
    if found.count != expected {
      add("info-count", column: 8, "found \(found.count) values of 'RUB', expected \(expected) by RUC")
    }
  }

  /// Returns whether a byte is an IUPAC code of nucleotides.
  private static func isNucleotide(_ byte: UInt8) -> Bool {
    "ACGTURYSWKMBDHVNacgturyswkmbdhvn".utf8.contains(byte)
  }
}
