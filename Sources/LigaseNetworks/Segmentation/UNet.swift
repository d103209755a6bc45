import LigaseTensors

/// A U-Net: levels of two convolutions at ever lower resolution, and back up with the maps of each level joined to
/// those from below; any rank. Outputs have the extents of the input.
///
/// A level is `(convolution of 3, instance normalisation, leaky ReLU) × 2`; a maximum over 2 places leads down, a
/// transposed convolution of 2 places leads up. Extents that the levels do not divide are continued with their
/// last places, which are cut off again.
///
/// Source: Ronneberger et al. (2015); Çiçek et al., "3D U-Net" (2016); normalisation as of Isensee et al. (2021).
package struct UNet: Layer {
  /// The convolutions of each level on the way down, and of all but the lowest on the way up.
  package var down, up: [Sequential]
  /// The transposed convolutions to each level from the one below.
  package var rises: [TransposedConvolution]
  private let rank: Int

  /// Creates a network whose first level has `maps` maps, and every other twice as many as the one above.
  package init(_ channels: Int, maps: Int, levels: Int, rank: Int, from weights: WeightBuilder) {
    require(levels >= 1 && (1...3).contains(rank), "UNet: \(levels) levels of \(rank) axes")
    self.rank = rank
    func convolutions(_ input: Int, _ output: Int, _ name: String) -> Sequential {
      let own = weights.nested(name)
      return Sequential(
        (0..<2).flatMap { i -> [any Layer] in
          [
            Convolution(
              i == 0 ? input : output, output, kernelSize: 3, padding: .same, rank: rank, bias: false,
              from: own.nested("\(3 * i)")),
            InstanceNorm(output, isAffine: true, from: own.nested("\(3 * i + 1)")), LeakyReLU(slope: 0.01),
          ]
        })
    }
    down = (0..<levels).map { convolutions($0 == 0 ? channels : maps << ($0 - 1), maps << $0, "down.\($0)") }
    up = (0..<(levels - 1)).map { convolutions(maps << ($0 + 1), maps << $0, "up.\($0)") }
    rises = (0..<(levels - 1)).map {
      TransposedConvolution(
        maps << ($0 + 1), maps << $0, kernelSize: 2, stride: 2, rank: rank,
        from: weights.nested("rises.\($0)"))
    }
  }

  /// Returns the maps of the first level on the way up.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    let unit = 1 << (down.count - 1)
    let padded = input.picking("continued") { _, extent in
      (0..<((extent + unit - 1) / unit * unit)).map { min($0, extent - 1) }
    }
    var (x, levels) = (padded, [Grids]())
    for (i, layers) in down.enumerated() {
      if i > 0 { x = x.maxPooled(SlidingWindow(size: 2, stride: 2, rank: rank)) }
      x = context.within("down.\(i)") { layers(x, context) }
      levels.append(x)
    }
    for i in up.indices.reversed() {
      let risen = context.within("rises.\(i)") { rises[i](x, context) }
      x = context.within("up.\(i)") { up[i](.concatenatingChannels([levels[i], risen]), context) }
    }
    guard padded.layout != input.layout else { return x }
    return x.picking("continued") { example, axis, _ in
      Array(0..<input.layout.extents(of: example)[axis])
    }
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    for i in down.indices { down[i].visitParameters(visit.nested("down.\(i)")) }
    for i in up.indices { up[i].visitParameters(visit.nested("up.\(i)")) }
    for i in rises.indices { rises[i].visitParameters(visit.nested("rises.\(i)")) }
  }
}

/// `x` where it is positive and `slope x` otherwise.
package struct LeakyReLU: RowLayer {
  private let slope: Tensor

  /// Creates a layer without parameters.
  package init(slope: Float) { self.slope = Tensor([slope]) }

  /// Returns a tensor of the same shape.
  package func callAsFunction(_ input: Tensor, _ context: Context) -> Tensor { input.prelu(slope: slope) }

  package mutating func visitParameters(_ visit: ParameterVisitor) {}
}
