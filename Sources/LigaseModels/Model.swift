import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// A trained model: named inputs with their preparations, the network, blended predictors, and information
/// about the training.
///
/// ```swift
/// let model = try Model(contentsOf: "model.safetensors")
/// print(model.task, model.outputNames)
/// print(model.summary)
/// try model.write(to: "copy.safetensors")
/// ```
public struct Model: Sendable {
  /// The description of the model without its tensors.
  package var manifest: ModelManifest
  /// The weights.
  package var network: ModelNetwork
  /// The predictors of the manifest's blend.
  package var predictors: [any Predictor]
  /// The sources of the input records, for a model that was trained in this program.
  var sources: [Study.Input] = []
  /// The file it was read from; nil for a model that was trained in this program.
  private(set) var path: String?
  /// Tensors of facts about the training, by name.
  package var facts: [(name: String, tensor: Tensor)] = []

  package init(manifest: ModelManifest, network: ModelNetwork, predictors: [any Predictor] = []) {
    self.manifest = manifest
    self.network = network
    self.predictors = predictors
  }

  /// Reads a model file.
  ///
  /// - Throws: `FormatError` for a file that is no model, or whose tensors disagree with its manifest.
  public init(contentsOf path: String) throws { try self.init(ModelFile(contentsOf: path)) }

  /// Reads an opened model file.
  package init(_ file: ModelFile) throws {
    let manifest = try file.manifest()
    if let problem = manifest.problem {
      throw FormatError(.badData, path: file.path, "the manifest: \(problem)")
    }
    let weights = WeightBuilder.loading { file.tensor($0) }
    let network = ModelNetwork(manifest.plan, from: weights)
    let predictors = try manifest.blend.map { part in
      guard
        let predictor = Predictors.named(part.predictor)?.init(
          sizes: part.sizes, inputs: manifest.inputs, objective: manifest.objective.base,
          from: weights.nested(Self.prefix(part.predictor)))
      else {
        throw FormatError(
          .badData, path: file.path, "the manifest: found the sizes \(part.sizes) of \(part.predictor)")
      }
      return predictor
    }
    let (facts, names) = (
      file.tensorNames.filter { $0.hasPrefix(Self.factPrefix) },
      file.tensorNames.filter { !$0.hasPrefix(Self.factPrefix) }
    )
    do { try weights.finish(expecting: names) } catch {
      throw FormatError(.badData, path: file.path, "the tensors disagree with the manifest: \(error)")
    }
    self.init(manifest: manifest, network: network, predictors: predictors)
    path = file.path
    self.facts = facts.sorted().compactMap { name in file.tensor(name).map { (name, $0) } }
  }

  static let factPrefix = "facts."
  static func prefix(_ predictor: String) -> String { "predictors.\(predictor)" }

  /// Every tensor under its name in the file.
  package var namedTensors: [(name: String, tensor: Tensor)] {
    network.namedTensors.map { ($0.name, $0.tensor) }
      + zip(manifest.blend, predictors).flatMap { part, predictor in
        predictor.namedTensors.map { (Self.prefix(part.predictor) + "." + $0.name, $0.tensor) }
      }
  }

  /// Writes the model as one file.
  public func write(to path: String, overwrite: Bool = false) throws {
    try ModelFile.write(manifest, tensors: namedTensors + facts, to: path, overwrite: overwrite)
  }
}

extension Model {
  /// The task, as `train` names it.
  public var task: String { manifest.task }
  /// The file and the kind of the model, for messages: `tissue.safetensors is an expression model`.
  package var spokenKind: String {
    let article = "aeiou".contains(task.first ?? "m") ? "an" : "a"
    return "\(path ?? "the model") is \(article) \(task) model"
  }
  /// The names of the outputs: classes, labels, or columns of values.
  public var outputNames: [String] { manifest.objective.base.names }

  /// A summary: a tab-separated `key value` part, then a line for each tensor with its shape and count.
  public var summary: String {
    let m = manifest, p = m.provenance
    var rows: [(name: String, value: String)] = [("task", m.task)]
    if let setting = m.options.setting { rows.append(("setting", setting)) }
    if let columns = m.labelColumns, columns != outputNames {
      rows.append(("label", columns.joined(separator: ", ")))
    }
    rows += m.objective.base.summary
    for input in m.inputs {
      let prefix = m.inputs.count > 1 ? "\(input.name): " : ""
      let encoder = m.options.inputs[input.name]!.encoder
      rows.append((prefix + "encoder", encoder.kind.rawValue + (encoder.isShared ? ", shared" : "")))
      rows += input.preparation.base.summary.map { (prefix + $0.name, $0.value) }
      if let sequence = input.preparation.base as? SequencePreparation {
        let length = m.needsEqualLengths ? "\(sequence.encoding.length ?? 0)" : "any"
        rows.append((prefix + "length", length))
      }
      if !input.known.isEmpty {
        rows.append((prefix + "known records", "\(input.known.count) by \(input.keyColumn)"))
      }
    }
    if m.inputs.count > 1 { rows.append(("fusion", m.options.fusion.kind.rawValue)) }
    rows.append(("networks", "\(m.options.ensemble)"))
    for part in m.blend {
      rows.append(("blend", "weight \(part.share) for \(part.predictor), the rest for the network"))
    }
    rows.append(("parameters", "\(network.parameterCount)"))
    rows.append(("seed", "\(p.seed)"))
    rows.append(("split", p.split))
    for (name, count) in p.examples.sorted(by: { $0.key < $1.key }) {
      rows.append(("\(name) \(p.unit)", "\(count)"))
    }
    for name in outputNames {
      if let count = p.classCounts[name] { rows.append(("training examples of \(name)", "\(count)")) }
    }
    for (name, value) in p.metrics.sorted(by: { $0.key < $1.key }) { rows.append((name, "\(Float(value))")) }
    if let source = p.initializedFrom { rows.append(("weights initialised from", source)) }
    if !p.frozen.isEmpty { rows.append(("frozen", p.frozen.joined(separator: ", "))) }
    for (name, digest) in p.digests.sorted(by: { $0.key < $1.key }) {
      rows.append(("sha256 of \(name)", digest))
    }
    var text = rows.map { "\($0)\t\($1)\n" }.joined()
    text += "\ntensor\tshape\tcount\n"
    for (name, tensor) in namedTensors {
      text += "\(name)\t\(tensor.shape.map(String.init).joined(separator: "x"))\t\(tensor.count)\n"
    }
    return text
  }
}
