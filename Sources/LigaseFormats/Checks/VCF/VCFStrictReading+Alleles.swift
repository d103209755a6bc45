extension VCFStrictReading {
  /// Checks REF and ALT, and duplicate alleles.
  mutating func takeAlleles(_ reference: Bytes, _ alternates: Bytes) {
    let isReference = VCFStrictReading.isBases(reference)
    if !isReference {
      add("reference", column: 4, "found \(FormatError.quoted(reference)), expected bases (A, C, G, T, N)")
    }
    hasAlternates = !alternates.spells(".")
    alternateCount = 0
    hasOtherAllele = false
    if !hasAlternates { return }
    var start = 0
    for i in 0...alternates.count where i == alternates.count || alternates[i] == 0x2C {
      let allele = alternates.part(start, i)
      start = i + 1
      alternateCount += 1
      if VCFStrictReading.isBases(allele) {
        if isReference { takeBases(reference, allele) }
        continue
      }
      hasOtherAllele = true
      if let expected = faultOfAlternate(allele) {
        add("alternate", column: 5, "found \(FormatError.quoted(allele)), expected \(expected)")
      }
    }
  }

  private mutating func takeBases(_ reference: Bytes, _ alternate: Bytes) {
    if reference.count == alternate.count,
      zip(reference, alternate).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
    {
      return add("alternate-is-reference", column: 5, "found the reference allele as an alternate one")
    }
    let novelty = alleles.insert(reference, alternate, position: position)
    if novelty == .new { return }
    let isInsertion = novelty == .repeatedInsertion
    add(
      isInsertion ? "duplicate-insertion" : "duplicate-allele", isInsertion ? .warning : .error, column: 5,
      "found \(FormatError.quoted(reference))>\(FormatError.quoted(alternate)) again, "
        + "perhaps within other bases, expected each allele once")
  }

  /// Returns whether a text consists of A, C, G, T and N, of either case, with at least one base.
  @inline(__always)
  static func isBases(_ text: Bytes) -> Bool {
    for byte in text {
      switch byte | 0x20 {
      case 0x61, 0x63, 0x67, 0x74, 0x6E: continue
      default: return false
      }
    }
    return text.count > 0
  }

  /// Returns the expected text for an invalid allele, nil if the allele, which is not bases alone, has one of
  /// the forms:
  ///
  ///     allele    = "*" | "<" ID ">" | bases "<" ID ">" | "." bases | bases "." | breakend
  ///     breakend  = side mate | mate side
  ///     side      = bases | "."
  ///     mate      = "[" place "[" | "]" place "]"
  ///     place     = contig ":" position | "<" ID ">" [ ":" position ]
  private mutating func faultOfAlternate(_ allele: Bytes) -> String? {
    let bases = "bases, '*', <ID>, or a breakend"
    guard let first = allele.first, let last = allele.last else { return "an allele between commas" }
    if allele.spells("*") { return nil }
    if first == 0x3C { return faultOfSymbol(allele) }
    // Single breakends.
    if allele.count > 1, first == 0x2E, VCFStrictReading.isBases(allele.part(1, allele.count)) { return nil }
    if allele.count > 1, last == 0x2E, VCFStrictReading.isBases(allele.part(0, allele.count - 1)) {
      return nil
    }
    // An assembled contig that is inserted after bases.
    if last == 0x3E, let open = allele.firstIndex(of: 0x3C), VCFStrictReading.isBases(allele.part(0, open)) {
      let id = allele.part(open + 1, allele.count - 1)
      return VCFValues.isContig(id, minor: 0) ? nil : "<ID> without blanks and brackets"
    }
    guard let open = allele.firstIndex(where: { $0 == 0x5B || $0 == 0x5D }),
      let close = allele.lastIndex(of: allele[open]), close > open + 1
    else { return bases }
    let before = allele.part(0, open)
    let after = allele.part(close + 1, allele.count)
    if before.isEmpty == after.isEmpty { return "bases at one side of a breakend" }
    let side = before.isEmpty ? after : before
    let isSide =
      VCFStrictReading.isBases(side) || side.spells(".")
      || side[0] == 0x2E && VCFStrictReading.isBases(side.part(1, side.count))
    if !isSide { return "bases at one side of a breakend" }
    return isPlace(allele.part(open + 1, close)) ? nil : "contig:position in a breakend"
  }

  private func isPlace(_ place: Bytes) -> Bool {
    if place[0] == 0x3C, place[place.count - 1] == 0x3E { return place.count > 2 }
    guard let colon = place.lastIndex(of: 0x3A), colon > 0, colon + 1 < place.count else { return false }
    guard place[(colon + 1)...].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return false }
    var name = place.part(0, colon)
    if name.count > 2, name[0] == 0x3C, name[name.count - 1] == 0x3E { name = name.part(1, name.count - 1) }
    return VCFValues.isContig(name, minor: minor)
  }

  private mutating func faultOfSymbol(_ allele: Bytes) -> String? {
    guard allele.count > 2, allele[allele.count - 1] == 0x3E else { return "<ID>" }
    let id = allele.part(1, allele.count - 1)
    if id.contains(where: { $0 <= 0x20 || $0 == 0x3C || $0 == 0x3E }) {
      return "<ID> without blanks and brackets"
    }
    if !id.spells("*"), defined["ALT"]?.contains(String(decoding: id, as: UTF8.self)) != true {
      addUndefined("undefined-alternate", id) {
        "found the allele <\($0.dropFirst().dropLast())> without a ##ALT"
      }
    }
    return nil
  }
}
