/// The number of rows of each true class that were predicted as each class, and the metrics that follow from
/// these counts.
///
/// Where no row was predicted as a class, or a class has no row, the divisors of precision, recall and F1 are
/// 0; the metrics are then 0, as in scikit-learn. Source of the definitions: scikit-learn user guide,
/// "Metrics and scoring".
package struct ConfusionMatrix: Hashable, Sendable {
  /// The names of the classes.
  package let classes: [String]

  /// The sums of row weights (counts, where every weight is 1): `[true class * classes.count + predicted
  /// class]`.
  package let counts: [Double]

  /// The averaging of a metric over classes.
  package enum Average: String, CaseIterable, Sendable {
    /// The same weight for every class that occurs in truth or prediction.
    case macro
    /// The same weight for every row: the counts of all classes are added first. For single labels it equals
    /// the accuracy.
    case micro
    /// A weight for each class proportional to its rows.
    case weighted
  }

  /// Creates a matrix from counts; the number of counts must be the square of the number of classes.
  package init(classes: [String], counts: [Double]) {
    precondition(
      counts.count == classes.count * classes.count,
      "ConfusionMatrix: \(counts.count) counts for \(classes.count) classes")
    self.classes = classes
    self.counts = counts
  }

  /// Counts pairs of class indices.
  package init(classes: [String], truth: [Int32], prediction: [Int32]) {
    precondition(
      truth.count == prediction.count, "ConfusionMatrix: \(truth.count), \(prediction.count) labels")
    var counts = [Double](repeating: 0, count: classes.count * classes.count)
    for (truth, prediction) in zip(truth, prediction) {
      counts[Int(truth) * classes.count + Int(prediction)] += 1
    }
    self.init(classes: classes, counts: counts)
  }

  /// The total weight of rows of class `truth` that were predicted as class `prediction`.
  package subscript(truth: Int, prediction: Int) -> Double { counts[truth * classes.count + prediction] }

  /// The total weight of all rows.
  package var total: Double { counts.reduce(0, +) }

  /// The total weight of the rows of a class.
  package func actual(_ index: Int) -> Double { classes.indices.reduce(0) { $0 + self[index, $1] } }

  /// The total weight of the rows predicted as a class.
  package func predicted(_ index: Int) -> Double { classes.indices.reduce(0) { $0 + self[$1, index] } }

  /// The fraction of the rows predicted as a class that belong to it.
  package func precision(_ index: Int) -> Double { share(self[index, index], predicted(index)) }

  /// The fraction of the rows of a class that were predicted as it.
  package func recall(_ index: Int) -> Double { share(self[index, index], actual(index)) }

  /// The harmonic mean of precision and recall.
  package func f1(_ index: Int) -> Double {
    share(2 * self[index, index], actual(index) + predicted(index))
  }

  /// The fraction of rows with the correct prediction.
  package var accuracy: Double { share(classes.indices.reduce(0) { $0 + self[$1, $1] }, total) }

  /// The mean recall of the classes that have rows.
  package var balancedAccuracy: Double {
    let present = classes.indices.filter { actual($0) > 0 }
    return share(present.reduce(0) { $0 + recall($1) }, Double(present.count))
  }

  /// Matthews' correlation coefficient of truth and prediction, for two or more classes (Gorodkin 2004); 0
  /// when either is constant.
  package var matthewsCorrelation: Double {
    let total = total
    var right = 0.0, product = 0.0, truthSquares = 0.0, predictionSquares = 0.0
    for index in classes.indices {
      let actual = actual(index), predicted = predicted(index)
      right += self[index, index]
      product += actual * predicted
      truthSquares += actual * actual
      predictionSquares += predicted * predicted
    }
    let spread = (total * total - truthSquares) * (total * total - predictionSquares)
    return spread > 0 ? (right * total - product) / spread.squareRoot() : 0
  }

  /// The average of a metric over all classes.
  package func averaged(_ average: Average, _ figure: (Int) -> Double) -> Double {
    switch average {
    case .micro: return accuracy
    case .macro:
      let present = classes.indices.filter { actual($0) + predicted($0) > 0 }
      return share(present.reduce(0) { $0 + figure($1) }, Double(present.count))
    case .weighted:
      return share(classes.indices.reduce(0) { $0 + actual($1) * figure($1) }, total)
    }
  }

  private func share(_ part: Double, _ whole: Double) -> Double { whole > 0 ? part / whole : 0 }
}
