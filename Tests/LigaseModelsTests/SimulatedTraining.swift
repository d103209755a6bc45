import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport

/// A study that is joined and divided as in `train drug-response`.
struct SimulatedTraining {
  var study: SimulatedStudy
  var expression: ExpressionMatrix
  var drugs: DrugTable
  var data: TrainingData

  /// - Parameters:
  ///   - values: the responses of the pairs; nil uses the study's.
  ///   - part: the subset of a pair by its cell line and drug; nil draws validation pairs.
  init(
    _ study: SimulatedStudy = SimulatedStudy(), isScaled: Bool = true, values: [Float]? = nil,
    part: ((Int, Int) -> Split.Subset)? = nil
  ) throws {
    self.study = study
    expression = ExpressionMatrix(samples: study.lines, genes: study.genes, values: study.values)
    drugs = try DrugTable(Table(bytes: Array(study.drugsText.utf8)), tokenizer: SMILESTokenizer())
    let joined = try JoinedTable(
      Table(bytes: Array(study.responseText.utf8)),
      to: [.init("expression", ids: study.lines), .init("the drug table", ids: study.drugs)],
      targets: ["value"])
    var modality = ExpressionModality()
    modality.zscore = isScaled
    let keys = try joined.keys()
    let examples = Examples(
      keys: keys,
      inputs: Self.inputs(
        expression, drugs, lines: joined.indices[0], drugs: joined.indices[1], modality: modality),
      target: TargetDescription("values", ["value"]),
      observations: Observations(numbers: values ?? joined.values, width: 1),
      groups: keys.combinations().codes.map { Int($0) })
    data = TrainingData(task: DrugResponseTask.name, unit: DrugResponseTask.unit, examples: examples)
    if let part {
      let split = Split(keys: keys, assignment: .parts(study.pairs.map { part($0.line, $0.drug) }))
      data.division = try Division(of: examples, by: split, fold: 0, validationShare: 0.1, seed: 1)
    } else {
      data.division = try Division(of: examples, validationShare: 0.1, seed: 1)
    }
  }

  private static func inputs(
    _ expression: ExpressionMatrix, _ drugTable: DrugTable, lines: [Int32], drugs: [Int32],
    modality: ExpressionModality = ExpressionModality()
  ) -> [ExampleInput] {
    [
      ExampleInput(
        ExpressionModality.name, modality,
        FeatureTable(names: expression.genes, values: expression.values), ids: expression.samples,
        index: lines, keyColumn: "line"),
      ExampleInput(
        SMILESModality.name, SMILESModality(), drugTable, ids: drugTable.ids, index: drugs,
        keyColumn: "drug"),
    ]
  }

  /// Every cell line with every drug, cell line by cell line, for prediction.
  static func everyPair(_ model: Model, _ expression: ExpressionMatrix, _ drugTable: DrugTable) -> Examples {
    let (n, m) = (expression.samples.count, drugTable.ids.count)
    let lines = (0..<n * m).map { Int32($0 / m) }, drugs = (0..<n * m).map { Int32($0 % m) }
    return model.examples(
      keys: KeyColumns([
        KeyColumn("line", lines.map { expression.samples[Int($0)] }),
        KeyColumn("drug", drugs.map { drugTable.ids[Int($0)] }),
      ]), inputs: inputs(expression, drugTable, lines: lines, drugs: drugs))
  }

  /// Options of a network that trains in milliseconds.
  func options(
    for setting: DrugResponseTask.Setting = .known, encoder: EncoderOptions.Kind = .lstm, epochs: Int = 3
  ) -> ModelOptions {
    var options = DrugResponseTask.defaults(
      for: data, TaskChoice(kind: encoder, setting: setting.rawValue))
    options.drugs.embeddingSize = 4
    options.drugs.hiddenSize = 4
    options.drugs.filters = 8
    options.ensemble = 2
    options.lines.projection = [8]
    options.fusion.size = 4
    if !options.head.hidden.isEmpty { options.head.hidden = [8] }
    options.training.epochs = epochs
    options.training.batchSize = 64
    options.training.refits = false
    return options
  }

  /// The kinds of encoders of SMILES that the task offers.
  static let encoders: [EncoderOptions.Kind] = [.lstm, .gru, .cnn]

  /// A finished run.
  func trained(_ options: ModelOptions, seed: UInt64 = 1) throws -> Training {
    try SimulatedExamples.trained(data, options, seed: seed, drawsValidation: false)
  }

  /// The bytes of the model file.
  static func bytes(_ model: Model) throws -> [UInt8] { try SimulatedExamples.bytes(model) }
}

extension ModelOptions {
  /// The encoder of profiles.
  var lines: EncoderOptions {
    get { inputs[ExpressionModality.name]!.encoder }
    set { inputs[ExpressionModality.name]!.encoder = newValue }
  }

  /// The encoder of structures.
  var drugs: EncoderOptions {
    get { inputs[SMILESModality.name]!.encoder }
    set { inputs[SMILESModality.name]!.encoder = newValue }
  }
}
