extension VCF.Record {
  /// The positions of the reference that a record spans, counted from 0.
  ///
  /// It ends at the last of (VCF 4.5, INFO END, SVLEN and FORMAT LEN):
  ///
  ///     the end of REF
  ///     END                where it is not before POS
  ///     POS + |SVLEN|      for <DEL>, <DUP>, <INV>, <CNV> and their subtypes; where it differs from END by one,
  ///                        END counts
  ///     POS + LEN - 1      for <*> and <NON_REF>, the longest of all samples
  package var referenceRange: Range<Int> { referenceSpan.range }

  /// The span, and the values that were ignored for it.
  var referenceSpan: ReferenceSpan { text.withUnsafeBufferPointer { referenceSpan(in: $0) } }

  /// Returns the span of a record whose line may be truncated before the samples.
  func referenceSpan(in line: UnsafeBufferPointer<UInt8>) -> ReferenceSpan {
    let start = max(0, position - 1)
    // Position 0 is before the first base.
    let (reference, isBeyond) = (position - 1).addingReportingOverflow(range(3).count)
    var span = ReferenceSpan(range: start..<max(start + 1, isBeyond ? .max : reference))
    let end = infoEnd
    if let end, end < position { span.ignoredEnd = end }
    var last = span.range.upperBound
    if let end, end >= position { last = max(last, end) }
    if text[range(4)].contains(0x3C) {
      let alternates = alternateRanges
      let lengths = infoLengths
      for (index, allele) in alternates.enumerated() {
        if isUnspecified(allele) {
          if let length = longestBlock(in: line) { last = max(last, position - 1 + length) }
        } else if let own = self.end(ofStructural: allele, index, alternates.count, lengths, end) {
          last = max(last, own)
        }
      }
    }
    span.range = start..<last
    return span
  }

  /// Returns the end of the deletion that an alternate allele, counted from 0, represents: the position after
  /// the last deleted one, counted from 0.
  func referenceEnd(ofAllele index: Int) -> Int {
    let alternates = alternateRanges
    let end = infoEnd
    if alternates.count > 1,
      let own = self.end(ofStructural: alternates[index], index, alternates.count, infoLengths, end)
    {
      return max(own, referenceSpanOfBases)
    }
    return referenceRange.upperBound
  }

  private var referenceSpanOfBases: Int { max(0, position - 1) + range(3).count }

  /// Returns `POS + |SVLEN|` of a structural allele that spans a part of the reference; END where the two
  /// differ by one.
  private func end(
    ofStructural allele: Range<Int>, _ index: Int, _ alleleCount: Int, _ lengths: [Int?], _ end: Int?
  ) -> Int? {
    // Before 4.4 SVLEN may have one value for all alleles.
    let place = lengths.count == 1 ? 0 : index
    guard place < lengths.count, let length = lengths[place], spansReference(allele) else { return nil }
    let own = position + length
    if let end, end >= position, abs(own - end) == 1 { return end }
    return own
  }

  /// INFO END, nil where it is missing or not a number.
  private var infoEnd: Int? {
    infoValue(of: VCF.Record.endKey).flatMap { VCF.Record.number(text[$0]) }
  }

  /// The absolute values of INFO SVLEN.
  private var infoLengths: [Int?] {
    guard let value = infoValue(of: VCF.Record.lengthKey) else { return [] }
    return split(value, at: 0x2C).map { VCF.Record.number(text[$0]).map(abs) }
  }

  private static let endKey = Array("END".utf8)
  private static let lengthKey = Array("SVLEN".utf8)
  private static let blockKey = Array("LEN".utf8)
  private static let spanning = ["DEL", "DUP", "INV", "CNV"].map { Array($0.utf8) }

  /// Returns whether an allele is `<DEL>`, `<DUP>`, `<INV>`, `<CNV>` or a subtype such as `<DUP:TANDEM>`.
  private func spansReference(_ allele: Range<Int>) -> Bool {
    guard text[allele].first == 0x3C, text[allele].last == 0x3E else { return false }
    let kind = text[allele].dropFirst().dropLast().prefix { $0 != 0x3A }
    return VCF.Record.spanning.contains { kind.elementsEqual($0) }
  }

  /// Returns whether an allele is `<*>` or `<NON_REF>`: any other allele, of a block that agrees with the
  /// reference.
  private func isUnspecified(_ allele: Range<Int>) -> Bool {
    text[allele].elementsEqual("<*>".utf8) || text[allele].elementsEqual("<NON_REF>".utf8)
  }

  /// Returns the largest LEN of the samples.
  private func longestBlock(in line: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let index = formatIndex(of: VCF.Record.blockKey), ends[8] < line.count else { return nil }
    var longest: Int?
    for sample in line[(ends[8] + 1)...].split(separator: 0x09, omittingEmptySubsequences: false) {
      let fields = sample.split(separator: 0x3A, maxSplits: index + 1, omittingEmptySubsequences: false)
      if index < fields.count, let length = VCF.Record.number(fields[index]), length > 0 {
        longest = max(longest ?? 0, length)
      }
    }
    return longest
  }

  /// Returns a whole number of at most 17 digits, nil for anything else.
  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    let isNegative = digits.first == 0x2D
    let digits = digits.dropFirst(isNegative || digits.first == 0x2B ? 1 : 0)
    guard !digits.isEmpty, digits.count <= 17, digits.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    return value >= 1 << 56 ? nil : isNegative ? -value : value
  }
}

/// The positions that a record spans, and the values that were ignored to find them.
struct ReferenceSpan {
  /// The positions, counted from 0.
  var range: Range<Int>
  /// END where it is before POS.
  var ignoredEnd: Int?

  /// Notes an END that was ignored.
  func note(in warnings: inout [VCF.Warning], _ record: VCF.Record) {
    guard let ignoredEnd else { return }
    warnings.note(
      "end-before-position", line: record.line,
      "found END=\(ignoredEnd) before position \(record.position), which was ignored")
  }
}
