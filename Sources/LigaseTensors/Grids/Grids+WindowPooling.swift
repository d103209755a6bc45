extension Grids {
  /// Returns the maximum of each channel in a sliding window; padding is never a maximum.
  public func maxPooled(_ window: SlidingWindow) -> Grids {
    let (layout, channels, values) = (layout, channels, values)
    let pooled = window.layout(over: layout), axis = window.spatial.width
    // The row of each maximum, for the pullback.
    let winners = values.isTracked ? RowNumbers(count: pooled.rowCount * channels) : nil
    let value = Tensor(shape: [pooled.rowCount, channels]) { out in
      guard let start = out.baseAddress else { return }
      nonisolated(unsafe) let (base, x) = (start, values.floats)
      layout.forEachPooledLine(window, pooled) { s, row, rows in
        let at = row * channels
        Kernels.maxPoolLine(
          pooled.space(of: s).width, channels, rows.count, rows, axis.onLines(of: layout.space(of: s).width),
          x,
          base + at, winners.map { $0.start + at })
      }
    }
    let result = Tensor.recording(value, from: [values], "maxPooled", window.attributes) { dy in
      [
        Tensor(shape: [layout.rowCount, channels]) { out in
          guard let start = out.baseAddress, let winners else { return }
          nonisolated(unsafe) let base = start
          layout.forEachReadLine(window, pooled) { s, row, readers, _ in
            Kernels.maxPoolLinePullback(
              pooled.space(of: s).width, channels, readers.count, readers,
              axis.onLines(of: layout.space(of: s).width), Int32(row), dy.floats, winners.start,
              base + row * channels)
          }
        }
      ]
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
    let pooled = window.layout(over: layout), axis = window.spatial.width
    let all = countsPadding ? window.tapCount : 0
    let value = Tensor(shape: [pooled.rowCount, channels]) { out in
      guard let start = out.baseAddress else { return }
      nonisolated(unsafe) let (base, x) = (start, values.floats)
      layout.forEachPooledLine(window, pooled) { s, row, rows in
        Kernels.averagePoolLine(
          pooled.space(of: s).width, channels, rows.count, rows, axis.onLines(of: layout.space(of: s).width),
          all,
          x, base + row * channels)
      }
    }
    let result = Tensor.recording(
      value, from: [values], "averagePooled",
      window.attributes.merging(["countsPadding": .integer(countsPadding ? 1 : 0)]) { $1 }
    ) { dy in
      [
        Tensor(shape: [layout.rowCount, channels]) { out in
          guard let start = out.baseAddress else { return }
          nonisolated(unsafe) let base = start
          layout.forEachReadLine(window, pooled) { s, row, readers, counts in
            Kernels.averagePoolLinePullback(
              pooled.space(of: s).width, channels, readers.count, readers, counts,
              axis.onLines(of: layout.space(of: s).width), all, dy.floats, base + row * channels)
          }
        }
      ]
    }
    return Grids(values: result, layout: pooled)
  }
}

/// Uninitialised row numbers in pooled memory.
private final class RowNumbers: Sendable {
  private let storage: TensorStorage
  nonisolated(unsafe) let start: UnsafeMutablePointer<Int32>

  init(count: Int) {
    storage = TensorStorage(uninitialized: count)
    start = UnsafeMutableRawPointer(storage.pointer).bindMemory(to: Int32.self, capacity: max(count, 1))
  }
}

extension GridLayout {
  /// Calls `body` for every line of a pooled layout, in all threads: the example, the first row of the line,
  /// and the first row of each line that its windows read.
  fileprivate func forEachPooledLine(
    _ window: SlidingWindow, _ pooled: GridLayout,
    _ body: @Sendable (_ example: Int, _ row: Int, _ rows: [Int32]) -> Void
  ) {
    let (depth, height, _) = window.spatial
    LineShares(pooled, channels: 1).forEachBlock { _, block in
      let own = space(of: block.example), first = offsets[block.example]
      var row = block.row
      for z in block.depths {
        let planes = depth.taps(at: z, length: own.depth).map {
          (z * depth.stride + $0 * depth.dilation - depth.before) * own.height
        }
        for y in block.heights {
          let lines = height.taps(at: y, length: own.height).map {
            y * height.stride + $0 * height.dilation - height.before
          }
          body(
            block.example, row,
            planes.flatMap { plane in lines.map { Int32(first + (plane + $0) * own.width) } })
          row += pooled.space(of: block.example).width
        }
      }
    }
  }

  /// Calls `body` for every line of this layout, in all threads: the example, the first row of the line, the
  /// first row of each pooled line that reads it, ascending, and the number of lines that each of those reads.
  fileprivate func forEachReadLine(
    _ window: SlidingWindow, _ pooled: GridLayout,
    _ body: @Sendable (_ example: Int, _ row: Int, _ readers: [Int32], _ counts: [Int32]) -> Void
  ) {
    let (depth, height, _) = window.spatial
    LineShares(self, channels: 1).forEachBlock { _, block in
      let own = space(of: block.example), places = pooled.space(of: block.example)
      let first = pooled.offsets[block.example]
      var row = block.row
      for d in block.depths {
        let planes = depth.readers(of: d, count: places.depth).map(\.place)
        for h in block.heights {
          let lines = height.readers(of: h, count: places.height).map(\.place)
          var (readers, counts) = ([Int32](), [Int32]())
          for z in planes {
            for y in lines {
              readers.append(Int32(first + (z * places.height + y) * places.width))
              counts.append(
                Int32(
                  depth.taps(at: z, length: own.depth).count * height.taps(at: y, length: own.height).count))
            }
          }
          body(block.example, row, readers, counts)
          row += own.width
        }
      }
    }
  }
}
