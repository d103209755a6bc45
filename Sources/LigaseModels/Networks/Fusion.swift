import LigaseNetworks
import LigaseTensors

/// The options of the fusion of the representations of one example.
package struct FusionOptions: Codable, Hashable, Sendable {
  /// The kinds of fusion.
  package enum Kind: String, Codable, CaseIterable, Sendable {
    /// Concatenation of the representations.
    case concatenation
    /// Vectors of one size whose elementwise products are summed to the outputs.
    case product
    /// The mean of vectors of one size, weighted by a softmax over inputs that is computed from the vectors.
    case gate
  }

  /// The kind of fusion.
  package var kind = Kind.concatenation
  /// K, the size of the vectors of a product or a gate.
  package var size = 64
  /// The dropout rate of the fused vectors.
  package var dropout: Float = 0

  package init() {}

  /// The reason why the options cannot be used, if any.
  package var problem: String? {
    if !(1...65536 ~= size) { return "the size of the fusion must be from 1 to 65536 (got \(size))" }
    return dropout >= 0 && dropout < 1
      ? nil : "the dropout of the fusion must be at least 0 and below 1 (got \(dropout))"
  }
}

/// The fusion of the representations of one example, with the outputs of a product.
///
/// ```
/// concatenation   [x_1, x_2, …]
/// product         y_t = sum_i b_it + sum_k prod_i x_itk;   the head reads [x_1, x_2, …, prod_i x_i]
/// gate            sum_i a_i x_i,   a = softmax_i(g_i . x_i + c_i)
/// ```
package struct Fusion: Module {
  private let options: FusionOptions
  private let outputs: Int
  /// The scores of a gate, one layer for each input.
  var gates: [Linear] = []

  init(_ options: FusionOptions, inputs: Int, outputs: Int, from weights: WeightBuilder) {
    (self.options, self.outputs) = (options, outputs)
    if options.kind == .gate, inputs > 1 {
      gates = (0..<inputs).map { Linear(options.size, 1, from: weights.nested("gates.\($0)")) }
    }
  }

  /// Returns the output size of each input's projection; nil where representations are used as they are.
  static func factorSize(_ options: FusionOptions, inputs: Int, outputs: Int) -> Int? {
    guard inputs > 1 else { return nil }
    return switch options.kind {
    case .concatenation: nil
    case .product: outputs * (options.size + 1)
    case .gate: options.size
    }
  }

  /// Returns the number of channels of the head's input, for inputs with these channels.
  static func outputSize(_ options: FusionOptions, channels: [Int], outputs: Int) -> Int {
    guard channels.count > 1 else { return channels[0] }
    return switch options.kind {
    case .concatenation: channels.reduce(0, +)
    case .product: (channels.count + 1) * outputs * options.size
    case .gate: options.size
    }
  }

  /// Returns the input of the head, `[N, C]`, and outputs that are added to those of the head, `[N, T]`.
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
