import LigaseTensors

/// In training, sets all positions of a channel of an example to zero with a probability and scales the other
/// channels so that the mean stays (Tompson et al., 2015); otherwise does nothing. PyTorch's `Dropout1d`,
/// `Dropout2d` and `Dropout3d`.
///
/// ```
/// let dropout = ChannelDropout(0.25)
/// let images = Grids(channelsFirst: .ones([2, 16, 8, 8]))
/// let y = dropout(images, .training(SeededGenerator(seed: 1)))  // whole channels are zero
/// ```
package struct ChannelDropout: Layer {
  /// The dropout rate.
  package let probability: Float

  /// Creates a layer with a dropout rate.
  package init(_ probability: Float) {
    require(probability >= 0 && probability <= 1, "ChannelDropout: \(probability) is not a probability")
    self.probability = probability
  }

  /// Returns the same positions and channels.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    guard context.isTraining, probability > 0 else { return input }
    return input.droppingChannels(probability: probability, key: context.nextKey())
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {}
}
