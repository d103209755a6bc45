import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Truncated backpropagation through time: sequences are read in windows of time steps. Recurrent states are
/// carried from window to window; gradients end at the first step of their window, so memory does not grow
/// with the length.
///
/// Source: Williams and Peng, "An efficient gradient-based algorithm for on-line training of recurrent network
/// trajectories" (1990).
extension InputEncoder {
  /// Returns the outputs of the layers before the pooling for some steps, given the states before them (nil:
  /// zeros), and the states after them.
  package func window(
    _ input: InputBatch, from states: [RecurrentState]?, _ context: Context
  ) -> (steps: Grids, states: [RecurrentState]) {
    var x = read(input, context).steps!
    var (before, after) = (states?.makeIterator(), [RecurrentState]())
    for layer in layers.layers {
      if let recurrent = layer as? Recurrent {
        let own = recurrent.layers.indices.compactMap { _ in before?.next() }
        let (outputs, final) = recurrent(x, initial: states == nil ? nil : own, context)
        x = outputs
        after += final
      } else if !(layer is LengthPooling) {
        x = layer(x, context)
      }
    }
    return (x, after)
  }

  /// Returns the pooled representation of sequences, `[N, C]`, computed window by window: the operation
  /// stores the states at the start of each window, and recomputes a window for its gradient.
  func inWindows(_ input: InputBatch, of size: Int, _ context: Context) -> Tensor {
    let pooling = layers.layers.lazy.compactMap { $0 as? LengthPooling }.first!.kind
    let layout = input.layout, key = context.isTraining ? context.nextKey() : 0
    let windows = stride(from: 0, to: layout.longest, by: size).map { $0..<min($0 + size, layout.longest) }
    let isTraining = context.isTraining
    func own(_ window: Range<Int>) -> Context {
      isTraining
        ? .training(SeededGenerator(seed: key, stream: "window", step: window.lowerBound)) : .inference
    }
    let tracked = parameters
    let encoder = replacingParameters(with: tracked.map(\.detached))
    var (pooled, states) = (WindowPooling(pooling, layout, channels: outputSize), [[RecurrentState]?]())
    var after: [RecurrentState]?
    for window in windows {
      states.append(after)
      let (steps, final) = encoder.window(input.steps(window), from: after, own(window))
      pooled.add(steps, of: window)
      after = final
    }
    let (sums, starts) = (pooled, states)
    let attributes: [String: Operation.Attribute] = [
      "size": .integer(size), "pooling": .name(pooling.rawValue),
    ]
    return Tensor.recording(sums.value, from: tracked, "windows", attributes) { dy in
      var total: [Tensor]?
      for (window, start) in zip(windows, starts) {
        let (_, gradient) = valueWithGradient(at: encoder) { encoder in
          let (steps, _) = encoder.window(input.steps(window), from: start, own(window))
          return (steps.values * sums.share(of: dy, at: window)).sum()
        }
        let parts = gradient.parameters
        total = total.map { zip($0, parts).map { $0 + $1 } } ?? parts
      }
      return total ?? tracked.map { .zeros($0.shape) }
    }
  }
}

/// The pooling of sequences whose steps are added window by window.
private struct WindowPooling {
  private let kind: LengthPooling.Kind
  private let layout: GridLayout
  private let channels: Int
  /// The sums, last steps or maxima so far, `[N, C]`.
  private var found: [Float]
  /// The step of each of these numbers.
  private var steps: [Int]

  init(_ kind: LengthPooling.Kind, _ layout: GridLayout, channels: Int) {
    (self.kind, self.layout, self.channels) = (kind, layout, channels)
    found = [Float](repeating: 0, count: layout.count * channels)
    steps = [Int](repeating: -1, count: kind == .mean ? 0 : found.count)
  }

  /// Adds the outputs of the steps of a window.
  mutating func add(_ outputs: Grids, of window: Range<Int>) {
    let channels = channels, own = outputs.layout
    outputs.values.withUnsafeBufferPointer { x in
      for s in 0..<own.count {
        for t in 0..<own.lengths[s] where kind != .last || window.lowerBound + t == layout.lengths[s] - 1 {
          let row = (own.offsets[s] + t) * channels
          for c in 0..<channels {
            let at = s * channels + c
            switch kind {
            case .mean: found[at] += x[row + c]
            case .max where steps[at] >= 0 && found[at] >= x[row + c]: break
            default: (found[at], steps[at]) = (x[row + c], window.lowerBound + t)
            }
          }
        }
      }
    }
  }

  /// The pooled outputs, `[N, C]`; zeros for an empty sequence.
  var value: Tensor {
    let sums = Tensor(found, shape: [layout.count, channels])
    return kind == .mean ? sums * lengths : sums
  }

  /// The inverse length of each sequence, `[N, 1]`.
  private var lengths: Tensor {
    Tensor(layout.lengths.map { 1 / Float(max($0, 1)) }, shape: [layout.count, 1])
  }

  /// Returns the gradient for the outputs of a window, `[rows, C]`, from the gradient of the value.
  func share(of dy: Tensor, at window: Range<Int>) -> Tensor {
    let own = layout.steps(window), gradient = (kind == .mean ? dy * lengths : dy).scalars
    return Tensor(shape: [own.rowCount, channels]) { out in
      for s in 0..<own.count {
        for t in 0..<own.lengths[s] {
          for c in 0..<channels {
            let at = s * channels + c
            let counts = kind == .mean || steps[at] == window.lowerBound + t
            out[(own.offsets[s] + t) * channels + c] = counts ? gradient[at] : 0
          }
        }
      }
    }
  }
}

extension InputBatch {
  /// The layout of the steps of the examples.
  var layout: GridLayout {
    switch self {
    case .steps(let steps): steps.layout
    case .shared(let steps): steps.layout
    case .tokens(let tokens): tokens.layout
    case .tokenShares(let shares): shares.layout
    case .rows(let rows): GridLayout(rows: rows.shape[0])
    }
  }

  /// Returns the steps `range` of each sequence, fewer where it ends before.
  func steps(_ range: Range<Int>) -> InputBatch {
    switch self {
    case .steps(let steps): .steps(steps.steps(range))
    case .shared(let steps): .shared(steps.steps(range))
    case .tokens(let tokens): .tokens(tokens.steps(range))
    case .tokenShares(let shares): .tokenShares(shares.steps(range))
    case .rows: preconditionFailure("InputBatch: rows have no steps")
    }
  }
}

extension ModelOptions {
  /// Reads sequences in windows of time steps, where encoders allow it: with recurrent layers in one
  /// direction, whose steps are averaged, and without a linear path.
  ///
  /// - Parameter kind: the kind that the user specified; nil is `lstm`.
  package mutating func walkInWindows(of size: Int, kind: EncoderOptions.Kind?) {
    training.window = size
    for (name, input) in inputs where input.preparation.base.axes == 1 {
      var encoder = input.encoder
      if kind == nil, encoder.kind.cell == nil || encoder.kind == .cnnLSTM { encoder.kind = .lstm }
      (encoder.isBidirectional, encoder.hasLinearPath) = (false, false)
      if encoder.pooling == .attention { encoder.pooling = .mean }
      if encoder.candidates != nil { encoder.candidates = [] }
      inputs[name]!.encoder = encoder
    }
  }
}

extension EncoderOptions {
  /// Returns the reason why no encoder of a kind can read sequences in windows, if any.
  package static func windowProblem(of kind: Kind) -> String? {
    var options = EncoderOptions(kind)
    (options.isBidirectional, options.pooling) = (false, .mean)
    return options.windowProblem
  }

  /// The reason why the encoder cannot read sequences in windows, if any.
  var windowProblem: String? {
    if hasLinearPath {
      return
        "a window of time steps excludes the linear path, which reads whole sequences; set hasLinearPath to false"
    }
    let list = layerList(InputShape(steps: 1, tokens: 0), isOfSteps: false)
    for entry in list {
      switch entry.options {
      case let recurrent as RecurrentOptions where recurrent.isBidirectional:
        return
          "found a window of time steps and bidirectional layers, which read sequences from either end, expected "
          + "isBidirectional false"
      case let pooling as LengthPoolingOptions where pooling.kind == .attention:
        return
          "found a window of time steps and attention pooling, which weighs all steps against each other, expected "
          + "pooling mean, max or last"
      case is RecurrentOptions, is LengthPoolingOptions, is LinearOptions, is ActivationOptions,
        is DropoutOptions:
        break
      case let norm as NormalizationOptions where norm.isOfRows: break
      default:
        return
          "found a window of time steps and the layer \(entry.layer), expected recurrent layers and layers of each "
          + "step by itself"
      }
    }
    return kind.isDense ? "found a window of time steps and an encoder that reads all steps at once" : nil
  }
}
