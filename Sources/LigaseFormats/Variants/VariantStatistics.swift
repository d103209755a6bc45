/// The counts of a file of variants; the kinds of variants are those of `bcftools stats`.
///
/// A record counts once for each kind among its alternate alleles. An allele is compared with the reference
/// after removal of shared bases at the start and then at the end:
///
///     SNV    one base for another            MNV    several bases for as many others
///     indel  bases only inserted or deleted  other  everything else: symbolic, breakends, mixed
///
/// `*` and `<*>` are not variants.
package struct VariantStatistics: Equatable, Sendable {
  /// The number of samples in the header.
  package var samples = 0
  /// The number of records.
  package var sites = 0
  /// The number of records with an SNV.
  package var snvs = 0
  /// The number of records with an MNV.
  package var mnvs = 0
  /// The number of records with an indel.
  package var indels = 0
  /// The number of records with any other variant, most of them structural.
  package var others = 0
  /// The number of records with more than one alternate allele.
  package var multiallelic = 0
  /// The number of SNV alleles between A and G or C and T.
  package var transitions = 0
  /// The number of other SNV alleles.
  package var transversions = 0
  /// The number of genotypes: samples times records with GT.
  package var genotypes = 0
  /// The number of genotypes with a missing allele.
  package var missingGenotypes = 0
  /// Warnings about malformed input, one for each class.
  package var warnings: [VCF.Warning] = []

  /// The ratio of transitions to transversions, nil without the latter.
  package var transitionRatio: Double? {
    transversions == 0 ? nil : Double(transitions) / Double(transversions)
  }

  /// The fraction of missing genotypes, nil without genotypes.
  package var missingFraction: Double? {
    genotypes == 0 ? nil : Double(missingGenotypes) / Double(genotypes)
  }

  /// Reads `path` (`-` or nil is standard input), VCF or BCF, in constant memory.
  package init(contentsOf path: String?, threads: Int = 1) throws {
    try self.init(TextWindow(try ByteReader(variants: path, threads: threads)))
  }

  init(_ window: TextWindow) throws {
    let header = try VCF.Reader.readHeader(window)
    let columns = VCF.ColumnCount(header)
    warnings = header.warnings
    samples = header.samples.count
    while true {
      let line = window.line
      guard let text = try window.nextLine() else { return }
      if text.allSatisfy({ $0 <= 0x20 }) { continue }
      let found = add(text)
      if !columns.isRight(found, text) { throw columns.error(found, text, path: window.path, number: line) }
    }
  }

  /// Counts a record and returns its number of columns.
  private mutating func add(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    var starts = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    var found = 1
    var i = 0
    withUnsafeMutableBytes(of: &starts) {
      let starts = $0.assumingMemoryBound(to: Int.self)
      while i < text.count, found < 10 {
        if text[i] == 0x09 {
          starts[found] = i &+ 1
          found &+= 1
        }
        i &+= 1
      }
    }
    if found < 8 { return found }
    sites += 1
    addAlleles(text.part(starts.3, starts.4 - 1), text.part(starts.4, starts.5 - 1))
    guard found == 10 else { return found }
    let format = text.part(starts.8, starts.9 - 1).split(separator: 0x3A, omittingEmptySubsequences: false)
    let fields = text.part(starts.9, text.count)
    guard let index = format.firstIndex(where: { $0.elementsEqual([0x47, 0x54]) }) else {
      return 10 + VCF.ColumnCount.tabs(fields)
    }
    let (missing, count) = VariantStatistics.missing(fields, index)
    genotypes += count
    missingGenotypes += missing
    return 9 + count
  }

  /// The kind of one alternate allele.
  private enum Kind {
    case none, snv, mnv, indel, other
  }

  private mutating func addAlleles(
    _ reference: UnsafeBufferPointer<UInt8>, _ field: UnsafeBufferPointer<UInt8>
  ) {
    if field.spells(".") { return }
    var (hasSNV, hasMNV, hasIndel, hasOther) = (false, false, false, false)
    var count = 0
    for alternate in field.split(separator: 0x2C) {
      count += 1
      switch kind(reference, UnsafeBufferPointer(rebasing: alternate)) {
      case .none: break
      case .snv: hasSNV = true
      case .mnv: hasMNV = true
      case .indel: hasIndel = true
      case .other: hasOther = true
      }
    }
    snvs += hasSNV ? 1 : 0
    mnvs += hasMNV ? 1 : 0
    indels += hasIndel ? 1 : 0
    others += hasOther ? 1 : 0
    multiallelic += count > 1 ? 1 : 0
  }

  private mutating func kind(
    _ reference: UnsafeBufferPointer<UInt8>, _ alternate: UnsafeBufferPointer<UInt8>
  ) -> Kind {
    guard let first = alternate.first, !reference.isEmpty else { return .none }
    if alternate.count == 1, first == 0x2A || first == 0x2E || first == 0x58 { return .none }
    if first == 0x3C {
      return alternate.spells("<*>") || alternate.spells("<X>") || alternate.spells("<NON_REF>")
        ? .none : .other
    }
    if alternate.contains(where: { $0 == 0x5B || $0 == 0x5D }) { return .other }
    var (start, r, a) = (0, reference.count, alternate.count)
    while start < r, start < a, reference[start] & 0xDF == alternate[start] & 0xDF { start += 1 }
    while r > start, a > start, reference[r - 1] & 0xDF == alternate[a - 1] & 0xDF {
      r -= 1
      a -= 1
    }
    if r == start, a == start { return .none }
    if r == start || a == start { return .indel }
    if r - start == 1, a - start == 1 {
      countSubstitution(reference[start] & 0xDF, alternate[start] & 0xDF)
      return .snv
    }
    return r == a ? .mnv : .other
  }

  private mutating func countSubstitution(_ from: UInt8, _ to: UInt8) {
    let bases: (UInt8, UInt8) = (min(from, to), max(from, to))
    switch bases {
    case (0x41, 0x47), (0x43, 0x54): transitions += 1
    case (0x41, 0x43), (0x41, 0x54), (0x43, 0x47), (0x47, 0x54): transversions += 1
    default: break
    }
  }

  /// Returns the number of samples with a missing allele or without a genotype, and the number of samples.
  private static func missing(
    _ text: UnsafeBufferPointer<UInt8>, _ index: Int
  ) -> (missing: Int, samples: Int) {
    var (count, samples) = (0, 0)
    var i = 0
    while true {
      var field = 0
      while field < index, i < text.count, text[i] != 0x09 {
        if text[i] == 0x3A { field &+= 1 }
        i &+= 1
      }
      var isMissing = field < index || i == text.count || text[i] == 0x09 || text[i] == 0x3A
      while i < text.count, text[i] != 0x3A, text[i] != 0x09 {
        if text[i] == 0x2E { isMissing = true }
        i &+= 1
      }
      count &+= isMissing ? 1 : 0
      samples &+= 1
      while i < text.count, text[i] != 0x09 { i &+= 1 }
      if i >= text.count { return (count, samples) }
      i &+= 1
    }
  }
}
