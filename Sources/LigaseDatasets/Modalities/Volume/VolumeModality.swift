import LigaseTensors

/// Volumes of several channels, such as the sequences of a magnetic-resonance examination, of which a network reads
/// segments. Names of options are those of MONAI where they exist.
package struct VolumeModality: Modality {
  package static let name = "volume"
  package static let axes = 3

  /// How the values of a channel are standardised.
  package enum Normalization: String, Codable, CaseIterable, Sendable {
    /// By mean and standard deviation of the volume inside its mask, or of all places without one.
    case volume
    /// Not.
    case none
  }

  /// The extents of the outputs of a training segment, the slowest axis first; one number for all axes.
  package var segment = [32]
  /// The extents of the outputs of a window in predictions.
  package var roiSize = [64]
  /// The places around outputs that a network reads.
  package var margin = 0
  /// The part of a window that the next one covers again in predictions; 0 for none.
  package var overlap: Float = 0.25
  /// The number of segments of each volume in an epoch.
  package var segmentsPerVolume = 50
  /// How values are standardised.
  package var normalizeIntensity = Normalization.volume
  /// Whether training segments are flipped along the last axis, left and right, at random.
  package var randFlip = true
  /// The deviation of a number that is added to each channel of a training segment.
  package var randShiftIntensity: Float = 0.05
  /// The deviation of a factor, around 1, of each channel of a training segment.
  package var randScaleIntensity: Float = 0.01
  /// Whether predictions keep the largest connected part of all labels but the first alone; nil where training cases
  /// choose it: it is kept where it raises the mean Dice coefficient of that part on them.
  package var keepLargestConnectedComponent: Bool?
  /// The column of masks of the training cases; nil without masks.
  package var mask: String?

  package init() {}

  package var problem: String? {
    for (name, sizes) in [("segment", segment), ("roiSize", roiSize)]
    where !(1...3 ~= sizes.count) || !sizes.allSatisfy({ 1...512 ~= $0 }) {
      return "\(name) must be one to three numbers from 1 to 512 (got \(sizes))"
    }
    if !(0...256 ~= margin) { return "margin must be from 0 to 256 (got \(margin))" }
    if !(0...0.9 ~= overlap) { return "overlap must be from 0 to 0.9 (got \(overlap))" }
    if !(1...100_000 ~= segmentsPerVolume) {
      return "segmentsPerVolume must be from 1 to 100000 (got \(segmentsPerVolume))"
    }
    for (name, value) in [
      ("randShiftIntensity", randShiftIntensity), ("randScaleIntensity", randScaleIntensity),
    ] where !(0...10 ~= value) {
      return "\(name) must be from 0 to 10 (got \(value))"
    }
    return nil
  }

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: VolumePreparation, encoded: any EncodedRecords
  ) {
    let volumes = records as! VolumeRecords
    let preparation = VolumePreparation(
      options: self, channelNames: volumes.channelNames, axes: volumes.axes)
    return (preparation, preparation.encode(volumes))
  }

  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    throw JoinError("volumes are read by train segmentation, not as an input beside others")
  }
}

/// How volumes become the input of a network.
package struct VolumePreparation: Preparation {
  package static let modality = VolumeModality.name
  /// The options.
  package var options: VolumeModality
  /// The names of the channels, in order.
  package var channelNames: [String]
  /// The number of axes, 2 or 3.
  package var axes: Int

  /// The extents of a segment or window, one number for each axis.
  package func extents(_ sizes: [Int]) -> [Int] {
    sizes.count == axes ? sizes : [Int](repeating: sizes[0], count: axes)
  }

  package func encode(_ records: any Records) -> any EncodedRecords {
    EncodedVolumes(records: records as! VolumeRecords, preparation: self)
  }

  package var shape: InputShape {
    InputShape(
      grid: channelNames.count, extents: extents(options.segment).map { $0 + 2 * options.margin })
  }

  package var problem: String? {
    if !(2...3 ~= axes) { return "found volumes of \(axes) axes, expected 2 or 3" }
    if !(1...64 ~= channelNames.count) || Set(channelNames).count < channelNames.count {
      return "found the channels \(channelNames), expected 1 to 64 names"
    }
    for (name, sizes) in [("segment", options.segment), ("roiSize", options.roiSize)]
    where sizes.count != 1 && sizes.count != axes {
      return "\(name) has \(sizes.count) numbers, expected 1 or \(axes)"
    }
    return options.problem
  }

  package var summary: [(name: String, value: String)] {
    func words(_ sizes: [Int]) -> String { extents(sizes).map { "\($0)" }.joined(separator: " × ") }
    let kept = options.keepLargestConnectedComponent.map {
      [("predictions", $0 ? "the largest connected part of the labels above the first" : "all parts")]
    }
    return [
      ("channels", channelNames.joined(separator: ", ")),
      (
        "segments",
        "\(words(options.segment)) in training, \(words(options.roiSize)) in predictions"
          + (options.margin > 0 ? ", which read \(options.margin) places around" : "")
      ),
      (
        "preparation",
        options.normalizeIntensity == .none ? "none" : "z-score of each channel inside the mask"
      ),
    ] + (kept ?? [])
  }
}
