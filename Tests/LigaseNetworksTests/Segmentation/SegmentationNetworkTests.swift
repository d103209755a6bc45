import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct SegmentationNetworkTests {
  /// The number that follows from the description of the network, for 2 channels and 5 classes.
  @Test func deepMedicHasItsAuthorsSize() {
    let weights = WeightBuilder.drawing(seed: 1)
    let network = DeepMedic(2, DeepMedic.Sizes(), from: weights)
    #expect(network.parameterCount + Linear(250, 5, from: weights).parameterCount == 2_008_901)
    #expect(DeepMedic.Sizes().field == 17 && DeepMedic.Sizes().margin == 40)
    #expect(DeepMedic.Sizes.tiny.field == 7 && DeepMedic.Sizes.tiny.margin == 9)
  }

  /// An output depends on its own surroundings alone, wherever the window begins whose first output it is a multiple
  /// of the factors away from.
  @Test func windowsOfDeepMedicAgree() {
    var random = SeededGenerator(seed: 3)
    let extents = [21, 22, 24], sizes = DeepMedic.Sizes.tiny
    let network = DeepMedic(2, sizes, from: .drawing(seed: 1))
    let input = Grids(
      values: Tensor(
        (0..<(extents.reduce(2, *))).map { _ in Float(random.nextNormal()) },
        shape: [extents.reduce(1, *), 2]), layout: GridLayout(extents: [extents]))
    let whole = network(input, .inference)
    #expect(whole.layout.extents(of: 0) == extents.map { $0 - 18 } && whole.channels == 12)
    let part = input.picking("part") { axis, extent in Array([0, 3, 3][axis]..<extent) }
    let found = network(part, .inference)
    let expected = whole.picking("part") { axis, extent in Array([0, 3, 3][axis]..<extent) }
    #expect(found.values.scalars == expected.values.scalars)
  }

  /// Extents that the levels do not divide, axes of one place, and examples of different extents.
  @Test func uNetKeepsAnyExtents() {
    for all in [[[7], [12]], [[9, 1], [16, 5]], [[5, 6, 1]]] {
      let rank = all[0].count
      let network = UNet(2, maps: 3, levels: 3, rank: rank, from: .drawing(seed: 1))
      let layout = GridLayout(extents: all)
      var random = SeededGenerator(seed: 4)
      let values = Tensor(
        (0..<(layout.rowCount * 2)).map { _ in Float(random.nextNormal()) }, shape: [layout.rowCount, 2])
      let found = network(Grids(values: values, layout: layout), .inference)
      #expect(found.layout == layout && found.channels == 3)
      // The last example alone gives its own rows.
      let alone = GridLayout(extents: [all.last!]), first = layout.offsets[all.count - 1]
      let own = network(
        Grids(values: values.slicedFirst(first..<layout.rowCount), layout: alone), .inference)
      #expect(own.values.scalars == found.values.slicedFirst(first..<layout.rowCount).scalars)
    }
  }

  @Test func placesAreRepeatedMirroredAndInterpolated() {
    let grid = Grids(values: .ones([8, 1]), layout: GridLayout(extents: [[2, 2, 2]]))
    #expect(grid.repeated(by: 2).layout.extents(of: 0) == [4, 4, 4])
    #expect(grid.mirrored(by: 1).layout.extents(of: 0) == [4, 4, 4])
    let line = Grids(values: Tensor([1, 2, 3], shape: [3, 1]), layout: GridLayout(lengths: [3]))
    #expect(line.mirrored(by: 2).values.scalars == [3, 2, 1, 2, 3, 2, 1])
    #expect(line.linearlyUpsampled(by: 2).values.scalars == [1, 1.25, 1.75, 2.25, 2.75, 3])
  }
}
