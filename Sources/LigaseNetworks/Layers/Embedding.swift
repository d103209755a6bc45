import LigaseTensors

/// A learned vector for each of a fixed number of tokens: an embedding.
///
/// ```swift
/// let embedding = Embedding(4, 8, from: .drawing(seed: 1))
/// let vectors = embedding(Ragged<Int32>([[0, 1, 2, 3], [3, 3]]))  // two sequences, rows [6, 8]
/// ```
public struct Embedding: Module {
  /// `[tokens, C]`.
  public var weight: Tensor

  /// Creates vectors drawn from the standard normal distribution, PyTorch's default, times `deviation`.
  public init(_ tokenCount: Int, _ size: Int, deviation: Float = 1, from weights: WeightBuilder) {
    weight = weights.normal("weight", [tokenCount, size], deviation: deviation)
  }

  /// Returns one row for each token: `[tokens in all, C]` in the sequences' layout.
  public func callAsFunction(_ tokens: Ragged<Int32>) -> Grids {
    Grids(values: weight.gatheredRows(tokens.elements), layout: tokens.layout)
  }

  /// Returns one row for each index, `[indices, C]`.
  package func callAsFunction(_ indices: [Int32]) -> Tensor { weight.gatheredRows(indices) }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) { visit("weight", &weight) }
}
