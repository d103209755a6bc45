import LigaseFormats

/// An error that prevents or ends a training.
package struct TrainingError: RemediedError, CustomStringConvertible, Hashable, Sendable {
  /// The problem: the value found and the value expected.
  package let description: String
  /// A suggested remedy, if any.
  package let remedy: Remedy?
  /// Whether loss, gradients or weights are no longer finite, as opposed to data or options that cannot be
  /// used.
  package let isDivergence: Bool

  init(_ description: String, remedy: Remedy? = nil, isDivergence: Bool = false) {
    self.description = description
    self.remedy = remedy
    self.isDivergence = isDivergence
  }
}
