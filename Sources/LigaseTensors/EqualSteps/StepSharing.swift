import Synchronization

/// The row of each step of a batch in which equal steps have one row.
///
/// A step can consist of several concatenated pieces, each with its own row, like the outputs of a
/// bidirectional recurrent layer.
///
/// The distinct positions of a window and the order of the sequences depend on this alone. They are computed
/// once and stored, because several networks that read one batch need the same.
final class StepSharing: Sendable {
  /// The distinct positions of a window.
  struct Places: Sendable {
    /// The row under each tap of each distinct position, -1 for padding.
    let taps: [Int32]
    /// The distinct position of each step of the result.
    let output: StepSharing
  }

  /// The row of each piece of each step.
  let numbers: [Int32]
  /// The start of the rows of each piece; those of the last one extend to the end.
  let sections: [Int]
  private let places = Mutex<[SlidingWindow: Places]>([:])
  private let orders = Mutex<[Bool: [Int]]>([:])

  init(_ numbers: [Int32], sections: [Int] = [0]) {
    (self.numbers, self.sections) = (numbers, sections)
  }

  /// The number of pieces of a step.
  var pieces: Int { sections.count }

  /// Returns the distinct positions of a window over sequences of the given layout.
  func places(of window: SlidingWindow, _ layout: GridLayout, _ output: GridLayout) -> Places {
    if let known = places.withLock({ $0[window] }) { return known }
    let found = find(window, layout, output)
    places.withLock { $0[window] = found }
    return found
  }

  private func find(_ window: SlidingWindow, _ layout: GridLayout, _ output: GridLayout) -> Places {
    var words: [Int32] = [], starts: [Int] = []
    let axis = window.axes[0]
    words.reserveCapacity(layout.rowCount + layout.count * (axis.before + axis.after))
    starts.reserveCapacity(output.rowCount)
    for s in 0..<layout.count {
      for t in 0..<output.lengths[s] { starts.append(words.count + t * axis.stride) }
      words.append(contentsOf: repeatElement(-1, count: axis.before))
      words.append(contentsOf: numbers[layout.offsets[s]..<layout.offsets[s + 1]])
      words.append(contentsOf: repeatElement(-1, count: axis.after))
    }
    return words.withUnsafeBufferPointer { words in
      guard !starts.isEmpty else { return Places(taps: [], output: StepSharing([])) }
      let distinct = DistinctWindows(of: words, at: starts, size: axis.size, dilation: axis.dilation)
      let taps = [Int32](unsafeUninitializedCapacity: distinct.starts.count * axis.size) { taps, count in
        for start in distinct.starts {
          for tap in 0..<axis.size {
            taps[count] = words[start + tap * axis.dilation]
            count += 1
          }
        }
      }
      return Places(taps: taps, output: StepSharing(distinct.numbers))
    }
  }

  /// Returns the sequences sorted by their steps, compared from the first or from the last one.
  func order(reversed: Bool, _ sort: () -> [Int]) -> [Int] {
    if let known = orders.withLock({ $0[reversed] }) { return known }
    let found = sort()
    orders.withLock { $0[reversed] = found }
    return found
  }
}
