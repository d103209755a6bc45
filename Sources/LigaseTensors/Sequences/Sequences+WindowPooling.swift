extension Sequences {
  /// The largest value of each channel under a sliding window; padding never wins.
  public func maxPooled(_ window: SlidingWindow) -> Sequences {
    if rowSharing != nil { return maxPooledOnce(window) }
    let (layout, channels) = (layout, channels)
    let pooled = window.layout(over: layout)
    var winners = [Int32](repeating: -1, count: pooled.rowCount * channels)
    let values = values, x = values.floats
    let value = Tensor(shape: [pooled.rowCount, channels]) { out in
      out.update(repeating: 0)
      winners.withUnsafeMutableBufferPointer { winners in
        var last = -1
        forEachTap(window, pooled) { target, row, _ in
          let best = out.baseAddress! + target * channels, winner = winners.baseAddress! + target * channels
          if target == last {
            Kernels.maxStep(channels, x + row * channels, Int32(row), best, winner)
          } else {
            best.update(from: x + row * channels, count: channels)
            winner.update(repeating: Int32(row), count: channels)
            last = target
          }
        }
      }
    }
    let chosen = winners
    let result = Tensor.recording(value, from: [values]) { dy in
      var dx = Tensor.zeros([layout.rowCount, channels])
      dx.withUnsafeMutableBufferPointer { out in
        for at in chosen.indices where chosen[at] >= 0 {
          out[Int(chosen[at]) * channels + at % channels] += dy.floats[at]
        }
      }
      return [dx]
    }
    return Sequences(values: result, layout: pooled)
  }

  /// The mean of each channel under a sliding window.
  ///
  /// - Parameter countsPadding: whether padding counts as zeros (PyTorch's default) or not at all.
  public func averagePooled(_ window: SlidingWindow, countsPadding: Bool = true) -> Sequences {
    let (layout, channels) = (layout, channels)
    let pooled = window.layout(over: layout)
    let values = values, x = values.floats
    let value = Tensor(shape: [pooled.rowCount, channels]) { out in
      out.update(repeating: 0)
      forEachTap(window, pooled) { target, row, taps in
        let share = 1 / Float(countsPadding ? window.size : taps)
        Kernels.addScaled(channels, share, x + row * channels, out.baseAddress! + target * channels)
      }
    }
    let shell = Sequences(values: values.detached, layout: layout)
    let result = Tensor.recording(value, from: [values]) { dy in
      let dx = Tensor.zeros([layout.rowCount, channels])
      shell.forEachTap(window, pooled) { target, row, taps in
        let share = 1 / Float(countsPadding ? window.size : taps)
        Kernels.addScaled(channels, share, dy.floats + target * channels, dx.storage.pointer + row * channels)
      }
      return [dx]
    }
    return Sequences(values: result, layout: pooled)
  }

  /// Visits every input row under every place of the window: output row, input row, and how many rows lie under it.
  private func forEachTap(_ window: SlidingWindow, _ pooled: SequenceLayout, _ body: (Int, Int, Int) -> Void)
  {
    for s in 0..<layout.count {
      let length = layout.lengths[s]
      for t in 0..<pooled.lengths[s] {
        let taps = window.taps(at: t, length: length)
        for tap in taps {
          let step = t * window.stride + tap * window.dilation - window.before
          body(pooled.offsets[s] + t, layout.offsets[s] + step, taps.count)
        }
      }
    }
  }
}
