extension Grids {
  /// Convolution (cross-correlation, as PyTorch's) over one to three spatial axes; over one axis
  /// `y[t, o] = b[o] + sum_k,c W[o, c, k] x[t s + k d - p, c]`.
  ///
  /// Each example is convolved with padding of zeros at its own ends. Windows are not unfolded: the taps
  /// along the last axis are adjacent in memory, and windows overlap.
  ///
  /// - Parameters:
  ///   - weight: `[O, C, K]`, `[O, C, KH, KW]` or `[O, C, KD, KH, KW]`.
  ///   - bias: `[O]`, or nil.
  ///   - window: the geometry, with as many axes as the examples.
  /// - Returns: O channels with the layout `window.layout(over: layout)`.
  public func convolved(weight: Tensor, bias: Tensor?, window: SlidingWindow) -> Grids {
    convolved(weight: weight, bias: bias, window: window, groups: 1)
  }

  /// `convolved(weight:bias:window:)` with the channels in groups: the outputs of a group read the input
  /// channels of that group only. `weight` is `[O, C / groups, K…]`.
  package func convolved(weight: Tensor, bias: Tensor?, window: SlidingWindow, groups: Int) -> Grids {
    requireFit(
      weight, bias, window, groups: groups, channels: channels, rank: layout.rank, rows: layout.rowCount)
    let pass = ConvolutionPass(input: self, weight: weight, window: window, groups: groups)
    let parents = [values, weight] + (bias.map { [$0] } ?? [])
    let value = pass.forward(bias: bias)
    let attributes = groups == 1 ? [:] : ["groups": Operation.Attribute.integer(groups)]
    let result = Tensor.recording(
      value, from: parents, "convolved", window.attributes.merging(attributes) { $1 }
    ) { dy in
      var gradients: [Tensor?] = [
        pass.tracksInput ? pass.inputGradient(dy) : nil, weight.isTracked ? pass.weightGradient(dy) : nil,
      ]
      if let bias { gradients.append(bias.isTracked ? dy.columnSums() : nil) }
      return gradients
    }
    return Grids(values: result, layout: pass.output)
  }
}

/// Stops the program unless weight and bias of a convolution fit its input.
func requireFit(
  _ weight: Tensor, _ bias: Tensor?, _ window: SlidingWindow, groups: Int = 1, channels: Int, rank: Int,
  rows: Int
) {
  require(
    rank == window.rank && weight.rank == rank + 2 && Array(weight.shape.dropFirst(2)) == window.sizes
      && (bias == nil || bias!.shape == [weight.shape[0]]) && groups >= 1 && weight.shape[0] % groups == 0
      && weight.shape[1] * groups == channels,
    "convolved: an input \([rows, channels]) over \(rank) axes does not fit the weight \(weight.shape)"
      + (groups == 1 ? "" : " of \(groups) groups") + ", the bias \(bias?.shape ?? []) and a window of "
      + "\(window.sizes)")
}

extension Tensor {
  /// The weight of a convolution, `[O, C, K…]`, with channels last: `[O, K… C]`.
  var withChannelsLast: Tensor { permuted([0] + Array(2..<rank) + [1]) }
}

/// The weights of a convolution for its lines.
enum LineWeights {
  /// A packed matrix for each group: the taps and the channels of the group by its outputs.
  case groups([PackedMatrix])
  /// A factor for each tap and channel, where each channel is convolved by itself.
  case channels(Tensor)
}

/// One convolution over a batch.
///
/// Each line of the output is a product: the windows of a line are rows of a matrix that overlap in memory,
/// and the taps along the other axes are further terms of the same sums, read from other lines. Lines are
/// copied with zeros at both ends, some at a time. The gradient of the input is the same product over the
/// lines of the output's gradient, with the taps in opposite order.
struct ConvolutionPass: @unchecked Sendable {
  /// The layout of the input.
  let source: GridLayout
  /// The values of the input; empty where the pass only computes gradients of an input.
  private let values: Tensor
  let window: SlidingWindow
  let groups: Int
  let output: GridLayout
  let tracksInput: Bool
  /// `[O, C / groups, K…]`.
  let shape: [Int]
  /// `[O, K… C / groups]`.
  private let taps: Tensor

  init(input: Grids, weight: Tensor, window: SlidingWindow, groups: Int) {
    self.init(
      over: input.layout, values: input.values.detached, tracksInput: input.values.isTracked, weight: weight,
      window: window, groups: groups)
  }

  /// A pass over an input of the given layout; without values it is for the gradients of the input alone.
  init(
    over source: GridLayout, values: Tensor = .zeros([0, 0]), tracksInput: Bool = true, weight: Tensor,
    window: SlidingWindow, groups: Int = 1
  ) {
    (self.source, self.values, self.tracksInput) = (source, values, tracksInput)
    (self.window, self.groups, shape) = (window, groups, weight.shape)
    taps = weight.detached.withChannelsLast
    output = window.layout(over: source)
  }

  var outputs: Int { shape[0] }
  var channels: Int { shape[1] * groups }
  /// The input channels and the outputs of a group.
  var groupChannels: Int { shape[1] }
  var groupOutputs: Int { shape[0] / groups }

  /// Whether each channel is convolved by itself, so that a product would have one column.
  private var isDepthwise: Bool { groups > 1 && groupChannels == 1 && groupOutputs == 1 }

  func forward(bias: Tensor?) -> Tensor {
    let all = window.tapCount * groupChannels
    let weights =
      isDepthwise
      ? LineWeights.channels(taps.reshaped([channels, window.tapCount]).rearranged([1, 0]))
      : .groups(
        (0..<groups).map {
          PackedMatrix(
            taps.floats + $0 * groupOutputs * all, rows: all, columns: groupOutputs, rowStride: 1,
            columnStride: all)
        })
    return products(
      from: values, source, channels: channels, to: output, channels: outputs, weights,
      bias: bias, isReversed: false)
  }

  /// Returns the gradient of the input.
  func inputGradient(_ dy: Tensor) -> Tensor {
    // Along one axis, and without groups, the gradients of few large windows are added to their positions.
    if window.rank == 1 && groups == 1 { return sumOfWindowGradients(dy) }
    let all = window.tapCount * groupOutputs, (o, c, k) = (groupOutputs, groupChannels, window.tapCount)
    if isDepthwise {
      let turned = Tensor(shape: [k, channels]) { out in
        for tap in 0..<k {
          for j in 0..<channels { out[tap * channels + j] = taps.storage.pointer[j * k + k - 1 - tap] }
        }
      }
      return products(
        from: dy, output, channels: outputs, to: source, channels: channels, .channels(turned),
        bias: nil,
        isReversed: true)
    }
    let packed = (0..<groups).map { group in
      // Rows are taps in opposite order by outputs, columns are input channels.
      let turned = Tensor(shape: [all, c]) { out in
        for tap in 0..<k {
          for j in 0..<o {
            (out.baseAddress! + (tap * o + j) * c).update(
              from: taps.floats + ((group * o + j) * k + k - 1 - tap) * c, count: c)
          }
        }
      }
      return PackedMatrix(turned, transposed: false)
    }
    return products(
      from: dy, output, channels: outputs, to: source, channels: channels, .groups(packed), bias: nil,
      isReversed: true)
  }

  /// Returns the products of the windows over each line of the result with a packed matrix for each group.
  private func products(
    from values: Tensor, _ layout: GridLayout, channels: Int, to target: GridLayout,
    channels targetChannels: Int,
    _ weights: LineWeights, bias: Tensor?, isReversed: Bool
  ) -> Tensor {
    let (terms, n) = (channels / groups, targetChannels / groups)
    let joins = LineGeometry.joinsTaps(
      window, channels: channels, terms: terms, isReversed: isReversed)
    let k = joins ? terms * window.spatial.width.size : terms
    return Tensor(shape: [target.rowCount, targetChannels]) { out in
      guard let start = out.baseAddress else { return }
      nonisolated(unsafe) let base = start
      LineShares(target, channels: channels).forEachBlock { _, block in
        let s = block.example
        let geometry = LineGeometry(
          window, from: layout.space(of: s), to: target.space(of: s), channels: channels, terms: terms,
          isReversed: isReversed)
        let lines = SourceLines(
          block, geometry, of: values.floats + layout.offsets[s] * channels, channels: channels)
        lines.keeping { lines in
          var row = block.row
          for depth in lines.depths {
            for height in lines.heights {
              for phase in geometry.phases {
                let runs = tapRuns(lines, depth, height, phase.runs, terms: terms)
                let to = base + (row + phase.first) * targetChannels
                let apart = phase.every * targetChannels
                switch weights {
                case .channels(let factors):
                  Kernels.depthwiseLine(
                    phase.count, n * groups, runs.left.count, lines.base, geometry.step, runs.left,
                    factors.floats, runs.right, bias?.floats, to, apart)
                case .groups(let packed):
                  for (group, matrix) in packed.enumerated() {
                    matrix.multiplyTaps(
                      lines.base + group * terms, stride: geometry.step, rows: phase.count, left: runs.left,
                      right: runs.right, terms: k, bias: bias.map { $0.floats + group * n },
                      into: to + group * n, stride: apart)
                  }
                }
              }
              row += geometry.result.width
            }
          }
        }
      }
    }
  }

  /// Returns where each run of taps begins in the lines of the source and in the packed weights.
  private func tapRuns(
    _ lines: SourceLines, _ depth: [LineSource], _ height: [LineSource], _ runs: [TapRun], terms: Int
  ) -> (left: [Int], right: [Int]) {
    let (_, heightAxis, widthAxis) = window.spatial
    var (left, right) = ([Int](), [Int]())
    left.reserveCapacity(depth.count * height.count * runs.count)
    right.reserveCapacity(depth.count * height.count * runs.count)
    for d in depth {
      for h in height {
        let line = lines.offset(d.position, h.position)
        let row = (d.tap * heightAxis.size + h.tap) * widthAxis.size * terms
        for run in runs {
          left.append(line + run.left)
          right.append(row + run.right)
        }
      }
    }
    return (left, right)
  }

  /// Returns the gradient of the weight: sums over the lines of each share, added in the order of the shares.
  func weightGradient(_ dy: Tensor) -> Tensor {
    let (c, o, k) = (groupChannels, groupOutputs, window.tapCount)
    // Each share has its own sums; many large ones would cost more than the products.
    let lineShares = LineShares(
      output, channels: channels, most: max(2, min(16, (1 << 23) / max(shape[0] * c * k, 1))))
    let parts = lineShares.shares.map { _ in Tensor.zeros([groups, k * c, sumsWidth]) }
    lineShares.forEachBlock { share, block in
      let s = block.example
      let geometry = LineGeometry(
        window, from: source.space(of: s), to: output.space(of: s), channels: channels, terms: c,
        isReversed: false)
      let lines = SourceLines(
        block, geometry, of: values.floats + source.offsets[s] * channels, channels: channels)
      let rows = block.depths.count * block.heights.count * output.space(of: s).width
      withWholeVectors(dy.floats + block.row * outputs, rows: rows) { gradient in
        lines.keeping { addWeightGradient(gradient, $0, geometry, to: parts[share].storage.pointer) }
      }
    }
    guard let first = parts.first else { return Tensor.zeros(shape) }
    let total = parts.dropFirst().reduce(into: first) { $0.accumulate($1) }
    let axes = window.rank
    let spatial: [Int] = window.sizes, order: [Int] = [0, axes + 2, axes + 1] + Array(1...axes)
    return total.reshaped([groups] + spatial + [c, sumsWidth]).slicedLast(0..<o).permuted(order)
      .reshaped(shape)
  }

  /// The outputs of a group in sums of the weight gradient, which have room for whole vectors.
  private var sumsWidth: Int { isDepthwise ? 1 : (groupOutputs + 15) / 16 * 16 }

  /// Calls `body` with rows of outputs whose groups are `sumsWidth` wide, with zeros at their ends.
  private func withWholeVectors(_ rows: Floats, rows count: Int, _ body: (Floats) -> Void) {
    let (own, width) = (groupOutputs, sumsWidth)
    guard width > own else { return body(rows) }
    let copy = Tensor(shape: [count * groups * width]) { out in
      guard let to = out.baseAddress else { return }
      for i in 0..<(count * groups) {
        (to + i * width).update(from: rows + i * own, count: own)
        (to + i * width + own).update(repeating: 0, count: width - own)
      }
    }
    body(copy.floats)
    withExtendedLifetime(copy) {}
  }

  /// Adds the weight gradient of a block to `sums`, `[groups, K C / groups, sumsWidth]`.
  private func addWeightGradient(
    _ dy: Floats, _ lines: SourceLines, _ geometry: LineGeometry, to sums: MutableFloats
  ) {
    let c = groupChannels
    let (depthAxis, heightAxis, widthAxis) = window.spatial, phase = geometry.phases[0]
    let joins = LineGeometry.joinsTaps(window, channels: channels, terms: c, isReversed: false)
    let rows = joins ? c * widthAxis.size : c
    var (left, right) = ([Int](), [Int]())
    for d in 0..<depthAxis.size {
      for h in 0..<heightAxis.size {
        left.removeAll(keepingCapacity: true)
        right.removeAll(keepingCapacity: true)
        for (i, depth) in lines.depths.enumerated() {
          guard let source = depth.first(where: { $0.tap == d }) else { continue }
          for (j, height) in lines.heights.enumerated() {
            guard let line = height.first(where: { $0.tap == h }) else { continue }
            left.append(lines.offset(source.position, line.position))
            right.append((i * lines.heights.count + j) * phase.count)
          }
        }
        for run in phase.runs {
          let at = (d * heightAxis.size + h) * widthAxis.size * c + run.right
          if isDepthwise {
            Kernels.depthwiseWeightPullback(
              phase.count, channels, left.count, lines.base + run.left, geometry.step, left, dy, right,
              sums + at, window.tapCount)
            continue
          }
          for group in 0..<groups {
            Kernels.addLineProducts(
              rows, sumsWidth, left.count, phase.count, lines.base + run.left + group * c, geometry.step,
              left,
              dy + group * sumsWidth, groups * sumsWidth, right,
              sums + (group * window.tapCount * c + at) * sumsWidth,
              sumsWidth)
          }
        }
      }
    }
  }

  /// Returns the gradient of sequences: that of some windows at a time is a product, which is added to the
  /// positions of each window.
  private func sumOfWindowGradients(_ dy: Tensor) -> Tensor {
    let lineShares = LineShares(output, channels: channels), all = window.tapCount * channels
    let joins = LineGeometry.joinsTaps(window, channels: channels, terms: channels, isReversed: false)
    let inner = joins ? all : channels
    let packed = stride(from: 0, to: all, by: max(inner, 1)).map {
      PackedMatrix(taps.floats + $0, rows: outputs, columns: inner, rowStride: all, columnStride: 1)
    }
    let dx = Tensor.zeros([source.rowCount, channels]), chunk = 64, axis = window.axes[0]
    lineShares.forEachBlock { _, block in
      let s = block.example, length = source.lengths[s], places = output.lengths[s]
      let sums = Tensor.zeros([length + axis.before + axis.after, channels])
      let columns = Tensor(shape: [chunk, inner]) { _ in }
      for (tap, matrix) in packed.enumerated() {
        for first in stride(from: 0, to: places, by: chunk) {
          let rows = min(chunk, places - first)
          matrix.multiply(
            dy.floats + (block.row + first) * outputs, rows: rows, adding: .zeros,
            into: columns.storage.pointer)
          for i in 0..<rows {
            let position = (first + i) * axis.stride + tap * axis.dilation
            let at = sums.storage.pointer + position * channels
            Kernels.add(inner, at, columns.floats + i * inner, at)
          }
        }
      }
      (dx.storage.pointer + source.offsets[s] * channels).update(
        from: sums.floats + axis.before * channels, count: length * channels)
    }
    return dx
  }
}
