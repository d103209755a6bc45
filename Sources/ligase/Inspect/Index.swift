import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase index`.
struct Index: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Index FASTA, VCF or BCF for fast access to regions.",
    discussion: """
      Example:  ligase index genome.fa.gz && ligase seq subseq genome.fa.gz --region chr1:1000-2000

      FASTA, plain or BGZF: writes FILE.fai, and FILE.gzi for BGZF, like samtools faidx. Sorted VCF in BGZF: writes \
      FILE.tbi like tabix, or FILE.csi with --csi or if a contig is longer than 2^29. Sorted BCF: writes FILE.csi.
      """)

  @Argument(help: "File to index: FASTA, VCF or BCF.")
  var file: String

  @Flag(help: "VCF: write FILE.csi instead of FILE.tbi.")
  var csi = false

  @Flag(help: "Replace an existing index.")
  var overwrite = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    try FileIndexing(file: file, csi: csi, overwrite: overwrite, threads: threads.count, report: report)
      .write()
  }
}

/// The index of a file, beside it.
struct FileIndexing {
  let file: String
  /// Whether a VCF gets FILE.csi.
  var csi = false
  let overwrite: Bool
  let threads: Int
  let report: ReportOptions

  func write() throws {
    if try VCF.recognizesVariants(contentsOf: file) { return try indexVariants() }
    if csi { throw ValidationError("--csi is only for VCF and BCF") }
    let output = try OutputFile(file + ".fai", overwrite: overwrite)
    let compression = try ByteReader(contentsOf: file).compression
    if compression == .gzip {
      throw FormatError(
        .badData, path: file, "found plain gzip, which cannot be indexed, expected a plain file or BGZF")
    }
    let index = try FASTAIndex(indexing: file, threads: threads)
    try index.write(to: output)
    if compression == .bgzf {
      let blocks = try OutputFile(file + ".gzi", overwrite: overwrite)
      try BGZFIndex(indexing: file).write(to: blocks)
      try blocks.close()
    }
    try output.close()
    report.detail("\(index.entries.count.counted("sequence"))")
  }

  private func indexVariants() throws {
    var warnings: [VCF.Warning] = []
    let index = try VariantIndex(indexing: file, format: csi ? .csi : nil, warnings: &warnings)
    let output = try OutputFile("\(file).\(index.format.rawValue)", overwrite: overwrite, compression: .bgzf)
    try index.write(to: output)
    try output.close()
    report.warn(warnings, file)
    let records = index.contigs.reduce(0) { $0 + (index.recordCount(of: $1) ?? 0) }
    report.detail("\(index.contigs.count.counted("contig")), \(records.counted("record"))")
  }
}
