import LigaseDatasets

/// A preset for a kind of job: its inputs and default options. A task is one file here, and one in the
/// command that reads its files.
package protocol Task {
  /// The name of its subcommands and in model files.
  static var name: String { get }
  /// Whether every step of an example has outputs.
  static var isOfSteps: Bool { get }
  /// The noun for examples.
  static var unit: String { get }
  /// Returns the default options for some data.
  static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions
  /// The settings that a user can choose; empty where there is only one.
  static var settings: [String] { get }
  /// Returns the key columns of which whole values are drawn for validation: those whose values are new in
  /// the prediction setting.
  static func validationKeys(of setting: String?, _ examples: Examples) -> [String]
  /// The input to which options of a single encoder apply, such as the architecture.
  static var mainInput: String { get }
}

extension Task {
  package static var isOfSteps: Bool { false }
  package static var settings: [String] { [] }
  package static func validationKeys(of setting: String?, _ examples: Examples) -> [String] { [] }
}

/// The user's choices that affect the defaults.
package struct TaskChoice: Sendable {
  /// The kind of encoder of the main input.
  package var kind: EncoderOptions.Kind?
  /// The prediction setting.
  package var setting: String?

  package init(kind: EncoderOptions.Kind? = nil, setting: String? = nil) {
    (self.kind, self.setting) = (kind, setting)
  }
}

extension ModelOptions {
  /// Creates options with one input.
  init(_ input: ExampleInput, _ encoder: EncoderOptions) {
    self.init(inputs: [input.name: .init(input.modality, encoder)])
  }
}
