import LigaseTensors

/// Where the weights of a module come from: drawn by a seed, or taken from saved tensors whose names and shapes are
/// checked.
///
/// Each tensor is drawn from a generator of its own, `SeededGenerator(seed: seed, stream: "weights/" + name)`, with its
/// full dotted name. What a parameter begins as therefore depends on seed, name and shape alone, not on what else is in
/// the model or on the order in which it is built.
///
/// ```swift
/// let drawn = Linear(4, 8, from: .drawing(seed: 1))
/// let file = try Safetensors(
///   decoding: Safetensors.encode([("head.weight", drawn.weight), ("head.bias", drawn.bias!)], metadata: [:]))
/// let weights = WeightBuilder.loading { file.tensor($0) }
/// let loaded = Linear(4, 8, from: weights.nested("head"))  // asks for "head.weight" and "head.bias"
/// try weights.finish(expecting: file.names)
/// ```
/// While loading, the first tensor that does not fit is noted for `finish`, and an empty tensor of the same rank takes its
/// place, so no memory is taken for what a damaged manifest promises.
public struct WeightBuilder {
  private enum Source {
    case seed(UInt64)
    case saved((String) -> Tensor?)
  }

  /// The state that the builders of one model have in common.
  private final class Record {
    var names: Set<String> = []
    var problem: String?
  }

  private let source: Source
  private let prefix: String
  private let record: Record

  /// Weights drawn by `seed`.
  public static func drawing(seed: UInt64) -> WeightBuilder {
    WeightBuilder(source: .seed(seed), prefix: "", record: Record())
  }

  /// Weights that were saved.
  ///
  /// - Parameter tensor: the saved tensor of a full dotted name, or nil.
  public static func loading(_ tensor: @escaping (String) -> Tensor?) -> WeightBuilder {
    WeightBuilder(source: .saved(tensor), prefix: "", record: Record())
  }

  /// Whether weights are taken from saved tensors.
  package var isLoading: Bool { if case .saved = source { true } else { false } }

  /// The builder of a nested module: below `nested("head")` the name `weight` is `head.weight`.
  public func nested(_ name: String) -> WeightBuilder {
    WeightBuilder(source: source, prefix: prefix + name + ".", record: record)
  }

  /// Numbers drawn evenly from `±bound`.
  public func uniform(_ name: String, _ shape: [Int], bound: Float) -> Tensor {
    tensor(name, shape) { .uniform(shape, in: -bound..<bound.nextUp, using: &$0) }
  }

  /// Numbers drawn from a normal distribution with mean 0 and standard deviation `deviation`.
  public func normal(_ name: String, _ shape: [Int], deviation: Float) -> Tensor {
    tensor(name, shape) { .normal(shape, deviation: deviation, using: &$0) }
  }

  /// One number repeated.
  public func constant(_ name: String, _ shape: [Int], _ value: Float) -> Tensor {
    tensor(name, shape) { _ in Tensor(repeating: value, shape: shape) }
  }

  /// Checks that everything that was asked for could be loaded; does nothing for drawn weights.
  ///
  /// - Parameter names: the names of all saved tensors, where each must belong to the model.
  /// - Throws: `ModuleLoadingError` for the first tensor that is missing, has another shape or holds a number that is not
  ///   finite, or else for the first of `names` that no module asked for.
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
