import LigaseDatasets
import LigaseFormats

/// The prediction for one example.
public struct Prediction: Sendable {
  /// The ids of the example, one for each key column.
  public let ids: [String]
  /// The prediction as text: the class, the labels joined by `;`, the number, or a letter for each residue.
  public let text: String
  /// The outputs by name: probabilities of classes or labels, or values. Empty where every residue has its own.
  public let outputs: [String: Float]
}

/// The predictions of a model for some examples, in their order.
///
/// ```swift
/// let model = try Model(contentsOf: "tissue.safetensors")
/// let predictions = try model.predict(inputs: [.expression("patients.tsv", key: "patient")])
/// for prediction in predictions { print(prediction.ids[0], prediction.text, prediction.outputs) }
/// try predictions.write(to: "predictions.tsv")
/// ```
public struct Predictions: RandomAccessCollection, Sendable {
  /// The names of the key columns.
  public let keyColumns: [String]
  /// The names of the outputs of the model.
  package let outputNames: [String]
  /// Notes about missing or skipped records and those that were not in training.
  public let notes: [String]
  private let predictions: [Prediction]
  private let model: Model
  private let examples: Examples

  init(_ model: Model, _ examples: Examples, notes: [String]) throws {
    let objective = model.manifest.objective.base, k = objective.outputCount
    let outputs = model.predict(examples)
    var (predictions, at) = ([Prediction](), 0)
    for row in 0..<examples.count {
      let ids = examples.keys.columns.map { $0[row] }
      guard objective.isOfSteps else {
        let values = outputs[(row * k)..<((row + 1) * k)]
        predictions.append(
          Prediction(
            ids: ids, text: objective.text(of: values),
            outputs: Dictionary(zip(objective.names, values), uniquingKeysWith: { first, _ in first })))
        continue
      }
      var texts: [String] = []
      for _ in 0..<examples.inputs[0].stepCount(of: row) {
        texts.append(objective.text(of: outputs[at..<(at + k)]))
        at += k
      }
      // Classes of residues are letters.
      let isOfLetters = examples.inputs[0].records is SequenceRecords
      predictions.append(
        Prediction(ids: ids, text: texts.joined(separator: isOfLetters ? "" : ";"), outputs: [:]))
    }
    keyColumns = examples.keys.names
    outputNames = objective.names
    self.notes = notes
    (self.predictions, self.model, self.examples) = (predictions, model, examples)
  }

  /// The position of the first prediction: 0.
  public var startIndex: Int { 0 }
  /// The number of predictions.
  public var endIndex: Int { predictions.count }
  /// The prediction for an example.
  public subscript(position: Int) -> Prediction { predictions[position] }

  /// Writes the table that `ligase predict` writes.
  public func write(to path: String, overwrite: Bool = false) throws {
    let output = try OutputFile(path, overwrite: overwrite)
    try write(to: output)
    try output.close()
  }

  func write(to output: OutputFile) throws {
    try PredictionTable(model, for: examples, to: output).write(examples)
  }
}

extension Objective {
  /// Returns the prediction of outputs as text.
  func text(of outputs: ArraySlice<Float>) -> String {
    switch self {
    case is LabelsObjective: zip(names, outputs).filter { $1 >= 0.5 }.map(\.0).joined(separator: ";")
    case is SurvivalObjective: outputs.first.map { "\($0)" } ?? ""
    case is ValuesObjective: outputs.map { "\($0)" }.joined(separator: ";")
    default: outputs.indexOfLargest.map { names[$0 - outputs.startIndex] } ?? ""
    }
  }
}
