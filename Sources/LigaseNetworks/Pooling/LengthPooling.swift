import LigaseTensors

/// Pools the steps of each sequence to one row, `[sum of L, C]` to `[N, C]`, between recurrent or
/// convolutional layers and a head. An empty sequence gives zeros.
///
/// ```swift
/// let pooling = LengthPooling(.attention, size: 16, from: .drawing(seed: 1))
/// let steps = Grids(values: .ones([17, 16]), layout: GridLayout(lengths: [5, 9, 3]))
/// let rows = pooling(steps, .inference).values       // [3, 16]
/// ```
public struct LengthPooling: Layer {
  /// The kinds of pooling.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// The last step; for a bidirectional layer the last step of the forward direction and the first of the
    /// backward direction, each of which has seen the whole sequence.
    case last
    /// The mean over the sequence's own length.
    case mean
    /// The largest value of each channel.
    case max
    /// The mean weighted by the softmax over the sequence of a learned score (Bahdanau et al., 2015).
    case attention
  }

  /// The kind of pooling.
  package let kind: Kind
  /// Whether the channels are two concatenated directions.
  package let isBidirectional: Bool
  /// The scores of attention pooling; nil for other kinds.
  package var attention: AdditiveAttention?

  /// Creates a pooling of `size` channels.
  ///
  /// - Parameters:
  ///   - kind: the kind of pooling.
  ///   - size: C.
  ///   - isBidirectional: whether the first half of the channels is the forward direction and the second half
  ///     the backward direction, whose last step is the first one of the sequence.
  ///   - attentionSize: the width of the hidden layer of the scores; C when nil.
  ///   - weights: the parameters of attention pooling; the other kinds have none.
  public init(
    _ kind: Kind, size: Int, isBidirectional: Bool = false, attentionSize: Int? = nil,
    from weights: WeightBuilder
  ) {
    require(!isBidirectional || size % 2 == 0, "LengthPooling: \(size) channels are not two directions")
    self.kind = kind
    self.isBidirectional = isBidirectional
    attention =
      kind == .attention
      ? AdditiveAttention(size, attentionSize ?? size, from: weights.nested("attention")) : nil
  }

  /// Returns one row for each example.
  public func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    let rows =
      switch kind {
      case .last: last(input)
      case .mean: input.meanOverLength()
      case .max: input.maxOverLength()
      case .attention: input.sumOverLength(weightedBy: attention!.weights(of: input))
      }
    return Grids(rows: rows)
  }

  private func last(_ input: Grids) -> Tensor {
    require(
      input.layout.rank == 1, "LengthPooling: the last place of \(input.layout.rank) axes, expected sequences"
    )
    let layout = input.layout, directions = isBidirectional ? 2 : 1, channels = input.channels
    // One row for each direction: packed row r of direction d is r * D + d. Empty sequences use the zero row
    // appended at the end.
    var rows = input.values.reshaped([layout.rowCount * directions, channels / directions])
    if layout.lengths.contains(0) { rows = .concatenatedRows([rows, .zeros([1, channels / directions])]) }
    let picks = (0..<layout.count).flatMap { s -> [Int32] in
      (0..<directions).map { d in
        guard layout.lengths[s] > 0 else { return Int32(layout.rowCount * directions) }
        return Int32((d == 0 ? layout.offsets[s + 1] - 1 : layout.offsets[s]) * directions + d)
      }
    }
    return rows.gatheredRows(picks).reshaped([layout.count, channels])
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) { visit("attention", &attention) }
}

/// A learned score of every step, `v . tanh(W h + b)`, converted to weights by the softmax over each
/// sequence.
package struct AdditiveAttention: Module {
  /// W `[A, C]` and b `[A]`.
  package var projection: Linear
  /// v `[1, A]`.
  package var query: Linear

  /// Creates scores of `size` channels with a hidden layer of `hiddenSize`.
  package init(_ size: Int, _ hiddenSize: Int, from weights: WeightBuilder) {
    projection = Linear(size, hiddenSize, from: weights.nested("projection"))
    query = Linear(hiddenSize, 1, bias: false, from: weights.nested("query"))
  }

  /// Returns one weight for each step, `[sum of L, 1]`; those of a sequence sum to 1.
  package func weights(of input: Grids) -> Grids {
    input.additiveScores(weight: projection.weight, bias: projection.bias, query: query.weight)
      .softmaxOverLength()
  }

  /// Returns the weights with each distinct step scored once.
  func weights(of input: SharedSteps) -> Grids {
    input.additiveScores(weight: projection.weight, bias: projection.bias, query: query.weight)
      .softmaxOverLength()
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("projection", &projection)
    visit("query", &query)
  }
}

extension LengthPooling: SharingLayer {
  /// Returns one row for each sequence, with each distinct step scored once.
  package func sharing(_ input: SharedSteps, _ context: Context) -> SharedSteps {
    guard let attention else { return SharedSteps(alone: self(input.grids, context)) }
    return SharedSteps(
      alone: Grids(rows: input.sumOverLength(weightedBy: attention.weights(of: input))))
  }
}
