import ArgumentParser
import LigaseFormats

/// The commands on variants.
struct Variants: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vcf",
    abstract: "Filter, split and normalise variants, or apply them to a reference.",
    discussion: """
      Every command reads VCF or BCF, plain or compressed, and writes VCF; consensus writes FASTA. Unaffected \
      records and fields are written unchanged, byte for byte.
      """,
    groupedSubcommands: [
      CommandGroup(name: "Selection:", subcommands: [VCFFilter.self]),
      CommandGroup(name: "Alleles:", subcommands: [VCFSplit.self, VCFNormalize.self]),
      CommandGroup(name: "Sequence:", subcommands: [VCFConsensus.self]),
    ])
}

/// The contig aliases between two files.
struct AliasOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Match contigs with different names: `auto` (1 and chr1, MT and chrM), or a file with the names of one contig per line.",
      valueName: "auto|file"))
  var chromosomeAliases: String?

  /// Reads the aliases; empty without the option.
  func read() throws -> ContigAliases {
    guard let chromosomeAliases else { return ContigAliases() }
    return chromosomeAliases == "auto"
      ? ContigAliases(rule: .automatic) : try ContigAliases(contentsOf: chromosomeAliases)
  }
}

/// The selected records: all, or those that overlap regions.
struct RegionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only records that overlap contig:start-end; uses FILE.tbi or FILE.csi if there is one (repeatable).",
      valueName: "region"))
  var region: [String] = []

  @Option(help: ArgumentHelp("Only records that overlap the intervals of this BED file.", valueName: "bed"))
  var regionsFile: String?

  @OptionGroup var aliases: AliasOptions

  /// Whether no region is specified.
  var isEmpty: Bool { region.isEmpty && regionsFile == nil }

  /// Returns the query; nil without regions.
  func read() throws -> RegionQuery? {
    if isEmpty { return nil }
    var regions: [Region] = []
    if let regionsFile {
      let intervals = try BED.Reader(contentsOf: regionsFile)
      while let interval = try intervals.next() {
        // No contig extends to such a start.
        if interval.start == .max { continue }
        regions.append(Region(contig: interval.contig, start: interval.start + 1, end: interval.end))
      }
    }
    return RegionQuery(region, regions: regions)
  }

  /// Calls `body` with the query and the aliases; an invalid region is a usage error.
  func opening<Result>(_ body: (RegionQuery?, ContigAliases) throws -> Result) throws -> Result {
    do {
      return try body(read(), aliases.read())
    } catch let error as RegionQuery.SyntaxError {
      throw ValidationError("--region: \(error)")
    }
  }

  /// Opens a file for reading the part of the selected records that a job processes; nil is all of them.
  func open(_ file: String?, _ shards: ShardOptions, threads: Int, _ report: ReportOptions) throws -> (
    reader: VCF.RegionReader, part: ShardManifest?
  ) {
    let part = try shards.part(of: [file]) {
      let counter = try open(file, threads: threads, report)
      var record = VCF.Record()
      return try RecordSelection.count { try counter.next(into: &record) }
    }
    var quiet = report
    if part != nil { quiet.quiet = true }
    let reader = try open(file, threads: threads, quiet)
    reader.selection = RecordSelection(part?.records)
    return (reader, part)
  }

  /// Opens a file for reading the selected records; reports a missing index.
  func open(_ file: String?, threads: Int, _ report: ReportOptions) throws -> VCF.RegionReader {
    let reader = try opening {
      try VCF.RegionReader(contentsOf: file, query: $0, aliases: $1, threads: threads)
    }
    if !isEmpty && !reader.usesIndex {
      let name = file ?? "-"
      report.note(
        name == "-"
          ? "reading all of standard input, which has no index"
          : "reading all of \(name), which has no index (`ligase index` writes one)")
    }
    return reader
  }

  /// Warns of malformed records, of a gap in the index, and of regions on unknown contigs.
  func sayWarnings(_ reader: VCF.RegionReader, _ file: String?, _ report: ReportOptions) {
    sayMismatch(reader.mismatch, file, report)
    sayGap(reader.indexGap, report)
    report.warn(reader.warnings, file)
  }

  /// Warns of contigs that are missing in the index.
  func sayGap(_ gap: VariantIndex.Gap?, _ report: ReportOptions) {
    guard let gap else { return }
    report.warn(
      "the index \(gap.index) lacks \(FormatError.list(gap.contigs)) of the header: "
        + (gap.isOlder
          ? "it is older than the file; rebuild it with `ligase index --overwrite`"
          : "the file has no such records, or the index is of another version"))
  }

  /// Warns of regions on contigs that are missing in the file.
  func sayMismatch(_ mismatch: ContigMismatch, _ file: String?, _ report: ReportOptions) {
    if !mismatch.isEmpty { report.warn(mismatch.words("regions", missingFrom: ReportOptions.place(file))) }
  }
}

extension ReportOptions {
  /// Prints warnings about malformed records, one for each kind.
  func warn(_ warnings: [VCF.Warning], _ file: String?) {
    for warning in warnings {
      let more = warning.count > 1 ? ", and \(warning.count - 1) more" : ""
      let line = warning.line > 0 ? ":\(warning.line)" : ""
      warn("\(ReportOptions.place(file))\(line): \(warning.message) [\(warning.name)]\(more)")
    }
  }

  /// Returns the name of a file in messages.
  static func place(_ file: String?) -> String { file == nil || file == "-" ? "standard input" : file! }
}

/// The output of VCF.
struct VariantOutputOptions: ParsableArguments {
  @OptionGroup var output: OutputOptions

  /// Creates the output and writes the header, unless an earlier part of a sharded run has it.
  func open(_ header: VCF.Header, threads: Int, part: ShardManifest? = nil) throws -> VCF.Writer {
    let compression = output.outputType?.compression ?? VCF.Writer.compression(named: output.output ?? "-")
    let file = try OutputFile(
      output.output, overwrite: output.overwrite, compression: compression, threads: threads, part: part)
    return try VCF.Writer(file, header: header)
  }
}
