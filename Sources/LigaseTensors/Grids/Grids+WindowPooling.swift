extension Grids {
  /// Returns the maximum of each channel in a sliding window; padding is never a maximum.
  public func maxPooled(_ window: SlidingWindow) -> Grids {
    let (layout, channels, values) = (layout, channels, values)
    let pooled = window.layout(over: layout)
    var winners = [Int32](repeating: -1, count: pooled.rowCount * channels)
    let x = values.floats
    let value = Tensor(shape: [pooled.rowCount, channels]) { out in
      out.update(repeating: 0)
      winners.withUnsafeMutableBufferPointer { winners in
        var last = -1
        layout.forEachTap(window, pooled) { target, row, _ in
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
    let result = Tensor.recording(value, from: [values], "maxPooled", window.attributes) { dy in
      var dx = Tensor.zeros([layout.rowCount, channels])
      dx.withUnsafeMutableBufferPointer { out in
        for at in chosen.indices where chosen[at] >= 0 {
          out[Int(chosen[at]) * channels + at % channels] += dy.floats[at]
        }
      }
      return [dx]
    }
    return Grids(values: result, layout: pooled)
  }

  /// Returns the mean of each channel in a sliding window.
  ///
  /// - Parameters:
  ///   - window: the geometry along each spatial axis.
  ///   - countsPadding: whether padding counts as zeros (PyTorch's default) or is ignored.
  public func averagePooled(_ window: SlidingWindow, countsPadding: Bool = true) -> Grids {
    let (layout, channels, values) = (layout, channels, values)
    let pooled = window.layout(over: layout), all = window.tapCount
    let x = values.floats
    let value = Tensor(shape: [pooled.rowCount, channels]) { out in
      out.update(repeating: 0)
      layout.forEachTap(window, pooled) { target, row, taps in
        let share = 1 / Float(countsPadding ? all : taps)
        Kernels.addScaled(channels, share, x + row * channels, out.baseAddress! + target * channels)
      }
    }
    let result = Tensor.recording(
      value, from: [values], "averagePooled",
      window.attributes.merging(["countsPadding": .integer(countsPadding ? 1 : 0)]) { $1 }
    ) { dy in
      let dx = Tensor.zeros([layout.rowCount, channels])
      layout.forEachTap(window, pooled) { target, row, taps in
        let share = 1 / Float(countsPadding ? all : taps)
        Kernels.addScaled(channels, share, dy.floats + target * channels, dx.storage.pointer + row * channels)
      }
      return [dx]
    }
    return Grids(values: result, layout: pooled)
  }
}

extension GridLayout {
  /// Visits every row in every position of a window, with its output row, its input row, and the number of
  /// rows in the window.
  func forEachTap(_ window: SlidingWindow, _ pooled: GridLayout, _ body: (Int, Int, Int) -> Void) {
    let (depth, height, width) = window.spatial
    for s in 0..<count {
      let own = space(of: s), places = pooled.space(of: s)
      var target = pooled.offsets[s]
      for z in 0..<places.depth {
        let depths = depth.taps(at: z, length: own.depth)
        for y in 0..<places.height {
          let heights = height.taps(at: y, length: own.height)
          for x in 0..<places.width {
            let widths = width.taps(at: x, length: own.width)
            let taps = depths.count * heights.count * widths.count
            for d in depths {
              let plane = (z * depth.stride + d * depth.dilation - depth.before) * own.height
              for h in heights {
                let line = (plane + y * height.stride + h * height.dilation - height.before) * own.width
                for w in widths {
                  body(
                    target, offsets[s] + line + x * width.stride + w * width.dilation - width.before, taps)
                }
              }
            }
            target += 1
          }
        }
      }
    }
  }
}
