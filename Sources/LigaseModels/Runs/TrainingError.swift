import LigaseFormats

/// A training that cannot begin or go on.
package struct TrainingError: RemediedError, CustomStringConvertible, Hashable, Sendable {
  /// The problem: the value found and the value expected.
  package let description: String
  /// A remedy, if there is one.
  package let remedy: Remedy?
  /// Whether loss, gradients or weights are no longer finite, rather than something that cannot be trained.
  package let isDivergence: Bool

  init(_ description: String, remedy: Remedy? = nil, isDivergence: Bool = false) {
    self.description = description
    self.remedy = remedy
    self.isDivergence = isDivergence
  }
}
