import LigaseDatasets

/// The inputs of examples, prepared for a network.
package struct PreparedInputs: Sendable {
  /// One input.
  package struct Input: Sendable {
    /// The name.
    package var name: String
    /// Its records.
    package var encoded: any EncodedRecords
    /// The record of each example; nil where example i has record i.
    package var index: [Int32]?
    /// The index of each record among those that occur in training, or -1.
    package var known: [Int32]
    /// The number of records that occur in training.
    package var knownCount: Int
  }

  package var inputs: [Input]
  /// The number of examples.
  package var count: Int

  /// Returns the index of an example's record among those that occur in training, or -1.
  func knownRecord(of example: Int, input name: String) -> Int {
    guard let input = inputs.first(where: { $0.name == name }) else { return -1 }
    let record = input.index.map { Int($0[example]) } ?? example
    return record < 0 ? -1 : Int(input.known[record])
  }

  func knownCount(_ name: String) -> Int { inputs.first { $0.name == name }?.knownCount ?? 0 }
}

/// Examples whose inputs are prepared as fitted on training examples.
package struct PreparedExamples: Sendable {
  package let examples: Examples
  package let inputs: PreparedInputs
  /// The fitted preparation of each input.
  package let manifests: [InputManifest]

  /// Fits preparations on the records of training examples.
  package init(_ examples: Examples, options: ModelOptions, train: [Int]) {
    self.examples = examples
    var (prepared, manifests) = ([PreparedInputs.Input](), [InputManifest]())
    for input in examples.inputs {
      let chosen = options.inputs[input.name]!
      let rows = input.records(of: train)
      let observed = input.index == nil ? Self.observed(examples) : nil
      let (preparation, encoded) = chosen.preparation.base.fit(input.records, rows: rows, observed: observed)
      // Names are only stored where they are needed: for effects and learned embeddings.
      let isKnown =
        chosen.encoder.embedsKnown || options.training.offsets.contains(input.name)
        || input.index != nil && (chosen.encoder.kind != .linear || input.modality.base.axes > 0)
      let known = isKnown ? rows.map { input.ids[$0] } : []
      manifests.append(
        InputManifest(
          name: input.name, preparation: AnyPreparation(preparation), keyColumn: input.keyColumn, known: known
        ))
      prepared.append(manifests.last!.input(encoded, ids: input.ids, index: input.index))
    }
    inputs = PreparedInputs(inputs: prepared, count: examples.count)
    self.manifests = manifests
  }

  /// Prepares examples of another source as a model's inputs are.
  package init(_ examples: Examples, as manifests: [InputManifest]) {
    self.examples = examples
    self.manifests = manifests
    inputs = PreparedInputs(
      inputs: zip(examples.inputs, manifests).map { input, manifest in
        manifest.input(manifest.preparation.base.encode(input.records), ids: input.ids, index: input.index)
      }, count: examples.count)
  }

  private static func observed(_ examples: Examples) -> ObservedRecords? {
    guard examples.observations.steps.isEmpty, examples.target.objective != SurvivalObjective.name else {
      return nil
    }
    let isOfClasses = examples.classes != nil
    return ObservedRecords(
      examples.observations, classCount: isOfClasses ? examples.target.names.count : nil)
  }
}

/// One input in the manifest of a model.
package struct InputManifest: Codable, Hashable, Sendable {
  /// The name of the input.
  package var name: String
  /// The preparation of its records.
  package var preparation: AnyPreparation
  /// The key column that names the record of an example.
  package var keyColumn: String
  /// The records that occur in training, in the order of their embeddings and effects.
  package var known: [String]

  package init(name: String, preparation: AnyPreparation, keyColumn: String, known: [String]) {
    self.name = name
    self.preparation = preparation
    self.keyColumn = keyColumn
    self.known = known
  }

  func input(_ encoded: any EncodedRecords, ids: [String], index: [Int32]?) -> PreparedInputs.Input {
    let place = Dictionary(
      known.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    return PreparedInputs.Input(
      name: name, encoded: encoded, index: index,
      known: known.isEmpty ? [Int32](repeating: -1, count: ids.count) : ids.map { place[$0] ?? -1 },
      knownCount: known.count)
  }
}
