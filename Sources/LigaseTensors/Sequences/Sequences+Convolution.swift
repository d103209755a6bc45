extension Sequences {
  /// One-dimensional convolution (cross-correlation, as PyTorch's):
  /// `y[t, o] = b[o] + sum_k,c W[o, c, k] x[t s + k d - p, c]`.
  ///
  /// Each sequence is convolved over its own length; padding is zeros at its own ends. Windows are never
  /// unfolded: the taps under one are neighbours in memory, and windows overlap.
  ///
  /// - Parameters:
  ///   - weight: `[O, C, K]`.
  ///   - bias: `[O]`, or nil.
  ///   - window: the geometry; its size is K.
  /// - Returns: `[sum of L', O]` with `window.places(on: L)` steps a sequence.
  public func convolved(weight: Tensor, bias: Tensor?, window: SlidingWindow) -> Sequences {
    require(
      weight.rank == 3 && weight.shape[1] == channels && weight.shape[2] == window.size
        && (bias == nil || bias!.shape == [weight.shape[0]]),
      "convolved: an input \([layout.rowCount, channels]) does not fit the weight \(weight.shape) and bias \(bias?.shape ?? [])"
    )
    if rowSharing != nil, !weight.isTracked, bias?.isTracked != true {
      return convolvedOnce(weight: weight, bias: bias, window: window)
    }
    let pass = ConvolutionPass(input: self, weight: weight, window: window)
    let parents = [values, weight] + (bias.map { [$0] } ?? [])
    let value = pass.forward(bias: bias)
    let result = Tensor.recording(value, from: parents) { dy in
      pass.backward(dy) + (bias == nil ? [] : [dy.columnSums()])
    }
    return Sequences(values: result, layout: pass.output)
  }
}

/// One convolution over a batch, in shares of whole sequences.
///
/// A sequence is copied between zeros. The steps under a window then lie side by side, one window `stride` steps after
/// the other, so that all windows are the rows of a matrix that overlap in memory. A dilated window is one such matrix
/// for each of its taps.
private struct ConvolutionPass: @unchecked Sendable {
  let input: Sequences
  let window: SlidingWindow
  let output: SequenceLayout
  private let shape: [Int]
  private let tracksInput: Bool
  /// The numbers of a window that lie side by side: K C, or C where it is dilated; and how many such groups there are.
  private let inner, groups: Int
  /// The weight of each group, `[inner, O]`, and the same across, `[O, inner]`.
  private let packed, packedAcross: [PackedMatrix]
  /// The sequences of each share: a function of the layout alone.
  private let shares: [Range<Int>]

  init(input: Sequences, weight: Tensor, window: SlidingWindow) {
    self.window = window
    tracksInput = input.values.isTracked
    self.input = Sequences(values: input.values.detached, layout: input.layout)
    shape = weight.shape
    let (outputs, width) = (shape[0], shape[1] * shape[2])
    groups = window.dilation == 1 ? 1 : window.size
    inner = width / groups
    let (groups, inner) = (groups, inner)
    let taps = weight.detached.permuted([0, 2, 1])
    packed = (0..<groups).map {
      PackedMatrix(taps.floats + $0 * inner, rows: inner, columns: outputs, rowStride: 1, columnStride: width)
    }
    packedAcross = (0..<(tracksInput ? groups : 0)).map {
      PackedMatrix(taps.floats + $0 * inner, rows: outputs, columns: inner, rowStride: width, columnStride: 1)
    }
    output = window.layout(over: input.layout)
    let wanted = max(1, min(16, output.rowCount / 256))
    var bounds = [0]
    for s in 1..<max(output.count, 1)
    where output.offsets[s] * wanted / max(output.rowCount, 1) >= bounds.count { bounds.append(s) }
    shares = zip(bounds, bounds.dropFirst() + [output.count]).map { $0..<$1 }
  }

  private var outputs: Int { shape[0] }
  private var channels: Int { shape[1] }

  /// Room for the longest sequence of a share between its zeros.
  private func padded(_ share: Int) -> Tensor {
    let longest = input.layout.lengths[shares[share]].max() ?? 0
    return .zeros([longest + window.before + window.after, channels])
  }

  /// Copies a sequence between zeros.
  private func place(_ s: Int, into buffer: MutableFloats) {
    let size = input.layout.lengths[s] * channels, start = buffer + window.before * channels
    start.update(from: input.values.floats + input.layout.offsets[s] * channels, count: size)
    (start + size).update(repeating: 0, count: window.after * channels)
  }

  func forward(bias: Tensor?) -> Tensor {
    Tensor(shape: [output.rowCount, outputs]) { out in
      nonisolated(unsafe) let base = out.baseAddress!
      ThreadTeam.current.forEachShare(shares.count) { share in
        let x = padded(share)
        for s in shares[share] where output.lengths[s] > 0 {
          place(s, into: x.storage.pointer)
          for group in 0..<groups {
            packed[group].multiply(
              x.floats + group * window.dilation * channels, stride: window.stride * channels,
              rows: output.lengths[s], adding: group == 0 ? .row(bias?.floats) : .result,
              into: base + output.offsets[s] * outputs)
          }
        }
      }
    }
  }

  /// The gradients of the input, if it is tracked, and of the weight.
  func backward(_ dy: Tensor) -> [Tensor?] {
    let dx = tracksInput ? Tensor.zeros(input.values.shape) : nil
    let parts = shares.map { _ in Tensor.zeros([groups * inner, outputs]) }
    ThreadTeam.current.forEachShare(shares.count) { share in
      let x = padded(share)
      for s in shares[share] where output.lengths[s] > 0 {
        let gradient = dy.floats + output.offsets[s] * outputs
        place(s, into: x.storage.pointer)
        for group in 0..<groups {
          Kernels.addOuterProducts(
            inner, outputs, output.lengths[s], x.floats + group * window.dilation * channels,
            window.stride * channels, gradient, outputs,
            parts[share].storage.pointer + group * inner * outputs,
            outputs)
        }
        if let dx {
          let size = input.layout.lengths[s] * channels
          let sums = x.storage.pointer
          sums.update(repeating: 0, count: size + (window.before + window.after) * channels)
          addInputGradients(of: gradient, places: output.lengths[s], to: sums)
          (dx.storage.pointer + input.layout.offsets[s] * channels).update(
            from: sums + window.before * channels, count: size)
          // The zeros before a sequence are never written again.
          sums.update(repeating: 0, count: window.before * channels)
        }
      }
    }
    let total = parts.dropFirst().reduce(into: parts[0]) { $0.accumulate($1) }
    return [dx, total.reshaped([shape[2], channels, outputs]).permuted([2, 1, 0])]
  }

  /// Adds the input gradient of each window to the steps under it, some windows at a time.
  private func addInputGradients(of gradient: Floats, places: Int, to sums: MutableFloats) {
    let chunk = 64
    let columns = Tensor(shape: [chunk, inner]) { _ in }
    for group in 0..<groups {
      for first in stride(from: 0, to: places, by: chunk) {
        let rows = min(chunk, places - first)
        packedAcross[group].multiply(
          gradient + first * outputs, rows: rows, adding: .zeros, into: columns.storage.pointer)
        for i in 0..<rows {
          let at = sums + ((first + i) * window.stride + group * window.dilation) * channels
          Kernels.add(inner, at, columns.floats + i * inner, at)
        }
      }
    }
  }
}
