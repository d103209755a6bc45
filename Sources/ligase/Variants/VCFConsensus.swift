import ArgumentParser
import LigaseFormats

/// `ligase vcf consensus`.
struct VCFConsensus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consensus",
    abstract: "Put variants into a reference and write it as FASTA.",
    discussion: """
      Example:  ligase vcf consensus phased.vcf.gz --reference genome.fa --sample NA12878 --haplotype 1 > maternal.fa

      Without --sample the first alternate allele of every record goes in. A variant that overlaps the one before it \
      is left out, and counted, and so are alleles that are no sequence of bases (but <DEL> with END or SVLEN). A \
      missing genotype leaves the reference as it is.
      """)

  @Argument(help: "VCF, sorted; `-` or nothing is standard input.")
  var file: String?

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp("The reference, FASTA; FILE.fai is used if it is there.", valueName: "fasta"))
  var reference: String

  @Option(name: [.short, .long], help: ArgumentHelp("The sample whose alleles go in.", valueName: "name"))
  var sample: String?

  @Option(
    name: [.customShort("H"), .long],
    help: ArgumentHelp("The haplotype: the first, second, … allele of each genotype.", valueName: "n"))
  var haplotype: Int?

  @Flag(
    name: [.customShort("I"), .long], help: "With --sample: IUPAC codes where the genotype is heterozygous.")
  var iupac = false

  @Option(help: ArgumentHelp("Residues a line, 0 for one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup(title: "Region Options") var regions: RegionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if lineWidth < 0 { throw ValidationError("found --line-width \(lineWidth), expected a number from 0 up") }
    if let haplotype, haplotype < 1 {
      throw ValidationError("found --haplotype \(haplotype), expected a number from 1 up")
    }
    if sample == nil && (haplotype != nil || iupac) { throw ValidationError("expected --sample too") }
    if sample != nil && (haplotype == nil) != iupac {
      throw ValidationError("--sample goes with either --haplotype or --iupac")
    }
  }

  func run() throws {
    let reader = try regions.open(file, threads: threads.count, report)
    let genome = try IndexedFASTA(contentsOf: reference, threads: threads.count)
    let target = try output.open(threads: threads.count)
    var consensus = VariantConsensus(try choice(reader.header))
    var record = VCF.Record()
    while try reader.next(into: &record) { try consensus.add(record, path: file ?? "-") }
    let mismatch = try consensus.write(
      genome, aliases: try regions.aliases.read(), lineWidth: lineWidth, to: target, vcfPath: file ?? "-")
    if !mismatch.isEmpty { report.warn(mismatch.words("variants", missingFrom: reference)) }
    try target.close()
    regions.sayWarnings(reader, file, report)
    let known = Set(reader.warnings.map(\.name))
    report.warn(consensus.warnings.filter { !known.contains($0.name) }, file)
    if consensus.overlapCount > 0 {
      report.warn("skipped \(consensus.overlapCount) variants that overlap the one before them")
    }
    if consensus.symbolicCount > 0 {
      report.warn("skipped \(consensus.symbolicCount) variants whose allele is not a sequence")
    }
    if consensus.unknownCount > 0 {
      report.warn("skipped \(consensus.unknownCount) genotypes with an allele that ALT lacks")
    }
    if consensus.monomorphicCount > 0 {
      report.note("skipped \(consensus.monomorphicCount) records without an alternate allele")
    }
    report.note("\(consensus.appliedCount) variants applied")
  }

  private func choice(_ header: VCF.Header) throws -> VariantConsensus.Choice {
    guard let sample else { return .firstAlternates }
    let column = try SampleSelection([sample], of: header, path: file ?? "-").columns[0]
    return haplotype.map { .haplotype($0, sample: column) } ?? .ambiguous(sample: column)
  }
}
