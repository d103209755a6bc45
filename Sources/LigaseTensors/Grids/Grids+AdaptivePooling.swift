extension Grids {
  /// Returns the mean of each channel over equal parts of each example: place i of n along an axis of L
  /// positions reads `floor(i L / n) ..< ceil((i + 1) L / n)`, as PyTorch's adaptive pooling. Parts of an
  /// example with fewer positions than places overlap.
  ///
  /// - Parameter places: the extents of the result, one for each spatial axis; all 1 for the mean of all.
  package func adaptiveAveragePooled(to places: [Int]) -> Grids {
    let parts = AdaptiveParts(layout, places, "adaptiveAveragePooled"), width = channels
    let (layout, values) = (layout, values)
    let value = parts.filling(parts.pooled, width) { s, out in
      parts.forEachPart(of: s) { place, rows in
        let to = out + place * width, share = 1 / Float(rows.count)
        for row in rows {
          Kernels.addScaled(width, share, values.floats + (layout.offsets[s] + row) * width, to)
        }
      }
    }
    let attributes = ["places": Operation.Attribute.integers(places)]
    let result = Tensor.recording(value, from: [values], "adaptiveAveragePooled", attributes) { dy in
      [
        parts.filling(layout, width) { s, out in
          parts.forEachPart(of: s) { place, rows in
            let from = dy.floats + (parts.pooled.offsets[s] + place) * width, share = 1 / Float(rows.count)
            for row in rows { Kernels.addScaled(width, share, from, out + row * width) }
          }
        }
      ]
    }
    return Grids(values: result, layout: parts.pooled)
  }

  /// Returns the maximum of each channel over the parts of `adaptiveAveragePooled(to:)`.
  package func adaptiveMaxPooled(to places: [Int]) -> Grids {
    let parts = AdaptiveParts(layout, places, "adaptiveMaxPooled"), width = channels
    let (layout, values) = (layout, values)
    let value = parts.filling(parts.pooled, width) { s, out in
      parts.forEachPart(of: s) { place, rows in
        let to = out + place * width
        for (i, row) in rows.enumerated() {
          let from = values.floats + (layout.offsets[s] + row) * width
          if i == 0 { to.update(from: from, count: width) } else { Kernels.maximum(width, from, to) }
        }
      }
    }
    let attributes = ["places": Operation.Attribute.integers(places)]
    let result = Tensor.recording(value, from: [values], "adaptiveMaxPooled", attributes) { dy in
      [
        parts.filling(layout, width) { s, out in
          parts.forEachPart(of: s) { place, rows in
            let at = (parts.pooled.offsets[s] + place) * width
            for j in 0..<width {
              // The first position of the maximum, or of a NaN, gets the gradient.
              let most = value.floats[at + j]
              let winner = rows.first {
                let x = values.floats[(layout.offsets[s] + $0) * width + j]
                return x == most || most.isNaN && x.isNaN
              }
              out[winner! * width + j] += dy.floats[at + j]
            }
          }
        }
      ]
    }
    return Grids(values: result, layout: parts.pooled)
  }
}

/// The parts of the examples of a batch that places of adaptive pooling read.
private struct AdaptiveParts: Sendable {
  let layout, pooled: GridLayout
  private let places: GridLayout.Space

  init(_ layout: GridLayout, _ places: [Int], _ operation: String) {
    require(
      layout.rank > 0 && places.count == layout.rank && places.allSatisfy { $0 >= 1 },
      "\(operation): \(places) places over examples of \(layout.rank) axes")
    require(!layout.lengths.contains(0), "\(operation): an example is empty")
    self.layout = layout
    pooled = layout.count == 0 ? layout : GridLayout(extents: [[Int]](repeating: places, count: layout.count))
    self.places = GridLayout.Space(
      depth: places.count == 3 ? places[0] : 1, height: places.count > 1 ? places[places.count - 2] : 1,
      width: places.last!)
  }

  /// Returns a tensor of zeros with the rows of `target`, after `body` has written each example in place.
  func filling(
    _ target: GridLayout, _ width: Int, _ body: @Sendable (_ example: Int, _ out: MutableFloats) -> Void
  ) -> Tensor {
    Tensor(shape: [target.rowCount, width]) { out in
      out.update(repeating: 0)
      guard let start = out.baseAddress else { return }
      nonisolated(unsafe) let base = start
      ThreadTeam.current.forEachShare(layout.count) { s in body(s, base + target.offsets[s] * width) }
    }
  }

  /// Calls `body` with each place of an example and the rows that it reads, both counted within the example.
  func forEachPart(of example: Int, _ body: (_ place: Int, _ rows: [Int]) -> Void) {
    func part(_ i: Int, _ count: Int, _ extent: Int) -> Range<Int> {
      (i * extent / count)..<(((i + 1) * extent + count - 1) / count)
    }
    let own = layout.space(of: example)
    var place = 0
    for z in 0..<places.depth {
      for y in 0..<places.height {
        for x in 0..<places.width {
          let columns = part(x, places.width, own.width)
          var rows: [Int] = []
          for d in part(z, places.depth, own.depth) {
            for h in part(y, places.height, own.height) {
              for w in columns { rows.append((d * own.height + h) * own.width + w) }
            }
          }
          body(place, rows)
          place += 1
        }
      }
    }
  }
}
