extension SharedSteps {
  /// `Grids.linearOverAllSteps`.
  package func linearOverAllSteps(weight: Tensor, bias: Tensor?) -> Tensor {
    layout.requireOneLength(weight, bias, channels: channels)
    // Both methods sum each step alone and then the steps in order, so the results are bit-identical.
    return sharing.pieces == 1 && rows.shape[0] <= 64
      ? linearOfDistinctSteps(weight, bias) : linearStepByStep(weight, bias)
  }

  /// `linearOverAllSteps` of a few distinct steps: the contribution of each at each position is computed
  /// once.
  private func linearOfDistinctSteps(_ weight: Tensor, _ bias: Tensor?) -> Tensor {
    let (outputs, kinds, width) = (weight.shape[0], rows.shape[0], weight.shape[1])
    let length = width / max(channels, 1)
    let parts = Tensor(shape: [outputs * length, kinds]) { parts in
      guard let base = parts.baseAddress else { return }
      PackedMatrix(rows, transposed: true).multiplyAll(weight.floats, rows: outputs * length, into: base)
    }
    return Tensor(shape: [count, outputs]) { out in
      sharing.numbers.withUnsafeBufferPointer { numbers in
        for s in 0..<count {
          for o in 0..<outputs {
            var (sum, part) = (bias?.floats[o] ?? 0, parts.floats + o * length * kinds)
            for t in layout.offsets[s]..<layout.offsets[s + 1] {
              sum += part[Int(numbers[t])]
              part += kinds
            }
            out[s * outputs + o] = sum
          }
        }
      }
    }
  }

  /// `linearOverAllSteps` of any steps: one product for each position.
  private func linearStepByStep(_ weight: Tensor, _ bias: Tensor?) -> Tensor {
    let (outputs, width, channels, values) = (weight.shape[0], weight.shape[1], channels, grids.values)
    var sums =
      bias.map { bias in
        Tensor(shape: [count, outputs]) { Kernels.fillRows(count, outputs, bias.floats, $0.baseAddress!) }
      } ?? .zeros([count, outputs])
    for first in stride(from: 0, to: width, by: max(channels, 1)) {
      let packed = PackedMatrix(
        weight.floats + first, rows: channels, columns: outputs, rowStride: 1, columnStride: width)
      sums.accumulate(
        Tensor(shape: [count, outputs]) {
          packed.multiplyAll(values.floats + first, stride: width, rows: count, into: $0.baseAddress!)
        })
    }
    return sums
  }

  /// `Grids.additiveScores`: each piece is multiplied by its part of the weight once for all steps that have
  /// it.
  package func additiveScores(weight: Tensor, bias: Tensor?, query: Tensor) -> Grids {
    requireScores(weight, bias, query, channels: channels)
    let size = weight.shape[0], width = rows.shape[1], sections = sharing.sections
    let ends = sections.dropFirst() + [rows.shape[0]]
    let projected = Tensor(shape: [rows.shape[0], size]) { out in
      nonisolated(unsafe) let base = out.baseAddress!
      for (piece, (first, end)) in zip(sections, ends).enumerated() {
        let packed = PackedMatrix(
          weight.floats + piece * width, rows: width, columns: size, rowStride: 1, columnStride: channels)
        packed.multiplyAll(
          rows.floats + first * width, rows: end - first, bias: piece == 0 ? bias?.floats : nil,
          into: base + first * size)
      }
    }
    let scores = Tensor(shape: [layout.rowCount, 1]) { out in
      nonisolated(unsafe) let base = out.baseAddress!
      let block = 512, count = layout.rowCount, pieces = sections.count
      sharing.numbers.withUnsafeBufferPointer { numbers in
        nonisolated(unsafe) let numbers = numbers.baseAddress!
        ThreadTeam.current.forEachShare((count + block - 1) / block) { share in
          let first = share * block
          Kernels.additiveScores(
            min(block, count - first), size, pieces, projected.floats, numbers + first * pieces, query.floats,
            base + first)
        }
      }
    }
    return Grids(values: scores, layout: layout)
  }

  /// `Grids.sumOverLength`.
  package func sumOverLength(weightedBy weights: Grids) -> Tensor {
    require(
      weights.layout == layout && weights.channels == 1,
      "sumOverLength: \(weights.layout.rowCount) weights of \(weights.channels) for \(layout.rowCount) steps, expected "
        + "the same lengths and one weight a step")
    let (pieces, width) = (sharing.pieces, rows.shape[1])
    return Tensor(shape: [layout.count, channels]) { out in
      sharing.numbers.withUnsafeBufferPointer { numbers in
        for s in 0..<layout.count {
          let first = layout.offsets[s]
          for piece in 0..<pieces where layout.rowCount > 0 {
            Kernels.weightedSum(
              layout.lengths[s], width, weights.values.floats + first, rows.floats,
              numbers.baseAddress! + first * pieces + piece, pieces,
              out.baseAddress! + s * channels + piece * width)
          }
        }
      }
    }
  }
}
