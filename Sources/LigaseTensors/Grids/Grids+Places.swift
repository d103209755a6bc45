extension Grids {
  /// Returns rows of places along each spatial axis: place `i` of the result is place `places(axis, extent)[i]` of
  /// the input, where `extent` is that of an example along the axis. Places may be left out and repeated.
  package func picking(_ name: String, _ places: (_ axis: Int, _ extent: Int) -> [Int]) -> Grids {
    picking(name) { _, axis, extent in places(axis, extent) }
  }

  /// Returns rows of places along each axis, which may depend on the example.
  package func picking(
    _ name: String, _ places: (_ example: Int, _ axis: Int, _ extent: Int) -> [Int]
  ) -> Grids {
    let rank = layout.rank
    require(rank > 0, "\(name): it reads steps, pixels or voxels, not rows")
    var (extents, rows) = ([[Int]](), [Int32]())
    for s in 0..<count {
      let own = layout.extents(of: s), picked = own.enumerated().map { places(s, $0, $1) }
      for (axis, list) in picked.enumerated() {
        require(
          list.allSatisfy { $0 >= 0 && $0 < own[axis] },
          "\(name): a place outside the \(own[axis]) places of axis \(axis)")
      }
      extents.append(picked.map(\.count))
      rows.reserveCapacity(rows.count + picked.reduce(1) { $0 * $1.count })
      let first = Int32(layout.offsets[s])
      let (depths, heights) = (rank == 3 ? picked[0] : [0], rank > 1 ? picked[rank - 2] : [0])
      let (height, width) = (rank > 1 ? own[rank - 2] : 1, own[rank - 1])
      for z in depths {
        for y in heights {
          let line = first + Int32((z * height + y) * width)
          for x in picked[rank - 1] { rows.append(line + Int32(x)) }
        }
      }
    }
    let layout = count == 0 ? layout : GridLayout(extents: extents)
    return Grids(values: values.gatheredRows(rows), layout: layout)
  }

  /// Returns the middle places of each axis, as many as examples of another layout have; where an odd number is left
  /// out, the part begins one place earlier.
  package func centreCropped(to layout: GridLayout) -> Grids {
    require(
      layout.count == count && layout.rank == self.layout.rank,
      "centreCropped: \(count) examples to \(layout.count), of \(layout.rank) axes")
    return picking("centreCropped") { example, axis, extent in
      let wanted = layout.extents(of: example)[axis]
      require(wanted <= extent, "centreCropped: \(wanted) of \(extent) places")
      let first = (extent - wanted) / 2
      return Array(first..<(first + wanted))
    }
  }

  /// Returns the examples with `count` more places at both ends of every axis, mirrored about the first and the
  /// last place, which are not repeated: `c b | a b c | b a` (PyTorch's `ReflectionPad`).
  package func mirrored(by count: Int) -> Grids {
    picking("mirrored") { _, extent in
      require(count >= 0 && count < extent, "mirrored: \(count) places at the ends of \(extent)")
      return (-count..<(extent + count)).map { place in
        place < 0 ? -place : place >= extent ? 2 * (extent - 1) - place : place
      }
    }
  }

  /// Returns the examples with every place repeated `factor` times along each axis: nearest-neighbour up-sampling.
  package func repeated(by factor: Int) -> Grids {
    require(factor >= 1, "repeated: a factor of \(factor)")
    return picking("repeated") { _, extent in (0..<(extent * factor)).map { $0 / factor } }
  }
}
