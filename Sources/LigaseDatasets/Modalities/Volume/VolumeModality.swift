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
  /// The distance between places along each axis in millimetres to which volumes are resampled, the slowest axis first;
  /// nil for the median over the training cases, and none where `resample` is false.
  package var spacing: [Double]?
  /// Whether volumes of another spacing are resampled.
  package var resample = true
  /// Whether places outside the box of values above 0 are left out, as those outside a mask are.
  package var cropForeground = false
  /// Random changes in training.
  package var augmentation = VolumeAugmentation()
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
    if let spacing, !(2...3 ~= spacing.count) || !spacing.allSatisfy({ 0.001...1000 ~= $0 }) {
      return "spacing must be two or three numbers from 0.001 to 1000 (got \(spacing))"
    }
    return augmentation.problem
  }

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: VolumePreparation, encoded: any EncodedRecords
  ) {
    let volumes = records as! VolumeRecords
    let preparation = VolumePreparation(fitting: volumes, rows: rows, self)
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

  /// The distance between places along each axis in millimetres, the slowest axis first; nil where volumes keep theirs.
  package var spacing: [Double]?
  /// What is wrong with the training cases; nil for cases that can be learned from.
  package var flaw: String?

  /// The part by which distances may differ from ``spacing`` without resampling, which costs sharpness.
  package static let tolerance = 0.05
  /// The most places of a resampled volume.
  package static let mostPlaces = 1 << 28

  /// Fits on training cases.
  init(fitting volumes: VolumeRecords, rows: [Int], _ options: VolumeModality) {
    (self.options, channelNames, axes) = (options, volumes.channelNames, volumes.axes)
    let known = rows.compactMap { volumes[$0].spacing }.filter { $0.count == axes }
    if options.resample {
      spacing = options.spacing
      if spacing == nil, !known.isEmpty {
        spacing = (0..<axes).map { axis in
          let sorted = known.map { $0[axis] }.sorted()
          return sorted[(sorted.count - 1) / 2]
        }
      }
    }
    for row in rows where flaw == nil { flaw = refusal(of: volumes[row]) }
  }

  /// The voxels of a volume to a place along each axis: 1 where it is not resampled.
  func steps(of geometry: VolumeRecords.Geometry) -> [Double] {
    let whole = [Double](repeating: 1, count: geometry.extents.count)
    guard let spacing, let own = geometry.spacing, own.count == spacing.count,
      own.allSatisfy({ $0 > 0 && $0.isFinite })
    else { return whole }
    let steps = zip(spacing, own).map { $0 / $1 }
    return steps.contains { abs($0 - 1) > Self.tolerance } ? steps : whole
  }

  /// Whether a volume is resampled.
  package func resamples(_ geometry: VolumeRecords.Geometry) -> Bool {
    steps(of: geometry).contains { $0 != 1 }
  }

  /// The number of places along each axis of a volume as the network reads it.
  package func extents(of geometry: VolumeRecords.Geometry) -> [Int] {
    zip(geometry.extents, steps(of: geometry)).map { extent, step in
      step == 1 ? extent : Int(min(max((Double(extent) / step).rounded(), 1), 1e6))
    }
  }

  /// Why a volume cannot be resampled; nil if it can.
  package func refusal(of geometry: VolumeRecords.Geometry) -> String? {
    guard resamples(geometry) else { return nil }
    let places = extents(of: geometry).reduce(1.0) { $0 * Double($1) }
    guard places > Double(Self.mostPlaces) else { return nil }
    return
      "found voxels of \(Self.words(geometry.spacing!)), which are more than \(Self.mostPlaces) places of \(Self.words(spacing!)); state another spacing"
  }

  /// Distances as x × y × z mm.
  package static func words(_ spacing: [Double]) -> String {
    spacing.reversed().map { "\(Float(($0 * 1000).rounded() / 1000))" }.joined(separator: " × ") + " mm"
  }

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
    if let spacing, spacing.count != axes { return "spacing has \(spacing.count) numbers, expected \(axes)" }
    return options.problem ?? flaw
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
    ] + (spacing.map { [("spacing", Self.words($0))] } ?? []) + (kept ?? [])
  }
}
