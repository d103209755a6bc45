import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// Grad-CAM, guided Grad-CAM and occlusion of the cases of a table: a table with a row for each case, pictures and maps.
struct SegmentationExplanation {
  let model: Model
  let prediction: VolumePrediction
  let options: Explain

  /// nil for models of other inputs.
  init?(_ model: Model, _ options: Explain) {
    guard let prediction = VolumePrediction(model) else { return nil }
    (self.model, self.prediction, self.options) = (model, prediction, options)
  }

  func write() throws {
    try refuseOthers()
    guard options.examples.inputs.count < 2 else {
      throw ValidationError("give one table of cases (got \(options.examples.inputs.count) inputs)")
    }
    let preparation = model.manifest.inputs[0].preparation.base as! VolumePreparation
    let explained = try options.chosenOutput(of: model)
    let cases = try VolumeCases(
      options.examples.inputs.first, of: preparation, mask: nil, options.examples.images,
      options.examples.report)
    func paths(_ folder: String?, _ suffix: String) throws -> [String?] {
      guard let folder else { return cases.ids.map { _ in nil } }
      let names = cases.ids.map { (folder.hasSuffix("/") ? folder : folder + "/") + $0 + suffix }
      for name in names {
        try FileArguments.refuseExisting(name, overwrite: options.examples.output.overwrite)
      }
      try FileArguments.makeFolder(folder, "the folder of \(cases.ids.count.counted("file"))")
      return names
    }
    let pictures = try paths(options.picture, ".png"), maps = try paths(options.maps, ".nii.gz")
    let part = try options.examples.shards.part(of: options.examples.inputs) { cases.ids.count }
    let table = try options.examples.output.open(threads: options.examples.threads.count, part: part)
    let rows = try TSVWriter(
      table, columns: [cases.idColumn, "output", "score", "x", "y", "z", "value"])
    for (number, id) in cases.ids.enumerated() where part?.records.contains(number) ?? true {
      let records = try cases.records(number)
      let map = try map(records, id, class: explained)
      let name = model.outputNames[map.explained]
      if map.places == 0 {
        options.examples.report.note("\(id): no voxel is predicted as \(name), so its map is empty")
      }
      try rows.field(id)
      try rows.field(name)
      rows.field(map.score)
      let peak = map.peak
      for value in peak.place { rows.field(value) }
      rows.field(peak.value)
      try rows.endRow()
      if let path = pictures[number] {
        let slice = map.slice(of: records, 0)
        try HeatPicture.overlay(slice.image, slice.map).writePNG(
          to: path, window: 0...255, overwrite: options.examples.output.overwrite)
      }
      if let path = maps[number] {
        try map.raw.writeNIfTI(to: path, overwrite: options.examples.output.overwrite)
      }
    }
    try table.close()
  }

  /// Throws for methods and options that do not apply to volumes.
  private func refuseOthers() throws {
    if options.boxes != nil { throw ValidationError("--boxes does not apply to models of volumes") }
    switch options.method {
    case .gradCAM, .guidedGradCAM:
      if let other = options.features.given {
        throw ValidationError("\(other) does not apply to this method")
      }
    case .features(.perturbation(.occlusion)):
      if let other = options.features.allGiven.first(where: { !["--window", "--stride"].contains($0) }) {
        throw ValidationError("\(other) does not apply to occlusion of volumes")
      }
    case .features, .ism:
      throw ValidationError(
        "this method does not apply: \(model.spokenKind); grad-cam, guided-grad-cam and occlusion explain it")
    }
    if let other = options.motifs.given {
      throw ValidationError("\(other) needs a model of DNA or RNA sequences")
    }
  }

  /// The map of a case.
  private func map(_ records: VolumeRecords, _ id: String, class explained: Int?) throws
    -> VolumeActivationMap
  {
    switch options.method {
    case .gradCAM: return try prediction.gradCAM(0, of: records, class: explained, layer: options.layer)
    case .guidedGradCAM:
      return try prediction.guidedGradCAM(0, of: records, class: explained, layer: options.layer)
    case .features, .ism: break
    }
    var occlusion = VolumeOcclusion(), progress = Progress(options.examples.report)
    (occlusion.size, occlusion.stride) = (options.features.window?.length, options.features.stride?.length)
    let found = try prediction.occlusion(0, of: records, class: explained, occlusion) { done, all in
      progress.show(
        "\(id): \(done.grouped) of \(all.counted("window"))", json: "{\"windows\":\(done),\"all\":\(all)}")
    }
    progress.clear()
    options.examples.report.note(
      "\(id): \(found.boxes.counted("box", "boxes")) left out, \(found.predictions.counted("prediction")) of windows"
    )
    return found.map
  }
}
