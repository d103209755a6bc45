import LigaseDatasets
import LigaseFormats
import LigaseGenomics
import LigaseNetworks
import LigaseTensors

/// A model of sequences, expression or genotypes: the network with all it needs to read new data, and where it came from.
public struct SupervisedModel: Sendable {
  /// The tasks under which model files name it.
  public enum Task: String, Codable, CaseIterable, Sendable {
    /// A sequence to a class, labels or values.
    case sequence
    /// A class for every residue.
    case residues
    /// A profile of gene expression to a class, labels or values.
    case expression
    /// Genotypes to a class, labels or values.
    case genotype
  }

  /// The task's part of a model file's manifest.
  public struct Manifest: Codable, Hashable, Sendable {
    /// What it is for.
    public var task: Task
    /// What is done to inputs.
    public var features: Features
    /// The meaning of the outputs.
    public var target: Target
    /// The options in force, defaults included.
    public var options: SupervisedOptions
    /// The column of ids in the training data.
    public var idColumn: String
    /// The column of sequences, where they came from a table.
    public var sequenceColumn: String?
    /// How it was trained.
    public var provenance: Provenance
  }

  /// How a model was trained.
  public struct Provenance: Codable, Hashable, Sendable {
    /// The seed.
    public var seed: UInt64
    /// How training, validation and test were told apart.
    public var split: String
    /// Examples in training, validation and test.
    public var examples: [String: Int]
    /// SHA-256 of the data as read.
    public var digest: String
    /// Training examples of each class.
    public var classCounts: [String: Int] = [:]
    /// Epochs run, and what the kept one reached on validation.
    public var metrics: [String: Double] = [:]
    /// The epochs of the second run on training and validation examples together; 0 without one.
    public var refitEpochs = 0
    /// The model whose weights this one began with.
    public var initializedFrom: String?
    /// Parameters that were kept as they were.
    public var frozen: [String] = []
  }

  /// Everything but the weights.
  public var manifest: Manifest
  /// The weights.
  public var network: PredictionNetwork

  /// Joins manifest and network.
  public init(manifest: Manifest, network: PredictionNetwork) {
    self.manifest = manifest
    self.network = network
  }

  /// Reads a model file.
  ///
  /// - Throws: `FormatError` for a file that is no such model or whose tensors disagree with its manifest.
  public init(contentsOf path: String) throws { try self.init(ModelFile(contentsOf: path)) }

  /// Reads an opened model file.
  public init(_ file: ModelFile) throws {
    guard let task = Task(rawValue: file.task) else {
      throw FormatError(
        .badData, path: file.path,
        "found a model for \(file.task), expected one for \(FormatError.list(Task.allCases.map(\.rawValue)))")
    }
    let manifest = try file.content(Manifest.self, of: task.rawValue)
    let problem =
      manifest.features.problem ?? manifest.target.problem ?? manifest.options.problem
      ?? manifest.contradiction
    if let problem { throw FormatError(.badData, path: file.path, "the manifest: \(problem)") }
    let held = file.tensors.names.reduce(0.0) { sum, name in
      sum + (file.tensors.shape(of: name) ?? []).reduce(1) { $0 * Double($1) }
    }
    guard manifest.leastScalarCount <= held else {
      throw FormatError(
        .badData, path: file.path,
        "the tensors disagree with the manifest: found \(Int(held)) numbers, expected at least "
          + "\(manifest.leastScalarCount)")
    }
    var network = manifest.emptyNetwork(seed: 0)
    try file.load(&network)
    self.init(manifest: manifest, network: network)
  }

  /// Writes the model as one file.
  public func write(to path: String, overwrite: Bool = false) throws {
    try ModelFile.write(
      task: manifest.task.rawValue, content: manifest,
      tensors: network.namedTensors.map { ($0.name, $0.tensor) }, to: path, overwrite: overwrite)
  }
}

extension SupervisedModel.Manifest {
  /// What a network is built for.
  var shape: NetworkShape {
    var isPerStep = false
    if case .residues = target { isPerStep = true }
    switch features {
    case .sequence(let encoding):
      let tokens = encoding.tokenLength > 0 ? encoding.tokenCount : 0
      return NetworkShape(
        inputs: encoding.channels, tokens: tokens,
        length: encoding.length.map { max(1, $0 - max(encoding.tokenLength, 1) + 1) }, isRow: false,
        outputs: target.count,
        isPerStep: isPerStep)
    case .expression, .genotype:
      return NetworkShape(
        inputs: features.rowWidth, tokens: 0, length: nil, isRow: true, outputs: target.count,
        isPerStep: false)
    }
  }

  /// A network of this shape with weights drawn by `seed`.
  func emptyNetwork(seed: UInt64) -> PredictionNetwork {
    PredictionNetwork(options.architecture, shape, from: .drawing(seed: seed))
  }

  /// Whether every sequence must have the length of the training sequences.
  public var needsEqualLengths: Bool {
    guard case .sequence(let encoding) = features, !shape.isPerStep else { return false }
    if encoding.length == nil, options.architecture.kind == .linear { return encoding.tokenLength > 0 }
    return options.architecture.kind.isDense || options.architecture.hasLinearPath && encoding.length != nil
  }

  /// Whether predictions are means over both strands.
  public var usesBothStrands: Bool {
    guard case .sequence(let encoding) = features else { return false }
    return options.training.usesBothStrands && encoding.alphabet.isNucleic
  }

  /// What does not fit together, if anything.
  var contradiction: String? {
    let isSequence = if case .sequence = features { true } else { false }
    let isResidues = if case .residues = target { true } else { false }
    if isSequence != (task == .sequence || task == .residues) || isResidues != (task == .residues) {
      return "found features or a target of another task than \(task.rawValue)"
    }
    if case .sequence(let encoding) = features, needsEqualLengths, encoding.length == nil {
      return "found a network for sequences of one length, and no length"
    }
    if case .sequence(let encoding) = features, isResidues, encoding.tokenLength > 1 {
      return "found tokens of \(encoding.tokenLength) residues, expected one a residue"
    }
    return nil
  }

  /// A lower bound of how many numbers the network holds.
  var leastScalarCount: Double {
    let (a, s) = (options.architecture, shape)
    func product(_ x: Int, _ y: Int) -> Double { Double(x) * Double(y) }
    var sum = s.tokens > 0 ? product(s.tokens, a.embeddingSize) : 0
    let channels = s.tokens > 0 ? a.embeddingSize : s.isRow ? min(a.stepSize, s.inputs) : s.inputs
    if a.kind.convolves { sum += product(a.filters, channels) * Double(a.kernelSize) }
    if a.kind == .dilatedCNN {
      sum += product(a.filters, a.filters) * Double(2 * a.blocks) * Double(min(a.kernelSize, 5))
    }
    if a.kind.cell != nil { sum += product(a.hiddenSize, a.hiddenSize) * Double(a.layers) }
    if a.kind != .linear {
      sum += zip(a.headHidden, a.headHidden.dropFirst()).reduce(0) { $0 + product($1.0, $1.1) }
    }
    if a.kind.isDense || a.hasLinearPath, !s.isPerStep {
      let flat = s.isRow ? Double(s.inputs) : Double(s.length ?? 0) * Double(channels)
      let width = a.kind == .mlp && !a.hasLinearPath ? a.headHidden.first ?? s.outputs : s.outputs
      sum += flat * Double(width)
    }
    return sum * Double(a.members)
  }
}
