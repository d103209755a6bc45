extension Tensor {
  /// Returns the sum of all elements, a scalar.
  public func sum() -> Tensor {
    let from = shape
    return Tensor.recording(Tensor(Float(Kernels.sum(count, floats))), from: [self], "sum") { dy in
      [Tensor(repeating: dy.scalar, shape: from)]
    }
  }

  /// Returns the mean of all elements, a scalar.
  public func mean() -> Tensor { sum() / Float(count) }

  /// Returns the sums over one axis, which is removed.
  public func sum(alongAxis axis: Int) -> Tensor {
    require(axis >= 0 && axis < rank, "sum: \(shape) has no axis \(axis)")
    let outer = shape[..<axis].reduce(1, *), extent = shape[axis], inner = shape[(axis + 1)...].reduce(1, *)
    var reduced = shape
    reduced.remove(at: axis)
    let from = shape
    let value = Tensor(shape: reduced) { out in
      guard let base = out.baseAddress else { return }
      if inner == 1 {
        for i in 0..<outer { base[i] = Float(Kernels.sum(extent, floats + i * extent)) }
      } else {
        out.update(repeating: 0)
        for i in 0..<outer {
          Kernels.columnSums(extent, inner, floats + i * extent * inner, base + i * inner)
        }
      }
    }
    return Tensor.recording(value, from: [self], "sum", ["axis": .integer(axis)]) { dy in
      [
        Tensor(shape: from) { out in
          guard let base = out.baseAddress else { return }
          for i in 0..<outer {
            if inner == 1 {
              (base + i * extent).update(repeating: dy.storage.pointer[i], count: extent)
            } else {
              Kernels.fillRows(extent, inner, dy.floats + i * inner, base + i * extent * inner)
            }
          }
        }
      ]
    }
  }

  /// Returns the means over one axis, which is removed.
  public func mean(alongAxis axis: Int) -> Tensor {
    require(axis >= 0 && axis < rank, "mean: \(shape) has no axis \(axis)")
    return sum(alongAxis: axis) / Float(shape[axis])
  }

  /// The Euclidean norm of all elements, accumulated in double precision, without a history.
  package var norm: Double { Kernels.dot(count, floats, floats).squareRoot() }

  /// Whether every element is finite.
  package var isFinite: Bool { withUnsafeBufferPointer { $0.allSatisfy { $0.isFinite } } }
}

extension Tensor {
  /// Returns the extent of the last axis.
  private func lastAxis(_ operation: String) -> Int {
    require(rank > 0, "\(operation): a scalar has no last axis")
    return shape[rank - 1]
  }

  private func overRows(_ body: @Sendable (Int, Floats, MutableFloats) -> Void) -> Tensor {
    let width = shape[rank - 1], rows = width == 0 ? 0 : count / width
    return Tensor(shape: shape) { out in
      guard let base = out.baseAddress else { return }
      nonisolated(unsafe) let target = base
      ThreadTeam.current.forEachRange(of: rows, grain: max(1, 1 << 15 / max(width, 1))) { range in
        let at = range.lowerBound * width
        body(range.count, floats + at, target + at)
      }
    }
  }

  /// Returns `e^x_j / sum_k e^x_k` over the last axis.
  public func softmax() -> Tensor {
    let width = lastAxis("softmax")
    let y = overRows { Kernels.softmaxRows($0, width, $1, $2) }
    return Tensor.recording(y, from: [self], "softmax") { dy in
      [
        Tensor(shape: y.shape) {
          Kernels.softmaxRowsPullback(y.count / max(width, 1), width, y.floats, dy.floats, $0.baseAddress!)
        }
      ]
    }
  }

  /// Returns the logarithm of `softmax()`, without its rounding.
  public func logSoftmax() -> Tensor {
    let width = lastAxis("logSoftmax")
    let y = overRows { Kernels.logSoftmaxRows($0, width, $1, $2) }
    return Tensor.recording(y, from: [self], "logSoftmax") { dy in
      [
        Tensor(shape: y.shape) { out in
          for row in 0..<(y.count / max(width, 1)) {
            let at = row * width
            let total = Float(Kernels.sum(width, dy.floats + at))
            for j in 0..<width { out[at + j] = dy.floats[at + j] - total * _exp(y.floats[at + j]) }
          }
        }
      ]
    }
  }

  /// Returns `(x - mean) / sqrt(variance + epsilon)` over the last axis (Ba et al., "Layer normalization",
  /// 2016).
  package func normalizedRows(epsilon: Float) -> Tensor {
    let width = lastAxis("normalizedRows"), rows = count / max(width, 1)
    let inverse = Tensor.zeros([rows])
    nonisolated(unsafe) let scale = inverse.storage.pointer
    nonisolated(unsafe) let start = floats
    let y = overRows { rows, x, out in
      Kernels.normalizeRows(rows, width, epsilon, x, out, scale + (x - start) / max(width, 1))
    }
    return Tensor.recording(y, from: [self], "normalizedRows", ["epsilon": .number(epsilon)]) { dy in
      [
        Tensor(shape: y.shape) {
          Kernels.normalizeRowsPullback(rows, width, y.floats, inverse.floats, dy.floats, $0.baseAddress!)
        }
      ]
    }
  }
}

private func _exp(_ x: Float) -> Float {
  var (input, output) = (x, Float(0))
  Kernels.exp(1, &input, &output)
  return output
}
