import ArgumentParser
import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// `ligase train drug-response`.
struct TrainDrugResponse: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drug-response",
    abstract: "Learn the response of cell lines to drugs from expression and SMILES.",
    discussion: """
      Example:  ligase train drug-response --expression expression.tsv --drugs drugs.tsv --response response.tsv \
      --target ln_IC50 --split split.tsv --seed 1 -o model.safetensors

      Tables are joined by name; every join says what found no partner. Without --split a tenth of the pairs is drawn \
      for validation and none is kept for a test. The best epoch on validation is kept. SIGTERM and Ctrl-C write a \
      checkpoint and end with 75; --resume goes on to the same bytes.
      """)

  @Option(help: ArgumentHelp("Expression matrix of the cell lines.", valueName: "file"))
  var expression: String
  @Option(help: ArgumentHelp("Table of drugs: names in the first column, SMILES.", valueName: "file"))
  var drugs: String
  @Option(help: ArgumentHelp("Table of responses: cell line, drug, number.", valueName: "file"))
  var response: String
  @Option(help: ArgumentHelp("Column of responses (default: the only one of numbers).", valueName: "column"))
  var target: String?
  @Option(
    help: ArgumentHelp(
      "Table that says which rows are train, val and test, or their folds.", valueName: "file"))
  var split: String?
  @Option(help: ArgumentHelp("The fold to be kept for the test.", valueName: "n"))
  var fold = 0
  @Option(help: "Salts in SMILES: keep them, or the largest fragment.")
  var salts: SMILESTokenizer.Salts = .keep
  @Flag(inversion: .prefixedNo, help: "Scale genes to mean 0 and deviation 1 over the training lines.")
  var zscore = true
  @OptionGroup(title: "Columns") var columns: DrugResponseColumns
  @OptionGroup(title: "Expression") var matrix: ExpressionOptions
  @OptionGroup(title: "Training") var settings: DrugResponseSettings
  @OptionGroup(title: "Files") var files: TrainingFileOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try DrugResponseColumns.refuseSharedInput(
      [expression, drugs, response, split, settings.config, matrix.genes])
  }

  func run() throws {
    Compute.threadCount = threads.count
    if settings.printConfig {
      // Where a split decides about the purpose, it is looked at.
      let purpose = try split == nil || settings.purpose != nil ? .known : purpose(of: read())
      return print(try ModelFile.json(settings.options(for: purpose), pretty: true))
    }
    try TrainingRun.refuseExisting(files)
    let data = try read()
    let options = try settings.options(for: purpose(of: data))
    let training = try DrugResponseTraining(data, options: options, seed: seed.seed)
    training.report.forEach { report.note($0) }
    try TrainingRun(files: files, report: report).run(training)
  }

  private func purpose(of data: DrugResponseTraining.Data) -> DrugResponseOptions.Purpose {
    .init(pairs: data.pairs, split: data.split)
  }

  /// Reads and joins the tables and says what was found.
  private func read() throws -> DrugResponseTraining.Data {
    let table = try report.table(response)
    var profiles = try matrix.read(
      expression, knownSamples: DrugResponsePairs.possibleLines(of: table, cellColumn: columns.cellColumn),
      choosesLater: true, threads: threads.count, report)
    let tokenizer = SMILESTokenizer(salts: salts)
    let drugs = try columns.readDrugs(self.drugs, tokenizer)
    let column = try target ?? DrugResponsePairs.onlyNumericColumn(of: table)
    let pairs = try DrugResponsePairs(
      table, lineIDs: profiles.samples, drugIDs: drugs.ids, cellColumn: columns.cellColumn,
      drugColumn: columns.drugColumn,
      target: column)
    pairs.report.forEach { report.note($0) }
    let keys = try pairs.keys(of: table)
    let resolved =
      try split.map { try Split(Table(contentsOf: $0)).resolved(for: keys, fold: fold, seed: seed.seed) }
      ?? Split.validationOnly(keys: keys, seed: seed.seed)
    let lines = resolved.lines(keys: keys)
    lines.forEach { report.note($0) }
    if let count = matrix.topVariance {
      // Only training lines may say which genes matter.
      let known = Set(resolved.train.map { pairs.lines[$0] }).sorted().map { profiles.samples[Int($0)] }
      profiles = profiles.topVariance(count, over: known)
    }
    var joined = DrugResponseTraining.Data(
      expression: profiles, drugs: drugs, pairs: pairs, split: resolved, target: column, tokenizer: tokenizer,
      splitDescription: lines[0])
    joined.countsPerMillion = matrix.countsPerMillion
    joined.logTransformed = matrix.logTransform
    joined.isScaled = zscore
    return joined
  }
}
