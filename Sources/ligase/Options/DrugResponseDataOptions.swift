import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// The columns of a drug-response job.
struct DrugResponseColumns: ParsableArguments {
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
  static func refuseSharedInput(_ inputs: [String?]) throws {
    if inputs.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input ('-') can be only one of the inputs")
    }
  }

  func readDrugs(_ path: String, _ tokenizer: SMILESTokenizer) throws -> DrugTable {
    try DrugTable(
      Table(contentsOf: path), idColumn: drugIdColumn, smilesColumn: smilesColumn, tokenizer: tokenizer)
  }
}

extension SMILESTokenizer.Salts: ExpressibleByArgument {}
