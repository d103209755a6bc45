import LigaseFormats

/// One of the eight ways to lay a square on itself: a transposition or none, then flips of rows and columns.
package struct ImageSymmetry: Hashable, Sendable {
  /// Whether rows become columns.
  let transposes: Bool
  /// Whether the first row becomes the last.
  let flipsRows: Bool
  /// Whether the first column becomes the last.
  let flipsColumns: Bool

  /// The eight, the identity first.
  static let all = [false, true].flatMap { t in
    [false, true].flatMap { r in
      [false, true].map { ImageSymmetry(transposes: t, flipsRows: r, flipsColumns: $0) }
    }
  }
  static let identity = all[0]

  /// Whether it is a rotation, which keeps left and right apart.
  var isRotation: Bool { [transposes, flipsRows, flipsColumns].count { $0 } % 2 == 0 }

  /// Returns the values of an image of height × width places after the symmetry; a transposition needs a square.
  package func apply(_ values: [Float], height: Int, width: Int, channels: Int) -> [Float] {
    if self == .identity { return values }
    return [Float](unsafeUninitializedCapacity: values.count) { out, count in
      count = values.count
      values.withUnsafeBufferPointer { source in
        for y in 0..<height {
          for x in 0..<width {
            let (r, c) = (flipsRows ? height - 1 - y : y, flipsColumns ? width - 1 - x : x)
            let from = (transposes ? c * width + r : r * width + c) * channels,
              to = (y * width + x) * channels
            for k in 0..<channels { out[to + k] = source[from + k] }
          }
        }
      }
    }
  }

  /// Returns the symmetry that does `other` and then this one.
  func after(_ other: ImageSymmetry) -> ImageSymmetry {
    let corners: [Float] = [0, 1, 2, 3]
    let result = apply(
      other.apply(corners, height: 2, width: 2, channels: 1), height: 2, width: 2, channels: 1)
    return Self.all.first { $0.apply(corners, height: 2, width: 2, channels: 1) == result }!
  }

  /// The symmetry that undoes this one.
  package var inverse: ImageSymmetry { Self.all.first { $0.after(self) == .identity }! }

  /// The largest group of accepted symmetries, the identity first.
  static func group(_ accepted: Set<ImageSymmetry>) -> [ImageSymmetry] {
    var best = [identity]
    let usable = all.filter { accepted.contains($0) || $0 == identity }
    for a in usable {
      for b in usable {
        var group: Set = [identity, a, b]
        while true {
          let more = Set(group.flatMap { x in group.map { x.after($0) } })
          if more == group { break }
          group = more
        }
        if group.count > best.count, group.isSubset(of: Set(usable)) { best = all.filter(group.contains) }
      }
    }
    return best
  }
}
