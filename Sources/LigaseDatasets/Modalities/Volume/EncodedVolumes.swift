import LigaseRuntime
import LigaseTensors

/// Volumes of which segments are prepared when a batch needs them.
package struct EncodedVolumes: EncodedRecords {
  /// The volumes as read.
  package let records: VolumeRecords
  /// How they are prepared.
  package let preparation: VolumePreparation

  package var count: Int { records.count }
  private var options: VolumeModality { preparation.options }
  /// The number of segments of each volume in an epoch.
  package var samplesPerRecord: Int { options.segmentsPerVolume }
  package func weight(of record: Int) -> Int { records[record].extents.reduce(1, *) }

  /// Returns whole volumes with the places around them.
  package func batch(_ numbers: [Int], view: Int) -> InputBatch {
    let extents = numbers.map { records[$0].extents }
    let parts = zip(numbers, extents).map { number, extents in
      window(number, from: extents.map { _ in 0 }, extents: extents)
    }
    return grids(parts, extents.map { $0.map { $0 + 2 * options.margin } })
  }

  package func trainingBatch(_ numbers: [Int], key: () -> UInt64) -> InputBatch { batch(numbers, view: 0) }

  /// Returns the input of a window of outputs, with the places around it.
  package func windowBatch(_ record: Int, from origin: [Int], extents: [Int]) -> InputBatch {
    grids(
      [window(record, from: origin, extents: extents)], [extents.map { $0 + 2 * options.margin }])
  }

  /// Returns segments of volumes around places of classes that are drawn with equal probability, with the class of
  /// each place of their outputs; -1 outside the volume and outside its mask.
  ///
  /// - Parameters:
  ///   - labels: the labels of all volumes.
  ///   - changes: whether values and directions are changed at random.
  package func segments(
    _ numbers: [Int], labels: LabelMaps, changes: Bool, key: () -> UInt64
  ) -> (batch: InputBatch, classes: [Int32]) {
    let segment = preparation.extents(options.segment), margin = options.margin
    var random = SeededGenerator(seed: key())
    var (parts, classes) = ([[Float]](), [Int32]())
    for number in numbers {
      let own = records[number].extents
      let places = labels.places(of: number).filter { !$0.drawn.isEmpty }
      let drawn = places[random.next(below: places.count)].drawn
      var rest = Int(drawn[random.next(below: drawn.count)])
      var centre = [Int](repeating: 0, count: own.count)
      for axis in own.indices.reversed() {
        centre[axis] = rest % own[axis]
        rest /= own[axis]
      }
      let origin = zip(centre, segment).map { $0 - ($1 - 1) / 2 }
      var values = window(number, from: origin, extents: segment)
      var truth = labels.classes(number, from: origin, extents: segment)
      if let mask = records.maskPart(number, from: origin, extents: segment) {
        for i in truth.indices where mask[i] == 0 { truth[i] = -1 }
      }
      if changes { change(&values, &truth, width: segment.last!, margin: margin, using: &random) }
      parts.append(values)
      classes += truth
    }
    let extents = segment.map { $0 + 2 * margin }
    return (grids(parts, [[Int]](repeating: extents, count: numbers.count)), classes)
  }

  /// Flips a segment along the last axis, and shifts and scales each channel, at random.
  private func change(
    _ values: inout [Float], _ truth: inout [Int32], width: Int, margin: Int,
    using random: inout SeededGenerator
  ) {
    let channels = preparation.channelNames.count
    if options.randFlip, random.next(below: 2) == 1 {
      let line = (width + 2 * margin) * channels
      for start in stride(from: 0, to: values.count, by: line) {
        for x in 0..<((width + 2 * margin) / 2) {
          for c in 0..<channels {
            values.swapAt(start + x * channels + c, start + line - (x + 1) * channels + c)
          }
        }
      }
      for start in stride(from: 0, to: truth.count, by: width) {
        truth[start..<(start + width)].reverse()
      }
    }
    for c in 0..<channels {
      let shift = Float(random.nextNormal()) * options.randShiftIntensity
      let scale = 1 + Float(random.nextNormal()) * options.randScaleIntensity
      for i in stride(from: c, to: values.count, by: channels) { values[i] = (values[i] + shift) * scale }
    }
  }

  /// Returns the standardised values of the input of some outputs.
  private func window(_ record: Int, from origin: [Int], extents: [Int]) -> [Float] {
    let margin = options.margin, geometry = records[record], channels = geometry.means.count
    var values = records.part(
      record, from: origin.map { $0 - margin }, extents: extents.map { $0 + 2 * margin })
    guard options.normalizeIntensity == .volume else { return values }
    for c in 0..<channels {
      let (mean, factor) = (geometry.means[c], 1 / geometry.deviations[c])
      for i in stride(from: c, to: values.count, by: channels) { values[i] = (values[i] - mean) * factor }
    }
    return values
  }

  private func grids(_ parts: [[Float]], _ extents: [[Int]]) -> InputBatch {
    let layout = GridLayout(extents: extents)
    return .steps(
      Grids(
        values: Tensor(Array(parts.joined()), shape: [layout.rowCount, preparation.channelNames.count]),
        layout: layout))
  }
}
