import LigaseTensors

/// One row for each example: all places of the first channel, then those of the second, as PyTorch's `Flatten` over `N C …`.
///
/// ```
/// let rows = Flatten()(Grids(channelsFirst: .ones([2, 3, 4, 4])), .inference)  // [2, 48]
/// ```
package struct Flatten: Layer {
  package init() {}

  /// Returns `[N, C × places]`; all examples must have the same extents.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    let first = input.channelsFirst()
    return Grids(rows: first.reshaped([input.count, first.count / max(input.count, 1)]))
  }

  package mutating func visitParameters(_ visit: ParameterVisitor) {}
}
