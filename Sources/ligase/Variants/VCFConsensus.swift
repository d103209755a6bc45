import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase vcf consensus`.
struct VCFConsensus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consensus",
    abstract: "Apply variants to a reference and write FASTA.",
    discussion: """
      Example:  ligase vcf consensus phased.vcf.gz --reference genome.fa --sample NA12878 --haplotype 1 > maternal.fa

      Without --sample, the first alternate allele of every record is applied. A variant that overlaps the previous \
      one is skipped and counted, as are symbolic alleles (except <DEL> with END or SVLEN). A missing genotype \
      leaves the reference unchanged.
      """)

  @Argument(help: "Sorted VCF or BCF; `-` or nothing is standard input.")
  var file: String?

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp("Reference FASTA; an existing FILE.fai is used.", valueName: "fasta"))
  var reference: String

  @Option(name: [.short, .long], help: ArgumentHelp("Sample whose alleles are applied.", valueName: "name"))
  var sample: String?

  @Option(
    name: [.customShort("H"), .long],
    help: ArgumentHelp(
      "Haplotype to apply: 1 for the first allele of each genotype, 2 for the second, ….", valueName: "n"))
  var haplotype: Int?

  @Flag(
    name: [.customShort("I"), .long], help: "With --sample: write IUPAC codes for heterozygous genotypes.")
  var iupac = false

  @Option(
    help: ArgumentHelp("Residues per line of FASTA; 0 writes each sequence on one line.", valueName: "n"))
  var lineWidth = 60

  @OptionGroup(title: "Region Options") var regions: RegionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if lineWidth < 0 { throw ValidationError("--line-width must be at least 0 (got \(lineWidth))") }
    if let haplotype, haplotype < 1 {
      throw ValidationError("--haplotype must be at least 1 (got \(haplotype))")
    }
    if sample == nil && (haplotype != nil || iupac) {
      throw ValidationError("--haplotype and --iupac need --sample")
    }
    if sample != nil && (haplotype == nil) != iupac {
      throw ValidationError("--sample needs either --haplotype or --iupac")
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
      report.warn("skipped \(consensus.overlapCount.counted("variant")) overlapping the previous variant")
    }
    if consensus.symbolicCount > 0 {
      report.warn("skipped \(consensus.symbolicCount.counted("variant")) with a symbolic allele")
    }
    if consensus.unknownCount > 0 {
      report.warn("skipped \(consensus.unknownCount.counted("genotype")) with an allele that is not in ALT")
    }
    if consensus.monomorphicCount > 0 {
      report.note("skipped \(consensus.monomorphicCount.counted("record")) without an alternate allele")
    }
    report.note("applied \(consensus.appliedCount.counted("variant"))")
  }

  private func choice(_ header: VCF.Header) throws -> VariantConsensus.Choice {
    guard let sample else { return .firstAlternates }
    let column = try SampleSelection([sample], of: header, path: file ?? "-").columns[0]
    return haplotype.map { .haplotype($0, sample: column) } ?? .ambiguous(sample: column)
  }
}
