import LigaseFormats

/// Labels of samples that are read from elsewhere: a table, or a CLS file.
package enum LabelTable {
  /// The labels of samples.
  ///
  /// A CLS file, and a table of one column, give them in the order of the samples; other tables by the ids in the column
  /// that names most of the samples.
  ///
  /// - Parameters:
  ///   - columns: the columns of labels; none takes the only one that is not the ids'.
  ///   - reading: how labels are understood.
  /// - Returns: for each column its name and a label for each kept sample; the kept samples; lines for people.
  package static func read(
    _ path: String, columns: [String], samples: [String], _ reading: Labels.Reading = Labels.Reading()
  ) throws -> (labels: [(name: String, values: [String])], kept: [Int], notes: [String]) {
    if isCLS(path) {
      let labels = try ClassLabels(contentsOf: path).labels
      try requireCount(labels.count, samples.count, path)
      return ([("class", labels)], Array(samples.indices), ["labels in the order of the samples"])
    }
    let table = try Table(contentsOf: path)
    var found = try read(table, columns: columns, samples: samples, reading)
    found.notes.insert(contentsOf: table.notices.map { "\(path): \($0)" }, at: 0)
    return found
  }

  /// Whether a file is CLS, by its name.
  package static func isCLS(_ path: String) -> Bool { path.hasSuffix(".cls") || path.hasSuffix(".cls.gz") }

  /// The labels of samples in a table.
  package static func read(
    _ table: Table, columns: [String], samples: [String], _ reading: Labels.Reading = Labels.Reading()
  ) throws -> (labels: [(name: String, values: [String])], kept: [Int], notes: [String]) {
    for name in columns { _ = try table.index(ofColumn: name) }
    if table.columnCount == 1 {
      try requireCount(table.rowCount, samples.count, table.path)
      let name = table.columnNames[0]
      let found = try labelled([(name, table.strings(name))], samples: samples, reading)
      return (found.labels, found.kept, ["labels in the order of the samples"] + found.notes)
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
    // A sample that the table lacks has no label; one whose field is empty may have none of a set of labels.
    let listed = samples.indices.filter { rowOf[samples[$0]] != nil }
    let labels = zip(names, values).map { name, all in
      (name: name, values: listed.map { all[rowOf[samples[$0]]!] })
    }
    let found = try labelled(labels, samples: listed.map { samples[$0] }, reading)
    return (found.labels, found.kept.map { listed[$0] }, [join.line(against: "samples")] + found.notes)
  }

  /// The columns of labels of a table: those that are named, or the only one beside the ids.
  ///
  /// - Throws: `JoinError` where several could be meant.
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

  /// The first row of each id that is wanted; an id may stand twice with the same labels.
  ///
  /// - Throws: `FormatError` for an id with other labels.
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

  /// The samples that have a label, and what is said of the others.
  package static func labelled(
    _ labels: [(name: String, values: [String])], samples: [String], _ reading: Labels.Reading
  ) throws -> (labels: [(name: String, values: [String])], kept: [Int], notes: [String]) {
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
    return (labels.map { label in (label.name, kept.map { label.values[$0] }) }, kept, notes)
  }

  private static func requireCount(_ found: Int, _ expected: Int, _ path: String) throws {
    guard found == expected else {
      throw FormatError(
        .badData, path: path, "found \(found) labels without ids, expected \(expected), one for each sample")
    }
  }
}
