import LigaseTensors

/// The mean or the largest value of each channel over equal parts of each example, as many as asked for whatever
/// its extents: PyTorch's `AdaptiveAvgPool` and `AdaptiveMaxPool`. With one place along each axis it pools all
/// positions.
///
/// ```
/// let pool = AdaptivePool(.average, to: [1, 1])
/// let means = pool(Grids(channelsFirst: .ones([2, 3, 7, 9])), .inference)  // two images of 1 x 1 pixels
/// ```
package struct AdaptivePool: Layer {
  /// The kinds of pooling.
  package enum Kind: Sendable {
    /// The mean of each part.
    case average
    /// The largest value of each part.
    case max
  }

  /// The kind of pooling.
  package let kind: Kind
  /// The number of places along each spatial axis.
  package let places: [Int]

  /// Creates a pooling to `places` along each of one to three spatial axes.
  package init(_ kind: Kind, to places: [Int]) { (self.kind, self.places) = (kind, places) }

  /// Returns the pooled examples, all of the same extents.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    switch kind {
    case .average: input.adaptiveAveragePooled(to: places)
    case .max: input.adaptiveMaxPooled(to: places)
    }
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {}
}
