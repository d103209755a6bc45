internal import FoundationEssentials
import LigaseDatasets
import LigaseFormats
import LigaseTensors

extension CrossValidation {
  /// The finished folds of a cross-validation: the outputs of every model for each repeat and fold.
  package struct Done: Sendable {
    var outcomes: [String: [Outcome]] = [:]

    package init() {}

    /// The number of finished folds.
    package var count: Int { outcomes.count }

    /// Adds the folds of another part; returns one that both have.
    package mutating func add(_ other: Done) -> Int? {
      for (key, outcome) in other.outcomes.sorted(by: { $0.key < $1.key }) {
        if outcomes.updateValue(outcome, forKey: key) != nil {
          return key.split(separator: "/").last.flatMap { Int($0) }
        }
      }
      return nil
    }

    /// The outcomes of a fold; nil if it is not finished.
    package subscript(repeat number: Int, fold fold: Int) -> [Outcome]? {
      get { outcomes["\(number)/\(fold)"] }
      set { outcomes["\(number)/\(fold)"] = newValue }
    }
  }

  /// Returns a digest of the data and options of this cross-validation.
  private func identity() throws -> String {
    let provenance = ModelManifest.Provenance(
      TrainingData(task: data.task, unit: data.unit, examples: data.examples), train: [], validation: [],
      seed: seed)
    return DataDigest.of(
      ["\(seed)", "\(folds)", "\(repeats)", try ModelFile.json(options)] + ablations.map(\.name)
        + provenance.digests.sorted { $0.key < $1.key }.map(\.value)
        + assignments.map { $0.map { "\($0)" }.joined(separator: ",") })
  }

  /// The key of the identity in a file of folds, and that of the command.
  private static let (identityKey, argumentsKey) = ("ligase-cross-validation", "ligase-arguments")

  /// The arguments of the command that wrote a part; nil for another file.
  package static func arguments(of path: String) throws -> [String]? {
    guard try ByteReader(contentsOf: path, content: .binary).peek(9).last == 0x7B,
      let text = try? ModelFile.tensors(in: path, of: "folds").tensors.metadata[argumentsKey]
    else { return nil }
    return try? JSONDecoder().decode([String].self, from: Data(text.utf8))
  }

  /// Writes the finished folds.
  ///
  /// - Parameter arguments: the command, for a part that is joined to others.
  package func write(_ done: Done, to path: String, overwrite: Bool = true, arguments: [String]? = nil) throws
  {
    var tensors: [(name: String, tensor: Tensor)] = []
    for (key, outcomes) in done.outcomes.sorted(by: { $0.key < $1.key }) {
      for outcome in outcomes { tensors.append(("\(key)/\(outcome.name)", Tensor(outcome.outputs))) }
    }
    let output = try OutputFile(path, overwrite: overwrite, compression: Compression.none)
    var metadata = [Self.identityKey: try identity()]
    if let arguments { metadata[Self.argumentsKey] = try ModelFile.json(arguments) }
    try output.write(Safetensors.encode(tensors, metadata: metadata))
    try output.close()
  }

  /// Reads the finished folds of an interrupted cross-validation.
  ///
  /// - Throws: `FormatError` for a file that is not a checkpoint of a cross-validation, or has other data or
  ///   options.
  ///
  /// - Parameter isPart: whether the folds are the part of a job.
  package func read(_ path: String, isPart: Bool = false) throws -> Done {
    let (_, tensors) = try ModelFile.tensors(in: path, of: "a checkpoint")
    guard let found = tensors.metadata[Self.identityKey], found == (try identity()) else {
      throw FormatError(
        .badData, path: path,
        isPart
          ? "found a part of other data, options or folds, expected those of the first part"
          : "found a checkpoint of other data, options or folds, expected the run that is to be resumed",
        remedy: isPart ? nil : .startOver)
    }
    var done = Done()
    for name in tensors.names {
      let parts = name.split(separator: "/", maxSplits: 2).map(String.init)
      guard parts.count == 3, let tensor = tensors.tensor(name) else { continue }
      done.outcomes["\(parts[0])/\(parts[1])", default: []].append(
        Outcome(name: parts[2], outputs: tensor.scalars))
    }
    // The order of `run`, whatever the order of names in the file: the model, its blended predictors, then
    // baselines.
    let order = ["model", "network"] + options.blend.map(\.predictor) + Predictors.names
    for key in done.outcomes.keys {
      done.outcomes[key]!.sort {
        (order.firstIndex(of: $0.name) ?? order.count) < (order.firstIndex(of: $1.name) ?? order.count)
      }
    }
    return done
  }
}
