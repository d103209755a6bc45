import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseRuntime
import LigaseTensors

/// The prediction of whole volumes, window by window, in memory that grows with one volume alone.
///
/// Probabilities are those of ``VolumeWindows``. Windows without a place inside the mask are not computed.
package struct VolumePrediction {
  package let model: Model
  let objective: VoxelClassesObjective

  /// Creates a prediction; nil for models of other objectives.
  package init?(_ model: Model) {
    guard let objective = model.manifest.objective.base as? VoxelClassesObjective else { return nil }
    (self.model, self.objective) = (model, objective)
  }

  /// The label of each class.
  package var labels: [Int] { objective.names.map { Int($0) ?? 0 } }

  var preparation: VolumePreparation {
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
    return placed(classes.map { [labels] in Float(labels[Int($0)]) }, geometry)
  }

  /// Returns a number for each voxel as an image with the axes and the place of the file.
  func placed(_ values: [Float], _ geometry: VolumeRecords.Geometry) -> Image {
    let values = geometry.order?.restored(values, to: geometry.file.extents) ?? values
    var image = Image(extents: geometry.file.extents, channels: 1, values: values)
    (image.spacing, image.affine) = (geometry.file.spacing, geometry.file.affine)
    return image
  }

  /// Returns the most probable class of each voxel, the first outside the mask. Probabilities of a resampled volume are
  /// interpolated at its voxels.
  private func classes(_ record: Int, of records: VolumeRecords) -> [Int32] {
    let extents = records[record].extents, k = objective.count
    let probabilities = probabilities(record, of: records)
    let inside = records.maskPart(record, from: extents.map { _ in 0 }, extents: extents)
    var classes = [Int32](repeating: 0, count: extents.reduce(1, *))
    func decide(_ place: Int, _ probabilities: UnsafePointer<Float>) {
      guard inside?[place] ?? 1 != 0 else { return }
      classes[place] = Self.mostProbable(probabilities, of: k)
    }
    let volumes = preparation.encode(records) as! EncodedVolumes
    if preparation.resamples(records[record]) {
      volumes.forEachVoxel(record, channels: k, of: probabilities, decide)
    } else {
      probabilities.withUnsafeBufferPointer { p in
        for place in classes.indices { decide(place, p.baseAddress! + place * k) }
      }
    }
    return classes
  }

  /// Returns the class with the largest of `k` probabilities, the first of several.
  static func mostProbable(_ probabilities: UnsafePointer<Float>, of k: Int) -> Int32 {
    var best = 0
    for c in 1..<k where probabilities[c] > probabilities[best] { best = c }
    return Int32(best)
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

  /// Returns the probability of each class at each place that the network reads, `[places, K]`; zeros in windows outside
  /// the mask.
  package func probabilities(_ record: Int, of records: VolumeRecords) -> [Float] {
    let windows = windows(record, of: records)
    return windows.mean(channels: objective.count) { [objective, model] _, batch in
      let encoded = model.network.encode(batch, input: 0, known: [-1], .prediction)
      let outputs = model.network.outputs([encoded], places: [nil], .prediction).map(objective.link)
      return (outputs.dropFirst().reduce(outputs[0], +) / Float(outputs.count)).scalars
    }
  }

  /// Returns the windows that cover a volume.
  func windows(_ record: Int, of records: VolumeRecords) -> VolumeWindows {
    VolumeWindows(preparation.encode(records) as! EncodedVolumes, record)
  }
}
