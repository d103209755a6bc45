import LigaseFormats

/// A training that cannot begin or go on.
package struct TrainingError: RemediedError, CustomStringConvertible, Hashable, Sendable {
  /// What was found and what was expected.
  package let description: String
  /// What a user can do about it, where something helps.
  package let remedy: Remedy?
  /// Whether loss, gradients or weights are no longer finite, rather than something that cannot be trained.
  package let isDivergence: Bool

  init(_ description: String, remedy: Remedy? = nil, isDivergence: Bool = false) {
    self.description = description
    self.remedy = remedy
    self.isDivergence = isDivergence
  }
}
