/// Predicted classes for the rows of a ``ClassificationEvaluation``: labels, and probabilities where the
/// model returns them.
package struct ClassPredictions: Hashable, Sendable {
  /// The index of the predicted class of each row.
  package var labels: [Int32]
  /// The probabilities of each class for all rows; nil where there are none.
  package var probabilities: [[Double]]?

  /// Creates predictions; without labels, the class with the highest probability is predicted, and the first
  /// one of equal probabilities.
  package init(labels: [Int32]? = nil, probabilities: [[Double]]?) {
    precondition(
      labels != nil || probabilities?.isEmpty == false, "ClassPredictions: neither labels nor probabilities")
    self.probabilities = probabilities
    self.labels =
      labels
      ?? probabilities![0].indices.map { row in
        let columns = probabilities!
        return Int32(columns.indices.reduce(0) { columns[$1][row] > columns[$0][row] ? $1 : $0 })
      }
  }
}

/// Evaluates predicted classes, each metric with its bootstrap interval.
///
/// For all rows: `accuracy`, `balanced_accuracy`, `mcc`, `precision`, `recall` and `f1` as `_macro`, `_micro`
/// and `_weighted`, and with probabilities `auroc`, `auprc`, `brier`. With two classes these are metrics of
/// the positive class, and `sensitivity_at_specificity_0.95` is its largest recall at a specificity of at least 0.95; with more, `auroc` and `auprc` are the mean over classes, each against the rest, and
/// `brier` is the squared distance of the probabilities from the truth. For each class: `precision`,
/// `recall`, `f1`, `auroc`, `auprc`, and the counts `predicted_as:CLASS`, a row of the confusion matrix. The
/// n of a class is its number of rows.
package struct ClassificationEvaluation: Sendable {
  /// The name of the share of positive rows above the threshold below which 95 % of the other rows lie.
  static let sensitivity = "sensitivity_at_specificity_0.95"
  /// The largest number of classes for which zeros of the confusion matrix are written.
  private static let mostWholeRows = 50
  /// The names of the classes.
  package let classes: [String]
  /// The class index of each row.
  package let truth: [Int32]
  /// The index of the positive class for metrics of two classes.
  package let positive: Int
  /// The resampling for intervals.
  package var bootstrap: Bootstrap

  /// Creates an evaluation of these rows; the positive class is the last one by default.
  package init(classes: [String], truth: [Int32], positive: Int? = nil, bootstrap: Bootstrap = Bootstrap()) {
    precondition(!classes.isEmpty, "ClassificationEvaluation: no class")
    precondition(
      truth.allSatisfy { classes.indices.contains(Int($0)) },
      "ClassificationEvaluation: a class without a name")
    self.classes = classes
    self.truth = truth
    self.positive = positive ?? classes.count - 1
    self.bootstrap = bootstrap
    precondition(classes.indices.contains(self.positive), "ClassificationEvaluation: positive class")
  }

  /// The metrics of each model, in the order given.
  ///
  /// Throws ``EvaluationError`` when there is no row, or a probability is not finite.
  package func scores(_ models: [(name: String, predictions: ClassPredictions)]) throws(EvaluationError)
    -> [Score]
  {
    guard !truth.isEmpty else { throw .noRows }
    for (name, predictions) in models {
      precondition(predictions.labels.count == truth.count, "scores: \(predictions.labels.count) labels")
      for (index, column) in (predictions.probabilities ?? []).enumerated() {
        precondition(column.count == truth.count, "scores: \(column.count) probabilities")
        if let row = column.firstIndex(where: { !$0.isFinite }) {
          let owner = name == "model" ? "" : " of \(name)"
          throw .notFinite(row: row + 1, what: "probability of '\(classes[index])'" + owner)
        }
      }
    }
    let found = models.map { scores($0.name, $0.predictions) }
    return zip(models, found).flatMap { model, own in
      own.scores + (Ablation.isAblation(model.name) ? differences(found[0], own, model.name) : [])
    }
  }

  /// The resampled metrics over all rows.
  private typealias Resampled = (scores: [Score], values: [String: [Double]])

  /// The metrics of the first model less those of another, on the same resamples.
  private func differences(_ first: Resampled, _ other: Resampled, _ name: String) -> [Score] {
    ["accuracy", "auroc"].compactMap { metric in
      func value(_ found: Resampled) -> Double? {
        found.scores.first { $0.metric == metric && $0.group == "all" }?.value
      }
      guard let a = value(first), let b = value(other), let all = first.values[metric],
        let own = other.values[metric]
      else { return nil }
      return Score(
        model: name, metric: metric + Ablation.differenceSuffix, value: a - b,
        resampled: zip(all, own).map { $0 - $1 }, n: truth.count)
    }
  }

  private func scores(_ name: String, _ predictions: ClassPredictions) -> Resampled {
    let weighted = WeightedClassification(self, predictions)
    let ones = [Double](repeating: 1, count: truth.count)
    let values = ones.withUnsafeBufferPointer { weighted.figures($0) }
    let resampled = bootstrap.values(count: truth.count, figureCount: values.count) { weighted.figures($0) }
    var rows = [Int](repeating: 0, count: classes.count)
    for label in truth { rows[Int(label)] += 1 }
    var scores = weighted.names.enumerated().map { index, figure in
      Score(
        model: name, group: figure.group.map { classes[$0] } ?? "all", metric: figure.metric,
        value: values[index], resampled: resampled[index], n: figure.group.map { rows[$0] } ?? truth.count)
    }
    let confusion = ConfusionMatrix(classes: classes, truth: truth, prediction: predictions.labels)
    for index in classes.indices {
      for other in classes.indices {
        if classes.count > Self.mostWholeRows, confusion[index, other] == 0 { continue }
        scores.append(
          Score(
            model: name, group: classes[index], metric: "predicted_as:\(classes[other])",
            value: confusion[index, other], n: rows[index]))
      }
    }
    let whole = weighted.names.indices.filter { weighted.names[$0].group == nil }
    return (
      scores, Dictionary(uniqueKeysWithValues: whole.map { (weighted.names[$0].metric, resampled[$0]) })
    )
  }
}

/// The metrics of a classification for weighted rows.
private struct WeightedClassification: Sendable {
  let evaluation: ClassificationEvaluation
  let predictions: ClassPredictions
  let curves: [RankingCurve]
  let brier: [Double]
  let names: [(metric: String, group: Int?)]

  init(_ evaluation: ClassificationEvaluation, _ predictions: ClassPredictions) {
    self.evaluation = evaluation
    self.predictions = predictions
    let classes = evaluation.classes.indices
    let truth = evaluation.truth
    let isBinary = classes.count == 2
    curves = (predictions.probabilities ?? []).enumerated().map { index, column in
      RankingCurve(scores: column, isPositive: truth.map { Int($0) == index })
    }
    brier =
      predictions.probabilities.map { columns in
        truth.indices.map { row in
          func error(_ index: Int) -> Double {
            let difference = columns[index][row] - (Int(truth[row]) == index ? 1 : 0)
            return difference * difference
          }
          return isBinary ? error(evaluation.positive) : classes.reduce(0) { $0 + error($1) }
        }
      } ?? []
    var names: [(metric: String, group: Int?)] = ["accuracy", "balanced_accuracy", "mcc"].map { ($0, nil) }
    for average in ConfusionMatrix.Average.allCases {
      names += ["precision", "recall", "f1"].map { ("\($0)_\(average.rawValue)", nil) }
    }
    if !curves.isEmpty {
      names += ["auroc", "auprc", "brier"].map { ($0, nil) }
      if isBinary { names.append((ClassificationEvaluation.sensitivity, nil)) }
    }
    for index in classes {
      names += ["precision", "recall", "f1"].map { ($0, index) }
      if !curves.isEmpty { names += ["auroc", "auprc"].map { ($0, index) } }
    }
    self.names = names
  }

  func figures(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
    let classes = evaluation.classes
    var counts = [Double](repeating: 0, count: classes.count * classes.count)
    for row in weights.indices {
      counts[Int(evaluation.truth[row]) * classes.count + Int(predictions.labels[row])] += weights[row]
    }
    let confusion = ConfusionMatrix(classes: classes, counts: counts)
    var values = [confusion.accuracy, confusion.balancedAccuracy, confusion.matthewsCorrelation]
    for average in ConfusionMatrix.Average.allCases {
      values.append(confusion.averaged(average, confusion.precision))
      values.append(confusion.averaged(average, confusion.recall))
      values.append(confusion.averaged(average, confusion.f1))
    }
    let rankings = curves.map { $0.figures(weights) }
    if !rankings.isEmpty {
      if classes.count == 2 {
        values.append(rankings[evaluation.positive].areaUnderROC ?? .nan)
        values.append(rankings[evaluation.positive].averagePrecision ?? .nan)
      } else {
        values.append(mean(rankings.compactMap(\.areaUnderROC)))
        values.append(mean(rankings.compactMap(\.averagePrecision)))
      }
      var sum = 0.0
      for row in weights.indices { sum += weights[row] * brier[row] }
      values.append(sum / confusion.total)
      if classes.count == 2 { values.append(rankings[evaluation.positive].sensitivity ?? .nan) }
    }
    for index in classes.indices {
      values += [confusion.precision(index), confusion.recall(index), confusion.f1(index)]
      if !rankings.isEmpty {
        values.append(rankings[index].areaUnderROC ?? .nan)
        values.append(rankings[index].averagePrecision ?? .nan)
      }
    }
    return values
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }
}
