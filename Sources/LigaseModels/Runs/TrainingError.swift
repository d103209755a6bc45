import LigaseFormats

/// A training run that cannot go on: loss or weights are no longer finite numbers.
package struct TrainingError: RemediedError, CustomStringConvertible, Hashable, Sendable {
  /// What was found and what was expected.
  package let description: String
  /// What a user can do about it, where something helps.
  package let remedy: Remedy?

  init(_ description: String, remedy: Remedy? = nil) {
    self.description = description
    self.remedy = remedy
  }
}
