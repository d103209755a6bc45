import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// Predicted label volumes compared with true ones, case by case, beside the baseline of a threshold.
///
/// Every label above 0 in any truth or prediction is a class; regions are named sets of labels. For each class and region, metrics
/// (``SegmentationMetrics``) are means over the cases in which they are defined.
package struct SegmentationEvaluation: Sendable {
  /// What is evaluated, and how.
  package struct Options: Sendable {
    /// The regions; without any, all labels together are the region `foreground`.
    package var regions: [SegmentationRegion] = []
    /// The channel of the baseline; nil takes the one with the best Dice coefficient on the training cases.
    package var baselineChannel: String?
    /// The column whose values are resampled together.
    package var resampleBy: String?
    /// The resamples of the intervals.
    package var bootstrap = Bootstrap()

    package init() {}
  }

  /// The ids of the evaluated cases, in the order of the table.
  package let ids: [String]
  /// The means over cases of the model and of the baseline, then those of each case in the group `ID/REGION`.
  package let scores: [Score]
  /// Lines for people: the join, regions without metrics, the baseline.
  package let notes: [String]
  /// Warnings about cases that were in the training of the model.
  package let warnings: [String]
  private let models: [SegmentedCases]
  /// The regions that the summary shows for each case.
  private let shown: [String]

  /// Evaluates the files `ID.nii.gz`, `ID.nii` or `ID.png` of a folder.
  ///
  /// - Throws: `FormatError` if no case has a file, and for files that do not fit those of the truth.
  package init(predictions folder: String, cases table: CaseTable, _ options: Options = Options()) throws {
    let join = try SegmentationJoin(folder, table)
    let regions = options.regions.isEmpty ? [.foreground] : options.regions
    var bootstrap = options.bootstrap
    bootstrap.groups = try Self.groups(join, table, options.resampleBy)
    let channel = try options.baselineChannel.map { try Self.channel($0, table) }
    let model = try Self.evaluate(join, regions)
    let (baseline, note) = try Self.baseline(join, table, channel, regions[0])
    models = [model] + (baseline.map { [$0] } ?? [])
    let classCount = model.regions.count - regions.count
    shown =
      options.regions.isEmpty && 1...Self.mostShown ~= classCount
      ? Array(model.regions.dropFirst(regions.count)) : regions.map(\.name)
    let ids = join.evaluated.map(\.case.id)
    scores = models.flatMap { $0.means(bootstrap) } + models.flatMap { $0.each(ids: ids) }
    notes = join.notes + [note] + model.notes(of: Set(options.regions.map(\.name)))
    (self.ids, warnings) = (ids, join.warnings)
  }

  /// Compares the predictions with the truth, case by case: the regions, then all classes in ascending order.
  private static func evaluate(_ join: SegmentationJoin, _ regions: [SegmentationRegion]) throws
    -> SegmentedCases
  {
    var cases: [(regions: [SegmentationMetrics], classes: [UInt16: SegmentationMetrics])] = []
    for (one, path) in join.evaluated {
      let truth = try LabelVolume(contentsOf: one.labels!)
      let prediction = try LabelVolume(contentsOf: path)
      try prediction.requireSamePlace(as: truth, "truth")
      let overlap = try SegmentationOverlap(truth: truth, prediction: prediction)
      let classes = overlap.labels.dropFirst().map {
        ($0, overlap.metrics(SegmentationRegion(class: $0)))
      }
      cases.append((regions.map(overlap.metrics), Dictionary(uniqueKeysWithValues: classes)))
    }
    let labels = Set(cases.flatMap(\.classes.keys)).sorted()
    return SegmentedCases(
      model: "model", regions: regions.map(\.name) + labels.map { "\($0)" },
      cases: cases.map { one in one.regions + labels.map { one.classes[$0] ?? .empty } })
  }

  /// Fits the baseline and evaluates it on the same cases; returns its metrics, and a note about it or why there is none.
  private static func baseline(
    _ join: SegmentationJoin, _ table: CaseTable, _ channel: Int?, _ region: SegmentationRegion
  ) throws -> (SegmentedCases?, note: String) {
    if table.channelNames.isEmpty { return (nil, "no baseline: the table has no column of channels") }
    if join.training.isEmpty {
      return (
        nil,
        "no baseline: no case is in the subset train, and every case with labels has a prediction"
      )
    }
    guard
      let baseline = try ThresholdBaseline(
        join.training, channels: table.channelNames, only: channel, region: region)
    else {
      return (nil, "no baseline: no threshold finds the region \(region.name) in the training cases")
    }
    let cases = try join.evaluated.map { one, _ in
      let truth = try LabelVolume(contentsOf: one.labels!).binary(region)
      let segmented = LabelVolume(try baseline.segment(one, truth), as: truth)
      return [try SegmentationOverlap(truth: truth, prediction: segmented).metrics(.foreground)]
    }
    return (
      SegmentedCases(model: ThresholdBaseline.model, regions: [region.name], cases: cases), baseline.note
    )
  }

  /// The number of the channel of that name.
  private static func channel(_ name: String, _ table: CaseTable) throws -> Int {
    if let channel = table.channelNames.firstIndex(of: name) { return channel }
    throw FormatError(
      .badData, path: table.path,
      "found no channel \(FormatError.quoted(name)) for the baseline, expected one of: "
        + FormatError.list(table.channelNames))
  }

  /// The group of each evaluated case, where cases are resampled by a column.
  private static func groups(_ join: SegmentationJoin, _ table: CaseTable, _ column: String?) throws
    -> [Int32]?
  {
    guard let column else { return nil }
    guard let group = table.groups.first(where: { $0.name == column }) else {
      throw FormatError(
        .badData, path: table.path,
        "found no column \(FormatError.quoted(column)) to resample by, expected one of: "
          + FormatError.list(table.groups.map(\.name)))
    }
    var numbers: [String: Int32] = [:]
    return join.rows.map { row in
      let next = Int32(numbers.count)
      let number = numbers[group.values[row]] ?? next
      numbers[group.values[row]] = number
      return number
    }
  }

  /// The largest number of classes, and of cases, in the summary.
  private static let mostShown = 12, mostCasesShown = 40

  /// The Dice coefficient of each case, and the means of all metrics, as aligned tables; only Dice has its interval.
  package var summary: [String] {
    var lines: [String] = []
    if ids.count <= Self.mostCasesShown {
      let columns = models.flatMap { one in
        one.regions.indices.filter { shown.contains(one.regions[$0]) }.map { (one, $0) }
      }
      var rows = [
        ["dice"] + columns.map { $0.model == "model" ? $0.regions[$1] : "\($0.regions[$1]), \($0.model)" }
      ]
      for (i, id) in ids.enumerated() {
        rows.append(
          [id]
            + columns.map { one, region in
              let dice = one.cases[i][region].dice
              return dice.isNaN ? "-" : Evaluation.fixed(dice)
            })
      }
      lines += Evaluation.aligned(rows)
    } else {
      lines.append("the metrics of each of \(ids.count.grouped) cases are in the output table")
    }
    var rows = [["means, n = \(ids.count)"] + SegmentationMetrics.names]
    for one in models {
      for region in one.regions {
        rows.append(
          [one.model == "model" ? region : "\(region), \(one.model)"]
            + SegmentationMetrics.names.map { metric in
              let score = scores.first {
                $0.model == one.model && $0.group == region && $0.metric == metric
              }
              guard let score, let value = score.value else { return "-" }
              return metric == "dice" ? Evaluation.cell(score) : Evaluation.fixed(value)
            })
      }
    }
    return lines + Evaluation.aligned(rows)
  }

  /// Writes the scores as a table.
  package func write(to output: OutputFile) throws { try Evaluation.write(scores, to: output) }

  /// The scores as one JSON object.
  package func json() throws -> String { try ModelFile.json(["scores": scores], pretty: true) }
}
