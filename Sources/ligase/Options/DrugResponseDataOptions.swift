import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// The tables of a drug-response job and the columns in them.
struct DrugResponseDataOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Expression matrix of the cell lines.", valueName: "file"))
  var expression: String

  @Option(help: ArgumentHelp("Table of drugs: names in the first column, SMILES.", valueName: "file"))
  var drugs: String

  @Option(
    help: ArgumentHelp(
      "Column of SMILES (default: CanonicalSMILES, or the only one named so).", valueName: "column"))
  var smilesColumn: String?

  @Option(help: ArgumentHelp("Column of drug names in --drugs (default: its first).", valueName: "column"))
  var drugIdColumn: String?

  @Option(
    help: ArgumentHelp(
      "Column of cell lines in the response table (default: the one that matches).", valueName: "column"))
  var cellColumn: String?

  @Option(
    help: ArgumentHelp(
      "Column of drugs in the response table (default: the one that matches).", valueName: "column"))
  var drugColumn: String?

  /// Standard input can be read once.
  func refuseSharedInput(_ others: [String?]) throws {
    if ([expression, drugs] + others).count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input ('-') can be only one of the inputs")
    }
  }

  func readDrugs(_ tokenizer: SMILESTokenizer) throws -> DrugTable {
    try DrugTable(
      Table(contentsOf: drugs), idColumn: drugIdColumn, smilesColumn: smilesColumn, tokenizer: tokenizer)
  }
}

extension SMILESTokenizer.Salts: ExpressibleByArgument {}
