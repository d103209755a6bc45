import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// `ligase predict`.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict with a model file.",
    discussion: """
      Example:  ligase parse expression new.csv | ligase predict model.safetensors --expression - --drugs drugs.tsv \
      --response pairs.tsv > predictions.tsv

      zcat new.fa.gz | ligase predict splice.safetensors > predictions.tsv

      The model file determines the input: sequences (FASTA, FASTQ or a table), an expression matrix, genotypes \
      (VCF), a clinical table, series (a long table), images, or an expression matrix and drugs. Further inputs are given with \
      --input. Genes, sites, columns and channels are matched by name. The output has the key columns, then \
      `prediction`; for classes also one column `probability:CLASS` each; for times to an event the survival at times, \
      the median time and a risk group; and `subset` (train, validation or test) if some examples are in the model's \
      own data. Without --response, every cell line is paired with every \
      drug; without --drugs, with the drugs of the training data.
      """)

  @Option(
    help: ArgumentHelp(
      "Times at which survival is predicted (default: deciles of the training events).", valueName: "t,t,…"),
    transform: Predict.times)
  var at: [Float] = []
  @OptionGroup var examples: ExampleOptions

  /// Times from a list, ascending.
  private static func times(_ text: String) throws -> [Float] {
    let times = text.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) ?? -1 }
    guard times.allSatisfy({ $0 >= 0 && $0.isFinite }), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw ValidationError("--at must be ascending times such as 12,36,60 (got '\(text)')")
    }
    return times
  }

  func run() throws {
    let output = examples.output
    // A folder holds a file for each case.
    if output.output.map({ $0.hasSuffix("/") || FilePath.isFolder($0) }) != true {
      try output.refuseExisting()
    }
    Compute.threadCount = examples.threads.count
    var model = try Model(contentsOf: examples.model)
    let source = try TaskSources.source(of: model, path: examples.model)
    try examples.check(model, source)
    try setTimes(of: &model)
    if try source.predictsFiles(model, examples) { return }
    let selection = try ExampleSelection(examples, model, source)
    let file = try output.open(threads: examples.threads.count, part: selection.part)
    let isFASTA = examples.sequences.format == .fasta
    func table(for examples: Examples) throws -> PredictionTable {
      try PredictionTable(model, for: examples, asFASTA: isFASTA, to: file)
    }
    // The first examples of all decide about columns.
    var written = try selection.head.map(table)
    try selection.read { examples in
      if written == nil { written = try table(for: examples) }
      try written!.write(examples)
    }
    try file.close()
    if let line = written?.seenReport { examples.report.note(line) }
  }

  /// Sets the times at which survival is predicted.
  private func setTimes(of model: inout Model) throws {
    guard !at.isEmpty else { return }
    guard var survival = model.manifest.objective.base as? SurvivalObjective else {
      throw ValidationError("--at does not apply: \(model.spokenKind) without times to an event")
    }
    survival.times = at
    model.manifest.objective = AnyObjective(survival)
  }
}

/// The options of `predict` that only apply to models of some tasks.
enum PredictionOptionGroup {
  case sequences, matrix, pairs, leastFraction, inputs, images, volumes
}

/// The options of reading sequences and writing their predictions.
struct SequencePredictionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Column of sequences in a table (default: as in training).", valueName: "column"))
  var sequence: String?
  @Option(help: ArgumentHelp("Column of ids in a table (default: as in training).", valueName: "column"))
  var id: String?
  @Option(help: "Output format for residue labels: a table with probabilities, or FASTA.")
  var format: ResidueFormat = .tsv

  /// The first of these options that the user specified.
  var given: String? {
    sequence != nil ? "--sequence" : id != nil ? "--id" : format != .tsv ? "--format" : nil
  }
}

/// The format of predicted labels of residues.
enum ResidueFormat: String, ExpressibleByArgument, CaseIterable {
  case tsv
  case fasta
}
