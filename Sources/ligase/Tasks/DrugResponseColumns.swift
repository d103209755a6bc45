import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// The columns of a drug-response job.
struct DrugResponseColumns: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column of SMILES (default: CanonicalSMILES, or the only column with SMILES in its name).",
      valueName: "column"))
  var smilesColumn: String?

  @Option(
    help: ArgumentHelp("Column of drug names in --drugs (default: the first column).", valueName: "column"))
  var drugIdColumn: String?

  @Option(
    help: ArgumentHelp(
      "Column of cell lines in --response (default: the column that matches --expression).",
      valueName: "column"))
  var cellColumn: String?

  @Option(
    help: ArgumentHelp(
      "Column of drugs in --response (default: the column that matches --drugs).", valueName: "column"))
  var drugColumn: String?

  /// Returns the sides of the join with a table of responses: cell lines and drugs.
  func sides(_ lines: [String], _ drugs: [String]) -> [JoinedTable.Side] {
    [
      JoinedTable.Side("expression", ids: lines, column: cellColumn),
      JoinedTable.Side("the drug table", ids: drugs, column: drugColumn),
    ]
  }

  /// Returns the two inputs of joined rows.
  func inputs(
    _ joined: JoinedTable, _ genes: FeatureTable, _ lines: [String], _ drugs: DrugTable,
    _ modalities: (ExpressionModality, SMILESModality) = (ExpressionModality(), SMILESModality())
  ) -> [ExampleInput] {
    [
      ExampleInput(
        ExpressionModality.name, modalities.0, genes, ids: lines, index: joined.indices[0],
        keyColumn: joined.columns[0]),
      ExampleInput(
        SMILESModality.name, modalities.1, drugs, ids: drugs.ids, index: joined.indices[1],
        keyColumn: joined.columns[1]),
    ]
  }

  /// Returns every cell line with every drug, cell line by cell line.
  func everyPair(_ model: Model, _ genes: FeatureTable, _ lines: [String], _ drugs: DrugTable) -> Examples {
    let (n, m) = (lines.count, drugs.ids.count)
    let places = [
      (0..<n).flatMap { [Int32](repeating: Int32($0), count: m) },
      (0..<n).flatMap { _ in (0..<m).map { Int32($0) } },
    ]
    let names = [model.manifest.inputs[0].keyColumn, model.manifest.inputs[1].keyColumn]
    return model.examples(
      keys: KeyColumns([
        KeyColumn(names[0], places[0].map { lines[Int($0)] }),
        KeyColumn(names[1], places[1].map { drugs.ids[Int($0)] }),
      ]),
      inputs: [
        ExampleInput(
          ExpressionModality.name, ExpressionModality(), genes, ids: lines, index: places[0],
          keyColumn: names[0]),
        ExampleInput(
          SMILESModality.name, SMILESModality(), drugs, ids: drugs.ids, index: places[1],
          keyColumn: names[1]),
      ])
  }

  /// Reads drugs, and reports those that were skipped.
  func readDrugs(_ path: String, _ tokenizer: SMILESTokenizer, _ report: ReportOptions) throws -> DrugTable {
    let drugs = try DrugTable(
      report.table(path), idColumn: drugIdColumn, smilesColumn: smilesColumn, tokenizer: tokenizer)
    if let line = drugs.report { report.warn("\(path): \(line)") }
    return drugs
  }
}

extension SMILESTokenizer.Salts: ExpressibleByArgument {}

/// The inputs of a prediction of pairs.
struct PairPredictionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Expression matrix of the cell lines.", valueName: "file"))
  var expression: String?
  @Option(
    help: ArgumentHelp(
      "Table of drugs: names in the first column, and SMILES (default: the drugs of the training data).",
      valueName: "file"))
  var drugs: String?
  @Option(
    help: ArgumentHelp(
      "Table of pairs to predict (default: every cell line with every drug).", valueName: "file"))
  var response: String?
  @OptionGroup var columns: DrugResponseColumns

  /// The first of these options that the user specified.
  var given: String? {
    let all = [
      ("--expression", expression), ("--drugs", drugs), ("--response", response),
      ("--smiles-column", columns.smilesColumn), ("--drug-id-column", columns.drugIdColumn),
      ("--cell-column", columns.cellColumn), ("--drug-column", columns.drugColumn),
    ]
    return all.first { $0.1 != nil }?.0
  }
}
