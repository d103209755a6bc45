import TestSupport
import Testing

/// A shell in a folder with a simulated study and the configuration of a network that trains in milliseconds.
struct DrugResponseShell {
  let shell = Shell()
  let study = SimulatedStudy()

  /// The options every `train` needs; further ones follow.
  static let train =
    "ligase train drug-response --expression expression.csv --drugs drugs.csv --response response.csv "
    + "--config tiny.json --orientation samples-in-rows"

  /// `predict` with the study's tables.
  static let predict = "ligase predict m.safetensors --expression expression.csv --drugs drugs.csv"

  init() {
    study.write(to: shell.folder)
    shell.folder.write(
      """
      {"inputs": {"expression": {"encoder": {"projection": [8]}},
                  "smiles": {"encoder": {"embeddingSize": 4, "hiddenSize": 4}}},
       "fusion": {"size": 4}, "head": {"hidden": [8]}, "ensemble": 1,
       "training": {"epochs": 2, "batchSize": 64, "patience": 0, "refits": false}}
      """, to: "tiny.json")
  }

  var folder: TemporaryFolder { shell.folder }

  /// Trains with further options.
  func train(_ options: String) -> Shell.Outcome { shell.run("\(Self.train) \(options)") }

  /// Trains with further options and expects no message.
  func trained(_ options: String = "") -> DrugResponseShell {
    let outcome = train("-q -o m.safetensors \(options)")
    #expect(outcome.status == 0 && outcome.error == "", "\(outcome)")
    return self
  }

  /// The bytes of a file in the folder.
  func bytes(_ name: String) -> [UInt8]? { TemporaryFolder.contents(of: folder.file(name)) }

  /// The text of a file in the folder.
  func text(_ name: String) -> String { String(decoding: bytes(name) ?? [], as: UTF8.self) }

  /// The rows of tab-separated text.
  static func rows(_ text: String) -> [[String]] {
    text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
