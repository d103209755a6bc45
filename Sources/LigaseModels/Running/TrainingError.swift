/// A training run that cannot go on: loss or weights are no longer finite numbers.
public struct TrainingError: Error, CustomStringConvertible, Hashable, Sendable {
  /// What was found and what was expected.
  public let description: String

  init(_ description: String) { self.description = description }
}
