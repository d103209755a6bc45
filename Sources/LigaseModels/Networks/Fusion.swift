import LigaseNetworks
import LigaseTensors

/// How the representations of one example become one.
package struct FusionOptions: Codable, Hashable, Sendable {
  /// The ways there are.
  package enum Kind: String, Codable, CaseIterable, Sendable {
    /// Side by side.
    case concatenation
    /// Vectors of one size whose products, number by number, add up to the outputs.
    case product
    /// The mean of vectors of one size, weighted by a softmax over inputs that the vectors themselves decide.
    case gate
  }

  /// Which of them.
  package var kind = Kind.concatenation
  /// K, the size of the vectors of a product or a gate.
  package var size = 64
  /// The probability with which numbers of the fused vectors are dropped in training.
  package var dropout: Float = 0

  package init() {}

  /// Why it cannot be used, if so.
  package var problem: String? {
    if !(1...65536 ~= size) { return "the size of the fusion must be from 1 to 65536 (got \(size))" }
    return dropout >= 0 && dropout < 1
      ? nil : "the dropout of the fusion must be at least 0 and below 1 (got \(dropout))"
  }
}

/// Representations of one example made one, with the outputs that come of the meeting itself.
///
/// ```
/// concatenation   [x_1, x_2, …]
/// product         y_t = sum_i b_it + sum_k prod_i x_itk;   the head reads [x_1, x_2, …, prod_i x_i]
/// gate            sum_i a_i x_i,   a = softmax_i(g_i . x_i + c_i)
/// ```
package struct Fusion: Module {
  private let options: FusionOptions
  private let outputs: Int
  /// The scores of a gate, one layer an input.
  var gates: [Linear] = []

  init(_ options: FusionOptions, inputs: Int, outputs: Int, from weights: WeightBuilder) {
    (self.options, self.outputs) = (options, outputs)
    if options.kind == .gate, inputs > 1 {
      gates = (0..<inputs).map { Linear(options.size, 1, from: weights.nested("gates.\($0)")) }
    }
  }

  /// The size that each input's projection must have; nil where inputs are taken as they are.
  static func factorSize(_ options: FusionOptions, inputs: Int, outputs: Int) -> Int? {
    guard inputs > 1 else { return nil }
    return switch options.kind {
    case .concatenation: nil
    case .product: outputs * (options.size + 1)
    case .gate: options.size
    }
  }

  /// Channels of what the head reads, of inputs with these channels.
  static func outputSize(_ options: FusionOptions, channels: [Int], outputs: Int) -> Int {
    guard channels.count > 1 else { return channels[0] }
    return switch options.kind {
    case .concatenation: channels.reduce(0, +)
    case .product: (channels.count + 1) * outputs * options.size
    case .gate: options.size
    }
  }

  /// What a head reads, `[N, C]`, and outputs that are added to the head's, `[N, T]`.
  func callAsFunction(_ x: [Tensor], hasHead: Bool, _ context: Context) -> (fused: Tensor?, outputs: Tensor?)
  {
    guard x.count > 1 else { return (x[0], nil) }
    let drop = Dropout(options.dropout)
    switch options.kind {
    case .concatenation: return (drop(.concatenated(x), context), nil)
    case .gate:
      let scores = Tensor.concatenated(zip(x, gates).map { $1($0, context) }).softmax()
      let parts = x.enumerated().map { i, vector in vector * scores.slicedLast(i..<(i + 1)) }
      return (drop(parts.dropFirst().reduce(parts[0], +), context), nil)
    case .product:
      let width = outputs * options.size, n = x[0].shape[0]
      let factors = x.map { $0.slicedLast(0..<width) }
      let biases = x.map { $0.slicedLast(width..<(width + outputs)) }
      let product = factors.dropFirst().reduce(factors[0]) { $0 * $1 }
      let sums = drop(product, context).reshaped([n * outputs, options.size]).sum(alongAxis: 1)
      let y = biases.dropFirst().reduce(biases[0], +) + sums.reshaped([n, outputs])
      return (hasHead ? drop(.concatenated(factors + [product]), context) : nil, y)
    }
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) { visit("gates", &gates) }
}
