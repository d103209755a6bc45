import LigaseFormats

/// Pairs of a cell line and a drug from a response table, joined by name to the lines of an expression matrix and the
/// drugs of a drug table.
public struct DrugResponsePairs: Sendable {
  /// The column that names cell lines.
  public let cellColumn: String
  /// The column that names drugs.
  public let drugColumn: String
  /// For each pair the index of its line.
  public let lines: [Int32]
  /// For each pair the index of its drug.
  public let drugs: [Int32]
  /// For each pair its row in the response table.
  public let rows: [Int]
  /// For each pair its measured response, when one was asked for.
  public let targets: [Float]?
  /// What people are told about the joins.
  public let report: [String]

  /// How many pairs there are.
  public var count: Int { rows.count }

  /// Joins the rows of a response table; rows without a line, a drug or a measured target are left out and counted.
  ///
  /// - Parameters:
  ///   - cellColumn: the column that names lines; nil takes the one that matches the most ids.
  ///   - drugColumn: likewise for drugs.
  ///   - target: the column of responses, or nil when they are not needed.
  /// - Throws: `FormatError` for a missing column or a cell that is no number; `JoinError` for an empty join.
  public init(
    _ table: Table, lineIDs: [String], drugIDs: [String], cellColumn: String? = nil,
    drugColumn: String? = nil,
    target: String? = nil
  ) throws {
    try table.requireRows()
    let cells = try Self.join(table, to: lineIDs, named: cellColumn, of: "expression", besides: nil)
    let drugs = try Self.join(
      table, to: drugIDs, named: drugColumn, of: "the drug table", besides: cells.column)
    let values = try target.map { try table.floats($0, missing: .nan) }
    var (lineIndices, drugIndices, rows, targets) = ([Int32](), [Int32](), [Int](), [Float]())
    var unmeasured = 0
    for row in 0..<table.rowCount where cells.indices[row] >= 0 && drugs.indices[row] >= 0 {
      if let value = values?[row] {
        guard !value.isNaN else {
          unmeasured += 1
          continue
        }
        targets.append(value)
      }
      lineIndices.append(cells.indices[row])
      drugIndices.append(drugs.indices[row])
      rows.append(row)
    }
    guard !rows.isEmpty else {
      throw JoinError(
        "\(table.path): no row has a line of the expression matrix, a drug of the drug table"
          + (target.map { " and a number under '\($0)'" } ?? ""))
    }
    self.cellColumn = cells.column
    self.drugColumn = drugs.column
    lines = lineIndices
    self.drugs = drugIndices
    self.rows = rows
    self.targets = values == nil ? nil : targets
    var report = [cells.line(against: "expression"), drugs.line(against: "the drug table")]
    if unmeasured > 0, let target { report.append("\(unmeasured) rows have no \(target) and are left out") }
    let repeated = rows.count - Set(zip(lineIndices, drugIndices).map { Int64($0) << 32 | Int64($1) }).count
    if repeated > 0 { report.append("\(repeated) rows repeat a pair of line and drug; each row counts") }
    self.report = report
  }

  private static func join(
    _ table: Table, to ids: [String], named name: String?, of what: String, besides taken: String?
  ) throws -> IDJoin {
    let candidates = name.map { [$0] } ?? table.columnNames.filter { $0 != taken }
    var best: IDJoin?
    for column in candidates {
      let join = IDJoin(column: column, values: try table.strings(column), ids: ids)
      if join.matchedRows > (best?.matchedRows ?? 0) || best == nil { best = join }
    }
    guard let best, best.matchedRows > 0 else {
      let shown = best.map { "\($0.column): \($0.unknown.prefix(3).joined(separator: ", "))" } ?? "no column"
      throw JoinError(
        "\(table.path): no id of \(what) occurs; found \(shown); expected ids like "
          + ids.prefix(3).joined(separator: ", ")
          + (name == nil ? " in one of \(FormatError.list(table.columnNames))" : ""))
    }
    return best
  }

  init(cellColumn: String, drugColumn: String, lines: [Int32], drugs: [Int32]) {
    self.cellColumn = cellColumn
    self.drugColumn = drugColumn
    self.lines = lines
    self.drugs = drugs
    rows = Array(lines.indices)
    targets = nil
    report = []
  }
}
