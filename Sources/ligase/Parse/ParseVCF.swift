import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase parse vcf`.
struct ParseVCF: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vcf",
    abstract: "Convert VCF or BCF to a table of sites, or its genotypes to allele counts.",
    discussion: """
      Example:  ligase parse vcf cohort.vcf.gz --dosage > dosage.tsv

      The table of sites has the columns contig, position, id, reference, alternates, quality, filter, then the INFO \
      fields of --info. A field without a value is empty, a flag is 1. --dosage counts the copies of each alternate \
      allele, one column per allele, named contig:position:reference:alternate; repeated names get the suffix :2, \
      :3, …. A genotype with a missing allele is empty.
      """)

  @Argument(help: "VCF or BCF; `-` or nothing is standard input.")
  var file: String?

  @Flag(help: "Write allele counts, one row per sample.")
  var dosage = false

  @Flag(help: "With --dosage: one row per variant, in constant memory.")
  var variantsInRows = false

  @Option(help: ArgumentHelp("INFO field to write as a column (repeatable).", valueName: "key"))
  var info: [String] = []

  @OptionGroup(title: "Region Options") var regions: RegionOptions
  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if variantsInRows && !dosage { throw ValidationError("--variants-in-rows needs --dosage") }
    if let key = info.first(where: { $0.isEmpty })
      ?? Dictionary(grouping: info, by: { $0 }).first(where: { $1.count > 1 })?.key
    {
      throw ValidationError(
        key.isEmpty ? "--info needs a key (got an empty one)" : "--info \(key) is given twice")
    }
    if dosage && !info.isEmpty { throw ValidationError("--info and --dosage cannot be combined") }
  }

  func run() throws {
    if !dosage { return try writeSites() }
    let part = try shards.part(of: [file]) {
      variantsInRows ? try dosages().countVariants() : try dosages().header.samples.count
    }
    let target = try output.open(threads: threads.count, part: part)
    let stream = try dosages()
    regions.sayMismatch(stream.mismatch, file, report)
    regions.sayGap(stream.indexGap, report)
    if variantsInRows {
      try stream.writeVariantsInRows(to: target, RecordSelection(part?.records))
    } else {
      let matrix = try DosageMatrix(stream)
      let names = try matrix.writeTSV(to: target, samples: part?.records)
      if let message = names.message { report.warn(message) }
      report.detail("\(matrix.samples.count.counted("sample")), \(matrix.variants.count.counted("variant"))")
    }
    try target.close()
    report.warn(stream.warnings, file)
  }

  private func dosages() throws -> DosageStream {
    try regions.opening {
      try DosageStream(contentsOf: file, query: $0, aliases: $1, threads: threads.count)
    }
  }

  private func writeSites() throws {
    let (reader, part) = try regions.open(file, shards, threads: threads.count, report)
    let target = try output.open(threads: threads.count, part: part)
    let columns = ["contig", "position", "id", "reference", "alternates", "quality", "filter"]
    let table = try TSVWriter(target, columns: columns + info)
    var record = VCF.Record()
    var unseen = info.filter { reader.header.info[$0] == nil }
    while try reader.next(into: &record) {
      if !unseen.isEmpty { unseen.removeAll { record.hasInfo($0) } }
      try table.field(record.contig)
      table.field(record.position)
      try table.field(record.ids.joined(separator: ";"))
      try table.field(record.reference)
      try table.field(record.alternates.joined(separator: ","))
      if let quality = record.quality, quality.isInfinite {
        try table.field(quality < 0 ? "-inf" : "inf")
      } else {
        table.field(record.quality ?? .nan)
      }
      try table.field(record.failedFilters.map { $0.isEmpty ? "PASS" : $0.joined(separator: ";") } ?? "")
      for key in info { try table.field(record.infoCell(key, definedBy: reader.header) ?? "") }
      try table.endRow()
    }
    if let key = unseen.first {
      let known = reader.header.info.keys.sorted()
      throw FormatError(
        .badData, path: file ?? "-",
        "found no INFO field \(FormatError.quoted(key)), neither in the header nor in a record"
          + (known.isEmpty ? "" : ", expected one of: \(FormatError.list(known))"))
    }
    try target.close()
    regions.sayWarnings(reader, file, report)
  }
}
