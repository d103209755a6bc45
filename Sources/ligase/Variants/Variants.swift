import ArgumentParser
import LigaseFormats

/// The commands on variants.
struct Variants: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vcf",
    abstract: "Filter, split and normalise variants, and put them into a reference.",
    discussion: """
      Every command reads VCF, plain or compressed, and writes VCF, or FASTA where it says so. What is not asked to \
      change stays as it is, byte for byte.
      """,
    groupedSubcommands: [
      CommandGroup(name: "Choice:", subcommands: [VCFFilter.self]),
      CommandGroup(name: "Alleles:", subcommands: [VCFSplit.self, VCFNormalize.self]),
      CommandGroup(name: "Sequence:", subcommands: [VCFConsensus.self]),
    ])
}

/// Which contigs of two files are the same.
struct AliasOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Contigs of other names: `auto` (1 and chr1, MT and chrM), or a file with the names of a contig in each line.",
      valueName: "auto|file"))
  var chromosomeAliases: String?

  /// The aliases that were asked for; none if nobody did.
  func read() throws -> ContigAliases {
    guard let chromosomeAliases else { return ContigAliases() }
    return chromosomeAliases == "auto"
      ? ContigAliases(rule: .automatic) : try ContigAliases(contentsOf: chromosomeAliases)
  }
}

/// Which records are taken: all, or those that overlap regions.
struct RegionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Records that overlap contig:start-end, found through FILE.tbi or FILE.csi if there is one (repeatable).",
      valueName: "region"))
  var region: [String] = []

  @Option(help: ArgumentHelp("Records that overlap the intervals of BED.", valueName: "bed"))
  var regionsFile: String?

  @OptionGroup var aliases: AliasOptions

  /// Whether any were asked for.
  var isEmpty: Bool { region.isEmpty && regionsFile == nil }

  /// What was asked for, nil if nothing was.
  func read() throws -> RegionQuery? {
    if isEmpty { return nil }
    var regions: [Region] = []
    if let regionsFile {
      let intervals = try BED.Reader(contentsOf: regionsFile)
      while let interval = try intervals.next() {
        // No contig reaches as far as such a start.
        if interval.start == .max { continue }
        regions.append(Region(contig: interval.contig, start: interval.start + 1, end: interval.end))
      }
    }
    return RegionQuery(region, regions: regions)
  }

  /// Calls `body` with what was asked for; a text that is no region is wrong usage.
  func opening<Result>(_ body: (RegionQuery?, ContigAliases) throws -> Result) throws -> Result {
    do {
      return try body(read(), aliases.read())
    } catch let error as RegionQuery.SyntaxError {
      throw ValidationError("--region: \(error)")
    }
  }

  /// Opens a file for reading those records; what it means for speed is said in `report`.
  func open(_ file: String?, threads: Int, _ report: ReportOptions) throws -> VCF.RegionReader {
    let reader = try opening {
      try VCF.RegionReader(contentsOf: file, query: $0, aliases: $1, threads: threads)
    }
    if !isEmpty && !reader.usesIndex {
      let name = file ?? "-"
      report.note(
        name == "-"
          ? "standard input is read to its end: it has no index"
          : "\(name) is read to its end: it has no index (`ligase index` makes one)")
    }
    return reader
  }

  /// Says what was read although it is not as it should be, and which contigs were asked for in vain.
  func sayWarnings(_ reader: VCF.RegionReader, _ file: String?, _ report: ReportOptions) {
    sayMismatch(reader.mismatch, file, report)
    sayGap(reader.indexGap, report)
    report.warn(reader.warnings, file)
  }

  /// Says which contigs the index lacks.
  func sayGap(_ gap: VariantIndex.Gap?, _ report: ReportOptions) {
    guard let gap else { return }
    report.warn(
      "the index \(gap.index) has no \(FormatError.list(gap.contigs)), which the header has: "
        + (gap.isOlder
          ? "the index is older than the file; `ligase index --overwrite` makes it again"
          : "the file has no record of it, or the index is of another version"))
  }

  /// Says which contigs were asked for in vain.
  func sayMismatch(_ mismatch: ContigMismatch, _ file: String?, _ report: ReportOptions) {
    if !mismatch.isEmpty { report.warn(mismatch.words("regions", missingFrom: ReportOptions.place(file))) }
  }
}

extension ReportOptions {
  /// Prints what was read although it is not as it should be, once for each class.
  func warn(_ warnings: [VCF.Warning], _ file: String?) {
    for warning in warnings {
      let more = warning.count > 1 ? ", and \(warning.count - 1) more" : ""
      let line = warning.line > 0 ? ":\(warning.line)" : ""
      warn("\(ReportOptions.place(file))\(line): \(warning.message) [\(warning.name)]\(more)")
    }
  }

  /// A file as people know it.
  static func place(_ file: String?) -> String { file == nil || file == "-" ? "standard input" : file! }
}

/// Where VCF goes.
struct VariantOutputOptions: ParsableArguments {
  @OptionGroup var output: OutputOptions

  /// Creates the output and writes the header, unless another shard has it.
  func open(_ header: VCF.Header, threads: Int, writesHeader: Bool = true) throws -> VCF.Writer {
    let compression = output.outputType?.compression ?? VCF.Writer.compression(named: output.output ?? "-")
    let file = try OutputFile(
      output.output, overwrite: output.overwrite, compression: compression, threads: threads)
    return try VCF.Writer(file, header: header, writesHeader: writesHeader)
  }
}
