/// Steps that are equal, computed once.
///
/// Sequences that a model is asked about together are often nearly the same: the two alleles of a variant, all mutations
/// of one sequence, overlapping windows. Where no gradient is wanted, equal steps are kept as one row, equal windows of
/// steps are convolved and pooled once, and recurrent states are computed once for all sequences that begin alike. The
/// results are the same bits as without.
extension Sequences {
  /// The same sequences with equal steps kept as one row, for inference; those with a history stay as they are.
  public func sharingEqualSteps() -> Sequences {
    guard sharing == nil, !rows.isTracked, rows.count > 0, rows.count < Int(Int32.max) else { return self }
    let channels = channels
    let places = (0..<layout.rowCount).map { $0 * channels }
    let distinct = rows.floats.withMemoryRebound(to: Int32.self, capacity: rows.count) {
      DistinctWindows(of: UnsafeBufferPointer(start: $0, count: rows.count), at: places, size: channels)
    }
    return Sequences(
      rows: rows.gatheredRows(distinct.starts.map { Int32($0 / channels) }),
      sharing: StepSharing(distinct.numbers),
      layout: layout)
  }

  /// Sequences whose steps are rows of a table, each step's row by its number; for inference.
  public init(table: Tensor, numbers: [Int32], layout: SequenceLayout) {
    require(
      table.rank == 2 && numbers.count == layout.rowCount
        && numbers.allSatisfy { $0 >= 0 && $0 < table.shape[0] },
      "Sequences: \(numbers.count) numbers of rows of \(table.shape) for \(layout.rowCount) steps")
    self.init(rows: table, sharing: StepSharing(numbers), layout: layout)
  }

  /// `x W^T + b` for all steps of each sequence side by side, `[N, O]`: sequences of one length L, `weight` `[O, L C]`.
  public func linearOverAllSteps(weight: Tensor, bias: Tensor?) -> Tensor {
    require(
      weight.rank == 2 && (bias == nil || bias!.shape == [weight.shape[0]]),
      "linearOverAllSteps: a weight \(weight.shape) and a bias \(bias?.shape ?? [])")
    let width = weight.shape[1]
    require(
      layout.lengths.allSatisfy { $0 * channels == width },
      "linearOverAllSteps: sequences of \(layout.longest) steps do not fit the weight \(weight.shape)")
    guard let sharing = rowSharing, !weight.isTracked, bias?.isTracked != true, !rows.isTracked else {
      return values.reshaped([count, width]).linear(weight: weight, bias: bias)
    }
    // Both ways sum each step alone and then the steps in order, so which one a batch takes shows in no bit.
    return rows.shape[0] <= 64
      ? linearOfDistinctSteps(sharing, weight, bias) : linearStepByStep(weight, bias)
  }

  /// `linearOverAllSteps` of a few distinct steps: what each of them adds at each place is worked out once.
  private func linearOfDistinctSteps(_ sharing: StepSharing, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
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

  /// `linearOverAllSteps` of any steps: one product for each place.
  private func linearStepByStep(_ weight: Tensor, _ bias: Tensor?) -> Tensor {
    let (outputs, width, channels, values) = (weight.shape[0], weight.shape[1], channels, values)
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

  /// The sums of the steps of two batches of one layout.
  public static func + (a: Sequences, b: Sequences) -> Sequences {
    require(
      a.layout == b.layout && a.channels == b.channels,
      "Sequences +: \(a.layout.rowCount) steps of \(a.channels) and \(b.layout.rowCount) steps of \(b.channels), "
        + "expected the same lengths and channels")
    guard let left = a.rowSharing?.numbers, let right = b.rowSharing?.numbers else {
      return Sequences(values: a.values + b.values, layout: a.layout)
    }
    let words = zip(left, right).flatMap { [$0, $1] }
    let distinct = words.withUnsafeBufferPointer {
      DistinctWindows(of: $0, at: Array(stride(from: 0, to: words.count, by: 2)), size: 2)
    }
    let rows =
      a.rows.gatheredRows(distinct.starts.map { words[$0] })
      + b.rows.gatheredRows(distinct.starts.map { words[$0 + 1] })
    return Sequences(rows: rows, sharing: StepSharing(distinct.numbers), layout: a.layout)
  }

  /// The distinct places of a window over shared steps.
  private func places(_ window: SlidingWindow, _ output: SequenceLayout) -> StepSharing.Places {
    guard let sharing else { fatalError("places: steps that share nothing") }
    return sharing.places(of: window, layout, output)
  }

  /// `convolved` over shared steps.
  func convolvedOnce(weight: Tensor, bias: Tensor?, window: SlidingWindow) -> Sequences {
    let output = window.layout(over: layout)
    let places = places(window, output), taps = places.taps
    let (outputs, channels, size) = (weight.shape[0], channels, window.size)
    let count = taps.count / size, width = size * channels, x = rows
    let across = weight.detached.permuted([0, 2, 1])
    let packed = PackedMatrix(across.floats, rows: width, columns: outputs, rowStride: 1, columnStride: width)
    let block = 96
    let result = Tensor(shape: [count, outputs]) { out in
      nonisolated(unsafe) let base = out.baseAddress!
      ThreadTeam.current.forEachShare((count + block - 1) / block) { share in
        let blockPlaces = share * block..<min(count, (share + 1) * block)
        let gathered = Tensor(shape: [blockPlaces.count, width]) { target in
          var at = target.baseAddress!
          for tap in taps[(blockPlaces.lowerBound * size)..<(blockPlaces.upperBound * size)] {
            if tap < 0 {
              at.update(repeating: 0, count: channels)
            } else {
              at.update(from: x.floats + Int(tap) * channels, count: channels)
            }
            at += channels
          }
        }
        packed.multiply(
          gathered.floats, rows: blockPlaces.count, adding: .row(bias?.floats),
          into: base + blockPlaces.lowerBound * outputs)
      }
    }
    return Sequences(rows: result, sharing: places.output, layout: output)
  }

  /// `maxPooled` over shared steps.
  func maxPooledOnce(_ window: SlidingWindow) -> Sequences {
    let output = window.layout(over: layout)
    let places = places(window, output), taps = places.taps
    let channels = channels, size = window.size, x = rows.floats
    let result = Tensor(shape: [taps.count / size, channels]) { out in
      for place in 0..<taps.count / size {
        let best = out.baseAddress! + place * channels
        var isFirst = true
        for tap in taps[(place * size)..<((place + 1) * size)] where tap >= 0 {
          let row = x + Int(tap) * channels
          if isFirst { best.update(from: row, count: channels) } else { Kernels.maximum(channels, row, best) }
          isFirst = false
        }
      }
    }
    return Sequences(rows: result, sharing: places.output, layout: output)
  }
}
