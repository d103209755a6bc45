import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// `ligase explain`.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show where in an image or a volume a prediction comes from.",
    discussion: """
      Example:  ligase explain nodule.safetensors chest.dcm --method grad-cam --picture overlay.png --boxes boxes.tsv

      grad-cam weights the maps of a layer by the mean gradients of the score before the link \
      (Selvaraju et al., 2017) and keeps what raises it. The table has a row for each image: the key, the output \
      explained, its probability or value, and the place and size of the largest number of the map. Networks that end in a mean over places \
      read images of any size. Places are in pixels from 0, or in millimetres (RAS) where the file says where the image lies.

      Of a segmentation, the scores of one label are added over the voxels where it is predicted (Vinogradova et al., 2020). The input \
      is a table of cases; --picture names a folder for the slice of each case where the map is largest, and --maps a folder \
      for the maps as NIfTI files in the grid of the input.
      """)

  enum Method: String, ExpressibleByArgument, CaseIterable { case gradCAM = "grad-cam" }

  @Argument(help: "Model file, of `train image` or `train segmentation`.")
  var model: String
  @Argument(
    help:
      "Images: files, a folder, an archive (.npz), an array (.npy) or a table of paths; of volumes a table of cases."
  )
  var inputs: [String] = []
  @Option(help: "How the prediction is explained.")
  var method: Method
  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("Class to explain (default: the predicted one).", valueName: "name"))
  var className: String?
  @Option(
    help: ArgumentHelp("Value to explain, of a model of values (default: the first).", valueName: "name"))
  var value: String?
  @Option(
    help: ArgumentHelp(
      "Layer whose maps are weighted (default: the last with at least 16 places along each axis).",
      valueName: "name"))
  var layer: String?
  @Option(
    help: ArgumentHelp(
      "Picture of the map over the image, as PNG; with several images or volumes a folder, which gets one picture each.",
      valueName: "file"))
  var picture: String?
  @Option(
    help: ArgumentHelp("Table of the regions above half of each map's largest number.", valueName: "file"))
  var boxes: String?
  @Option(
    help: ArgumentHelp(
      "The maps themselves: before and after the ReLU as NumPy arrays; of volumes before it, as a folder of NIfTI files.",
      valueName: "file.npz"))
  var maps: String?
  @OptionGroup(title: "Images") var images: ImagePredictionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try FileArguments.refuseSharedInput(inputs.map { $0 }, of: "inputs")
    if className != nil, value != nil { throw ValidationError("--class cannot be combined with --value") }
  }

  func run() throws {
    try output.refuseExisting()
    Compute.threadCount = threads.count
    let model = try Model(contentsOf: self.model)
    if let explanation = SegmentationExplanation(model, self) { return try explanation.write() }
    guard let preparation = model.manifest.inputs[0].preparation.base as? ImagePreparation,
      model.manifest.inputs.count == 1
    else {
      throw ValidationError(
        "--method grad-cam does not apply: \(model.spokenKind); it explains models of one image input or of volumes"
      )
    }
    for path in [boxes, maps] {
      if let path { try FileArguments.refuseExisting(path, overwrite: output.overwrite) }
    }
    if inputs.isEmpty, StandardInput.isTerminal {
      throw ValidationError("no input; this model needs \(ImageSource.inputWords)")
    }
    let sets = try read(model, preparation)
    let count = sets.reduce(0) { $0 + $1.ids.count }
    try refusePicture(count)
    let chosen = try chosenOutput(of: model)
    let table = try output.open(threads: threads.count), key = model.manifest.keyColumns[0]
    let rows = try TSVWriter(table, columns: [key, "output", "score", "x", "y", "value"])
    let regions = try boxes.map { try OutputFile($0, overwrite: output.overwrite) }
    let boxRows = try regions.map {
      try TSVWriter($0, columns: [key, "output", "x", "y", "x_min", "y_min", "x_max", "y_max", "score"])
    }
    var kept = MapArchive()
    for set in sets {
      for row in set.ids.indices {
        let image = set.records[row], id = set.ids[row]
        let one = try Explained(model, image, id, preparation, layer: layer)
        let (score, map, raw, number) = try one.map(chosen)
        let name = model.outputNames[number], places = PixelPlaces(image)
        let most = map.values.indices.max { map.values[$0] < map.values[$1] } ?? 0
        let peak = places.at(x: Double(most % image.extents[1]), y: Double(most / image.extents[1]))
        try rows.field(id)
        try rows.field(name)
        rows.field(score)
        rows.field(peak.x)
        rows.field(peak.y)
        rows.field(map.values[most])
        try rows.endRow()
        if let boxRows {
          for box in LesionBox.boxes(in: map) {
            try boxRows.field(id)
            try boxRows.field(name)
            let corners = [
              (box.x, box.y), (Float(box.xMin), Float(box.yMin)), (Float(box.xMax), Float(box.yMax)),
            ].map { places.at(x: Double($0.0), y: Double($0.1)) }
            for corner in [corners[0], corners[1], corners[2]] {
              boxRows.field(corner.x)
              boxRows.field(corner.y)
            }
            boxRows.field(score * box.strength)
            try boxRows.endRow()
          }
        }
        if maps != nil { kept.add(id, map: map, raw: raw) }
        if let picture {
          let path = count == 1 ? picture : picture + "/" + Self.fileName(id) + ".png"
          try HeatPicture.overlay(image, map).writePNG(to: path, window: 0...255, overwrite: output.overwrite)
        }
      }
    }
    try table.close()
    try regions?.close()
    if let maps { try kept.write(to: maps, overwrite: output.overwrite) }
  }

  private func read(_ model: Model, _ preparation: ImagePreparation) throws -> [ImageSet] {
    var options = images.reading(as: preparation)
    if model.readsAnySize { options.extents = nil }
    return try (inputs.isEmpty ? ["-"] : inputs).map { file in
      let set = try ImageSet(contentsOf: file, subset: images.subset, options)
      set.notes.forEach { report.note($0) }
      return set
    }
  }

  private func refusePicture(_ count: Int) throws {
    guard let picture else { return }
    if count == 1 { return try FileArguments.refuseExisting(picture, overwrite: output.overwrite) }
    try FileArguments.makeFolder(picture, "the folder of \(count) pictures")
  }

  /// The output that the user names; nil explains the predicted class, or the first value.
  func chosenOutput(of model: Model) throws -> Int? {
    guard let name = className ?? value else { return nil }
    guard let number = model.outputNames.firstIndex(of: name) else {
      throw ValidationError(
        "\(className == nil ? "--value" : "--class") must be one of \(FormatError.list(model.outputNames)) (got '\(name)')"
      )
    }
    return number
  }

  /// A name for a file, from an id.
  private static func fileName(_ id: String) -> String {
    var last = id.split(separator: "/").suffix(2).joined(separator: "_")
    if ImageSet.suffixes.contains(FilePath.suffix(of: last)), let stop = last.lastIndex(of: ".") {
      last = String(last[..<stop])
    }
    return String(last.map { $0.isLetter || $0.isNumber || "._-".contains($0) ? $0 : "_" })
  }
}

/// One image and its explanation.
private struct Explained {
  let model: Model
  let image: Image
  let prepared: PreparedInputs
  let layer: String?

  init(_ model: Model, _ image: Image, _ id: String, _ preparation: ImagePreparation, layer: String?) throws {
    (self.image, self.layer) = (image, layer)
    var own = model
    var place = preparation
    if model.readsAnySize { place = preparation.keepingSize(of: image) }
    own.manifest.inputs[0].preparation = AnyPreparation(place)
    self.model = own
    let records = try ImageRecords([image])
    prepared =
      PreparedExamples(
        model.examples(idColumn: model.manifest.keyColumns[0], ids: [id], records: records),
        as: own.manifest.inputs
      ).inputs
  }

  /// The score of the output, its map over the image after and before the ReLU, and the output.
  func map(_ chosen: Int?) throws -> (score: Float, map: Image, raw: Image, output: Int) {
    let outputs = model.predict(prepared, rows: [0])
    let isOfClasses = model.manifest.objective.base is ClassesObjective
    let number = chosen ?? (isOfClasses ? outputs.indices.max { outputs[$0] < outputs[$1] } ?? 0 : 0)
    let found = try model.gradCAM(prepared, rows: [0], input: 0, outputs: [number], layer: layer)[0]
    return (
      outputs[number], found.image(extents: image.extents), found.rawImage(extents: image.extents), number
    )
  }
}

/// The places of pixels: numbers from 0, or millimetres where the image says where it lies.
private struct PixelPlaces {
  private let affine: [Double]?

  init(_ image: Image) { affine = image.affine }

  func at(x: Double, y: Double) -> (x: Double, y: Double) {
    guard let affine else { return (x, y) }
    return (affine[0] * x + affine[1] * y + affine[3], affine[4] * x + affine[5] * y + affine[7])
  }
}

/// Maps that are written as one archive.
private struct MapArchive {
  private var ids: [String] = []
  private var maps: [(map: Image, raw: Image)] = []

  mutating func add(_ id: String, map: Image, raw: Image) {
    ids.append(id)
    maps.append((map, raw))
  }

  func write(to path: String, overwrite: Bool) throws {
    let extents = maps.first?.map.extents ?? [0, 0]
    guard maps.allSatisfy({ $0.map.extents == extents }) else {
      throw FormatError(.badData, path: path, "found images of several sizes, expected one size for --maps")
    }
    let writer = NPZWriter(try OutputFile(path, overwrite: overwrite, compression: Compression.none))
    try writer.add("ids", texts: ids)
    try writer.add("maps", floats: maps.flatMap(\.map.values), shape: [ids.count] + extents)
    try writer.add("raw", floats: maps.flatMap(\.raw.values), shape: [ids.count] + extents)
    try writer.close()
  }
}
