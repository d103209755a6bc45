import ArgumentParser
import LigaseFormats

/// `ligase stats`.
struct Stats: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print summary statistics of files, one row each.",
    discussion: """
      Example:  ligase stats genome.fa.gz reads.fq.gz > stats.tsv
                ligase stats cohort.vcf.gz other.bcf | cut -f1,4,12

      Sequences: file, format, records, bases, min, mean, max and n50 (lengths), gc (per cent of A, C, G, T and U), n (per cent of the bases \
      without gaps; empty for proteins), q20 and q30 (per cent of the bases of FASTQ with at least that quality).

      VCF and BCF: file, format, samples, sites, snvs, mnvs, indels, others (records with such an allele), \
      multiallelic, transitions, transversions, titv, missing (per cent of the genotypes).

      Expression matrices: file, format, samples, genes, missing (values), min, max.

      The first file decides which of the three tables is written; a later file of another kind is an error.
      """)

  @Argument(help: "Files; `-` or nothing is standard input.")
  var files: [String] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws { try FileArguments.refuseSharedInput(files) }

  func run() throws {
    let target = try output.open(threads: threads.count)
    var table: TSVWriter?
    var kind: StatisticsRow.Kind?
    for file in files.isEmpty ? ["-"] : files {
      let statistics = try FileStatistics(contentsOf: file, threads: threads.count)
      if case .variants(let variants) = statistics { report.warn(variants.warnings, file) }
      let row = StatisticsRow(statistics)
      if let kind, row.kind != kind {
        throw FormatError(
          .badData, path: file,
          "found \(row.kind.rawValue), expected \(kind.rawValue) as in the first file"
        )
      }
      kind = row.kind
      let writer = try table ?? TSVWriter(target, columns: ["file"] + row.cells.map(\.column))
      table = writer
      try writer.field(file)
      for cell in row.cells { try writer.field(cell.text) }
      try writer.endRow()
      try target.flush()
    }
    try target.close()
  }
}

/// The row of one file.
struct StatisticsRow {
  /// The kind of a table.
  enum Kind: String {
    case sequences
    case variants
    case expression = "an expression matrix"
  }

  let kind: Kind
  /// The cells after the file name.
  let cells: [(column: String, text: String)]

  init(_ statistics: FileStatistics) {
    switch statistics {
    case .sequences(let sequences):
      kind = .sequences
      cells = StatisticsRow.cells(sequences)
    case .variants(let variants):
      kind = .variants
      cells = StatisticsRow.cells(variants)
    case .expression(let matrix):
      kind = .expression
      cells = [
        ("format", "expression"), ("samples", "\(matrix.samples)"), ("genes", "\(matrix.genes)"),
        ("missing", "\(matrix.missing)"), ("min", number(matrix.minimum.map(Double.init), digits: nil)),
        ("max", number(matrix.maximum.map(Double.init), digits: nil)),
      ]
    }
  }

  private static func cells(_ statistics: SequenceStatistics) -> [(column: String, text: String)] {
    let (lengths, residues) = (statistics.lengths, statistics.residues)
    let isReads = statistics.format == .fastq
    func percentage(_ part: Int, of total: Int, _ isKnown: Bool) -> String {
      number(isKnown && total > 0 ? 100 * Double(part) / Double(total) : nil)
    }
    let gc = statistics.isNucleic ? residues.gcFraction.map { $0 * 100 } : nil
    return [
      ("format", statistics.format.rawValue), ("records", "\(lengths.count)"), ("bases", "\(lengths.total)"),
      ("min", "\(lengths.minimum)"), ("mean", number(lengths.mean)), ("max", "\(lengths.maximum)"),
      ("n50", "\(lengths.n50)"), ("gc", number(gc)),
      ("n", percentage(residues.n, of: residues.letters, statistics.isNucleic)),
      ("q20", percentage(statistics.q20, of: lengths.total, isReads)),
      ("q30", percentage(statistics.q30, of: lengths.total, isReads)),
    ]
  }

  private static func cells(_ statistics: VariantStatistics) -> [(column: String, text: String)] {
    let counts: [(String, Int)] = [
      ("samples", statistics.samples), ("sites", statistics.sites), ("snvs", statistics.snvs),
      ("mnvs", statistics.mnvs), ("indels", statistics.indels), ("others", statistics.others),
      ("multiallelic", statistics.multiallelic), ("transitions", statistics.transitions),
      ("transversions", statistics.transversions),
    ]
    return [("format", "vcf")] + counts.map { ($0.0, "\($0.1)") } + [
      ("titv", number(statistics.transitionRatio)),
      ("missing", number(statistics.missingFraction.map { $0 * 100 }, digits: 4)),
    ]
  }
}

/// Returns a number with two decimals, or with `digits`; nil gives all digits. A missing number is empty.
private func number(_ value: Double?, digits: Int? = 2) -> String {
  guard var value, value.isFinite else { return "" }
  if let digits {
    let scale = digits == 2 ? 100.0 : 10_000
    value = (value * scale).rounded() / scale
  }
  let text = digits == nil ? "\(Float(value))" : "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
