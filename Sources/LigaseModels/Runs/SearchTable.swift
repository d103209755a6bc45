internal import FoundationEssentials
import LigaseFormats

/// A table of runs of a search: the finished ones, or the plan of a round, whose runs have no metric yet.
///
/// What a job needs besides stands in lines above the header: `#ligase-search 1`, `#rounds 27 3,9 9` (trials and epochs), and
/// `#options` with a JSON object: in a plan the options of the search, in the part of a job those of its trial.
package struct SearchTable: Sendable {
  /// The columns, the last of which are the names of the drawn options.
  package var columns: [String]
  package var runs: [HyperparameterSearch.Run]
  /// The trials and epochs of each round; empty in a table without these lines.
  package var rounds: [HyperparameterSearch.Round] = []
  package var options: ModelOptions?
  /// The most bytes above the header.
  private static let mostNotes = 1 << 20
  /// The first line of plans and parts.
  static let mark = "#ligase-search 1"

  package init(columns: [String], runs: [HyperparameterSearch.Run]) {
    (self.columns, self.runs) = (columns, runs)
  }

  /// Returns whether a file is the part of a job of a search.
  package static func isPart(_ path: String) throws -> Bool {
    try ByteReader(contentsOf: path, content: .binary).peek(mark.utf8.count) == Array(mark.utf8)
  }

  /// Reads a table.
  ///
  /// - Throws: `FormatError` for a file that is no table of a search.
  package init(contentsOf path: String) throws {
    let head = try ByteReader(contentsOf: path).peek(Self.mostNotes)
    let lines = head.split(separator: 0x0A).prefix { $0.first == 0x23 }.map {
      String(decoding: $0, as: UTF8.self)
    }
    let table = try Table(contentsOf: path)
    let columns = table.columnNames
    self.columns = columns
    guard columns.starts(with: HyperparameterSearch.columns) else {
      throw FormatError(
        .badData, path: path,
        "found the columns \(FormatError.list(columns, limit: 6)), expected those of a search: \(FormatError.list(HyperparameterSearch.columns))"
      )
    }
    let (trials, rungs) = (try table.integers("trial"), try table.integers("rung"))
    let (epochs, folds) = (try table.integers("epochs"), try table.integers("folds"))
    let metrics = try table.doubles("validation", missing: .nan)
    runs = trials.indices.map { row in
      let fields = columns.indices.map { table.string(row: row, column: $0) }
      return HyperparameterSearch.Run(
        trial: trials[row], rung: rungs[row], epochs: epochs[row], folds: folds[row],
        metric: metrics[row].isNaN ? .infinity : metrics[row], search: fields[5],
        choices: Array(fields.dropFirst(HyperparameterSearch.columns.count)))
    }
    if lines.first == Self.mark { try readNotes(lines, path) }
  }

  private mutating func readNotes(_ lines: [String], _ path: String) throws {
    for line in lines {
      if line.hasPrefix("#rounds ") {
        rounds = line.dropFirst("#rounds ".count).split(separator: ",").compactMap { text in
          let numbers = text.split(separator: " ").compactMap { Int($0) }
          return numbers.count == 2 ? .init(trials: numbers[0], epochs: numbers[1]) : nil
        }
      } else if line.hasPrefix("#options ") {
        options = try? JSONDecoder().decode(
          ModelOptions.self, from: Data(line.dropFirst("#options ".count).utf8))
      }
    }
    guard !rounds.isEmpty, options != nil else {
      throw FormatError(.badData, path: path, "found no rounds or options above the header of a search")
    }
  }

  /// Writes the table, with the lines above the header where it has rounds.
  package func write(to output: OutputFile) throws {
    if !rounds.isEmpty {
      let words = rounds.map { "\($0.trials) \($0.epochs)" }.joined(separator: ",")
      try output.write("\(Self.mark)\n#rounds \(words)\n")
      if let options { try output.write("#options \(try ModelFile.json(options))\n") }
    }
    try output.write(columns.joined(separator: "\t") + "\n")
    for run in runs { try output.write(Self.row(run) + "\n") }
  }

  /// The row of a run; a metric that is not finite is missing.
  package static func row(_ run: HyperparameterSearch.Run) -> String {
    let metric = run.metric.isFinite ? "\(run.metric)" : ""
    let fields = ["\(run.trial)", "\(run.rung)", "\(run.epochs)", "\(run.folds)", metric, run.search]
    return (fields + run.choices).joined(separator: "\t")
  }
}

extension ModelOptions {
  /// Writes the options as a JSON file for a configuration.
  package func write(to path: String, overwrite: Bool) throws {
    let output = try OutputFile(path, overwrite: overwrite)
    try output.write(try ModelFile.json(self, pretty: true) + "\n")
    try output.close()
  }
}

extension SearchTable {
  /// Joins the parts of the jobs of a search to the table of the search on one machine.
  ///
  /// - Returns: the table, and the options of the best trial.
  /// - Throws: `FormatError` for parts of several searches, a repeated part, and missing ones.
  package static func merged(_ paths: [String]) throws -> (table: SearchTable, best: ModelOptions) {
    let parts = try paths.map { (path: $0, table: try SearchTable(contentsOf: $0)) }, first = parts[0]
    var runs: [(run: HyperparameterSearch.Run, options: ModelOptions, path: String)] = []
    for (path, part) in parts {
      guard let options = part.options, part.runs.count == 1, let run = part.runs.first else {
        throw FormatError(
          .badData, path: path, "found \(part.runs.count.counted("run")), expected the part of one trial")
      }
      guard run.search == first.table.runs.first?.search, part.columns == first.table.columns,
        part.rounds == first.table.rounds
      else {
        throw FormatError(.badData, path: path, "found a trial of another search than \(first.path)")
      }
      if let same = runs.first(where: { $0.run.trial == run.trial && $0.run.rung == run.rung }) {
        throw FormatError(
          .badData, path: path,
          "found trial \(run.trial) of rung \(run.rung) again, which \(same.path) is, too")
      }
      runs.append((run, options, path))
    }
    runs.sort { ($0.run.rung, $0.run.trial) < ($1.run.rung, $1.run.trial) }
    let missing = HyperparameterSearch.planned(first.table.rounds, after: runs.map(\.run))
    if !missing.isEmpty {
      throw FormatError(
        .badData, path: first.path,
        "found \(runs.count.counted("run")) of a search of \(first.table.rounds.reduce(0) { $0 + $1.trials }), missing \(FormatError.list(missing.map { "trial \($0)" }, limit: 5)) of rung \(HyperparameterSearch.rung(first.table.rounds, after: runs.map(\.run)))"
      )
    }
    let best = try HyperparameterSearch.best(of: runs.map(\.run), rungs: first.table.rounds.count)
    guard let winner = runs.first(where: { $0.run == best }) else {
      preconditionFailure("SearchTable: a run that was read")
    }
    return (SearchTable(columns: first.table.columns, runs: runs.map(\.run)), winner.options)
  }
}
