import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// Grad-CAM of images: a table with a row for each image, pictures, boxes and maps.
struct ImageExplanation {
  let model: Model
  let options: Explain

  func write() throws {
    if let other = options.motifs.given {
      throw ValidationError("\(other) needs a model of DNA or RNA sequences")
    }
    if options.features.superpixels != nil, !options.method.leavesOut {
      throw ValidationError("--superpixels needs a method that leaves features out, such as lime or shap")
    }
    guard let preparation = model.manifest.inputs[0].preparation.base as? ImagePreparation,
      model.manifest.inputs.count == 1
    else {
      throw ValidationError(
        "this method does not apply: \(model.spokenKind); it explains models of one image input or of volumes"
      )
    }
    try refuseOthers()
    for path in [options.boxes, options.maps] {
      if let path { try FileArguments.refuseExisting(path, overwrite: options.examples.output.overwrite) }
    }
    if options.examples.inputs.isEmpty, StandardInput.isTerminal {
      throw ValidationError("no input; this model needs \(ImageSource.inputWords)")
    }
    let sets = try read(model, preparation)
    let count = sets.reduce(0) { $0 + $1.ids.count }
    try refusePicture(count)
    let chosen = try options.chosenOutput(of: model)
    let part = try options.examples.shards.part(of: options.examples.inputs) { count }
    var selection = RecordSelection(part?.records)
    let table = try options.examples.output.open(threads: options.examples.threads.count, part: part)
    let key = model.manifest.keyColumns[0]
    let rows = try TSVWriter(table, columns: [key, "output", "score", "x", "y", "value"])
    let regions = try options.boxes.map { try OutputFile($0, overwrite: options.examples.output.overwrite) }
    let boxRows = try regions.map {
      try TSVWriter($0, columns: [key, "output", "x", "y", "x_min", "y_min", "x_max", "y_max", "score"])
    }
    var kept = MapArchive()
    var check = options.features.check ? FaithfulnessCheck() : nil
    for set in sets {
      for row in set.ids.indices where selection.takes() {
        let image = set.records[row], id = set.ids[row]
        let one = try Explained(model, image, id, preparation, layer: options.layer)
        let (score, map, raw, number) = try one.map(
          options.method, chosen, superpixels, explainer, &check)
        let name = model.outputNames[number]
        let most = map.values.indices.max { map.values[$0] < map.values[$1] } ?? 0
        let peak = image.place(x: Double(most % image.extents[1]), y: Double(most / image.extents[1]))
        try rows.field(id)
        try rows.field(name)
        rows.field(score)
        rows.field(peak.x)
        rows.field(peak.y)
        rows.field(map.values[most])
        try rows.endRow()
        if let boxRows { try write(LesionBox.boxes(in: map), id, name, score, image, to: boxRows) }
        if options.maps != nil { kept.add(id, map: map, raw: raw) }
        if let picture = options.picture {
          let path = count == 1 ? picture : picture + "/" + Self.fileName(id) + ".png"
          try HeatPicture.overlay(image, map).writePNG(
            to: path, window: 0...255, overwrite: options.examples.output.overwrite)
        }
      }
    }
    try table.close()
    try regions?.close()
    if let maps = options.maps { try kept.write(to: maps, overwrite: options.examples.output.overwrite) }
    (check?.lines ?? []).forEach { options.examples.report.note($0) }
  }

  /// Throws for options of features that maps of pixels do not have.
  private func refuseOthers() throws {
    let others = [
      "--position", "--gene-sets", "--by-input", "--top", "--summary", "--bars", "--heat-map",
    ]
    if let other = options.features.allGiven.first(where: others.contains) {
      throw ValidationError("\(other) does not apply: \(model.spokenKind), of which maps of pixels are made")
    }
    if options.features.check, case .guidedGradCAM = options.method {
      throw ValidationError("--check does not apply to this method")
    }
  }

  /// The superpixels that are left out instead of squares, if the user asks for some.
  private var superpixels: Superpixels? {
    options.features.superpixels.map { count in
      var superpixels = Superpixels(count: count)
      superpixels.compactness = options.features.compactness ?? Superpixels.usualCompactness
      return superpixels
    }
  }

  /// The options of a method that explains pixels; those that leave out take squares.
  private func explainer(_ method: ExplanationMethod) throws -> Explainer {
    var explainer = try FeatureExplanation(model: model, method: method, options: options).explainer(
      ImageSource.self)
    if !method.isByGradient, options.features.superpixels == nil {
      explainer.grouping = .tiles(
        size: options.features.window?.steps, stride: options.features.stride?.steps)
    }
    return explainer
  }

  /// Writes a row for each region.
  private func write(
    _ boxes: [LesionBox], _ id: String, _ name: String, _ score: Float, _ image: Image,
    to rows: TSVWriter
  ) throws {
    for box in boxes {
      try rows.field(id)
      try rows.field(name)
      let corners = [
        (box.x, box.y), (Float(box.xMin), Float(box.yMin)), (Float(box.xMax), Float(box.yMax)),
      ].map { image.place(x: Double($0.0), y: Double($0.1)) }
      for corner in corners {
        rows.field(corner.x)
        rows.field(corner.y)
      }
      rows.field(score * box.strength)
      try rows.endRow()
    }
  }

  private func read(_ model: Model, _ preparation: ImagePreparation) throws -> [ImageSet] {
    var reading = options.examples.images.reading(as: preparation)
    if model.readsAnySize { reading.extents = nil }
    return try (options.examples.inputs.isEmpty ? ["-"] : options.examples.inputs).map { file in
      let set = try ImageSet(contentsOf: file, subset: options.examples.images.subset, reading)
      set.notes.forEach { options.examples.report.note($0) }
      return set
    }
  }

  private func refusePicture(_ count: Int) throws {
    guard let picture = options.picture else { return }
    if count == 1 {
      return try FileArguments.refuseExisting(picture, overwrite: options.examples.output.overwrite)
    }
    try FileArguments.makeFolder(picture, "the folder of \(count) pictures")
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

extension Explain.Method {
  /// Whether features or places are left out.
  var leavesOut: Bool { if case .features(let method) = self { !method.isByGradient } else { false } }
}

/// One image and its explanation.
private struct Explained {
  let model: Model
  let image: Image
  let examples: Examples
  let prepared: PreparedInputs
  /// The image with the extents that the network reads.
  let sized: Image
  let layer: String?

  init(_ model: Model, _ image: Image, _ id: String, _ preparation: ImagePreparation, layer: String?) throws {
    (self.image, self.layer) = (image, layer)
    var own = model
    var place = preparation
    if model.readsAnySize { place = preparation.keepingSize(of: image) }
    own.manifest.inputs[0].preparation = AnyPreparation(place)
    sized = place.sized(image)
    self.model = own
    examples = model.examples(
      idColumn: model.manifest.keyColumns[0], ids: [id], records: try ImageRecords([image]))
    prepared = PreparedExamples(examples, as: own.manifest.inputs).inputs
  }

  /// The score of the output, its map over the image after and before the ReLU, and the output.
  func map(
    _ method: Explain.Method, _ chosen: Int?, _ superpixels: Superpixels?,
    _ explainer: (ExplanationMethod) throws -> Explainer, _ check: inout FaithfulnessCheck?
  )
    throws -> (
      score: Float, map: Image, raw: Image, output: Int
    )
  {
    let outputs = model.predict(prepared, rows: [0])
    let number = chosen ?? model.usualOutputs(prepared, rows: [0])[0]
    func cam() throws -> ActivationMap {
      try model.gradCAM(prepared, rows: [0], input: 0, outputs: [number], layer: layer)[0]
    }
    func attributions(_ method: ExplanationMethod) throws -> ActivationMap {
      var explainer = try explainer(method).of(model)
      (explainer.output, explainer.check) = (number, check)
      defer { check = explainer.check }
      if let superpixels { explainer.grouping = .segments(superpixels.segments(of: sized)) }
      return try explainer.map(of: examples).map
    }
    let found: ActivationMap
    switch method {
    case .gradCAM: found = try cam()
    case .guidedGradCAM: found = try cam().guided(by: attributions(.gradient(.guidedBackpropagation)))
    case .ism: throw ValidationError("--method ism does not apply: \(model.spokenKind)")
    case .features(let method): found = try attributions(method)
    }
    return (
      outputs[number], found.image(extents: image.extents), found.rawImage(extents: image.extents), number
    )
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
