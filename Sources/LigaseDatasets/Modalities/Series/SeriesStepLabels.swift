import LigaseFormats
import LigaseRuntime

/// The class of each step of series, from a column of the long table.
package struct SeriesStepLabels: Sendable {
  /// The names of the classes, in the order of their bytes.
  package let names: [String]
  /// The series with the class of a step at least, as indices of the reading.
  package let series: [Int]
  /// The class of each step of each of these series, -1 where it is missing.
  package let steps: [[Int32]]
  /// A line for people.
  package let note: String
}

extension SeriesReading {
  /// Reads the classes of steps.
  ///
  /// - Parameter missing: texts of missing classes, in place of the usual ones; empty fields are always missing.
  /// - Throws: `FormatError` for a column that the table lacks, and for fewer than two classes.
  package func stepLabels(_ name: String, of table: Table, missing: [String] = []) throws -> SeriesStepLabels
  {
    let column = try table.index(ofColumn: name)
    let texts = rows.map { rows in
      rows.map { row -> String? in
        let text = table.string(row: row, column: column)
        let isMissing =
          text.isEmpty
          || (missing.isEmpty ? table.isMissing(row: row, column: column) : missing.contains(text))
        return isMissing ? nil : text
      }
    }
    let known = texts.joined().compactMap { $0 }
    let names = Set(known).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard names.count > 1 else {
      throw FormatError(
        .badData, path: table.path, line: 1,
        "found \(names.isEmpty ? "no class" : "only the class \(FormatError.quoted(names[0]))") in column "
          + "\(FormatError.quoted(name)) for \(table.rowCount.counted("step")), expected at least two classes of steps"
      )
    }
    let number = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    let series = texts.indices.filter { texts[$0].contains { $0 != nil } }
    let (missingCount, skipped) = (table.rowCount - known.count, texts.count - series.count)
    return SeriesStepLabels(
      names: names, series: series,
      steps: series.map { texts[$0].map { text in text.map { number[$0]! } ?? -1 } },
      note:
        "\(name): \(names.count.counted("class", "classes")) of steps (\(FormatError.list(names, limit: 5)))"
        + (missingCount == 0 ? "" : "; \(missingCount.counted("step")) without a class")
        + (skipped == 0 ? "" : "; skipped \(skipped.grouped) series without any"))
  }
}
