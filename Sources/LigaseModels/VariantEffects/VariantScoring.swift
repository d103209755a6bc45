import LigaseDatasets
import LigaseFormats
import LigaseGenomics
import LigaseRuntime

/// Scores the variants of a VCF with a sequence model, record by record, in constant memory.
///
/// Each alternate allele that is written as bases gets, for each requested output, the INFO fields
/// `LIGASE_REF`, `LIGASE_ALT`, `LIGASE_DIFF` (alternate minus reference) and, for probabilities,
/// `LIGASE_LOGODDS` (the log odds ratio); with several outputs their names are appended. Symbolic alleles,
/// breakends and `*` get missing values. Phased samples can have a score for each haplotype, which then
/// contains its other variants.
package final class VariantScoring {
  /// The treatment of a record whose reference allele or contig disagrees with the reference.
  package enum ReferenceMismatch: String, CaseIterable, Sendable {
    /// Scoring ends with an error.
    case fail
    /// The record is skipped.
    case skip
    /// The record gets the flag `LIGASE_REF_MISMATCH` and no scores.
    case flag
  }

  /// The counts of a run.
  package struct Summary: Hashable, Sendable {
    /// Records, scored alleles, alleles that are not bases, records whose reference allele disagrees, and
    /// windows that extend beyond their contig.
    package var records = 0, scored = 0, unscored = 0, mismatches = 0, beyond = 0
    /// Records on contigs that the reference lacks.
    package var withoutContig = 0
    /// Scored haplotypes, and alleles of samples with unknown phase or bases.
    package var haplotypes = 0, unphased = 0

    /// A summary in one line.
    package var line: String {
      var parts = ["\(records.counted("record")), scored \(scored.counted("alternate allele"))"]
      if unscored > 0 { parts.append("\(unscored.counted("symbolic allele")) without a score") }
      parts.append(
        mismatches == 0
          ? "every REF agrees" : "\(mismatches.counted("record")) whose REF differs from the reference")
      if withoutContig > 0 {
        parts.append("\(withoutContig.counted("record")) on contigs that the reference lacks")
      }
      if beyond > 0 { parts.append("\(beyond.counted("window")) beyond the ends of their contigs") }
      if haplotypes + unphased > 0 { parts.append("scored \(haplotypes.counted("haplotype")) of samples") }
      if unphased > 0 {
        parts.append("skipped \(unphased.counted("allele")) of samples without phase or bases")
      }
      return parts.joined(separator: "; ")
    }
  }

  /// The number of records that are predicted together.
  package static let batch = 2048

  /// The counts so far.
  package private(set) var summary = Summary()
  /// The contigs of records that the reference does not contain.
  package private(set) var missingContigs = ContigMismatch()
  private let model: Model
  private let genome: IndexedFASTA
  private let outputs: [(index: Int, suffix: String)]
  private let hasOdds: Bool
  private let width: Int
  private let scoresHaplotypes: Bool
  private let mismatch: ReferenceMismatch
  private let aliases: ContigAliases
  private var contigs: [String: FASTAIndex.Entry?] = [:]

  /// Creates a scoring.
  ///
  /// - Parameters:
  ///   - outputs: the outputs to report; empty reports the only value, the last of two classes, or all.
  ///   - width: the length of the windows; nil uses that of the training sequences, else 200.
  ///   - aliases: other names of the contigs in the reference.
  ///   - scoresHaplotypes: whether the haplotypes of phased samples are also scored; records must then be
  ///     sorted.
  /// - Throws: `TrainingError` for a model that does not read nucleotides, or an unknown output.
  package init(
    _ model: Model, reference: IndexedFASTA, outputs names: [String] = [], width: Int? = nil,
    mismatch: ReferenceMismatch = .fail, aliases: ContigAliases = .init(), scoresHaplotypes: Bool = false
  ) throws {
    guard let encoding = model.wholeSequences,
      encoding.alphabet.isNucleic
    else {
      let letters = model.wholeSequences.map { " of \($0.alphabet.rawValue) sequences" } ?? ""
      throw TrainingError(
        "\(model.spokenKind)\(letters); score-variants needs a DNA or RNA sequence model")
    }
    if model.manifest.needsEqualLengths, let width, width != encoding.length {
      throw TrainingError(
        "found a width of \(width), expected \(encoding.length ?? 0): the model reads sequences of that length only"
      )
    }
    self.model = model
    genome = reference
    self.width = width ?? encoding.length ?? 200
    self.mismatch = mismatch
    self.scoresHaplotypes = scoresHaplotypes
    self.aliases = aliases
    let all = model.outputNames
    hasOdds = !(model.manifest.objective.base is ValuesObjective)
    var chosen = names
    if chosen.isEmpty {
      if model.manifest.objective.base is ClassesObjective, all.count == 2 {
        chosen = [all[1]]
      } else {
        chosen = all
      }
    }
    var indices: [Int] = []
    for name in chosen {
      guard let index = all.firstIndex(of: name) else {
        throw TrainingError("found no output '\(name)' of the model, expected \(FormatError.list(all))")
      }
      if !indices.contains(index) { indices.append(index) }
    }
    let keys = Self.keys(all)
    self.outputs = indices.map { ($0, indices.count == 1 ? "" : "_" + keys[$0]) }
  }

  /// Returns the header with the fields that scoring adds.
  package func header(_ header: VCF.Header) -> VCF.Header {
    var header = header
    let names = model.outputNames
    for (index, suffix) in outputs {
      let what = hasOdds ? "Probability of \(names[index])" : "Predicted \(names[index])"
      for (field, text) in [
        ("REF", "\(what) with the reference allele"), ("ALT", "\(what) with the alternate allele"),
        ("DIFF", "LIGASE_ALT\(suffix) minus LIGASE_REF\(suffix)"),
      ]
        + (hasOdds
          ? [("LOGODDS", "Natural logarithm of the ratio of odds of \(names[index]), alternate to reference")]
          : [])
      {
        header = header.adding(
          info: "LIGASE_\(field)\(suffix)", number: .perAlternate, type: .float, description: text)
      }
      guard scoresHaplotypes else { continue }
      for (field, text) in [
        ("HAP", "\(what) on each haplotype, its other variants put in"),
        ("HAPDIFF", "LIGASE_HAP\(suffix) minus the same with the reference allele here"),
      ] {
        header = header.adding(
          format: "LIGASE_\(field)\(suffix)", number: .any, type: .float, description: text)
      }
    }
    if mismatch == .flag {
      header = header.adding(
        info: "LIGASE_REF_MISMATCH", number: .exactly(0), type: .flag,
        description: "The reference has another allele here, or lacks the contig")
    }
    return header
  }

  /// A record with the windows of its alleles; `windows[i]` is nil for an allele that is not bases.
  private struct Pending {
    var record: VCF.Record
    var windows: [AlleleWindows?]
    var isMismatch = false
    /// The distinct windows of the samples' haplotypes, and the index of the window of each sample and
    /// haplotype.
    var contexts: [AlleleWindows] = []
    var haplotypes: [[Int?]] = []
  }

  /// Scores records.
  ///
  /// - Parameters:
  ///   - range: the numbers of the records to score, from 0; their neighbours are read for the haplotypes.
  ///   - next: returns the next record of the file, starting with the first, or nil at the end.
  ///   - write: called with the records in order.
  package func run(
    path: String, records range: Range<Int> = 0..<Int.max, next: () throws -> VCF.Record?,
    write: (VCF.Record) throws -> Void
  ) throws {
    var pending: [Pending] = []
    func flush() throws {
      let windows = pending.flatMap { $0.windows.compactMap { $0 } + $0.contexts }
      var effects = model.effects(of: windows).makeIterator()
      for var item in pending {
        annotate(&item, &effects)
        annotateHaplotypes(&item, &effects)
        try write(item.record)
      }
      pending.removeAll(keepingCapacity: true)
    }
    func add(_ item: Pending?) throws {
      summary.records += 1
      if let item { pending.append(item) }
      if summary.records % Self.batch == 0 { try flush() }
    }
    if scoresHaplotypes {
      // Deletions of neighbours bring more distant bases into the window.
      var neighbours = HaplotypeNeighbours(reach: 2 * width, path: path)
      while let site = try neighbours.advance(next, isUsable: { try findReference(of: $0)?.agrees == true }),
        site.number < range.upperBound
      {
        guard site.number >= range.lowerBound else { continue }
        var item = try prepare(site.record, path)
        if item?.isMismatch == false { try addHaplotypes(of: site, neighbours, to: &item!) }
        try add(item)
      }
    } else {
      var number = 0
      while number < range.upperBound, let record = try next() {
        if number >= range.lowerBound { try add(prepare(record, path)) }
        number += 1
      }
    }
    try flush()
  }

  /// Returns the contig of a record and whether its reference allele agrees with the reference; nil where the
  /// reference lacks the contig.
  private func findReference(of record: VCF.Record) throws -> (
    entry: FASTAIndex.Entry, found: [UInt8], isInside: Bool, agrees: Bool
  )? {
    guard let entry = entry(of: record.contig) else { return nil }
    let reference = Array(record.reference.utf8), start = record.position - 1
    let isInside = start >= 0 && start + reference.count <= entry.length
    let found = isInside ? try genome.residues(of: entry, start..<start + reference.count) : []
    return (entry, found, isInside, isInside && SequenceAlphabet.dna.areSame(found, reference))
  }

  /// Handles a record that cannot be scored; throws `error` where such records are not allowed.
  private func setAside(_ record: VCF.Record, _ error: @autoclosure () -> FormatError) throws -> Pending? {
    switch mismatch {
    case .fail: throw error()
    case .skip: return nil
    case .flag: return Pending(record: record, windows: record.alternates.map { _ in nil }, isMismatch: true)
    }
  }

  private func prepare(_ record: VCF.Record, _ path: String) throws -> Pending? {
    func failure(_ message: String, _ remedy: Remedy) -> FormatError {
      FormatError(
        .badData, path: path, line: record.line == 0 ? nil : record.line, message, remedy: remedy)
    }
    guard let (entry, found, isInside, agrees) = try findReference(of: record) else {
      summary.withoutContig += 1
      let names = Set(genome.index.entries.map(\.name))
      missingContigs.add(record.contig, among: names.contains)
      return try setAside(
        record,
        failure(
          "found the contig \(FormatError.quoted(record.contig)), expected one of \(genome.path): "
            + FormatError.list(genome.index.entries.map(\.name), limit: 5),
          missingContigs.isResolvable ? .useContigAliases(nil) : .chooseReferenceMismatchPolicy))
    }
    let reference = Array(record.reference.utf8), start = record.position - 1
    if !agrees {
      summary.mismatches += 1
      let expected =
        isInside
        ? String(decoding: found, as: UTF8.self) : "a position within the \(entry.length) bases"
      return try setAside(
        record,
        failure(
          "found REF \(record.reference) at \(record.contig):\(record.position), expected \(expected) of \(genome.path)",
          .chooseReferenceMismatchPolicy))
    }
    let windows = try record.alternates.map { alternate -> AlleleWindows? in
      let bases = Array(alternate.utf8)
      guard Self.isBases(bases) else {
        summary.unscored += 1
        return nil
      }
      summary.scored += 1
      let first = start + reference.count / 2 - width / 2
      if first < 0 || first + width > entry.length { summary.beyond += 1 }
      return try AlleleWindows(
        start: start, referenceCount: reference.count, alternate: bases, width: width,
        contigLength: entry.length
      ) { try genome.residues(of: entry, $0) }
    }
    return Pending(record: record, windows: windows)
  }

  /// Returns whether an allele is written as bases.
  static func isBases(_ allele: [UInt8]) -> Bool {
    !allele.isEmpty && allele.allSatisfy { Nucleotide.baseSets[Int($0)] != 0 }
  }

  /// Adds the windows of each sample's alleles at a record, each haplotype with its own neighbours.
  private func addHaplotypes(
    of site: HaplotypeNeighbours.Site, _ neighbours: HaplotypeNeighbours, to item: inout Pending
  ) throws {
    guard let entry = entry(of: site.contig) else { return }
    let reference = Array(site.record.reference.utf8)
    var numbers: [AlleleWindows: Int] = [:]
    for (sample, alleles) in site.haplotypes.enumerated() {
      item.haplotypes.append(
        try alleles.enumerated().map { haplotype, allele in
          guard let allele, allele < site.changes.count, allele == 0 || site.changes[allele] != nil else {
            summary.unphased += 1
            return nil
          }
          summary.haplotypes += 1
          let alternate = site.changes[allele]?.bases ?? reference
          let context = try HaplotypeContext(
            around: site.range, changes: neighbours.changes(sample: sample, haplotype: haplotype),
            reach: width + max(reference.count, alternate.count), contigLength: entry.length
          ) { try genome.residues(of: entry, $0) }
          let windows = context.windows(of: alternate, width: width)
          if let known = numbers[windows] { return known }
          numbers[windows] = item.contexts.count
          item.contexts.append(windows)
          return item.contexts.count - 1
        })
    }
  }

  private func annotateHaplotypes(_ item: inout Pending, _ effects: inout IndexingIterator<[AlleleEffect]>) {
    let found = item.contexts.map { _ in effects.next()! }
    guard !item.haplotypes.isEmpty else { return }
    for (index, suffix) in outputs {
      func set(_ field: String, _ value: (AlleleEffect) -> Float) {
        item.record.setFormat(
          "LIGASE_\(field)\(suffix)",
          to: item.haplotypes.map { sample in .floats(sample.map { $0.map { value(found[$0]) } }) })
      }
      set("HAP") { $0.alternate[index] }
      set("HAPDIFF") { $0.difference(index) }
    }
  }

  private func entry(of contig: String) -> FASTAIndex.Entry? {
    if let known = contigs[contig] { return known }
    let entry =
      genome.index[contig] ?? aliases.aliases(of: contig).lazy.compactMap { self.genome.index[$0] }.first
    contigs[contig] = .some(entry)
    return entry
  }

  private func annotate(_ item: inout Pending, _ effects: inout IndexingIterator<[AlleleEffect]>) {
    if item.isMismatch { item.record.setInfo("LIGASE_REF_MISMATCH", to: .flag) }
    let found = item.windows.map { $0 == nil ? nil : effects.next() }
    guard found.contains(where: { $0 != nil }) else { return }
    for (index, suffix) in outputs {
      func set(_ field: String, _ value: (AlleleEffect) -> Float) {
        item.record.setInfo("LIGASE_\(field)\(suffix)", to: .floats(found.map { $0.map(value) }))
      }
      set("REF") { $0.reference[index] }
      set("ALT") { $0.alternate[index] }
      set("DIFF") { $0.difference(index) }
      if hasOdds { set("LOGODDS") { $0.logOddsRatio(index) } }
    }
  }

  /// Returns the suffix of the INFO keys for each output: its name, with `_` for invalid characters, and a
  /// number where another output has the same suffix. A name that is valid unchanged keeps its suffix.
  private static func keys(_ names: [String]) -> [String] {
    func isAllowed(_ letter: Character) -> Bool {
      letter.isASCII && (letter.isLetter || letter.isNumber || letter == "_" || letter == ".")
    }
    // LIGASE_REF_MISMATCH is a flag.
    var used: Set<String> = ["MISMATCH"]
    let keys = names.map { String($0.map { isAllowed($0) ? $0 : "_" }) }
    let plain = Set(names.indices.filter { names[$0] == keys[$0] && used.insert(keys[$0]).inserted })
    return names.indices.map { i in
      if plain.contains(i) || used.insert(keys[i]).inserted { return keys[i] }
      var number = 2
      while !used.insert("\(keys[i])_\(number)").inserted { number += 1 }
      return "\(keys[i])_\(number)"
    }
  }
}
