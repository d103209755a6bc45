import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// The files of a folder of predictions, matched to the rows of a table of cases.
struct SegmentationJoin {
  /// Suffixes of predicted label volumes; the first one found for a case is read.
  static let suffixes = [".nii.gz", ".nii", ".png"]

  /// The rows of the evaluated cases.
  let rows: [Int]
  /// The evaluated cases with the files of their predictions, in the order of the table.
  let evaluated: [(case: CaseTable.Case, path: String)]
  /// The cases on which baselines are fitted: those of the subset train, otherwise those without a prediction.
  let training: [CaseTable.Case]
  let notes: [String]
  let warnings: [String]

  /// - Throws: `FormatError` if no case has a file, and for an evaluated case without labels.
  init(_ folder: String, _ table: CaseTable) throws {
    let names = try FilePath.names(in: folder)
    let known = Set(names)
    var (rows, evaluated, labelled): ([Int], [(CaseTable.Case, String)], [CaseTable.Case]) = ([], [], [])
    var used: Set<String> = []
    for (row, one) in table.cases.enumerated() {
      guard let suffix = Self.suffixes.first(where: { known.contains(one.id + $0) }) else {
        if one.labels != nil { labelled.append(one) }
        continue
      }
      guard one.labels != nil else {
        throw FormatError(
          .badData, path: table.path, line: one.line,
          "found no labels of \(one.id), which has a prediction; expected a path in a column of labels")
      }
      used.insert(one.id + suffix)
      rows.append(row)
      evaluated.append((one, folder + "/" + one.id + suffix))
    }
    let volumes = names.filter { name in Self.suffixes.contains(where: name.hasSuffix) }
    guard !evaluated.isEmpty else {
      throw FormatError(
        .badData, path: folder,
        "found no prediction for a case of \(table.path), expected files such as \(table.cases[0].id).nii.gz; "
          + (volumes.isEmpty
            ? "the folder has no .nii.gz, .nii or .png file"
            : "the folder has \(FormatError.list(volumes, limit: 3))"))
    }
    (self.rows, self.evaluated) = (rows, evaluated)
    let train = table.cases.filter { $0.subset == .train && $0.labels != nil }
    training = train.isEmpty ? labelled : train
    let missing = table.cases.count - evaluated.count
    var notes = [
      "\(evaluated.count.counted("case")) evaluated"
        + (missing > 0 ? "; \(missing.counted("case")) of \(table.path) without a prediction" : "")
    ]
    let others = volumes.filter { !used.contains($0) }
    if !others.isEmpty {
      notes.append("files in \(folder) that belong to no case: \(FormatError.counted(others))")
    }
    self.notes = notes
    let seen = evaluated.count { $0.0.subset == .train || $0.0.subset == .validation }
    warnings =
      seen == 0
      ? []
      : [
        "\(seen.counted("evaluated case")) of the subset train or val: these metrics are too good for new cases"
      ]
  }
}
