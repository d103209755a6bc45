extension Grids {
  /// Returns the examples at `factor` times their extents by linear interpolation between the middles of places
  /// (PyTorch's `linear`, `bilinear` and `trilinear` with `align_corners=False`).
  package func linearlyUpsampled(by factor: Int) -> Grids {
    require(factor >= 1, "linearlyUpsampled: a factor of \(factor)")
    return (0..<layout.rank).reduce(self) { $0.linearlyUpsampled(by: factor, along: $1) }
  }

  /// Interpolates along one axis: `y[i] = (1 - w) x[l] + w x[l + 1]` with `l + w = (i + 1/2) / factor - 1/2`.
  private func linearlyUpsampled(by factor: Int, along axis: Int) -> Grids {
    func source(_ place: Int, _ extent: Int) -> (lower: Int, weight: Float) {
      let position = max(0, (Float(place) + 0.5) / Float(factor) - 0.5),
        lower = min(Int(position), extent - 1)
      return (lower, lower + 1 < extent ? position - Float(lower) : 0)
    }
    func side(_ step: Int) -> Grids {
      picking("linearlyUpsampled") { a, extent in
        guard a == axis else { return Array(0..<extent) }
        return (0..<(extent * factor)).map { min(source($0, extent).lower + step, extent - 1) }
      }
    }
    let (lower, upper) = (side(0), side(1))
    // The weight of the upper neighbour at every row of the result.
    var weights: [Float] = []
    weights.reserveCapacity(lower.layout.rowCount)
    for s in 0..<count {
      let own = layout.extents(of: s), after = lower.layout.extents(of: s)
      let along = (0..<after[axis]).map { source($0, own[axis]).weight }
      let inner = after[(axis + 1)...].reduce(1, *), outer = after[..<axis].reduce(1, *)
      for _ in 0..<outer {
        for weight in along { weights += repeatElement(weight, count: inner) }
      }
    }
    let column = Tensor(weights, shape: [weights.count, 1])
    return Grids(values: lower.values + (upper.values - lower.values) * column, layout: lower.layout)
  }
}
