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

      Genes are matched by name. The output keeps the key columns of the pairs and appends `prediction`; without \
      --response every line is paired with every drug.
      """)

  @Argument(help: "The model file.")
  var model: String
  @OptionGroup(title: "Data") var data: DrugResponseDataOptions
  @Option(
    help: ArgumentHelp("Table of pairs to predict (default: every line with every drug).", valueName: "file"))
  var response: String?
  @Option(help: ArgumentHelp("The least share of the model's genes that must be there.", valueName: "0…1"))
  var minGenes = 0.5
  @OptionGroup(title: "Expression") var expression: ExpressionReadingOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try data.refuseSharedInput([response])
    if !(0...1 ~= minGenes) {
      throw ValidationError("found --min-genes \(minGenes), expected a share from 0 to 1")
    }
  }

  func run() throws {
    Compute.threadCount = threads.count
    let model = try DrugResponseModel(contentsOf: model)
    let table = try response.map { try Table(contentsOf: $0) }
    let known = try table.map { try DrugResponsePairs.possibleLines(of: $0, cellColumn: data.cellColumn) }
    let (matrix, alignment) = try model.align(
      expression.read(
        data.expression, knownSamples: known ?? model.manifest.lines, threads: threads.count, report),
      leastShare: minGenes)
    alignment.report.forEach { report.warn($0) }
    let drugs = try data.readDrugs(model.manifest.tokenizer)
    let pairs =
      try table.map {
        try DrugResponsePairs(
          $0, lineIDs: matrix.samples, drugIDs: drugs.ids, cellColumn: data.cellColumn,
          drugColumn: data.drugColumn)
      }
      ?? DrugResponsePairs(
        everyPairOf: matrix.samples.count, drugs: drugs.ids.count, cellColumn: model.manifest.cellColumn,
        drugColumn: model.manifest.drugColumn)
    pairs.report.forEach { report.note($0) }
    model.report(pairs, expression: matrix, drugs: drugs).forEach { report.warn($0) }
    let predictions = model.predict(pairs, expression: matrix, drugs: drugs)
    let target = try output.open()
    try pairs.write(predictions, of: table, lines: matrix.samples, drugs: drugs.ids, to: target)
    try target.close()
  }
}
