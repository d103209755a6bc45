import LigaseFormats
import LigaseRuntime

/// The voxels of each pair of labels in truth and prediction of one case, and the box around each label.
struct SegmentationOverlap {
  /// The labels of truth or prediction, ascending; the first one is 0.
  let labels: [UInt16]
  /// The number of voxels of the true label i and the predicted label j, at `i labels.count + j`.
  private let counts: [Int]
  /// The number of voxels of each label in each volume.
  private let truthCounts: [Int]
  private let predictionCounts: [Int]
  /// The box around each label in either volume; empty for label 0.
  private let boxes: [VoxelBox]
  private let truth: LabelVolume
  private let prediction: LabelVolume

  /// The largest number of labels of one case.
  static let mostLabels = 1000

  /// - Throws: `FormatError` for more than ``mostLabels`` labels.
  init(truth: LabelVolume, prediction: LabelVolume) throws {
    (self.truth, self.prediction) = (truth, prediction)
    var occurs = [Bool](repeating: false, count: 65536)
    occurs[0] = true
    for volume in [truth, prediction] {
      volume.labels.withUnsafeBufferPointer { for label in $0 { occurs[Int(label)] = true } }
      let found = occurs.count { $0 } - 1
      guard found <= Self.mostLabels else {
        throw FormatError(
          .badData, path: volume.path,
          "found \(found.grouped) labels, expected classes, at most \(Self.mostLabels.grouped)")
      }
    }
    labels = occurs.indices.filter { occurs[$0] }.map { UInt16($0) }
    var numbers = [Int](repeating: 0, count: 65536)
    for (number, label) in labels.enumerated() { numbers[Int(label)] = number }
    let (counts, boxes) = Self.count(truth, prediction, numbers, labels.count)
    let count = labels.count
    truthCounts = (0..<count).map { i in (0..<count).reduce(0) { $0 + counts[i * count + $1] } }
    predictionCounts = (0..<count).map { i in (0..<count).reduce(0) { $0 + counts[$1 * count + i] } }
    (self.counts, self.boxes) = (counts, boxes)
  }

  private static func count(
    _ truth: LabelVolume, _ prediction: LabelVolume, _ numbers: [Int], _ labelCount: Int
  ) -> ([Int], [VoxelBox]) {
    var counts = [Int](repeating: 0, count: labelCount * labelCount)
    var boxes = [VoxelBox](repeating: VoxelBox(), count: labelCount)
    let (height, width) = (truth.grid.extents[1], truth.grid.extents[2])
    // The first and the last place of each label in a row.
    var first = [Int](repeating: .max, count: labelCount), last = [Int](repeating: -1, count: labelCount)
    truth.labels.withUnsafeBufferPointer { truth in
      prediction.labels.withUnsafeBufferPointer { prediction in
        for row in 0..<truth.count / max(width, 1) {
          var isEmpty = true
          for x in 0..<width {
            let i = row * width + x
            if truth[i] | prediction[i] == 0 { continue }
            isEmpty = false
            let (t, p) = (numbers[Int(truth[i])], numbers[Int(prediction[i])])
            counts[t * labelCount + p] += 1
            (first[t], last[t]) = (min(first[t], x), x)
            (first[p], last[p]) = (min(first[p], x), x)
          }
          if isEmpty { continue }
          for label in 0..<labelCount where last[label] >= 0 {
            if label > 0 { boxes[label].add(row / height, row % height, first[label], last[label]) }
            (first[label], last[label]) = (.max, -1)
          }
        }
      }
    }
    counts[0] = truth.labels.count - counts.reduce(0, +)
    return (counts, boxes)
  }

  /// The metrics of a region.
  func metrics(_ region: SegmentationRegion) -> SegmentationMetrics {
    let members = labels.indices.filter { region.contains(labels[$0]) }
    var (both, inTruth, inPrediction) = (0, 0, 0)
    for i in members {
      inTruth += truthCounts[i]
      inPrediction += predictionCounts[i]
      for j in members { both += counts[i * labels.count + j] }
    }
    var metrics = SegmentationMetrics(
      both: both, truth: inTruth, prediction: inPrediction, all: truth.labels.count)
    guard inTruth > 0, inPrediction > 0 else { return metrics }
    var box = VoxelBox()
    var isMember = [Bool](repeating: false, count: 65536)
    for i in members {
      box.formUnion(boxes[i])
      isMember[Int(labels[i])] = true
    }
    let distance = SurfaceDistance(
      Self.mask(truth, isMember, box), Self.mask(prediction, isMember, box), truth.grid.cropped(to: box))
    metrics.add(distance!)
    return metrics
  }

  /// Whether each voxel of a box has a label of the region.
  private static func mask(_ volume: LabelVolume, _ isMember: [Bool], _ box: VoxelBox) -> [Bool] {
    let (height, width) = (volume.grid.extents[1], volume.grid.extents[2])
    var mask: [Bool] = []
    mask.reserveCapacity(box.extents.reduce(1, *))
    for z in box.lower[0]...box.upper[0] {
      for y in box.lower[1]...box.upper[1] {
        let row = (z * height + y) * width
        for label in volume.labels[row + box.lower[2]...row + box.upper[2]] {
          mask.append(isMember[Int(label)])
        }
      }
    }
    return mask
  }
}

/// The metrics of one region of one case; NaN where one is undefined.
package struct SegmentationMetrics: Sendable, Equatable {
  /// The names of the metrics, in the order of ``values``.
  package static let names = ["dice", "iou", "hd95", "surface_distance", "sensitivity", "specificity"]

  /// The metrics in the order of ``names``.
  package private(set) var values: [Double]
  /// Whether truth and prediction have no voxel of the region.
  package let areBothEmpty: Bool
  /// Whether exactly one of truth and prediction has no voxel of the region.
  package let isOneEmpty: Bool

  /// The metrics of overlap, from the number of voxels in both sets, in each set, and in the volume.
  init(both: Int, truth: Int, prediction: Int, all: Int) {
    func ratio(_ a: Int, _ b: Int) -> Double { b == 0 ? .nan : Double(a) / Double(b) }
    let union = truth + prediction - both
    values = [
      ratio(2 * both, truth + prediction), ratio(both, union), .nan, .nan, ratio(both, truth),
      ratio(all - union, all - truth),
    ]
    areBothEmpty = union == 0
    isOneEmpty = (truth == 0) != (prediction == 0)
  }

  mutating func add(_ distance: SurfaceDistance) {
    (values[2], values[3]) = (distance.hausdorff95, distance.average)
  }

  /// The metrics of a region in a case without any of its voxels.
  static let empty = SegmentationMetrics(both: 0, truth: 0, prediction: 0, all: 1)

  /// The Dice coefficient; NaN if both sets are empty.
  package var dice: Double { values[0] }
}
