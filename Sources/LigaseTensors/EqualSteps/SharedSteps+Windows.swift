extension SharedSteps {
  /// `Grids.convolved` with each distinct window computed once.
  package func convolved(weight: Tensor, bias: Tensor?, window: SlidingWindow) -> SharedSteps {
    requireFit(weight, bias, window, channels: channels, rank: 1, rows: layout.rowCount)
    guard sharing.pieces == 1 else { return whole.convolved(weight: weight, bias: bias, window: window) }
    let output = window.layout(over: layout)
    let places = sharing.places(of: window, layout, output), taps = places.taps
    let (outputs, channels, size) = (weight.shape[0], channels, window.tapCount)
    let count = taps.count / size, width = size * channels, x = rows
    let across = weight.detached.withChannelsLast
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
    return SharedSteps(rows: result, sharing: places.output, layout: output)
  }

  /// `Grids.maxPooled` with each distinct window computed once.
  package func maxPooled(_ window: SlidingWindow) -> SharedSteps {
    guard sharing.pieces == 1 else { return whole.maxPooled(window) }
    let output = window.layout(over: layout)
    let places = sharing.places(of: window, layout, output), taps = places.taps
    let channels = channels, size = window.tapCount, x = rows.floats
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
    return SharedSteps(rows: result, sharing: places.output, layout: output)
  }
}
