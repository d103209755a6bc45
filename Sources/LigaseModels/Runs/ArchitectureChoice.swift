import LigaseDatasets
import LigaseTensors

/// The choice of an encoder's kind by inner folds of the training examples: one network of each candidate is trained on two
/// thirds of them, for all epochs and without early stopping, and evaluated on the other third by the validation metric.
///
/// Test and validation examples choose nothing. The same seed gives the same choice with any number of threads.
package struct ArchitectureChoice: Hashable, Sendable {
  /// The number of inner folds.
  package static let folds = 3
  /// The most training examples that are asked, evenly spaced among all; more would take time and hardly change the order.
  package static let rowLimit = 2000

  /// The input.
  package let input: String
  /// The validation metric; smaller is better.
  package let metricName: String
  /// The candidates.
  package let kinds: [EncoderOptions.Kind]
  /// For each candidate the mean of the metric over the inner folds, weighted by examples; infinite where none can be trained.
  package let metrics: [Double]

  /// The candidate with the smallest metric, the first of equals.
  package var chosen: EncoderOptions.Kind {
    kinds[metrics.indices.min { (metrics[$0], $0) < (metrics[$1], $1) }!]
  }

  /// A line for people.
  package func report(_ unit: String) -> String {
    let shown = zip(kinds, metrics).map { kind, metric in
      "\(kind.rawValue) \(metric.isFinite ? "\(Float((metric * 1000).rounded() / 1000))" : "-")"
    }
    return "architecture \(chosen.rawValue), chosen on \(Self.folds) inner folds of the training \(unit): "
      + "\(metricName.split(separator: "_").joined(separator: "-")) \(shown.joined(separator: ", "))"
  }

  /// The metric of each candidate under its name in a model file.
  var named: [String: Double] {
    Dictionary(
      uniqueKeysWithValues: zip(kinds, metrics).filter { $1.isFinite }.map {
        ("inner_folds_\(metricName)_\($0.rawValue)", $1)
      })
  }

  /// Trains the candidates of an input.
  ///
  /// - Returns: nil where there are too few groups of examples for two folds.
  init?(
    _ candidates: [EncoderOptions.Kind], of input: String, _ options: ModelOptions, _ data: TrainingData,
    train: [Int], seed: UInt64
  ) {
    let limit = Self.rowLimit
    var all = data.division
    all.validation = []
    all.train = train.count <= limit ? train : (0..<limit).map { train[$0 * train.count / limit] }
    let groups = Set(all.train.map { data.examples.groups[$0] }).count
    guard groups > 1,
      let folds = try? all.validationFolds(min(Self.folds, groups), of: data.examples, seed: seed)
    else { return nil }
    var single = options
    (single.ensemble, single.blend) = (1, [])
    single.training.validatesNothing()
    let jobs = candidates.flatMap { kind in folds.map { (kind: kind, division: $0) } }
    var found = [Double](repeating: .infinity, count: jobs.count)
    found.withUnsafeMutableBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      let single = single
      ThreadTeam.current.forEachShare(jobs.count) { job in
        var (own, part) = (single, data)
        own.inputs[input]!.encoder.kind = jobs[job].kind
        part.division = jobs[job].division
        let held = part.division.validation
        part.division.validation = []
        guard let training = try? Training(part, options: own, seed: seed, keepsBackground: false).completed()
        else { return }
        let metric = training.metric(of: held)
        slots[job] = metric.isFinite ? metric : .infinity
      }
    }
    let held = folds.map { Double($0.validation.count) }, sum = held.reduce(0, +)
    metrics = candidates.indices.map { i in
      zip(found[(i * folds.count)..<((i + 1) * folds.count)], held).reduce(0) { $0 + $1.0 * $1.1 } / sum
    }
    (self.input, kinds) = (input, candidates)
    metricName = Objectives.unfitted(data.examples.target).metricName
  }
}

extension ModelOptions {
  /// The options in which training examples have chosen every architecture that is left to them, one input after the other.
  package func choosingArchitectures(_ data: TrainingData, train: [Int], seed: UInt64) -> (
    options: ModelOptions, choices: [ArchitectureChoice]
  ) {
    var (options, choices) = (self, [ArchitectureChoice]())
    func left(_ options: ModelOptions) -> [String] {
      options.inputs.filter { $0.value.encoder.candidates?.isEmpty == false }.keys.sorted()
    }
    for name in left(options) {
      let candidates = options.inputs[name]!.encoder.candidates!
      options.inputs[name]!.encoder.candidates = []
      var others = options
      for other in left(options) {
        others.inputs[other]!.encoder.kind = options.inputs[other]!.encoder.candidates![0]
        others.inputs[other]!.encoder.candidates = []
      }
      let choice =
        candidates.count > 1
        ? ArchitectureChoice(candidates, of: name, others, data, train: train, seed: seed) : nil
      options.inputs[name]!.encoder.kind = choice?.chosen ?? candidates[0]
      if let choice { choices.append(choice) }
    }
    return (options, choices)
  }
}
