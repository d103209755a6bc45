/// The number of elements below which one thread is faster than a fork and a join.
private let grain = 1 << 16

extension Tensor {
  var floats: Floats { Floats(storage.pointer) }

  /// Returns a new tensor of `shape`, filled range by range in all threads; `body` gets the output's base and
  /// a range.
  static func filling(_ shape: [Int], _ body: @Sendable (MutableFloats, Range<Int>) -> Void) -> Tensor {
    let result = Tensor(shape: shape, storage: TensorStorage(uninitialized: elementCount(of: shape)))
    nonisolated(unsafe) let out = result.storage.pointer
    ThreadTeam.current.forEachRange(of: result.count, grain: grain) { body(out, $0) }
    return result
  }

  typealias UnaryKernel = @Sendable (Int, Floats?, MutableFloats?) -> Void
  typealias BinaryKernel = @Sendable (Int, Floats?, Floats?, MutableFloats?) -> Void

  func mapped(_ kernel: UnaryKernel) -> Tensor {
    Tensor.filling(shape) { out, range in
      kernel(range.count, storage.pointer + range.lowerBound, out + range.lowerBound)
    }
  }

  func zipped(_ other: Tensor, _ kernel: BinaryKernel) -> Tensor {
    Tensor.filling(shape) { out, range in
      let at = range.lowerBound
      kernel(range.count, storage.pointer + at, other.storage.pointer + at, out + at)
    }
  }

  /// Computes `self += other` without a history; both have the same shape.
  mutating func accumulate(_ other: Tensor) {
    require(shape == other.shape, "gradients: \(shape) and \(other.shape) flow to one tensor")
    withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress!
      ThreadTeam.current.forEachRange(of: buffer.count, grain: grain) { range in
        let at = base + range.lowerBound
        Kernels.add(range.count, at, other.floats + range.lowerBound, at)
      }
    }
  }
}

extension Tensor {
  /// Returns the elementwise sum; the shapes broadcast as in NumPy.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    let (x, y) = broadcasting(a, b, "+")
    return recording(x.zipped(y, Kernels.add), from: [x, y], "add") { [$0, $0] }
  }

  /// Returns the elementwise difference; the shapes broadcast.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    let (x, y) = broadcasting(a, b, "-")
    return recording(x.zipped(y, Kernels.subtract), from: [x, y], "subtract") { [$0, $0.scaled(by: -1)] }
  }

  /// Returns the elementwise product; the shapes broadcast.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    let (x, y) = broadcasting(a, b, "*")
    let (u, v) = (x.detached, y.detached)
    return recording(x.zipped(y, Kernels.multiply), from: [x, y], "multiply") { dy in
      [
        x.isTracked ? dy.zipped(v, Kernels.multiply) : nil,
        y.isTracked ? dy.zipped(u, Kernels.multiply) : nil,
      ]
    }
  }

  /// Returns the elementwise quotient; the shapes broadcast.
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    let (x, y) = broadcasting(a, b, "/")
    let divisor = y.detached
    let quotient = x.zipped(y, Kernels.divide)
    return recording(quotient, from: [x, y], "divide") { dy in
      let dx = dy.zipped(divisor, Kernels.divide)
      return [dx, y.isTracked ? dx.zipped(quotient, Kernels.multiply).scaled(by: -1) : nil]
    }
  }

  func scaled(by scale: Float, shift: Float = 0) -> Tensor {
    Tensor.filling(shape) { out, range in
      Kernels.scaleShift(
        range.count, storage.pointer + range.lowerBound, scale, shift, out + range.lowerBound)
    }
  }

  /// Returns every element times `scale`.
  public static func * (a: Tensor, scale: Float) -> Tensor {
    recording(a.scaled(by: scale), from: [a], "multiply", ["by": .number(scale)]) { [$0.scaled(by: scale)] }
  }

  /// Returns every element times `scale`.
  public static func * (scale: Float, a: Tensor) -> Tensor { a * scale }

  /// Returns every element divided by `divisor`.
  public static func / (a: Tensor, divisor: Float) -> Tensor { a * (1 / divisor) }

  /// Returns every element plus `shift`.
  public static func + (a: Tensor, shift: Float) -> Tensor {
    recording(a.scaled(by: 1, shift: shift), from: [a], "add", ["shift": .number(shift)]) { [$0] }
  }

  /// Returns every element minus `shift`.
  public static func - (a: Tensor, shift: Float) -> Tensor { a + -shift }

  /// Returns every element with its sign changed.
  public static prefix func - (a: Tensor) -> Tensor { a * -1 }
}

extension Tensor {
  /// Returns a function of each element whose pullback needs the result only.
  private func activated(
    _ kernel: UnaryKernel, _ name: String, pullback: @escaping BinaryKernel
  ) -> Tensor {
    let y = mapped(kernel)
    return Tensor.recording(y, from: [self], name) { dy in [y.zipped(dy, pullback)] }
  }

  /// Returns `max(x, 0)`.
  public func relu() -> Tensor { activated(Kernels.relu, "relu", pullback: Kernels.reluPullback) }

  /// Returns the logistic function `1 / (1 + e^-x)`.
  public func sigmoid() -> Tensor { activated(Kernels.sigmoid, "sigmoid", pullback: Kernels.sigmoidPullback) }

  /// Returns the hyperbolic tangent.
  public func tanh() -> Tensor { activated(Kernels.tanh, "tanh", pullback: Kernels.tanhPullback) }

  /// Returns `x Phi(x)` with the exact normal distribution function (Hendrycks and Gimpel, 2016).
  public func gelu() -> Tensor {
    let x = detached
    return Tensor.recording(mapped(Kernels.gelu), from: [self], "gelu") { dy in
      [x.zipped(dy, Kernels.geluPullback)]
    }
  }

  /// Returns `x` where it is positive and `slope x` otherwise, with a slope `[C]` for each column of the last
  /// axis or one for all, `[1]` (He et al., "Delving deep into rectifiers", 2015).
  package func prelu(slope: Tensor) -> Tensor {
    let width = shape.last ?? 1, rows = count / max(width, 1)
    require(
      rank > 0 && (slope.shape == [1] || slope.shape == [width]),
      "prelu: the slope has the shape \(slope.shape), the input \(shape)")
    let x = detached, shares = RowShares(rows: rows, width: width)
    let factors = slope.shape == [width] ? slope.detached : slope.detached.broadcast(to: [width])
    let value = shares.filling(shape) {
      Kernels.prelu($0.count, width, x.floats + $1, factors.floats, $2)
    }
    return Tensor.recording(value, from: [self, slope], "prelu") { dy in
      let dx = shares.filling(x.shape) {
        Kernels.preluPullback($0.count, width, x.floats + $1, factors.floats, dy.floats + $1, $2)
      }
      var slopes = Tensor.zeros([width])
      for block in stride(from: 0, to: rows, by: 4096) {
        // Sums of blocks of rows are added, for precision.
        let part = Tensor.zeros([width]), at = block * width
        Kernels.preluSlopePullback(
          min(4096, rows - block), width, x.floats + at, dy.floats + at, part.storage.pointer)
        slopes.accumulate(part)
      }
      return [dx, slope.shape == [width] ? slopes : Tensor([Float(Kernels.sum(width, slopes.floats))])]
    }
  }

  /// Returns `e^x`.
  public func exp() -> Tensor { activated(Kernels.exp, "exp", pullback: Kernels.multiply) }

  /// Returns the natural logarithm.
  public func log() -> Tensor {
    let x = detached
    return Tensor.recording(mapped(Kernels.log), from: [self], "log") { dy in [dy.zipped(x, Kernels.divide)] }
  }

  /// Returns the square of each element.
  public func squared() -> Tensor { self * self }

  /// Sets each element to zero with `probability` and scales the others by `1 / (1 - probability)`.
  ///
  /// The mask is a function of `key` and the element's index, so it is not stored.
  /// Source: Srivastava et al., "Dropout" (2014).
  package func dropout(probability: Float, key: UInt64) -> Tensor {
    require(probability >= 0 && probability <= 1, "dropout: \(probability) is not a probability")
    guard probability > 0 else { return self }
    let masked: @Sendable (Tensor) -> Tensor = { x in
      Tensor.filling(x.shape) { out, range in
        let at = range.lowerBound
        Kernels.dropout(range.count, key, UInt64(at), probability, x.storage.pointer + at, out + at)
      }
    }
    return Tensor.recording(masked(self), from: [self], "dropout", ["probability": .number(probability)]) {
      [masked($0)]
    }
  }
}
