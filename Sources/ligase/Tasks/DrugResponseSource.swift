import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseRuntime
import LigaseModels

/// Expression of cell lines, structures of drugs, and measured responses of pairs.
struct DrugResponseSource: TaskSource {
  typealias Preset = DrugResponseTask
  static let abstract = "Learn the response of cell lines to drugs from expression and SMILES."
  static let example = """
    --expression expression.tsv --drugs drugs.tsv --response response.tsv --target ln_IC50 --split split.tsv
    """
  static let discussion = """
    Tables are joined by name; names without a match are reported. Several --target columns are learned together. \
    The defaults depend on the prediction setting: whether the split holds out cell lines, drugs, both or neither.
    """

  @Option(help: ArgumentHelp("Expression matrix of the cell lines.", valueName: "file"))
  var expression: String?
  @Option(help: ArgumentHelp("Table of drugs: names in the first column, SMILES.", valueName: "file"))
  var drugs: String?
  @Option(help: ArgumentHelp("Table of responses: cell line, drug, measured value.", valueName: "file"))
  var response: String?
  @Option(
    help: ArgumentHelp(
      "Column of responses (default: the only numeric column; repeatable: several targets are learned together).",
      valueName: "column"))
  var target: [String] = []
  @Option(help: "Kind of responses.")
  var targetKind: Labels.Kind = .values
  @Option(
    help: ArgumentHelp(
      "Text that marks a missing class or label, instead of NA (repeatable).", valueName: "text"))
  var na: [String] = []
  @Option(help: "Salts in SMILES: keep them, or keep only the largest fragment.")
  var salts: SMILESTokenizer.Salts = .keep
  @Flag(
    inversion: .prefixedNo,
    help: "Scale genes to mean 0 and standard deviation 1 over the training cell lines.")
  var zscore = true
  @Option(
    help:
      "Prediction setting: which of cell lines and drugs are new in the data to predict (default: as the split holds out)."
  )
  var setting: DrugResponseTask.Setting?
  @Option(help: "Encoder of the SMILES; the same as --architecture.")
  var drugEncoder: EncoderOptions.Kind?
  @Option(
    help:
      "Effects subtracted from the responses before training: the mean only, or also the effects of drugs, of cell lines or of both."
  )
  var residual: Residual?
  @OptionGroup(title: "Columns") var columns: DrugResponseColumns
  @OptionGroup(title: "Expression") var matrix: ExpressionOptions

  enum Residual: String, ExpressibleByArgument, CaseIterable { case mean, drug, line, both }

  var files: [String?] { [expression, drugs, response, matrix.genes] }

  func choose(_ choice: inout TaskChoice) {
    choice.kind = drugEncoder ?? choice.kind
    choice.setting = setting?.rawValue
  }

  func adjust(_ options: inout ModelOptions) {
    guard let residual else { return }
    let (lines, drugs) = (ExpressionModality.name, SMILESModality.name)
    options.training.offsets =
      switch residual {
      case .mean: []
      case .drug: [drugs]
      case .line: [lines]
      case .both: [drugs, lines]
      }
  }

  func requireInputs() throws {
    for (option, file) in [("--expression", expression), ("--drugs", drugs), ("--response", response)]
    where file == nil {
      throw ValidationError("Missing expected argument '\(option) <file>'")
    }
  }

  func nominalExamples() -> Examples {
    let (lines, drugs) = ((1...100).map { "line\($0)" }, (1...10).map { "drug\($0)" })
    let index = [(0..<1000).map { Int32($0 / 10) }, (0..<1000).map { Int32($0 % 10) }]
    let keys = ["cell_line", "drug"]
    let genes = (1...100).map { "gene\($0)" }
    let names = target.isEmpty ? ["response"] : target
    return Examples(
      keys: KeyColumns([
        KeyColumn(keys[0], index[0].map { lines[Int($0)] }),
        KeyColumn(keys[1], index[1].map { drugs[Int($0)] }),
      ]),
      inputs: [
        ExampleInput(
          ExpressionModality.name, ExpressionModality(),
          FeatureTable(names: genes, values: [Float](repeating: 0, count: 10_000)), ids: lines,
          index: index[0],
          keyColumn: keys[0]),
        ExampleInput(
          SMILESModality.name, SMILESModality(),
          DrugTable(ids: drugs, tokens: drugs.map { _ in ["C", "C", "O"] }), ids: drugs, index: index[1],
          keyColumn: keys[1]),
      ], target: TargetDescription("values", names),
      observations: Observations(
        numbers: [Float](repeating: 0, count: 1000 * names.count), width: names.count),
      groups: Array(0..<1000))
  }

  func read(_ context: ReadingContext) throws -> TrainingData {
    let (threads, report) = (context.threads, context.report)
    try requireInputs()
    let table = try report.table(response)
    let profiles = try matrix.read(
      expression, knownSamples: JoinedTable.possibleIDs(of: table, column: columns.cellColumn),
      choosesLater: true, threads: threads, report)
    let tokenizer = SMILESTokenizer(salts: salts)
    let drugs = try columns.readDrugs(self.drugs!, tokenizer, report)
    let names = try target.isEmpty ? [JoinedTable.onlyNumericColumn(of: table)] : target
    let isNumeric = targetKind == .values
    let joined = try JoinedTable(
      table, to: columns.sides(profiles.samples, drugs.ids), targets: isNumeric ? names : [])
    if let key = names.first(where: joined.columns.contains) {
      throw JoinError("the target '\(key)' is a key column; --target must be a column of responses")
    }
    joined.report.forEach { report.note($0) }
    var (target, observations) = (
      TargetDescription("values", names, columns: names),
      Observations(numbers: joined.values, width: names.count)
    )
    if !isNumeric {
      let values = try names.map { name in
        let all = try table.strings(name)
        return (name: name, values: joined.rows.map { all[$0] })
      }
      let found = try Labels.target(values, Labels.Reading(targetKind, missing: na.isEmpty ? nil : na)) {
        "row \(joined.rows[$0] + 1)"
      }
      (target, observations) = (found.target, found.observations)
      report.note(found.note)
    }
    var modality = ExpressionModality()
    (modality.zscore, modality.topVariance) = (zscore, matrix.topVariance)
    (modality.countsPerMillion, modality.logTransformed) = (matrix.countsPerMillion, matrix.logTransform)
    var smiles = SMILESModality()
    smiles.salts = salts
    let keys = try joined.keys()
    let examples = Examples(
      keys: keys,
      inputs: columns.inputs(
        joined, FeatureTable(names: profiles.genes, values: profiles.values), profiles.samples, drugs,
        (modality, smiles)),
      target: target, observations: observations, groups: keys.combinations().codes.map { Int($0) })
    return TrainingData(task: Preset.name, unit: Preset.unit, examples: examples)
  }

  static let predictionOptions: Set<PredictionOptionGroup> = [.matrix, .pairs, .leastFraction]
  static let ownInputs = 2
  static let inputWords = "an expression matrix, and drugs with SMILES"

  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
  ) throws {
    let options = inputs.pairs, columns = options.columns, report = inputs.report
    guard let smiles = model.manifest.inputs[1].preparation.base as? SMILESPreparation else { return }
    let table = try options.response.map { try report.table($0) }
    let known = try table.map { try JoinedTable.possibleIDs(of: $0, column: columns.cellColumn) }
    let (profiles, alignment) = try model.align(
      inputs.matrix.read(
        file, knownSamples: known ?? model.manifest.inputs[0].known, knownGenes: model.genes,
        threads: inputs.threads.count, report),
      leastShare: inputs.leastFraction)
    alignment.report.forEach { report.warn($0) }
    let drugs: DrugTable
    if let file = options.drugs {
      drugs = try columns.readDrugs(file, smiles.tokenizer, report)
    } else if let known = smiles.knownDrugs {
      drugs = known
      report.note("using the \(known.ids.count.counted("drug")) of the training data; --drugs overrides this")
    } else {
      throw ValidationError("this model file does not contain its drugs; give them with --drugs FILE")
    }
    let genes = FeatureTable(names: profiles.genes, values: profiles.values)
    let examples: Examples
    if let table {
      let joined = try JoinedTable(table, to: columns.sides(profiles.samples, drugs.ids))
      joined.report.forEach { report.note($0) }
      examples = model.examples(
        keys: try joined.keys(), inputs: columns.inputs(joined, genes, profiles.samples, drugs))
    } else {
      examples = columns.everyPair(model, genes, profiles.samples, drugs)
    }
    model.report(on: examples).forEach { report.warn($0) }
    let new = model.inputsWithNewRecords(examples)
    if !new.isEmpty {
      let setting: DrugResponseTask.Setting =
        new.count > 1 ? .newBoth : new[0] == SMILESModality.name ? .newDrugs : .newCellLines
      report.warn(
        "the prediction setting of this model is \(model.manifest.options.setting ?? "known"); for such data train "
          + "with --setting \(setting.rawValue)")
    }
    try body(examples)
  }
}

extension DrugResponseTask.Setting: ExpressibleByArgument {}
