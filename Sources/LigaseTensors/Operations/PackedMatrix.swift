/// A matrix `[k, n]` in the memory layout of the product kernels: packed in panels of columns, once for many
/// rows.
///
/// Every float product uses it, so a row of a product has the same bits whatever other rows are computed.
struct PackedMatrix: @unchecked Sendable {
  /// The rows of the matrix.
  let k: Int
  /// The columns of the matrix.
  let n: Int
  private let packed: TensorStorage

  /// The number of columns of a panel; `panels.c` has the same number.
  private static let panel = 32

  /// Packs a matrix `[rows, columns]`, or its transpose.
  init(_ matrix: Tensor, transposed: Bool) {
    self.init(
      transposed ? matrix.view.transposed : matrix.view, rows: matrix.shape[transposed ? 1 : 0],
      columns: matrix.shape[transposed ? 0 : 1])
  }

  /// Packs a matrix of the given size.
  init(_ view: MatrixView, rows: Int, columns: Int) {
    self.init(
      view.base, rows: rows, columns: columns, rowStride: view.rowStride, columnStride: view.columnStride)
  }

  /// Packs the matrix whose element (i, j) is `base[i * rowStride + j * columnStride]`.
  init(_ base: Floats, rows: Int, columns: Int, rowStride: Int, columnStride: Int) {
    (k, n) = (rows, columns)
    let storage = TensorStorage(uninitialized: Kernels.panelsCount(rows, columns))
    packed = storage
    nonisolated(unsafe) let base = base
    let panels = (columns + PackedMatrix.panel - 1) / PackedMatrix.panel
    ThreadTeam.current.forEachRange(
      of: panels, grain: max(1, (1 << 15) / (PackedMatrix.panel * max(rows, 1)))
    ) {
      let first = $0.lowerBound * PackedMatrix.panel
      Kernels.packPanels(
        rows, min(columns, $0.upperBound * PackedMatrix.panel) - first, base + first * columnStride,
        rowStride,
        columnStride, storage.pointer + first * rows)
    }
  }

  /// The initial value to which a product is added.
  enum Start {
    case zeros
    /// One row, the same for each row of the result; nil for zeros.
    case row(Floats?)
    /// The present result.
    case result
    /// Rows of a matrix with the width of the result, one for each row of the result.
    case rows(Floats, UnsafePointer<Int32>)
  }

  /// Computes `c = start + a * self` for `rows` rows; those of `a` are `stride` (k when nil) and those of `c`
  /// n apart.
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

  /// Computes one line of a convolution: `c = bias` plus the sum over t of the product of rows
  /// `right[t] ..< right[t] + terms` of the matrix and rows that begin at `a[left[t]]`.
  func multiplyTaps(
    _ a: Floats, stride: Int, rows: Int, left: [Int], right: [Int], terms: Int, bias: Floats?,
    into c: MutableFloats, stride resultStride: Int
  ) {
    Kernels.multiplyTaps(
      rows, n, left.count, terms, a, stride, left, packed.pointer, k, right, bias, c, resultStride)
  }

  /// Computes `c = bias + a b` for a matrix b `[k, n]` that is used once, in all threads. For few rows it is
  /// packed panel by panel during the product, with the same bits.
  static func multiply(
    _ a: Floats, rows: Int, by b: MatrixView, k: Int, n: Int, bias: Floats? = nil, into c: MutableFloats
  ) {
    guard rows <= 128 else {
      return PackedMatrix(b, rows: k, columns: n).multiplyAll(a, rows: rows, bias: bias, into: c)
    }
    nonisolated(unsafe) let (a, bias, c) = (a, bias, c)
    forEachBlock(rows: rows, n: n, k: k) { block, columns in
      let band = b.from(column: columns.lowerBound)
      Kernels.multiplyOnce(
        block.count, columns.count, k, a + block.lowerBound * k, k, band.base, band.rowStride,
        band.columnStride,
        bias.map { $0 + columns.lowerBound }, c + block.lowerBound * n + columns.lowerBound, n)
    }
  }

  /// Computes `c = bias + a * self` for any number of rows, those of `a` `stride` (k when nil) apart, in all
  /// threads.
  func multiplyAll(_ a: Floats, stride: Int? = nil, rows: Int, bias: Floats? = nil, into c: MutableFloats) {
    let stride = stride ?? k
    nonisolated(unsafe) let (a, bias, c) = (a, bias, c)
    PackedMatrix.forEachBlock(rows: rows, n: n, k: k) { block, columns in
      let from = bias.map { $0 + columns.lowerBound }
      Kernels.multiplyPanels(
        block.count, columns.count, k, a + block.lowerBound * stride, stride,
        packed.pointer + columns.lowerBound * k,
        from, 0,
        nil, c + block.lowerBound * n + columns.lowerBound, n)
    }
  }

  /// Computes `c = a^T self` for `a` `[k, rows]`, in all threads.
  func multiplyTurned(_ a: Floats, rows: Int, into c: MutableFloats) {
    nonisolated(unsafe) let (a, c) = (a, c)
    PackedMatrix.forEachBlock(rows: rows, n: n, k: k) { block, columns in
      Kernels.multiplyPanelsTurned(
        block.count, columns.count, k, a + block.lowerBound, rows, packed.pointer + columns.lowerBound * k,
        c + block.lowerBound * n + columns.lowerBound, n)
    }
  }

  /// Divides a product `[rows, n]` of k terms into blocks of about 128 rows, and few rows into bands of
  /// panels as well; the bounds depend on the sizes alone.
  private static func forEachBlock(
    rows: Int, n: Int, k: Int, _ body: @Sendable (_ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    guard rows > 0, n > 0 else { return }
    // A share of fewer than a quarter of a million terms is not worth a fork; packing counts as some rows.
    let worthwhile = max(1, ((rows + 8) * n * max(k, 1)) >> 18)
    let blocks = min(worthwhile, (rows + 127) / 128),
      panels = (n + PackedMatrix.panel - 1) / PackedMatrix.panel
    let bands = max(1, min(panels, (16 + blocks - 1) / blocks, worthwhile / blocks))
    ThreadTeam.current.forEachShare(blocks * bands) { share in
      let (block, band) = (share / bands, share % bands)
      let first = band * panels / bands * PackedMatrix.panel
      let end = min(n, (band + 1) * panels / bands * PackedMatrix.panel)
      body(block * rows / blocks..<(block + 1) * rows / blocks, first..<end)
    }
  }
}
