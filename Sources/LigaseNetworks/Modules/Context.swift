import LigaseTensors

/// What travels through a forward pass beside the data: whether this is training, dropout's randomness, and the
/// running statistics that normalisation layers want to change.
public final class Context {
  /// Whether dropout drops and batch statistics are used.
  public let isTraining: Bool
  private var random: SeededGenerator
  private var changes: [(old: Tensor, new: Tensor)] = []

  private init(isTraining: Bool, random: SeededGenerator) {
    self.isTraining = isTraining
    self.random = random
  }

  /// A context for prediction: nothing random, nothing changes.
  public static var inference: Context { Context(isTraining: false, random: SeededGenerator(seed: 0)) }

  /// A context for one training step.
  public static func training(_ random: SeededGenerator) -> Context {
    Context(isTraining: true, random: random)
  }

  /// A fresh key for one use of randomness, such as one dropout mask.
  public func nextKey() -> UInt64 { random.next() }

  /// Notes that the buffer `old` is to become `new`, of the same shape, after this step.
  public func change(_ old: Tensor, to new: Tensor) {
    require(
      old.shape == new.shape, "Context.change: a buffer of shape \(old.shape) cannot become \(new.shape)")
    changes.append((old, new))
  }

  /// The buffers that are to change after this step.
  var changedBuffers: [Tensor] { changes.map(\.old) }

  /// Carries the noted changes over to the model they came from.
  public func applyChanges<M: Module>(to model: inout M) {
    guard !changes.isEmpty else { return }
    model.updateTensors { _, role, tensor in
      guard role == .buffer else { return }
      for (old, new) in changes where tensor.sharesStorage(with: old) {
        tensor = new
        break
      }
    }
    changes = []
  }
}
