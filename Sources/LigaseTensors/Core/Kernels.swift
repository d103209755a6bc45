internal import CLigaseKernels
internal import COpenBLAS

/// Floats that a kernel writes.
typealias MutableFloats = UnsafeMutablePointer<Float>
/// Floats that a kernel reads.
typealias Floats = UnsafePointer<Float>

/// The only calls of C: whole-buffer kernels and BLAS, under Swift names. `CLigaseKernels.h` documents each.
enum Kernels {
  static let add = ligase_add
  static let subtract = ligase_subtract
  static let multiply = ligase_multiply
  static let divide = ligase_divide
  static let scaleShift = ligase_scale_shift
  static let addScaled = ligase_add_scaled
  static let relu = ligase_relu
  static let reluPullback = ligase_relu_pullback
  static let maximum = ligase_maximum
  static let sigmoid = ligase_sigmoid
  static let sigmoidPullback = ligase_sigmoid_pullback
  static let tanh = ligase_tanh
  static let tanhPullback = ligase_tanh_pullback
  static let gelu = ligase_gelu
  static let geluPullback = ligase_gelu_pullback
  static let exp = ligase_exp
  static let log = ligase_log
  static let sum = ligase_sum
  static let dot = ligase_dot
  static let dotRows = ligase_dot_rows
  static let columnSums = ligase_column_sums
  static let addRow = ligase_add_row
  static let multiplyRow = ligase_multiply_row
  static let fillRows = ligase_fill_rows
  static let scaleByRow = ligase_scale_by_row
  static let additiveScores = ligase_additive_scores
  static let weightedSum = ligase_weighted_sum
  static let softmaxRows = ligase_softmax_rows
  static let softmaxRowsPullback = ligase_softmax_rows_pullback
  static let logSoftmaxRows = ligase_log_softmax_rows
  static let normalizeRows = ligase_normalize_rows
  static let normalizeRowsPullback = ligase_normalize_rows_pullback
  static let transpose = ligase_transpose
  static let columnTotals = ligase_column_totals
  static let columnSquares = ligase_column_squares
  static let columnDots = ligase_column_dots
  static let normalizeColumns = ligase_normalize_columns
  static let normalizeColumnsPullback = ligase_normalize_columns_pullback
  static let prelu = ligase_prelu
  static let preluPullback = ligase_prelu_pullback
  static let preluSlopePullback = ligase_prelu_slope_pullback
  static let depthwiseLine = ligase_depthwise_line
  static let depthwiseWeightPullback = ligase_depthwise_weight_pullback
  static let dropout = ligase_dropout
  static let dropoutColumns = ligase_dropout_columns
  static let lstmStep = ligase_lstm_step
  static let lstmAdvance = ligase_lstm_advance
  static let lstmStepPullback = ligase_lstm_step_pullback
  static let gruStep = ligase_gru_step
  static let gruStepPullback = ligase_gru_step_pullback
  static let panelsCount = ligase_panels_count
  static let packPanels = ligase_pack_panels
  static let multiplyPanels = ligase_multiply_panels
  static let multiplyOnce = ligase_multiply_once
  static let multiplyPanelsTurned = ligase_multiply_panels_turned
  static let addOuterProducts = ligase_add_outer_products
  static let multiplyTaps = ligase_multiply_taps
  static let addLineProducts = ligase_add_line_products
  static let maxPoolLine = ligase_max_pool_line
  static let maxPoolLinePullback = ligase_max_pool_line_pullback
  static let averagePoolLine = ligase_average_pool_line
  static let averagePoolLinePullback = ligase_average_pool_line_pullback
  static let sgdUpdate = ligase_sgd_update
  static let adamUpdate = ligase_adam_update
  static let rmspropUpdate = ligase_rmsprop_update

  /// OpenBLAS uses the calling thread alone, because the thread team divides the work.
  private static let singleThreadedBLAS: Void = openblas_set_num_threads(1)

  /// Computes `c = op(a) op(b)` in double precision in the calling thread.
  static func gemm(
    _ a: [Double], transposed transposeA: Bool, stride: Int, _ b: [Double], transposed transposeB: Bool,
    otherStride: Int, into c: UnsafeMutablePointer<Double>, m: Int, n: Int, k: Int
  ) {
    _ = singleThreadedBLAS
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m),
      blasint(n), blasint(k), 1, a, blasint(stride), b, blasint(otherStride), 0, c, blasint(n))
  }

  /// Replaces a symmetric matrix by its eigenvectors, as rows, and returns the eigenvalues, ascending.
  static func symmetricEigen(_ matrix: inout [Double], _ size: Int) -> [Double]? {
    _ = singleThreadedBLAS
    var (n, info) = (Int32(size), Int32(0))
    var workSize = Int32(1 + 6 * size + 2 * size * size), intWorkSize = Int32(3 + 5 * size)
    var values = [Double](repeating: 0, count: size)
    var work = [Double](repeating: 0, count: Int(workSize)),
      intWork = [Int32](repeating: 0, count: Int(intWorkSize))
    var (job, triangle) = (CChar(86), CChar(76))  // "V", "L"
    dsyevd_(&job, &triangle, &n, &matrix, &n, &values, &work, &workSize, &intWork, &intWorkSize, &info)
    return info == 0 ? values : nil
  }
}

extension SlidingWindow.Axis {
  /// The geometry for the kernels, on lines of `width` positions.
  func onLines(of width: Int) -> ligase_window {
    ligase_window(width: width, size: size, stride: stride, dilation: dilation, before: before)
  }
}

/// A row-major matrix in memory, possibly read as its transpose.
struct MatrixView: @unchecked Sendable {
  var base: Floats
  /// The distance between stored rows.
  var stride: Int
  var isTransposed = false

  init(_ base: Floats, stride: Int) {
    self.base = base
    self.stride = stride
  }

  /// The distance between adjacent elements of a column of the view.
  var rowStride: Int { isTransposed ? 1 : stride }
  /// The distance between adjacent elements of a row of the view.
  var columnStride: Int { isTransposed ? stride : 1 }

  /// Returns the view from column `column` on.
  func from(column: Int) -> MatrixView {
    var view = self
    view.base += column * columnStride
    return view
  }

  /// The view of the transpose.
  var transposed: MatrixView {
    var view = self
    view.isTransposed.toggle()
    return view
  }
}
