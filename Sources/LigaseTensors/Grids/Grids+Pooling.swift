extension Grids {
  /// Returns the mean over each sequence, `[N, C]`; zeros for an empty sequence.
  public func meanOverLength() -> Tensor {
    let (layout, channels, values) = (layout, channels, values)
    let value = Tensor(shape: [layout.count, channels]) { out in
      out.update(repeating: 0)
      for s in 0..<layout.count where layout.lengths[s] > 0 {
        let row = out.baseAddress! + s * channels
        Kernels.columnSums(layout.lengths[s], channels, values.floats + layout.offsets[s] * channels, row)
        Kernels.scaleShift(channels, row, 1 / Float(layout.lengths[s]), 0, row)
      }
    }
    return Tensor.recording(value, from: [values], "meanOverLength") { dy in
      [
        Tensor(shape: [layout.rowCount, channels]) { out in
          for s in 0..<layout.count where layout.lengths[s] > 0 {
            let start = out.baseAddress! + layout.offsets[s] * channels
            Kernels.scaleShift(
              channels, dy.floats + s * channels, 1 / Float(layout.lengths[s]), 0, start)
            for t in 1..<max(layout.lengths[s], 1) {
              (start + t * channels).update(from: start, count: channels)
            }
          }
        }
      ]
    }
  }

  /// Returns the maximum of each channel over each sequence, `[N, C]`; zeros for an empty sequence.
  public func maxOverLength() -> Tensor {
    let (layout, channels, values) = (layout, channels, values)
    var winners = [Int32](repeating: -1, count: layout.count * channels)
    let value = Tensor(shape: [layout.count, channels]) { out in
      out.update(repeating: 0)
      for s in 0..<layout.count {
        for row in layout.offsets[s]..<layout.offsets[s + 1] {
          for c in 0..<channels {
            let at = s * channels + c
            let candidate = values.storage.pointer[row * channels + c]
            if winners[at] < 0 || candidate > out[at] {
              out[at] = candidate
              winners[at] = Int32(row)
            }
          }
        }
      }
    }
    let chosen = winners
    return Tensor.recording(value, from: [values], "maxOverLength") { dy in
      var dx = Tensor.zeros([layout.rowCount, channels])
      dx.withUnsafeMutableBufferPointer { out in
        for at in chosen.indices where chosen[at] >= 0 {
          out[Int(chosen[at]) * channels + at % channels] += dy.storage.pointer[at]
        }
      }
      return [dx]
    }
  }

  /// Returns the last step of each sequence, `[N, C]`. Every sequence must have at least one step.
  package func lastOverLength() -> Tensor {
    require(!layout.lengths.contains(0), "lastOverLength: an empty sequence has no last step")
    return values.gatheredRows((0..<layout.count).map { Int32(layout.offsets[$0 + 1] - 1) })
  }

  /// Returns the softmax of one score for each step within each sequence; `values` is `[sum of L, 1]`.
  package func softmaxOverLength() -> Grids {
    require(channels == 1, "softmaxOverLength: scores are [sum of L, 1], not \(values.shape)")
    let (layout, values) = (layout, values)
    let value = Tensor(shape: values.shape) { out in
      for s in 0..<layout.count where layout.lengths[s] > 0 {
        let at = layout.offsets[s]
        Kernels.softmaxRows(1, layout.lengths[s], values.floats + at, out.baseAddress! + at)
      }
    }
    let weights = Tensor.recording(value, from: [values], "softmaxOverLength") { dy in
      [
        Tensor(shape: value.shape) { out in
          for s in 0..<layout.count where layout.lengths[s] > 0 {
            let at = layout.offsets[s]
            Kernels.softmaxRowsPullback(
              1, layout.lengths[s], value.floats + at, dy.floats + at, out.baseAddress! + at)
          }
        }
      ]
    }
    return Grids(values: weights, layout: layout)
  }

  /// Returns the score `v . tanh(W h + b)` of every step h, `[sum of L, 1]`, for a weight W `[A, C]`, b `[A]`
  /// and v `[1, A]`.
  package func additiveScores(weight: Tensor, bias: Tensor?, query: Tensor) -> Grids {
    requireScores(weight, bias, query, channels: channels)
    return mapValues { $0.linear(weight: weight, bias: bias).tanh().linear(weight: query, bias: nil) }
  }

  /// Returns the weighted sum of each sequence's steps: `[N, C]` for weights `[sum of L, 1]`.
  package func sumOverLength(weightedBy weights: Grids) -> Tensor {
    require(
      weights.layout == layout && weights.channels == 1,
      "sumOverLength: \(weights.layout.rowCount) weights of \(weights.channels) for \(layout.rowCount) steps, expected "
        + "the same lengths and one weight a step")
    let (layout, channels, values) = (layout, channels, values)
    let (x, w) = (values.detached, weights.values.detached)
    let value = Tensor(shape: [layout.count, channels]) { out in
      out.update(repeating: 0)
      for s in 0..<layout.count {
        for row in layout.offsets[s]..<layout.offsets[s + 1] {
          Kernels.addScaled(
            channels, w.storage.pointer[row], x.floats + row * channels, out.baseAddress! + s * channels)
        }
      }
    }
    return Tensor.recording(value, from: [values, weights.values], "sumOverLength") { dy in
      let dx = Tensor.zeros(x.shape), dw = Tensor.zeros(w.shape)
      for s in 0..<layout.count {
        let g = dy.floats + s * channels
        for row in layout.offsets[s]..<layout.offsets[s + 1] {
          Kernels.addScaled(channels, w.storage.pointer[row], g, dx.storage.pointer + row * channels)
          dw.storage.pointer[row] = Float(Kernels.dot(channels, x.floats + row * channels, g))
        }
      }
      return [dx, dw]
    }
  }

  /// Returns `x W^T + b` for the concatenated positions of each example, `[N, O]`: examples of one length L,
  /// `weight` `[O, L C]`.
  package func linearOverAllSteps(weight: Tensor, bias: Tensor?) -> Tensor {
    layout.requireOneLength(weight, bias, channels: channels)
    return values.reshaped([count, weight.shape[1]]).linear(weight: weight, bias: bias)
  }
}

/// Stops the program unless the weights of `additiveScores` fit each other and the number of channels.
func requireScores(_ weight: Tensor, _ bias: Tensor?, _ query: Tensor, channels: Int) {
  require(
    weight.rank == 2 && weight.shape[1] == channels && query.shape == [1, weight.shape[0]]
      && (bias == nil || bias!.shape == [weight.shape[0]]),
    "additiveScores: steps of \(channels) do not fit weights \(weight.shape), a bias \(bias?.shape ?? []) and a query "
      + "\(query.shape)")
}

extension GridLayout {
  /// Stops the program unless the weights of `linearOverAllSteps` fit each other and examples of one length.
  func requireOneLength(_ weight: Tensor, _ bias: Tensor?, channels: Int) {
    require(
      weight.rank == 2 && (bias == nil || bias!.shape == [weight.shape[0]]),
      "linearOverAllSteps: a weight \(weight.shape) and a bias \(bias?.shape ?? [])")
    require(
      lengths.allSatisfy { $0 * channels == weight.shape[1] },
      "linearOverAllSteps: sequences of \(longest) steps do not fit the weight \(weight.shape)")
  }
}
