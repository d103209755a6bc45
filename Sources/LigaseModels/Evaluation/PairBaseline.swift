/// A prediction for pairs of keys without a network, which every model should beat.
///
/// A baseline is fitted on training rows only and predicts every pair of keys; for keys without training rows
/// it uses the fallback that its documentation states.
package protocol PairBaseline: Sendable {
  /// The predicted value of a pair of keys, numbered as in the observations.
  func prediction(first: Int, second: Int) -> Double
}

extension PairBaseline {
  /// The predictions of many pairs.
  package func predictions(firstKeys: [Int32], secondKeys: [Int32]) -> [Double] {
    zip(firstKeys, secondKeys).map { prediction(first: Int($0), second: Int($1)) }
  }
}

/// The mean of all training values.
package struct MeanBaseline: PairBaseline {
  private let mean: Double

  /// Fits the mean.
  package init(_ observations: PairObservations) { mean = observations.mean }

  /// Returns the mean for every pair.
  package func prediction(first: Int, second: Int) -> Double { mean }
}

/// The mean of the training values of the first key; the overall mean for a key without any.
package struct FirstMeanBaseline: PairBaseline {
  private let means: [Double]

  /// Fits the means.
  package init(_ observations: PairObservations) {
    means = groupMeans(observations.firstKeys, observations.firstCount, observations)
  }

  /// The mean of the first key.
  package func prediction(first: Int, second: Int) -> Double { means[first] }
}

/// The mean of the training values of the second key; the overall mean for a key without any.
package struct SecondMeanBaseline: PairBaseline {
  private let means: [Double]

  /// Fits the means.
  package init(_ observations: PairObservations) {
    means = groupMeans(observations.secondKeys, observations.secondCount, observations)
  }

  /// The mean of the second key.
  package func prediction(first: Int, second: Int) -> Double { means[second] }
}

private func groupMeans(_ numbers: [Int32], _ count: Int, _ observations: PairObservations) -> [Double] {
  let overall = observations.mean
  return PairObservations.rows(numbers, count).map { rows in
    rows.isEmpty ? overall : rows.reduce(0) { $0 + observations.values[$1] } / Double(rows.count)
  }
}

/// The mean plus the effects of both keys, fitted by least squares without shrinkage.
///
/// The effects are computed alternately, each as the mean of the residuals of the other, until none changes
/// by more than 1e-9 or after 200 iterations. A key without a training value has the effect 0.
package struct EffectsBaseline: PairBaseline {
  /// The mean of all values.
  package let mean: Double
  /// The effect of each first key.
  package let firstEffects: [Double]
  /// The effect of each second key.
  package let secondEffects: [Double]

  /// Fits both effects.
  package init(_ observations: PairObservations) {
    let mean = observations.mean
    var firstFound = [Double](repeating: 0, count: observations.firstCount)
    var secondFound = [Double](repeating: 0, count: observations.secondCount)
    let firstCounts = observations.firstObservations
    let secondCounts = observations.secondObservations
    for _ in 0..<200 {
      let before = secondFound
      var sums = [Double](repeating: 0, count: firstFound.count)
      for (row, first) in observations.firstKeys.enumerated() {
        sums[Int(first)] += observations.values[row] - mean - secondFound[Int(observations.secondKeys[row])]
      }
      for first in firstFound.indices where firstCounts[first] > 0 {
        firstFound[first] = sums[first] / Double(firstCounts[first])
      }
      sums = [Double](repeating: 0, count: secondFound.count)
      for (row, second) in observations.secondKeys.enumerated() {
        sums[Int(second)] += observations.values[row] - mean - firstFound[Int(observations.firstKeys[row])]
      }
      for second in secondFound.indices where secondCounts[second] > 0 {
        secondFound[second] = sums[second] / Double(secondCounts[second])
      }
      if zip(before, secondFound).allSatisfy({ abs($0 - $1) <= 1e-9 }) { break }
    }
    self.mean = mean
    firstEffects = firstFound
    secondEffects = secondFound
  }

  /// The mean plus both effects.
  package func prediction(first: Int, second: Int) -> Double {
    mean + firstEffects[first] + secondEffects[second]
  }
}
