import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct ConfigurationTests {
  private let folder = TemporaryFolder()
  private let defaults = DrugResponseOptions(for: .known)

  private func read(_ text: String) throws -> DrugResponseOptions {
    try Configuration(contentsOf: folder.write(text, to: "c.json")).laid(over: defaults)
  }

  @Test func aFileChangesWhatItNames() throws {
    var expected = defaults
    #expect(try read("{}") == expected)
    expected.training.epochs = 7
    expected.architecture.drugEncoder = .cnn
    expected.architecture.headHidden = []
    expected.architecture.usesProduct = false
    expected.training.learningRate = 0.1
    #expect(
      try read(
        """
        {"training": {"epochs": 7, "learningRate": 0.1},
         "architecture": {"drugEncoder": "cnn", "headHidden": [], "usesProduct": false}}
        """) == expected)
  }

  @Test func whatIsPrintedIsRead() throws {
    for purpose in DrugResponseOptions.Purpose.allCases {
      let options = DrugResponseOptions(for: purpose)
      #expect(try read(ModelFile.json(options, pretty: true)) == options)
      #expect(options.problem == nil)
    }
  }

  @Test(arguments: [
    ("{\"epoch\": 3}", "found the unknown option 'epoch', expected one of architecture, purpose, training"),
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
      "{\"architecture\": {\"drugEncoder\": \"transformer\"}}",
      "the value of 'architecture.drugEncoder' cannot"
    ),
    ("{\"architecture\": {\"headHidden\": [1, \"a\"]}}", "the value of 'architecture.headHidden"),
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
      { $0.training.weightDecay = -1 }, { $0.training.clipNorm = .nan }, { $0.training.kernelShare = 2 },
      { $0.training.kernelShare = 0.5 }, { $0.architecture.members = 0 }, { $0.architecture.tokenSize = 0 },
      { $0.architecture.expressionHidden = [8, 0] }, { $0.architecture.geneDropout = 1 },
      { $0.architecture.unknownRate = -0.1 }, { $0.architecture.drugHidden = .max },
      {
        $0.architecture.usesProduct = false
        $0.architecture.headHidden = []
      },
    ] as [(inout DrugResponseOptions) -> Void] {
      var options = defaults
      change(&options)
      #expect(options.problem != nil, "\(options)")
    }
  }
}
