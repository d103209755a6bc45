import ArgumentParser
import LigaseFormats
import LigaseModels

/// `ligase info`.
struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describe a model file: task, layers, shapes, data, metrics.",
    discussion: "Example:  ligase info model.safetensors")

  @Argument(help: "Model file.")
  var model: String
  @Flag(help: "Print the whole manifest as JSON.")
  var json = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    let model = try Model(contentsOf: model)
    let text = json ? try ModelFile.json(model.manifest, pretty: true) + "\n" : model.summary
    let target = try output.open()
    try target.write(text)
    try target.close()
  }
}
