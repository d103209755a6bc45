/// How often each true class was predicted as each class, and the figures that follow from these counts.
///
/// Where nothing was predicted as a class, or a class has no row, precision, recall and F1 divide by nothing;
/// they are 0 then, as in scikit-learn. Source of the definitions: scikit-learn user guide, "Metrics and
/// scoring".
package struct ConfusionMatrix: Hashable, Sendable {
  /// The names of the classes.
  package let classes: [String]

  /// Weights of rows (counts, where each weighs 1): `[true class * classes.count + predicted class]`.
  package let counts: [Double]

  /// How figures of classes become one.
  package enum Average: String, CaseIterable, Sendable {
    /// Each class alike; of those that occur in truth or prediction.
    case macro
    /// Each row alike: all classes' counts are added first. For single labels it equals the accuracy.
    case micro
    /// Each class by its rows.
    case weighted
  }

  /// Creates a matrix from counts; another number of them than classes squared is wrong use.
  package init(classes: [String], counts: [Double]) {
    precondition(
      counts.count == classes.count * classes.count,
      "ConfusionMatrix: \(counts.count) counts for \(classes.count) classes")
    self.classes = classes
    self.counts = counts
  }

  /// Counts pairs of class numbers.
  package init(classes: [String], truth: [Int32], prediction: [Int32]) {
    precondition(
      truth.count == prediction.count, "ConfusionMatrix: \(truth.count), \(prediction.count) labels")
    var counts = [Double](repeating: 0, count: classes.count * classes.count)
    for (truth, prediction) in zip(truth, prediction) {
      counts[Int(truth) * classes.count + Int(prediction)] += 1
    }
    self.init(classes: classes, counts: counts)
  }

  /// The weight of rows of class `truth` that were predicted as class `prediction`.
  package subscript(truth: Int, prediction: Int) -> Double { counts[truth * classes.count + prediction] }

  /// All rows.
  package var total: Double { counts.reduce(0, +) }

  /// The rows of a class.
  package func actual(_ index: Int) -> Double { classes.indices.reduce(0) { $0 + self[index, $1] } }

  /// The rows predicted as a class.
  package func predicted(_ index: Int) -> Double { classes.indices.reduce(0) { $0 + self[$1, index] } }

  /// The share of the rows predicted as a class that are of it.
  package func precision(_ index: Int) -> Double { share(self[index, index], predicted(index)) }

  /// The share of a class's rows that were predicted as it.
  package func recall(_ index: Int) -> Double { share(self[index, index], actual(index)) }

  /// The harmonic mean of precision and recall.
  package func f1(_ index: Int) -> Double {
    share(2 * self[index, index], actual(index) + predicted(index))
  }

  /// The share of rows that were predicted right.
  package var accuracy: Double { share(classes.indices.reduce(0) { $0 + self[$1, $1] }, total) }

  /// The mean recall of the classes that have rows.
  package var balancedAccuracy: Double {
    let present = classes.indices.filter { actual($0) > 0 }
    return share(present.reduce(0) { $0 + recall($1) }, Double(present.count))
  }

  /// Matthews' correlation of truth and prediction, for two classes or more (Gorodkin 2004); 0 when either is
  /// constant.
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

  /// One figure over all classes.
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
