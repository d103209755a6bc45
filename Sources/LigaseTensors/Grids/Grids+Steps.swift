extension GridLayout {
  /// Returns the layout of the steps `range` of each sequence, fewer where it ends before; a sequence that
  /// has ended is empty.
  package func steps(_ range: Range<Int>) -> GridLayout {
    GridLayout(lengths: clipped(range).map(\.count))
  }

  /// Returns the part of a range that is within each sequence.
  private func clipped(_ range: Range<Int>) -> [Range<Int>] {
    require(range.lowerBound >= 0, "steps: \(range) begins before the first step")
    return lengths.map { min(range.lowerBound, $0)..<min(range.upperBound, $0) }
  }

  /// Returns the rows of those steps.
  fileprivate func rows(of range: Range<Int>) -> [Range<Int>] {
    zip(offsets, clipped(range)).map { ($0 + $1.lowerBound)..<($0 + $1.upperBound) }
  }
}

extension Grids {
  /// Returns the steps `range` of each sequence, fewer where it ends before; a sequence that has ended is
  /// empty.
  public func steps(_ range: Range<Int>) -> Grids {
    let rows = layout.rows(of: range).flatMap { $0.map { Int32($0) } }
    return Grids(values: values.gatheredRows(rows), layout: layout.steps(range))
  }
}

extension SharedSteps {
  /// Returns the steps `range` of each sequence.
  package func steps(_ range: Range<Int>) -> SharedSteps {
    let from = whole
    let numbers = layout.rows(of: range).flatMap { from.sharing.numbers[$0] }
    return SharedSteps(rows: from.rows, sharing: StepSharing(numbers), layout: layout.steps(range))
  }
}

extension Ragged {
  /// Returns the steps `range` of each sequence.
  package func steps(_ range: Range<Int>) -> Ragged {
    Ragged(layout.rows(of: range).map { Array(elements[$0]) })
  }
}
