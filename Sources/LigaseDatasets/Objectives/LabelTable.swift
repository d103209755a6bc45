import LigaseFormats

/// Samples that have a label.
package struct LabelledSamples: Sendable {
  /// The name and labels of the kept samples for each column.
  package let labels: [(name: String, values: [String])]
  /// The kept samples.
  package let kept: [Int]
  /// Notes.
  package var notes: [String]
  /// What else the table of labels says of the kept samples: patients, hospitals, ….
  package let columns: [KeyColumn]

  package init(
    labels: [(name: String, values: [String])], kept: [Int], notes: [String], columns: [KeyColumn] = []
  ) {
    (self.labels, self.kept, self.notes, self.columns) = (labels, kept, notes, columns)
  }
}

/// Labels of samples from a separate file: a table, or a CLS file.
package enum LabelTable {
  /// Reads the labels of samples.
  ///
  /// In a CLS file, and in a table with one column, labels are in the order of the samples; other tables are
  /// matched by the column that contains most of the samples.
  ///
  /// - Parameters:
  ///   - columns: the columns of labels; an empty list uses the only column besides the ids.
  ///   - reading: the interpretation of labels.
  package static func read(
    _ path: String, columns: [String], samples: [String], _ reading: Labels.Reading = Labels.Reading()
  ) throws -> LabelledSamples {
    if isCLS(path) {
      let labels = try ClassLabels(contentsOf: path).labels
      try requireCount(labels.count, samples.count, path)
      return LabelledSamples(
        labels: [("class", labels)], kept: Array(samples.indices),
        notes: ["labels in the order of the samples"])
    }
    let table = try Table(contentsOf: path)
    var found = try read(table, columns: columns, samples: samples, reading)
    found.notes.insert(contentsOf: table.notices.map { "\(path): \($0)" }, at: 0)
    return found
  }

  /// Returns whether a file is CLS, by its name.
  package static func isCLS(_ path: String) -> Bool { path.hasSuffix(".cls") || path.hasSuffix(".cls.gz") }

  /// Reads the labels of samples from a table.
  package static func read(
    _ table: Table, columns: [String], samples: [String], _ reading: Labels.Reading = Labels.Reading()
  ) throws -> LabelledSamples {
    for name in columns { _ = try table.index(ofColumn: name) }
    if table.columnCount == 1 {
      try requireCount(table.rowCount, samples.count, table.path)
      let name = table.columnNames[0]
      var found = try labelled([(name, table.strings(name))], samples: samples, reading)
      found.notes.insert("labels in the order of the samples", at: 0)
      return found
    }
    let known = Set(samples)
    var (best, most) = ("", 0)
    for name in table.columnNames where !columns.contains(name) {
      let found = Set(try table.strings(name)).intersection(known).count
      if found > most { (best, most) = (name, found) }
    }
    guard most > 0 else {
      let first = table.columnNames.first { !columns.contains($0) } ?? table.columnNames[0]
      throw JoinError(
        "no sample has a label: the samples are \(samples.prefix(3).joined(separator: ", ")); \(table.spokenPath) has "
          + "\(try table.strings(first).prefix(3).joined(separator: ", ")) in column \(FormatError.quoted(first))"
      )
    }
    let ids = try table.strings(best)
    let join = IDJoin(column: best, values: ids, ids: samples)
    let names = try labelColumns(columns, of: table, besides: best)
    let values = try names.map { try table.strings($0) }
    let rowOf = try rows(of: ids, values, in: table) { known.contains($0) }
    // A sample that is not in the table has no label; one with an empty field may have an empty set of
    // labels.
    let listed = samples.indices.filter { rowOf[samples[$0]] != nil }
    let labels = zip(names, values).map { name, all in
      (name: name, values: listed.map { all[rowOf[samples[$0]]!] })
    }
    let found = try labelled(labels, samples: listed.map { samples[$0] }, reading)
    let kept = found.kept.map { listed[$0] }
    let columns = try table.columnNames.filter { $0 != best && !names.contains($0) }.map { name in
      let values = try table.strings(name)
      return KeyColumn(name, kept.map { values[rowOf[samples[$0]]!] })
    }
    return LabelledSamples(
      labels: found.labels, kept: kept, notes: [join.line(against: "samples")] + found.notes, columns: columns
    )
  }

  /// Returns the columns of labels of a table: the named ones, or the only one besides the ids.
  ///
  /// - Throws: `JoinError` where there are several candidates.
  static func labelColumns(_ named: [String], of table: Table, besides ids: String) throws -> [String] {
    if !named.isEmpty { return named }
    let others = table.columnNames.filter { $0 != ids }
    guard others.count <= 1 else {
      throw JoinError(
        "found \(others.count) columns in \(table.path) that can be the labels (\(FormatError.list(others))), expected one to be "
          + "named", remedy: .nameLabelColumn)
    }
    return others
  }

  /// Returns the first row of each wanted id; a repeated id must have the same labels.
  ///
  /// - Throws: `FormatError` for a repeated id with other labels.
  static func rows(
    of ids: [String], _ labels: [[String]], in table: Table, where isWanted: (String) -> Bool = { _ in true }
  ) throws -> [String: Int] {
    var rowOf: [String: Int] = [:]
    for (row, id) in ids.enumerated() where isWanted(id) {
      guard let other = rowOf[id] else {
        rowOf[id] = row
        continue
      }
      if labels.allSatisfy({ $0[row] == $0[other] }) { continue }
      throw FormatError(
        .badData, path: table.path, line: table.line(ofRow: row),
        "found another label for '\(id)', which line \(table.line(ofRow: other)) has too")
    }
    return rowOf
  }

  /// Returns the samples that have a label, and notes about the others.
  package static func labelled(
    _ labels: [(name: String, values: [String])], samples: [String], _ reading: Labels.Reading
  ) throws -> LabelledSamples {
    let kept = Labels.labelled(labels, reading)
    guard !kept.isEmpty else {
      throw JoinError("no sample has a label in \(labels.map(\.name).joined(separator: ", "))")
    }
    var notes: [String] = []
    if kept.count < samples.count {
      let known = Set(kept)
      let missing = samples.indices.lazy.filter { !known.contains($0) }.prefix(3).map { samples[$0] }
      notes = [
        "skipped \(Labels.number(samples.count - kept.count, "sample")) without a label: \(missing.joined(separator: ", "))"
      ]
    }
    return LabelledSamples(
      labels: labels.map { label in (label.name, kept.map { label.values[$0] }) }, kept: kept, notes: notes)
  }

  private static func requireCount(_ found: Int, _ expected: Int, _ path: String) throws {
    guard found == expected else {
      throw FormatError(
        .badData, path: path, "found \(found) labels without ids, expected \(expected), one for each sample")
    }
  }
}
