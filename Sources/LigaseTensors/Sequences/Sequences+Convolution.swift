extension Sequences {
  /// One-dimensional convolution (cross-correlation, as PyTorch's): `y[t, o] = b[o] + sum_k,c W[o, c, k] x[t s + k d - p, c]`.
  ///
  /// Each sequence is convolved over its own length; padding is zeros at its own ends. Windows are unfolded a few
  /// hundred places at a time, so memory does not grow with K.
  ///
  /// - Parameters:
  ///   - weight: `[O, C, K]`.
  ///   - bias: `[O]`, or nil.
  ///   - window: the geometry; its size is K.
  /// - Returns: `[sum of L', O]` with `window.places(on: L)` steps a sequence.
  public func convolved(weight: Tensor, bias: Tensor?, window: SlidingWindow) -> Sequences {
    precondition(
      weight.rank == 3 && weight.shape[1] == values.shape[1] && weight.shape[2] == window.size
        && (bias == nil || bias!.shape == [weight.shape[0]]),
      "convolved: an input \(values.shape) does not fit the weight \(weight.shape) and bias \(bias?.shape ?? [])"
    )
    let pass = ConvolutionPass(input: self, weight: weight, window: window)
    let parents = [values, weight] + (bias.map { [$0] } ?? [])
    let value = pass.forward(bias: bias)
    let result = Tensor.recording(value, from: parents) { dy in
      pass.backward(dy) + (bias == nil ? [] : [dy.columnSums()])
    }
    return Sequences(values: result, layout: pass.output)
  }
}

/// One convolution over a batch: shares of whole sequences, each unfolded in chunks.
private struct ConvolutionPass: @unchecked Sendable {
  private static let chunk = 256

  let input: Sequences
  let window: SlidingWindow
  let output: SequenceLayout
  /// The weight as `[O, K C]`.
  private let packed: Tensor
  private let shape: [Int]
  private let tracksInput: Bool
  /// The sequences of each share: a function of the layout alone.
  private let shares: [Range<Int>]

  init(input: Sequences, weight: Tensor, window: SlidingWindow) {
    self.window = window
    tracksInput = input.values.isTracked
    self.input = Sequences(values: input.values.detached, layout: input.layout)
    shape = weight.shape
    packed = weight.detached.permuted([0, 2, 1]).reshaped([shape[0], shape[1] * shape[2]])
    output = window.layout(over: input.layout)
    let wanted = max(1, min(16, output.rowCount / ConvolutionPass.chunk))
    var bounds = [0]
    for s in 1..<max(output.count, 1)
    where output.offsets[s] * wanted / max(output.rowCount, 1) >= bounds.count {
      bounds.append(s)
    }
    shares = zip(bounds, bounds.dropFirst() + [output.count]).map { $0..<$1 }
  }

  private var outputs: Int { shape[0] }
  private var channels: Int { shape[1] }
  private var width: Int { shape[1] * shape[2] }

  /// Visits the output rows of a share chunk by chunk.
  private func forEachChunk(of share: Int, _ body: (Range<Int>) -> Void) {
    let rows = output.offsets[shares[share].lowerBound]..<output.offsets[shares[share].upperBound]
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: ConvolutionPass.chunk) {
      body(start..<min(start + ConvolutionPass.chunk, rows.upperBound))
    }
  }

  /// Visits every tap of the windows of some output rows: place in the unfolded chunk, and input row or nil.
  private func forEachTap(of rows: Range<Int>, _ body: (Int, Int?) -> Void) {
    var s = output.offsets.partitioningIndex { $0 > rows.lowerBound } - 1
    for row in rows {
      while output.offsets[s + 1] <= row { s += 1 }
      let t = row - output.offsets[s], length = input.layout.lengths[s]
      for k in 0..<window.size {
        let at = (row - rows.lowerBound) * width + k * channels
        body(at, window.step(at: t, tap: k, length: length).map { input.layout.offsets[s] + $0 })
      }
    }
  }

  private func unfold(_ rows: Range<Int>, into columns: MutableFloats) {
    let x = input.values.floats
    forEachTap(of: rows) { at, row in
      if let row {
        (columns + at).update(from: x + row * channels, count: channels)
      } else {
        (columns + at).update(repeating: 0, count: channels)
      }
    }
  }

  private var scratch: Tensor { Tensor(shape: [ConvolutionPass.chunk, width]) { _ in } }

  func forward(bias: Tensor?) -> Tensor {
    Tensor(shape: [output.rowCount, outputs]) { out in
      nonisolated(unsafe) let base = out.baseAddress!
      ThreadTeam.shared.forEachShare(shares.count) { share in
        let columns = scratch
        forEachChunk(of: share) { rows in
          unfold(rows, into: columns.storage.pointer)
          let start = base + rows.lowerBound * outputs
          if let bias { Kernels.fillRows(rows.count, outputs, bias.floats, start) }
          Kernels.gemm(
            columns.view, packed.view.transposed, into: start, stride: outputs, m: rows.count, n: outputs,
            k: width,
            beta: bias == nil ? 0 : 1)
        }
      }
    }
  }

  /// The gradients of the input, if it is tracked, and of the weight.
  func backward(_ dy: Tensor) -> [Tensor?] {
    let dx = tracksInput ? Tensor.zeros(input.values.shape) : nil
    let parts = shares.map { _ in Tensor.zeros([outputs, width]) }
    ThreadTeam.shared.forEachShare(shares.count) { share in
      let columns = scratch
      forEachChunk(of: share) { rows in
        let gradient = MatrixView(dy.floats + rows.lowerBound * outputs, stride: outputs)
        unfold(rows, into: columns.storage.pointer)
        Kernels.gemm(
          gradient.transposed, columns.view, into: parts[share].storage.pointer, stride: width, m: outputs,
          n: width,
          k: rows.count, beta: 1)
        guard let target = dx?.storage.pointer else { return }
        Kernels.gemm(
          gradient, packed.view, into: columns.storage.pointer, stride: width, m: rows.count, n: width,
          k: outputs)
        forEachTap(of: rows) { at, row in
          guard let row else { return }
          let place = target + row * channels
          Kernels.add(channels, place, columns.floats + at, place)
        }
      }
    }
    let total = parts.dropFirst().reduce(into: parts[0]) { $0.accumulate($1) }
    return [dx, total.reshaped([outputs, shape[2], channels]).permuted([0, 2, 1])]
  }
}

extension [Int] {
  /// The first index whose element satisfies `predicate`, in an array where all that do come last.
  fileprivate func partitioningIndex(where predicate: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
