extension VCFStrictReading {
  /// Checks a line after the column line.
  mutating func takeRecord(_ text: Bytes) {
    if text[0] == 0x23 {
      return add("header-line", "found \(FormatError.quoted(text)), expected header lines above #CHROM only")
    }
    problems.addRecord()
    var ends = (0, 0, 0, 0, 0, 0, 0, 0, 0)
    var found = 0
    var i = 0
    withUnsafeMutableBytes(of: &ends) {
      let ends = $0.assumingMemoryBound(to: Int.self)
      while found < 9 {
        while i < text.count, text[i] != 0x09 { i &+= 1 }
        ends[found] = i
        found += 1
        if i == text.count { break }
        i &+= 1
      }
    }
    if found < 8 {
      return add("column-count", "found \(found) fields, expected eight at least, separated by tabs")
    }
    if sampleCount == nil, found > 8 {
      add("column-count", "found more than eight fields, expected as many as in the line #CHROM")
    }
    takeContig(text.part(0, ends.0))
    takePosition(text.part(ends.0 + 1, ends.1))
    takeIDs(text.part(ends.1 + 1, ends.2))
    takeAlleles(text.part(ends.2 + 1, ends.3), text.part(ends.3 + 1, ends.4))
    // Of records long before the lines of a part only their places and alleles matter.
    if !problems.isActive, !problems.isNear(line) { return }
    takeQuality(text.part(ends.4 + 1, ends.5))
    takeFilters(text.part(ends.5 + 1, ends.6))
    takeInfo(text.part(ends.6 + 1, ends.7))
    mixesLengths = false
    if minor >= 4, hasOtherAllele || hasStructuralValue { checkStructural(text.part(ends.3 + 1, ends.4)) }
    guard let sampleCount else { return }
    if found < 9 {
      return add("column-count", "found 8 fields, expected FORMAT and those of \(sampleCount) samples")
    }
    takeFormat(text.part(ends.7 + 1, ends.8))
    checkCopyNumber()
    takeSamples(text.part(min(ends.8 + 1, text.count), text.count), isEmpty: ends.8 == text.count)
  }

  private mutating func takeContig(_ field: Bytes) {
    if field.count == contig.count, field.elementsEqual(contig) { return }
    var name = field
    if name.count > 2, name[0] == 0x3C, name[name.count - 1] == 0x3E { name = name.part(1, name.count - 1) }
    if name.isEmpty || !VCFValues.isContig(name, minor: name.count < field.count ? 0 : minor) {
      add("contig-name", column: 1, "found \(FormatError.quoted(field)), expected the name of a contig")
    }
    // `<1>` is contig 1 of the assembly file.
    if contig.elementsEqual(name) { return }
    if !contig.isEmpty, finishedContigs.count < 1_000_000 { finishedContigs.insert(contig) }
    contig = Array(name)
    lastPosition = 0
    alleles.removeAll()
    if finishedContigs.contains(contig) {
      add(
        "contig-order", column: 1,
        "found contig \(FormatError.quoted(name)) again, expected its records one after the other")
      finishedContigs.remove(contig)
    }
    contigLength = nil
    if name.count == field.count {
      if let length = contigLengths[String(decoding: name, as: UTF8.self)] {
        contigLength = length
      } else {
        addUndefined("undefined-contig", name) { "found contig \($0) without a ##contig" }
      }
    }
  }

  private mutating func takePosition(_ field: Bytes) {
    var value = 0
    for byte in field {
      let digit = Int(byte &- 0x30)
      if digit > 9 || digit < 0 || value > 1 << 40 {
        value = -1
        break
      }
      value = value &* 10 &+ digit
    }
    if field.isEmpty || value < 0 {
      position = lastPosition
      return add(
        "position", column: 2, "found \(FormatError.quoted(field)), expected a position of at least 0")
    }
    position = value
    if let contigLength, position > contigLength + 1 {
      add(
        "position", column: 2,
        "found position \(value) of a contig with \(contigLength) bases, expected \(contigLength + 1) at most"
      )
    }
    let before = lastPosition
    if value < before {
      add(
        "position-order", column: 2, "found position \(value) after \(before), expected ascending positions")
      alleles.removeAll()
    }
    lastPosition = position
    alleles.move(to: position)
  }

  private mutating func takeIDs(_ field: Bytes) {
    if field.count == 1, field[0] == 0x2E { return }
    if field.hasBlank { add("id", column: 3, "found \(FormatError.quoted(field)), expected no blanks") }
    var start = 0
    var seen: Set<[UInt8]> = []
    let isList = field.contains(0x3B)
    for i in 0...field.count where i == field.count || field[i] == 0x3B {
      if i == start {
        return add("id", column: 3, "found \(FormatError.quoted(field)), expected identifiers or '.'")
      }
      if isList, !seen.insert(Array(field[start..<i])).inserted {
        add(
          "duplicate-identifier", minor >= 3 ? .error : .warning, column: 3,
          "found \(FormatError.quoted(field[start..<i])) twice, expected unique identifiers")
      }
      start = i + 1
    }
  }

  private mutating func takeQuality(_ field: Bytes) {
    if field.count == 1, field[0] == 0x2E { return }
    if !VCFValues.isFloat(field) {
      add("quality", column: 6, "found \(FormatError.quoted(field)), expected a number or '.'")
    } else if field[0] == 0x2D, field.contains(where: { $0 > 0x30 && $0 <= 0x39 }) {
      add("quality", column: 6, "found \(FormatError.quoted(field)), expected a number of at least 0")
    }
  }

  private mutating func takeFilters(_ field: Bytes) {
    if field.spells("PASS") || field.spells(".") { return }
    if field.hasBlank { add("filter", column: 7, "found \(FormatError.quoted(field)), expected no blanks") }
    let names = field.split(separator: 0x3B, omittingEmptySubsequences: false).map { Bytes(rebasing: $0) }
    var seen: Set<[UInt8]> = []
    for name in names {
      if name.isEmpty || name.spells(".") || name.spells("0") {
        add(
          "filter", column: 7,
          "found \(FormatError.quoted(name)) in \(FormatError.quoted(field)), expected the name of a filter")
        continue
      }
      if names.count > 1, !seen.insert(Array(name)).inserted {
        add(
          "duplicate-filter", minor >= 3 ? .error : .warning, column: 7,
          "found \(FormatError.quoted(name)) twice, expected unique filters")
      }
      if name.spells("PASS") {
        add("pass-and-filter", .warning, column: 7, "found PASS with other filters, expected PASS alone")
      } else if defined["FILTER"]?.contains(String(decoding: name, as: UTF8.self)) != true {
        addUndefined("undefined-filter", name) { "found filter \($0) without a ##FILTER" }
      }
    }
  }
}
