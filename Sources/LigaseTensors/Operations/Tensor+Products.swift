extension Tensor {
  private var lastExtent: Int { shape[rank - 1] }

  /// The tensor as a matrix for the kernels.
  var view: MatrixView { MatrixView(floats, stride: lastExtent) }

  /// Returns the product of two matrices, each optionally transposed, without a history.
  func product(_ other: Tensor, transposeSelf: Bool = false, transposeOther: Bool = false) -> Tensor {
    let m = shape[transposeSelf ? 1 : 0], n = other.shape[transposeOther ? 0 : 1]
    let k = shape[transposeSelf ? 0 : 1]
    return Tensor(shape: [m, n]) { out in
      guard let c = out.baseAddress, m > 0, n > 0 else { return }
      if transposeSelf, m <= Tensor.fewRows, !transposeOther {
        // Each number of the other matrix is read once, so packing would only copy it.
        out.update(repeating: 0)
        return Kernels.addOuterProducts(m, n, k, floats, m, other.floats, n, c, n)
      }
      if !transposeSelf, transposeOther, Tensor.takesDotProducts(outputs: n, terms: k) {
        return dotRows(other, bias: nil, into: c)
      }
      if transposeSelf {
        PackedMatrix(other, transposed: transposeOther).multiplyTurned(floats, rows: m, into: c)
      } else {
        let right = transposeOther ? other.view.transposed : other.view
        PackedMatrix.multiply(floats, rows: m, by: right, k: k, n: n, into: c)
      }
    }
  }

  /// Returns whether inner products of unpacked rows are used, because a panel would be nearly empty: it
  /// depends on the weight's shape alone, not on the number of rows.
  private static func takesDotProducts(outputs: Int, terms: Int) -> Bool {
    outputs <= 4 || outputs <= 12 && terms >= 256
  }
  /// The largest number of rows of a product that are one tile.
  private static let fewRows = 12

  /// Computes `x W^T + b` of a matrix for a weight of few rows.
  private func dotRows(_ weight: Tensor, bias: Floats?, into c: MutableFloats) {
    let (rows, k, outputs) = (shape[0], shape[1], weight.shape[0])
    nonisolated(unsafe) let (x, w, bias, c) = (floats, weight.floats, bias, c)
    ThreadTeam.current.forEachRange(of: rows, grain: max(1, (1 << 16) / max(k * outputs, 1))) { range in
      let first = range.lowerBound
      Kernels.dotRows(range.count, outputs, k, x + first * k, w, bias, c + first * outputs)
    }
  }

  /// Returns the product of two matrices, `[M, K]` by `[K, N]`. A row of it has the same bits whatever other
  /// rows are computed.
  public func matmul(_ other: Tensor) -> Tensor {
    require(
      rank == 2 && other.rank == 2 && shape[1] == other.shape[0],
      "matmul: the shapes \(shape) and \(other.shape) do not multiply")
    let (a, b) = (detached, other.detached)
    return Tensor.recording(product(other), from: [self, other], "matmul") { dy in
      [
        self.isTracked ? dy.product(b, transposeOther: true) : nil,
        other.isTracked ? a.product(dy, transposeSelf: true) : nil,
      ]
    }
  }

  /// Returns `x W^T + b` over the last axis: `[..., C]` to `[..., O]`, with `weight` `[O, C]` and `bias`
  /// `[O]`. A row of the result has the same bits whatever other rows are computed.
  public func linear(weight: Tensor, bias: Tensor?) -> Tensor {
    require(
      rank >= 1 && weight.rank == 2 && lastExtent == weight.shape[1],
      "linear: an input \(shape) does not fit the weight \(weight.shape)")
    require(
      bias == nil || bias!.shape == [weight.shape[0]],
      "linear: the bias \(bias?.shape ?? []) does not fit the weight \(weight.shape)")
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    let rows = shape.dropLast().reduce(1, *)
    let x = Tensor(shape: [rows, inputs], storage: storage)
    let w = weight.detached
    let value = Tensor(shape: shape.dropLast() + [outputs]) { out in
      guard let c = out.baseAddress, rows > 0, outputs > 0 else { return }
      if Tensor.takesDotProducts(outputs: outputs, terms: inputs) {
        return x.dotRows(w, bias: bias?.floats, into: c)
      }
      PackedMatrix.multiply(
        x.floats, rows: rows, by: w.view.transposed, k: inputs, n: outputs, bias: bias?.floats, into: c)
    }
    let tracksInput = isTracked, from = shape
    return Tensor.recording(value, from: [self, weight] + (bias.map { [$0] } ?? []), "linear") { dy in
      let gradient = Tensor(shape: [rows, outputs], storage: dy.storage)
      var parts: [Tensor?] = [
        tracksInput ? Tensor(shape: from, storage: gradient.product(w).storage) : nil,
        weight.isTracked ? gradient.product(x, transposeSelf: true) : nil,
      ]
      if let bias { parts.append(bias.isTracked ? gradient.columnSums() : nil) }
      return parts
    }
  }

  /// Returns the sums over the rows of a matrix: in row order within blocks of rows, whose sums are added in
  /// order.
  func columnSums() -> Tensor {
    let (rows, width) = (shape[0], shape[1])
    let blocks = max(1, min(16, (rows * width) >> 15))
    let parts = Tensor(shape: [blocks, width]) { out in
      out.update(repeating: 0)
      guard let base = out.baseAddress else { return }
      nonisolated(unsafe) let (x, sums) = (floats, base)
      ThreadTeam.current.forEachShare(blocks) { block in
        let first = block * rows / blocks, end = (block + 1) * rows / blocks
        Kernels.columnSums(end - first, width, x + first * width, sums + block * width)
      }
    }
    guard blocks > 1 else { return Tensor(shape: [width], storage: parts.storage) }
    return Tensor(shape: [width]) { out in
      out.update(repeating: 0)
      if let base = out.baseAddress { Kernels.columnSums(blocks, width, parts.floats, base) }
    }
  }
}
