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
    nonisolated(unsafe) let x = floats
    let n = Double(max(rows, 1))
    let centers = Tensor.columnTotals(rows, width) { row, totals in
      for j in 0..<width { totals[j] += Double(x[row * width + j]) }
    }.map { $0 / n }
    let squares = centers.withUnsafeBufferPointer { centers in
      nonisolated(unsafe) let centers = centers
      return Tensor.columnTotals(rows, width) { row, totals in
        for j in 0..<width {
          let distance = Double(x[row * width + j]) - centers[j]
          totals[j] += distance * distance
        }
      }
    }
    return (Tensor(centers.map { Float($0) }), Tensor(squares.map { Float($0 / n) }))
  }

  /// Returns each column of the last axis scaled to mean 0 and standard deviation 1 over all rows, times its factor, plus its shift:
  /// `y = (x - mean) / sqrt(var + epsilon) * scale + shift` (Ioffe and Szegedy, "Batch normalization", 2015).
  ///
  /// ```
  /// dscale = sum dy z,  dshift = sum dy,  dx = scale / sqrt(var + epsilon) (dy - dshift / n - z dscale / n),  z = (y - shift) / scale
  /// ```
  ///
  /// - Parameters:
  ///   - scale: `[C]`.
  ///   - shift: `[C]`.
  /// - Returns: the result, and the mean and the biased variance of each column, without a history.
  package func normalizedColumns(epsilon: Float, by scale: Tensor, plus shift: Tensor) -> (
    normalized: Tensor, mean: Tensor, variance: Tensor
  ) {
    let (rows, width) = requireMatrix("normalizedColumns")
    require(
      scale.shape == [width] && shift.shape == [width],
      "normalizedColumns: \(scale.shape) and \(shift.shape) do not fit the last axis of \(shape)")
    let (mean, variance) = columnMoments()
    let inverse = Tensor(variance.scalars.map { Float(1 / (Double($0) + Double(epsilon)).squareRoot()) })
    let (input, factor) = (detached, scale.detached)
    nonisolated(unsafe) let (source, m, s, f, b) = (
      input.floats, mean.floats, inverse.floats, factor.floats, shift.detached.floats
    )
    let value = Tensor.fillingRows(shape, rows, width) { row, out in
      let x = source + row * width
      for j in 0..<width { out[j] = (x[j] - m[j]) * s[j] * f[j] + b[j] }
    }
    let recorded = Tensor.recording(
      value, from: [self, scale, shift], "normalizedColumns", ["epsilon": .number(epsilon)]
    ) { dy in
      nonisolated(unsafe) let (g, x, m, s, f) = (
        dy.floats, source, mean.floats, inverse.floats, factor.floats
      )
      let totals = Tensor.columnTotals(rows, 2 * width) { row, totals in
        let (g, x) = (g + row * width, x + row * width)
        for j in 0..<width { totals[j] += Double(g[j]) }
        for j in 0..<width { totals[width + j] += Double(g[j] * ((x[j] - m[j]) * s[j])) }
      }
      let n = Double(max(rows, 1)), means = Tensor(totals.map { Float($0 / n) })
      nonisolated(unsafe) let (centre, along) = (means.floats, means.floats + width)
      let dx = Tensor.fillingRows(dy.shape, rows, width) { row, out in
        let (g, x) = (g + row * width, x + row * width)
        for j in 0..<width {
          out[j] = f[j] * s[j] * (g[j] - centre[j] - (x[j] - m[j]) * s[j] * along[j])
        }
      }
      withExtendedLifetime((input, mean, inverse, factor, means)) {}
      return [
        dx, Tensor(totals[width...].map { Float($0) }), Tensor(totals[..<width].map { Float($0) }),
      ]
    }
    return (recorded, mean, variance)
  }

  /// Returns a tensor of `rows` rows, filled row by row in all threads.
  private static func fillingRows(
    _ shape: [Int], _ rows: Int, _ width: Int, _ body: @Sendable (Int, MutableFloats) -> Void
  ) -> Tensor {
    let result = Tensor(shape: shape, storage: TensorStorage(uninitialized: elementCount(of: shape)))
    nonisolated(unsafe) let out = result.storage.pointer
    ThreadTeam.current.forEachRange(of: rows, grain: max(1, (1 << 15) / max(width, 1))) { range in
      for row in range { body(row, out + row * width) }
    }
    return result
  }

  /// The number of rows whose sums are added one after the other.
  private static let rowsOfBlock = 1024

  /// Returns the sums over rows, which `body` adds to, in double precision: of blocks of rows, which all threads share, and then of the
  /// blocks in their order.
  private static func columnTotals(
    _ rows: Int, _ width: Int, _ body: @Sendable (Int, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let blocks = max(1, (rows + rowsOfBlock - 1) / rowsOfBlock)
    var parts = [Double](repeating: 0, count: blocks * width)
    parts.withUnsafeMutableBufferPointer { parts in
      guard let base = parts.baseAddress else { return }
      nonisolated(unsafe) let sums = base
      ThreadTeam.current.forEachShare(blocks) { block in
        for row in (block * rowsOfBlock)..<min((block + 1) * rowsOfBlock, rows) {
          body(row, sums + block * width)
        }
      }
    }
    var totals = Array(parts[..<width])
    for block in 1..<max(blocks, 1) { for j in 0..<width { totals[j] += parts[block * width + j] } }
    return totals
  }
}
