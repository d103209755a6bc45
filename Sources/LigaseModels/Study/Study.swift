import LigaseDatasets
import LigaseFormats
import LigaseTensors

/// A study: the inputs and the target of a model. It trains with the defaults of the command `ligase`,
/// including the retraining on validation examples.
///
/// ```swift
/// let pairs = try Table(contentsOf: "response.tsv")
/// let study = Study(
///   inputs: [.expression("cells.tsv", key: "cell_line"), .smiles("drugs.tsv", key: "drug")],
///   objective: .values("ln_IC50"))
/// let model = try study.train(on: pairs, seed: 1)
/// for prediction in try model.predict(pairs) { print(prediction.ids, prediction.text) }
/// try model.write(to: "response.safetensors")
/// ```
public struct Study: Sendable {
  /// The inputs of an example.
  let inputs: [Input]
  /// The target of the prediction.
  let objective: Objective
  private let architecture: String?
  private let configuration: String?

  /// Creates a study.
  ///
  /// - Parameters:
  ///   - inputs: one input, or expression and SMILES.
  ///   - objective: the target of the prediction.
  ///   - architecture: the kind of network, as `--architecture` names it: `lstm`, `cnn`, …; nil takes the task's default.
  ///   - configuration: a JSON file of options, as `--config` takes it.
  public init(
    inputs: [Input], objective: Objective, architecture: String? = nil, configuration: String? = nil
  ) {
    self.inputs = inputs
    self.objective = objective
    self.architecture = architecture
    self.configuration = configuration
  }

  /// Trains a model.
  ///
  /// - Parameters:
  ///   - examples: a row for each example: key columns, labels, and sequences that are in a column. Nil for
  ///     labels of residues, whose examples are the sequences.
  ///   - split: a split of the examples; nil draws a fraction for validation where the task's defaults
  ///     require it.
  ///   - fold: the test fold of a split in folds.
  ///   - seed: the seed of all randomness: the same seed gives the same model.
  ///   - epochs: the maximum number of epochs; nil takes the task's default.
  ///   - report: called with notes about the joins, the split and the network.
  /// - Throws: `FormatError` for files that cannot be read, and an error with a description in one line for
  ///   data that do not fit, options that cannot be used, and a training that diverges.
  public func train(
    on examples: Table? = nil, split: Split? = nil, fold: Int = 0, seed: UInt64 = 0, epochs: Int? = nil,
    report: (String) -> Void = { _ in }
  ) throws -> Model {
    let preset = try preset()
    let read = try labelledExamples(examples, preset)
    read.notes.forEach(report)
    var data = TrainingData(task: preset.name, unit: preset.unit, examples: read)
    data.recordColumn = inputs[0].column
    let first = try options(data, preset, epochs)
    let share = first.training.validationShare
    if let split {
      data.division = try Division(of: read, by: split, fold: fold, validationShare: share, seed: seed)
    } else {
      data.division = try Division(
        of: read, validationShare: share,
        wholeValuesOf: preset.validationKeys(of: first.setting, read), seed: seed)
    }
    data.division.report.forEach(report)
    let options = split == nil ? first : try options(data, preset, epochs)
    let training = try Training(data, options: options, seed: seed)
    training.report.forEach(report)
    var model = try training.completed()!.model
    model.blendReport.forEach(report)
    model.sources = inputs
    return model
  }

  /// The task's defaults, then the configuration, then the arguments.
  private func options(_ data: TrainingData, _ preset: any Task.Type, _ epochs: Int?) throws -> ModelOptions {
    var choice = TaskChoice()
    if let architecture {
      guard let kind = EncoderOptions.Kind(rawValue: architecture) else {
        throw TrainingError(
          "found the architecture '\(architecture)', expected one of "
            + FormatError.list(EncoderOptions.Kind.allCases.map(\.rawValue)))
      }
      choice.kind = kind
    }
    var options = preset.options(for: data, choice)
    if let configuration { options = try Configuration(contentsOf: configuration).laid(over: options) }
    if case .values(_, let offsets?) = objective.kind {
      options.training.offsets = try offsets.map { key in
        guard let input = data.examples.inputs.first(where: { $0.keyColumn == key }) else {
          throw JoinError("found offsets of '\(key)', expected key columns of inputs")
        }
        return input.name
      }
    }
    if let epochs { options.training.epochs = epochs }
    if let problem = options.problem { throw TrainingError(problem) }
    return options
  }

  /// Returns the task with such inputs and such an objective.
  private func preset() throws -> any Task.Type {
    let names = inputs.map(\.modality)
    if case .residues = objective.kind, names == [SequenceModality.name] { return ResiduesTask.self }
    switch names {
    case [SequenceModality.name]: return SequenceTask.self
    case [ExpressionModality.name]: return ExpressionTask.self
    case [GenotypeModality.name]: return GenotypeTask.self
    case [ExpressionModality.name, SMILESModality.name]: return DrugResponseTask.self
    case [ClinicalModality.name]: return TableTask.self
    case [SeriesModality.name]: return SeriesTask.self
    case []: throw TrainingError("found no inputs, expected at least one")
    default: return MultimodalTask.self
    }
  }
}

extension Study {
  /// The target of the prediction for each example.
  public struct Objective: Sendable {
    enum Kind: Sendable {
      case classes(String)
      case labels([String])
      case values([String], offsets: [String]?)
      case residues(String, mask: String?)
      case survival(SurvivalLabels)
    }

    let kind: Kind

    /// One of several classes, in a column of the examples.
    public static func classes(_ column: String) -> Objective { Objective(kind: .classes(column)) }

    /// Any of several labels: a column of 0 and 1 for each, or one column in which labels are joined by `;`.
    public static func labels(_ columns: String...) -> Objective { Objective(kind: .labels(columns)) }

    /// Numbers, in one or more columns.
    ///
    /// - Parameters:
    ///   - columns: the columns of numbers.
    ///   - offsets: the key columns whose effects are subtracted first; nil uses the task's default.
    public static func values(_ columns: String..., offsets: [String]? = nil) -> Objective {
      Objective(kind: .values(columns, offsets: offsets))
    }

    /// The time to an event, right-censored.
    ///
    /// - Parameters:
    ///   - time: the column of times.
    ///   - event: the column that tells whether the event was observed, or `COLUMN=VALUE`.
    public static func survival(time: String, event: String) -> Objective {
      Objective(kind: .survival(SurvivalLabels(time: time, event: event)))
    }

    /// A class for every residue, from FASTA with the ids and lengths of the sequences.
    ///
    /// - Parameters:
    ///   - path: the FASTA file of labels, one letter for each residue.
    ///   - mask: FASTA of 0 and 1; only residues with 1 are used.
    public static func residues(_ path: String, mask: String? = nil) -> Objective {
      Objective(kind: .residues(path, mask: mask))
    }

    /// The label columns and their interpretation.
    var columns: (names: [String], reading: Labels.Reading) {
      switch kind {
      case .classes(let column): ([column], Labels.Reading(.classes))
      case .labels(let columns): (columns, Labels.Reading(.labels))
      case .values(let columns, _): (columns, Labels.Reading(.values))
      case .residues: ([], Labels.Reading())
      case .survival(let labels): (labels.columns, Labels.Reading(survival: labels))
      }
    }
  }
}
