/// The lines that one line of a convolution reads: a tap along depth or height, and the position there.
struct LineSource {
  let tap, position: Int
}

/// The taps along a line that are adjacent in memory: where the first position of the result reads, in numbers
/// after the start of a padded line, and the row of its weights.
struct TapRun {
  let left, right: Int
}

/// The positions `first`, `first + every`, … of a line, which read the same taps.
struct LinePhase {
  let first, every, count: Int
  let runs: [TapRun]
}

/// How a line of the result reads lines of its source. Source and result are input and output of a
/// convolution, or the gradient of the output and that of the input, where the taps are in opposite order and
/// a stride leaves some positions to some taps.
struct LineGeometry {
  let window: SlidingWindow
  /// The extents of the source and of the result.
  let source, result: GridLayout.Space
  /// Whether the result is the gradient of the input.
  let isReversed: Bool
  /// The zeros before and after each line of the source.
  let before, after: Int
  let phases: [LinePhase]
  /// The numbers between the sources of adjacent positions of a phase.
  let step: Int

  /// - Parameters:
  ///   - channels: the channels of the source.
  ///   - terms: the channels that a result reads: fewer where the channels are in groups.
  init(
    _ window: SlidingWindow, from source: GridLayout.Space, to result: GridLayout.Space, channels: Int,
    terms: Int, isReversed: Bool
  ) {
    (self.window, self.source, self.result, self.isReversed) = (window, source, result, isReversed)
    let axis = window.spatial.width, reach = axis.dilation * (axis.size - 1)
    let joins = LineGeometry.joinsTaps(window, channels: channels, terms: terms, isReversed: isReversed)
    guard isReversed else {
      (before, after) = (axis.before, axis.after)
      step = axis.stride * channels
      let runs = (0..<(joins ? 1 : axis.size)).map {
        TapRun(left: $0 * axis.dilation * channels, right: $0 * terms)
      }
      phases = [LinePhase(first: 0, every: 1, count: result.width, runs: runs)]
      return
    }
    // The position x of the input reads the place (x + before - tap * dilation) / stride of the output.
    let first = axis.before - reach, last = (result.width - 1 + axis.before) / axis.stride
    let zeros = first < 0 ? (-first + axis.stride - 1) / axis.stride : 0
    (before, after) = (zeros, max(0, last + 1 - source.width))
    step = channels
    phases = (0..<min(axis.stride, result.width)).map { x in
      let taps = (0..<axis.size).reversed().filter {
        (x + axis.before - $0 * axis.dilation) % axis.stride == 0
      }
      let runs = (joins ? Array(taps.prefix(1)) : taps).map { tap in
        TapRun(
          left: ((x + axis.before - tap * axis.dilation) / axis.stride + zeros) * channels,
          right: (axis.size - 1 - tap) * terms)
      }
      let count = (result.width - x + axis.stride - 1) / axis.stride
      return LinePhase(first: x, every: axis.stride, count: count, runs: runs)
    }
  }

  /// Returns whether all taps along a line are adjacent numbers.
  static func joinsTaps(_ window: SlidingWindow, channels: Int, terms: Int, isReversed: Bool) -> Bool {
    let axis = window.spatial.width
    return channels == terms && axis.dilation == 1 && !(isReversed && axis.stride > 1)
  }

  /// Returns what the depth or height `position` of the result reads.
  func sources(_ axis: SlidingWindow.Axis, of position: Int, extent: Int) -> [LineSource] {
    guard isReversed else {
      return axis.taps(at: position, length: extent).map {
        LineSource(tap: $0, position: position * axis.stride - axis.before + $0 * axis.dilation)
      }
    }
    return axis.readers(of: position, count: extent).map {
      LineSource(tap: axis.size - 1 - $0.tap, position: $0.place)
    }
  }
}

/// The lines that a block reads, with zeros at the ends of each line, or in place where none are needed.
struct SourceLines {
  /// What each depth and each height of the block reads.
  let depths, heights: [[LineSource]]
  let base: Floats
  private let firstDepth, firstHeight, planeSize, lineSize: Int
  /// The owner of the copy.
  private let copy: Tensor?

  init(_ block: LineBlock, _ geometry: LineGeometry, of values: Floats, channels: Int) {
    let (depthAxis, heightAxis, _) = geometry.window.spatial, source = geometry.source
    depths = block.depths.map { geometry.sources(depthAxis, of: $0, extent: source.depth) }
    heights = block.heights.map { geometry.sources(heightAxis, of: $0, extent: source.height) }
    let planes = SourceLines.range(depths), rows = SourceLines.range(heights)
    let own = source.width * channels
    guard geometry.before + geometry.after > 0 else {
      (base, copy, firstDepth, firstHeight) = (values, nil, 0, 0)
      (planeSize, lineSize) = (source.height * own, own)
      return
    }
    let (before, after) = (geometry.before * channels, geometry.after * channels)
    let line = before + own + after
    let buffer = Tensor(shape: [planes.count * rows.count * line]) { out in
      guard var to = out.baseAddress else { return }
      for d in planes {
        for h in rows {
          to.update(repeating: 0, count: before)
          (to + before).update(from: values + (d * source.height + h) * own, count: own)
          (to + before + own).update(repeating: 0, count: after)
          to += line
        }
      }
    }
    (base, copy) = (buffer.floats, buffer)
    (firstDepth, firstHeight) = (planes.lowerBound, rows.lowerBound)
    (planeSize, lineSize) = (rows.count * line, line)
  }

  /// Returns the range of the positions that are read.
  private static func range(_ sources: [[LineSource]]) -> Range<Int> {
    let all = sources.joined().map(\.position)
    return (all.min() ?? 0)..<((all.max() ?? -1) + 1)
  }

  /// Returns the start of a line, zeros included, after `base`.
  func offset(_ depth: Int, _ height: Int) -> Int {
    (depth - firstDepth) * planeSize + (height - firstHeight) * lineSize
  }

  /// Calls `body` while the copy exists.
  func keeping<Result>(_ body: (SourceLines) -> Result) -> Result {
    defer { withExtendedLifetime(copy) {} }
    return body(self)
  }
}
