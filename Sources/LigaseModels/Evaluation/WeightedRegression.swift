/// The metrics of ``RegressionMetrics`` for weighted rows, for several models at once and fast enough for a
/// thousand resamples: sorting happens once, and a resample costs a few passes over the rows.
///
/// Rows are sorted by the measurements, whose ranks then take one pass; the ranks of a prediction take one
/// pass over its own order. Weighted rows have the ranks of rows repeated as often as their weights.
struct WeightedRegression: Sendable {
  static let names = ["rmse", "mae", "r2", "pearson", "spearman"]

  /// The original row at each position of the sorted rows.
  let order: [Int]
  /// The centred measurements, ascending.
  private let truth: [Double]
  private let truthTies: [Bool]
  private let models: [Model]

  private struct Model {
    /// The centred predictions, and errors, in the order of the sorted rows.
    let prediction: [Double]
    let error: [Double]
    /// The sorted rows in the order of the predictions.
    let order: [Int32]
    /// Whether the prediction at a position of `order` equals the one before it.
    let ties: [Bool]
  }

  init(truth: [Double], predictions: [[Double]]) {
    func centred(_ values: [Double]) -> [Double] {
      // Relative to the first value, so that equal values become exactly zero.
      let mean = values[0] + values.reduce(0) { $0 + ($1 - values[0]) } / Double(values.count)
      return values.map { $0 - mean }
    }
    let order = truth.indices.sorted { (truth[$0], $0) < (truth[$1], $1) }
    let sorted = order.map { truth[$0] }
    self.order = order
    self.truth = centred(sorted)
    truthTies = sorted.indices.map { $0 > 0 && sorted[$0] == sorted[$0 - 1] }
    models = predictions.map { prediction in
      let values = order.map { prediction[$0] }
      let places = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
      return Model(
        prediction: centred(values), error: zip(sorted, values).map { $0 - $1 },
        order: places.map { Int32($0) },
        ties: places.indices.map { $0 > 0 && values[places[$0]] == values[places[$0 - 1]] })
    }
  }

  /// The metrics of each model in the order of ``names``; NaN where one is undefined. Weights are in the
  /// order of the sorted rows, and are whole numbers.
  func figures(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(models.count * Self.names.count)
    let ranks = centredRanks(weights)
    ranks.withUnsafeBufferPointer { ranks in
      truth.withUnsafeBufferPointer { truth in
        for model in models { append(model, weights, truth, ranks, to: &result) }
      }
    }
    return result
  }

  private func append(
    _ model: Model, _ weights: UnsafeBufferPointer<Double>, _ truth: UnsafeBufferPointer<Double>,
    _ ranks: UnsafeBufferPointer<Double>, to result: inout [Double]
  ) {
    let sums = model.prediction.withUnsafeBufferPointer { prediction in
      model.error.withUnsafeBufferPointer { WeightedSums(weights, truth, prediction, $0) }
    }
    let count = sums.weight
    result.append((sums.squaredError / count).squareRoot())
    result.append(sums.absoluteError / count)
    let spread = sums.spreadOfTruth, other = sums.spreadOfPrediction
    result.append(spread > 0 ? 1 - sums.squaredError / spread : .nan)
    result.append(spread > 0 && other > 0 ? sums.product / (spread * other).squareRoot() : .nan)
    result.append(spearman(model, weights, ranks))
  }

  /// The centred ranks of the measurements.
  private func centredRanks(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
    let count = weights.count
    return [Double](unsafeUninitializedCapacity: count) { ranks, initialized in
      truthTies.withUnsafeBufferPointer { ties in
        var below = 0.0
        var start = 0
        while start < count {
          var weight = weights[start]
          var end = start + 1
          while end < count, ties[end] {
            weight += weights[end]
            end += 1
          }
          for place in start..<end { ranks[place] = below + (weight + 1) / 2 }
          below += weight
          start = end
        }
        let mean = (below + 1) / 2
        for place in 0..<count { ranks[place] -= mean }
      }
      initialized = count
    }
  }

  private func spearman(
    _ model: Model, _ weights: UnsafeBufferPointer<Double>, _ ranks: UnsafeBufferPointer<Double>
  ) -> Double {
    var truthSpread = 0.0
    var total = 0.0
    for place in ranks.indices {
      truthSpread += weights[place] * ranks[place] * ranks[place]
      total += weights[place]
    }
    let mean = (total + 1) / 2
    var spread = 0.0
    var product = 0.0
    model.order.withUnsafeBufferPointer { order in
      model.ties.withUnsafeBufferPointer { ties in
        var below = 0.0
        var start = 0
        while start < order.count {
          let place = Int(order[start])
          var weight = weights[place]
          var rankSum = weight * ranks[place]
          start += 1
          while start < order.count, ties[start] {
            let place = Int(order[start])
            weight += weights[place]
            rankSum += weights[place] * ranks[place]
            start += 1
          }
          let rank = below + (weight + 1) / 2 - mean
          spread += weight * rank * rank
          product += rank * rankSum
          below += weight
        }
      }
    }
    return truthSpread > 0 && spread > 0 ? product / (truthSpread * spread).squareRoot() : .nan
  }
}

/// Sums over weighted rows for the metrics without ranks, computed in four lanes.
private struct WeightedSums {
  var weight = 0.0, truth = 0.0, prediction = 0.0
  var truthSquares = 0.0, predictionSquares = 0.0, products = 0.0
  var squaredError = 0.0, absoluteError = 0.0

  init(
    _ weights: UnsafeBufferPointer<Double>, _ truth: UnsafeBufferPointer<Double>,
    _ prediction: UnsafeBufferPointer<Double>, _ error: UnsafeBufferPointer<Double>
  ) {
    typealias Lanes = SIMD4<Double>
    var sums = (
      w: Lanes(), y: Lanes(), p: Lanes(), yy: Lanes(), pp: Lanes(), yp: Lanes(), ee: Lanes(), e: Lanes()
    )
    let whole = weights.count / 4 * 4
    func load(_ buffer: UnsafeBufferPointer<Double>, _ index: Int) -> Lanes {
      UnsafeRawPointer(buffer.baseAddress! + index).loadUnaligned(as: Lanes.self)
    }
    func add(_ w: Lanes, _ y: Lanes, _ p: Lanes, _ e: Lanes) {
      let wy = w * y, wp = w * p
      sums.w += w
      sums.y += wy
      sums.p += wp
      sums.yy += wy * y
      sums.pp += wp * p
      sums.yp += wy * p
      sums.ee += w * e * e
      sums.e += w * e.replacing(with: -e, where: e .< 0)
    }
    for index in stride(from: 0, to: whole, by: 4) {
      add(load(weights, index), load(truth, index), load(prediction, index), load(error, index))
    }
    for index in whole..<weights.count {
      func lane(_ value: Double) -> Lanes { Lanes(value, 0, 0, 0) }
      add(lane(weights[index]), lane(truth[index]), lane(prediction[index]), lane(error[index]))
    }
    weight = sums.w.sum()
    self.truth = sums.y.sum()
    self.prediction = sums.p.sum()
    truthSquares = sums.yy.sum()
    predictionSquares = sums.pp.sum()
    products = sums.yp.sum()
    squaredError = sums.ee.sum()
    absoluteError = sums.e.sum()
  }

  var product: Double { products - truth * prediction / weight }
  var spreadOfTruth: Double { spread(truthSquares, truth) }
  var spreadOfPrediction: Double { spread(predictionSquares, prediction) }

  /// The sum of squared deviations; 0 where it is zero within rounding.
  private func spread(_ squares: Double, _ sum: Double) -> Double {
    let spread = squares - sum * sum / weight
    return spread > 1e-12 * squares ? spread : 0
  }
}
