import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// The label maps that `predict` writes.
struct SegmentationFiles {
  let prediction: VolumePrediction
  let preparation: VolumePreparation
  let inputs: ExampleOptions

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
    try inputs.shards.refuse("--channel names one case")
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
    preparation.noteMask(inputs.volumes.mask != nil, inputs.report)
    var volumes = preparation.collector
    try volumes.add(output, channels: channels, mask: inputs.volumes.mask.map(named), labels: nil)
    let map = prediction.labelMap(0, of: try preparation.accepting(volumes.records, channels[0].path))
    try map.writeNIfTI(to: output, overwrite: inputs.output.overwrite)
    inputs.report.note("wrote \(output): \(amounts(map))")
  }

  /// Writes a file for each case of a table into a folder.
  private func writeCases(_ file: String?, to folder: String) throws {
    let cases = try VolumeCases(
      file, of: preparation, mask: inputs.volumes.mask, inputs.images, inputs.report)
    let names = cases.ids.map { "\(folder)/\($0).nii.gz" }
    // Each case is a file of its own: nothing is left to be joined.
    let own = inputs.shards.shard?.range(of: names.count) ?? names.indices
    for name in names[own] { try FileArguments.refuseExisting(name, overwrite: inputs.output.overwrite) }
    try FileArguments.makeFolder(folder)
    for (number, name) in names.enumerated() where own.contains(number) {
      let map = prediction.labelMap(0, of: try cases.records(number))
      try map.writeNIfTI(to: name, overwrite: inputs.output.overwrite)
      inputs.report.note("wrote \(name): \(amounts(map))")
    }
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
