extension Grids {
  /// Transposed convolution over one to three spatial axes: the adjoint of `convolved(weight:bias:window:)`, so
  /// that every place adds `weight` times its channels to the places of its window.
  ///
  /// - Parameters:
  ///   - weight: `[C, O, K…]`, PyTorch's order.
  ///   - bias: `[O]`, or nil.
  ///   - window: the geometry of the convolution whose adjoint this is.
  ///   - outputPadding: places added at the end of each axis, fewer than the stride: convolutions with a stride
  ///     lead from several extents to one.
  /// - Returns: O channels; `(L - 1) stride - before - after + dilation (K - 1) + 1 + outputPadding` places.
  package func transposeConvolved(
    weight: Tensor, bias: Tensor?, window: SlidingWindow, outputPadding: Int = 0
  ) -> Grids {
    let outputs = weight.rank > 1 ? weight.shape[1] : 0
    requireFit(weight, nil, window, channels: outputs, rank: layout.rank, rows: layout.rowCount)
    require(
      weight.shape[0] == channels && (bias == nil || bias!.shape == [outputs])
        && window.axes.allSatisfy { (0..<max($0.stride, $0.dilation)).contains(outputPadding) },
      "transposeConvolved: \(channels) channels, a weight of \(weight.shape), a bias of \(bias?.shape ?? []) and an "
        + "output padding of \(outputPadding)")
    let target = window.transposedLayout(over: layout, outputPadding: outputPadding)
    let input = self, adjoint = ConvolutionPass(over: target, weight: weight, window: window)
    var value = adjoint.inputGradient(values.detached)
    if let bias { value = value + bias.detached }
    let parents = [values, weight] + (bias.map { [$0] } ?? [])
    let attributes = window.attributes.merging(["outputPadding": .integer(outputPadding)]) { $1 }
    let result = Tensor.recording(value, from: parents, "transposeConvolved", attributes) { dy in
      let pass = ConvolutionPass(
        input: Grids(values: dy, layout: target), weight: weight, window: window, groups: 1)
      var gradients: [Tensor?] = [
        input.values.isTracked ? pass.forward(bias: nil) : nil,
        weight.isTracked ? pass.weightGradient(input.values.detached) : nil,
      ]
      if let bias { gradients.append(bias.isTracked ? dy.columnSums() : nil) }
      return gradients
    }
    return Grids(values: result, layout: target)
  }
}

extension SlidingWindow {
  /// Returns the layout whose results under this window have the given layout.
  package func transposedLayout(over layout: GridLayout, outputPadding: Int) -> GridLayout {
    require(layout.rank == rank, "SlidingWindow: \(rank) axes over examples of \(layout.rank)")
    guard layout.count > 0 else { return layout }
    return GridLayout(
      extents: (0..<layout.count).map { s in
        zip(axes, layout.extents(of: s)).map { $0.origin(of: $1, outputPadding: outputPadding) }
      })
  }
}

extension SlidingWindow.Axis {
  /// Returns the number of positions on which the window has `places` places, and as many more as `outputPadding`
  /// says.
  package func origin(of places: Int, outputPadding: Int) -> Int {
    places == 0
      ? 0 : max(0, (places - 1) * stride - before - after + dilation * (size - 1) + 1 + outputPadding)
  }
}
