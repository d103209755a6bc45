import LigaseDatasets
import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

@Suite struct VolumeTests {
  private static let extents = [3, 4, 5]

  private func image(_ extents: [Int] = VolumeTests.extents, _ value: (Int) -> Float) -> Image {
    Image(extents: extents, channels: 1, values: (0..<extents.reduce(1, *)).map(value))
  }

  private func collected(
    channels: [Image], mask: Image? = nil, labels: Image? = nil
  ) throws -> VolumeCollector {
    var volumes = VolumeCollector(channelNames: channels.indices.map { "c\($0)" })
    try volumes.add(
      "one", channels: channels.enumerated().map { ("c\($0).nii", $1) }, mask: mask.map { ("mask.nii", $0) },
      labels: labels.map { ("labels.nii", $0) })
    return volumes
  }

  /// A part that begins outside the image, of one that is in memory and of one in a temporary file.
  @Test(arguments: [1 << 20, 0]) func partsOfImagesMayLieOutside(_ limit: Int) throws {
    let store = ImageStore(memoryLimit: limit)
    let values = (0..<(3 * 4 * 5 * 2)).map { Float($0) + 0.5 }
    try store.append(Image(extents: [2, 2], channels: 1, values: [1, 2, 3, 4]))
    try store.append(Image(extents: Self.extents, channels: 2, values: values))
    let (origin, size) = ([-1, 2, 3], [3, 3, 4])
    let found = store.part(1, from: origin, extents: size, fill: [-7, -8])
    var expected: [Float] = []
    for z in 0..<3 {
      for y in 0..<3 {
        for x in 0..<4 {
          let place = [z + origin[0], y + origin[1], x + origin[2]]
          let isInside = zip(place, Self.extents).allSatisfy { $0 >= 0 && $0 < $1 }
          for c in 0..<2 {
            expected.append(
              isInside ? values[((place[0] * 4 + place[1]) * 5 + place[2]) * 2 + c] : [-7, -8][c])
          }
        }
      }
    }
    #expect(found == expected)
    #expect(store.part(0, from: [5, 5], extents: [1, 2], fill: [9]) == [9, 9])
  }

  /// Standardised inside the mask, with the mean of the border outside.
  @Test func windowsAreStandardisedInsideTheMask() throws {
    let mask = image { $0 < 30 ? 1 : 0 }
    let volumes = try collected(channels: [image { Float($0) }, image { _ in 4 }], mask: mask)
    var modality = VolumeModality()
    (modality.segment, modality.margin) = ([1], 1)
    let (_, encoded) = modality.fit(volumes.records, rows: [0], observed: nil)
    let window = try #require(encoded as? EncodedVolumes).windowBatch(
      0, from: [0, 0, 0], extents: Self.extents)
    let grids = try #require(window.steps)
    #expect(grids.layout.extents(of: 0) == [5, 6, 7])
    let values = grids.values.scalars
    // Mean 14.5 and variance (30² - 1) / 12 of 0 to 29.
    let deviation = Float((899.0 / 12).squareRoot())
    let inside = (1 * 6 + 1) * 7 + 1
    #expect(abs(values[inside * 2] - (0 - 14.5) / deviation) < 1e-5 && values[inside * 2 + 1] == 0)
    let border = (0..<60).filter { place in
      let (z, y, x) = (place / 20, place / 5 % 4, place % 5)
      return z == 0 || z == 2 || y == 0 || y == 3 || x == 0 || x == 4
    }
    let mean = Float(border.reduce(0, +)) / Float(border.count)
    #expect(abs(values[0] - (mean - 14.5) / deviation) < 1e-5)
  }

  /// Every class is drawn as often, whatever its size, and places outside mask and volume are unknown.
  @Test func segmentsAreDrawnByClass() throws {
    let labels = image { [0, 3][$0 == 33 ? 1 : 0] }, mask = image { $0 >= 20 ? 1 : 0 }
    let volumes = try collected(channels: [image { Float($0) }], mask: mask, labels: labels)
    let maps = volumes.labelMaps
    #expect(maps.names == ["0", "3"] && maps.places(of: 0).map(\.count) == [39, 1])
    var modality = VolumeModality()
    (modality.segment, modality.normalizeIntensity) = ([3], .none)
    let (_, encoded) = modality.fit(volumes.records, rows: [0], observed: nil)
    let all = try #require(encoded as? EncodedVolumes)
    var (centres, outside) = ([Int32](), 0)
    for key in 0..<200 {
      let (batch, classes) = all.segments([0], labels: maps, changes: false) { UInt64(key) }
      let values = try #require(batch.steps).values.scalars
      centres.append(classes[13])
      for (value, found) in zip(values, classes) where found >= 0 {
        #expect(value >= 20 && found == (value == 33 ? 1 : 0))
      }
      outside += classes.count { $0 < 0 }
    }
    #expect((70...130).contains(centres.count { $0 == 1 }) && !centres.contains(-1) && outside > 0)
    // A flip turns values and classes alike.
    (modality.augmentation.randShiftIntensity, modality.augmentation.randScaleIntensity) = (0, 0)
    let flipping = try #require(
      modality.fit(volumes.records, rows: [0], observed: nil).encoded as? EncodedVolumes)
    var flipped = 0
    for key in 0..<80 {
      let plain = flipping.segments([0], labels: maps, changes: false) { UInt64(key) }
      let changed = flipping.segments([0], labels: maps, changes: true) { UInt64(key) }
      if plain.classes != changed.classes { flipped += 1 }
      let values = try #require(changed.batch.steps).values.scalars
      for (value, found) in zip(values, changed.classes) where found >= 0 {
        #expect(found == (value == 33 ? 1 : 0))
      }
    }
    #expect(flipped > 3 && flipped < 60)
  }

  /// Axes of the file in any order and direction become those of the body, and back.
  @Test func axesBecomeThoseOfTheBody() throws {
    var file = image { Float($0) }
    // x of the file runs down, y to the left, z to the front, with unequal steps and a little tilt.
    file.affine = [0.1, -2, 0, 0, 0, 0.1, 3, 0, -1, 0, 0.1, 0, 0, 0, 0, 1]
    file.spacing = [3, 2, 1]
    let order = try #require(AxisOrder(file))
    let body = order.ordered(file)
    #expect(body.extents == [5, 3, 4] && body.spacing == [1, 3, 2])
    for (z, y, x) in [(0, 0, 0), (4, 2, 3), (1, 2, 0)] {
      #expect(body.values[(z * 3 + y) * 4 + x] == file.values[(y * 4 + (3 - x)) * 5 + (4 - z)])
    }
    #expect(order.restored(body.values, to: file.extents) == file.values)
    var plain = file
    plain.affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    #expect(AxisOrder(plain) == nil)
    let volumes = try collected(channels: [file], labels: file)
    #expect(volumes.records[0].extents == [5, 3, 4] && volumes.records[0].file.extents == Self.extents)
    #expect(
      volumes.labelMaps.classes(0, from: [0, 0, 0], extents: [5, 3, 4]).map { Float($0) } == body.values)
  }

  @Test func casesThatDoNotFitAreErrors() throws {
    let good = image { Float($0) }
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "no error"
    }
    let small = message { _ = try collected(channels: [good, image([3, 4, 4]) { _ in 1 }]) }
    #expect(small.contains("c1.nii") && small.contains("found 4 × 4 × 3 places, and 5 × 4 × 3 in c0.nii"))
    var moved = image { Float($0) }
    moved.affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 9, 0, 0, 0, 1]
    var placed = good
    placed.affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    let elsewhere = message { _ = try collected(channels: [placed], labels: moved) }
    #expect(elsewhere.contains("labels.nii") && elsewhere.contains("0.0 0.0 1.0 9.0"))
    let empty = message { _ = try collected(channels: [good], mask: image { _ in 0 }) }
    #expect(empty.contains("found a mask without a place"))
    let half = message { _ = try collected(channels: [good], labels: image { _ in 0.5 }) }
    #expect(half.contains("found the label 0.5, expected whole numbers"))
    let infinite = message { _ = try collected(channels: [image { $0 == 3 ? .infinity : 0 }]) }
    #expect(infinite.contains("not finite"))
  }
}
