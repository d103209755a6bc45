import LigaseTensors

/// The loss of a batch and its gradient.
package struct BatchGradient<Model: Module>: Sendable {
  /// The weighted mean of the losses, with the penalty.
  package var loss: Float
  /// The total weight of the batch.
  package var weight: Double
  /// The gradient of `loss`.
  package var gradient: Model
}

/// The computation of loss and gradient of a batch from its parts: in the threads of this process, or by an
/// implementation for several processes.
///
/// The result must have the same bytes on any number of workers; it may depend on the number of parts.
package protocol BatchReduction: Sendable {
  /// Returns loss and gradient of a batch.
  ///
  /// - Parameters:
  ///   - model: the model at which the gradient is computed.
  ///   - parts: the number of parts.
  ///   - penalty: a term that depends on the parameters alone, added to the mean loss.
  ///   - loss: returns the loss of a part, nil for one without examples; it may be called in several threads
  ///     at once.
  func gradient<Model: Module>(
    at model: Model, parts: Int, penalty: ((Model) -> Tensor?)?, _ loss: @Sendable (Model, Int) -> LossSum?
  ) -> BatchGradient<Model>
}

/// The batch as one part, with the gradient of its mean loss.
package struct WholeBatch: BatchReduction {
  /// Creates the strategy, which has no settings.
  package init() {}

  /// Returns loss and gradient of a batch of one part.
  package func gradient<Model: Module>(
    at model: Model, parts: Int, penalty: ((Model) -> Tensor?)?, _ loss: @Sendable (Model, Int) -> LossSum?
  ) -> BatchGradient<Model> {
    require(parts == 1, "WholeBatch: found \(parts) parts, expected 1")
    var weight = 0.0
    let (value, gradient) = valueWithGradient(at: model) { model in
      let part = loss(model, 0)
      weight = part?.weight ?? 0
      let mean = part?.mean ?? Tensor(0)
      return penalty?(model).map { mean + $0 } ?? mean
    }
    return BatchGradient(loss: value.scalar, weight: weight, gradient: gradient)
  }
}

/// The parts in the threads of this process. Sums of losses, weights and gradients are added over a binary
/// tree that depends on the number of parts alone, and divided by the total weight afterwards.
package struct PartsOnThreads: BatchReduction {
  /// Creates the strategy, which has no settings.
  package init() {}

  /// Returns loss and gradient of a batch.
  package func gradient<Model: Module>(
    at model: Model, parts: Int, penalty: ((Model) -> Tensor?)?, _ loss: @Sendable (Model, Int) -> LossSum?
  ) -> BatchGradient<Model> {
    var found = [Sum<Model>?](repeating: nil, count: parts)
    found.withUnsafeMutableBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      ThreadTeam.current.forEachShare(parts) { slots[$0] = Sum(at: model, part: $0, loss) }
    }
    guard let total = Sum.tree(found[...]) else {
      return WholeBatch().gradient(at: model, parts: 1, penalty: penalty) { _, _ in nil }
    }
    let divisor = total.weight == 0 ? 1 : total.weight
    var result = BatchGradient(
      loss: Float(total.loss / divisor), weight: total.weight, gradient: total.gradient)
    result.gradient.divideParameters(by: divisor)
    if let penalty {
      let term = WholeBatch().gradient(at: model, parts: 1, penalty: penalty) { _, _ in nil }
      result.loss += term.loss
      result.gradient.addParameters(of: term.gradient)
    }
    return result
  }

  /// The sums over some parts.
  private struct Sum<Model: Module>: Sendable {
    var loss, weight: Double
    var gradient: Model

    /// Computes one part.
    init?(at model: Model, part: Int, _ loss: (Model, Int) -> LossSum?) {
      var weight: Double?
      let (value, gradient) = valueWithGradient(at: model) { model in
        guard let sum = loss(model, part) else { return Tensor(0) }
        weight = sum.weight
        return sum.sum
      }
      guard let weight else { return nil }
      (self.loss, self.weight, self.gradient) = (Double(value.scalar), weight, gradient)
    }

    /// Returns the sum of the two halves of the parts, each added in the same way.
    static func tree(_ parts: ArraySlice<Sum?>) -> Sum? {
      guard parts.count > 1 else { return parts.first ?? nil }
      let middle = parts.startIndex + (parts.count + 1) / 2
      guard var left = tree(parts[..<middle]) else { return tree(parts[middle...]) }
      guard let right = tree(parts[middle...]) else { return left }
      left.loss += right.loss
      left.weight += right.weight
      left.gradient.addParameters(of: right.gradient)
      return left
    }
  }
}
