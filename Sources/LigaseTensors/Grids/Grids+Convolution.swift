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
    requireFit(weight, bias, window, channels: channels, rank: layout.rank, rows: layout.rowCount)
    let pass = ConvolutionPass(input: self, weight: weight, window: window)
    let parents = [values, weight] + (bias.map { [$0] } ?? [])
    let value = pass.forward(bias: bias)
    let result = Tensor.recording(value, from: parents, "convolved", window.attributes) { dy in
      pass.backward(dy) + (bias == nil ? [] : [dy.columnSums()])
    }
    return Grids(values: result, layout: pass.output)
  }
}

/// Stops the program unless weight and bias of a convolution fit its input.
func requireFit(
  _ weight: Tensor, _ bias: Tensor?, _ window: SlidingWindow, channels: Int, rank: Int, rows: Int
) {
  require(
    rank == window.rank && weight.rank == rank + 2 && weight.shape[1] == channels
      && Array(weight.shape.dropFirst(2)) == window.sizes
      && (bias == nil || bias!.shape == [weight.shape[0]]),
    "convolved: an input \([rows, channels]) over \(rank) axes does not fit the weight \(weight.shape), the bias "
      + "\(bias?.shape ?? []) and a window of \(window.sizes)")
}

extension Tensor {
  /// The weight of a convolution, `[O, C, K…]`, with channels last: `[O, K… C]`.
  var withChannelsLast: Tensor { permuted([0] + Array(2..<rank) + [1]) }
}

/// One convolution over a batch, in shares of whole examples.
///
/// An example is copied with zeros around it. The positions of a window along the last axis are then
/// adjacent, and windows are `stride` positions apart, so that all windows of a row are the rows of a matrix
/// that overlap in memory. A window is one such matrix for each of its taps along the other axes, and for
/// each of its taps where the last axis is dilated.
private struct ConvolutionPass: @unchecked Sendable {
  /// The adjacent taps of a window: their offset before the first tap, in rows of the padded example.
  private struct Group {
    let depth, height, width: Int
  }

  let input: Grids
  let window: SlidingWindow
  let output: GridLayout
  private let shape: [Int]
  private let tracksInput: Bool
  /// The number of adjacent numbers of a group: K C, or C where the last axis is dilated.
  private let inner: Int
  private let groups: [Group]
  /// The weight of each group, `[inner, O]`, and transposed, `[O, inner]`.
  private let packed, packedAcross: [PackedMatrix]
  /// The examples of each share, which depend on the layout alone.
  private let shares: [Range<Int>]

  init(input: Grids, weight: Tensor, window: SlidingWindow) {
    self.window = window
    tracksInput = input.values.isTracked
    self.input = Grids(values: input.values.detached, layout: input.layout)
    shape = weight.shape
    let (depth, height, width) = window.spatial
    let isDilated = width.dilation > 1
    var groups: [Group] = []
    for d in 0..<depth.size {
      for h in 0..<height.size {
        for w in 0..<(isDilated ? width.size : 1) {
          groups.append(
            Group(depth: d * depth.dilation, height: h * height.dilation, width: w * width.dilation))
        }
      }
    }
    self.groups = groups
    let (outputs, all) = (shape[0], shape[1] * window.tapCount)
    let inner = all / groups.count
    self.inner = inner
    let taps = weight.detached.withChannelsLast
    packed = groups.indices.map {
      PackedMatrix(taps.floats + $0 * inner, rows: inner, columns: outputs, rowStride: 1, columnStride: all)
    }
    packedAcross = (0..<(tracksInput ? groups.count : 0)).map {
      PackedMatrix(taps.floats + $0 * inner, rows: outputs, columns: inner, rowStride: all, columnStride: 1)
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

  /// The geometry of a padded example.
  private struct Padded {
    let own, full: GridLayout.Space
    let before: GridLayout.Space
    let channels: Int

    init(_ own: GridLayout.Space, _ window: SlidingWindow, channels: Int) {
      let (d, h, w) = window.spatial
      self.own = own
      self.channels = channels
      before = .init(depth: d.before, height: h.before, width: w.before)
      full = .init(
        depth: own.depth + d.before + d.after, height: own.height + h.before + h.after,
        width: own.width + w.before + w.after)
    }

    /// Returns the offset of a position of the padded example.
    func at(_ depth: Int, _ height: Int, _ width: Int) -> Int {
      ((depth * full.height + height) * full.width + width) * channels
    }

    /// Calls `body` with the start of each line of the example, unpadded and padded.
    func forEachLine(_ body: (_ alone: Int, _ padded: Int) -> Void) {
      for d in 0..<own.depth {
        for h in 0..<own.height {
          body(
            (d * own.height + h) * own.width * channels,
            at(d + before.depth, h + before.height, before.width))
        }
      }
    }
  }

  private func padded(_ s: Int) -> Padded { Padded(input.layout.space(of: s), window, channels: channels) }

  /// Returns memory for the largest padded example of a share.
  private func room(for share: Int) -> Tensor {
    let most = shares[share].reduce(0) { max($0, padded($1).full.count) }
    return Tensor(shape: [most, channels]) { _ in }
  }

  /// Copies an example into its padded form.
  private func place(_ s: Int, _ geometry: Padded, into buffer: MutableFloats) {
    let source = input.values.floats + input.layout.offsets[s] * channels
    let size = geometry.own.width * channels
    if geometry.full != geometry.own { buffer.update(repeating: 0, count: geometry.full.count * channels) }
    geometry.forEachLine { alone, padded in (buffer + padded).update(from: source + alone, count: size) }
  }

  /// Calls `body` with each group of taps of each line of the output: the group, the offset of its first
  /// window in the padded example, and the first row of the output.
  private func forEachProduct(_ s: Int, _ geometry: Padded, _ body: (Int, _ from: Int, _ row: Int) -> Void) {
    let (depth, height, _) = window.spatial, places = output.space(of: s)
    for d in 0..<places.depth {
      for h in 0..<places.height {
        for (i, group) in groups.enumerated() {
          let from = geometry.at(
            d * depth.stride + group.depth, h * height.stride + group.height, group.width)
          body(i, from, output.offsets[s] + (d * places.height + h) * places.width)
        }
      }
    }
  }

  /// The distance between windows of a line.
  private var step: Int { window.spatial.width.stride * channels }

  func forward(bias: Tensor?) -> Tensor {
    Tensor(shape: [output.rowCount, outputs]) { out in
      nonisolated(unsafe) let base = out.baseAddress!
      ThreadTeam.current.forEachShare(shares.count) { share in
        let x = room(for: share)
        for s in shares[share] where output.lengths[s] > 0 {
          let geometry = padded(s), width = output.space(of: s).width
          place(s, geometry, into: x.storage.pointer)
          forEachProduct(s, geometry) { group, from, row in
            packed[group].multiply(
              x.floats + from, stride: step, rows: width, adding: group == 0 ? .row(bias?.floats) : .result,
              into: base + row * outputs)
          }
        }
      }
    }
  }

  /// Returns the gradients of the input, if it is tracked, and of the weight.
  func backward(_ dy: Tensor) -> [Tensor?] {
    let dx = tracksInput ? Tensor.zeros(input.values.shape) : nil
    let parts = shares.map { _ in Tensor.zeros([groups.count * inner, outputs]) }
    ThreadTeam.current.forEachShare(shares.count) { share in
      let x = room(for: share), part = parts[share].storage.pointer
      for s in shares[share] where output.lengths[s] > 0 {
        let geometry = padded(s), width = output.space(of: s).width
        place(s, geometry, into: x.storage.pointer)
        forEachProduct(s, geometry) { group, from, row in
          Kernels.addOuterProducts(
            inner, outputs, width, x.floats + from, step, dy.floats + row * outputs, outputs,
            part + group * inner * outputs, outputs)
        }
        if let dx { addInputGradients(dy, s, geometry, x.storage.pointer, to: dx) }
      }
    }
    let total = parts.dropFirst().reduce(into: parts[0]) { $0.accumulate($1) }
    let axes = window.rank
    return [
      dx,
      total.reshaped(window.sizes + [channels, outputs]).permuted([axes + 1, axes] + Array(0..<axes)),
    ]
  }

  /// Adds the input gradient of each window to its positions, for some windows at a time, in `sums`, and
  /// copies those of the unpadded example.
  private func addInputGradients(
    _ dy: Tensor, _ s: Int, _ geometry: Padded, _ sums: MutableFloats, to dx: Tensor
  ) {
    sums.update(repeating: 0, count: geometry.full.count * channels)
    let chunk = 64, width = output.space(of: s).width
    let columns = Tensor(shape: [chunk, inner]) { _ in }
    forEachProduct(s, geometry) { group, from, row in
      for first in stride(from: 0, to: width, by: chunk) {
        let rows = min(chunk, width - first)
        packedAcross[group].multiply(
          dy.floats + (row + first) * outputs, rows: rows, adding: .zeros, into: columns.storage.pointer)
        for i in 0..<rows {
          let at = sums + from + (first + i) * step
          Kernels.add(inner, at, columns.floats + i * inner, at)
        }
      }
    }
    let target = dx.storage.pointer + input.layout.offsets[s] * channels
    geometry.forEachLine { alone, padded in
      (target + alone).update(from: sums + padded, count: geometry.own.width * channels)
    }
  }
}
