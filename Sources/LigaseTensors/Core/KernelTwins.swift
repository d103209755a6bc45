internal import CLigaseKernels

/// Test access to the kernels and their scalar reference versions: both are called with the same input and
/// compared.
package enum KernelTwins {
  /// Fast and reference values of one activation at `x`.
  package static func activations(at x: Float) -> [(name: String, fast: Float, reference: Float)] {
    func one(_ kernel: (Int, Floats, MutableFloats) -> Void) -> Float {
      var y: Float = 0
      withUnsafePointer(to: x) { kernel(1, $0, &y) }
      return y
    }
    return [
      ("sigmoid", one { ligase_sigmoid($0, $1, $2) }, ligase_reference_sigmoid(x)),
      ("tanh", one { ligase_tanh($0, $1, $2) }, ligase_reference_tanh(x)),
      ("exp", one { ligase_exp($0, $1, $2) }, ligase_reference_exp(x)),
    ]
  }

  /// Returns a product of random matrices `[m, k]` and `[k, n]` added to a third: with packed panels at each
  /// CPU level of this processor, with outer products, and with the scalar reference.
  package static func products(
    m: Int, n: Int, k: Int, using random: inout SeededGenerator
  ) -> (fast: [[Float]], reference: [Float]) {
    func draw(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextNormal()) } }
    let a = draw(m * k), b = draw(k * n), start = draw(m * n)
    var expected = start
    ligase_reference_product(m, n, k, a, b, start, &expected)
    var packed = [Float](repeating: .nan, count: ligase_panels_count(k, n))
    ligase_pack_panels(k, n, b, n, 1, &packed)
    // The same matrix, packed from its transpose.
    var turned = [Float](repeating: 0, count: k * n), repacked = packed
    ligase_transpose(k, n, b, &turned)
    for i in repacked.indices { repacked[i] = .nan }
    ligase_pack_panels(k, n, turned, 1, k, &repacked)
    require(repacked == packed, "KernelTwins: packing gives other panels of a matrix that lies across")
    var results: [[Float]] = []
    for level: Int32 in [0, 3, 4] {
      var c = [Float](repeating: .nan, count: m * n)
      if ligase_multiply_panels_at_level(level, m, n, k, a, k, packed, start, n, nil, &c, n) != 0 {
        results.append(c)
      }
      // The same start, with its rows in another order.
      let turned = Array((0..<m).reversed().map { start[($0 * n)..<(($0 + 1) * n)] }.joined())
      let rows = (0..<Int32(m)).reversed().map { $0 }
      if ligase_multiply_panels_at_level(level, m, n, k, a, k, packed, turned, n, rows, &c, n) != 0 {
        results.append(c)
      }
    }
    var across = [Float](repeating: 0, count: k * m)
    ligase_transpose(m, k, a, &across)
    var sums = start
    ligase_add_outer_products(m, n, k, across, m, b, n, &sums, n)
    return (results + [sums], expected)
  }

  /// Returns a product of random matrices `[m, k]` and `[k, n]` added to a row, with all rows at once and
  /// each alone, at each CPU level of this processor.
  package static func rowsAlone(
    m: Int, n: Int, k: Int, using random: inout SeededGenerator
  ) -> [(level: Int, all: [UInt32], alone: [UInt32])] {
    func draw(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextNormal()) } }
    let a = draw(m * k), b = draw(k * n), start = draw(n)
    var packed = [Float](repeating: .nan, count: ligase_panels_count(k, n))
    ligase_pack_panels(k, n, b, n, 1, &packed)
    return [0, 3, 4].compactMap { level in
      func product(_ rows: Range<Int>) -> [UInt32]? {
        var c = [Float](repeating: .nan, count: rows.count * n)
        let isDone = a.withUnsafeBufferPointer {
          ligase_multiply_panels_at_level(
            Int32(level), rows.count, n, k, $0.baseAddress! + rows.lowerBound * k, k, packed, start, 0, nil,
            &c, n)
        }
        return isDone == 0 ? nil : c.map(\.bitPattern)
      }
      guard let all = product(0..<m) else { return nil }
      return (level, all, (0..<m).flatMap { product($0..<($0 + 1))! })
    }
  }

  /// Returns one line of a convolution and its weight gradient for random numbers: at each CPU level of this
  /// processor, and with the scalar reference.
  ///
  /// - Parameters:
  ///   - m: the positions of the line, which overlap.
  ///   - n: the outputs.
  ///   - taps: the taps, or the lines of the weight gradient, each somewhere in the input.
  ///   - k: the terms of a tap.
  package static func lines(
    m: Int, n: Int, taps: Int, k: Int, using random: inout SeededGenerator
  ) -> (fast: [[Float]], reference: [Float]) {
    func draw(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextNormal()) } }
    let step = max(1, k / 2), room = max(m, k) * max(step, k) + m + k, depth = taps * k
    let a = draw(room + taps * 7), weight = draw(depth * n), start = draw(n)
    let left = (0..<taps).map { $0 * 7 }, right = (0..<taps).reversed().map { $0 * k }
    var packed = [Float](repeating: .nan, count: ligase_panels_count(depth, n))
    ligase_pack_panels(depth, n, weight, n, 1, &packed)
    var expected = [Float](repeating: .nan, count: m * n)
    ligase_reference_multiply_taps(m, n, taps, k, a, step, left, weight, right, start, &expected)
    // The gradient of a weight, whose outputs are whole vectors.
    let wide = (n + 15) / 16 * 16, before = draw(m * wide), b = draw(depth * wide)
    var sums = before
    ligase_reference_add_line_products(m, wide, taps, k, a, step, left, b, wide, right, &sums, wide)
    let results: [[Float]] = [Int32(0), 3, 4].compactMap { level in
      var (c, d) = ([Float](repeating: .nan, count: m * n), before)
      guard
        ligase_multiply_taps_at_level(
          level, m, n, taps, k, a, step, left, packed, depth, right, start, &c, n) != 0,
        ligase_add_line_products_at_level(level, m, wide, taps, k, a, step, left, b, wide, right, &d, wide)
          != 0
      else { return nil }
      return c + d
    }
    return (results, expected + sums)
  }

  /// Returns every buffer that the fast and the reference kernel write, for `n` rows of `h` numbers drawn
  /// from `random`.
  package static func buffers(
    of kernel: String, n: Int, h: Int, using random: inout SeededGenerator
  ) -> (fast: [[Float]], reference: [[Float]]) {
    func draw(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextNormal()) } }
    let gates = draw(n * 4 * h), hidden = draw(n * 4 * h), before = draw(n * h), state = draw(n * h)
    let gradient = draw(n * h)
    let zero = [Float](repeating: 0, count: n * h)
    func run(_ fast: Bool) -> [[Float]] {
      var (g, u, a, b, c) = (gates, hidden, state, zero, zero)
      switch kernel {
      case "lstm":
        (fast ? ligase_lstm_step : ligase_reference_lstm_step)(n, h, &g, before, &a, &b, &c)
      case "lstm advance":
        if fast {
          ligase_lstm_advance(n, h, g, before, &a, &c)
        } else {
          ligase_reference_lstm_step(n, h, &g, before, &a, &b, &c)
          (g, b) = (gates, zero)
        }
      case "lstm pullback":
        a = gradient
        (fast ? ligase_lstm_step_pullback : ligase_reference_lstm_step_pullback)(
          n, h, &g, before, state, gradient, &a)
      case "gru":
        (fast ? ligase_gru_step : ligase_reference_gru_step)(n, h, &g, hidden, before, &a, &b)
      case "gru pullback":
        a = gradient
        (fast ? ligase_gru_step_pullback : ligase_reference_gru_step_pullback)(
          n, h, &g, &u, state, before, &a)
      case "additive scores":
        let numbers = (0..<Int32(2 * n)).map { Int32(n) - 1 - $0 % Int32(n) }
        (fast ? ligase_additive_scores : ligase_reference_additive_scores)(
          n, h, 2, before, numbers, state, &a)
      case "softmax":
        (fast ? ligase_softmax_rows : ligase_reference_softmax_rows)(n, h, before, &a)
      case "normalize":
        (fast ? ligase_normalize_rows : ligase_reference_normalize_rows)(n, h, 1e-5, before, &a, &b)
      case "adam":
        b = state.map(abs)
        a = before
        (fast ? ligase_adam_update : ligase_reference_adam_update)(
          n * h, &g, gradient, &a, &b, 1e-2, 0.9, 0.999, 1e-8, 0.01, 0.02, 0.19, 0.002)
      default: fatalError("KernelTwins: no kernel is named \(kernel)")
      }
      return [g, u, a, b, c]
    }
    return (run(true), run(false))
  }
}
