internal import Glibc
import LigaseDatasets
import LigaseTensors

/// The attributions of one example.
package struct ExplainedExample: Sendable {
  /// A feature or group with its attribution.
  package struct Term: Sendable {
    /// The input of the feature.
    package var input: String
    /// The step, from 1; that of the first for windows; nil for features of rows.
    package var position: Int?
    /// The name of the feature or group, or the residue.
    package var name: String
    /// The attribution.
    package var value: Double
    /// Its standard error, or standard deviation over seeds, where it is an estimate.
    package var error: Double?
    /// The features of a group, by their numbers.
    var members: [Int] = []
  }

  /// The output that is explained.
  package var output: Int
  /// The score of the example, and of its baseline, where there is one.
  package var score: Double
  package var baseline: Double?
  /// The attributions of all features or groups.
  package var terms: [Term]
  /// `|sum - difference| / |difference|` of methods whose attributions add up.
  package var gap: Double?
  /// The fit of a local model, of LIME.
  package var fit: Double?
  /// What the attribution of each residue would be if each of the letters that the explainer names stood there.
  package var hypothetical: [[Float]]?
}

/// Explains predictions of a model by its features.
package struct Explainer {
  package let model: Model
  package let method: ExplanationMethod
  /// The output that is explained; nil for the predicted class of each example, or the first value.
  package var output: Int?
  /// The step, from 1, whose output is explained, of models with outputs for every step.
  package var position: Int?
  /// Whether the probability of classes and labels is explained instead of its logit.
  package var isProbability = false
  package var baseline = ExplanationBaseline.automatic
  package var grouping = FeatureGrouping.none
  package var gradient = GradientMethod.Options()
  /// Pairs of orders of permutation SHAP, and coalitions of KernelSHAP.
  package var orders = 20
  package var coalitions = 2048
  package var lime = LIME()
  /// The letters whose hypothetical contributions are kept, of models of sequences with one residue a step; empty for none.
  package var letters: [UInt8] = []
  /// Whether ``explain(_:_:)`` checks how faithful attributions are.
  package var check: FaithfulnessCheck?

  package init(_ model: Model, _ method: ExplanationMethod) {
    (self.model, self.method) = (model, method)
  }

  /// The same options for another model.
  package func of(_ model: Model) -> Explainer {
    var other = Explainer(model, method)
    (other.output, other.position, other.isProbability, other.baseline, other.grouping) = (
      output, position, isProbability, baseline, grouping
    )
    (other.gradient, other.orders, other.coalitions, other.lime) = (gradient, orders, coalitions, lime)
    return other
  }

  /// Explains examples, some at a time.
  ///
  /// - Throws: `ExplanationError` where the method does not apply.
  package mutating func explain(
    _ examples: Examples, _ body: (Int, ExplainedExample) throws -> Void
  ) throws {
    let prepared = PreparedExamples(examples, as: model.manifest.inputs).inputs
    let reason = ModelScores.refusal(model, needsGradient: method.isByGradient, position: position)
    if let reason { throw ExplanationError(reason) }
    try refuseShort(examples, prepared)
    let chunk = 64
    for start in stride(from: 0, to: examples.count, by: chunk) {
      let rows = Array(start..<min(start + chunk, examples.count))
      let outputs =
        output.map { output in rows.map { _ in output } }
        ?? model.usualOutputs(prepared, rows: rows, position: position)
      let scores = try ModelScores(
        model, prepared, rows: rows, outputs: outputs, isProbability: isProbability,
        needsGradient: method.isByGradient, position: position)
      let found = try explained(examples, scores, rows: rows, outputs: outputs)
      if check != nil { try check(found, examples, prepared, scores, rows: rows, outputs: outputs) }
      for (row, one) in zip(rows, found) { try body(row, one) }
    }
  }

  /// Throws where an example ends before the step whose output is explained.
  private func refuseShort(_ examples: Examples, _ prepared: PreparedInputs) throws {
    guard let position, model.manifest.objective.base.isOfSteps else { return }
    for row in 0..<examples.count {
      let count = prepared.inputs[0].encoded.stepCount(of: row)
      guard count < position else { continue }
      throw ExplanationError(
        "found \(count.counted("step")) in \(examples.keys.columns[0][row]), expected at least \(position): the output at this position is explained"
      )
    }
  }

  /// Throws where a score is the logit of a probability of 0 or 1, which some predictors of a blend have.
  private func refuseInfinite(_ scores: [Double]) throws {
    guard model.hasProbabilities, !isProbability, scores.contains(where: \.isInfinite) else { return }
    throw ExplanationError(
      "found a probability of 0 or 1, whose logit is infinite; the probability can be explained instead")
  }

  private func explained(
    _ examples: Examples, _ scores: ModelScores, rows: [Int], outputs: [Int]
  ) throws -> [ExplainedExample] {
    let units = FeatureUnits(model, scores, examples, rows: rows)
    let baselines = method.readsBaseline ? try baselines(scores, examples, rows: rows) : []
    if case .gradient(let gradient) = method {
      return try byGradient(gradient, scores, units, baselines, outputs)
    }
    return try rows.indices.map { example in
      try byPerturbation(example, scores, units.units(of: example), baselines, outputs[example])
    }
  }

  /// Adds examples to the check of faithfulness.
  private mutating func check(
    _ found: [ExplainedExample], _ examples: Examples, _ prepared: PreparedInputs, _ scores: ModelScores,
    rows: [Int], outputs: [Int]
  ) throws {
    let other = of(model.withRandomWeights(seed: gradient.seed &+ 1))
    let otherScores = try ModelScores(
      other.model, prepared, rows: rows, outputs: outputs, isProbability: isProbability,
      needsGradient: method.isByGradient, position: position)
    let randomized = try other.explained(examples, otherScores, rows: rows, outputs: outputs)
    let baselines = try baselines(scores, examples, rows: rows)
    let units = FeatureUnits(model, scores, examples, rows: rows)
    guard var check else { return }
    defer { self.check = check }
    for example in rows.indices {
      let own = units.units(of: example)
      try check.add(
        game(example, scores, own, groups(own).map(\.members), baselines), found[example].terms.map(\.value),
        randomized: randomized[example].terms.map(\.value), seed: gradient.seed)
    }
  }

  // MARK: - Gradients

  private func byGradient(
    _ gradient: GradientMethod, _ scores: ModelScores, _ units: FeatureUnits, _ baselines: [[Tensor]],
    _ outputs: [Int]
  ) throws -> [ExplainedExample] {
    let inputs = scores.leaves.map(\.values)
    var options = self.gradient
    options.keepsFactors = !letters.isEmpty && gradient.addsUp
    let found = try scores.function.attributions(gradient, inputs, baselines: baselines, options)
    let hypothetical = options.keepsFactors ? HypotheticalContributions(letters, model, scores) : nil
    try refuseInfinite(found.scores + (found.baselines ?? []))
    return outputs.indices.map { example in
      var sum = 0.0
      let starts = scores.leaves.indices.map { leaf in
        scores.function.rows(of: example, leaf).lowerBound * scores.leaves[leaf].channels
      }
      let all = units.units(of: example)
      let values = all.map { unit -> Double in
        var value = 0.0
        for cell in unit.cells {
          let numbers = found.values[cell.leaf][
            (starts[cell.leaf] + cell.numbers.lowerBound)..<(starts[cell.leaf] + cell.numbers.upperBound)]
          // Of a residue the largest gradient of its channels; else the sum.
          let part =
            gradient == .saliency ? Double(numbers.max() ?? 0) : numbers.reduce(0.0) { $0 + Double($1) }
          value += Double(cell.share) * part
        }
        return value
      }
      for value in values { sum += value }
      return ExplainedExample(
        output: outputs[example], score: found.scores[example], baseline: found.baselines?[example],
        terms: terms(all, values),
        gap: method.addsUp
          ? Attributions.gap(
            sum: sum, score: found.scores[example], baseline: found.baselines?[example] ?? 0) : nil,
        hypothetical: hypothetical?.values(all, found, starts: starts))
    }
  }

  /// Returns terms of features, added up by groups.
  private func terms(_ units: [FeatureUnit], _ values: [Double]) -> [ExplainedExample.Term] {
    groups(units).map { group in
      term(group, units, value: group.members.reduce(0) { $0 + values[$1] })
    }
  }

  private func term(_ group: Group, _ units: [FeatureUnit], value: Double, error: Double? = nil)
    -> ExplainedExample.Term
  {
    ExplainedExample.Term(
      input: model.manifest.inputs[group.input].name, position: group.position, name: group.name,
      value: value,
      error: error, members: group.members)
  }

  /// Features that are explained as one.
  private struct Group {
    var input: Int
    var position: Int?
    var name: String
    var members: [Int]
  }

  private func groups(_ units: [FeatureUnit]) -> [Group] {
    func alone(_ u: Int) -> Group {
      Group(input: units[u].input, position: units[u].position, name: units[u].name, members: [u])
    }
    switch grouping {
    case .none: return units.indices.map(alone)
    case .inputs:
      return Set(units.map(\.input)).sorted().map { input in
        Group(
          input: input, name: model.manifest.inputs[input].name,
          members: units.indices.filter { units[$0].input == input })
      }
    case .windows(let size, let step):
      return Set(units.map(\.input)).sorted().flatMap { input -> [Group] in
        let own = units.indices.filter { units[$0].input == input }
        guard let last = own.compactMap({ units[$0].position }).max() else { return own.map(alone) }
        return stride(from: 1, through: max(1, last - size + 1 + (step - 1)), by: step).compactMap { first in
          let members = own.filter { first..<(first + size) ~= units[$0].position ?? 0 }
          guard !members.isEmpty else { return nil }
          let names = members.map { units[$0].name }
          return Group(
            input: input, position: first,
            name: names.allSatisfy { $0.count == 1 } ? names.joined() : "\(first)-\(first + size - 1)",
            members: members)
        }
      }
    case .tiles(let size, let step):
      let extents = model.manifest.inputs[0].preparation.base.shape.extents
      let side = size ?? max(1, (extents.min() ?? 1) / 8)
      return Windows.covering(extents, size: side, stride: step ?? side).map { members in
        Group(input: 0, position: members[0] + 1, name: "", members: members)
      }
    case .segments(let segments):
      return segments.map { Group(input: 0, position: $0[0] + 1, name: "", members: $0) }
    case .sets(let sets):
      var taken = Set<Int>(), found: [Group] = []
      for set in sets {
        let members = units.indices.filter { set.members.contains(units[$0].name) }
        guard let first = members.first else { continue }
        taken.formUnion(members)
        found.append(Group(input: units[first].input, name: set.name, members: members))
      }
      return found + units.indices.filter { !taken.contains($0) }.map(alone)
    }
  }

  // MARK: - Perturbation

  private func byPerturbation(
    _ example: Int, _ scores: ModelScores, _ units: [FeatureUnit], _ baselines: [[Tensor]], _ output: Int
  ) throws -> ExplainedExample {
    let groups = groups(units)
    let game = game(example, scores, units, groups.map(\.members), baselines)
    let found: GroupAttributions
    guard case .perturbation(let perturbation) = method else {
      preconditionFailure("Explainer: a method by gradient")
    }
    switch perturbation {
    case .occlusion: found = try game.occlusion()
    case .shap where groups.count <= CoalitionGame.mostExact: found = try game.shapleyValues()
    case .kernelSHAP: found = try game.kernelSHAP(samples: coalitions, seed: gradient.seed)
    case .lime:
      var lime = lime
      lime.seed = gradient.seed
      found = try lime.explain(game)
    case .shap, .permutationSHAP: found = try game.permutationSHAP(orders: orders, seed: gradient.seed)
    }
    return ExplainedExample(
      output: output, score: found.all, baseline: found.none,
      terms: groups.indices.map {
        term(groups[$0], units, value: found.values[$0], error: found.errors?[$0])
      },
      gap: method.addsUp
        ? Attributions.gap(sum: found.values.reduce(0, +), score: found.all, baseline: found.none) : nil,
      fit: found.fit)
  }

  /// The score of an example where absent groups have the numbers of baselines.
  private func game(
    _ example: Int, _ scores: ModelScores, _ units: [FeatureUnit], _ groups: [[Int]], _ baselines: [[Tensor]]
  ) -> CoalitionGame {
    let leaves = scores.leaves.indices.map { leaf -> (rows: Int, width: Int, x: [Float], others: [[Float]]) in
      let rows = scores.function.rows(of: example, leaf), width = scores.leaves[leaf].channels
      func numbers(_ tensor: Tensor) -> [Float] {
        tensor.withUnsafeBufferPointer { Array($0[(rows.lowerBound * width)..<(rows.upperBound * width)]) }
      }
      return (rows.count, width, numbers(scores.leaves[leaf].values), baselines.map { numbers($0[leaf]) })
    }
    let cells = groups.map { $0.flatMap { units[$0].cells } }
    let function = scores.function, weight = leaves.reduce(0) { $0 + $1.rows }
    return CoalitionGame(groups: groups.count) { coalitions in
      let count = coalitions.count * baselines.count
      let batches = ModelNetwork.batches(count, most: 1024) { _ in weight }
      let all = ModelNetwork.forEach(batches) { range -> [Double] in
        let inputs = leaves.indices.map { l -> Tensor in
          var values: [Float] = []
          values.reserveCapacity(range.count * leaves[l].x.count)
          for point in range {
            var own = leaves[l].x
            let other = leaves[l].others[point % baselines.count]
            for (group, isPresent) in coalitions[point / baselines.count].enumerated() where !isPresent {
              for cell in cells[group] where cell.leaf == l { for i in cell.numbers { own[i] = other[i] } }
            }
            values += own
          }
          return Tensor(
            values, shape: [range.count * leaves[l].rows] + scores.leaves[l].values.shape.dropFirst())
        }
        return function.scores([Int](repeating: example, count: range.count), inputs)
      }.flatMap { $0 }
      try refuseInfinite(all)
      return coalitions.indices.map { c in
        all[(c * baselines.count)..<((c + 1) * baselines.count)].reduce(0, +) / Double(baselines.count)
      }
    }
  }
}

extension Model {
  /// Returns the output of each example that is explained unless one is named: the predicted class, or the first label or value.
  ///
  /// - Parameter position: the step, from 1, whose output is explained, of models with outputs for every step.
  package func usualOutputs(_ prepared: PreparedInputs, rows: [Int], position: Int? = nil) -> [Int] {
    guard manifest.objective.base is any ClassObjective else { return rows.map { _ in 0 } }
    let all = predict(prepared, rows: rows), k = manifest.objective.base.count
    var start = 0
    return rows.map { row in
      let own = start + (position.map { ($0 - 1) * k } ?? 0)
      start += k * (position == nil ? 1 : prepared.inputs[0].encoded.stepCount(of: row))
      return (0..<k).max { (all[own + $0], $1) < (all[own + $1], $0) } ?? 0
    }
  }
}
