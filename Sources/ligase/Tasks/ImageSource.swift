import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// Images and their labels.
struct ImageSource: TaskSource {
  typealias Preset = ImageTask
  static let abstract = "Learn classes, labels or values from images."
  static let example = "patches.npz"
  static let discussion = """
    The input is an archive of NumPy arrays (images with labels, or train_images, train_labels, val_… and test_… as of MedMNIST, which are the \
    split), a folder with a folder for each class, or a table of paths (--table). Formats are PNG, JPEG, PGM, NIfTI and DICOM.
    """

  @Argument(help: "Archive (.npz), array (.npy) or folder of images; `-` is standard input.")
  var input: String?
  @Option(
    help: ArgumentHelp("Table of paths to images, ids and labels, instead of an input.", valueName: "file"))
  var table: String?
  @Option(
    help: ArgumentHelp("Folder of the paths in --table (default: that of the table).", valueName: "folder"))
  var root: String?
  @Option(
    help: ArgumentHelp(
      "Column of paths in --table (default: the first whose paths exist).", valueName: "column"))
  var pathColumn: String?
  @Option(help: ArgumentHelp("Column of ids in --table (default: the paths).", valueName: "column"))
  var id: String?
  @Option(
    help: ArgumentHelp("Table of ids and labels (default: the labels are in the input).", valueName: "file"))
  var labels: String?
  @OptionGroup var targets: LabelOptions
  @OptionGroup(title: "Preparation of images") var preparation: ImagePreparationOptions
  @Option(
    help: ArgumentHelp(
      "Write a picture of N training images as training sees them, beside the model: MODEL.augmented.png.",
      valueName: "n"))
  var writeAugmented: Int?
  @Flag(help: "Read DICOM files without their preamble.")
  var force = false

  var files: [String?] { [input, table, labels] }

  func validate() throws {
    if input != nil, table != nil {
      throw ValidationError("give images either as an argument or with --table, not both")
    }
    if let writeAugmented, !(1...10_000 ~= writeAugmented) {
      throw ValidationError("--write-augmented must be from 1 to 10000 (got \(writeAugmented))")
    }
    for (name, value) in [("--root", root), ("--path-column", pathColumn), ("--id", id)]
    where value != nil && table == nil {
      throw ValidationError("\(name) needs --table")
    }
  }

  func requireInputs() throws {
    if table != nil, labels == nil, targets.columns.isEmpty {
      throw ValidationError("no labels; give --label COLUMN, --time and --event, or --labels FILE")
    }
  }

  func read(_ context: ReadingContext) throws -> TrainingData {
    let set = try images(context.report)
    set.notes.forEach { context.report.note($0) }
    var targets = targets
    if targets.columns.isEmpty, labels == nil {
      let usual = ["labels", "label", "class"].first { name in set.columns.contains { $0.name == name } }
      guard let usual else {
        throw FormatError(
          .badData, path: set.path,
          "found images without labels \(set.columns.isEmpty ? "and no other columns" : "(columns: \(FormatError.list(set.columns.map(\.name), limit: 8)))")",
          remedy: .nameLabelColumn)
      }
      targets.label = [usual]
    }
    let table = try set.table()
    let read = try LabelledRows(
      table, id: ImageSet.idColumn, labels: labels.map { try context.report.table($0) }, targets, context)
    var examples = read.examples
    examples.inputs = [
      ExampleInput(
        Preset.mainInput, preparation.modality, set.records.selecting(read.rows), ids: read.ids,
        keyColumn: read.keyName)
    ]
    var data = TrainingData(task: Preset.name, unit: Preset.unit, examples: examples)
    data.columns = try read.columns()
    let parts = read.rows.map { set.parts[$0] }
    if parts.contains(where: { $0 != nil }) {
      data.division = try Division(of: examples, parts: parts, from: "the names in \(set.path)")
      data.division.report.forEach { context.report.note($0) }
    }
    return data
  }

  private func images(_ report: ReportOptions) throws -> ImageSet {
    var options = ImageSet.Options()
    (options.force, options.root) = (force, root)
    if let table {
      return try ImageSet(table: report.table(table), column: pathColumn, key: id, options)
    }
    switch try ImageSet.source(input) {
    case .archive, .array, .folder: return try ImageSet(contentsOf: input, options)
    case .image:
      throw FormatError(
        .badData, path: input ?? "-",
        "found one file that is no archive, expected an archive (.npz), an array (.npy), a folder or --table")
    case .table:
      throw ValidationError("give tables of paths with --table \(input ?? "-")")
    }
  }

  func nominalExamples() -> Examples {
    let images = try? ImageRecords([
      Image(extents: [32, 32], channels: 1, values: [Float](repeating: 0, count: 1024))
    ])
    return .nominal(
      1000, images!.selecting([Int](repeating: 0, count: 1000)), preparation.modality, targets.target,
      time: targets.time)
  }

  func adjust(_ options: inout ModelOptions) { preparation.apply(to: &options, Preset.mainInput) }

  func willTrain(_ training: Training, _ files: TrainingFileOptions, _ report: ReportOptions) throws {
    guard let count = writeAugmented, let sheet = training.augmentedImages(count) else { return }
    let path = files.modelPath + ".augmented.png"
    try sheet.writePNG(to: path, overwrite: files.overwrite)
    report.note(
      "wrote \(path): \(min(count, training.sampleCount).counted("training image")) as training sees them")
  }

  static let predictionOptions: Set<PredictionOptionGroup> = [.images]
  static let inputWords = "images (.npz, .npy, a folder, PNG, JPEG, PGM, NIfTI or DICOM, or a table of paths)"

  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
  ) throws {
    guard let preparation = model.manifest.inputs[0].preparation.base as? ImagePreparation else { return }
    let key = model.manifest.keyColumns[0]
    let options = inputs.images.reading(as: preparation)
    let set = try ImageSet(contentsOf: file, subset: inputs.images.subset, options) {
      $0.hasColumn(key) ? key : nil
    }
    set.notes.forEach { inputs.report.note($0) }
    try body(model.examples(idColumn: key, ids: set.ids, records: set.records))
  }
}

/// The preparation of images for a network.
struct ImagePreparationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Resize all images.", valueName: "height>x<width"), transform: Self.size)
  var resize: [Int]?
  @Option(
    help: ArgumentHelp("Pad or crop all images about their middle.", valueName: "height>x<width"),
    transform: Self.size)
  var padOrCrop: [Int]?
  @Option(
    help: ArgumentHelp(
      "Values that become 0 and 1, and beyond which values are cut, such as -1000:400.", valueName: "low:high"
    ),
    transform: Self.range)
  var window: [Float]?
  @Option(
    help: ArgumentHelp("Percentiles of each image that become 0 and 1, such as 1:99.", valueName: "low:high"),
    transform: Self.range)
  var percentiles: [Float]?
  @Option(help: "Standardise by mean and deviation over the training images, of each image itself, or not.")
  var normalize: ImageModality.Normalization = .dataset
  @Flag(
    inversion: .prefixedNo, help: "Change training images at random: flips, quarter turns, shifts and noise.")
  var augmentation = true

  private static func size(_ text: String) throws -> [Int] {
    let sizes = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard sizes.count == 2 || sizes.count == 1, sizes.allSatisfy({ 1...16384 ~= $0 }) else {
      throw ValidationError("expected height x width such as 64x64 (got '\(text)')")
    }
    return sizes.count == 1 ? [sizes[0], sizes[0]] : sizes
  }

  private static func range(_ text: String) throws -> [Float] {
    let limits = text.split(separator: ":", omittingEmptySubsequences: false).map { Float($0) ?? .nan }
    guard limits.count == 2, limits[0] < limits[1], limits.allSatisfy(\.isFinite) else {
      throw ValidationError("expected two ascending numbers such as -1000:400 (got '\(text)')")
    }
    return limits
  }

  func validate() throws {
    if resize != nil, padOrCrop != nil {
      throw ValidationError("--resize cannot be combined with --pad-or-crop")
    }
    if window != nil, percentiles != nil {
      throw ValidationError("--window cannot be combined with --percentiles")
    }
  }

  /// The modality with these options.
  var modality: ImageModality {
    var modality = ImageModality()
    (modality.resize, modality.resizeWithPadOrCrop) = (resize, padOrCrop)
    (modality.scaleIntensityRange, modality.scaleIntensityRangePercentiles) = (window, percentiles)
    modality.normalizeIntensity = normalize
    if !augmentation {
      modality.augmentation = .none
      modality.averagesTurns = false
    }
    return modality
  }

  func apply(to options: inout ModelOptions, _ input: String) {
    options.inputs[input]?.preparation = AnyModality(modality)
  }
}

extension ImageModality.Normalization: ExpressibleByArgument {}

/// The options of reading images for predictions.
struct ImagePredictionOptions: ParsableArguments {
  @Option(help: "Predict one subset of an archive: train, val or test.")
  var subset: Split.Subset?
  @Option(
    help: ArgumentHelp(
      "Folder of the paths in a table of paths (default: that of the table).", valueName: "folder"))
  var root: String?
  @Flag(help: "Read DICOM files without their preamble.")
  var force = false

  /// The first of these options that the user specified.
  var given: String? {
    subset != nil ? "--subset" : root != nil ? "--root" : force ? "--force" : nil
  }

  /// How images are read for a model.
  func reading(as preparation: ImagePreparation) -> ImageSet.Options {
    var options = ImageSet.Options(preparation)
    (options.force, options.root) = (force, root)
    return options
  }
}
