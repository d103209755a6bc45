import LigaseTensors

/// A ridge regression for each first key of its values on feature vectors of the second keys, such as gene
/// expression.
///
/// Features are scaled to mean 0 and standard deviation 1 over the training vectors; a feature that is
/// constant there is ignored, and a missing value is replaced by the mean. For each first key, intercept and
/// weights minimise the squared error over its training rows plus `penalty` times the squared length of the
/// weights; the intercept is not penalised. The dual form is solved, `(K + penalty I) α = y - mean y`, with K
/// the inner products of the key's centred vectors, so the number of features affects only the cost of the
/// product of all vectors with each other.
///
/// Where the second key or all training rows of the first have no vector, the prediction is the mean of the
/// first key; for a first key without training rows it is the mean of the second, else the overall mean.
package struct RidgeBaseline: PairBaseline {
  /// The regression of one first key.
  private struct Fit {
    /// The indices of the training keys among those with vectors.
    var members: [Int32]
    /// The dual weights of these keys.
    var alphas: [Double]
    /// The prediction for a vector whose inner products with all others are zero, and the sum of the weights.
    var constant: Double
    var alphaSum: Double
  }

  private let firstMeans: FirstMeanBaseline
  private let secondMeans: SecondMeanBaseline
  private let firstIsKnown: [Bool]
  private let place: [Int32]
  private let memberCount: Int
  private let products: [Double]
  private let fits: [Fit?]

  /// Fits every first key.
  ///
  /// - Parameters:
  ///   - observations: the training rows.
  ///   - vectors: the features of each second key, nil where it has none; all of one length.
  ///   - penalty: the strength of the shrinkage.
  package init(_ observations: PairObservations, vectors: [[Float]?], penalty: Double = 1000) {
    precondition(vectors.count == observations.secondCount, "RidgeBaseline: \(vectors.count) second keys")
    precondition(penalty > 0, "RidgeBaseline: penalty \(penalty)")
    var place = [Int32](repeating: -1, count: vectors.count)
    var rows: [[Float]] = []
    var isTraining: [Bool] = []
    let trained = observations.secondObservations
    for (second, values) in vectors.enumerated() {
      guard let values else { continue }
      place[second] = Int32(rows.count)
      rows.append(values)
      isTraining.append(trained[second] > 0)
    }
    let products = RidgeBaseline.products(RidgeBaseline.standardised(rows, isTraining), rows.count)
    let firstRows = PairObservations.rows(observations.firstKeys, observations.firstCount)
    let places = place
    let count = rows.count
    fits = [Fit?](unsafeUninitializedCapacity: firstRows.count) { buffer, initialized in
      buffer.initialize(repeating: nil)
      initialized = firstRows.count
      nonisolated(unsafe) let output = buffer
      ThreadTeam.current.forEachShare(firstRows.count) { first in
        let rows = firstRows[first].filter { places[Int(observations.secondKeys[$0])] >= 0 }
        guard !rows.isEmpty else { return }
        let members = rows.map { places[Int(observations.secondKeys[$0])] }
        output[first] = RidgeBaseline.fit(
          members, rows.map { observations.values[$0] }, products, count, penalty)
      }
    }
    firstIsKnown = firstRows.map { !$0.isEmpty }
    self.place = place
    memberCount = rows.count
    self.products = products
    firstMeans = FirstMeanBaseline(observations)
    secondMeans = SecondMeanBaseline(observations)
  }

  /// The regression of the first key for the features of the second.
  package func prediction(first: Int, second: Int) -> Double {
    guard firstIsKnown[first] else { return secondMeans.prediction(first: first, second: second) }
    let member = Int(place[second])
    guard member >= 0, let fit = fits[first] else {
      return firstMeans.prediction(first: first, second: second)
    }
    var value = fit.constant
    var sum = 0.0
    products.withUnsafeBufferPointer { products in
      for (other, alpha) in zip(fit.members, fit.alphas) {
        let product = products[member * memberCount + Int(other)]
        value += alpha * product
        sum += product
      }
    }
    return value - fit.alphaSum * sum / Double(fit.members.count)
  }

  /// The features of all vectors, `[members * features]`, scaled to mean 0 and standard deviation 1 over the
  /// training vectors.
  private static func standardised(_ rows: [[Float]], _ isTraining: [Bool]) -> [Double] {
    let features = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == features }, "RidgeBaseline: vectors of different lengths")
    var values = [Double](repeating: 0, count: rows.count * features)
    for feature in 0..<features {
      var sum = 0.0, squares = 0.0, count = 0.0
      for (member, row) in rows.enumerated() where isTraining[member] && row[feature].isFinite {
        sum += Double(row[feature])
        count += 1
      }
      let mean = count > 0 ? sum / count : 0
      for (member, row) in rows.enumerated() where isTraining[member] && row[feature].isFinite {
        squares += (Double(row[feature]) - mean) * (Double(row[feature]) - mean)
      }
      let deviation = count > 0 ? (squares / count).squareRoot() : 0
      guard deviation > 1e-7 * abs(mean), deviation > 0 else { continue }
      for (member, row) in rows.enumerated() where row[feature].isFinite {
        values[member * features + feature] = (Double(row[feature]) - mean) / deviation
      }
    }
    return values
  }

  /// The inner products of all vectors with each other, `[members * members]`.
  private static func products(_ values: [Double], _ members: Int) -> [Double] {
    let features = members > 0 ? values.count / members : 0
    return [Double](unsafeUninitializedCapacity: members * members) { buffer, initialized in
      buffer.initialize(repeating: 0)
      initialized = members * members
      nonisolated(unsafe) let output = buffer
      values.withUnsafeBufferPointer { values in
        nonisolated(unsafe) let values = values
        guard features > 0 else { return }
        ThreadTeam.current.forEachShare(members) { row in
          let base = values.baseAddress!
          for column in 0...row {
            let product = dot(base + row * features, base + column * features, features)
            output[row * members + column] = product
            output[column * members + row] = product
          }
        }
      }
    }
  }

  private static func fit(
    _ members: [Int32], _ values: [Double], _ products: [Double], _ memberCount: Int, _ penalty: Double
  ) -> Fit {
    let count = members.count
    let mean = values.reduce(0, +) / Double(count)
    var alphas = values.map { $0 - mean }
    var memberMeans = [Double](repeating: 0, count: count)
    var system = PositiveDefiniteSystem(size: count)
    var overall = 0.0
    products.withUnsafeBufferPointer { products in
      for row in 0..<count {
        let start = Int(members[row]) * memberCount
        var sum = 0.0
        for column in 0..<count { sum += products[start + Int(members[column])] }
        memberMeans[row] = sum / Double(count)
      }
      overall = memberMeans.reduce(0, +) / Double(count)
      system.fill { row, column in
        let product = products[Int(members[row]) * memberCount + Int(members[column])]
        return product - memberMeans[row] - memberMeans[column] + overall + (row == column ? penalty : 0)
      }
    }
    system.solve(&alphas)
    let alphaSum = alphas.reduce(0, +)
    let constant = mean + overall * alphaSum - zip(alphas, memberMeans).reduce(0) { $0 + $1.0 * $1.1 }
    return Fit(members: members, alphas: alphas, constant: constant, alphaSum: alphaSum)
  }
}
