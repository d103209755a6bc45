import ArgumentParser
import LigaseFormats

/// `ligase parse vcf`.
struct ParseVCF: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vcf",
    abstract: "Write the sites of VCF as a table, or its genotypes as allele counts.",
    discussion: """
      Example:  ligase parse vcf cohort.vcf.gz --dosage > dosage.tsv

      VCF and BCF. Sites: contig, position, id, reference, alternates, quality, filter, then the fields of INFO that --info names. \
      A field without a value is empty, a flag 1. --dosage counts the copies of each alternate allele, one column an \
      allele called contig:position:reference:alternate, with :2, :3, … behind it where that name was there before; a \
      genotype with a missing allele is empty.
      """)

  @Argument(help: "The file; `-` or nothing is standard input.")
  var file: String?

  @Flag(help: "Write allele counts, one row a sample.")
  var dosage = false

  @Flag(help: "With --dosage: one row a variant, in constant memory.")
  var variantsInRows = false

  @Option(help: ArgumentHelp("A field of INFO to write as a column (repeatable).", valueName: "key"))
  var info: [String] = []

  @OptionGroup(title: "Region Options") var regions: RegionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if variantsInRows && !dosage { throw ValidationError("--variants-in-rows goes with --dosage") }
    if let key = info.first(where: { $0.isEmpty })
      ?? Dictionary(grouping: info, by: { $0 }).first(where: { $1.count > 1 })?.key
    {
      throw ValidationError(
        key.isEmpty ? "found an empty --info, expected a key" : "found --info \(key) twice")
    }
    if dosage && !info.isEmpty { throw ValidationError("--info and --dosage exclude each other") }
  }

  func run() throws {
    if !dosage { return try writeSites() }
    let target = try output.open(threads: threads.count)
    let stream = try regions.opening {
      try DosageStream(contentsOf: file, query: $0, aliases: $1, threads: threads.count)
    }
    regions.sayMismatch(stream.mismatch, file, report)
    regions.sayGap(stream.indexGap, report)
    if variantsInRows {
      try stream.writeVariantsInRows(to: target)
    } else {
      let matrix = try DosageMatrix(stream)
      let names = try matrix.writeTSV(to: target)
      if let message = names.message { report.warn(message) }
      report.detail("\(matrix.samples.count) samples, \(matrix.variants.count) variants")
    }
    try target.close()
    report.warn(stream.warnings, file)
  }

  private func writeSites() throws {
    let reader = try regions.open(file, threads: threads.count, report)
    let target = try output.open(threads: threads.count)
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
        "found no field \(FormatError.quoted(key)) of INFO, neither in the header nor in a record"
          + (known.isEmpty ? "" : ", expected one of: \(FormatError.list(known))"))
    }
    try target.close()
    regions.sayWarnings(reader, file, report)
  }
}
