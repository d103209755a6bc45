// Test bodies with captured values need the testing library of Swift 6.3.
#if compiler(>=6.3)
  import LigaseTensors
  import TestSupport
  import Testing

  /// Wrong use stops the program with the operation and both shapes, before memory is touched.
  @Suite struct MisuseTests {
    /// Each wrong use and its message.
    static let all: [String: (expected: String, use: @Sendable () -> Void)] = [
      "adam gradient": (
        "adamUpdate: the gradient has the shape [3], the parameter [2, 2]",
        { update { $0.adamUpdate(gradient: .ones([3]), mean: &$1, square: &$2) } }
      ),
      "adam gradient of another shape": (
        "adamUpdate: the gradient has the shape [4], the parameter [2, 2]",
        { update { $0.adamUpdate(gradient: .ones([4]), mean: &$1, square: &$2) } }
      ),
      "adam mean": (
        "adamUpdate: the mean has the shape [1], the parameter [2, 2]",
        {
          update { p, _, square in
            var mean = Tensor.zeros([1])
            p.adamUpdate(gradient: .ones([2, 2]), mean: &mean, square: &square)
          }
        }
      ),
      "adam square": (
        "adamUpdate: the square has the shape [2], the parameter [2, 2]",
        {
          update { p, mean, _ in
            var square = Tensor.zeros([2])
            p.adamUpdate(gradient: .ones([2, 2]), mean: &mean, square: &square)
          }
        }
      ),
      "sgd gradient": (
        "sgdUpdate: the gradient has the shape [2], the parameter [2, 2]",
        { update { p, a, _ in p.sgdUpdate(gradient: .ones([2]), velocity: &a, momentum: 0.9) } }
      ),
      "sgd velocity": (
        "sgdUpdate: the velocity has the shape [0], the parameter [2, 2]",
        {
          update { p, _, _ in
            var velocity = Tensor.zeros([0])
            p.sgdUpdate(gradient: .ones([2, 2]), velocity: &velocity, momentum: 0.9)
          }
        }
      ),
      "rmsprop gradient": (
        "rmspropUpdate: the gradient has the shape [1], the parameter [2, 2]",
        { update { p, a, b in p.rmspropUpdate(gradient: .ones([1]), square: &a, velocity: &b) } }
      ),
      "rmsprop square": (
        "rmspropUpdate: the square has the shape [3], the parameter [2, 2]",
        {
          update { p, _, b in
            var square = Tensor.zeros([3])
            p.rmspropUpdate(gradient: .ones([2, 2]), square: &square, velocity: &b)
          }
        }
      ),
      "rmsprop velocity": (
        "rmspropUpdate: the velocity has the shape [0], the parameter [2, 2]",
        {
          update { p, a, _ in
            var velocity = Tensor.zeros([0])
            p.rmspropUpdate(gradient: .ones([2, 2]), square: &a, velocity: &velocity)
          }
        }
      ),
      "average": (
        "average: the other has the shape [3], the parameter [2, 2]",
        { update { p, _, _ in p.average(with: .ones([3]), keeping: 0.5) } }
      ),
      "linear weight": (
        "linear: an input [2, 3] does not fit the weight [4, 5]",
        { _ = Tensor.ones([2, 3]).linear(weight: .ones([4, 5]), bias: nil) }
      ),
      "linear bias": (
        "linear: the bias [3] does not fit the weight [4, 3]",
        { _ = Tensor.ones([2, 3]).linear(weight: .ones([4, 3]), bias: .ones([3])) }
      ),
      "matmul": (
        "matmul: the shapes [2, 3] and [2, 3] do not multiply",
        { _ = Tensor.ones([2, 3]).matmul(.ones([2, 3])) }
      ),
      "scaledColumns": (
        "scaledColumns: [3] and [2] do not fit the last axis of [4, 3]",
        { _ = Tensor.ones([4, 3]).scaledColumns(by: .ones([3]), plus: .ones([2])) }
      ),
      "softmax": ("softmax: a scalar has no last axis", { _ = Tensor(1).softmax() }),
      "recurrent input weights": (
        "do not fit weights [8, 2], expected [8, 3]", { recur(inputHidden: [8, 2]) }
      ),
      "recurrent hidden weights": (
        "do not fit weights [4, 2], expected [8, 2]", { recur(hiddenHidden: [4, 2]) }
      ),
      "recurrent input bias": (
        "do not fit input bias [2], expected [8]", { recur(inputBias: [2]) }
      ),
      "recurrent hidden bias": (
        "do not fit hidden bias [7], expected [8]", { recur(hiddenBias: [7]) }
      ),
      "recurrent state": (
        "recurrent: the initial state has the shape [1, 1, 2], expected [1, 2, 2]",
        { recur(initial: RecurrentState(hidden: .ones([1, 1, 2]), cell: .ones([1, 2, 2]))) }
      ),
      "recurrent cell state": (
        "recurrent: the initial cell state has the shape [1, 2, 1], expected [1, 2, 2]",
        { recur(initial: RecurrentState(hidden: .ones([1, 2, 2]), cell: .ones([1, 2, 1]))) }
      ),
      "recurrent directions": (
        "recurrent: weights of 0 directions, expected 1 or 2",
        { _ = steps.recurrent(.lstm, directions: []) }
      ),
      "convolved": (
        "convolved: an input [5, 3] over 1 axes does not fit the weight [4, 3, 2], the bias [3] and a window of [2]",
        { _ = steps.convolved(weight: .ones([4, 3, 2]), bias: .ones([3]), window: SlidingWindow(size: 2)) }
      ),
      "additiveScores": (
        "additiveScores: steps of 3 do not fit weights [4, 3], a bias [3] and a query [1, 4]",
        { _ = steps.additiveScores(weight: .ones([4, 3]), bias: .ones([3]), query: .ones([1, 4])) }
      ),
      "sumOverLength": (
        "sumOverLength: 5 weights of 3 for 5 steps", { _ = steps.sumOverLength(weightedBy: steps) }
      ),
      "linearOverAllSteps": (
        "linearOverAllSteps: a weight [2, 6] and a bias [1]",
        { _ = steps.linearOverAllSteps(weight: .ones([2, 6]), bias: .ones([1])) }
      ),
      "sum of sequences": (
        "Grids +: 5 rows of 3 and 5 rows of 1",
        { _ = steps + Grids(values: .ones([5, 1]), layout: steps.layout) }
      ),
      "gradient at what is not tracked": (
        "gradients: tensor 1, of shape [2], is not tracked",
        {
          let x = Tensor.ones([3]).tracked()
          _ = gradients(of: x.sum(), at: [x, .ones([2])])
        }
      ),
      "gradient at what has no part": (
        "gradients: the value does not depend on tensor 1, of shape [2]",
        {
          let x = Tensor.ones([3]).tracked(), y = Tensor.ones([2]).tracked()
          _ = gradients(of: x.sum(), at: [x, y])
        }
      ),
      "gradient of a constant": (
        "gradients: the value does not depend on tensor 0, of shape [3]",
        { _ = gradients(of: Tensor(1), at: [Tensor.ones([3]).tracked()]) }
      ),
      "gradient after a gradient": (
        "gradients: the history of sum was taken apart by an earlier call",
        {
          let x = Tensor.ones([3]).tracked(), y = x.sum()
          _ = gradients(of: y, at: [x])
          _ = gradients(of: y, at: [x])
        }
      ),
      "pullback of another shape, within": (
        "the pullback of twice returned a gradient of shape [2] for input 0, of shape [3]",
        {
          let x = Tensor.ones([3]).tracked() * 2
          let y = Tensor.recording(x * 2, from: [x], "twice") { _ in [.ones([2])] }
          _ = gradients(of: y.sum(), at: [x])
        }
      ),
      "pullback of too few": (
        "the pullback of sum of two returned 1 gradients for 2 inputs",
        {
          let x = Tensor.ones([3]).tracked(), z = Tensor.ones([3]).tracked()
          let y = Tensor.recording(x + z, from: [x, z], "sum of two") { [$0] }
          _ = gradients(of: y.sum(), at: [x])
        }
      ),
    ]

    @Test(arguments: all.keys.sorted()) func stopsWithItsReason(_ name: String) async {
      let result = await #expect(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [name] in MisuseTests.all[name]!.use() }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains(Self.all[name]!.expected), "\(name): \(text.prefix(300))")
    }
  }

  /// A parameter with two averages.
  private func update(_ body: (inout Tensor, inout Tensor, inout Tensor) -> Void) {
    var (p, a, b) = (Tensor.ones([2, 2]), Tensor.zeros([2, 2]), Tensor.zeros([2, 2]))
    body(&p, &a, &b)
  }

  extension Tensor {
    fileprivate mutating func adamUpdate(gradient: Tensor, mean: inout Tensor, square: inout Tensor) {
      adamUpdate(
        gradient: gradient, mean: &mean, square: &square, rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8,
        decay: 0, decoupledDecay: 0, time: 1)
    }
    fileprivate mutating func sgdUpdate(gradient: Tensor, velocity: inout Tensor, momentum: Float) {
      sgdUpdate(
        gradient: gradient, velocity: &velocity, rate: 0.1, momentum: momentum, dampening: 0, decay: 0,
        isNesterov: false, isFirst: false)
    }
    fileprivate mutating func rmspropUpdate(gradient: Tensor, square: inout Tensor, velocity: inout Tensor) {
      rmspropUpdate(
        gradient: gradient, square: &square, velocity: &velocity, rate: 0.1, alpha: 0.9, epsilon: 1e-8,
        momentum: 0.9, decay: 0)
    }
  }

  /// Two sequences of three channels.
  private let steps = Grids(values: .ones([5, 3]), layout: GridLayout(lengths: [3, 2]))

  /// An LSTM of two units, one of whose parameters has another shape.
  private func recur(
    inputHidden: [Int] = [8, 3], hiddenHidden: [Int] = [8, 2], inputBias: [Int] = [8],
    hiddenBias: [Int] = [8],
    initial: RecurrentState? = nil
  ) {
    let weights = RecurrentWeights(
      inputHidden: .ones(inputHidden), hiddenHidden: .ones(hiddenHidden), inputBias: .ones(inputBias),
      hiddenBias: .ones(hiddenBias))
    _ = steps.recurrent(.lstm, directions: [weights], initial: initial, wantsFinalState: true)
  }
#endif
