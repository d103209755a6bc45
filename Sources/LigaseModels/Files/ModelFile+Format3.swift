internal import FoundationEssentials
import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// Converts model files of format 3, which had one manifest for drug response and another for everything
/// else, to the current manifest. Tensors keep their values and get the current names.
struct Format3 {
  /// The manifest.
  let manifest: ModelManifest
  /// Returns the current name of a tensor of the file.
  let name: (String) -> String

  /// - Throws: `DecodingError` for a manifest that is not of format 3; `FormatError` for a network that is no
  ///   longer supported.
  init(_ text: [UInt8], task: String, path: String) throws {
    func content<Content: Decodable>(_: Content.Type) throws -> Content {
      try JSONDecoder().decode(Envelope<Content>.self, from: Data(text)).content
    }
    if let pairs = try? content(Pairs.self) {
      guard pairs.architecture.usesProduct else {
        throw FormatError(
          .badData, path: path,
          "found a network without a product of factors, which this version does not read; train it again")
      }
      manifest = pairs.manifest(task)
      name = Pairs.name
    } else {
      let single = try content(Single.self)
      let manifest = single.manifest(task)
      self.manifest = manifest
      let input = manifest.inputs[0].name
      name = { Single.name($0, input: input) }
    }
  }

  private struct Envelope<Content: Decodable>: Decodable { var content: Content }

  // MARK: - One input

  private struct Single: Decodable {
    enum Features: Decodable {
      case sequence(SequenceEncoding)
      case expression(ExpressionPreparation)
      case genotype(GenotypeFeatures)
    }

    enum Target: Decodable {
      struct Scale: Decodable { var name: String, mean: Float, deviation: Float }
      case classes([String])
      case labels([String])
      case values([Scale])
      case residues([String])
    }

    struct Architecture: Decodable {
      var kind: EncoderOptions.Kind
      var embeddingSize, stepSize, filters, kernelSize, poolSize, blocks, hiddenSize, layers: Int
      var isBidirectional: Bool
      var pooling: LengthPooling.Kind
      var headHidden: [Int]
      var inputDropout, dropout: Float
      var hasLinearPath: Bool
      var linearWordLength, members: Int
    }

    struct Training: Decodable {
      var epochs, batchSize: Int
      var learningRate, warmup, weightDecay, inputPenalty: Float
      var weighsGenes, findsAncestry: Bool
      var averageDecay: Float
      var patience: Int
      var validationShare: Double
      var refits: Bool
      var clipNorm: Float
      var balancesClasses, usesBothStrands: Bool
      var shift: Int
    }

    struct Options: Decodable { var architecture: Architecture, training: Training }

    struct Provenance: Decodable {
      var seed: UInt64, split: String, examples: [String: Int], digest: String
      var classCounts: [String: Int], metrics: [String: Double], refitEpochs: Int
      var initializedFrom: String?, frozen: [String]
    }

    var features: Features
    var target: Target
    var options: Options
    var idColumn: String
    var sequenceColumn: String?
    var provenance: Provenance

    func manifest(_ task: String) -> ModelManifest {
      let (modality, preparation) = prepared
      var input = ModelOptions.Input(AnyModality(modality), encoder)
      if let sequence = modality as? SequenceModality, !sequence.alphabet.isNucleic {
        var plain = sequence
        plain.usesBothStrands = false
        input.preparation = AnyModality(plain)
      }
      let name = AnyModality(modality).name
      var chosen = ModelOptions(inputs: [name: input])
      chosen.head.hidden = options.architecture.headHidden
      chosen.head.dropout = options.architecture.dropout
      chosen.ensemble = options.architecture.members
      chosen.training = training
      var origin = ModelManifest.Provenance(
        seed: provenance.seed, split: provenance.split,
        unit: name == SequenceModality.name ? "sequences" : "samples",
        examples: provenance.examples, digests: ["the data": provenance.digest])
      origin.classCounts = provenance.classCounts
      origin.metrics = provenance.metrics
      origin.refitEpochs = provenance.refitEpochs
      origin.initializedFrom = provenance.initializedFrom
      origin.frozen = provenance.frozen
      return ModelManifest(
        task: task,
        inputs: [
          InputManifest(
            name: name, preparation: AnyPreparation(preparation), keyColumn: idColumn, known: [])
        ], objective: AnyObjective(objective), options: chosen, keyColumns: [idColumn],
        recordColumn: sequenceColumn, provenance: origin)
    }

    private var prepared: (any Modality, any Preparation) {
      switch features {
      case .sequence(let encoding):
        var modality = SequenceModality(encoding)
        (modality.usesBothStrands, modality.shift) = (
          options.training.usesBothStrands, options.training.shift
        )
        return (
          modality,
          SequencePreparation(
            encoding: encoding,
            usesBothStrands: options.training.usesBothStrands && encoding.alphabet.isNucleic)
        )
      case .expression(let features):
        var modality = ExpressionModality()
        modality.countsPerMillion = features.countsPerMillion
        modality.logTransformed = features.logTransformed
        modality.weighsGenes = options.training.weighsGenes
        return (modality, features)
      case .genotype(let features):
        var modality = GenotypeModality()
        (modality.missing, modality.findsAncestry) = (features.missing, options.training.findsAncestry)
        return (modality, features)
      }
    }

    private var objective: any Objective {
      switch target {
      case .classes(let names): ClassesObjective(names: names)
      case .labels(let names): LabelsObjective(names: names)
      case .residues(let names): StepClassesObjective(names: names)
      case .values(let scales):
        ValuesObjective(
          scales: scales.map {
            .init(name: $0.name, mean: Double($0.mean), deviation: Double($0.deviation))
          })
      }
    }

    private var encoder: EncoderOptions {
      let a = options.architecture
      var encoder = EncoderOptions(a.kind)
      encoder.embeddingSize = a.embeddingSize
      (encoder.stepSize, encoder.filters, encoder.kernelSize) = (a.stepSize, a.filters, a.kernelSize)
      (encoder.poolSize, encoder.blocks, encoder.hiddenSize) = (a.poolSize, a.blocks, a.hiddenSize)
      (encoder.recurrentLayers, encoder.isBidirectional, encoder.pooling) = (
        a.layers, a.isBidirectional, a.pooling
      )
      (encoder.inputDropout, encoder.dropout) = (a.inputDropout, a.dropout)
      (encoder.hasLinearPath, encoder.linearWordLength) = (a.hasLinearPath, a.linearWordLength)
      return encoder
    }

    private var training: TrainingOptions {
      let t = options.training
      var training = TrainingOptions()
      (training.epochs, training.batchSize, training.learningRate) = (t.epochs, t.batchSize, t.learningRate)
      (training.warmup, training.weightDecay) = (t.warmup, t.weightDecay)
      (training.inputPenalty, training.averageDecay) = (t.inputPenalty, t.averageDecay)
      (training.patience, training.validationShare) = (t.patience, t.validationShare)
      (training.refits, training.clipNorm) = (t.refits, t.clipNorm)
      training.balancesClasses = t.balancesClasses
      return training
    }

    /// Returns `members.0.recurrent.bias` as `members.0.inputs.INPUT.encoder.recurrent.bias`.
    static func name(_ old: String, input: String) -> String {
      let parts = old.split(separator: ".", maxSplits: 2)
      guard parts.count == 3, parts[0] == "members" else { return old }
      let member = "members.\(parts[1])", rest = parts[2]
      if rest.hasPrefix("head.") { return old }
      return rest.hasPrefix("linear.")
        ? "\(member).inputs.\(input).\(rest)" : "\(member).inputs.\(input).encoder.\(rest)"
    }
  }

  // MARK: - Pairs of a cell line and a drug

  private struct Pairs: Decodable {
    struct Architecture: Decodable {
      var drugEncoder: EncoderOptions.Kind
      var tokenSize, drugHidden, drugLayers: Int
      var readsCounts: Bool
      var structureHidden: Int
      var drugDropout: Float
      var members: Int
      var expressionHidden: [Int]
      var hasLinearPath: Bool
      var geneDropout, expressionDropout: Float
      var latentSize: Int
      var latentDropout: Float
      var headHidden: [Int]
      var headDropout: Float
      var usesProduct, embedsLines, embedsDrugs: Bool
      var unknownRate: Float
    }

    struct Training: Decodable {
      var epochs, batchSize: Int
      var learningRate, warmup, weightDecay, linePenalty, drugPenalty, averageDecay: Float
      var patience: Int
      var refits: Bool
      var clipNorm: Float
      var residual: String
      var kernelShare: Float
    }

    struct Options: Decodable { var purpose: String, training: Training }

    struct Baseline: Decodable { var mean: Double, drugEffects, lineEffects: [Double], scale: Double }

    struct Provenance: Decodable {
      var options: Options
      var seed: UInt64, split: String, pairs: [String: Int], digests: [String: String]
      var metrics: [String: Double], refitEpochs: Int
    }

    var architecture: Architecture
    var expression: FeatureScaler
    var countsPerMillion, logTransformed: Bool
    var tokenizer: SMILESTokenizer
    var vocabulary: SMILESVocabulary
    var lines, drugs: [String]
    var baseline: Baseline
    var kernelLines: Int
    var kernelShare: Float
    var cellColumn, drugColumn, target: String
    var provenance: Provenance

    func manifest(_ task: String) -> ModelManifest {
      let (profiles, structures) = (ExpressionModality.name, SMILESModality.name)
      var origin = ModelManifest.Provenance(
        seed: provenance.seed, split: provenance.split, unit: "pairs", examples: provenance.pairs,
        digests: provenance.digests)
      origin.metrics = provenance.metrics
      origin.refitEpochs = provenance.refitEpochs
      var effects: [ValuesObjective.Effects] = []
      if !baseline.drugEffects.isEmpty {
        effects.append(.init(input: structures, values: baseline.drugEffects))
      }
      if !baseline.lineEffects.isEmpty {
        effects.append(.init(input: profiles, values: baseline.lineEffects))
      }
      var manifest = ModelManifest(
        task: task,
        inputs: [
          InputManifest(
            name: profiles,
            preparation: AnyPreparation(
              ExpressionPreparation(
                scaler: expression, countsPerMillion: countsPerMillion, logTransformed: logTransformed)),
            keyColumn: cellColumn, known: lines),
          InputManifest(
            name: structures,
            preparation: AnyPreparation(SMILESPreparation(tokenizer: tokenizer, vocabulary: vocabulary)),
            keyColumn: drugColumn, known: drugs),
        ],
        objective: AnyObjective(
          ValuesObjective(
            scales: [
              .init(name: target, mean: baseline.mean, deviation: baseline.scale, effects: effects)
            ])),
        options: options(profiles, structures), keyColumns: [cellColumn, drugColumn], provenance: origin)
      if kernelLines > 0 {
        manifest.blend = [
          .init(
            predictor: GaussianProcess.name, share: Double("\(kernelShare)") ?? 0,
            sizes: [kernelLines, expression.genes.count, drugs.count, 0, 1])
        ]
      }
      return manifest
    }

    private func options(_ profiles: String, _ structures: String) -> ModelOptions {
      let (a, t) = (architecture, provenance.options.training)
      var lines = EncoderOptions(.mlp)
      (lines.projection, lines.inputDropout, lines.dropout) = (
        a.expressionHidden, a.geneDropout, a.expressionDropout
      )
      (lines.hasLinearPath, lines.embedsKnown) = (a.hasLinearPath, a.embedsLines)
      (lines.unknownRate, lines.factorPenalty) = (a.unknownRate, t.linePenalty)
      var drugs = EncoderOptions(a.drugEncoder)
      (drugs.embeddingSize, drugs.hiddenSize, drugs.recurrentLayers) = (
        a.tokenSize, a.drugHidden, a.drugLayers
      )
      (drugs.readsCounts, drugs.isShared) = (a.readsCounts, true)
      drugs.projection = a.structureHidden > 0 ? [a.structureHidden] : []
      (drugs.dropout, drugs.embedsKnown) = (a.drugDropout, a.embedsDrugs)
      (drugs.unknownRate, drugs.factorPenalty) = (a.unknownRate, t.drugPenalty)
      if a.drugEncoder == .cnn {
        (drugs.filters, drugs.kernelSize, drugs.moreKernelSizes) = (2 * a.drugHidden, 7, [5])
      } else {
        drugs.pooling = .mean
      }
      var options = ModelOptions(inputs: [
        profiles: .init(AnyModality(ExpressionModality()), lines),
        structures: .init(AnyModality(SMILESModality()), drugs),
      ])
      let setting = provenance.options.purpose
      options.setting = setting == "new-lines" ? DrugResponseTask.Setting.newCellLines.rawValue : setting
      (options.fusion.kind, options.fusion.size, options.fusion.dropout) = (
        .product, a.latentSize, a.latentDropout
      )
      (options.head.hidden, options.head.dropout, options.head.isUsed) = (
        a.headHidden, a.headDropout, !a.headHidden.isEmpty
      )
      options.ensemble = a.members
      (options.training.epochs, options.training.batchSize) = (t.epochs, t.batchSize)
      (options.training.learningRate, options.training.warmup) = (t.learningRate, t.warmup)
      (options.training.weightDecay, options.training.averageDecay) = (t.weightDecay, t.averageDecay)
      (options.training.patience, options.training.refits) = (t.patience, t.refits)
      options.training.clipNorm = t.clipNorm
      options.training.offsets =
        switch t.residual {
        case "drug": [structures]
        case "line": [profiles]
        case "both": [structures, profiles]
        default: []
        }
      return options
    }

    static func name(_ old: String) -> String {
      let (lines, drugs) = (ExpressionModality.name, SMILESModality.name)
      if old.hasPrefix("profile_kernel.") {
        return Model.prefix(GaussianProcess.name) + old.dropFirst("profile_kernel".count)
      }
      for (from, to) in [
        ("network.smiles_encoder.convolutions.0.", "shared.\(drugs).convolution."),
        ("network.smiles_encoder.convolutions.1.", "shared.\(drugs).convolutions.0."),
        ("network.smiles_encoder.", "shared.\(drugs)."),
      ] where old.hasPrefix(from) {
        return to + old.dropFirst(from.count)
      }
      let parts = old.split(separator: ".", maxSplits: 3).map(String.init)
      guard parts.count == 4, parts[0] == "network", parts[1] == "members" else { return old }
      let member = "members.\(parts[2])."
      for (from, to) in [
        ("expression_encoder.", "inputs.\(lines).projection.layers."),
        ("linear_path.", "inputs.\(lines).linear."), ("line_embedding.", "inputs.\(lines).known."),
        ("drug_projection.", "inputs.\(drugs).projection.layers."),
        ("drug_embedding.", "inputs.\(drugs).known."), ("head.", "head.layers."),
      ] where parts[3].hasPrefix(from) {
        return member + to + parts[3].dropFirst(from.count)
      }
      return old
    }
  }
}
