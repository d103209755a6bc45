import LigaseTensors

/// What travels through a forward pass beside the data: whether this is training, dropout's randomness, and the
/// running statistics that normalisation layers want to change.
///
/// ```swift
/// let dropout = Dropout(0.5)
/// let dropped = dropout(.ones([2, 4]), .training(SeededGenerator(seed: 1)))  // zeros and twos
/// let same = dropout(.ones([2, 4]), .inference)      // ones
/// ```
public final class Context {
  /// Whether dropout drops and batch statistics are used.
  public let isTraining: Bool
  /// Whether models compute equal steps once (`SharedSteps`), which keeps no history.
  package let sharesEqualSteps: Bool
  private var random: SeededGenerator
  private var changes: [(old: Tensor, new: Tensor)] = []

  private var path: [String] = []
  /// What layers returned, by the dotted name of the layer, where the context keeps it; else nil.
  ///
  /// ```swift
  /// let network = Sequential([Linear(4, 8, from: .drawing(seed: 1)), Activation.relu])
  /// let context = Context.inference
  /// context.activations = [:]
  /// let x = Grids(values: Tensor.ones([5, 4]).tracked(), layout: GridLayout(lengths: [2, 3]))
  /// let score = network(x, context).values.sum()
  /// gradients(of: score, at: [context.activations!["1"]!.values])
  /// ```
  public var activations: [String: Grids]?

  private init(isTraining: Bool, sharesEqualSteps: Bool = false, random: SeededGenerator) {
    self.isTraining = isTraining
    self.sharesEqualSteps = sharesEqualSteps
    self.random = random
  }

  /// Calls `body`, inside of which the names of layers begin with `name`.
  func within<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    path.append(name)
    defer { path.removeLast() }
    return try body()
  }

  /// Keeps what the current layer returned where activations are kept.
  func keeping(_ output: Grids) -> Grids {
    if activations != nil { activations![path.joined(separator: ".")] = output }
    return output
  }

  /// A context in which nothing is random and nothing changes; gradients can be asked.
  public static var inference: Context { Context(isTraining: false, random: SeededGenerator(seed: 0)) }

  /// The same for predictions alone, without gradients: models compute equal steps once.
  package static var prediction: Context {
    Context(isTraining: false, sharesEqualSteps: true, random: SeededGenerator(seed: 0))
  }

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
