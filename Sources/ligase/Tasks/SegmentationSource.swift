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
    var volumes = VolumeCollector(channelNames: cases.channelNames)
    let reading = ImageFile.Options(force: force)
    for (number, one) in cases.cases.enumerated() {
      guard one.labels != nil || one.subset == .test else {
        throw FormatError(
          .badData, path: cases.path, line: one.line,
          "found no labels of the case '\(one.id)', expected a file, except for cases of the subset test")
      }
      try cases.read(number, labelled: true, into: &volumes, reading)
    }
    warnOfSpacing(volumes.records, ids, context.report)
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
    modality.mask = maskColumn
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

  /// Says where the distances between voxels of cases differ, since volumes are not resampled.
  private func warnOfSpacing(_ records: VolumeRecords, _ ids: [String], _ report: ReportOptions) {
    func words(_ spacing: [Double]) -> String {
      spacing.reversed().map { "\(Float(($0 * 1000).rounded() / 1000))" }.joined(separator: " × ") + " mm"
    }
    guard let first = records[0].spacing else { return }
    let others = ids.indices.filter { row in
      guard let own = records[row].spacing, own.count == first.count else { return false }
      return zip(own, first).contains { abs($0 - $1) > 0.1 * max($0, $1) }
    }
    guard let other = others.first else { return }
    report.warn(
      "\(others.count.counted("case")) with another spacing than \(ids[0]) (\(words(first))), such as \(ids[other]) (\(words(records[other].spacing!))); volumes are not resampled, so the network sees them at different sizes"
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
    _ file: String?, for model: Model, _ inputs: Predict, _ body: (Examples) throws -> Void
  ) throws {}

  static func predictsFiles(_ model: Model, _ inputs: Predict) throws -> Bool {
    guard let prediction = VolumePrediction(model),
      let preparation = model.manifest.inputs[0].preparation.base as? VolumePreparation
    else { return false }
    try SegmentationFiles(prediction: prediction, preparation: preparation, inputs: inputs).write()
    return true
  }
}

/// The label maps that `predict` writes.
private struct SegmentationFiles {
  let prediction: VolumePrediction
  let preparation: VolumePreparation
  let inputs: Predict

  func write() throws {
    guard let output = inputs.output.output, output != "-" else {
      throw ValidationError("label maps are files: give -o FOLDER for a table of cases, or -o FILE.nii.gz")
    }
    if inputs.volumes.channel.isEmpty {
      guard inputs.inputs.count < 2 else {
        throw ValidationError("give one table of cases (got \(inputs.inputs.count) inputs)")
      }
      return try writeCases(
        inputs.inputs.first,
        to: output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output)
    }
    guard inputs.inputs.isEmpty else {
      throw ValidationError("give either a table of cases or --channel, not both")
    }
    try FileArguments.refuseExisting(output, overwrite: inputs.output.overwrite)
    try writeOne(to: output)
  }

  /// Writes the label map of files that the options name.
  private func writeOne(to output: String) throws {
    let given = try inputs.volumes.paths()
    if let other = given.keys.sorted().first(where: { !preparation.channelNames.contains($0) }) {
      throw ValidationError(
        "the model has no channel '\(other)', expected \(FormatError.list(preparation.channelNames))")
    }
    let options = ImageFile.Options(force: inputs.images.force)
    func named(_ path: String) throws -> VolumeCollector.Named {
      (path, try Image(contentsOf: path, options: options))
    }
    let channels = try preparation.channelNames.map { name in
      guard let path = given[name] else {
        throw ValidationError("no --channel \(name)=FILE; the model reads it")
      }
      return try named(path)
    }
    noteMask(inputs.volumes.mask != nil)
    var volumes = VolumeCollector(channelNames: preparation.channelNames)
    try volumes.add(output, channels: channels, mask: inputs.volumes.mask.map(named), labels: nil)
    let map = prediction.labelMap(0, of: volumes.records)
    try map.writeNIfTI(to: output, overwrite: inputs.output.overwrite)
    inputs.report.note("wrote \(output): \(amounts(map))")
  }

  /// Writes a file for each case of a table into a folder.
  private func writeCases(_ file: String?, to folder: String) throws {
    var options = CaseTable.Options()
    (options.channels, options.root) = (preparation.channelNames, inputs.images.root)
    let table = try inputs.report.table(file)
    options.mask =
      inputs.volumes.mask ?? preparation.options.mask.flatMap { table.hasColumn($0) ? $0 : nil }
    let cases = try CaseTable(table, options)
    noteMask(cases.cases[0].mask != nil)
    let chosen = cases.cases.indices.filter { number in
      inputs.images.subset.map { cases.cases[number].subset == $0 } ?? true
    }
    guard !chosen.isEmpty else {
      throw FormatError(
        .badData, path: cases.path,
        "found no case of the subset \(inputs.images.subset?.rawValue ?? "any"), expected at least one")
    }
    let names = chosen.map { "\(folder)/\(cases.cases[$0].id).nii.gz" }
    for name in names { try FileArguments.refuseExisting(name, overwrite: inputs.output.overwrite) }
    try FileArguments.makeFolder(folder)
    let reading = ImageFile.Options(force: inputs.images.force)
    for (number, name) in zip(chosen, names) {
      var volumes = VolumeCollector(channelNames: preparation.channelNames)
      try cases.read(number, labelled: false, into: &volumes, reading)
      let map = prediction.labelMap(0, of: volumes.records)
      try map.writeNIfTI(to: name, overwrite: inputs.output.overwrite)
      inputs.report.note("wrote \(name): \(amounts(map))")
    }
  }

  private func noteMask(_ isGiven: Bool) {
    guard preparation.options.mask != nil, !isGiven else { return }
    inputs.report.note("no mask: all voxels are predicted; the model learned from voxels inside masks alone")
  }

  /// The volume of each label of a map, in millilitres where the spacing is known.
  private func amounts(_ map: Image) -> String {
    prediction.labels.filter { $0 != 0 }.map { label in
      let count = map.values.count { Int($0) == label }
      guard let spacing = map.spacing, map.extents.count == 3 else {
        return "label \(label) \(count.counted("pixel"))"
      }
      let millilitres = Double(count) * spacing.reduce(1, *) / 1000
      return "label \(label) \(Float((millilitres * 10).rounded() / 10)) ml"
    }.joined(separator: ", ")
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
