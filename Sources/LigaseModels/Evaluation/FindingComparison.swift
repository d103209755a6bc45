import LigaseFormats
import LigaseRuntime

/// Places found in scans, compared with lesions: ``FROC``.
///
/// Both tables have a column of scans and the places x, y and, where both have it, z; the lesions have `diameter_mm`, the findings `score`. A
/// row of the truth without a place is a scan without a lesion.
package struct FindingComparison: Sendable {
  /// The column whose presence makes a truth one of lesions.
  package static let diameterColumn = "diameter_mm"

  /// Whether a table is of lesions.
  package static func isTruth(_ table: Table) -> Bool {
    table.hasColumn(diameterColumn) && table.hasColumn("x") && table.hasColumn("y")
  }

  /// The scores.
  package let scores: [Score]
  /// Lines for people.
  package let notes: [String]

  /// - Throws: `FormatError` for tables without the columns, and for places that are no numbers.
  package init(findings: Table, truth: Table, bootstrap: Bootstrap) throws {
    let reserved: Set = ["x", "y", "z", Self.diameterColumn, "score", "output"]
    guard let key = truth.columnNames.first(where: { !reserved.contains($0) }) else {
      throw FormatError(
        .badData, path: truth.path, line: 1, "found no column of scans beside x, y and diameter_mm")
    }
    let own = findings.hasColumn(key) ? key : findings.columnNames.first { !reserved.contains($0) }
    guard let own, findings.columnCount > 0 else {
      throw FormatError(.badData, path: findings.path, line: 1, "found no column of scans, expected \(key)")
    }
    if findings.hasColumn("output") {
      let outputs = Set(try findings.strings("output")).sorted()
      guard outputs.count < 2 else {
        throw FormatError(
          .badData, path: findings.path,
          "found findings of several classes under output (\(FormatError.list(outputs, limit: 4))), expected those of the lesions alone",
          remedy: .explainOneClass)
      }
    }
    var scans: [String: Int] = [:]
    func scan(_ name: String) -> Int {
      if let known = scans[name] { return known }
      scans[name] = scans.count
      return scans.count - 1
    }
    let axes = ["x", "y"] + (truth.hasColumn("z") && findings.hasColumn("z") ? ["z"] : [])
    var lesions: [FROC.Lesion] = []
    let names = try truth.strings(key), places = try axes.map { try truth.strings($0) }
    let diameters = try truth.strings(Self.diameterColumn)
    for row in names.indices {
      let number = scan(names[row])
      if places.allSatisfy({ $0[row].isEmpty }), diameters[row].isEmpty { continue }
      let place = try zip(axes, places).map { try Self.number($1[row], $0, truth, row) }
      let diameter = try Self.number(diameters[row], Self.diameterColumn, truth, row)
      guard diameter > 0 else {
        throw FormatError(
          .badData, path: truth.path, line: truth.line(ofRow: row),
          "found a diameter of \(diameter), expected more than 0")
      }
      lesions.append(.init(scan: number, place: place, diameter: diameter))
    }
    guard !lesions.isEmpty else { throw FormatError(.badData, path: truth.path, "found no lesion") }
    let inTruth = scans.count
    var found: [FROC.Finding] = []
    let foundNames = try findings.strings(own), foundPlaces = try axes.map { try findings.strings($0) }
    let values = try findings.strings("score")
    for row in foundNames.indices {
      let place = try zip(axes, foundPlaces).map { try Self.number($1[row], $0, findings, row) }
      found.append(
        .init(
          scan: scan(foundNames[row]), place: place,
          score: try Self.number(values[row], "score", findings, row)))
    }
    let matched = Set(foundNames).intersection(Set(names)).count
    guard matched > 0 || foundNames.isEmpty else {
      throw FormatError(
        .badData, path: findings.path,
        "found no scan of the truth: its scans are \(FormatError.list(Array(Set(names)).sorted(), limit: 3)), those of the findings "
          + FormatError.list(Array(Set(foundNames)).sorted(), limit: 3))
    }
    var notes = [
      "\(lesions.count.counted("lesion")) and \(found.count.counted("finding")) in \(scans.count.counted("scan"))"
    ]
    if scans.count > inTruth {
      notes.append(
        "\((scans.count - inTruth).counted("scan")) of the findings are not in the truth and count as scans without a lesion"
      )
    }
    self.notes = notes
    scores = FROC(findings: found, lesions: lesions, scans: scans.count).scores(bootstrap)
  }

  private static func number(_ text: String, _ column: String, _ table: Table, _ row: Int) throws -> Double {
    guard let value = Double(text), value.isFinite else {
      throw FormatError(
        .badData, path: table.path, line: table.line(ofRow: row),
        "found \(FormatError.quoted(text)) under \(column), expected a number")
    }
    return value
  }

  /// The sensitivities in lines for people.
  package var summary: [String] {
    zip(FROC.rates.map { $0 == $0.rounded() ? "\(Int($0))" : "1/\(Int(1 / $0))" }, scores).map {
      "sensitivity at \($0) false \($0 == "1" ? "finding" : "findings") a scan: \(Evaluation.cell($1))"
    } + ["mean (FROC score): \(Evaluation.cell(scores.last!))"]
  }

  /// Writes the scores as a table.
  package func write(to output: OutputFile) throws { try Evaluation.write(scores, to: output) }

  /// The scores as one JSON object.
  package func json() throws -> String { try ModelFile.json(["scores": scores], pretty: true) }
}
