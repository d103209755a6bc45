import FoundationEssentials
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct LayerListTests {
  private let folder = TemporaryFolder()

  private func problem<Preset: LigaseModels.Task>(
    _ layers: String, _: Preset.Type, input: String = "*"
  ) throws -> String? {
    let text = "{\"inputs\": {\"\(input)\": {\"encoder\": {\"layers\": \(layers)}}}}"
    let configuration = try Configuration(contentsOf: folder.write(text, to: "c.json"))
    do { try configuration.checkLayers(of: Preset.self) } catch let error as FormatError {
      #expect(error.kind == .badData)
      return error.message
    }
    return nil
  }

  /// Errors in a list are reported before data is read, with the position of the layer.
  @Test(
    arguments: [
      ("[{\"layer\": \"convolution\"}, {\"layer\": \"pooling\"}]", nil),
      (
        "[{\"layer\": \"conv\"}]",
        "found the layer 'conv', expected one of convolution, maxPool, averagePool, lstm"
      ),
      ("[{\"size\": 3}]", "found no name under \"layer\", expected one of convolution"),
      ("[3]", "found a value that is not a layer, expected an object"),
      ("3", "found no list under 'inputs.*.encoder.layers', expected layers in brackets"),
      (
        "[{\"layer\": \"convolution\", \"kernel\": 3}]",
        "convolution: found the unknown option 'kernel', expected one of bias, dilation, filters, kernelSize"
      ),
      (
        "[{\"layer\": \"linear\", \"size\": \"4\"}]",
        "linear: the value of 'size' cannot be used: found another type or choice"
      ),
      ("[{\"layer\": \"relu\", \"slope\": 1}]", "relu: found the unknown option 'slope', expected none"),
      (
        "[{\"layer\": \"pooling\"}, {\"layer\": \"linear\"}, {\"layer\": \"lstm\"}]",
        "layer 3, lstm: it reads steps, and the layer before it gives one row an example"
      ),
      (
        "[{\"layer\": \"linear\"}, {\"layer\": \"cut\"}]",
        "layer 2, cut: it reads one row an example, and gets steps"
      ),
      ("[{\"layer\": \"lstm\"}]", "found layers that end in steps, expected one row an example: add"),
      (
        "[{\"layer\": \"convolution\", \"filters\": 0}]",
        "layer 1, convolution: filters must be from 1 to 8192 (got 0)"
      ),
      (
        "[{\"layer\": \"convolution\", \"stride\": 2, \"kernelSize\": 4}]",
        "layer 1, convolution: found stride 2 with padding \"same\" and a window of an even number of places"
      ),
      (
        "[{\"layer\": \"dropout\", \"probability\": 1}]",
        "layer 1, dropout: probability must be from 0.0 to"
      ),
      (
        "[{\"layer\": \"residual\", \"layers\": [{\"layer\": \"maxPool\"}]}]",
        "layer 1, residual: found layers that change the places"
      ),
      (
        "[{\"layer\": \"linear\", \"size\": 4}, {\"layer\": \"residual\", \"layers\": [{\"layer\": \"linear\", \"size\": 3}]}]",
        "layer 2, residual: found layers from 4 to 3 channels"
      ),
      ("[{\"layer\": \"residual\"}]", "layer 1, residual: found no layers"),
      (
        "[{\"layer\": \"residual\", \"layers\": [{\"layer\": \"lstn\"}]}]",
        "found the layer 'lstn', expected one of"
      ),
      (
        "[{\"layer\": \"residual\", \"layers\": [{\"layer\": \"pooling\"}]}]",
        "layer 1, residual: found layers that change the places"
      ),
    ] as [(String, String?)])
  func listsOfSequences(_ list: String, _ message: String?) throws {
    let found = try problem(list, SequenceTask.self)
    if let message {
      #expect(found?.contains(message) == true, "\(found ?? "nothing")")
    } else {
      #expect(found == nil)
    }
  }

  @Test func rowsAndResidues() throws {
    #expect(try problem("[{\"layer\": \"linear\"}, {\"layer\": \"relu\"}]", ExpressionTask.self) == nil)
    #expect(
      try problem("[{\"layer\": \"convolution\"}]", ExpressionTask.self)?
        .contains("it reads steps, pixels or voxels, and the layer before it gives one row an example")
        == true)
    #expect(
      try problem(
        "[{\"layer\": \"cut\"}, {\"layer\": \"lstm\"}, {\"layer\": \"pooling\"}]", ExpressionTask.self)
        == nil)
    #expect(try problem("[{\"layer\": \"lstm\"}]", ResiduesTask.self) == nil)
    for list in ["[{\"layer\": \"lstm\"}, {\"layer\": \"pooling\"}]", "[{\"layer\": \"maxPool\"}]"] {
      #expect(
        try problem(list, ResiduesTask.self)?
          .contains("found layers that change the steps, expected as many steps as residues") == true)
    }
  }

  /// A list is written as read, and its parameters have its names.
  @Test func listsGoAroundThroughFilesAndModels() throws {
    let data = SimulatedExamples.sequences(60)
    var options = SimulatedExamples.options(.layers, data, epochs: 1)
    options.encoder.hasLinearPath = false
    let text = try ModelFile.json(options)
    #expect(try JSONDecoder().decode(ModelOptions.self, from: Data(text.utf8)) == options)
    let model = try SimulatedExamples.trained(data, options).model
    let path = folder.file("m.safetensors")
    try model.write(to: path)
    let again = try Model(contentsOf: path)
    #expect(again.manifest.options.inputs["sequence"]?.encoder.layers == options.encoder.layers)
    let names = try ModelFile(contentsOf: path).tensorNames
    for name in ["motifs.weight", "layers.2.0.weight", "layers.2.2.bias", "layers.7.weight_hh_l0"] {
      #expect(names.contains("members.0.inputs.sequence.encoder.\(name)"), "\(names)")
    }
  }
}
