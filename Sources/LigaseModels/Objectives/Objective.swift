internal import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// The meaning of a model's outputs: loss, link function, validation metric, columns and scores. A new
/// objective is one file and one line in ``Objectives``.
package protocol Objective: Codable, Hashable, Sendable {
  /// The name of the objective in model files.
  static var name: String { get }
  /// Whether every step of an input has outputs.
  static var isOfSteps: Bool { get }

  /// Fits on training examples.
  ///
  /// - Throws: `JoinError` where the training examples cannot be learned from.
  init(fitting examples: PreparedExamples, rows: [Int], options: TrainingOptions) throws

  /// Creates an objective that is not fitted.
  init(names: [String])
  /// An objective that is not fitted, of a target.
  init(unfitted target: TargetDescription)

  /// The names of the outputs.
  var names: [String] { get }
  /// What the score of each output is, where explanations name it.
  var scoreNames: [String] { get }
  /// Numbers of a finished prediction: as many as outputs, unless more follows from them.
  var outputCount: Int { get }
  /// Whether the loss of a batch is the sum of the losses of its examples.
  static var isAdditive: Bool { get }
  /// Whether losses are of segments of examples, whose every place has outputs.
  static var readsSegments: Bool { get }
  /// The reason why the objective cannot be used, if any.
  var problem: String? { get }
  /// The validation metric; smaller is better.
  var metricName: String { get }

  /// Returns the observations as targets of the loss.
  func targets(of examples: PreparedExamples) -> Observations
  /// Returns the loss of outputs for some examples, as sum and weight.
  func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int]) -> LossSum
  /// Returns the loss of the outputs of some time steps of each example, where every step has outputs.
  func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int], steps: Range<Int>) -> LossSum
  /// Returns the outputs of one network as they are averaged over networks: probabilities, or unchanged
  /// values.
  func link(_ outputs: Tensor) -> Tensor
  /// Returns averaged outputs as users see them, in the unit of the data.
  func finished(_ outputs: [Float], _ inputs: PreparedInputs, rows: [Int]) -> [Float]
  /// Returns the validation metric of finished predictions.
  func metric(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> Double
  /// Returns a well-known score to report with the metric, such as the accuracy; nil where there is none.
  func score(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> (name: String, value: Double)?
  /// Returns the number of training examples, or steps, of each class; empty where there are no classes.
  func classCounts(_ observed: Observations, rows: [Int]) -> [Int]
  /// Returns the outputs that fit best without any input; nil where the loss has none.
  func initialOutputs(classCounts: [Int]) -> Tensor?
  /// Fits what depends on the outputs of the trained network.
  ///
  /// - Parameters:
  ///   - outputs: averaged outputs of the training examples.
  ///   - rows: the training examples.
  mutating func complete(outputs: [Float], _ observed: Observations, rows: [Int])
  /// The censoring curve of training examples, times and probabilities; nil where nothing is censored.
  func censoring(_ observed: Observations, rows: [Int]) -> [[Double]]?

  /// The columns of predictions after the key columns.
  var columns: [String] { get }
  /// Writes the fields of one prediction.
  func write(_ outputs: ArraySlice<Float>, to writer: TSVWriter) throws
  /// The target in the output of `info`.
  var summary: [(name: String, value: String)] { get }
  /// Evaluates predictions of several models on some examples.
  func judge(
    _ models: [(name: String, outputs: [Float])], _ observed: Observations, rows: [Int], keys: KeyColumns,
    bootstrap: Bootstrap
  ) throws -> JudgedModels
}

extension Objective {
  /// The number of outputs, K.
  package var count: Int { names.count }
  package var outputCount: Int { count }
  package var scoreNames: [String] { names }
  package init(unfitted target: TargetDescription) { self.init(names: target.names) }
  package static var isAdditive: Bool { true }
  package static var readsSegments: Bool { false }
  package mutating func complete(outputs: [Float], _ observed: Observations, rows: [Int]) {}
  package func censoring(_ observed: Observations, rows: [Int]) -> [[Double]]? { nil }

  package func finished(_ outputs: [Float], _ inputs: PreparedInputs, rows: [Int]) -> [Float] { outputs }
  package func targets(of examples: PreparedExamples) -> Observations { examples.examples.observations }
  package func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int], steps: Range<Int>) -> LossSum {
    preconditionFailure("\(Self.name): examples have one output, not one a step")
  }
  package func classCounts(_ observed: Observations, rows: [Int]) -> [Int] { [] }
  package func score(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> (
    name: String, value: Double
  )? { nil }
  package func initialOutputs(classCounts: [Int]) -> Tensor? { nil }
  package var isOfSteps: Bool { Self.isOfSteps }
  package var readsSegments: Bool { Self.readsSegments }

  /// Returns targets and weights of some examples; unknown targets have the weight 0.
  func known(_ targets: Observations, rows: [Int]) -> (values: Tensor, weights: LossWeights) {
    let values = targets.numbers(of: rows)
    let known = values.map { !$0.isNaN }
    return (
      Tensor(values.map { $0.isNaN ? 0 : $0 }, shape: [rows.count, targets.width]),
      known.allSatisfy { $0 } ? .equal : LossWeights(mask: known)
    )
  }
}

/// The mean of `-ln p`.
struct CrossEntropyMean {
  private var (sum, count) = (0.0, 0)

  mutating func add(_ probability: Float) {
    sum -= log(Double(max(probability, 1e-12)))
    count += 1
  }

  var value: Double { sum / Double(max(count, 1)) }
}

/// The available objectives.
package enum Objectives: Registry {
  static let all: [any Objective.Type] = [
    ClassesObjective.self, LabelsObjective.self, ValuesObjective.self, StepClassesObjective.self,
    SurvivalObjective.self, VoxelClassesObjective.self,
  ]

  package static let tag = "objective"
  package static func name(of base: any Objective) -> String { type(of: base).name }
  package static func kind(named name: String) -> (any Decodable.Type)? { named(name) }
  static func named(_ name: String) -> (any Objective.Type)? { all.first { $0.name == name } }

  /// Returns an objective that only knows the names of its outputs, which suffices to write and evaluate
  /// predictions.
  package static func unfitted(_ target: TargetDescription) -> any Objective {
    guard let type = named(target.objective) else {
      preconditionFailure("Objectives: no objective \(target.objective)")
    }
    return type.init(unfitted: target)
  }

  /// Returns the objective of some examples, fitted on the training examples.
  static func fit(_ examples: PreparedExamples, rows: [Int], options: TrainingOptions) throws -> AnyObjective
  {
    guard !rows.isEmpty else { throw JoinError("the training subset is empty") }
    guard let type = named(examples.examples.target.objective) else {
      preconditionFailure("Objectives: no objective \(examples.examples.target.objective)")
    }
    return AnyObjective(try type.init(fitting: examples, rows: rows, options: options))
  }
}

/// Any objective, encoded with its name.
package typealias AnyObjective = Registered<Objectives>
