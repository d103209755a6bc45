import LigaseTensors

/// The outputs of several branches on the same input, concatenated by channels, in order; a branch without layers
/// is the input itself. The outputs have one layout. The parameters of branch i are named `i.…`.
///
/// ```
/// let weights = WeightBuilder.drawing(seed: 1)
/// let dense = Concatenating([
///   Sequential([]),
///   Sequential([Convolution(8, 4, kernelSize: 3, padding: .same, from: weights.nested("1.0")), Activation.relu]),
/// ])                                                 // 8 channels to 12
/// ```
package struct Concatenating: Layer {
  /// The branches.
  package var branches: [Sequential]

  /// Creates a concatenation of at least one branch.
  package init(_ branches: [Sequential]) {
    require(!branches.isEmpty, "Concatenating: no branch")
    self.branches = branches
  }

  /// Returns the channels of all branches.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    .concatenatingChannels(
      branches.enumerated().map { i, branch in context.within("\(i)") { branch(input, context) } })
  }

  /// Visits the branches under their indices.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    for i in branches.indices { branches[i].visitParameters(visit.nested("\(i)")) }
  }
}
