import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// The options of label volumes.
struct SegmentationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Labels evaluated as one region, such as whole=1,2,4 (repeatable; default: all labels above 0).",
      valueName: "name=1,2,…"),
    transform: {
      do { return try SegmentationRegion(parsing: $0) } catch { throw ValidationError("--region: \(error)") }
    })
  var region: [SegmentationRegion] = []
  @Option(
    help: ArgumentHelp(
      "Column of the truth with paths of label volumes (default: labels).", valueName: "column"))
  var labelsColumn: String?
  @Option(
    help: ArgumentHelp(
      "Column of the truth with paths of masks, for the baseline (default: mask, if there is one).",
      valueName: "column"))
  var maskColumn: String?
  @Option(
    help: ArgumentHelp(
      "Column of the truth with the volumes to which the baseline applies a threshold (default: the best in training cases).",
      valueName: "column"))
  var baselineChannel: String?
  @Option(
    help: ArgumentHelp(
      "Folder of a picture for each case: the slice with the largest true region (the first of --region), outlines of the truth in green, of the prediction in red.",
      valueName: "folder"))
  var pictures: String?
  @Option(
    help: ArgumentHelp("Channel in the pictures (default: the first).", valueName: "column"))
  var pictureChannel: String?

  /// The first of these options that the user specified.
  var given: String? {
    !region.isEmpty
      ? "--region"
      : labelsColumn != nil
        ? "--labels-column"
        : maskColumn != nil
          ? "--mask-column"
          : baselineChannel != nil ? "--baseline-channel" : pictures.map { _ in "--pictures" }
  }

  func validate() throws {
    if pictureChannel != nil, pictures == nil { throw ValidationError("--picture-channel needs --pictures") }
    var names: Set<String> = []
    for one in region where !names.insert(one.name).inserted {
      throw ValidationError("--region names \(one.name) twice")
    }
  }
}

extension Evaluate {
  /// Whether the predictions are a folder of label volumes.
  var hasFolder: Bool { predictions.map(FilePath.isFolder) ?? false }

  /// Throws for options of label volumes without a folder, and for other options with one.
  func refuseOptionsWithoutEffect() throws {
    guard hasFolder else {
      if let given = segmentations.given {
        throw ValidationError("\(given) has no effect without a folder of label volumes as predictions")
      }
      return
    }
    let others = [
      ("--mask", mask != nil), ("--label-pattern", labelPattern != nil), ("--time", time != nil),
      ("--event", event != nil), ("--split", rows.split != nil),
    ]
    try refuseGiven(
      others + ofNumbers + ofClasses + ofKeys,
      "\(predictions ?? "-") is a folder, whose label volumes are compared with those of the truth")
  }

  /// Throws for the first of some options that is given.
  func refuseGiven(_ options: [(name: String, isGiven: Bool)], _ reason: String) throws {
    if let option = options.first(where: \.isGiven) {
      throw ValidationError("\(option.name) has no effect: \(reason)")
    }
  }

  /// Options of the rows that are evaluated and resampled.
  var ofRows: [(name: String, isGiven: Bool)] {
    [("--split", rows.split != nil), ("--resample-by", resampleBy != nil)]
  }

  /// Options of numbers for pairs of keys.
  var ofNumbers: [(name: String, isGiven: Bool)] {
    [
      ("--group-by", !columns.groupBy.isEmpty), ("--drug-column", columns.drugColumn != nil),
      ("--cell-column", columns.cellColumn != nil), ("--minimum-group", columns.minimumGroup != 3),
      ("--expression", rows.expression != nil), ("--series", rows.series != nil),
    ]
  }

  /// Options of classes, and of the choice between them and numbers.
  var ofClasses: [(name: String, isGiven: Bool)] {
    [
      ("--task", task != nil && task != .survival), ("--positive", positive != nil),
      ("--classes", !classes.isEmpty),
      ("--target", columns.target != nil),
    ]
  }

  /// Options of the columns by which tables are joined.
  var ofKeys: [(name: String, isGiven: Bool)] {
    [
      ("--keys", !columns.keys.isEmpty), ("--prediction-column", columns.predictionColumn != "prediction"),
      ("--na", !na.isEmpty),
    ]
  }

  /// Compares label volumes in a folder with those that the truth lists.
  func compareSegmentations(in folder: String) throws {
    var options = SegmentationEvaluation.Options()
    (options.regions, options.baselineChannel) = (segmentations.region, segmentations.baselineChannel)
    options.bootstrap = Bootstrap(resamples: resamples, seed: seed.seed)
    options.resampleBy = resampleBy
    let cases = try CaseTable(
      report.table(truth),
      .init(labels: segmentations.labelsColumn ?? "labels", mask: segmentations.maskColumn))
    let evaluation = try SegmentationEvaluation(predictions: folder, cases: cases, options)
    evaluation.notes.forEach { report.note($0) }
    evaluation.warnings.forEach { report.warn($0) }
    if let pictures = segmentations.pictures {
      try writePictures(to: pictures, folder, cases)
    }
    try show(evaluation.summary) { target in
      if json { try target.write(evaluation.json() + "\n") } else { try evaluation.write(to: target) }
    }
  }

  /// Writes a picture for each case.
  private func writePictures(to folder: String, _ predictions: String, _ cases: CaseTable) throws {
    let drawn = try SegmentationPictures(
      predictions: predictions, cases: cases, region: segmentations.region.first,
      channel: segmentations.pictureChannel)
    let paths = drawn.ids.map { "\(folder)/\($0).png" }
    for path in paths { try FileArguments.refuseExisting(path, overwrite: output.overwrite) }
    try FileArguments.makeFolder(folder)
    for (number, path) in paths.enumerated() {
      try drawn.picture(number).writePNG(to: path, window: 0...255, overwrite: output.overwrite)
    }
    report.note("wrote \(paths.count.counted("picture")) to \(folder)")
  }
}
