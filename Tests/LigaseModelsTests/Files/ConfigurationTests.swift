import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct ConfigurationTests {
  private let folder = TemporaryFolder()
  private let simulated: SimulatedTraining
  private let defaults: ModelOptions

  init() throws {
    simulated = try SimulatedTraining()
    defaults = DrugResponseTask.defaults(for: simulated.data, TaskChoice(setting: "known"))
  }

  private func read(_ text: String) throws -> ModelOptions {
    try Configuration(contentsOf: folder.write(text, to: "c.json")).laid(over: defaults)
  }

  @Test func aFileChangesWhatItNames() throws {
    var expected = defaults
    #expect(try read("{}") == expected)
    expected.training.epochs = 7
    expected.drugs.kind = .cnn
    expected.head.hidden = []
    expected.fusion.kind = .gate
    expected.lines.dropout = 0.35
    expected.drugs.dropout = 0.35
    expected.training.learningRate = 0.1
    #expect(
      try read(
        """
        {"training": {"epochs": 7, "learningRate": 0.1},
         "inputs": {"*": {"encoder": {"dropout": 0.35}}, "smiles": {"encoder": {"kind": "cnn"}}},
         "head": {"hidden": []}, "fusion": {"kind": "gate"}}
        """) == expected)
  }

  @Test func whatIsPrintedIsRead() throws {
    for setting in DrugResponseTask.Setting.allCases {
      let options = DrugResponseTask.defaults(
        for: simulated.data, TaskChoice(setting: setting.rawValue))
      #expect(try read(ModelFile.json(options, pretty: true)) == options)
      #expect(options.problem == nil)
    }
  }

  @Test(arguments: [
    (
      "{\"epoch\": 3}",
      "found the unknown option 'epoch', expected one of blend, ensemble, fusion, head, inputs"
    ),
    (
      "{\"training\": {\"rate\": 3}}",
      "found the unknown option 'training.rate', expected one of averageDecay, "
    ),
    ("{\"training\": 3}", "found a single value under 'training', expected an object of options"),
    ("[1]", "found a single value under '', expected an object of options"),
    ("{\"training\": {\"epochs\": \"3\"}}", "the value of 'training.epochs' cannot be used"),
    ("{\"training\": {\"epochs\": 1.5}}", "the value of 'training.epochs' cannot be used"),
    ("{\"training\": {\"epochs\": null}}", "the value of 'training.epochs' cannot be used"),
    ("{\"training\": {\"epochs\": true}}", "the value of 'training.epochs' cannot be used"),
    (
      "{\"inputs\": {\"smiles\": {\"encoder\": {\"kind\": \"transformer\"}}}}",
      "the value of 'inputs.smiles.encoder.kind' cannot"
    ),
    ("{\"head\": {\"hidden\": [1, \"a\"]}}", "the value of 'head.hidden"),
    ("{\"training\": {\"epochs\": 3}", "found text that is not JSON"), ("", "found text that is not JSON"),
    ("{\"training\": {\"epochs\": 1e30}}", "the value of 'training.epochs' cannot be used"),
  ])
  func wrongFilesSayWhatIsWrong(_ text: String, _ message: String) {
    let error = #expect(throws: FormatError.self) { try read(text) }
    #expect(error?.kind == .badData && error?.path == folder.file("c.json"))
    #expect(error?.message.contains(message) == true, "\(text): \(error?.message ?? "")")
  }

  @Test func numbersOutOfRangeAreAProblem() {
    for change in [
      { $0.training.epochs = 0 }, { $0.training.epochs = .max }, { $0.training.batchSize = 0 },
      { $0.training.batchSize = .max }, { $0.training.learningRate = 0 }, { $0.training.learningRate = .nan },
      { $0.training.warmup = 1 }, { $0.training.averageDecay = 1 }, { $0.training.patience = -1 },
      { $0.training.weightDecay = -1 }, { $0.training.clipNorm = .nan },
      { $0.blend = [BlendOptions("gaussian-process", share: 2)] },
      { $0.blend = [BlendOptions("oracle")] }, { $0.ensemble = 0 }, { $0.drugs.embeddingSize = 0 },
      { $0.lines.projection = [8, 0] }, { $0.lines.inputDropout = 1 }, { $0.lines.unknownRate = -0.1 },
      { $0.drugs.hiddenSize = .max }, { $0.training.optimizer.momentum = 1 },
      { $0.training.schedule.factor = 0 }, { $0.training.loss.delta = 0 },
      {
        $0.fusion.kind = .concatenation
        $0.head.isUsed = false
      },
    ] as [(inout ModelOptions) -> Void] {
      var options = defaults
      change(&options)
      #expect(options.problem != nil, "\(options)")
    }
  }
}
