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
    let value = Tensor(shape: shape) { out in
      let base = out.baseAddress!
      Kernels.multiplyRow(rows, width, x.floats, factor.floats, base)
      if let shift { Kernels.addRow(rows, width, base, shift.floats, base) }
    }
    let tracksInput = isTracked
    return Tensor.recording(value, from: [self, scale] + (shift.map { [$0] } ?? []), "scaledColumns") { dy in
      let flat = dy.reshaped([rows, width])
      var parts: [Tensor?] = [
        tracksInput
          ? Tensor(shape: x.shape) {
            Kernels.multiplyRow(rows, width, dy.floats, factor.floats, $0.baseAddress!)
          }
          : nil,
        scale.isTracked ? flat.zipped(x, Kernels.multiply).columnSums() : nil,
      ]
      if let shift { parts.append(shift.isTracked ? flat.columnSums() : nil) }
      return parts
    }
  }

  /// Returns the mean and the biased variance of each column of the last axis, accumulated in double
  /// precision, without a history.
  package func columnMoments() -> (mean: Tensor, variance: Tensor) {
    let (rows, width) = requireMatrix("columnMoments")
    let x = floats, n = Double(max(rows, 1))
    let sums = Tensor.columnTotals(rows, width) { i, _ in Double(x[i]) }
    let centers = sums.map { $0 / n }
    let squares = Tensor.columnTotals(rows, width) { i, j in
      let distance = Double(x[i]) - centers[j]
      return distance * distance
    }
    return (Tensor(centers.map { Float($0) }), Tensor(squares.map { Float($0 / n) }))
  }

  /// Returns each column of the last axis scaled to mean 0 and standard deviation 1: `(x - mean) / sqrt(var +
  /// epsilon)` over all rows (Ioffe and Szegedy, "Batch normalization", 2015).
  ///
  /// - Returns: the normalised tensor, and the mean and the biased variance of each column, without a history.
  package func normalizedColumns(epsilon: Float) -> (normalized: Tensor, mean: Tensor, variance: Tensor) {
    let (rows, width) = requireMatrix("normalizedColumns")
    let (mean, variance) = columnMoments()
    let inverse = Tensor(variance.scalars.map { Float(1 / (Double($0) + Double(epsilon)).squareRoot()) })
    let value = Tensor(shape: shape) { out in
      let (x, m, s) = (floats, mean.floats, inverse.floats)
      for row in 0..<rows {
        for j in 0..<width { out[row * width + j] = (x[row * width + j] - m[j]) * s[j] }
      }
    }
    let recorded = Tensor.recording(value, from: [self], "normalizedColumns", ["epsilon": .number(epsilon)]) {
      dy in
      let (g, y, n) = (dy.floats, value.floats, Double(max(rows, 1)))
      let means = Tensor.columnTotals(rows, width) { i, _ in Double(g[i]) }.map { Float($0 / n) }
      let along = Tensor.columnTotals(rows, width) { i, _ in Double(g[i]) * Double(y[i]) }.map {
        Float($0 / n)
      }
      return [
        Tensor(shape: value.shape) { out in
          for row in 0..<rows {
            for j in 0..<width {
              let i = row * width + j
              out[i] = inverse.floats[j] * (g[i] - means[j] - y[i] * along[j])
            }
          }
        }
      ]
    }
    return (recorded, mean, variance)
  }

  /// Returns the sums of a function of row and column over the rows, in row order and double precision.
  @inline(__always)
  private static func columnTotals(_ rows: Int, _ width: Int, _ term: (Int, Int) -> Double) -> [Double] {
    [Double](unsafeUninitializedCapacity: width) { totals, count in
      totals.initialize(repeating: 0)
      for row in 0..<rows {
        for j in 0..<width { totals[j] += term(row * width + j, j) }
      }
      count = width
    }
  }
}
