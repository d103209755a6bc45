/// A dense array of `Float`, contiguous and row-major, with value semantics (copy-on-write).
///
/// A tensor that takes part in training has a history: the tensors from which it was computed, and a
/// pullback. Without a tracked input nothing is recorded, so inference has no extra cost.
///
/// Shape letters have the same meaning everywhere: N batch, L length, C channels, H hidden size, D H W
/// spatial axes.
///
/// ```swift
/// let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
/// let y = (x - x.mean(alongAxis: 0)).squared().sum(alongAxis: 0)
/// print(x[1, 2], y.shape, x.matmul(x.transposed()).scalars)
/// ```
public struct Tensor: Sendable {
  /// The extent of each axis; empty for a scalar.
  public let shape: [Int]
  var storage: TensorStorage
  var history: History?

  init(shape: [Int], storage: TensorStorage, history: History? = nil) {
    self.shape = shape
    self.storage = storage
    self.history = history
  }

  /// The number of elements.
  public var count: Int { storage.count }
  /// The number of axes.
  public var rank: Int { shape.count }
  /// Whether a gradient can flow back through this tensor.
  public var isTracked: Bool { history != nil }
}

extension Tensor {
  /// Creates a tensor of uninitialised numbers and lets `body` set all of them.
  public init(shape: [Int], initializingWith body: (UnsafeMutableBufferPointer<Float>) throws -> Void)
    rethrows
  {
    let storage = TensorStorage(uninitialized: Tensor.elementCount(of: shape))
    try body(UnsafeMutableBufferPointer(start: storage.pointer, count: storage.count))
    self.init(shape: shape, storage: storage)
  }

  /// Creates a tensor of one repeated value.
  public init(repeating value: Float, shape: [Int]) {
    self.init(shape: shape) { $0.update(repeating: value) }
  }

  /// Creates a tensor from numbers in row-major order.
  public init(_ scalars: [Float], shape: [Int]) {
    let count = Tensor.elementCount(of: shape)
    require(scalars.count == count, "Tensor: \(scalars.count) numbers do not fill the shape \(shape)")
    self.init(shape: shape) { buffer in
      scalars.withUnsafeBufferPointer { _ = buffer.update(fromContentsOf: $0) }
    }
  }

  /// Creates a tensor with one axis.
  public init(_ scalars: [Float]) { self.init(scalars, shape: [scalars.count]) }

  /// Creates a scalar (no axes).
  public init(_ value: Float) { self.init([value], shape: []) }

  /// Returns a tensor of zeros.
  public static func zeros(_ shape: [Int]) -> Tensor { Tensor(repeating: 0, shape: shape) }

  /// Returns a tensor of ones.
  public static func ones(_ shape: [Int]) -> Tensor { Tensor(repeating: 1, shape: shape) }

  static func elementCount(of shape: [Int]) -> Int {
    var count = 1
    for extent in shape {
      require(extent >= 0, "Tensor: negative extent in the shape \(shape)")
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      require(!overflow, "Tensor: the shape \(shape) overflows")
      count = product
    }
    return count
  }
}

extension Tensor {
  /// The numbers in row-major order.
  public var scalars: [Float] { withUnsafeBufferPointer { Array($0) } }

  /// The number of a tensor with one element.
  public var scalar: Float {
    require(count == 1, "scalar: the tensor has the shape \(shape)")
    return storage.pointer[0]
  }

  /// Reads the numbers in place.
  public func withUnsafeBufferPointer<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.pointer, count: storage.count))
  }

  /// Writes the numbers in place, after copying them if another tensor shares them. Drops the history: a
  /// changed tensor is a new leaf.
  public mutating func withUnsafeMutableBufferPointer<R>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    history = nil
    if !isKnownUniquelyReferenced(&storage) {
      let copy = TensorStorage(uninitialized: storage.count)
      copy.pointer.update(from: storage.pointer, count: storage.count)
      storage = copy
    }
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableBufferPointer(start: storage.pointer, count: storage.count))
  }

  /// Returns the element at the given indices.
  public subscript(indices: Int...) -> Float {
    precondition(indices.count == rank, "subscript: \(indices.count) indices for the shape \(shape)")
    var offset = 0
    for (index, extent) in zip(indices, shape) {
      precondition(index >= 0 && index < extent, "subscript: \(indices) is outside the shape \(shape)")
      offset = offset * extent + index
    }
    return storage.pointer[offset]
  }

  /// The same numbers without a history.
  public var detached: Tensor { Tensor(shape: shape, storage: storage) }

  /// Returns whether both tensors use the same memory (used to find a layer's running statistics again).
  package func sharesStorage(with other: Tensor) -> Bool { storage === other.storage }
}

extension Tensor: Equatable {
  /// Returns whether shape and numbers are equal; histories are not compared.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape
      && a.withUnsafeBufferPointer { x in b.withUnsafeBufferPointer { y in x.elementsEqual(y) } }
  }
}

extension Tensor: CustomStringConvertible {
  /// A text with the shape and the first numbers.
  public var description: String {
    let head = scalars.prefix(8).map { "\($0)" }.joined(separator: ", ")
    return "Tensor\(shape)[\(head)\(count > 8 ? ", …" : "")]"
  }
}
