import LigaseRuntime
import LigaseTensors

extension ScoreFunction {
  /// Explains all examples by a method that follows gradients.
  ///
  /// - Parameters:
  ///   - inputs: the rows of all examples.
  ///   - baselines: rows like those of `inputs`, one or several; attributions are means over them, or over samples of them.
  package func attributions(
    _ method: GradientMethod, _ inputs: [Tensor], baselines: [[Tensor]] = [],
    _ options: GradientMethod.Options = .init()
  ) throws -> Attributions {
    switch method {
    case .saliency, .inputTimesGradient, .guidedBackpropagation, .deconvolution:
      let rule: (any BackwardRule)? =
        method == .guidedBackpropagation
        ? GuidedBackpropagation() : method == .deconvolution ? Deconvolution() : nil
      return try overPoints(inputs, points: 1, rule: rule) { _, _, x, _ in
        x
      } combining: { x, gradient, _, _ in
        method == .saliency ? abs(gradient) : method == .inputTimesGradient ? x * gradient : gradient
      }
    case .smoothGrad:
      // The same draws for every example, whatever its number.
      let random = SeededGenerator(seed: options.seed, stream: "SmoothGrad")
      var found = try overPoints(inputs, points: options.samples) { _, point, x, key in
        var own = SeededGenerator(seed: random.state, stream: "\(point)", step: key)
        let range = Float(options.noise) * ((x.max() ?? 0) - (x.min() ?? 0))
        return x.map { $0 + range * Float(own.nextNormal()) }
      } combining: { _, gradient, _, _ in
        gradient / Float(options.samples)
      }
      // Points are examples with noise.
      found.scores = scoresInBatches(Array(0..<count), inputs)
      return found
    case .integratedGradients:
      let rule = options.rule ?? GaussLegendre.rule(options.steps)
      let factor = { (gradient: Float, point: Int) in gradient * Float(rule[point].weight) }
      return try mean(over: baselines, inputs) { baseline in
        try overPoints(
          inputs, points: rule.count, baseline: { _, _ in baseline },
          factor: options.keepsFactors ? factor : nil
        ) {
          example, point, x, input in
          let (b, a) = (numbers(baseline[input], rows(of: example, input)), Float(rule[point].node))
          return zip(x, b).map { $1 + a * ($0 - $1) }
        } combining: { x, gradient, b, point in
          (x - b) * gradient * Float(rule[point].weight)
        }
      }
    case .expectedGradients: return try expectedGradients(inputs, baselines, options)
    case .deepLIFT: return try mean(over: baselines, inputs) { try deepLIFT(inputs, $0, options) }
    }
  }

  /// Returns the mean over baselines, with the scores of examples and baselines.
  private func mean(
    over baselines: [[Tensor]], _ inputs: [Tensor], _ attribute: ([Tensor]) throws -> Attributions
  ) throws -> Attributions {
    precondition(!baselines.isEmpty, "attributions: no baseline")
    let all = Array(0..<count)
    var found: Attributions?, base = [Double](repeating: 0, count: count)
    for baseline in baselines {
      let one = try attribute(baseline), share = 1 / Float(baselines.count)
      for (e, score) in scoresInBatches(all, baseline).enumerated() {
        base[e] += score / Double(baselines.count)
      }
      func zeros(_ numbers: [[Float]]) -> [[Float]] { numbers.map { $0.map { _ in 0 } } }
      if found == nil {
        found = Attributions(values: zeros(one.values), scores: [])
        (found!.factors, found!.offsets) = (one.factors.map(zeros), one.offsets.map(zeros))
      }
      for i in one.values.indices {
        for j in one.values[i].indices { found!.values[i][j] += share * one.values[i][j] }
        guard let factors = one.factors, let offsets = one.offsets else { continue }
        for j in factors[i].indices {
          found!.factors![i][j] += share * factors[i][j]
          found!.offsets![i][j] += share * offsets[i][j]
        }
      }
    }
    found!.scores = scoresInBatches(all, inputs)
    found!.baselines = base
    return found!
  }

  /// Returns sums over points of each example.
  ///
  /// - Parameters:
  ///   - points: the number of points of an example.
  ///   - baseline: the rows of the baseline of a point.
  ///   - factor: the factor of the difference from the baseline, from the gradient and the point; nil keeps no factors.
  ///   - place: the numbers of a point in an input, from the example's.
  ///   - combining: the term of a number, from the example's number, the gradient, the baseline's number and the point.
  private func overPoints(
    _ inputs: [Tensor], points: Int,
    baseline: ((_ example: Int, _ point: Int) -> [Tensor])? = nil,
    factor: ((_ gradient: Float, _ point: Int) -> Float)? = nil, rule: (any BackwardRule)? = nil,
    _ place: (_ example: Int, _ point: Int, _ x: [Float], _ input: Int) -> [Float],
    combining term: (_ x: Float, _ gradient: Float, _ b: Float, _ point: Int) -> Float
  ) throws -> Attributions {
    var result = Attributions(
      values: inputs.map { [Float](repeating: 0, count: $0.count) },
      scores: [Double](repeating: 0, count: count))
    if factor != nil { (result.factors, result.offsets) = (result.values, result.values) }
    let channels = inputs.map { $0.count / max($0.shape[0], 1) }
    let all = inputs.map(\.scalars)
    let batches = ModelNetwork.batches(count * points, most: 1024) { weight(of: $0 / points) }
    let group = 16
    for start in stride(from: 0, to: batches.count, by: group) {
      let chunk = Array(batches[start..<min(start + group, batches.count)])
      let found = ModelNetwork.forEach(chunk) { range in
        Result { () throws -> (scores: [Double], gradients: [[Float]]) in
          let examples = range.map { $0 / points }
          let values = inputs.indices.map { i in
            Tensor(
              range.flatMap { point -> [Float] in
                let e = point / points
                return place(e, point % points, numbers(inputs[i], rows(of: e, i)), i)
              }, shape: [examples.reduce(0) { $0 + rows(of: $1, i).count }] + inputs[i].shape.dropFirst())
          }
          let found = try gradients(examples, values, by: rule)
          return (found.scores, found.gradients.map(\.scalars))
        }
      }
      for (range, batch) in zip(chunk, found) {
        let (scores, gradients) = try batch.get()
        for i in inputs.indices {
          var from = 0
          for point in range {
            let rows = rows(of: point / points, i), first = rows.lowerBound * channels[i]
            let base = baseline.map { numbers($0(point / points, point % points)[i], rows) }
            for to in first..<(rows.upperBound * channels[i]) {
              result.values[i][to] += term(
                all[i][to], gradients[i][from], base?[to - first] ?? 0, point % points)
              if let factor = factor?(gradients[i][from], point % points) {
                result.factors![i][to] += factor
                result.offsets![i][to] += factor * (base?[to - first] ?? 0)
              }
              from += 1
            }
          }
        }
        for (point, score) in zip(range, scores) where point % points == 0 {
          result.scores[point / points] = score
        }
      }
    }
    return result
  }

  /// The mean over samples: baselines in turn, from a random first one, and positions that are drawn one from each of equal
  /// parts of the way.
  private func expectedGradients(
    _ inputs: [Tensor], _ baselines: [[Tensor]], _ options: GradientMethod.Options
  ) throws -> Attributions {
    let samples = options.samples
    precondition(!baselines.isEmpty, "attributions: no baseline")
    // The same draws for every example, whatever its number.
    var random = SeededGenerator(seed: options.seed, stream: "expected gradients")
    var positions = (0..<samples).map { (Float($0) + Float(random.nextUniform())) / Float(samples) }
    random.shuffle(&positions)
    let first = random.next(below: baselines.count)
    let draws = positions.enumerated().map { (baseline: (first + $0) % baselines.count, position: $1) }
    var result = try overPoints(
      inputs, points: samples, baseline: { baselines[draws[$1].baseline] },
      factor: options.keepsFactors ? { gradient, _ in gradient / Float(samples) } : nil
    ) { example, point, x, input in
      let draw = draws[point]
      let b = numbers(baselines[draw.baseline][input], rows(of: example, input))
      return zip(x, b).map { $1 + draw.position * ($0 - $1) }
    } combining: { x, gradient, b, _ in
      (x - b) * gradient / Float(samples)
    }
    let all = Array(0..<count)
    result.scores = scoresInBatches(all, inputs)
    var base = [Double](repeating: 0, count: count)
    for baseline in baselines {
      for (e, score) in scoresInBatches(all, baseline).enumerated() { base[e] += score }
    }
    result.baselines = base.map { $0 / Double(baselines.count) }
    return result
  }

  private func deepLIFT(
    _ inputs: [Tensor], _ baseline: [Tensor], _ options: GradientMethod.Options
  ) throws -> Attributions {
    var result = Attributions(values: inputs.map { _ in [] }, scores: [])
    let batches = ModelNetwork.batches(count, most: 256) { weight(of: $0) }
    let found = try withKeptValues {
      ModelNetwork.forEach(batches) { range in
        Result { () throws -> [(values: [Float], factors: [Float], offsets: [Float])] in
          let examples = Array(range), n = examples.count
          func rows(_ all: [Tensor], _ i: Int) -> [Float] {
            examples.flatMap { numbers(all[i], self.rows(of: $0, i)) }
          }
          let x = inputs.indices.map { rows(inputs, $0) }, b = inputs.indices.map { rows(baseline, $0) }
          let leaves = inputs.indices.map { i in
            let shape = inputs[i].shape.dropFirst()
            return Tensor(x[i] + b[i], shape: [2 * x[i].count / max(shape.reduce(1, *), 1)] + shape).tracked()
          }
          let parts = parts(examples + examples, leaves), values = parts.map(\.scalars)
          var secants = [[Float]](repeating: [Float](repeating: 0, count: 2 * n), count: parts.count)
          for p in 0..<n {
            let found = mixtures[examples[p]].secants(
              values.map { Double($0[p]) }, from: values.map { Double($0[n + p]) })
            for (part, secant) in found.enumerated() {
              (secants[part][p], secants[part][n + p]) = (Float(secant), Float(secant))
            }
          }
          let factors = try Self.gradients(parts, secants, at: leaves, by: RescaleRule()).map(\.scalars)
          return x.indices.map { i in
            let own = factors[i].prefix(x[i].count)
            return (
              x[i].indices.map { (x[i][$0] - b[i][$0]) * own[$0] }, Array(own),
              x[i].indices.map { b[i][$0] * own[$0] }
            )
          }
        }
      }
    }.map { try $0.get() }
    if options.keepsFactors { (result.factors, result.offsets) = (result.values, result.values) }
    for batch in found {
      for i in batch.indices {
        result.values[i] += batch[i].values
        result.factors?[i] += batch[i].factors
        result.offsets?[i] += batch[i].offsets
      }
    }
    return result
  }

  private func scoresInBatches(_ examples: [Int], _ inputs: [Tensor]) -> [Double] {
    let batches = ModelNetwork.batches(examples.count, most: 1024) { weight(of: examples[$0]) }
    return ModelNetwork.forEach(batches) { range in
      let chunk = Array(examples[range])
      let values = inputs.indices.map { i in
        Tensor(
          chunk.flatMap { numbers(inputs[i], rows(of: $0, i)) },
          shape: [chunk.reduce(0) { $0 + rows(of: $1, i).count }] + inputs[i].shape.dropFirst())
      }
      return scores(chunk, values)
    }.flatMap { $0 }
  }

  /// Returns the numbers of some rows.
  private func numbers(_ tensor: Tensor, _ rows: Range<Int>) -> [Float] {
    let width = tensor.count / max(tensor.shape[0], 1)
    return tensor.withUnsafeBufferPointer { Array($0[(rows.lowerBound * width)..<(rows.upperBound * width)]) }
  }
}
