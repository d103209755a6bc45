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

/// How loss and gradient of a batch are put together from its parts: on the threads of this process, and the place for
/// a strategy over several processes.
///
/// Whoever computes a part, the result must be the same bytes: the number of parts decides them, not that of workers.
package protocol BatchReduction: Sendable {
  /// Loss and gradient of a batch.
  ///
  /// - Parameters:
  ///   - model: the point.
  ///   - parts: the number of parts.
  ///   - penalty: a term of the parameters alone, added to the mean loss.
  ///   - loss: the loss of a part, nil for one without examples; it may be called on several threads at once.
  func gradient<Model: Module>(
    at model: Model, parts: Int, penalty: ((Model) -> Tensor?)?, _ loss: @Sendable (Model, Int) -> LossSum?
  ) -> BatchGradient<Model>
}

/// The batch as one part: the gradient of its mean loss.
package struct WholeBatch: BatchReduction {
  /// The strategy has no settings.
  package init() {}

  /// Loss and gradient of a batch of one part.
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

/// Parts on the threads of this process. The sums of losses, weights and gradients are added over a binary tree of parts
/// that depends on their number alone, and divided by the total weight afterwards.
package struct PartsOnThreads: BatchReduction {
  /// The strategy has no settings.
  package init() {}

  /// Loss and gradient of a batch.
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

  /// The sums of some parts.
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

    /// Adds the halves of the parts, each added in the same way.
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
