import LigaseTensors
import LigaseRuntime

/// A split brought to the rows of one table: which of its rows train, validate and test.
package struct ResolvedSplit: Sendable {
  /// The rows from which the model learns.
  package let train: [Int]
  /// The rows that choose when to stop.
  package let validation: [Int]
  /// The rows that judge.
  package let test: [Int]
  /// Rows of the table that are in no subset of the split.
  package let unmatched: [Int]
  /// The columns over which table and split were joined.
  package let joinedBy: [String]
  /// The fold that is the test part; nil where the split names its parts.
  package let fold: Int?
  /// How validation rows were drawn: `given` by the split, or by whole values of a column, or row by row.
  package let validationSource: String
  /// Counts of rows and ids in each part, and of the ids that parts share.
  package let proof: SplitProof

  /// Whether the split left the choice of validation rows to us.
  package var isValidationDrawn: Bool { validationSource != "given" && !validation.isEmpty }

  /// The rows of a part.
  package func rows(of part: Split.Subset) -> [Int] {
    switch part {
    case .train: train
    case .validation: validation
    case .test: test
    }
  }

  /// Lines for people: the join, the parts and what they share.
  package func lines(keys: KeyColumns) -> [String] {
    var lines = ["split joined on \(joinedBy.joined(separator: ", "))"]
    if let fold { lines[0] += "; test = fold \(fold)" }
    if !validation.isEmpty { lines[0] += "; validation: \(validationSource)" }
    if !unmatched.isEmpty {
      let shown = unmatched.prefix(3).map(keys.describe).joined(separator: "; ")
      lines.append("skipped \(unmatched.count.counted("row")) in no subset of the split: \(shown)")
    }
    return lines + proof.lines
  }
}

extension Split {
  /// Brings the split to the rows of a table with these keys.
  ///
  /// The rows are joined over the columns that both have. Of folds, `fold` is the test part. Where the split
  /// gives no validation rows, a share of the remaining rows is drawn by the seed: whole values of a column
  /// where the assignment is a function of that single column (of several such columns, the one with the
  /// fewest values), so that validation is as blind as the test; else row by row, rows with the same ids
  /// together.
  ///
  /// Throws ``SplitError``: no shared column, an empty join, ids in two folds, a fold that does not occur, no
  /// train row.
  package func resolved(
    for table: KeyColumns, fold: Int = 0, validationFraction: Double = 0.1, seed: UInt64
  ) throws(SplitError) -> ResolvedSplit {
    let join = try KeyJoin(table, keys)
    let shared = keys.selecting(join.names)!
    try refuseContradictions(shared)

    var train: [Int] = []
    var validation: [Int] = []
    var test: [Int] = []
    var source = "given"
    switch assignment {
    case .folds(let folds):
      guard folds.contains(fold) else { throw .missingFold(fold, Set(folds).sorted()) }
      for (row, partner) in join.partners.enumerated() where partner >= 0 {
        if folds[partner] == fold { test.append(row) } else { train.append(row) }
      }
    case .parts(let parts):
      for (row, partner) in join.partners.enumerated() where partner >= 0 {
        switch parts[partner] {
        case .train: train.append(row)
        case .validation: validation.append(row)
        case .test: test.append(row)
        }
      }
    }
    let isDrawn: Bool
    if case .parts(let parts) = assignment { isDrawn = !parts.contains(.validation) } else { isDrawn = true }
    if isDrawn && validationFraction > 0 {
      let group = groupingColumn(shared)
      (train, validation) = try draw(
        validationFraction, of: train, table: table, over: join.names, group: group, seed: seed)
      source =
        "a fraction of \(validationFraction) of the rows outside the test subset, drawn "
        + (group.map { "by \($0)" } ?? "row by row") + " with seed \(seed)"
    }
    guard !train.isEmpty else { throw .emptyPart("train") }
    return ResolvedSplit(
      train: train, validation: validation, test: test, unmatched: join.unmatchedLeft, joinedBy: join.names,
      fold: { if case .folds = assignment { fold } else { nil } }(), validationSource: source,
      proof: SplitProof(
        keys: table, parts: [("train", train), ("val", validation), ("test", test)].filter { !$0.1.isEmpty }))
  }

  /// The fold of each row of a table with these keys; a row the split says nothing about has -1.
  ///
  /// Throws ``SplitError``: a split that names parts instead of folds, no shared column, an empty join.
  package func folds(of table: KeyColumns) throws(SplitError) -> [Int] {
    guard case .folds(let folds) = assignment else { throw .missingColumn("fold", keys.names + [columnName]) }
    return try KeyJoin(table, keys).partners.map { $0 < 0 ? -1 : folds[$0] }
  }

  private func refuseContradictions(_ shared: KeyColumns) throws(SplitError) {
    let (codes, representatives) = shared.combinations()
    for (row, code) in codes.enumerated() {
      let first = representatives[Int(code)]
      guard isSame(row, first) else {
        throw .contradiction(ids: shared.describe(row), label(first), label(row))
      }
    }
  }

  private func isSame(_ row: Int, _ other: Int) -> Bool {
    switch assignment {
    case .folds(let folds): folds[row] == folds[other]
    case .parts(let parts): parts[row] == parts[other]
    }
  }

  /// The column of which the assignment is a function, if there is one; the one with the fewest values. Where
  /// all rows are in one part, nothing is kept apart.
  private func groupingColumn(_ shared: KeyColumns) -> String? {
    guard (0..<shared.rowCount).contains(where: { !isSame($0, 0) }) else { return nil }
    let functional = shared.columns.filter { column in
      var first = [Int](repeating: -1, count: column.ids.count)
      for (row, code) in column.codes.enumerated() {
        if first[Int(code)] < 0 {
          first[Int(code)] = row
        } else if !isSame(row, first[Int(code)]) {
          return false
        }
      }
      return true
    }
    return functional.min { $0.ids.count < $1.ids.count }?.name
  }

  private func draw(
    _ fraction: Double, of rows: [Int], table: KeyColumns, over names: [String], group: String?, seed: UInt64
  ) throws(SplitError) -> (train: [Int], validation: [Int]) {
    guard !rows.isEmpty else { return ([], []) }
    let units = try SplitUnits(
      table.selecting(names)!.selecting(rows: rows), group.map { .group($0) } ?? .row)
    guard units.sizes.count > 1 else { return (rows, []) }
    var random = SeededGenerator(seed: seed, stream: "validation")
    var order = units.ordered
    random.shuffle(&order)
    let wanted = fraction * Double(rows.count)
    var isValidation = [Bool](repeating: false, count: units.sizes.count)
    var drawn = 0
    for unit in order where Double(drawn) + Double(units.sizes[unit]) / 2 <= wanted {
      isValidation[unit] = true
      drawn += units.sizes[unit]
    }
    if drawn == 0 { isValidation[order[0]] = true }
    var parts: (train: [Int], validation: [Int]) = ([], [])
    for (row, code) in zip(rows, units.codes) {
      if isValidation[Int(code)] { parts.validation.append(row) } else { parts.train.append(row) }
    }
    return parts
  }
}
