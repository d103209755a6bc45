extension Tensor {
  private func requireMatrix(_ operation: String) -> (rows: Int, width: Int) {
    require(rank >= 1, "\(operation): a scalar has no columns")
    return (shape.dropLast().reduce(1, *), shape[rank - 1])
  }

  /// Returns every column of the last axis times its factor, plus its shift: `y = x * scale + shift`.
  ///
  /// - Parameters:
  ///   - scale: `[C]`.
  ///   - shift: `[C]`, or nil.
  package func scaledColumns(by scale: Tensor, plus shift: Tensor?) -> Tensor {
    let (rows, width) = requireMatrix("scaledColumns")
    require(
      scale.shape == [width] && (shift == nil || shift!.shape == [width]),
      "scaledColumns: \(scale.shape) and \(shift?.shape ?? []) do not fit the last axis of \(shape)")
    let (x, factor) = (detached, scale.detached)
    let shares = RowShares(rows: rows, width: width), shiftNumbers = shift?.detached
    let value = shares.filling(shape) { rows, at, out in
      Kernels.multiplyRow(rows.count, width, x.floats + at, factor.floats, out)
      if let shiftNumbers { Kernels.addRow(rows.count, width, out, shiftNumbers.floats, out) }
    }
    let tracksInput = isTracked
    return Tensor.recording(value, from: [self, scale] + (shift.map { [$0] } ?? []), "scaledColumns") { dy in
      let flat = dy.reshaped([rows, width])
      var parts: [Tensor?] = [
        tracksInput
          ? shares.filling(x.shape) {
            Kernels.multiplyRow($0.count, width, dy.floats + $1, factor.floats, $2)
          } : nil,
        scale.isTracked ? flat.zipped(x, Kernels.multiply).columnSums() : nil,
      ]
      if let shift { parts.append(shift.isTracked ? flat.columnSums() : nil) }
      return parts
    }
  }

  /// Returns each column of the last axis scaled to mean 0 and standard deviation 1: `(x - mean) / sqrt(var +
  /// epsilon)` over all rows (Ioffe and Szegedy, "Batch normalization", 2015). Sums are in double precision.
  ///
  /// - Returns: the normalised tensor, and the mean and the biased variance of each column, without a history.
  package func normalizedColumns(epsilon: Float) -> (normalized: Tensor, mean: Tensor, variance: Tensor) {
    let (rows, width) = requireMatrix("normalizedColumns")
    let shares = RowShares(rows: rows, width: width), x = detached, n = Double(max(rows, 1))
    let centers = shares.totals {
      Kernels.columnTotals($0.count, width, x.floats + $0.lowerBound * width, $1)
    }
    .map { $0 / n }
    let variances = shares.totals {
      Kernels.columnSquares($0.count, width, x.floats + $0.lowerBound * width, centers, $1)
    }.map { $0 / n }
    let (mean, variance) = (Tensor(centers.map { Float($0) }), Tensor(variances.map { Float($0) }))
    let inverse = Tensor(variance.scalars.map { Float(1 / (Double($0) + Double(epsilon)).squareRoot()) })
    let value = shares.filling(shape) {
      Kernels.normalizeColumns($0.count, width, x.floats + $1, mean.floats, inverse.floats, $2)
    }
    let recorded = Tensor.recording(value, from: [self], "normalizedColumns", ["epsilon": .number(epsilon)]) {
      dy in
      let means = shares.totals {
        Kernels.columnTotals($0.count, width, dy.floats + $0.lowerBound * width, $1)
      }
      let along = shares.totals {
        let at = $0.lowerBound * width
        Kernels.columnDots($0.count, width, dy.floats + at, value.floats + at, $1)
      }
      let (m, a) = (Tensor(means.map { Float($0 / n) }), Tensor(along.map { Float($0 / n) }))
      return [
        shares.filling(value.shape) {
          Kernels.normalizeColumnsPullback(
            $0.count, width, value.floats + $1, inverse.floats, m.floats, a.floats, dy.floats + $1, $2)
        }
      ]
    }
    return (recorded, mean, variance)
  }
}

/// The rows of a matrix in shares that depend on its size alone.
struct RowShares: Sendable {
  let rows, width: Int
  private let count: Int

  init(rows: Int, width: Int) {
    (self.rows, self.width) = (rows, width)
    count = max(1, min(16, rows, (rows * width) >> 15))
  }

  /// Calls `body` with the rows of each share, in all threads.
  func forEach(_ body: @Sendable (_ share: Int, _ rows: Range<Int>) -> Void) {
    ThreadTeam.current.forEachShare(count) { share in
      body(share, (share * rows / count)..<((share + 1) * rows / count))
    }
  }

  /// Returns the sums over the rows of each column: `body` adds those of some rows to `width` numbers. The
  /// sums of the shares are added in order.
  func totals(
    _ body: @Sendable (_ rows: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    var parts = [Double](repeating: 0, count: count * width)
    parts.withUnsafeMutableBufferPointer { parts in
      guard let start = parts.baseAddress else { return }
      nonisolated(unsafe) let base = start
      forEach { share, rows in body(rows, base + share * width) }
    }
    return (0..<width).map { j in (0..<count).reduce(0) { $0 + parts[$1 * width + j] } }
  }

  /// Returns a new tensor, filled share by share: `body` gets some rows, the offset of their first number,
  /// and where to write it.
  func filling(
    _ shape: [Int], _ body: @Sendable (_ rows: Range<Int>, _ at: Int, _ out: MutableFloats) -> Void
  ) -> Tensor {
    Tensor(shape: shape) { out in
      guard let start = out.baseAddress else { return }
      nonisolated(unsafe) let base = start
      forEach { _, rows in body(rows, rows.lowerBound * width, base + rows.lowerBound * width) }
    }
  }
}
