import LigaseDatasets

/// The response of cell lines to drugs, from expression and SMILES.
package enum DrugResponseTask: Task {
  package static let name = "drug-response"
  package static let unit = "pairs"
  package static let mainInput = SMILESModality.name
  package static let purposes = Purpose.allCases.map(\.rawValue)

  /// What a model is to predict.
  package enum Purpose: String, CaseIterable, Sendable {
    /// Missing pairs of lines and drugs that training knows.
    case known
    /// Lines that training does not know.
    case newLines = "new-lines"
    /// Drugs that training does not know.
    case newDrugs = "new-drugs"
    /// Lines and drugs that training does not know.
    case newBoth = "new-both"

    /// What a division asks for: whether most pairs of its validation part (of its test part, where there is none) are of
    /// lines and drugs that its training part knows.
    init(_ data: TrainingData) {
      let division = data.division
      let later = division.validation.isEmpty ? division.test : division.validation
      func isKnown(_ input: ExampleInput) -> Bool {
        let known = Set(division.train.map { input.record(of: $0) })
        return later.isEmpty || later.count { known.contains(input.record(of: $0)) } * 2 > later.count
      }
      self =
        switch (isKnown(data.examples.inputs[0]), isKnown(data.examples.inputs[1])) {
        case (true, true): .known
        case (false, true): .newLines
        case (true, false): .newDrugs
        case (false, false): .newBoth
        }
    }
  }

  package static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions {
    let purpose = choice.purpose.flatMap(Purpose.init) ?? Purpose(data)
    let inputs = data.examples.inputs
    let (profiles, structures) = (inputs[0].name, inputs[1].name)
    var lines = EncoderOptions(.mlp), drugs = EncoderOptions(choice.kind ?? .lstm)
    lines.projection = [256]
    (lines.inputDropout, lines.dropout) = (0.4, 0.2)
    (lines.embedsKnown, lines.unknownRate, lines.factorPenalty) = (true, 0.1, 1e-4)
    (drugs.embeddingSize, drugs.hiddenSize, drugs.dropout) = (32, 64, 0.1)
    (drugs.embedsKnown, drugs.unknownRate, drugs.factorPenalty) = (true, 0.1, 1e-4)
    drugs.isShared = true
    if drugs.kind == .cnn {
      (drugs.filters, drugs.kernelSize, drugs.moreKernelSizes) = (128, 7, [5])
    } else {
      drugs.pooling = .mean
    }
    var options = ModelOptions(inputs: [
      profiles: .init(inputs[0].modality, lines), structures: .init(inputs[1].modality, drugs),
    ])
    options.purpose = purpose.rawValue
    (options.fusion.kind, options.fusion.size, options.fusion.dropout) = (.product, 64, 0.4)
    (options.head.hidden, options.head.dropout) = ([128], 0.2)
    options.members = 4
    options.training.epochs = 30
    options.training.batchSize = 1024
    options.training.learningRate = 0.01
    options.training.weightDecay = 0
    options.training.refits = true
    options.training.offsets = [structures, profiles]
    if purpose == .newLines || purpose == .newBoth {
      options.setNewLines(profiles, structures)
    }
    if purpose == .newDrugs || purpose == .newBoth {
      options.setNewDrugs(profiles, structures, linesAreKnown: purpose == .newDrugs)
    }
    if data.examples.target.objective != ValuesObjective.name || data.examples.observations.width > 1 {
      options.blend = []
    }
    if data.examples.target.objective != ValuesObjective.name { options.training.offsets = [] }
    return options
  }
}

extension ModelOptions {
  /// Nothing is known of a line but its profile: no learned vectors, no effects, strong dropout of genes, and a Gaussian
  /// process of profiles beside the network.
  fileprivate mutating func setNewLines(_ profiles: String, _ structures: String) {
    var lines = inputs[profiles]!.encoder
    lines.projection = [128]
    lines.hasLinearPath = true
    (lines.inputDropout, lines.dropout) = (0.75, 0.1)
    (lines.embedsKnown, lines.unknownRate, lines.factorPenalty) = (false, 0, 0)
    inputs[profiles]!.encoder = lines
    inputs[structures]!.encoder.unknownRate = 0
    fusion.dropout = 0
    (head.isUsed, head.hidden) = (false, [])
    training.epochs = 16
    training.batchSize = 4096
    training.learningRate = 0.004
    training.weightDecay = 0.3
    training.averageDecay = 0.98
    training.offsets = [structures]
    blend = [BlendOptions(GaussianProcess.name)]
  }

  /// Nothing is known of a drug but its structure: no learned vectors, no effects, a small product.
  fileprivate mutating func setNewDrugs(_ profiles: String, _ structures: String, linesAreKnown: Bool) {
    inputs[profiles]!.encoder.inputDropout = 0.75
    var drugs = inputs[structures]!.encoder
    (drugs.readsCounts, drugs.projection, drugs.dropout) = (true, [32], 0.3)
    (drugs.embedsKnown, drugs.unknownRate) = (false, 0)
    inputs[structures]!.encoder = drugs
    inputs[profiles]!.encoder.unknownRate = 0
    (fusion.size, fusion.dropout) = (16, 0)
    (head.isUsed, head.hidden) = (false, [])
    members = 2
    training.epochs = 12
    training.batchSize = 4096
    training.learningRate = 0.005
    training.weightDecay = 0.1
    training.averageDecay = 0.98
    training.offsets = linesAreKnown ? [profiles] : []
    blend = []
  }
}
