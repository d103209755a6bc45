extension Grids {
  /// Returns the numbers of each example scaled to mean 0 and standard deviation 1, `(x - mean) / sqrt(var +
  /// epsilon)`, over all positions of the example and the channels of a group: with one group over the whole
  /// example, with a group for each channel over the positions alone (Ulyanov et al., "Instance
  /// normalization", 2016; Wu and He, "Group normalization", 2018). Sums are in double precision.
  package func normalizedExamples(groups: Int, epsilon: Float) -> Grids {
    require(
      groups >= 1 && channels % groups == 0,
      "normalizedExamples: \(channels) channels are not \(groups) equal groups")
    let (layout, width, x) = (layout, channels, values.detached)
    // The factor of each channel of each example, for the pullback.
    let factors = Tensor(shape: [layout.count, width]) { _ in }
    let value = Tensor(shape: x.shape) { out in
      guard let start = out.baseAddress else { return }
      nonisolated(unsafe) let base = start
      ThreadTeam.current.forEachShare(layout.count) { s in
        let rows = layout.lengths[s], at = layout.offsets[s] * width
        let means = GroupTotals(width, groups, rows).means {
          Kernels.columnTotals(rows, width, x.floats + at, $0)
        }
        let variances = GroupTotals(width, groups, rows).means {
          Kernels.columnSquares(rows, width, x.floats + at, means, $0)
        }
        let factor = factors.storage.pointer + s * width
        for j in 0..<width { factor[j] = Float(1 / (variances[j] + Double(epsilon)).squareRoot()) }
        Kernels.normalizeColumns(rows, width, x.floats + at, means.map { Float($0) }, factor, base + at)
      }
    }
    let recorded = Tensor.recording(
      value, from: [values], "normalizedExamples",
      ["groups": .integer(groups), "epsilon": .number(epsilon)]
    ) { dy in
      [
        Tensor(shape: value.shape) { out in
          guard let start = out.baseAddress else { return }
          nonisolated(unsafe) let base = start
          ThreadTeam.current.forEachShare(layout.count) { s in
            let rows = layout.lengths[s], at = layout.offsets[s] * width
            let means = GroupTotals(width, groups, rows).means {
              Kernels.columnTotals(rows, width, dy.floats + at, $0)
            }
            let along = GroupTotals(width, groups, rows).means {
              Kernels.columnDots(rows, width, dy.floats + at, value.floats + at, $0)
            }
            Kernels.normalizeColumnsPullback(
              rows, width, value.floats + at, factors.floats + s * width, means.map { Float($0) },
              along.map { Float($0) }, dy.floats + at, base + at)
          }
        }
      ]
    }
    return Grids(values: recorded, layout: layout)
  }
}

/// Means over the rows of an example and the channels of a group.
private struct GroupTotals {
  let width, groups, rows: Int

  init(_ width: Int, _ groups: Int, _ rows: Int) {
    (self.width, self.groups, self.rows) = (width, groups, rows)
  }

  /// Returns the mean of its group for each channel; `body` adds the sums over the rows to `width` numbers.
  func means(_ body: (UnsafeMutablePointer<Double>) -> Void) -> [Double] {
    var sums = [Double](repeating: 0, count: width)
    sums.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { body(base) } }
    let size = width / groups
    for group in 0..<groups {
      let members = (group * size)..<((group + 1) * size)
      let mean = members.reduce(0) { $0 + sums[$1] } / Double(max(rows * size, 1))
      for j in members { sums[j] = mean }
    }
    return sums
  }
}

extension Grids {
  /// Sets all positions of each channel of each example to zero with `probability` and scales the others by
  /// `1 / (1 - probability)` (Tompson et al., "Efficient object localization using convolutional networks",
  /// 2015). The mask is a function of `key`, the example and the channel.
  package func droppingChannels(probability: Float, key: UInt64) -> Grids {
    require(
      probability >= 0 && probability <= 1, "droppingChannels: \(probability) is not a probability")
    guard probability > 0 else { return self }
    let (layout, width) = (layout, channels)
    let masked: @Sendable (Tensor) -> Tensor = { x in
      Tensor(shape: x.shape) { out in
        guard let start = out.baseAddress else { return }
        nonisolated(unsafe) let base = start
        ThreadTeam.current.forEachShare(layout.count) { s in
          let at = layout.offsets[s] * width
          Kernels.dropoutColumns(
            layout.lengths[s], width, key, UInt64(s * width), probability, x.floats + at, base + at)
        }
      }
    }
    let value = Tensor.recording(
      masked(values), from: [values], "droppingChannels", ["probability": .number(probability)]
    ) { [masked($0)] }
    return Grids(values: value, layout: layout)
  }

  /// Concatenates the channels of batches of one layout.
  package static func concatenatingChannels(_ parts: [Grids]) -> Grids {
    require(
      !parts.isEmpty && parts.allSatisfy { $0.layout == parts[0].layout },
      "concatenatingChannels: \(parts.map(\.layout.rowCount)) rows, expected the same extents")
    return Grids(values: .concatenated(parts.map(\.values)), layout: parts[0].layout)
  }
}
