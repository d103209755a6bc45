import ArgumentParser
import LigaseFormats

/// `ligase index`.
struct Index: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the index of a file, so that regions of it can be read at once.",
    discussion: """
      Example:  ligase index genome.fa.gz && ligase seq subseq genome.fa.gz --region chr1:1000-2000

      FASTA, plain or BGZF: FILE.fai, and FILE.gzi for BGZF, as samtools makes them. VCF in BGZF, sorted: FILE.tbi as \
      tabix makes it, or FILE.csi where a contig is longer than 2^29 or --csi asks for it. BCF, sorted: FILE.csi.
      """)

  @Argument(help: "The file.")
  var file: String

  @Flag(help: "VCF: make FILE.csi.")
  var csi = false

  @Flag(help: "Replace an index that exists.")
  var overwrite = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    if try VCF.recognizesVariants(contentsOf: file) { return try indexVariants() }
    if csi { throw ValidationError("--csi goes with VCF and BCF") }
    let output = try OutputFile(file + ".fai", overwrite: overwrite)
    let compression = try ByteReader(contentsOf: file).compression
    if compression == .gzip {
      throw FormatError(
        .badData, path: file, "found plain gzip, which cannot be indexed, expected a plain file or BGZF")
    }
    let index = try FASTAIndex(indexing: file, threads: threads.count)
    try index.write(to: output)
    if compression == .bgzf {
      let blocks = try OutputFile(file + ".gzi", overwrite: overwrite)
      try BGZFIndex(indexing: file).write(to: blocks)
      try blocks.close()
    }
    try output.close()
    report.detail("\(index.entries.count) sequences")
  }

  private func indexVariants() throws {
    var warnings: [VCF.Warning] = []
    let index = try VariantIndex(indexing: file, format: csi ? .csi : nil, warnings: &warnings)
    let output = try OutputFile("\(file).\(index.format.rawValue)", overwrite: overwrite, compression: .bgzf)
    try index.write(to: output)
    try output.close()
    report.warn(warnings, file)
    let records = index.contigs.reduce(0) { $0 + (index.recordCount(of: $1) ?? 0) }
    report.detail("\(index.contigs.count) contigs, \(records) records")
  }
}
