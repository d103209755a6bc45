import LigaseDatasets

/// A preset: what a kind of job learns from, and the options that it has where the user makes no choice. A task is one file
/// here, and one in the command that reads its files.
package protocol Task {
  /// The name of its subcommands, under which model files know it.
  static var name: String { get }
  /// Whether every step of an example has an output.
  static var isOfSteps: Bool { get }
  /// The noun for examples.
  static var unit: String { get }
  /// The defaults for some data.
  static func defaults(for data: TrainingData, _ choice: TaskChoice) -> ModelOptions
  /// The settings that a user can name; empty where there is one only.
  static var settings: [String] { get }
  /// The key columns of which whole values are drawn for validation: those whose values are new in the prediction setting.
  static func validationKeys(of setting: String?, _ examples: Examples) -> [String]
  /// The input that options of one encoder mean, such as the kind of network.
  static var mainInput: String { get }
}

extension Task {
  package static var isOfSteps: Bool { false }
  package static var settings: [String] { [] }
  package static func validationKeys(of setting: String?, _ examples: Examples) -> [String] { [] }
}

/// What a user chose before the defaults are known.
package struct TaskChoice: Sendable {
  /// The kind of the main input's encoder.
  package var kind: EncoderOptions.Kind?
  /// The setting.
  package var setting: String?

  package init(kind: EncoderOptions.Kind? = nil, setting: String? = nil) {
    (self.kind, self.setting) = (kind, setting)
  }
}

extension ModelOptions {
  /// Options of one input.
  init(_ input: ExampleInput, _ encoder: EncoderOptions) {
    self.init(inputs: [input.name: .init(input.modality, encoder)])
  }
}
