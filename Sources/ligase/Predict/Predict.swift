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

      The model file knows what it reads: sequences (FASTA, FASTQ or a table), an expression matrix, genotypes (VCF), or \
      expression and drugs. Genes and sites are matched by name. The output keeps the key columns and appends \
      `prediction`, and for classes one column `probability:CLASS` each. Without --response every line is paired with \
      every drug.
      """)

  @Argument(help: "The model file.")
  var model: String
  @Argument(
    help: "FASTA, table, matrix or VCF to predict; `-` or nothing is standard input (not for drug response).")
  var input: String?
  @OptionGroup(title: "Sequences") var sequences: SequencePredictionOptions
  @OptionGroup(title: "Expression") var matrix: ExpressionReadingOptions
  @Option(
    help: ArgumentHelp("The least share of the model's genes or sites that must be there.", valueName: "0…1"))
  var minGenes = 0.5
  @OptionGroup(title: "Drug response") var pairs: PairPredictionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try FileArguments.refuseSharedInput(
      [pairs.expression, pairs.drugs, pairs.response], of: "inputs")
    if !(0...1 ~= minGenes) {
      throw ValidationError("found --min-genes \(minGenes), expected a share from 0 to 1")
    }
  }

  func run() throws {
    Compute.threadCount = threads.count
    let path = self.model, model = try Model(contentsOf: path)
    let source = try TaskSources.source(of: model, path: path)
    if file == nil, StandardInput.isTerminal {
      throw ValidationError("found no input, expected what a model for \(model.task) reads")
    }
    try source.predict(model, self)
  }

  /// The file that a model of one input reads; nil is standard input.
  var file: String? { input ?? pairs.expression }
}

/// How sequences are read and their predictions written.
struct SequencePredictionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Column of sequences in a table (default: as in training).", valueName: "column"))
  var sequence: String?
  @Option(help: ArgumentHelp("Column of ids in a table (default: as in training).", valueName: "column"))
  var id: String?
  @Option(help: "Labels of residues as FASTA, or as a table with probabilities.")
  var format: ResidueFormat = .tsv
}

/// How the labels of residues are written.
enum ResidueFormat: String, ExpressibleByArgument, CaseIterable {
  case tsv
  case fasta
}
