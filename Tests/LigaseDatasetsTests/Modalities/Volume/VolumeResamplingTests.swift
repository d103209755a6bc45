import LigaseDatasets
import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

/// Volumes of other spacings, turned segments, bias fields and foregrounds.
@Suite struct VolumeResamplingTests {
  private static let extents = [12, 14, 16]

  /// A number that grows evenly along each axis, in millimetres, so that linear interpolation is exact.
  private func ramp(_ extents: [Int], spacing: [Double], at place: [Double]) -> Float {
    Float(zip(zip(place, spacing), [1.0, 0.3, -0.7]).reduce(5.0) { $0 + $1.0.0 * $1.0.1 * $1.1 })
  }

  private func place(_ number: Int, _ extents: [Int]) -> [Int] {
    [number / (extents[1] * extents[2]), number / extents[2] % extents[1], number % extents[2]]
  }

  private func rampImage(_ extents: [Int], spacing: [Double]) -> Image {
    var image = Image(
      extents: extents, channels: 1,
      values: (0..<extents.reduce(1, *)).map {
        ramp(extents, spacing: spacing, at: place($0, extents).map { Double($0) + 0.5 })
      })
    image.spacing = spacing
    return image
  }

  private func above(_ limit: Float, _ image: Image) -> Image {
    Image(extents: image.extents, channels: 1, values: image.values.map { $0 > limit ? 1 : 0 })
  }

  private func collected(
    _ images: [Image], labels: [Image], cropsForeground: Bool = false
  ) throws -> VolumeCollector {
    var volumes = VolumeCollector(channelNames: ["c"], cropsForeground: cropsForeground)
    for (i, image) in images.enumerated() {
      try volumes.add("\(i)", channels: [("c\(i).nii", image)], mask: nil, labels: ("l\(i).nii", labels[i]))
    }
    return volumes
  }

  private func plain() -> VolumeModality {
    var modality = VolumeModality()
    (modality.segment, modality.normalizeIntensity, modality.augmentation) = ([5], .none, .none)
    return modality
  }

  /// Three cases, of which the middle spacing is taken; the case of half the spacing has half the places along an axis.
  @Test func volumesAreResampledToTheMedianSpacing() throws {
    let spacings = [[2.0, 1, 1], [2.02, 1, 1.01], [1, 1, 1]]
    let images = spacings.map { rampImage(Self.extents, spacing: $0) }
    let volumes = try collected(images, labels: images.map { above(8, $0) })
    let (preparation, any) = plain().fit(volumes.records, rows: [0, 1, 2], observed: nil)
    let encoded = try #require(any as? EncodedVolumes)
    #expect(preparation.spacing == [2, 1, 1] && preparation.problem == nil)
    #expect(encoded.extents(of: 0) == Self.extents && encoded.extents(of: 1) == Self.extents)
    #expect(encoded.extents(of: 2) == [6, 14, 16])
    // Values of a window lie on the same ramp, at the same millimetres.
    let window = try #require(encoded.windowBatch(2, from: [1, 2, 3], extents: [4, 5, 6]).steps)
    for (i, value) in window.values.scalars.enumerated() {
      let at = zip(place(i, [4, 5, 6]), [1, 2, 3]).map { Double($0 + $1) + 0.5 }
      #expect(abs(value - ramp(Self.extents, spacing: [2, 1, 1], at: at)) < 1e-4)
    }
    // Numbers at the places of the network come back to the voxels; those beyond the last place have its number.
    let places = (0..<(6 * 14 * 16)).map {
      ramp([6, 14, 16], spacing: [2, 1, 1], at: place($0, [6, 14, 16]).map { Double($0) + 0.5 })
    }
    var seen = 0
    encoded.forEachVoxel(2, channels: 1, of: places) { voxel, found in
      seen += 1
      let z = place(voxel, Self.extents)[0]
      if z > 0, z < 11 { #expect(abs(found[0] - images[2].values[voxel]) < 1e-4) }
    }
    #expect(seen == images[2].values.count)
    // Labels of segments follow the values.
    for key in 0..<40 {
      let (batch, classes) = encoded.segments([2], labels: volumes.labelMaps, changes: false) { UInt64(key) }
      for (value, found) in zip(try #require(batch.steps).values.scalars, classes) where found >= 0 {
        if abs(value - 8) > 1.1 { #expect(found == (value > 8 ? 1 : 0)) }
      }
    }
  }

  @Test func resamplingCanBeRefusedAndTurnedOff() throws {
    let images = [[1.0, 1, 1], [500, 900, 900]].map { rampImage(Self.extents, spacing: $0) }
    let volumes = try collected(images, labels: images.map { above(8, $0) })
    var modality = plain()
    modality.spacing = [0.5, 0.5, 0.5]
    let flaw = modality.fit(volumes.records, rows: [0, 1], observed: nil).preparation.problem
    #expect(flaw?.contains("found voxels of 900.0 × 900.0 × 500.0 mm") == true)
    modality.resample = false
    let kept = modality.fit(volumes.records, rows: [0, 1], observed: nil)
    #expect(kept.preparation.spacing == nil && kept.preparation.problem == nil)
    #expect((kept.encoded as? EncodedVolumes)?.extents(of: 1) == Self.extents)
    modality.spacing = [1, 0, 1]
    #expect(modality.problem?.contains("spacing must be") == true)
  }

  /// A turned, scaled and sheared segment of a ramp is a ramp: every step along one of its axes adds the same number.
  @Test func turnedSegmentsKeepValuesAndLabelsTogether() throws {
    let image = rampImage([30, 32, 34], spacing: [1, 1.5, 1])
    // A mask leaves out the outer voxels, whose values reach beyond their middles.
    let mask = Image(
      extents: image.extents, channels: 1,
      values: image.values.indices.map {
        zip(place($0, image.extents), image.extents).allSatisfy { 1..<($1 - 1) ~= $0 } ? 1 : 0
      })
    var volumes = VolumeCollector(channelNames: ["c"])
    try volumes.add("a", channels: [("c", image)], mask: ("m", mask), labels: ("l", above(20, image)))
    var modality = plain()
    (modality.augmentation.randRotate, modality.augmentation.randZoom) = (30, 0.2)
    modality.augmentation.randShear = 0.1
    let encoded = try #require(
      modality.fit(volumes.records, rows: [0], observed: nil).encoded as? EncodedVolumes)
    var (turned, checked) = (0, 0)
    for key in 0..<40 {
      let (batch, classes) = encoded.segments([0], labels: volumes.labelMaps, changes: true) { UInt64(key) }
      let values = try #require(batch.steps).values.scalars
      for (value, found) in zip(values, classes) where found >= 0 {
        if abs(value - 20) > 1.8 { #expect(found == (value > 20 ? 1 : 0)) }
      }
      guard !classes.contains(-1) else { continue }
      checked += 1
      let steps = [values[25] - values[0], values[5] - values[0], values[1] - values[0]]
      if zip(steps, [1, 0.45, -0.7]).contains(where: { abs($0 - $1) > 0.01 }) { turned += 1 }
      for (i, value) in values.enumerated() {
        let line = zip(place(i, [5, 5, 5]), steps).reduce(values[0]) { $0 + Float($1.0) * $1.1 }
        #expect(abs(value - line) < 0.02)
      }
    }
    #expect(checked > 10 && turned > 10)
  }

  @Test func biasFieldsAreSmoothAndSeeded() throws {
    let image = Image(extents: Self.extents, channels: 1, values: [Float](repeating: 2, count: 12 * 14 * 16))
    let labels = Image(
      extents: Self.extents, channels: 1, values: (0..<(12 * 14 * 16)).map { $0 == 1500 ? 1 : 0 })
    let volumes = try collected([image], labels: [labels])
    var modality = plain()
    modality.augmentation.randBiasField = 0.1
    let encoded = try #require(
      modality.fit(volumes.records, rows: [0], observed: nil).encoded as? EncodedVolumes)
    func values(_ key: UInt64) throws -> [Float] {
      try #require(encoded.segments([0], labels: volumes.labelMaps, changes: true) { key }.batch.steps).values
        .scalars
    }
    let first = try values(3), other = try values(4)
    let again = try values(3)
    #expect(first != other && first.map(\.bitPattern) == again.map(\.bitPattern))
    #expect(Set(first).count > 50)
    // exp of 20 coefficients from 0 to 0.1 times polynomials from -1 to 1, and neighbours are alike.
    for value in first { #expect(value > 2 * 0.1353 && value < 2 * 7.39) }
    for (a, b) in zip(first, first.dropFirst()) where a != first[4] { #expect(abs(a - b) < 1) }
  }

  @Test func foregroundsAreBoxes() throws {
    let inside = { (place: [Int]) in
      (3..<6).contains(place[0]) && (2..<9).contains(place[1]) && place[2] == 7
    }
    var values = (0..<(12 * 14 * 16)).map { Float(inside(place($0, Self.extents)) ? 1 : 0) }
    values[(4 * 14 + 5) * 16 + 7] = -1
    let image = Image(extents: Self.extents, channels: 1, values: values)
    let volumes = try collected(
      [image], labels: [above(0, Image(extents: image.extents, channels: 1, values: values.map { -$0 }))],
      cropsForeground: true)
    let mask = try #require(
      volumes.records.maskPart(0, from: [0, 0, 0], extents: Self.extents))
    #expect(mask == (0..<values.count).map { inside(place($0, Self.extents)) ? 1 : 0 })
    #expect(volumes.labelMaps.places(of: 0).map(\.count) == [20, 1])
    let empty = Image(extents: [2, 2, 2], channels: 1, values: [Float](repeating: 0, count: 8))
    #expect(throws: FormatError.self) { _ = try collected([empty], labels: [empty], cropsForeground: true) }
  }
}
