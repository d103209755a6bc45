import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Values of pairs of known records as effects of both and a product of factors, `mean + a_i + b_j + u_i .
/// v_j`; see ``LowRankBaseline``. A record that does not occur in training has neither effect nor factors.
package struct LowRank: Predictor {
  package static let name = "low_rank"
  /// The overall mean, `[1]`, and for the known records of each input effect and factors, `[known, 1 +
  /// rank]`.
  var mean, first, second: Tensor

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> LowRank? {
    let inputs = examples.inputs, observed = examples.examples.observations
    guard examples.examples.target.objective == ValuesObjective.name, inputs.inputs.count == 2,
      observed.width == 1, inputs.inputs.allSatisfy({ $0.knownCount > 0 })
    else { return nil }
    let names = inputs.inputs.map(\.name)
    var (keys, values) = ([[Int32]](repeating: [], count: 2), [Double]())
    for row in rows where !observed.numbers[row].isNaN {
      let pair = names.map { inputs.knownRecord(of: row, input: $0) }
      guard pair.allSatisfy({ $0 >= 0 }) else { continue }
      for i in 0..<2 { keys[i].append(Int32(pair[i])) }
      values.append(Double(observed.numbers[row]))
    }
    guard !values.isEmpty else { return nil }
    return LowRank(
      LowRankBaseline(
        PairObservations(
          firstKeys: keys[0], secondKeys: keys[1], values: values, firstCount: inputs.knownCount(names[0]),
          secondCount: inputs.knownCount(names[1]))))
  }

  private init(_ fit: LowRankBaseline) {
    func side(_ effects: [Double], _ factors: [Double]) -> Tensor {
      let rank = fit.rank
      return Tensor(
        effects.indices.flatMap { i in
          [Float(effects[i])] + factors[(i * rank)..<((i + 1) * rank)].map { Float($0) }
        }, shape: [effects.count, 1 + rank])
    }
    mean = Tensor([Float(fit.effects.mean)])
    first = side(fit.effects.firstEffects, fit.firstFactors)
    second = side(fit.effects.secondEffects, fit.secondFactors)
  }

  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) {
    guard inputs.count == 2, sizes.count == 3, objective.count == 1, 2...1025 ~= sizes[2],
      Array(sizes.prefix(2)) == inputs.map(\.known.count)
    else { return nil }
    mean = weights.constant("mean", [1], 0)
    first = weights.constant("first", [sizes[0], sizes[2]], 0)
    second = weights.constant("second", [sizes[1], sizes[2]], 0)
  }

  package var sizes: [Int] { [first.shape[0], second.shape[0], first.shape[1]] }

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    let names = inputs.inputs.map(\.name), width = first.shape[1]
    let (mean, a, b) = (mean.scalar, first.scalars, second.scalars)
    return rows.map { row in
      let i = inputs.knownRecord(of: row, input: names[0]), j = inputs.knownRecord(of: row, input: names[1])
      var value = mean + (i < 0 ? 0 : a[i * width]) + (j < 0 ? 0 : b[j * width])
      if i >= 0, j >= 0 { for k in 1..<width { value += a[i * width + k] * b[j * width + k] } }
      return value
    }
  }

  /// The records of a pair are known by their names alone.
  package var dependence: PredictorDependence { .none }

  package func output(
    _ batches: [InputBatch], _ inputs: PreparedInputs, rows: [Int], outputs: [Int]
  ) -> Tensor? { Tensor(predict(inputs, rows: rows)) }

  package mutating func visitParameters(_ visit: ParameterVisitor) {
    visit.buffer("mean", &mean)
    visit.buffer("first", &first)
    visit.buffer("second", &second)
  }
}
