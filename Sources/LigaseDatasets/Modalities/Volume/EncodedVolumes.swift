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
  package func weight(of record: Int) -> Int { extents(of: record).reduce(1, *) }

  /// Returns the number of places along each axis of a volume as the network reads it.
  package func extents(of record: Int) -> [Int] {
    preparation.extents(of: records[record])
  }

  /// Returns whole volumes with the places around them.
  package func batch(_ numbers: [Int], view: Int) -> InputBatch {
    let extents = numbers.map { self.extents(of: $0) }
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

  /// Returns 1 for the places of a window inside the mask and 0 for others; nil for a volume without a mask.
  package func maskPart(_ record: Int, from origin: [Int], extents: [Int]) -> [Float]? {
    maskPart(record, box(record, from: origin, extents: extents))
  }

  /// Calls `body` with the number of each voxel of a volume and the numbers there, by linear interpolation between
  /// those at the places that the network reads, channels last.
  package func forEachVoxel(
    _ record: Int, channels: Int, of values: [Float], _ body: (Int, UnsafePointer<Float>) -> Void
  ) {
    let own = records[record].extents, places = extents(of: record)
    let steps = preparation.steps(of: records[record])
    let box = VolumeBox(
      extents: own,
      centre: own.indices.map { (Double(own[$0] - 1) / 2 + 0.5) / steps[$0] - 0.5 },
      matrix: own.indices.map { a in own.indices.map { a == $0 ? 1 / steps[a] : 0 } }, in: places)
    box.forEachValue(of: values, channels: channels, body)
  }

  /// Returns segments of volumes around places of classes that are drawn with equal probability, with the class of
  /// each place of their outputs; -1 outside the volume and outside its mask.
  ///
  /// - Parameters:
  ///   - labels: the labels of all volumes.
  ///   - changes: whether values, size and directions are changed at random.
  package func segments(
    _ numbers: [Int], labels: LabelMaps, changes: Bool, key: () -> UInt64
  ) -> (batch: InputBatch, classes: [Int32]) {
    let segment = preparation.extents(options.segment), margin = options.margin
    var random = SeededGenerator(seed: key())
    var (parts, classes) = ([[Float]](), [Int32]())
    for number in numbers {
      let places = labels.places(of: number).filter { !$0.drawn.isEmpty }
      let drawn = places[random.next(below: places.count)].drawn
      let centre = centre(number, of: Int(drawn[random.next(below: drawn.count)]))
      let origin = zip(centre, segment).map { $0 - ($1 - 1) / 2 }
      let affine = changes ? options.augmentation.affine(axes: segment.count, using: &random) : nil
      let field = changes ? options.augmentation.biasField(axes: segment.count, using: &random) : nil
      let outputs = box(number, from: origin, extents: segment, affine)
      let inputs = box(
        number, from: origin.map { $0 - margin }, extents: segment.map { $0 + 2 * margin }, affine)
      var values = values(number, inputs, field)
      var truth = self.classes(number, labels, outputs)
      if let mask = maskPart(number, outputs) {
        for i in truth.indices where mask[i] == 0 { truth[i] = -1 }
      }
      if changes { change(&values, &truth, width: segment.last!, margin: margin, using: &random) }
      parts.append(values)
      classes += truth
    }
    let extents = segment.map { $0 + 2 * margin }
    return (grids(parts, [[Int]](repeating: extents, count: numbers.count)), classes)
  }

  /// Returns the place of the network's volume in which a voxel lies.
  private func centre(_ record: Int, of voxel: Int) -> [Int] {
    let own = records[record].extents, extents = extents(of: record)
    let steps = preparation.steps(of: records[record])
    var (rest, centre) = (voxel, own)
    for axis in own.indices.reversed() {
      centre[axis] = min(Int((Double(rest % own[axis]) + 0.5) / steps[axis]), extents[axis] - 1)
      rest /= own[axis]
    }
    return centre
  }

  /// Flips a segment along the last axis, and shifts and scales each channel, at random.
  private func change(
    _ values: inout [Float], _ truth: inout [Int32], width: Int, margin: Int,
    using random: inout SeededGenerator
  ) {
    let channels = preparation.channelNames.count, augmentation = options.augmentation
    if augmentation.randFlip, random.next(below: 2) == 1 {
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
      let shift = Float(random.nextNormal()) * augmentation.randShiftIntensity
      let scale = 1 + Float(random.nextNormal()) * augmentation.randScaleIntensity
      for i in stride(from: c, to: values.count, by: channels) { values[i] = (values[i] + shift) * scale }
    }
  }

  /// Returns where the places of a window lie in a volume.
  private func box(
    _ record: Int, from origin: [Int], extents: [Int], _ affine: [[Double]]? = nil
  ) -> VolumeBox {
    let geometry = records[record], steps = preparation.steps(of: geometry)
    let centre = origin.indices.map {
      (Double(origin[$0]) + Double(extents[$0] - 1) / 2 + 0.5) * steps[$0] - 0.5
    }
    let spacing = geometry.spacing ?? steps.map { _ in 1 }
    let matrix = steps.indices.map { a in
      steps.indices.map { b -> Double in
        guard let affine else { return a == b ? steps[a] : 0 }
        return affine[a][b] * steps[b] * spacing[b] / spacing[a]
      }
    }
    return VolumeBox(extents: extents, centre: centre, matrix: matrix, in: geometry.extents)
  }

  /// Returns the standardised values of the input of some outputs.
  private func window(_ record: Int, from origin: [Int], extents: [Int]) -> [Float] {
    let margin = options.margin
    return values(
      record, box(record, from: origin.map { $0 - margin }, extents: extents.map { $0 + 2 * margin }), nil)
  }

  /// Returns the standardised values of a box.
  private func values(_ record: Int, _ box: VolumeBox, _ field: BiasField?) -> [Float] {
    let geometry = records[record], channels = geometry.means.count
    var values: [Float]
    if let origin = box.voxelOrigin {
      values = records.part(record, from: origin, extents: box.extents)
    } else {
      values = box.interpolated(
        records.part(record, from: box.origin, extents: box.readExtents), channels: channels)
    }
    field?.apply(to: &values, channels: channels, box: box, in: geometry.extents)
    guard options.normalizeIntensity == .volume else { return values }
    for c in 0..<channels {
      let (mean, factor) = (geometry.means[c], 1 / geometry.deviations[c])
      for i in stride(from: c, to: values.count, by: channels) { values[i] = (values[i] - mean) * factor }
    }
    return values
  }

  /// Returns the class of each place of a box.
  private func classes(_ record: Int, _ labels: LabelMaps, _ box: VolumeBox) -> [Int32] {
    if let origin = box.voxelOrigin { return labels.classes(record, from: origin, extents: box.extents) }
    return box.nearest(labels.classes(record, from: box.origin, extents: box.readExtents))
  }

  /// Returns 1 for the places of a box inside the mask and 0 for others; nil for a volume without a mask.
  private func maskPart(_ record: Int, _ box: VolumeBox) -> [Float]? {
    if let origin = box.voxelOrigin {
      return records.maskPart(record, from: origin, extents: box.extents)
    }
    return records.maskPart(record, from: box.origin, extents: box.readExtents).map(box.nearest)
  }

  private func grids(_ parts: [[Float]], _ extents: [[Int]]) -> InputBatch {
    let layout = GridLayout(extents: extents)
    return .steps(
      Grids(
        values: Tensor(Array(parts.joined()), shape: [layout.rowCount, preparation.channelNames.count]),
        layout: layout))
  }
}
