import LigaseTensors
import LigaseRuntime

/// A split joined to the rows of one table: its training, validation and test rows.
package struct ResolvedSplit: Sendable {
  /// The training rows.
  package let train: [Int]
  /// The validation rows.
  package let validation: [Int]
  /// The test rows.
  package let test: [Int]
  /// Rows of the table that are in no subset of the split.
  package let unmatched: [Int]
  /// The columns on which table and split were joined.
  package let joinedBy: [String]
  /// The fold that is the test subset; nil where the split names subsets.
  package let fold: Int?
  /// The origin of the validation rows: `given` by the split, or drawn by whole values of a column or row by
  /// row.
  package let validationSource: String
  /// The counts of rows and ids in each subset, and of ids in several subsets.
  package let proof: SplitProof

  /// Whether validation rows were drawn because the split has none.
  package var isValidationDrawn: Bool { validationSource != "given" && !validation.isEmpty }

  /// Returns the rows of a subset.
  package func rows(of part: Split.Subset) -> [Int] {
    switch part {
    case .train: train
    case .validation: validation
    case .test: test
    }
  }

  /// Returns notes: the join, the subsets and their overlap.
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
  /// Applies the split to the rows of a table with these keys.
  ///
  /// The rows are joined on the columns that both have. With folds, `fold` is the test subset. Where the
  /// split has no validation rows, a fraction of the remaining rows is drawn with the seed: whole values of a
  /// column if the assignment is a function of that single column (of several such columns, the one with the
  /// fewest values), so that validation values are as new as test values; else row by row, keeping rows with
  /// the same ids together.
  ///
  /// Throws ``SplitError``: no shared column, an empty join, ids in two folds, a fold that does not occur, no
  /// training row.
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

  /// Returns the fold of each row of a table with these keys, or -1 for a row that is not in the split.
  ///
  /// Throws ``SplitError``: a split with subsets instead of folds, no shared column, an empty join.
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

  /// Returns the column of which the assignment is a function, if any; of several, the one with the fewest
  /// values. Nil where all rows are in one subset.
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
