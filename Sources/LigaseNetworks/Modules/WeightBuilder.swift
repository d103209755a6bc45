import LigaseTensors

/// The source of the weights of a module: random numbers from a seed, or saved tensors whose names and shapes
/// are checked.
///
/// Each tensor is drawn from its own generator, `SeededGenerator(seed: seed, stream: "weights/" + name)`,
/// with its full dotted name. Initial values therefore depend on seed, name and shape alone, not on the rest
/// of the model or on the order in which it is built.
///
/// ```swift
/// let drawn = Linear(4, 8, from: .drawing(seed: 1))
/// let file = try Safetensors(
///   decoding: Safetensors.encode([("head.weight", drawn.weight), ("head.bias", drawn.bias!)], metadata: [:]))
/// let weights = WeightBuilder.loading { file.tensor($0) }
/// let loaded = Linear(4, 8, from: weights.nested("head"))  // asks for "head.weight" and "head.bias"
/// try weights.finish(expecting: file.names)
/// ```
/// While loading, the first tensor that does not fit is recorded for `finish`, and replaced by an empty
/// tensor of the same rank, so that no memory is allocated for the sizes in a damaged manifest.
public struct WeightBuilder {
  private enum Source {
    case seed(UInt64)
    case saved((String) -> Tensor?)
  }

  /// The common state of the builders of one model.
  private final class Record {
    var names: Set<String> = []
    var problem: String?
  }

  private let source: Source
  private let prefix: String
  private let record: Record

  /// Returns a builder of weights drawn with `seed`.
  public static func drawing(seed: UInt64) -> WeightBuilder {
    WeightBuilder(source: .seed(seed), prefix: "", record: Record())
  }

  /// Returns a builder of saved weights.
  ///
  /// - Parameter tensor: the saved tensor of a full dotted name, or nil.
  public static func loading(_ tensor: @escaping (String) -> Tensor?) -> WeightBuilder {
    WeightBuilder(source: .saved(tensor), prefix: "", record: Record())
  }

  /// Whether weights are loaded from saved tensors.
  package var isLoading: Bool { if case .saved = source { true } else { false } }

  /// Returns the builder of a nested module: below `nested("head")` the name `weight` is `head.weight`.
  public func nested(_ name: String) -> WeightBuilder {
    WeightBuilder(source: source, prefix: prefix + name + ".", record: record)
  }

  /// Returns numbers drawn uniformly from `±bound`.
  public func uniform(_ name: String, _ shape: [Int], bound: Float) -> Tensor {
    tensor(name, shape) { .uniform(shape, in: -bound..<bound.nextUp, using: &$0) }
  }

  /// Returns numbers drawn from a normal distribution with mean 0 and standard deviation `deviation`.
  public func normal(_ name: String, _ shape: [Int], deviation: Float) -> Tensor {
    tensor(name, shape) { .normal(shape, deviation: deviation, using: &$0) }
  }

  /// Returns one number repeated.
  public func constant(_ name: String, _ shape: [Int], _ value: Float) -> Tensor {
    tensor(name, shape) { _ in Tensor(repeating: value, shape: shape) }
  }

  /// Checks that all requested tensors could be loaded; does nothing for random weights.
  ///
  /// - Parameter names: the names of all saved tensors, where each must belong to the model.
  /// - Throws: `ModuleLoadingError` for the first tensor that is missing, has another shape or contains a
  ///   number that is not finite, or else for the first of `names` that no module requested.
  public func finish(expecting names: [String]? = nil) throws {
    guard isLoading else { return }
    if let problem = record.problem { throw ModuleLoadingError(description: problem) }
    if let extra = names?.first(where: { !record.names.contains($0) }) {
      throw ModuleLoadingError(description: "'\(extra)' is not part of the model")
    }
  }

  private func tensor(
    _ name: String, _ shape: [Int], drawing draw: (inout SeededGenerator) -> Tensor
  ) -> Tensor {
    let name = prefix + name
    require(record.names.insert(name).inserted, "WeightBuilder: two tensors are named '\(name)'")
    switch source {
    case .seed(let seed):
      var random = SeededGenerator(seed: seed, stream: "weights/" + name)
      return draw(&random)
    case .saved(let saved):
      let found = saved(name)
      guard let problem = Self.problem(name, found, shape) else { return found! }
      record.problem = record.problem ?? problem
      return .zeros(shape.map { _ in 0 })
    }
  }

  private static func problem(_ name: String, _ found: Tensor?, _ shape: [Int]) -> String? {
    guard let found else { return "the tensor '\(name)' is missing, expected one of shape \(shape)" }
    if found.shape != shape { return "the tensor '\(name)' has the shape \(found.shape), expected \(shape)" }
    return found.isFinite ? nil : "the tensor '\(name)' holds a number that is not finite"
  }
}
