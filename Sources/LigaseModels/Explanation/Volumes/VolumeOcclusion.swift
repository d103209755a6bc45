import LigaseDatasets
import LigaseTensors

/// The extent of a box of a volume.
package struct BoxLength: Hashable, Sendable {
  package var value: Double
  package var isInMillimetres: Bool

  package init(_ value: Double, isInMillimetres: Bool) {
    (self.value, self.isInMillimetres) = (value, isInMillimetres)
  }
}

/// The boxes of voxels that an occlusion of volumes leaves out in turn.
package struct VolumeOcclusion: Sendable {
  /// The size of a box; nil for an eighth of the volume along each axis.
  package var size: BoxLength?
  /// The distance of the beginnings of boxes; nil for their size.
  package var stride: BoxLength?

  package init() {}

  /// Returns the boxes that cover a grid, the last of each axis cut at its end.
  ///
  /// - Parameter spacing: the distance of places along each axis in millimetres, if known.
  /// - Throws: `ExplanationError` where sizes in millimetres have no meaning.
  func boxes(_ extents: [Int], spacing: [Double]?) throws -> [[Range<Int>]] {
    func places(_ length: BoxLength, _ axis: Int) throws -> Int {
      guard length.isInMillimetres else { return max(1, Int(length.value.rounded())) }
      guard let spacing, spacing[axis] > 0 else {
        throw ExplanationError(
          "found a box in millimetres, and the volume does not say how far its voxels are apart; expected a size in voxels"
        )
      }
      return max(1, Int((length.value / spacing[axis]).rounded()))
    }
    return try extents.indices.reduce([[]]) { boxes, axis in
      let extent = extents[axis], size = try size.map { try places($0, axis) } ?? max(1, (extent + 7) / 8)
      let step = try stride.map { try places($0, axis) } ?? size
      let count = extent <= size ? 1 : (extent - size + step - 1) / step + 1
      let ranges = (0..<count).map { ($0 * step)..<min($0 * step + size, extent) }
      return boxes.flatMap { box in ranges.map { box + [$0] } }
    }
  }
}

extension VolumePrediction {
  /// An occlusion of a volume and what it cost.
  package struct Occlusion: Sendable {
    package let map: VolumeActivationMap
    /// The number of boxes with a voxel inside the mask, and of windows that were predicted.
    package let boxes, predictions: Int
  }

  /// Returns the loss of the score of a class where boxes are left out, at each voxel the mean over the boxes that cover it.
  ///
  /// Voxels of a box that are inside the mask become 0, the mean of standardised numbers. Boxes outside the mask are not left
  /// out, and only the windows that read a box and predict the class somewhere are predicted again.
  ///
  /// - Parameter progress: is called with the number of windows that are predicted, and of all.
  /// - Throws: `ExplanationError` where the size of boxes has no meaning.
  package func occlusion(
    _ record: Int, of records: VolumeRecords, class explained: Int?, _ options: VolumeOcclusion,
    progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws -> Occlusion {
    let geometry = records[record]
    let spacing = preparation.resamples(geometry) ? preparation.spacing : geometry.spacing
    let score = SegmentationScore(self, record, of: records, class: explained), windows = score.windows
    let inside = windows.volumes.maskPart(
      record, from: windows.extents.map { _ in 0 }, extents: windows.extents)
    let boxes = try options.boxes(windows.extents, spacing: spacing).map { box in
      BlankedBox(box, windows.extents, inside: inside)
    }.filter { !$0.places.isEmpty }
    let parts = windows.map { origin, batch in score.factors(from: origin).map { score.part(batch, $0) } }
    let tasks = boxes.indices.flatMap { box in
      parts.indices.filter {
        parts[$0] != nil && windows.reads(boxes[box].ranges, from: windows.origins[$0])
      }.map { (box: box, window: $0) }
    }
    var losses = [Double](repeating: 0, count: boxes.count)
    let group = 32
    for start in Swift.stride(from: 0, to: tasks.count, by: group) {
      progress(windows.origins.count + start, windows.origins.count + tasks.count)
      let chunk = Array(tasks[start..<min(start + group, tasks.count)])
      let found = ModelNetwork.forEach(chunk.indices.map { $0..<($0 + 1) }) { range -> Double in
        let task = chunk[range.lowerBound], origin = windows.origins[task.window]
        let batch = boxes[task.box].blanked(windows.batch(from: origin), windows, from: origin)
        return score.part(batch, score.factors(from: origin)!)
      }
      for (task, part) in zip(chunk, found) { losses[task.box] += parts[task.window]! - part }
    }
    var (values, covers) = (
      [Float](repeating: 0, count: windows.extents.reduce(1, *)),
      [Float](repeating: 0, count: windows.extents.reduce(1, *))
    )
    for (box, loss) in zip(boxes, losses) {
      for place in box.places {
        values[place] += Float(loss)
        covers[place] += 1
      }
    }
    let map = zip(values, covers).map { $0 / max($1, 1) }
    return Occlusion(
      map: score.map(map, score: parts.reduce(0) { $0 + ($1 ?? 0) }, of: geometry), boxes: boxes.count,
      predictions: windows.origins.count + tasks.count)
  }
}

/// A box of which the voxels inside the mask are left out.
private struct BlankedBox: Sendable {
  let ranges: [Range<Int>]
  private let extents: [Int]
  private let inside: [Float]?

  init(_ ranges: [Range<Int>], _ extents: [Int], inside: [Float]?) {
    (self.ranges, self.extents, self.inside) = (ranges, extents, inside)
  }

  /// The numbers of those voxels in the volume.
  var places: [Int] {
    let all = zip(ranges, extents).reduce([0]) { places, axis in
      places.flatMap { place in axis.0.map { place * axis.1 + $0 } }
    }
    return inside.map { inside in all.filter { inside[$0] != 0 } } ?? all
  }

  /// The input of a window without the box.
  func blanked(_ batch: InputBatch, _ windows: VolumeWindows, from origin: [Int]) -> InputBatch {
    guard case .steps(let steps) = batch else { preconditionFailure("occlusion: a batch of rows") }
    var values = steps.values
    let channels = values.shape[1]
    values.withUnsafeMutableBufferPointer { values in
      windows.forEachRead(from: origin, in: ranges) { row, place in
        guard inside.map({ $0[place] != 0 }) ?? true else { return }
        for c in 0..<channels { values[row * channels + c] = 0 }
      }
    }
    return .steps(Grids(values: values, layout: steps.layout))
  }
}
