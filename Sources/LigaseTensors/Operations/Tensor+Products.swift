/// `c = a b + beta * c`, cut into shares of the result's rows (or columns) that depend on its shape alone; `c` is
/// `[m, n]`, contiguous.
func multiplyMatrices(
  _ a: MatrixView, _ b: MatrixView, into c: MutableFloats, m: Int, n: Int, k: Int, beta: Float = 0
) {
  nonisolated(unsafe) let c = c
  let byRows = m >= n
  let extent = byRows ? m : n
  let shares = m * n * max(k, 1) < 1 << 20 ? 1 : max(1, min(16, extent / 96))
  let width = (extent + shares - 1) / shares
  ThreadTeam.current.forEachShare(shares) { share in
    let lower = min(extent, share * width), upper = min(extent, lower + width)
    if byRows {
      Kernels.gemm(
        a.from(row: lower), b, into: c + lower * n, stride: n, m: upper - lower, n: n, k: k, beta: beta)
    } else {
      Kernels.gemm(
        a, b.from(column: lower), into: c + lower, stride: n, m: m, n: upper - lower, k: k, beta: beta)
    }
  }
}

extension Tensor {
  private var lastExtent: Int { shape[rank - 1] }

  /// A matrix as the kernels read it.
  var view: MatrixView { MatrixView(floats, stride: lastExtent) }

  /// The plain product of two matrices, either of them transposed, without a history.
  func product(_ other: Tensor, transposeSelf: Bool = false, transposeOther: Bool = false) -> Tensor {
    let m = shape[transposeSelf ? 1 : 0], k = shape[transposeSelf ? 0 : 1],
      n = other.shape[transposeOther ? 0 : 1]
    return Tensor(shape: [m, n]) { out in
      multiplyMatrices(
        transposeSelf ? view.transposed : view, transposeOther ? other.view.transposed : other.view,
        into: out.baseAddress!, m: m, n: n, k: k)
    }
  }

  /// The product of two matrices, `[M, K]` by `[K, N]`.
  public func matmul(_ other: Tensor) -> Tensor {
    precondition(
      rank == 2 && other.rank == 2 && shape[1] == other.shape[0],
      "matmul: the shapes \(shape) and \(other.shape) do not multiply")
    let (a, b) = (detached, other.detached)
    return Tensor.recording(product(other), from: [self, other]) { dy in
      [
        self.isTracked ? dy.product(b, transposeOther: true) : nil,
        other.isTracked ? a.product(dy, transposeSelf: true) : nil,
      ]
    }
  }

  /// `x W^T + b` over the last axis: `[..., C]` to `[..., O]`, with `weight` `[O, C]` and `bias` `[O]`.
  public func linear(weight: Tensor, bias: Tensor?) -> Tensor {
    precondition(
      rank >= 1 && weight.rank == 2 && lastExtent == weight.shape[1],
      "linear: an input \(shape) does not fit the weight \(weight.shape)")
    precondition(
      bias == nil || bias!.shape == [weight.shape[0]],
      "linear: the bias \(bias?.shape ?? []) does not fit the weight \(weight.shape)")
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    let rows = shape.dropLast().reduce(1, *)
    let x = Tensor(shape: [rows, inputs], storage: storage)
    let w = weight.detached
    let hasHistory = isTracked || weight.isTracked || bias?.isTracked == true
    if !hasHistory, inputs * outputs <= 1 << 16, rows >= 32 {
      return Tensor(shape: shape.dropLast() + [outputs], storage: x.linearByPanels(w, bias).storage)
    }
    let value = Tensor(shape: shape.dropLast() + [outputs]) { out in
      guard let base = out.baseAddress else { return }
      if let bias { Kernels.fillRows(rows, outputs, bias.floats, base) }
      multiplyMatrices(
        x.view, w.view.transposed, into: base, m: rows, n: outputs, k: inputs, beta: bias == nil ? 0 : 1)
    }
    let tracksInput = isTracked, from = shape
    return Tensor.recording(value, from: [self, weight] + (bias.map { [$0] } ?? [])) { dy in
      let gradient = Tensor(shape: [rows, outputs], storage: dy.storage)
      var parts: [Tensor?] = [
        tracksInput ? Tensor(shape: from, storage: gradient.product(w).storage) : nil,
        weight.isTracked ? gradient.product(x, transposeSelf: true) : nil,
      ]
      if bias != nil { parts.append(gradient.columnSums()) }
      return parts
    }
  }

  /// `x W^T + b` for many rows and a small weight, which is packed once; what a row gives depends on that row alone.
  private func linearByPanels(_ weight: Tensor, _ bias: Tensor?) -> Tensor {
    let packed = PackedMatrix(weight, transposed: true), rows = shape[0]
    return Tensor(shape: [rows, packed.n]) { out in
      packed.multiplyAll(floats, rows: rows, bias: bias?.floats, into: out.baseAddress!)
    }
  }

  /// The sums down the rows of a matrix, in row order within each band of columns.
  func columnSums() -> Tensor {
    let rows = shape[0], width = shape[1]
    var sums = Tensor.zeros([width])
    sums.withUnsafeMutableBufferPointer { Kernels.columnSums(rows, width, floats, $0.baseAddress!) }
    return sums
  }
}
