import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Objectives of every place of large examples: losses are of segments of them.
extension Training {
  /// Segments of each example whose mean loss is the validation metric.
  private static let validationSegments = 32

  /// The training samples: examples, or segments of them.
  package var sampleCount: Int { train.count * samplesPerExample }

  /// The noun for training samples.
  package var sampleUnit: String { samplesPerExample > 1 ? "segments" : unit }

  /// The training example of each of some samples.
  func rows(ofSamples samples: [Int]) -> [Int] { samples.map { train[$0 % train.count] } }

  /// Returns the mean loss of segments of some examples, averaged over networks; nil where the objective is of whole
  /// examples.
  func segmentLoss(
    _ network: ModelNetwork, _ rows: [Int], changes: Bool, _ context: Context, key: () -> UInt64
  ) -> LossSum? {
    guard let maps = data.examples.observations.maps, let objective = objective as? VoxelClassesObjective,
      let volumes = prepared.inputs.inputs[0].encoded as? EncodedVolumes
    else { return nil }
    let (batch, classes) = volumes.segments(rows, labels: maps, changes: changes, key: key)
    let encoded = network.encode(
      batch, input: 0, known: [Int32](repeating: -1, count: rows.count), context)
    let segment = volumes.preparation.extents(volumes.preparation.options.segment)
    let layout = GridLayout(extents: [[Int]](repeating: segment, count: rows.count))
    let losses = network.outputs([encoded], places: [nil], context).map {
      objective.loss($0, classes: classes, layout: layout)
    }
    return losses.dropFirst().reduce(losses[0]) { $0 + $1 } / Float(losses.count)
  }

  /// Returns the mean loss of the same segments of some examples, whatever the network.
  func segmentMetric(_ network: ModelNetwork, _ rows: [Int]) -> Double {
    var (sum, weight) = (0.0, 0.0)
    for row in rows where data.examples.observations.maps?.isKnown(row) ?? false {
      for part in 0..<(Self.validationSegments / 4) {
        let key = SeededGenerator(
          seed: manifest.provenance.seed, stream: "validation \(row)", step: part
        ).state
        guard
          let loss = segmentLoss(
            network, [Int](repeating: row, count: 4), changes: false, .prediction, key: { key })
        else { continue }
        sum += Double(loss.sum.scalar)
        weight += loss.weight
      }
    }
    return sum / max(weight, 1)
  }

  /// Decides on validation cases, or else on training cases, whether predictions keep the largest part alone, unless the
  /// options say so.
  func chooseParts(_ model: inout Model) {
    guard let prediction = VolumePrediction(model), let maps = data.examples.observations.maps,
      let records = data.examples.inputs[0].records as? VolumeRecords,
      var preparation = model.manifest.inputs[0].preparation.base as? VolumePreparation,
      preparation.options.keepLargestConnectedComponent == nil,
      let found = prediction.partCoefficients(validation.isEmpty ? train : validation, of: records, maps)
    else { return }
    preparation.options.keepLargestConnectedComponent = found.largest > found.all
    model.manifest.inputs[0].preparation = AnyPreparation(preparation)
    model.manifest.provenance.metrics["dice_all_parts"] = found.all
    model.manifest.provenance.metrics["dice_largest_part"] = found.largest
  }
}

extension Model {
  /// What was decided of the parts of label maps; nil for other models.
  package var partReport: String? {
    let metrics = manifest.provenance.metrics
    guard let all = metrics["dice_all_parts"], let largest = metrics["dice_largest_part"] else { return nil }
    func short(_ value: Double) -> String { "\(Float((value * 1000).rounded() / 1000))" }
    return
      "predictions keep \(largest > all ? "the largest connected part alone" : "all parts"): mean Dice coefficient of "
      + "what is not \(manifest.objective.base.names[0]) on cases of the training, all parts \(short(all)), largest \(short(largest))"
  }
}
