import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// A drug-response model: the network with all it needs to read new data, and where it came from.
public struct DrugResponseModel: Sendable {
  /// The task under which model files name it.
  public static let task = "drug-response"

  /// The task's part of a model file's manifest.
  public struct Manifest: Codable, Hashable, Sendable {
    /// The network's shape.
    public var architecture: DrugResponseArchitecture
    /// The genes in the network's order, with their scaling.
    public var expression: FeatureScaler
    /// Whether counts per million were taken before scaling.
    public var countsPerMillion: Bool
    /// Whether ln(1 + x) was taken before scaling.
    public var logTransformed: Bool
    /// How SMILES are cut into tokens.
    public var tokenizer: SMILESTokenizer
    /// The tokens the network knows.
    public var vocabulary: SMILESVocabulary
    /// Lines seen in training, in the order of their learned vectors and effects.
    public var lines: [String]
    /// Drugs seen in training, likewise.
    public var drugs: [String]
    /// What is added back to the network's output.
    public var baseline: ResponseBaseline
    /// How many profiles the kernel holds; 0 without one.
    public var kernelLines: Int
    /// The share of the kernel in predictions for known drugs.
    public var kernelShare: Float
    /// The column of cell lines in the training table.
    public var cellColumn: String
    /// The column of drugs.
    public var drugColumn: String
    /// The column of responses.
    public var target: String
    /// How it was trained.
    public var provenance: Provenance
  }

  /// How a model was trained.
  public struct Provenance: Codable, Hashable, Sendable {
    /// The options in force, defaults included.
    public var options: DrugResponseOptions
    /// The seed.
    public var seed: UInt64
    /// How training, validation and test were told apart.
    public var split: String
    /// Pairs in training, validation and test.
    public var pairs: [String: Int]
    /// SHA-256 of the data as read.
    public var digests: [String: String]
    /// Epochs run, and what the kept one reached on validation.
    public var metrics: [String: Double]
    /// The epochs of the second run on training and validation pairs together; 0 without one.
    public var refitEpochs = 0
  }

  /// Everything but the weights.
  public var manifest: Manifest
  /// The weights.
  public var network: DrugResponseNetwork
  /// What similar profiles say, where lines are unknown.
  public var kernel: ProfileKernel?

  /// Joins manifest, network and kernel.
  public init(manifest: Manifest, network: DrugResponseNetwork, kernel: ProfileKernel?) {
    self.manifest = manifest
    self.network = network
    self.kernel = kernel
  }

  private static let (networkPrefix, kernelPrefix) = ("network.", "profile_kernel.")

  /// Reads a model file.
  ///
  /// - Throws: `FormatError` for a file that is no drug-response model or whose tensors disagree with its manifest.
  public init(contentsOf path: String) throws { try self.init(ModelFile(contentsOf: path)) }

  /// Reads an opened model file.
  public init(_ file: ModelFile) throws {
    let manifest = try file.content(Manifest.self, of: Self.task)
    if let problem = manifest.problem {
      throw FormatError(.badData, path: file.path, "the manifest: \(problem)")
    }
    let held = file.tensors.names.reduce(0.0) { sum, name in
      sum + (file.tensors.shape(of: name) ?? []).reduce(1) { $0 * Double($1) }
    }
    guard manifest.leastScalarCount <= held else {
      throw FormatError(
        .badData, path: file.path,
        "the tensors disagree with the manifest: found \(Int(held)) numbers, expected at least "
          + "\(manifest.leastScalarCount)"
      )
    }
    var network = manifest.emptyNetwork(seed: 0)
    try file.load(&network, prefix: Self.networkPrefix)
    var kernel = manifest.emptyKernel
    if kernel != nil { try file.load(&kernel!, prefix: Self.kernelPrefix) }
    self.init(manifest: manifest, network: network, kernel: kernel)
    let expected = Set(namedTensors.map(\.name))
    if let extra = file.tensors.names.first(where: { !expected.contains($0) }) {
      throw FormatError(
        .badData, path: file.path,
        "the tensors disagree with the manifest: '\(extra)' is not part of the model")
    }
  }

  /// Writes the model as one file.
  public func write(to path: String, overwrite: Bool = false) throws {
    try ModelFile.write(
      task: Self.task, content: manifest, tensors: namedTensors, to: path, overwrite: overwrite)
  }

  /// Every tensor under its name in the file.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    network.namedTensors.map { (Self.networkPrefix + $0.name, $0.tensor) }
      + (kernel?.namedTensors ?? []).map { (Self.kernelPrefix + $0.name, $0.tensor) }
  }
}

extension DrugResponseModel.Manifest {
  /// A network of this shape with weights drawn by `seed`.
  func emptyNetwork(seed: UInt64) -> DrugResponseNetwork {
    DrugResponseNetwork(
      architecture, geneCount: expression.genes.count, tokenCount: vocabulary.count, lineCount: lines.count,
      drugCount: drugs.count, from: .drawing(seed: seed))
  }

  /// A kernel of the model's size, where it has one.
  var emptyKernel: ProfileKernel? {
    kernelLines == 0
      ? nil : ProfileKernel(lineCount: kernelLines, geneCount: expression.genes.count, drugCount: drugs.count)
  }

  /// A lower bound, within a small factor, of how many numbers the network and the kernel hold: a manifest that
  /// promises more than its file has is refused before memory is taken.
  var leastScalarCount: Double {
    let a = architecture
    func product(_ x: Int, _ y: Int) -> Double { Double(x) * Double(y) }
    func chain(_ sizes: [Int]) -> Double {
      zip(sizes, sizes.dropFirst()).reduce(0) { $0 + product($1.0, $1.1) }
    }
    let h = a.drugHidden, genes = expression.genes.count
    let encoder =
      product(vocabulary.count + h, a.tokenSize) + product(h, h)
      * Double(a.drugEncoder == .cnn ? 1 : a.drugLayers)
    var member = chain([genes] + a.expressionHidden + [a.latentSize])
    member += chain([2 * h] + (a.structureHidden > 0 ? [a.structureHidden] : []) + [a.latentSize])
    if a.embedsLines { member += product(lines.count, a.latentSize) }
    if a.embedsDrugs { member += product(drugs.count, a.latentSize) }
    if !a.headHidden.isEmpty { member += chain([2 * a.latentSize] + a.headHidden) }
    return encoder + member * Double(a.members)
      + product(kernelLines, genes) + product(kernelLines, drugs.count)
  }

  /// What does not fit together, if anything; checked before memory is taken for the network.
  var problem: String? {
    if let problem = architecture.problem { return problem }
    let genes = expression.genes.count
    if expression.means.count != genes || expression.deviations.count != genes {
      return
        "found \(genes) genes with \(expression.means.count) means and \(expression.deviations.count) deviations"
    }
    if let deviation = expression.deviations.first(where: { !($0 > 0) }) {
      return "found a gene with the deviation \(deviation), expected more than 0"
    }
    if kernelLines < 0 || kernelLines > 1 << 24 { return "found a kernel of \(kernelLines) lines" }
    let (drugEffects, lineEffects) = (baseline.drugEffects.count, baseline.lineEffects.count)
    if drugEffects != 0, drugEffects != drugs.count {
      return "found \(drugEffects) effects for \(drugs.count) drugs"
    }
    if lineEffects != 0, lineEffects != lines.count {
      return "found \(lineEffects) effects for \(lines.count) lines"
    }
    return nil
  }
}
