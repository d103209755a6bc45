import LigaseGenomics

/// Left-aligns and trims the alleles of records against a reference (Tan, Abecasis and Kang, 2015), as
/// `bcftools norm -f` does: the same change always gets the same position and alleles.
///
///     while all alleles end with the same base: remove it; if one becomes empty, prepend the base before the
///     position to all; then while all alleles have two bases and begin with the same: remove that
///
/// Records with a symbolic allele, a breakend, `*` or a duplicate allele keep their alleles.
package struct VariantNormalizer {
  /// The outcome for a record.
  package enum Outcome: Equatable, Sendable {
    /// The record is unchanged.
    case unchanged
    /// The position or alleles were changed.
    case changed
    /// REF disagrees with the reference.
    case mismatch(found: String, reference: String)
    /// The reference does not contain the contig, under any name, or ends before the record does.
    case outside
  }

  private let reference: IndexedFASTA
  private let aliases: ContigAliases
  private var contig: (name: String, entry: FASTAIndex.Entry?)?
  private var window: (start: Int, residues: [UInt8]) = (0, [])
  /// The contigs of records that the reference lacks.
  package private(set) var mismatch = ContigMismatch()

  /// Creates a normalizer with a reference whose contigs may have other names.
  package init(_ reference: IndexedFASTA, aliases: ContigAliases = .init()) {
    self.reference = reference
    self.aliases = aliases
  }

  /// Changes the record's position and alleles to their normalised form.
  package mutating func normalize(_ record: inout VCF.Record) throws -> Outcome {
    let index = reference.index
    if contig?.name != record.contig {
      let name = record.contig
      contig = (name, aliases.resolve(name, among: { index[$0] != nil }).flatMap { index[$0] })
      window = (0, [])
    }
    guard let entry = contig?.entry else {
      mismatch.add(record.contig, among: { index[$0] != nil })
      return .outside
    }
    let start = record.position - 1
    let old = record.bytes(3)
    guard start >= 0, start <= entry.length - old.count else { return .outside }
    let found = try residues(start..<start + old.count, entry)
    guard zip(old, found).allSatisfy({ VariantNormalizer.agree($0, $1) }) else {
      return .mismatch(
        found: String(decoding: old, as: UTF8.self), reference: String(decoding: found, as: UTF8.self))
    }
    let ranges = [record.range(3)] + record.alternateRanges
    if ranges.count == 1 {
      if old.count < 2 { return .unchanged }
      record.replace(record.range(3).lowerBound + 1..<record.range(3).upperBound, in: 3, with: [])
      return .changed
    }
    if ranges.allSatisfy({ $0.count == 1 }) { return .unchanged }
    guard ranges.allSatisfy({ record.text[$0].allSatisfy(VariantNormalizer.isBase) }) else {
      return .unchanged
    }
    let upper = ranges.map { record.text[$0].map { $0 & 0xDF } }
    if Set(upper).count < upper.count { return .unchanged }
    return try align(&record, ranges, entry) ? .changed : .unchanged
  }

  private mutating func align(
    _ record: inout VCF.Record, _ ranges: [Range<Int>], _ entry: FASTAIndex.Entry
  ) throws -> Bool {
    // Reversed alleles, so that bases are prepended at the array's end.
    var alleles = ranges.map { Array(record.text[$0].reversed()) }
    var start = record.position - 1
    // The number of bases removed from the end of each allele.
    var cut = 0
    while alleles.allSatisfy({ $0[cut] & 0xDF == alleles[0][cut] & 0xDF }) {
      if alleles.contains(where: { $0.count == cut + 1 }) {
        guard start > 0 else { break }
        start -= 1
        let base = try residues(start..<start + 1, entry)
        for i in alleles.indices { alleles[i] += base }
      }
      cut += 1
    }
    while alleles.allSatisfy({ $0.count > cut + 1 && $0.last! & 0xDF == alleles[0].last! & 0xDF }) {
      for i in alleles.indices { alleles[i].removeLast() }
      start += 1
    }
    if start == record.position - 1, cut == 0, alleles[0].count == ranges[0].count { return false }
    let texts = alleles.map { Array($0.dropFirst(cut).reversed()) }
    record.setField(1, "\(start + 1)")
    record.replace(record.range(3), in: 3, with: texts[0])
    record.replace(record.range(4), in: 4, with: Array(texts.dropFirst().joined(separator: [0x2C])))
    return true
  }

  /// Returns residues of the reference, from a window that is read ahead.
  private mutating func residues(_ range: Range<Int>, _ entry: FASTAIndex.Entry) throws -> ArraySlice<UInt8> {
    let end = window.start + window.residues.count
    if range.lowerBound < window.start || range.upperBound > end || window.residues.isEmpty {
      let start = max(0, range.lowerBound - 1024)
      window = (
        start, try reference.residues(of: entry, start..<min(entry.length, range.upperBound + 1 << 16))
      )
    }
    return window.residues[range.lowerBound - window.start..<range.upperBound - window.start]
  }

  private static func isBase(_ byte: UInt8) -> Bool {
    byte & 0xDF >= 0x41 && byte & 0xDF <= 0x5A && byte >= 0x41
  }

  /// Returns whether REF agrees with a code of the reference: it is the same, or one of the bases of an
  /// ambiguity code; VCF has `N` for those.
  static func agree(_ base: UInt8, _ reference: UInt8) -> Bool {
    if base & 0xDF == reference & 0xDF { return true }
    let (a, b) = (Nucleotide.baseSets[Int(base)], Nucleotide.baseSets[Int(reference)])
    return b.nonzeroBitCount > 1 && b != 15 && a & b != 0
  }
}

/// Sorts records whose positions changed by little, in constant memory.
///
/// Records of a contig within `width` positions of each other are returned sorted; those of one position keep
/// their order.
package struct VariantSorter {
  private var waiting: [VCF.Record] = []
  private let width: Int

  /// Creates a sorter with a window of `width` positions.
  package init(width: Int = 1000) { self.width = width }

  /// Adds a record, and returns those that no later one can precede.
  package mutating func add(_ record: VCF.Record) -> [VCF.Record] {
    var done: [VCF.Record] = []
    if let first = waiting.first, !first.bytes(0).elementsEqual(record.bytes(0)) { done = finish() }
    var place = waiting.count
    while place > 0, waiting[place - 1].position > record.position { place -= 1 }
    waiting.insert(record, at: place)
    let ready = waiting.prefix { $0.position < record.position - width }.count
    done += waiting[..<ready]
    waiting.removeFirst(ready)
    return done
  }

  /// Returns the remaining records, at the end.
  package mutating func finish() -> [VCF.Record] {
    defer { waiting = [] }
    return waiting
  }
}
