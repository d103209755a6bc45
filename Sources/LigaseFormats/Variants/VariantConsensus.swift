import LigaseGenomics

/// A reference sequence with the variants of a VCF file: those of one haplotype of a sample, both haplotypes
/// as IUPAC codes, or every first alternate allele, as in `bcftools consensus`.
///
/// A variant that overlaps the previous one is skipped, except for an insertion or deletion that only shares
/// its unchanged first base with it, unless the previous one was an insertion. An allele that is not a
/// sequence of bases (symbolic, a breakend, `*`, `-`) is skipped, except for `<DEL>` and its subtypes with a
/// length from `END` or `SVLEN`. Bases get the case of the first replaced base of the reference. REF that
/// disagrees with the reference throws.
package struct VariantConsensus {
  /// The choice of alleles.
  package enum Choice: Equatable, Sendable {
    /// The first alternate allele of every record.
    case firstAlternates
    /// The alleles of one haplotype, counted from 1, of the sample in this column.
    case haplotype(Int, sample: Int)
    /// IUPAC codes for heterozygous genotypes of the sample in this column; if lengths differ, the first
    /// alternate allele of the genotype.
    case ambiguous(sample: Int)
  }

  /// A change of the reference.
  struct Edit {
    /// The first replaced base, counted from 0.
    var start: Int
    /// The range of REF followed by its replacement among the bytes.
    var text: Range<Int>
    var referenceCount: Int
    /// The number of replaced bases; more than in REF for `<DEL>`.
    var length: Int
  }

  /// The changes of one contig.
  struct Contig {
    var name: String
    var edits: [Edit] = []
    var bytes: [UInt8] = []
    /// The range of the last change, and whether it was an insertion.
    var last = (start: 0, end: 0, isInsertion: false)
  }

  private(set) var contigs: [String: Contig] = [:]
  private var order: [String] = []
  private let choice: Choice
  /// The number of applied changes.
  package private(set) var appliedCount = 0
  /// The number of skipped changes that overlap another.
  package private(set) var overlapCount = 0
  /// The number of skipped alleles that are not sequences: symbolic, breakends, `*`, `-`.
  package private(set) var symbolicCount = 0
  /// The number of records without an alternate allele.
  package private(set) var monomorphicCount = 0
  /// The number of genotypes with an allele that ALT lacks.
  package private(set) var unknownCount = 0
  /// Warnings about malformed input, one for each class.
  package private(set) var warnings: [VCF.Warning] = []

  /// Creates a consensus without variants.
  package init(_ choice: Choice) { self.choice = choice }

  /// Adds a record; those of a contig must be sorted by position.
  package mutating func add(_ record: VCF.Record, path: String) throws {
    guard let index = chosenAllele(of: record), let allele = text(of: index, record) else { return }
    let name = record.contig
    if contigs[name] == nil {
      contigs[name] = Contig(name: name)
      order.append(name)
    }
    let reference = Array(record.bytes(3))
    var (replacement, length) = (allele, reference.count)
    if !allele.allSatisfy({ Nucleotide.baseSets[Int($0)] > 0 }) {
      let end = deletionEnd(allele, index, record)
      guard let end, end - (record.position - 1) > reference.count else {
        symbolicCount += 1
        return
      }
      (replacement, length) = (Array(reference.prefix(1)), end - (record.position - 1))
    }
    let start = record.position - 1
    guard start >= 0, start < 1 << 56 else {
      symbolicCount += 1
      return
    }
    let last = contigs[name]!.last
    if start < last.start {
      throw FormatError(
        .badData, path: path, line: record.line == 0 ? nil : record.line, column: 2,
        "found position \(record.position) after \(last.start + 1), expected records sorted by position")
    }
    var skipped = 0
    if start < last.end {
      // A change that begins at the last replaced base, and keeps that base, can still be applied.
      let types = reference.withUnsafeBufferPointer { reference in
        allele.withUnsafeBufferPointer { VariantTypes(reference, $0) }
      }
      guard start == last.end - 1, replacement.first == reference.first, replacement.count != length,
        types == .indel || length > reference.count, !last.isInsertion
      else {
        overlapCount += 1
        return
      }
      skipped = 1
    }
    contigs[name]!.add(
      start, reference, Array(replacement.dropFirst(skipped)), length: length, skipped: skipped)
    contigs[name]!.last = (start, max(last.end, start + length), replacement.count > length)
    appliedCount += 1
  }

  /// Returns the end of a symbolic deletion, nil for another allele.
  private mutating func deletionEnd(_ allele: [UInt8], _ index: Int, _ record: VCF.Record) -> Int? {
    guard allele.elementsEqual("<DEL>".utf8) || allele.starts(with: "<DEL:".utf8) else { return nil }
    record.referenceSpan.note(in: &warnings, record)
    return record.referenceEnd(ofAllele: index - 1)
  }

  /// Returns the index of the allele that replaces REF, counted from 1; nil if none does.
  private mutating func chosenAllele(of record: VCF.Record) -> Int? {
    let count = record.alternateRanges.count
    switch choice {
    case .firstAlternates:
      if count == 0 { monomorphicCount += 1 }
      return count > 0 ? 1 : nil
    case .haplotype(let haplotype, let sample):
      let alleles = record.alleles(of: sample)
      guard haplotype <= alleles.count, let allele = alleles[haplotype - 1], allele > 0 else { return nil }
      if allele > count { unknownCount += 1 }
      return allele > count ? nil : allele
    case .ambiguous(let sample):
      let alleles = record.alleles(of: sample).compactMap { $0 }
      if alleles.contains(where: { $0 > count }) { unknownCount += 1 }
      return alleles.first { $0 > 0 && $0 <= count }
    }
  }

  /// Returns the replacement of REF: the allele, or the codes of all alleles of the sample.
  private func text(of allele: Int, _ record: VCF.Record) -> [UInt8]? {
    let ranges = [record.range(3)] + record.alternateRanges
    func bytes(_ allele: Int) -> [UInt8] { Array(record.text[ranges[allele]]) }
    guard case .ambiguous(let sample) = choice else { return bytes(allele) }
    let alleles = record.alleles(of: sample).compactMap { $0 }.filter { $0 < ranges.count }
    let texts = alleles.map { bytes($0) }
    let isPlain = texts.allSatisfy {
      $0.count == ranges[0].count && $0.allSatisfy { Nucleotide.baseSets[Int($0)] > 0 }
    }
    guard isPlain else { return bytes(allele) }
    return ranges[0].indices.map { place in
      let set = texts.reduce(UInt8(0)) { $0 | Nucleotide.baseSets[Int($1[place - ranges[0].lowerBound])] }
      return VariantConsensus.codes[Int(set)]
    }
  }

  /// The IUPAC code of every set of bases (A 1, C 2, G 4, T 8).
  private static let codes: [UInt8] = Array("NACMGRSVTWYHKDBN".utf8)

  /// Writes the reference with the changes, as FASTA with lines of `lineWidth` and the reference's headers;
  /// returns the contigs of variants that are not in the reference.
  package func write(
    _ reference: IndexedFASTA, aliases: ContigAliases = .init(), lineWidth: Int = 60, to output: OutputFile,
    vcfPath: String
  ) throws -> ContigMismatch {
    var mismatch = ContigMismatch()
    var byReference: [String: String] = [:]
    for name in order {
      if let known = aliases.resolve(name, among: { reference.index[$0] != nil }) {
        if byReference.updateValue(name, forKey: known) != nil {
          throw FormatError(
            .badData, path: vcfPath,
            "found two contigs that are \(FormatError.quoted(known)) in the reference")
        }
      } else {
        for _ in contigs[name]?.edits ?? [] { mismatch.add(name, among: { reference.index[$0] != nil }) }
      }
    }
    for entry in reference.index.entries {
      var lines = SequenceLines(output, width: lineWidth)
      try output.write(reference.header(of: entry) + [0x0A])
      let contig = byReference[entry.name].flatMap { contigs[$0] } ?? Contig(name: entry.name)
      try contig.write(reference, entry, &lines, vcfPath: vcfPath)
      try lines.end()
    }
    return mismatch
  }
}

extension VariantConsensus.Contig {
  fileprivate mutating func add(
    _ start: Int, _ reference: [UInt8], _ replacement: [UInt8], length: Int, skipped: Int
  ) {
    let first = bytes.count
    bytes += reference.dropFirst(skipped)
    bytes += replacement
    edits.append(
      .init(
        start: start + skipped, text: first..<bytes.count, referenceCount: reference.count - skipped,
        length: length - skipped))
  }

  /// Writes the contig in pieces, so that memory does not grow with it.
  fileprivate func write(
    _ reference: IndexedFASTA, _ entry: FASTAIndex.Entry, _ lines: inout SequenceLines, vcfPath: String
  ) throws {
    var next = 0
    var position = 0
    func copy(to end: Int) throws {
      while position < end {
        let piece = min(end, position + 1 << 18)
        try lines.write(reference.residues(of: entry, position..<piece))
        position = piece
      }
    }
    while next < edits.count {
      let edit = edits[next]
      next += 1
      guard edit.start + edit.length <= entry.length else {
        throw FormatError(
          .badData, path: vcfPath,
          "found a variant at \(name):\(edit.start + 1), beyond the end of \(FormatError.quoted(entry.name)), which has \(entry.length) residues"
        )
      }
      try copy(to: edit.start)
      let old = try reference.residues(of: entry, edit.start..<edit.start + edit.referenceCount)
      let expected = bytes[edit.text.lowerBound..<edit.text.lowerBound + edit.referenceCount]
      guard zip(expected, old).allSatisfy({ VariantNormalizer.agree($0, $1) }) else {
        throw FormatError(
          .badData, path: vcfPath,
          "found REF \(FormatError.quoted(expected)) at \(name):\(edit.start + 1), expected \(FormatError.quoted(old)) "
            + "as in \(reference.path)")
      }
      // A pure insertion gets the case of the base before it.
      let before = edit.start > 0 ? try reference.residues(of: entry, edit.start - 1..<edit.start) : old
      let isLower = ((old.first ?? before.first) ?? 0) & 0x20 != 0
      let replacement = bytes[edit.text.lowerBound + edit.referenceCount..<edit.text.upperBound]
      try lines.write(replacement.map { isLower ? $0 | 0x20 : $0 & 0xDF })
      position = edit.start + edit.length
    }
    try copy(to: entry.length)
  }
}

extension VCF.Record {
  /// Returns the alleles of one sample's genotype; empty where the record has no GT.
  func alleles(of sample: Int) -> [Int?] {
    var alleles: [Int?] = []
    eachSample(VariantFilter.genotypeKey) { column, text in
      guard column == sample, let text else { return }
      alleles = VCF.Genotype(String(decoding: text, as: UTF8.self)).alleles
    }
    return alleles
  }
}
