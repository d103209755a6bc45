internal import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseRuntime
import LigaseTensors

/// The prediction of whole volumes, window by window, in memory that grows with one volume alone.
///
/// Windows of equal extents cover the volume, the last of each axis ending with it. Where windows overlap, the
/// probabilities are means weighted by a Gaussian about the middle of each window, whose deviation is an eighth of its
/// extent (MONAI's `sliding_window_inference`). Windows without a place inside the mask are not computed.
package struct VolumePrediction {
  private let model: Model
  private let objective: VoxelClassesObjective
  /// Windows that are computed at the same time, whatever the number of threads.
  private static let group = 8

  /// Creates a prediction; nil for models of other objectives.
  package init?(_ model: Model) {
    guard let objective = model.manifest.objective.base as? VoxelClassesObjective else { return nil }
    (self.model, self.objective) = (model, objective)
  }

  /// The label of each class.
  package var labels: [Int] { objective.names.map { Int($0) ?? 0 } }

  private var preparation: VolumePreparation {
    model.manifest.inputs[0].preparation.base as! VolumePreparation
  }

  /// Returns the label of each place of a volume, with the extents and the place of the input; that of the first
  /// class outside its mask.
  package func labelMap(_ record: Int, of records: VolumeRecords) -> Image {
    let geometry = records[record]
    var classes = classes(record, of: records)
    if preparation.options.keepLargestConnectedComponent == true {
      Self.keepLargest(&classes, geometry)
    }
    var values = classes.map { [labels] in Float(labels[Int($0)]) }
    if let order = geometry.order { values = order.restored(values, to: geometry.file.extents) }
    var image = Image(extents: geometry.file.extents, channels: 1, values: values)
    (image.spacing, image.affine) = (geometry.file.spacing, geometry.file.affine)
    return image
  }

  /// Returns the most probable class of each place, the first outside the mask.
  private func classes(_ record: Int, of records: VolumeRecords) -> [Int32] {
    let extents = records[record].extents, k = objective.count
    let probabilities = probabilities(record, of: records)
    let inside = records.maskPart(record, from: extents.map { _ in 0 }, extents: extents)
    var classes = [Int32](repeating: 0, count: extents.reduce(1, *))
    for place in classes.indices where inside?[place] ?? 1 != 0 {
      var best = 0
      for c in 1..<k where probabilities[place * k + c] > probabilities[place * k + best] { best = c }
      classes[place] = Int32(best)
    }
    return classes
  }

  /// Gives the first class to all places outside the largest connected part of the other classes.
  private static func keepLargest(_ classes: inout [Int32], _ geometry: VolumeRecords.Geometry) {
    let extents = [Int](repeating: 1, count: 3 - geometry.extents.count) + geometry.extents
    let largest = ConnectedComponents(of: classes.map { $0 > 0 }, VoxelGrid(extents: extents)).largest
    for place in classes.indices where !largest[place] { classes[place] = 0 }
  }

  /// Cases on which the largest part is compared with all parts.
  private static let comparedCases = 8

  /// Returns the mean Dice coefficients of all classes but the first, of all parts and of the largest alone, over some
  /// cases; nil where no case has such a place.
  func partCoefficients(_ rows: [Int], of records: VolumeRecords, _ maps: LabelMaps) -> (
    all: Double, largest: Double
  )? {
    var (all, largest, count) = (0.0, 0.0, 0.0)
    for row in rows.filter(maps.isKnown).prefix(Self.comparedCases) {
      let extents = records[row].extents
      let truth = maps.classes(row, from: extents.map { _ in 0 }, extents: extents)
      let inside = records.maskPart(row, from: extents.map { _ in 0 }, extents: extents)
      func coefficient(_ classes: [Int32]) -> Double {
        var (both, sum) = (0, 0)
        for place in classes.indices where inside?[place] ?? 1 != 0 {
          let (a, b) = (classes[place] > 0, truth[place] > 0)
          if a && b { both += 1 }
          sum += (a ? 1 : 0) + (b ? 1 : 0)
        }
        return sum == 0 ? 1 : 2 * Double(both) / Double(sum)
      }
      guard truth.contains(where: { $0 > 0 }) else { continue }
      var classes = classes(row, of: records)
      all += coefficient(classes)
      Self.keepLargest(&classes, records[row])
      largest += coefficient(classes)
      count += 1
    }
    return count == 0 ? nil : (all / count, largest / count)
  }

  /// Returns the probability of each class at each place, `[places, K]`; zeros in windows outside the mask.
  package func probabilities(_ record: Int, of records: VolumeRecords) -> [Float] {
    let volumes = preparation.encode(records) as! EncodedVolumes, own = records[record].extents
    let roi = zip(preparation.extents(preparation.options.roiSize), own).map { min($0, $1) }
    let weights = WindowWeights(roi, isUniform: preparation.options.overlap == 0)
    let origins = Self.origins(own, roi, overlap: preparation.options.overlap).filter { origin in
      records.maskPart(record, from: origin, extents: roi)?.contains(1) ?? true
    }
    let k = objective.count, count = own.reduce(1, *)
    var (sums, mass) = ([Float](repeating: 0, count: count * k), [Float](repeating: 0, count: count))
    for start in stride(from: 0, to: origins.count, by: Self.group) {
      let chunk = Array(origins[start..<min(start + Self.group, origins.count)])
      let found = ModelNetwork.forEach(chunk.indices.map { $0..<($0 + 1) }) { range -> Tensor in
        let batch = volumes.windowBatch(record, from: chunk[range.lowerBound], extents: roi)
        let encoded = model.network.encode(batch, input: 0, known: [-1], .prediction)
        let outputs = model.network.outputs([encoded], places: [nil], .prediction).map(objective.link)
        return outputs.dropFirst().reduce(outputs[0], +) / Float(outputs.count)
      }
      for (origin, outputs) in zip(chunk, found) {
        outputs.withUnsafeBufferPointer { p in
          weights.forEachPlace(at: origin, in: own) { from, to, weight in
            for c in 0..<k { sums[to * k + c] += weight * p[from * k + c] }
            mass[to] += weight
          }
        }
      }
    }
    for place in 0..<count where mass[place] > 0 {
      for c in 0..<k { sums[place * k + c] /= mass[place] }
    }
    return sums
  }

  /// Returns where windows begin: at equal steps, the last of each axis ending with the volume.
  package static func origins(_ extents: [Int], _ roi: [Int], overlap: Float) -> [[Int]] {
    let starts = zip(extents, roi).map { extent, size -> [Int] in
      let step = max(1, Int(Float(size) * (1 - overlap)))
      return Array(stride(from: 0, to: extent - size, by: step)) + [extent - size]
    }
    return starts.reduce([[]]) { all, axis in all.flatMap { origin in axis.map { origin + [$0] } } }
  }
}

/// The weights of the places of a window: a product of Gaussians along the axes, at least a thousandth of the largest.
private struct WindowWeights {
  private let roi: [Int]
  private let axes: [[Float]]

  init(_ roi: [Int], isUniform: Bool) {
    self.roi = roi
    axes = roi.map { extent in
      (0..<extent).map { i in
        if isUniform { return 1 }
        let deviation = max(0.125 * Double(extent), 1e-6)
        let z = (Double(i) - Double(extent - 1) / 2) / deviation
        return Float(max(exp(-z * z / 2), 1e-3))
      }
    }
  }

  /// Calls `body` with the number of each place of a window, its number in the volume, and its weight.
  func forEachPlace(at origin: [Int], in extents: [Int], _ body: (_ from: Int, _ to: Int, Float) -> Void) {
    let width = roi.last!
    for line in 0..<(roi.reduce(1, *) / width) {
      var (rest, start, step, weight) = (line, 0, extents.last!, Float(1))
      for axis in roi.indices.dropLast().reversed() {
        let i = rest % roi[axis]
        rest /= roi[axis]
        start += (origin[axis] + i) * step
        step *= extents[axis]
        weight *= axes[axis][i]
      }
      for x in 0..<width {
        body(line * width + x, start + origin.last! + x, weight * axes[roi.count - 1][x])
      }
    }
  }
}
