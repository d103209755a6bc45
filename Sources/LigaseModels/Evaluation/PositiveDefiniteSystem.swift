/// A symmetric positive definite matrix, and the solution of linear equations with it by Cholesky
/// factorisation, in Float64.
///
/// Only the lower triangle is used, row by row. Inner products run in eight lanes.
struct PositiveDefiniteSystem {
  let size: Int
  private var entries: [Double]

  init(size: Int) {
    self.size = size
    entries = [Double](repeating: 0, count: size * size)
  }

  /// Sets all entries to zero, and the diagonal to a number.
  mutating func reset(diagonal: Double) {
    entries.withUnsafeMutableBufferPointer { entries in
      entries.update(repeating: 0)
      for index in 0..<size { entries[index * size + index] = diagonal }
    }
  }

  /// Adds the outer product of a vector with itself.
  mutating func addProduct(of vector: UnsafeBufferPointer<Double>) {
    entries.withUnsafeMutableBufferPointer { entries in
      for row in 0..<size {
        let scale = vector[row]
        let start = row * size
        for column in 0...row { entries[start + column] += scale * vector[column] }
      }
    }
  }

  /// Adds a number to the diagonal.
  mutating func add(diagonal: Double) {
    for index in 0..<size { entries[index * size + index] += diagonal }
  }

  /// Adds another matrix.
  mutating func add(_ other: PositiveDefiniteSystem) {
    for index in entries.indices { entries[index] += other.entries[index] }
  }

  /// Sets every entry of the lower triangle.
  mutating func fill(_ entry: (_ row: Int, _ column: Int) -> Double) {
    entries.withUnsafeMutableBufferPointer { entries in
      for row in 0..<size {
        for column in 0...row { entries[row * size + column] = entry(row, column) }
      }
    }
  }

  /// Replaces the right-hand side by the solution and overwrites the matrix. Pivots of a positive definite
  /// matrix are positive; pivots below 1e-300 from rounding are replaced by that value.
  mutating func solve(_ vector: inout [Double]) {
    precondition(vector.count == size, "PositiveDefiniteSystem.solve: \(vector.count) values, size \(size)")
    entries.withUnsafeMutableBufferPointer { entries in
      guard let base = entries.baseAddress else { return }
      for row in 0..<size {
        let current = base + row * size
        for column in 0..<row {
          let other = base + column * size
          current[column] = (current[column] - dot(current, other, column)) * other[column]
        }
        // The diagonal contains the inverse of the pivot.
        let pivot = current[row] - dot(current, current, row)
        current[row] = 1 / max(pivot, 1e-300).squareRoot()
      }
      vector.withUnsafeMutableBufferPointer { vector in
        let values = vector.baseAddress!
        for row in 0..<size {
          let current = base + row * size
          values[row] = (values[row] - dot(current, values, row)) * current[row]
        }
        for row in (0..<size).reversed() {
          let current = base + row * size
          values[row] *= current[row]
          for column in 0..<row { values[column] -= current[column] * values[row] }
        }
      }
    }
  }
}

/// The inner product of `count` numbers.
func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
  typealias Lanes = SIMD8<Double>
  var first = Lanes(), second = Lanes()
  let (x8, y8) = (UnsafeRawPointer(x), UnsafeRawPointer(y))
  var index = 0
  while index + 16 <= count {
    first +=
      x8.loadUnaligned(fromByteOffset: index * 8, as: Lanes.self)
      * y8.loadUnaligned(fromByteOffset: index * 8, as: Lanes.self)
    second +=
      x8.loadUnaligned(fromByteOffset: index * 8 + 64, as: Lanes.self)
      * y8.loadUnaligned(fromByteOffset: index * 8 + 64, as: Lanes.self)
    index += 16
  }
  var sum = (first + second).sum()
  while index < count {
    sum += x[index] * y[index]
    index += 1
  }
  return sum
}
