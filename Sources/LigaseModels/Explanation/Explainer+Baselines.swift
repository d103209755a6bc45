import LigaseDatasets
import LigaseRuntime
import LigaseTensors

extension Explainer {
  /// Returns the numbers of baselines, for each a tensor for each leaf with the rows of all examples.
  func baselines(_ scores: ModelScores, _ examples: Examples, rows: [Int]) throws -> [[Tensor]] {
    switch baseline {
    case .automatic
    where method == .gradient(.expectedGradients) && scores.leaves.contains { $0.layout != nil }:
      guard examples.inputs.contains(where: { $0.records is SequenceRecords }) else {
        throw ExplanationError(
          "expected-gradients draws from several baselines, and steps and pixels have one, zeros; give examples as a background, or take integrated-gradients"
        )
      }
      return try shuffles(ExplanationBaseline.usualShuffles, scores, examples, rows: rows)
    case .automatic: return [try scores.leaves.map { try usual($0, isZero: false) }]
    case .zeros: return [try scores.leaves.map { try usual($0, isZero: true) }]
    case .shuffles(let count): return try shuffles(count, scores, examples, rows: rows)
    case .examples(let others): return try records(others, scores, rows: rows)
    }
  }

  /// Zeros, or the training means of a row of features.
  private func usual(_ leaf: ModelScores.Leaf, isZero: Bool) throws -> Tensor {
    guard leaf.layout == nil, !isZero else { return .zeros(leaf.values.shape) }
    let name = model.manifest.inputs[leaf.input].name
    guard let mean = model.trainingMeans(of: name), mean.count == leaf.channels else {
      throw ExplanationError(
        "the model file has no training means of the input \(name), which stand for absent features; give examples as a background, or take zeros"
      )
    }
    return Tensor(
      (0..<leaf.values.shape[0]).flatMap { _ in mean.scalars }, shape: leaf.values.shape)
  }

  /// Shuffles of the sequences of each example, in both strands; other inputs as usual.
  private func shuffles(
    _ count: Int, _ scores: ModelScores, _ examples: Examples, rows: [Int]
  ) throws -> [[Tensor]] {
    guard examples.inputs.contains(where: { $0.records is SequenceRecords }) else {
      throw ExplanationError("shuffles need sequences; \(model.spokenKind)")
    }
    return try (0..<count).map { number in
      try scores.leaves.map { leaf in
        let input = examples.inputs[leaf.input]
        guard let sequences = (input.records as? SequenceRecords)?.sequences else {
          return try usual(leaf, isZero: false)
        }
        let shuffled = rows.map { row -> [UInt8] in
          let record = input.index.map { Int($0[row]) } ?? row
          var random = SeededGenerator(
            seed: gradient.seed,
            stream: "shuffle \(number) of \(String(decoding: sequences[record], as: UTF8.self))")
          return DinucleotideShuffle.shuffled(sequences[record], using: &random)
        }
        let encoded = model.manifest.inputs[leaf.input].preparation.base.encode(SequenceRecords(shuffled))
        let tokens = model.manifest.inputs[leaf.input].preparation.base.shape.tokens
        return ModelScores.Leaf(
          encoded.batch(Array(rows.indices), view: leaf.view), input: leaf.input, view: leaf.view,
          tokens: tokens
        ).values
      }
    }
  }

  /// Other examples, each a baseline of all.
  private func records(_ others: Examples, _ scores: ModelScores, rows: [Int]) throws -> [[Tensor]] {
    let prepared = PreparedExamples(others, as: model.manifest.inputs).inputs
    guard prepared.inputs.count == model.manifest.inputs.count else {
      throw ExplanationError("a background needs all inputs of the model, found \(prepared.inputs.count)")
    }
    return try (0..<others.count).map { number in
      try scores.leaves.map { leaf in
        let input = prepared.inputs[leaf.input], record = input.index.map { Int($0[number]) } ?? number
        let one = ModelScores.Leaf(
          input.encoded.batch([max(record, 0)], view: leaf.view), input: leaf.input, view: leaf.view,
          tokens: model.manifest.inputs[leaf.input].preparation.base.shape.tokens)
        let own = one.values.shape[0]
        for example in rows.indices {
          let wanted = leaf.layout?.lengths[example] ?? 1
          guard own == wanted else {
            throw ExplanationError(
              "found a baseline of \(own) steps for an example of \(wanted), expected the same length")
          }
        }
        return Tensor(rows.indices.flatMap { _ in one.values.scalars }, shape: leaf.values.shape)
      }
    }
  }
}

extension Model {
  /// The means of the features of an input over the training examples, as stored in the model file.
  package func trainingMeans(of input: String) -> Tensor? {
    facts.first { $0.name == Self.factPrefix + "background." + input }?.tensor
  }
}
