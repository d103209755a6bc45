extension Tensor {
  /// Returns the same numbers with another shape. One extent may be -1: it follows from the others.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    var target = newShape
    if let free = target.firstIndex(of: -1) {
      let known = target.filter { $0 != -1 }.reduce(1, *)
      require(known > 0 && count % known == 0, "reshaped: \(shape) does not fit \(newShape)")
      target[free] = count / known
    }
    require(Tensor.elementCount(of: target) == count, "reshaped: \(shape) does not fit \(newShape)")
    let from = shape
    return Tensor.recording(Tensor(shape: target, storage: storage), from: [self], "reshaped") {
      [Tensor(shape: from, storage: $0.storage)]
    }
  }

  /// Returns the transpose of a matrix.
  public func transposed() -> Tensor {
    require(rank == 2, "transposed: the shape is \(shape), not a matrix")
    return permuted([1, 0])
  }

  /// Returns the tensor with permuted axes: axis `i` of the result is axis `order[i]` of this tensor.
  public func permuted(_ order: [Int]) -> Tensor {
    require(order.sorted() == Array(0..<rank), "permuted: \(order) does not order the axes of \(shape)")
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return Tensor.recording(rearranged(order), from: [self], "permuted", ["order": .integers(order)]) {
      [$0.rearranged(inverse)]
    }
  }

  /// Returns `permuted(order)` without a history.
  func rearranged(_ order: [Int]) -> Tensor {
    let target = order.map { shape[$0] }
    if rank >= 2, order == Array(0..<(rank - 2)) + [rank - 1, rank - 2] {
      let (rows, columns) = (shape[rank - 2], shape[rank - 1])
      return Tensor(shape: target) { out in
        for i in 0..<shape.dropLast(2).reduce(1, *) {
          let at = i * rows * columns
          Kernels.transpose(rows, columns, floats + at, out.baseAddress! + at)
        }
      }
    }
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let steps = order.map { strides[$0] }
    return Tensor(shape: target) { out in
      var index = [Int](repeating: 0, count: rank)
      var source = 0
      for i in out.indices {
        out[i] = storage.pointer[source]
        var axis = rank - 1
        while axis >= 0 {
          index[axis] += 1
          source += steps[axis]
          if index[axis] < target[axis] { break }
          source -= steps[axis] * target[axis]
          index[axis] = 0
          axis -= 1
        }
      }
    }
  }

  /// Concatenates tensors along the last axis; all other axes must agree.
  public static func concatenated(_ parts: [Tensor]) -> Tensor {
    require(!parts.isEmpty, "concatenated: no tensor")
    let head = Array(parts[0].shape.dropLast())
    require(
      parts.allSatisfy { $0.rank > 0 && Array($0.shape.dropLast()) == head },
      "concatenated: the shapes \(parts.map(\.shape)) differ before the last axis")
    let widths = parts.map { $0.shape.last! }
    let width = widths.reduce(0, +), rows = head.reduce(1, *)
    let value = Tensor(shape: head + [width]) { out in
      var column = 0
      for (part, w) in zip(parts, widths) {
        for row in 0..<rows {
          (out.baseAddress! + row * width + column).update(from: part.floats + row * w, count: w)
        }
        column += w
      }
    }
    return recording(value, from: parts, "concatenated") { dy in
      var column = 0
      return zip(parts, widths).map { part, w in
        defer { column += w }
        return part.isTracked ? dy.columns(column..<(column + w)) : nil
      }
    }
  }

  private func columns(_ range: Range<Int>) -> Tensor {
    let width = shape.last!
    return Tensor(shape: shape.dropLast() + [range.count]) { out in
      guard !range.isEmpty else { return }
      for row in 0..<(out.count / range.count) {
        (out.baseAddress! + row * range.count).update(
          from: floats + row * width + range.lowerBound, count: range.count)
      }
    }
  }

  /// Concatenates tensors along the first axis; all other axes must agree.
  public static func concatenatedRows(_ parts: [Tensor]) -> Tensor {
    require(!parts.isEmpty, "concatenatedRows: no tensor")
    let tail = Array(parts[0].shape.dropFirst())
    require(
      parts.allSatisfy { $0.rank > 0 && Array($0.shape.dropFirst()) == tail },
      "concatenatedRows: the shapes \(parts.map(\.shape)) differ after the first axis")
    let value = Tensor(shape: [parts.map { $0.shape[0] }.reduce(0, +)] + tail) { out in
      var at = out.baseAddress!
      for part in parts {
        at.update(from: part.floats, count: part.count)
        at += part.count
      }
    }
    return recording(value, from: parts, "concatenatedRows") { dy in
      var at = dy.floats
      return parts.map { part in
        defer { at += part.count }
        return Tensor(shape: part.shape) { $0.baseAddress!.update(from: at, count: part.count) }
      }
    }
  }

  /// Returns a range of the last axis.
  public func slicedLast(_ range: Range<Int>) -> Tensor {
    require(
      rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[rank - 1],
      "slicedLast: \(range) is outside the last axis of \(shape)")
    let full = shape
    return Tensor.recording(
      columns(range), from: [self], "slicedLast", ["range": .integers([range.lowerBound, range.upperBound])]
    ) { dy in
      let width = full.last!
      var dx = Tensor.zeros(full)
      dx.withUnsafeMutableBufferPointer { out in
        guard !range.isEmpty else { return }
        for row in 0..<(dy.count / range.count) {
          (out.baseAddress! + row * width + range.lowerBound).update(
            from: dy.floats + row * range.count, count: range.count)
        }
      }
      return [dx]
    }
  }

  /// Returns a range of the first axis.
  public func slicedFirst(_ range: Range<Int>) -> Tensor {
    require(
      rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0],
      "slicedFirst: \(range) is outside the first axis of \(shape)")
    return gatheredRows(
      range.map { Int32($0) }, "slicedFirst", ["range": .integers([range.lowerBound, range.upperBound])])
  }

  /// Returns rows of the first axis, in the order of `indices`, which may repeat; the pullback adds the
  /// gradients of repeated rows.
  public func gatheredRows(_ indices: [Int32]) -> Tensor { gatheredRows(indices, "gatheredRows", [:]) }

  private func gatheredRows(
    _ indices: [Int32], _ name: String, _ attributes: [String: Operation.Attribute]
  ) -> Tensor {
    require(rank > 0, "\(name): a scalar has no rows")
    let rows = shape[0], width = rows == 0 ? 0 : count / rows
    require(
      indices.allSatisfy { $0 >= 0 && $0 < rows }, "\(name): an index is outside the \(rows) rows of \(shape)"
    )
    let value = Tensor(shape: [indices.count] + shape.dropFirst()) { out in
      nonisolated(unsafe) let base = out.baseAddress!
      ThreadTeam.current.forEachRange(of: indices.count, grain: max(1, 1 << 16 / max(width, 1))) { range in
        for i in range { (base + i * width).update(from: floats + Int(indices[i]) * width, count: width) }
      }
    }
    let from = shape
    return Tensor.recording(value, from: [self], name, attributes) { dy in
      var dx = Tensor.zeros(from)
      dx.withUnsafeMutableBufferPointer { out in
        guard let base = out.baseAddress else { return }
        // Each thread has a band of columns, so repeated rows are added in the order of `indices`.
        nonisolated(unsafe) let target = base
        let bands = max(1, min(16, width / 64))
        let band = (width + bands - 1) / max(bands, 1)
        ThreadTeam.current.forEachShare(dy.count > 1 << 16 ? bands : 1) { share in
          let lower = dy.count > 1 << 16 ? min(width, share * band) : 0
          let upper = dy.count > 1 << 16 ? min(width, lower + band) : width
          for (i, row) in indices.enumerated() where lower < upper {
            let at = target + Int(row) * width + lower
            Kernels.add(upper - lower, at, dy.floats + i * width + lower, at)
          }
        }
      }
      return [dx]
    }
  }
}

extension Tensor {
  /// Returns this tensor repeated along axes of extent 1 (and new leading axes) to the shape `target`.
  package func broadcast(to target: [Int]) -> Tensor {
    guard shape != target else { return self }
    let padded = [Int](repeating: 1, count: max(0, target.count - rank)) + shape
    require(
      padded.count == target.count && zip(padded, target).allSatisfy { $0 == $1 || $0 == 1 },
      "broadcast: \(shape) does not extend to \(target)")
    var steps = [Int](repeating: 0, count: target.count)
    var step = 1
    for axis in stride(from: target.count - 1, through: 0, by: -1) {
      steps[axis] = padded[axis] == 1 ? 0 : step
      step *= padded[axis]
    }
    let from = shape
    let value = Tensor(shape: target) { out in
      Tensor.walk(target, steps) { i, source in out[i] = storage.pointer[source] }
    }
    return Tensor.recording(value, from: [self], "broadcast") { dy in
      var dx = Tensor.zeros(from)
      dx.withUnsafeMutableBufferPointer { out in
        if from.count == 1, from[0] == target.last {
          Kernels.columnSums(dy.count / max(from[0], 1), from[0], dy.floats, out.baseAddress!)
        } else if out.count == 1 {
          out[0] = Float(Kernels.sum(dy.count, dy.floats))
        } else {
          Tensor.walk(target, steps) { i, source in out[source] += dy.storage.pointer[i] }
        }
      }
      return [dx]
    }
  }

  /// Visits every element of `shape` in row-major order with its offset in a tensor whose axes advance by
  /// `steps`.
  private static func walk(_ shape: [Int], _ steps: [Int], _ body: (Int, Int) -> Void) {
    let count = elementCount(of: shape)
    guard count > 0 else { return }
    let inner = shape.last ?? 1, innerStep = steps.last ?? 0
    var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
    var source = 0
    for start in stride(from: 0, to: count, by: inner) {
      for j in 0..<inner { body(start + j, source + j * innerStep) }
      var axis = index.count - 1
      while axis >= 0 {
        index[axis] += 1
        source += steps[axis]
        if index[axis] < shape[axis] { break }
        source -= steps[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }

  /// Returns both tensors with their common shape.
  static func broadcasting(_ a: Tensor, _ b: Tensor, _ operation: String) -> (Tensor, Tensor) {
    if a.shape == b.shape { return (a, b) }
    let rank = max(a.rank, b.rank)
    let left = [Int](repeating: 1, count: rank - a.rank) + a.shape
    let right = [Int](repeating: 1, count: rank - b.rank) + b.shape
    require(
      zip(left, right).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 },
      "\(operation): the shapes \(a.shape) and \(b.shape) do not broadcast")
    let target = zip(left, right).map { $0 == 1 ? $1 : $0 }
    return (a.broadcast(to: target), b.broadcast(to: target))
  }
}
