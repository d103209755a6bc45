import LigaseTensors

/// The context of a forward pass: whether this is training, the random numbers of dropout, and the changes of
/// running statistics of normalisation layers.
///
/// ```swift
/// let dropout = Dropout(0.5)
/// let dropped = dropout(.ones([2, 4]), .training(SeededGenerator(seed: 1)))  // zeros and twos
/// let same = dropout(.ones([2, 4]), .inference)      // ones
/// ```
public final class Context {
  /// Whether dropout and batch statistics are used.
  public let isTraining: Bool
  /// Whether models compute equal steps once (`SharedSteps`), without gradients.
  package let sharesEqualSteps: Bool
  private var random: SeededGenerator
  private var changes: [(old: Tensor, new: Tensor)] = []

  private var path: [String] = []
  /// The outputs of layers, by the dotted name of the layer; nil unless the caller sets it to store them.
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

  /// The weight of this batch in the running statistics of normalisation layers, which then compute with the
  /// statistics of the batch though this is no training; nil in all other contexts.
  let statisticsWeight: Float?

  private init(
    isTraining: Bool, sharesEqualSteps: Bool = false, statisticsWeight: Float? = nil, random: SeededGenerator
  ) {
    self.isTraining = isTraining
    self.sharesEqualSteps = sharesEqualSteps
    self.statisticsWeight = statisticsWeight
    self.random = random
  }

  /// Calls `body` with `name` as a prefix of the names of layers.
  func within<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    path.append(name)
    defer { path.removeLast() }
    return try body()
  }

  /// Stores the output of the current layer, if activations are stored, and returns it.
  func keeping(_ output: Grids) -> Grids {
    if activations != nil { activations![path.joined(separator: ".")] = output }
    return output
  }

  /// A context without randomness and changes; gradients can be computed.
  public static var inference: Context { Context(isTraining: false, random: SeededGenerator(seed: 0)) }

  /// A context for predictions without gradients: models compute equal steps once.
  package static var prediction: Context {
    Context(isTraining: false, sharesEqualSteps: true, random: SeededGenerator(seed: 0))
  }

  /// Returns a context for one training step.
  public static func training(_ random: SeededGenerator) -> Context {
    Context(isTraining: true, random: random)
  }

  /// Returns a context for computing the running statistics anew as means over batches, without dropout.
  ///
  /// - Parameter batch: the number of batches before this one.
  static func statistics(batch: Int, _ random: SeededGenerator) -> Context {
    Context(isTraining: false, statisticsWeight: 1 / Float(batch + 1), random: random)
  }

  /// Returns a new key for one use of randomness, such as one dropout mask.
  public func nextKey() -> UInt64 { random.next() }

  /// Records that the buffer `old` becomes `new`, of the same shape, after this step.
  public func change(_ old: Tensor, to new: Tensor) {
    require(
      old.shape == new.shape, "Context.change: a buffer of shape \(old.shape) cannot become \(new.shape)")
    changes.append((old, new))
  }

  /// The buffers that change after this step.
  var changedBuffers: [Tensor] { changes.map(\.old) }

  /// Applies the recorded changes to the model.
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
