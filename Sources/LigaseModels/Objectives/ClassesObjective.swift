internal import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// One of several classes for each example or step: softmax, and cross-entropy or a focal loss.
protocol ClassObjective: Objective {
  /// The names of the classes.
  var names: [String] { get set }
  /// The loss and its class weights.
  var loss: ClassLoss { get set }
}

extension ClassObjective {
  package init(fitting examples: PreparedExamples, rows: [Int], options: TrainingOptions) throws {
    self.init(unfitted: examples.examples.target)
    let counts = classCounts(examples.examples.observations, rows: rows)
    loss = try ClassLoss(options, names: names, counts: counts)
  }

  package var problem: String? { loss.problem(names) }
  package var metricName: String { "cross_entropy" }
  package func initialOutputs(classCounts: [Int]) -> Tensor? { loss.priorLogits(classCounts) }
  package func link(_ outputs: Tensor) -> Tensor { outputs.softmax() }
  package var columns: [String] { ["prediction"] + names.map { "probability:\($0)" } }

  /// Writes the name of the most probable class and all probabilities.
  package func write(_ outputs: ArraySlice<Float>, to writer: TSVWriter) throws {
    let best = outputs.indexOfLargest ?? outputs.startIndex
    try writer.field(names[best - outputs.startIndex])
    for value in outputs { writer.field(value) }
  }
}

/// One of several classes for each example.
package struct ClassesObjective: ClassObjective {
  package static let name = "classes"
  package static let isOfSteps = false
  package var names: [String]
  var loss = ClassLoss()

  package init(names: [String]) { self.names = names }

  package func classCounts(_ observed: Observations, rows: [Int]) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    for row in rows { counts[Int(observed.numbers[row])] += 1 }
    return counts
  }

  package func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int]) -> LossSum {
    loss(outputs, labels: rows.map { Int32(targets.numbers[$0]) }, known: nil)
  }

  package func metric(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> Double {
    var mean = CrossEntropyMean()
    for (i, row) in rows.enumerated() { mean.add(predictions[i * count + Int(observed.numbers[row])]) }
    return mean.value
  }

  package func score(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> (
    name: String, value: Double
  )? {
    guard !rows.isEmpty else { return nil }
    let right = rows.indices.count { i in
      let outputs = predictions[(i * count)..<((i + 1) * count)]
      return outputs.indexOfLargest.map { $0 - outputs.startIndex } == Int(observed.numbers[rows[i]])
    }
    return ("accuracy", Double(right) / Double(rows.count))
  }

  package var summary: [(name: String, value: String)] {
    [("target", "\(names.count) classes: \(FormatError.list(names, limit: 12))")]
  }

  package func judge(
    _ models: [(name: String, outputs: [Float])], _ observed: Observations, rows: [Int], keys: KeyColumns,
    bootstrap: Bootstrap
  ) throws -> JudgedModels {
    let k = count
    let predictions = models.map { model in
      (
        model.name,
        ClassPredictions(
          probabilities: (0..<k).map { t in rows.indices.map { Double(model.outputs[$0 * k + t]) } })
      )
    }
    let truth = rows.map { Int32(observed.numbers[$0]) }
    var judged = JudgedModels()
    judged.add(
      try ClassificationEvaluation(classes: names, truth: truth, bootstrap: bootstrap).scores(predictions),
      .classification, "class", group: nil)
    return judged
  }
}

/// The loss of classes: cross-entropy or focal, with class weights.
package struct ClassLoss: Codable, Hashable, Sendable {
  /// The weight of each class; nil for equal weights.
  var weights: [Float]?
  /// The focusing exponent of a focal loss; nil for cross-entropy.
  var focus: Float?

  init() {}

  /// - Throws: `JoinError` where all training examples have one class.
  init(_ options: TrainingOptions, names: [String], counts: [Int]) throws {
    try options.requireLoss(.standard, .focal, of: "classes")
    if counts.count(where: { $0 > 0 }) < 2, counts.count >= 2 {
      let only = zip(names, counts).first { $1 > 0 }?.0 ?? "none"
      throw JoinError("every training example is of class '\(only)', expected two classes or more")
    }
    if options.balancesClasses {
      let all = Float(counts.reduce(0, +)) / Float(counts.count)
      weights = counts.map { $0 == 0 ? 0 : all / Float($0) }
    }
    focus = options.loss.name == .focal ? options.loss.gamma : nil
  }

  func callAsFunction(_ outputs: Tensor, labels: [Int32], known: [Bool]?) -> LossSum {
    if let focus {
      return LossSum.softmaxFocal(
        logits: outputs, labels: labels, gamma: focus, classWeights: weights.map { Tensor($0) },
        weighting: LossWeights(mask: known))
    }
    return LossSum.softmaxCrossEntropy(
      logits: outputs, labels: labels, classWeights: weights.map { Tensor($0) },
      weighting: LossWeights(mask: known))
  }

  /// Returns the logarithms of the class frequencies; nil with class weights or without classes.
  func priorLogits(_ counts: [Int]) -> Tensor? {
    guard !counts.isEmpty, weights == nil else { return nil }
    let total = Float(counts.reduce(0, +))
    return Tensor(counts.map { log(max(Float($0), 0.5) / total) })
  }

  /// Returns the reason why the loss cannot be used with such classes, if any.
  func problem(_ names: [String]) -> String? {
    if Set(names).count < names.count { return "found two outputs of one name" }
    if let weights, weights.count != names.count || !weights.allSatisfy({ $0 >= 0 }) {
      return "found \(weights.count) weights of \(names.count) classes"
    }
    return names.count < 2 ? "found \(names.count) classes, expected two or more" : nil
  }
}
