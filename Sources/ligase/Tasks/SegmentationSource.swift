import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// Cases with a label for every voxel.
struct SegmentationSource: TaskSource {
  typealias Preset = SegmentationTask
  static let abstract = "Learn a label for every voxel of volumes, such as the parts of a tumour."
  static let example = "cases.tsv --channels flair,t1c --labels labels --mask brainmask"
  static let discussion = """
    The table has a row for each case: id, split, a column of paths for each channel, labels, and a mask. Channels, labels and \
    mask of a case have one shape and lie at one place. Labels are whole numbers; places outside the mask are not learned.
    """

  @Argument(help: "Table of cases; `-` or nothing is standard input.")
  var input: String?
  @Option(
    help: ArgumentHelp(
      "Columns of the channels (default: all other columns of paths).", valueName: "a,b,…"),
    transform: { $0.split(separator: ",").map(String.init) })
  var channels: [String] = []
  @Option(help: ArgumentHelp("Column of labels (default: labels).", valueName: "column"))
  var labels = "labels"
  @Option(help: ArgumentHelp("Column of masks (default: mask, if there is one).", valueName: "column"))
  var mask: String?
  @Option(help: ArgumentHelp("Folder of the paths (default: that of the table).", valueName: "folder"))
  var root: String?
  @Option(
    help: ArgumentHelp(
      "Spacing in millimetres to which volumes are resampled: x,y,z (default: the median of the training cases).",
      valueName: "x,y,z"),
    transform: { text in
      let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
      guard 2...3 ~= numbers.count, numbers.allSatisfy({ 0.001...1000 ~= $0 }) else {
        throw ValidationError("--spacing must be two or three numbers from 0.001 to 1000 (got '\(text)')")
      }
      return numbers.reversed()
    })
  var spacing: [Double]?
  @Flag(help: "Leave out places outside the box of values above 0, as those outside a mask.")
  var cropForeground = false
  @Flag(help: "Read DICOM files without their preamble.")
  var force = false

  var files: [String?] { [input] }

  func read(_ context: ReadingContext) throws -> TrainingData {
    var options = CaseTable.Options()
    options.channels = channels.isEmpty ? nil : channels
    (options.labels, options.mask, options.root) = (labels, mask, root)
    let table = try context.report.table(input)
    guard table.hasColumn(labels) else {
      throw FormatError(
        .badData, path: table.path,
        "found no column of labels '\(labels)' (columns: \(FormatError.list(table.columnNames, limit: 8)))",
        remedy: .nameLabelColumn)
    }
    let cases = try CaseTable(table, options), ids = cases.cases.map(\.id)
    guard !cases.channelNames.isEmpty else {
      throw FormatError(
        .badData, path: cases.path, "found no column of paths that exist, expected one for each channel")
    }
    var volumes = VolumeCollector(channelNames: cases.channelNames, cropsForeground: cropForeground)
    let reading = ImageFile.Options(force: force)
    for (number, one) in cases.cases.enumerated() {
      guard one.labels != nil || one.subset == .test else {
        throw FormatError(
          .badData, path: cases.path, line: one.line,
          "found no labels of the case '\(one.id)', expected a file, except for cases of the subset test")
      }
      try cases.read(number, labelled: true, into: &volumes, reading)
    }
    noteSpacing(volumes.records, ids, context.report)
    let maps = volumes.labelMaps, maskColumn = cases.cases[0].mask == nil ? nil : mask ?? "mask"
    context.report.note(
      "\(ids.count.counted("case")), channels \(FormatError.list(cases.channelNames)); labels \(maps.names.joined(separator: ", "))"
        + (maskColumn.map { "; mask \($0)" } ?? "; no mask"))
    guard maps.labels.count > 1 else {
      throw FormatError(
        .badData, path: cases.path,
        "found the label \(maps.names.first ?? "none") alone, expected two or more")
    }
    var modality = VolumeModality()
    (modality.mask, modality.spacing, modality.cropForeground) = (maskColumn, spacing, cropForeground)
    let examples = Examples(
      keys: KeyColumns([KeyColumn(cases.idColumn, ids)]),
      inputs: [
        ExampleInput(
          Preset.mainInput, modality, volumes.records, ids: ids, keyColumn: cases.idColumn)
      ],
      target: TargetDescription(VoxelClassesObjective.name, maps.names),
      observations: Observations(maps: maps), groups: Array(ids.indices))
    var data = TrainingData(task: Preset.name, unit: Preset.unit, examples: examples)
    data.columns = cases.groups.map { KeyColumn($0.name, $0.values) }
    let parts = cases.cases.map(\.subset)
    if parts.contains(where: { $0 != nil }) {
      data.division = try Division(
        of: examples, parts: parts, from: "the column split of \(cases.path)")
      data.division.report.forEach { context.report.note($0) }
    }
    return data
  }

  /// Says where the distances between voxels of cases differ.
  private func noteSpacing(_ records: VolumeRecords, _ ids: [String], _ report: ReportOptions) {
    guard let first = records[0].spacing else { return }
    let others = ids.indices.filter { row in
      guard let own = records[row].spacing, own.count == first.count else { return false }
      return zip(own, first).contains { abs($0 / $1 - 1) > VolumePreparation.tolerance }
    }
    guard let other = others.first, spacing == nil else { return }
    report.note(
      "\(others.count.counted("case")) with another spacing than \(ids[0]) (\(VolumePreparation.words(first))), such as \(ids[other]) (\(VolumePreparation.words(records[other].spacing!))); volumes are resampled to the median of the training cases"
    )
  }

  func nominalExamples() -> Examples {
    var volumes = VolumeCollector(channelNames: channels.isEmpty ? ["channel"] : channels)
    let image = Image(extents: [2, 2, 2], channels: 1, values: [0, 1, 0, 1, 0, 1, 0, 1])
    try? volumes.add(
      "1", channels: volumes.channelNames.map { ($0, image) }, mask: nil, labels: ("labels", image))
    let rows = [Int](repeating: 0, count: 1000)
    return Examples(
      idColumn: "id", ids: (1...1000).map { "\($0)" }, records: volumes.records.selecting(rows),
      modality: VolumeModality(), target: TargetDescription(VoxelClassesObjective.name, ["0", "1"]),
      observations: Observations(maps: volumes.labelMaps.selecting(rows)))
  }

  static let predictionOptions: Set<PredictionOptionGroup> = [.images, .volumes]
  static let inputWords = "a table of cases, or --channel NAME=FILE for each channel"

  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
  ) throws {}

  static func predictsFiles(_ model: Model, _ inputs: ExampleOptions) throws -> Bool {
    guard let prediction = VolumePrediction(model),
      let preparation = model.manifest.inputs[0].preparation.base as? VolumePreparation
    else { return false }
    try SegmentationFiles(prediction: prediction, preparation: preparation, inputs: inputs).write()
    return true
  }
}

/// The files of one case for a prediction.
struct VolumePredictionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("File of a channel of one case (repeatable).", valueName: "name=file"))
  var channel: [String] = []
  @Option(
    help: ArgumentHelp(
      "File of the mask of one case, or column of masks in a table (default: as in training).",
      valueName: "file"))
  var mask: String?

  /// The first of these options that the user specified.
  var given: String? { !channel.isEmpty ? "--channel" : mask != nil ? "--mask" : nil }

  /// The file of each channel.
  func paths() throws -> [String: String] {
    var paths: [String: String] = [:]
    for text in channel {
      guard let cut = text.firstIndex(of: "="), cut > text.startIndex else {
        throw ValidationError("--channel must be NAME=FILE (got '\(text)')")
      }
      let name = String(text[..<cut])
      guard paths.updateValue(String(text[text.index(after: cut)...]), forKey: name) == nil else {
        throw ValidationError("--channel names '\(name)' twice")
      }
    }
    return paths
  }
}
