import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase vcf filter`.
struct VCFFilter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter",
    abstract: "Select records by an expression or by region, and samples by name.",
    discussion: """
      Example:  ligase vcf filter cohort.vcf.gz -i 'QUAL > 20 && INFO/AF < 0.01' --region chr2:1,000,000-2,000,000 \
      -o rare.vcf.gz

      Expressions are those of bcftools: CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO/KEY, FORMAT/KEY, GT, TYPE, \
      N_ALT; = != < <= > >= ~ !~, && || !, & | within a sample, + - * / %, [subscripts], MAX MIN AVG SUM COUNT ABS \
      STRLEN N_PASS F_PASS; "." is missing. The expression sees all samples; samples are selected afterwards.
      """,
    aliases: ["view"])

  @Argument(help: "VCF or BCF; `-` or nothing is standard input.")
  var file: String?

  @Option(
    name: [.short, .long], parsing: .unconditional,
    help: ArgumentHelp("Keep records for which this expression is true.", valueName: "expression"))
  var include: String?

  @Option(
    name: [.short, .long], parsing: .unconditional,
    help: ArgumentHelp("Skip records for which this expression is true.", valueName: "expression"))
  var exclude: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Keep these samples, in this order; a leading ^ excludes them instead.", valueName: "a,b|^a,b"))
  var samples: String?

  @Option(
    name: [.customShort("S"), .long],
    help: ArgumentHelp(
      "Keep the samples listed in FILE (one name per line); a leading ^ excludes them instead.",
      valueName: "file"))
  var samplesFile: String?

  @Flag(help: "Do not update AC and AN of INFO when samples are excluded.")
  var keepCounts = false

  @OptionGroup(title: "Region Options") var regions: RegionOptions
  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: VariantOutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if include != nil && exclude != nil {
      throw ValidationError("--include and --exclude cannot be combined")
    }
    if samples != nil && samplesFile != nil {
      throw ValidationError("--samples and --samples-file cannot be combined")
    }
  }

  func run() throws {
    let (reader, part) = try regions.open(file, shards, threads: threads.count, report)
    var header = reader.header
    let filter = include ?? exclude
    let condition = try filter.map { try VCFFilter.parsed($0, header) }
    let selection = try selectedSamples(header)
    let updatesCounts = selection != nil && !keepCounts && header.format["GT"] != nil
    if let selection { header = header.selecting(samples: selection.names) }
    if updatesCounts { header = VCFFilter.declaringCounts(header) }
    let writer = try output.open(header, threads: threads.count, part: part)
    var record = VCF.Record()
    var (kept, total) = (0, 0)
    while try reader.next(into: &record) {
      total += 1
      if let condition, condition.passes(record) != (include != nil) { continue }
      if let selection { try selection.apply(to: &record, path: file ?? "-") }
      if updatesCounts { record.updateAlleleCounts() }
      try writer.write(record)
      kept += 1
    }
    try writer.close()
    regions.sayWarnings(reader, file, report)
    report.detail("kept \(kept.grouped) of \(total.counted("record"))")
  }

  /// Parses an expression over the fields of a header; an invalid one is a usage error.
  static func parsed(_ text: String, _ header: VCF.Header) throws -> VariantFilter {
    do {
      return try VariantFilter(text, header: header)
    } catch let error as VariantFilter.SyntaxError {
      throw ValidationError("\(error)")
    }
  }

  /// Returns the samples to keep; nil keeps all.
  private func selectedSamples(_ header: VCF.Header) throws -> SampleSelection? {
    guard var text = samples ?? samplesFile else { return nil }
    let excludes = text.hasPrefix("^")
    if excludes { text.removeFirst() }
    let names =
      samples != nil ? text.split(separator: ",").map(String.init) : try NameList.read(contentsOf: text)
    return try SampleSelection(names, excluding: excludes, of: header, path: file ?? "-")
  }

  private static func declaringCounts(_ header: VCF.Header) -> VCF.Header {
    var header = header
    if header.info["AC"] == nil {
      header = header.adding(
        info: "AC", number: .perAlternate, type: .integer, description: "Allele count in genotypes")
    }
    if header.info["AN"] == nil {
      header = header.adding(
        info: "AN", number: .exactly(1), type: .integer,
        description: "Total number of alleles in called genotypes")
    }
    return header
  }
}
