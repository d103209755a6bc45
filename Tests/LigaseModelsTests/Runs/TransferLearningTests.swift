import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct TransferLearningTests {
  private let folder = TemporaryFolder()
  private let data = SimulatedExamples.sequences()
  private let source: Model
  private let path: String

  init() throws {
    source = try SimulatedExamples.trained(
      data, SimulatedExamples.options(.cnnLSTM, data, members: 2), seed: 7
    ).model
    path = folder.file("source.safetensors")
    try source.write(to: path)
  }

  private func tensors(_ model: Model) -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: model.network.namedTensors.map { ($0.name, $0.tensor.scalars) })
  }

  /// The same sequences with three classes, which need a head of another shape.
  private var others: TrainingData {
    data.ofClasses(["a", "b", "c"], (0..<60).map { $0 % 3 })
  }

  @Test func weightsAreTakenByNameAndShape() throws {
    var options = SimulatedExamples.options(.cnnLSTM, others, members: 3)
    options.encoder.hasLinearPath = true
    let training = try Training(
      others, options: options, seed: 1, transfer: TransferLearning(from: path, freezing: []))
    let (held, begun) = (
      tensors(source), tensors(Model(manifest: training.manifest, network: training.trainer.model))
    )
    let fresh = tensors(
      Model(
        manifest: training.manifest,
        network: try Training(others, options: options, seed: 1).trainer.model))
    var taken = 0
    for (name, values) in begun {
      // A third network starts like the first.
      let other = name.replacing("members.2.", with: "members.0.")
      if held[other]?.count == values.count {
        #expect(values == held[other], "\(name)")
        taken += 1
      } else {
        #expect(values == fresh[name], "\(name)")
      }
    }
    #expect(
      taken > 15 && taken < begun.count
        && begun["members.0.inputs.sequence.encoder.convolution.weight"]
          == held["members.0.inputs.sequence.encoder.convolution.weight"]
    )
    #expect(training.report.last == "initialised \(taken) tensors from \(path)")
    #expect(training.manifest.provenance.initializedFrom == path)
  }

  @Test func frozenParametersStay() throws {
    var options = SimulatedExamples.options(.cnnLSTM, others, epochs: 3, members: 2)
    options.training.weightDecay = 0.5
    options.training.refits = true
    let trained = try SimulatedExamples.trained(
      others, options,
      transfer: TransferLearning(from: path, freezing: ["members.*.convolution.*", "recurrent"]))
    let (held, now) = (tensors(source), tensors(trained.model))
    var (kept, moved) = (0, 0)
    for (name, values) in now {
      if name.contains("convolution") || name.contains("recurrent") {
        let isKept = values == held[name]
        #expect(isKept, "\(name)")
        kept += 1
      } else if values != held[name] {
        moved += 1
      }
    }
    #expect(kept >= 20 && moved >= 4 && trained.isRefit)
    #expect(trained.model.manifest.provenance.frozen == ["members.*.convolution.*", "recurrent"])
    #expect(trained.report.last == "froze \(kept) parameter tensors")
    // Without another model the random initial weights are kept.
    let drawn = try Training(others, options: options, seed: 1)
    let alone = try SimulatedExamples.trained(
      others, options, transfer: TransferLearning(from: nil, freezing: ["convolution.weight"]))
    let weight = "members.1.inputs.sequence.encoder.convolution.weight"
    let isKept =
      tensors(alone.model)[weight]
      == tensors(Model(manifest: drawn.manifest, network: drawn.trainer.model))[weight]
    #expect(isKept)
    #expect(
      tensors(alone.model)["members.1.inputs.sequence.encoder.convolution.bias"]?.contains { $0 != 0 } == true
    )
  }

  private func refusal(_ make: () throws -> TransferLearning) -> String {
    do {
      _ = try Training(
        others, options: SimulatedExamples.options(.cnnLSTM, others), seed: 1, transfer: make())
      return "no error"
    } catch { return "\(error)".replacing(folder.path + "/", with: "") }
  }

  @Test func whatFitsNothingIsSaid() throws {
    #expect(
      refusal { try TransferLearning(from: nil, freezing: ["embedding"]) }
        .hasPrefix(
          "'embedding' matches no parameter to freeze; there are members.0.inputs.sequence.encoder.convolution.weight, "
        ))
    #expect(
      refusal { try TransferLearning(from: nil, freezing: ["members.*.convolution"]) }.contains(
        "matches no parameter"))
    #expect(
      refusal { try TransferLearning(from: nil, freezing: ["*"]) }
        == "all parameters are frozen: none is left to train")
    #expect(refusal { try TransferLearning(from: nil, freezing: ["*.0.*conv*weight"]) } == "no error")
    let numbers = SimulatedExamples.values()
    let other = folder.file("values.safetensors")
    let options = SimulatedExamples.options(.linear, numbers, epochs: 1)
    try SimulatedExamples.trained(numbers, options).model.write(to: other)
    let error = refusal { try TransferLearning(from: other, freezing: []) }
    #expect(
      error.hasPrefix(
        "found no tensor in values.safetensors that has the name and shape of one of this network, expected some"
      )
        && error.contains("members.0.inputs.sequence.linear.weight"), "\(error)")
    #expect(
      refusal { try TransferLearning(from: folder.write("abc", to: "t"), freezing: []) }.hasPrefix(
        "t: not a model file"))
    #expect(
      refusal { try TransferLearning(from: folder.file("absent"), freezing: []) }.contains("cannot open"))
  }
}
