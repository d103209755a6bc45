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
  @OptionGroup(title: "Drug response") var drugResponse: DrugResponsePredictionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try DrugResponseColumns.refuseSharedInput([
      drugResponse.expression, drugResponse.drugs, drugResponse.response,
    ])
    if !(0...1 ~= minGenes) {
      throw ValidationError("found --min-genes \(minGenes), expected a share from 0 to 1")
    }
  }

  func run() throws {
    Compute.threadCount = threads.count
    let file = try ModelFile(contentsOf: model)
    if file.task == DrugResponseModel.task { return try predictResponses(DrugResponseModel(file)) }
    let model = try SupervisedModel(file)
    if input == nil, StandardInput.isTerminal {
      throw ValidationError("found no input, expected what the model reads: \(model.manifest.task.rawValue)")
    }
    let prediction = SupervisedPrediction(
      model: model, input: input ?? drugResponse.expression, sequenceColumn: sequences.sequence,
      idColumn: sequences.id, matrix: matrix, minShare: minGenes, threads: threads.count, report: report)
    try prediction.run(output: output, format: sequences.format)
  }

  /// Drug response has inputs of its own.
  private func predictResponses(_ model: DrugResponseModel) throws {
    guard let expression = drugResponse.expression ?? input, let drugFile = drugResponse.drugs else {
      throw ValidationError("a model for drug-response needs --expression and --drugs")
    }
    let columns = drugResponse.columns
    let table = try drugResponse.response.map { try report.table($0) }
    let known = try table.map { try DrugResponsePairs.possibleLines(of: $0, cellColumn: columns.cellColumn) }
    let (profiles, alignment) = try model.align(
      matrix.read(
        expression, knownSamples: known ?? model.manifest.lines, threads: threads.count, report),
      leastShare: minGenes)
    alignment.report.forEach { report.warn($0) }
    let drugs = try columns.readDrugs(drugFile, model.manifest.tokenizer)
    let pairs =
      try table.map {
        try DrugResponsePairs(
          $0, lineIDs: profiles.samples, drugIDs: drugs.ids, cellColumn: columns.cellColumn,
          drugColumn: columns.drugColumn)
      }
      ?? DrugResponsePairs(
        everyPairOf: profiles.samples.count, drugs: drugs.ids.count, cellColumn: model.manifest.cellColumn,
        drugColumn: model.manifest.drugColumn)
    pairs.report.forEach { report.note($0) }
    model.report(pairs, expression: profiles, drugs: drugs).forEach { report.warn($0) }
    let target = try output.open(threads: threads.count)
    let predictions = model.predict(pairs, expression: profiles, drugs: drugs)
    try pairs.write(predictions, of: table, lines: profiles.samples, drugs: drugs.ids, to: target)
    try target.close()
  }
}

/// The inputs of a drug-response prediction.
struct DrugResponsePredictionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Expression matrix of the cell lines.", valueName: "file"))
  var expression: String?
  @Option(help: ArgumentHelp("Table of drugs: names in the first column, SMILES.", valueName: "file"))
  var drugs: String?
  @Option(
    help: ArgumentHelp("Table of pairs to predict (default: every line with every drug).", valueName: "file"))
  var response: String?
  @OptionGroup var columns: DrugResponseColumns
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
