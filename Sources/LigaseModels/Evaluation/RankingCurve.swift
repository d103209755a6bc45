/// The ranking of rows by a score that should put one class first: sorted once, evaluated for any row
/// weights.
package struct RankingCurve: Sendable {
  /// Rows by descending score.
  private let order: [Int32]
  /// Whether the score at a position of `order` equals the one before it.
  private let ties: [Bool]
  /// Whether the row at a position of `order` belongs to the class.
  private let positives: [Bool]

  /// Sorts rows by their scores, which must be finite; there must be a flag for each score.
  package init(scores: [Double], isPositive: [Bool]) {
    precondition(scores.count == isPositive.count, "RankingCurve: \(scores.count), \(isPositive.count) rows")
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    self.order = order.map { Int32($0) }
    ties = order.indices.map { $0 > 0 && scores[order[$0]] == scores[order[$0 - 1]] }
    positives = order.map { isPositive[$0] }
  }

  /// The area under the receiver operating characteristic curve: the probability that a row of the class has
  /// a higher score than another row, ties counting half. Nil without rows of the class or without other
  /// rows.
  package var areaUnderROC: Double? { figures(nil).areaUnderROC }

  /// The average precision, the area under the steps of the precision-recall curve: the sum over descending
  /// thresholds of (recall - previous recall) * precision, without interpolation (scikit-learn's
  /// `average_precision_score`). Nil without rows of the class.
  package var averagePrecision: Double? { figures(nil).averagePrecision }

  /// The specificity at which sensitivity is reported.
  static let specificity = 0.95

  /// The areas, and the sensitivity at a specificity of at least 0.95, for weighted rows; nil gives each row the weight 1.
  func figures(
    _ weights: UnsafeBufferPointer<Double>?
  ) -> (areaUnderROC: Double?, averagePrecision: Double?, sensitivity: Double?) {
    var allNegatives = 0.0
    for (place, row) in order.enumerated() where !positives[place] {
      allNegatives += weights.map { $0[Int(row)] } ?? 1
    }
    let mostNegatives = (1 - Self.specificity) * allNegatives * (1 + 1e-12)
    var found = 0.0
    var truePositives = 0.0, falsePositives = 0.0
    var area = 0.0
    // Recall times the number of positives, which is only known at the end.
    var precisionSum = 0.0
    var start = 0
    order.withUnsafeBufferPointer { order in
      positives.withUnsafeBufferPointer { positives in
        ties.withUnsafeBufferPointer { ties in
          while start < order.count {
            var positive = 0.0, negative = 0.0
            repeat {
              let weight = weights.map { $0[Int(order[start])] } ?? 1
              if positives[start] { positive += weight } else { negative += weight }
              start += 1
            } while start < order.count && ties[start]
            area += negative * (truePositives + positive / 2)
            truePositives += positive
            falsePositives += negative
            if falsePositives <= mostNegatives { found = truePositives }
            if positive > 0 { precisionSum += positive * truePositives / (truePositives + falsePositives) }
          }
        }
      }
    }
    return (
      truePositives > 0 && falsePositives > 0 ? area / (truePositives * falsePositives) : nil,
      truePositives > 0 ? precisionSum / truePositives : nil,
      truePositives > 0 && falsePositives > 0 ? found / truePositives : nil
    )
  }
}
