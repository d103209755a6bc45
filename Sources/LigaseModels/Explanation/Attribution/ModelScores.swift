import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// One output of each of some examples of a model, as a function of the numbers that its networks read.
///
/// The score is that of the whole prediction: the mean over networks of an ensemble and over both strands. Tokens are read as shares of
/// tokens, of which one is 1.
package struct ModelScores {
  /// The numbers of one input in one view.
  package struct Leaf {
    /// The input.
    package let input: Int
    /// The view of its records, such as the strand.
    package let view: Int
    /// The rows of all examples.
    package let values: Tensor
    /// The steps of each example; nil for inputs of one row an example.
    package let layout: GridLayout?
    /// Whether channels are tokens.
    package let isOfTokens: Bool
  }

  /// The inputs in their views.
  package let leaves: [Leaf]
  /// The score as a function of them.
  package let function: ScoreFunction

  /// - Parameters:
  ///   - rows: the examples.
  ///   - outputs: the output of each of them that is explained.
  ///   - isProbability: whether the probability of classes and labels is explained instead of its logit.
  ///   - needsGradient: whether gradients will be taken.
  ///   - position: the step, from 1, whose output is explained, of models with outputs for every step.
  /// - Throws: `ExplanationError` for models that are no such function.
  package init(
    _ model: Model, _ prepared: PreparedInputs, rows: [Int], outputs: [Int], isProbability: Bool = false,
    needsGradient: Bool = true, position: Int? = nil
  ) throws {
    if let reason = Self.refusal(model, needsGradient: needsGradient, position: position) {
      throw ExplanationError(reason)
    }
    let records = prepared.inputs.map { input in
      rows.map { row in input.index.map { Int($0[row]) } ?? row }
    }
    var leaves: [Leaf] = []
    for (i, input) in prepared.inputs.enumerated() {
      for view in 0..<input.encoded.viewCount {
        let batch = input.encoded.batch(records[i].map { max($0, 0) }, view: view)
        leaves.append(
          Leaf(batch, input: i, view: view, tokens: model.manifest.inputs[i].preparation.base.shape.tokens))
      }
    }
    self.leaves = leaves
    function = ScoreFunction(
      offsets: leaves.map { leaf in leaf.layout?.offsets ?? Array(0...rows.count) },
      mixtures: Self.mixtures(model, prepared, rows: rows, outputs: outputs, isProbability: isProbability),
      parts: Self.parts(
        model, leaves, prepared, rows: rows, records: records, outputs: outputs, position: position))
  }

  /// Why a model is no such function; nil if it is.
  static func refusal(_ model: Model, needsGradient: Bool, position: Int?) -> String? {
    for (part, predictor) in zip(model.manifest.blend, model.predictors) where part.share > 0 {
      let share = "a fraction of \(Float(part.share)) of the predictions comes from \(part.predictor)"
      switch predictor.dependence {
      case .unknown: return share + ", which explanations cannot read"
      case .steps where needsGradient:
        return share
          + ", which changes in steps without a gradient; occlusion, shap, kernel-shap, permutation-shap and lime explain it"
      case .none, .smooth, .steps: break
      }
    }
    let isOfSteps = model.manifest.objective.base.isOfSteps
    if isOfSteps != (position != nil) {
      return isOfSteps
        ? "the model has an output for every step, expected the position of the one that is explained"
        : "found a position to explain, and the model has one output for each example"
    }
    // Outputs of steps are read from the whole sequence, in which no gradient stops.
    if needsGradient, !isOfSteps, model.manifest.options.training.window > 0 {
      return
        "the model reads sequences in windows, at whose borders gradients stop; occlusion, shap and lime explain it"
    }
    return nil
  }

  /// The scores of networks and views as one.
  private static func mixtures(
    _ model: Model, _ prepared: PreparedInputs, rows: [Int], outputs: [Int], isProbability: Bool
  ) -> [ScoreMixture] {
    let objective = model.manifest.objective.base
    let views = prepared.inputs.map(\.encoded.viewCount).max() ?? 1
    let count = model.network.members.count * views
    func blended(_ networks: [Double], _ offset: inout Double, row: Int) -> [Double] {
      zip(model.manifest.blend, model.predictors).reduce(networks) { weights, one in
        let share = one.1.answers(prepared, row: row) ? one.0.share : 0
        offset *= 1 - share
        return weights.map { $0 * (1 - share) } + [share]
      }
    }
    if objective.hasProbabilities {
      let networks = [Double](repeating: 1 / Double(count), count: count)
      return rows.map { row in
        var offset = 0.0
        let mean = ScoreMixture.MeanProbability(
          weights: blended(networks, &offset, row: row), logits: count)
        return isProbability ? .probability(mean) : .logit(mean)
      }
    }
    // Values and log hazards are lines over the outputs of the network: two points of each show which.
    return zip(rows, outputs).map { row, output in
      func finished(_ value: Float) -> Double {
        let raw = (0..<objective.count).map { $0 == output ? value : 0 }
        return Double(objective.finished(raw, prepared, rows: [row])[output])
      }
      var offset = finished(0)
      let networks = [Double](repeating: (finished(1) - offset) / Double(count), count: count)
      let weights = blended(networks, &offset, row: row)
      return .sum(weights: weights, offset: offset)
    }
  }

  /// The scores of each network for each view.
  private static func parts(
    _ model: Model, _ leaves: [Leaf], _ prepared: PreparedInputs, rows: [Int], records: [[Int]],
    outputs: [Int], position: Int?
  ) -> (_ examples: [Int], _ inputs: [Tensor]) -> [Tensor] {
    let network = model.network, objective = model.manifest.objective.base
    let views = prepared.inputs.map(\.encoded.viewCount).max() ?? 1
    return { examples, values in
      let chosenOutputs = examples.map { outputs[$0] }
      var first: [InputBatch] = []
      let found = (0..<views).flatMap { view -> [Tensor] in
        var (batches, known, places) = ([InputBatch](), [[Int32]](), [[Int32]?]())
        for (i, input) in prepared.inputs.enumerated() {
          let own = min(view, input.encoded.viewCount - 1)
          let leaf = leaves.firstIndex { $0.input == i && $0.view == own }!
          batches.append(leaves[leaf].batch(examples, values[leaf]))
          let chosen = examples.map { records[i][$0] }
          known.append(chosen.map { $0 < 0 ? -1 : input.known[$0] })
          places.append(
            chosen.contains { $0 < 0 } ? chosen.enumerated().map { $1 < 0 ? -1 : Int32($0) } : nil)
        }
        if view == 0 { first = batches }
        let encoded = batches.indices.map { i in
          network.encode(batches[i], input: i, known: known[i], .inference)
        }
        let steps = position.map { batches[0].layout.rows(atStep: $0 - 1) }
        return network.outputs(encoded, places: places, .inference).map { logits in
          objective.score(of: steps.map(logits.gatheredRows) ?? logits, outputs: chosenOutputs)
        }
      }
      return found
        + model.predictors.map { predictor in
          predictor.output(first, prepared, rows: examples.map { rows[$0] }, outputs: chosenOutputs)
            ?? .zeros([examples.count])
        }
    }
  }
}

extension ModelScores.Leaf {
  init(_ batch: InputBatch, input: Int, view: Int, tokens: Int) {
    (self.input, self.view, isOfTokens) = (input, view, tokens > 0)
    switch batch {
    case .rows(let rows): (values, layout) = (rows, nil)
    case .steps(let steps): (values, layout) = (steps.values, steps.layout)
    case .shared(let steps): (values, layout) = (steps.grids.values, steps.layout)
    case .tokens(let read):
      values = Tensor(shape: [read.layout.rowCount, tokens]) { out in
        out.update(repeating: 0)
        for (row, token) in read.elements.enumerated() { out[row * tokens + Int(token)] = 1 }
      }
      layout = read.layout
    case .tokenShares(let shares): (values, layout) = (shares.values, shares.layout)
    }
  }

  /// Returns the rows of points as a batch.
  func batch(_ examples: [Int], _ values: Tensor) -> InputBatch {
    guard let layout else { return .rows(values) }
    let grids = Grids(values: values, layout: GridLayout(extents: examples.map { layout.extents(of: $0) }))
    return isOfTokens ? .tokenShares(grids) : .steps(grids)
  }
}

extension GridLayout {
  /// Returns the row of one step of each sequence.
  fileprivate func rows(atStep step: Int) -> [Int32] { offsets.dropLast().map { Int32($0 + step) } }
}

extension Objective {
  /// Whether predictions are probabilities of classes or labels.
  package var hasProbabilities: Bool { self is any ClassObjective || self is LabelsObjective }

  /// Returns one score for each example, `[N]`: the logit of a class or label, or the output itself.
  func score(of outputs: Tensor, outputs chosen: [Int]) -> Tensor {
    let k = outputs.shape[1]
    func marked(_ value: Float, _ rest: Float) -> Tensor {
      Tensor(chosen.flatMap { c in (0..<k).map { $0 == c ? value : rest } }, shape: [chosen.count, k])
    }
    let own = (outputs * marked(1, 0)).sum(alongAxis: 1)
    guard self is any ClassObjective, k > 1 else { return own }
    // ln(p / (1 - p)) of softmax is the output less the logarithm of the sum of the exponentials of the others, which is the
    // difference of one of them and its log-softmax among them.
    let others = outputs + marked(-1e9, 0)
    let one = Tensor(
      chosen.flatMap { c in (0..<k).map { $0 == (c + 1) % k ? 1 : 0 as Float } }, shape: [chosen.count, k])
    return own - ((others - others.logSoftmax()) * one).sum(alongAxis: 1)
  }
}
