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
    let ids = sets.flatMap(\.ids), count = ids.count
    let pictures = try pictures(of: ids)
    let chosen = try options.chosenOutput(of: model)
    if options.boxes != nil, chosen == nil, model.hasProbabilities {
      options.examples.report.note(
        "boxes are of the class that is predicted for each image; --class NAME gives those of one class")
    }
    let places = Places(sets, options.examples.report)
    let part = try options.examples.shards.part(of: options.examples.inputs) { count }
    for path in pictures.isEmpty ? [] : pictures[part?.records ?? 0..<count] {
      try FileArguments.refuseExisting(path, overwrite: options.examples.output.overwrite)
    }
    var selection = RecordSelection(part?.records)
    let table = try options.examples.output.open(threads: options.examples.threads.count, part: part)
    let key = model.manifest.keyColumns[0]
    let rows = try TSVWriter(table, columns: [key, "output", "score"] + places.names("") + ["value"])
    let regions = try options.boxes.map { try OutputFile($0, overwrite: options.examples.output.overwrite) }
    let boxRows = try regions.map {
      try TSVWriter(
        $0,
        columns: [key, "output"] + places.names("") + places.names("_min") + places.names("_max") + ["score"])
    }
    var kept = MapArchive()
    var check = options.features.check ? FaithfulnessCheck() : nil
    var number = -1
    for set in sets {
      for row in set.ids.indices {
        number += 1
        guard selection.takes() else { continue }
        let image = set.records[row], id = set.ids[row]
        let one = try Explained(model, image, id, preparation, layer: options.layer)
        let (score, map, raw, output) = try one.map(
          options.method, chosen, superpixels, explainer, &check)
        let name = model.outputNames[output]
        let most = map.values.indices.max { map.values[$0] < map.values[$1] } ?? 0
        let peak = places.point(image, Double(most % image.extents[1]), Double(most / image.extents[1]))
        try rows.field(id)
        try rows.field(name)
        rows.field(score)
        peak.forEach { rows.field($0) }
        rows.field(map.values[most])
        try rows.endRow()
        if let boxRows { try write(LesionBox.boxes(in: map), id, name, score, image, places, to: boxRows) }
        if options.maps != nil { kept.add(id, map: map, raw: raw) }
        if !pictures.isEmpty {
          try HeatPicture.overlay(image, map).writePNG(
            to: pictures[number], window: 0...255, overwrite: options.examples.output.overwrite)
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
    _ boxes: [LesionBox], _ id: String, _ name: String, _ score: Float, _ image: Image, _ places: Places,
    to rows: TSVWriter
  ) throws {
    for box in boxes {
      try rows.field(id)
      try rows.field(name)
      let corners = [box.xMin, box.xMax].flatMap { x in
        [box.yMin, box.yMax].map { places.point(image, Double(x), Double($0)) }
      }
      let middle = places.point(image, Double(box.x), Double(box.y)), axes = middle.indices
      let low = axes.map { axis in corners.map { $0[axis] }.min()! }
      let high = axes.map { axis in corners.map { $0[axis] }.max()! }
      (middle + low + high).forEach { rows.field($0) }
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

  /// The files of the pictures of all images; empty where the user asks for none.
  private func pictures(of ids: [String]) throws -> [String] {
    guard let picture = options.picture else { return [] }
    var paths = [picture]
    if ids.count != 1 {
      // As much of each path as tells the images apart.
      let longest = ids.map { $0.split(separator: "/").count }.max() ?? 0
      let names = (2...max(2, longest)).lazy.map { steps in ids.map { Self.fileName($0, steps) } }
      guard let own = names.first(where: { Set($0).count == ids.count }) else {
        throw ValidationError(
          "--picture would have one name for several images; give them in runs of their own")
      }
      paths = own.map { "\(picture)/\($0).png" }
      try FileArguments.makeFolder(picture, "the folder of \(ids.count) pictures")
    }
    return paths
  }

  /// A name for a file, from the last steps of an id.
  private static func fileName(_ id: String, _ steps: Int) -> String {
    var last = id.split(separator: "/").suffix(steps).joined(separator: "_")
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

/// How places are written: in millimetres (RAS) where every image says where it lies, else in pixels.
private struct Places {
  private let areKnown: Bool

  init(_ sets: [ImageSet], _ report: ReportOptions) {
    let placed = sets.reduce(0) { sum, set in sum + set.ids.indices.count { set.records.isPlaced($0) } }
    let count = sets.reduce(0) { $0 + $1.ids.count }
    areKnown = placed == count
    if placed > 0, !areKnown {
      report.note(
        "\(placed.grouped) of \(count.counted("image")) say where they lie; all places are in pixels")
    }
  }

  /// The columns of a place.
  func names(_ suffix: String) -> [String] { (areKnown ? ["x", "y", "z"] : ["x", "y"]).map { $0 + suffix } }

  /// The fields of a place in an image.
  func point(_ image: Image, _ x: Double, _ y: Double) -> [Double] {
    guard areKnown else { return [x, y] }
    let place = image.place(x: x, y: y)
    return [place.x, place.y, place.z]
  }
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
  private let preparation: ImagePreparation

  init(_ model: Model, _ image: Image, _ id: String, _ preparation: ImagePreparation, layer: String?) throws {
    (self.image, self.layer) = (image, layer)
    var own = model
    var place = preparation
    if model.readsAnySize { place = preparation.keepingSize(of: image) }
    own.manifest.inputs[0].preparation = AnyPreparation(place)
    self.preparation = place
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
    let (map, raw) = found.images(in: image, preparation)
    return (outputs[number], map, raw, number)
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
