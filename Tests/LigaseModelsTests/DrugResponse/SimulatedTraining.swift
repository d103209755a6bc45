import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport

/// A study that is joined and divided as `train drug-response` does it.
struct SimulatedTraining {
  var study: SimulatedStudy
  var expression: ExpressionMatrix
  var drugs: DrugTable
  var data: DrugResponseTraining.Data

  /// - Parameter part: the part of a pair by its line and drug; nil draws validation pairs.
  init(
    _ study: SimulatedStudy = SimulatedStudy(), isScaled: Bool = true, part: ((Int, Int) -> Split.Part)? = nil
  ) throws {
    self.study = study
    let tokenizer = SMILESTokenizer()
    let expression = ExpressionMatrix(samples: study.lines, genes: study.genes, values: study.values)
    drugs = try DrugTable(Table(bytes: Array(study.drugsText.utf8)), tokenizer: tokenizer)
    let table = try Table(bytes: Array(study.responseText.utf8))
    let pairs = try DrugResponsePairs(
      table, lineIDs: study.lines, drugIDs: study.drugs, target: "value")
    let keys = try pairs.keys(of: table)
    let split =
      try part.map { part in
        try Split(keys: keys, assignment: .parts(study.pairs.map { part($0.line, $0.drug) }))
          .resolved(for: keys, seed: 1)
      } ?? Split.validationOnly(keys: keys, seed: 1)
    self.expression = expression
    data = DrugResponseTraining.Data(
      expression: expression, drugs: drugs, pairs: pairs, split: split, target: "value", tokenizer: tokenizer,
      splitDescription: "simulated")
    data.isScaled = isScaled
  }

  /// Options of a network that trains in milliseconds.
  static func options(
    for purpose: DrugResponseOptions.Purpose = .known, encoder: DrugResponseArchitecture.DrugEncoder = .lstm,
    epochs: Int = 3
  ) -> DrugResponseOptions {
    var options = DrugResponseOptions(for: purpose)
    options.architecture.drugEncoder = encoder
    options.architecture.tokenSize = 4
    options.architecture.drugHidden = 4
    options.architecture.members = 2
    options.architecture.expressionHidden = [8]
    options.architecture.latentSize = 4
    if !options.architecture.headHidden.isEmpty { options.architecture.headHidden = [8] }
    options.training.epochs = epochs
    options.training.batchSize = 64
    options.training.refits = false
    return options
  }

  /// A finished run.
  func trained(_ options: DrugResponseOptions, seed: UInt64 = 1) throws -> DrugResponseTraining {
    var training = try DrugResponseTraining(data, options: options, seed: seed)
    _ = try training.run()
    if let again = try training.refit() {
      training = again
      _ = try training.run()
    }
    return training
  }

  /// The bytes of the model file.
  static func bytes(_ model: DrugResponseModel) throws -> [UInt8] {
    let folder = TemporaryFolder(), path = folder.file("m.safetensors")
    try model.write(to: path)
    return TemporaryFolder.contents(of: path)!
  }
}
