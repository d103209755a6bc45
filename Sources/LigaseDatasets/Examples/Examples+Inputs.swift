import LigaseFormats
import LigaseRuntime

extension Examples {
  /// Some of the examples.
  package func selecting(_ rows: [Int]) -> Examples {
    var chosen = self
    chosen.keys = keys.selecting(rows: rows)
    chosen.observations = observations.selecting(rows)
    chosen.groups = groups.isEmpty ? [] : rows.map { groups[$0] }
    for i in inputs.indices {
      if let index = inputs[i].index {
        chosen.inputs[i].index = rows.map { index[$0] }
      } else {
        chosen.inputs[i].records = inputs[i].records.selecting(rows)
        chosen.inputs[i].ids = rows.map { inputs[i].ids[$0] }
      }
    }
    return chosen
  }

  /// Adds an input, whose records are joined by name to a column of the examples.
  ///
  /// - Parameters:
  ///   - name: the name of the input.
  ///   - columns: the columns that can name records: the keys, and further columns of the examples' table.
  ///   - key: the column that names them; nil, or one that the examples lack, takes the column with the most matches.
  /// - Returns: a note about the join.
  /// - Throws: `JoinError` for a record twice, and where no example has a record.
  package mutating func add(
    _ name: String, _ read: ReadInput, columns: [KeyColumn], key: String?
  ) throws -> String {
    var seen: Set<String> = []
    if let twice = read.ids.first(where: { !seen.insert($0).inserted }) {
      throw JoinError("input \(name): found '\(twice)' twice among the ids, expected each record once")
    }
    let named = columns.filter { $0.name == key }
    var best: (join: IDJoin, matched: Int)?
    for column in named.isEmpty ? columns : named {
      let join = IDJoin(
        column: column.name, values: column.codes.map { column.ids[Int($0)] }, ids: read.ids)
      if join.matchedRows > best?.matched ?? -1 { best = (join, join.matchedRows) }
    }
    guard let join = best?.join, join.matchedRows > 0 else {
      let found = (named.isEmpty ? columns : named).map { column in
        "\(column.name): \(column.ids.prefix(3).joined(separator: ", "))"
      }
      throw JoinError(
        "input \(name): no id matches the examples; its ids are \(FormatError.list(read.ids, limit: 3)); the examples have "
          + found.prefix(4).joined(separator: "; "))
    }
    inputs.append(
      ExampleInput(
        name, read.modality, read.records, ids: read.ids, index: join.indices, keyColumn: join.column))
    return "input \(name): " + join.line(against: name)
  }

  /// The examples that have a record in every input.
  package var complete: [Int] {
    (0..<count).filter { row in inputs.allSatisfy { $0.index.map { $0[row] >= 0 } ?? true } }
  }

  /// Removes columns from the features of tables.
  ///
  /// - Returns: the names of the columns that were removed.
  /// - Throws: `JoinError` where no feature is left.
  package mutating func removeFeatures(_ names: Set<String>) throws -> [String] {
    var removed: [String] = []
    for i in inputs.indices {
      guard var table = inputs[i].records as? ClinicalRecords else { continue }
      let found = table.columns.map(\.name).filter(names.contains)
      guard !found.isEmpty else { continue }
      table.columns.removeAll { found.contains($0.name) }
      guard !table.columns.isEmpty else {
        throw JoinError("input \(inputs[i].name): no feature is left without \(FormatError.list(found))")
      }
      inputs[i].records = table
      removed += found
    }
    return removed
  }
}
