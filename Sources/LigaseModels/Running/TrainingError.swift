import LigaseFormats

/// A training run that cannot go on: loss or weights are no longer finite numbers.
public struct TrainingError: RemediedError, CustomStringConvertible, Hashable, Sendable {
  /// What was found and what was expected.
  public let description: String
  /// What a user can do about it, where something helps.
  public let remedy: Remedy?

  init(_ description: String, remedy: Remedy? = nil) {
    self.description = description
    self.remedy = remedy
  }
}
