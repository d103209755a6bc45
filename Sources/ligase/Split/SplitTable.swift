import ArgumentParser
import LigaseDatasets
import LigaseFormats

/// `ligase split`.
struct SplitTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Assign the rows of a table to folds, or to train, val and test subsets.",
    discussion: """
      Example:  ligase split response.tsv --group drug_name --folds 5 --seed 1 > split.tsv

      The output has the key columns of the table and a column `fold`, or `split` with --fractions. Rows with the \
      same keys stay together; with --group COLUMN, all rows with the same value of that column stay together. The \
      result does not depend on the order of the rows. The overlap between subsets is reported on standard error.
      """)

  @Argument(help: "Table; `-` or nothing is standard input.")
  var table: String?
  @Option(
    help: ArgumentHelp(
      "Column whose values are kept in one subset, such as the patient.", valueName: "column"))
  var group: String?
  @Option(help: ArgumentHelp("Number of folds (default: 5).", valueName: "n"))
  var folds: Int?
  @Option(
    help: ArgumentHelp(
      "Fractions of train, val and test, or of train and test, instead of folds.", valueName: "a,b,c"))
  var fractions: Fractions?
  @Option(
    help: ArgumentHelp("Key columns (default: all non-numeric columns).", valueName: "a,b,…"),
    transform: { $0.split(separator: ",").map(String.init) })
  var keys: [String] = []
  @OptionGroup var seed: SeedOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var report: ReportOptions

  /// Two or three fractions.
  struct Fractions: ExpressibleByArgument {
    var train: Double
    var validation = 0.0
    var test: Double
    init?(argument: String) {
      let shares = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
      guard shares.allSatisfy({ $0 != nil }), shares.count == 2 || shares.count == 3 else { return nil }
      (train, test) = (shares[0]!, shares[shares.count - 1]!)
      if shares.count == 3 { validation = shares[1]! }
    }
  }

  func validate() throws {
    if let folds, !(2...1000 ~= folds) {
      throw ValidationError("--folds must be from 2 to 1000 (got \(folds))")
    }
    if Set(keys).count < keys.count { throw ValidationError("--keys names a column twice") }
    if folds != nil && fractions != nil {
      throw ValidationError("--folds and --fractions cannot be combined")
    }
    if let fractions {
      let shares = [fractions.train, fractions.validation, fractions.test]
      guard shares.allSatisfy({ (0...1).contains($0) }), abs(shares.reduce(0, +) - 1) < 1e-6 else {
        throw ValidationError("--fractions must be numbers from 0 to 1 that sum to 1")
      }
    }
  }

  private var unit: Split.Unit { group.map { .group($0) } ?? .row }

  func run() throws {
    let table = try report.table(table)
    try table.requireRows()
    let columns = try table.keys(keyNames(table))
    let made =
      try fractions.map {
        try Split.fractions(
          train: $0.train, validation: $0.validation, test: $0.test, of: columns, by: unit, seed: seed.seed
        )
      } ?? Split.folds(folds ?? 5, of: columns, by: unit, seed: seed.seed)
    made.proof.lines.forEach { report.note($0) }
    let target = try output.open()
    try made.write(to: target)
    try target.close()
  }

  /// Returns the specified key columns, or all that are not numeric, and the group column.
  private func keyNames(_ table: Table) throws -> [String] {
    var names = try keys.isEmpty ? table.keyColumnNames().filter { $0 != "fold" && $0 != "split" } : keys
    if let group {
      _ = try table.ids(group)
      if !names.contains(group) { names.append(group) }
    }
    if names.isEmpty {
      throw FormatError(
        .badData, path: table.path, line: 1,
        "all columns are numeric; name the key columns with --keys, some of: \(FormatError.list(table.columnNames))"
      )
    }
    return names
  }
}
