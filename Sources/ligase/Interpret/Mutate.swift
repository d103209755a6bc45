import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// `ligase mutate`.
struct Mutate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mutate sequences and tell what a model says: in-silico mutagenesis.",
    discussion: """
      Example:  ligase mutate tf.safetensors sequence.fa --all > mutagenesis.tsv

      Without a choice every residue is substituted by every other. The table has a row a mutation: id, position (from \
      1), reference, alternate, and for each output `reference:NAME`, `alternate:NAME` and `difference:NAME`. --matrix \
      writes the differences of one output, a row a position and a column a residue.
      """)

  @Argument(help: "The model file, of `train sequence`.")
  var model: String
  @Argument(help: "FASTA or FASTQ; `-` or nothing is standard input.")
  var input: String?
  @Flag(help: "Substitutions, deletions and insertions of single residues.")
  var all = false
  @Flag(help: "Every residue by every other (the default).")
  var substitutions = false
  @Flag(help: "Every residue left out.")
  var deletions = false
  @Flag(help: "Every residue before every position.")
  var insertions = false
  @Option(
    help: ArgumentHelp(
      "Table of mutations to make instead: id, position, reference, alternate.", valueName: "file"))
  var list: String?
  @Flag(help: "Write the differences of one output as a matrix, position by residue.")
  var matrix = false
  @Option(help: ArgumentHelp("The class, label or value of --matrix (default: the last).", valueName: "name"))
  var outputName: String?
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if list != nil, all || substitutions || deletions || insertions || matrix {
      throw ValidationError("--list makes the mutations it names, and no others")
    }
    if matrix, all || deletions || insertions { throw ValidationError("--matrix holds substitutions only") }
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
    let model = try Model(contentsOf: model)
    let reader = try SequenceReader(contentsOf: input, threads: threads.count)
    let named = try list.map { try Mutagenesis.list(contentsOf: $0) }
    let target = try output.open(threads: threads.count)
    let table = try MutagenesisTable(model, output: matrix ? .matrix(outputName) : .rows, to: target)
    var seen: Set<String> = []
    while let record = try reader.next() {
      try model.check(record.sequence, id: record.name, path: reader.path, line: record.line)
      seen.insert(record.name)
      let mutations =
        try named.map { try Mutagenesis.checked($0[record.name] ?? [], on: record.sequence, path: list!) }
        ?? Mutagenesis.mutations(record.sequence, kinds: kinds, alphabet: table.alphabet)
      try table.write(record.name, record.sequence, mutations)
    }
    if let named, let stray = named.keys.filter({ !seen.contains($0) }).sorted().first {
      throw FormatError(
        .badData, path: list!, "found mutations of '\(stray)', which is no sequence of \(reader.path)")
    }
    try target.close()
  }
}
