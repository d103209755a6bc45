/// A matrix `[k, n]` packed once for many products with a few rows: the weights of a recurrent step.
struct PackedMatrix: @unchecked Sendable {
  /// The rows of the matrix.
  let k: Int
  /// The columns of the matrix.
  let n: Int
  private let packed: TensorStorage

  /// Packs a matrix `[rows, columns]`, or its transpose.
  init(_ matrix: Tensor, transposed: Bool) {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    (k, n) = transposed ? (columns, rows) : (rows, columns)
    packed = TensorStorage(uninitialized: Kernels.panelsCount(k, n))
    Kernels.packPanels(
      k, n, matrix.floats, transposed ? 1 : columns, transposed ? columns : 1, packed.pointer)
  }

  /// Packs the matrix whose element (i, j) is `base[i * rowStride + j * columnStride]`.
  init(_ base: Floats, rows: Int, columns: Int, rowStride: Int, columnStride: Int) {
    (k, n) = (rows, columns)
    packed = TensorStorage(uninitialized: Kernels.panelsCount(k, n))
    Kernels.packPanels(k, n, base, rowStride, columnStride, packed.pointer)
  }

  /// What a product is added to.
  enum Start {
    case zeros
    /// One row, the same for each row of the result; nil for zeros.
    case row(Floats?)
    /// What lies in the result's place.
    case result
    /// Rows of a matrix as wide as the result, one for each row of the result.
    case rows(Floats, UnsafePointer<Int32>)
  }

  /// `c = start + a * self` for `rows` rows, those of `a` `stride` (k when nil) and those of `c` n apart.
  func multiply(_ a: Floats, stride: Int? = nil, rows: Int, adding start: Start, into c: MutableFloats) {
    let (from, apart, chosen): (Floats?, Int, UnsafePointer<Int32>?) =
      switch start {
      case .zeros: (nil, 0, nil)
      case .row(let row): (row, 0, nil)
      case .result: (Floats(c), n, nil)
      case .rows(let matrix, let numbers): (matrix, n, numbers)
      }
    Kernels.multiplyPanels(rows, n, k, a, stride ?? k, packed.pointer, from, apart, chosen, c, n)
  }

  /// `c = bias + a * self` for many rows, cut into blocks for the thread team.
  func multiplyAll(_ a: Floats, rows: Int, bias: Floats?, into c: MutableFloats) {
    nonisolated(unsafe) let (a, bias, c) = (a, bias, c)
    let block = 192
    ThreadTeam.current.forEachShare((rows + block - 1) / block) { share in
      let first = share * block
      multiply(
        a + first * k, rows: min(block, rows - first), adding: .row(bias), into: c + first * n)
    }
  }
}

/// The weights of one direction as the sweeps over its shares use them.
struct PackedWeights: Sendable {
  /// `W_ih^T`, `[C, G H]`, and `W_hh^T`, `[H, G H]`.
  let input, hidden: PackedMatrix
  /// `W_ih`, `[G H, C]`, and `W_hh`, `[G H, H]`; made for back-propagation only.
  let inputPullback, hiddenPullback: PackedMatrix?
  /// What joins the input side: both biases, but for a GRU, whose hidden side keeps its own.
  let bias: Tensor?

  init(_ weights: RecurrentWeights, cell: RecurrentCell, forPullback: Bool) {
    input = PackedMatrix(weights.inputHidden, transposed: true)
    hidden = PackedMatrix(weights.hiddenHidden, transposed: true)
    inputPullback = forPullback ? PackedMatrix(weights.inputHidden, transposed: false) : nil
    hiddenPullback = forPullback ? PackedMatrix(weights.hiddenHidden, transposed: false) : nil
    let (a, b) = (weights.inputBias?.detached, cell == .gru ? nil : weights.hiddenBias?.detached)
    bias = if let a, let b { a + b } else { a ?? b }
  }
}
