import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// `ligase mutate`.
struct Mutate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict the effect of mutations of sequences: in-silico mutagenesis.",
    discussion: """
      Example:  ligase mutate tf.safetensors sequence.fa --all > mutagenesis.tsv

      By default every residue is substituted by every other. The table has one row for each mutation: id, position \
      (from 1), reference, alternate, and for each output `reference:NAME`, `alternate:NAME` and `difference:NAME`. \
      --matrix writes the differences of one output, with positions in rows and residues in columns.
      """)

  @Argument(help: "The model file, of `train sequence`.")
  var model: String
  @Argument(help: "FASTA or FASTQ; `-` or nothing is standard input.")
  var input: String?
  @Flag(help: "All substitutions, deletions and insertions of single residues.")
  var all = false
  @Flag(help: "Substitution of every residue by every other (the default).")
  var substitutions = false
  @Flag(help: "Deletion of every residue.")
  var deletions = false
  @Flag(help: "Insertion of every residue before every position and at the end.")
  var insertions = false
  @Option(
    help: ArgumentHelp(
      "Table of mutations to make instead: id, position, reference, alternate.", valueName: "file"))
  var list: String?
  @Flag(help: "Write the differences of one output as a matrix, position by residue.")
  var matrix = false
  @Option(help: ArgumentHelp("The class, label or value of --matrix (default: the last).", valueName: "name"))
  var outputName: String?
  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if list != nil, all || substitutions || deletions || insertions || matrix {
      throw ValidationError(
        "--list excludes --all, --substitutions, --deletions, --insertions and --matrix: it names the mutations"
      )
    }
    if matrix, all || deletions || insertions {
      throw ValidationError(
        "--matrix excludes --all, --deletions and --insertions: it holds substitutions only")
    }
    if outputName != nil, !matrix {
      throw ValidationError("--output-name needs --matrix: the table has all outputs")
    }
  }

  private var kinds: Mutagenesis.Kinds {
    var kinds: Mutagenesis.Kinds = []
    if all || substitutions { kinds.insert(.substitutions) }
    if all || deletions { kinds.insert(.deletions) }
    if all || insertions { kinds.insert(.insertions) }
    return kinds.isEmpty ? .substitutions : kinds
  }

  func run() throws {
    Compute.threadCount = threads.count
    try MutagenesisFiles(
      model: try Model(contentsOf: model), input: input, shards: shards, output: output, threads: threads,
      report: report
    ).write(kinds, list: list, as: matrix ? .matrix(outputName) : .rows)
  }
}

/// The effects of mutations of the sequences of a file, of `mutate` and `explain --method ism`.
struct MutagenesisFiles {
  let model: Model
  let input: String?
  let shards: ShardOptions
  let output: OutputOptions
  let threads: ThreadOptions
  let report: ReportOptions

  /// Writes the table.
  ///
  /// - Parameter list: a table of mutations to make instead.
  func write(
    _ kinds: Mutagenesis.Kinds, list: String? = nil, as form: MutagenesisTable.Form = .rows
  ) throws {
    let named = try list.map { try Mutagenesis.list(contentsOf: $0) }
    var seen: Set<String> = []
    let part = try shards.part(of: [input]) {
      let counter = try SequenceReader(contentsOf: input, threads: threads.count)
      var record = SequenceRecord()
      return try RecordSelection.count {
        guard try counter.next(into: &record) else { return false }
        if named != nil { seen.insert(record.name) }
        return true
      }
    }
    let reader = try SequenceReader(contentsOf: input, threads: threads.count)
    reader.selection = RecordSelection(part?.records)
    let target = try output.open(threads: threads.count, part: part)
    let table = try MutagenesisTable(model, output: form, to: target)
    var (sequences, count) = (0, 0)
    var progress = Progress(report)
    while let record = try reader.next() {
      try model.check(record.sequence, id: record.name, path: reader.path, line: record.line)
      seen.insert(record.name)
      let mutations =
        try named.map {
          try Mutagenesis.checked(
            $0[record.name] ?? [], on: record.sequence, alphabet: table.alphabet, path: list!)
        }
        ?? Mutagenesis.mutations(record.sequence, kinds: kinds, alphabet: table.alphabet)
      try table.write(record.name, record.sequence, mutations)
      sequences += 1
      count += mutations.count
      progress.show(
        "\(sequences) sequences, \(count) mutations",
        json: "{\"sequences\":\(sequences),\"mutations\":\(count)}")
    }
    progress.clear()
    if let named, let stray = named.keys.filter({ !seen.contains($0) }).sorted().first {
      throw FormatError(
        .badData, path: list!, "found mutations of '\(stray)', which is no sequence of \(reader.path)")
    }
    try target.close()
    report.note(
      "\(sequences) sequence\(sequences == 1 ? "" : "s"), \(count) mutation\(count == 1 ? "" : "s")")
  }
}
