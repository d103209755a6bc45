import LigaseFormats
import LigaseRuntime
import LigaseTensors

/// Images of two axes, grey or in colour. Names of options are those of MONAI where they exist.
package struct ImageModality: Modality {
  package static let name = "image"
  package static let axes = 2

  /// How values are standardised.
  package enum Normalization: String, Codable, CaseIterable, Sendable {
    /// By mean and standard deviation of each channel over the training images.
    case dataset
    /// By mean and standard deviation of each channel of the image itself.
    case image
    /// Not.
    case none
  }

  /// The distance between pixels in millimetres, height and width, to which images are resized; nil keeps theirs.
  package var spacing: [Double]?
  /// The values that become 0 and 1, and beyond which values are cut; nil keeps them.
  package var scaleIntensityRange: [Float]?
  /// The percentiles of each image that become 0 and 1; nil keeps the values.
  package var scaleIntensityRangePercentiles: [Float]?
  /// Height and width to which images are resized.
  package var resize: [Int]?
  /// Height and width to which images are padded or cropped.
  package var resizeWithPadOrCrop: [Int]?
  /// How values are standardised.
  package var normalizeIntensity = Normalization.dataset
  /// Random changes in training.
  package var augmentation = ImageAugmentation()
  /// Whether predictions are means over the flips and turns that are drawn in training.
  package var averagesTurns = true

  package init() {}

  package var problem: String? {
    func isPair(_ values: [Double]?) -> Bool {
      values.map { $0.count == 2 && $0.allSatisfy { $0 > 0 && $0.isFinite } } ?? true
    }
    func isSize(_ values: [Int]?) -> Bool {
      values.map { $0.count == 2 && $0.allSatisfy { 1...16384 ~= $0 } } ?? true
    }
    func isRange(_ values: [Float]?) -> Bool {
      values.map { $0.count == 2 && $0[0] < $0[1] && $0.allSatisfy(\.isFinite) } ?? true
    }
    if !isPair(spacing) { return "spacing must be two numbers above 0 (got \(spacing!))" }
    if !isSize(resize) { return "resize must be height and width, from 1 to 16384 (got \(resize!))" }
    if !isSize(resizeWithPadOrCrop) {
      return "resizeWithPadOrCrop must be height and width, from 1 to 16384 (got \(resizeWithPadOrCrop!))"
    }
    if resize != nil, resizeWithPadOrCrop != nil {
      return "resize cannot be combined with resizeWithPadOrCrop"
    }
    if !isRange(scaleIntensityRange) {
      return "scaleIntensityRange must be two ascending numbers (got \(scaleIntensityRange!))"
    }
    if let range = scaleIntensityRangePercentiles, !isRange(range) || !(range[0] >= 0 && range[1] <= 100) {
      return "scaleIntensityRangePercentiles must be two ascending numbers from 0 to 100 (got \(range))"
    }
    if scaleIntensityRange != nil, scaleIntensityRangePercentiles != nil {
      return "scaleIntensityRange cannot be combined with scaleIntensityRangePercentiles"
    }
    return augmentation.problem
  }

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: ImagePreparation, encoded: any EncodedRecords
  ) {
    let all = records as! ImageRecords
    let preparation = ImagePreparation(fitting: all, rows: rows, observed: observed, self)
    return (preparation, preparation.encode(all))
  }
}

/// How images become the input of a network; fitted on training images and kept with the model.
package struct ImagePreparation: Preparation {
  package static let modality = ImageModality.name
  /// The options.
  package var options: ImageModality
  /// Height and width.
  package var extents: [Int]
  /// The number of channels.
  package var channels: Int
  /// The mean of each channel over the training images.
  package var means: [Float]
  /// Their standard deviations; 1 for a channel that does not vary.
  package var deviations: [Float]
  /// The number of flips and turns that are drawn in training and averaged in predictions, and which they are: bits of transposition, flip
  /// of rows, flip of columns.
  package var symmetries: [Int]
  /// What is wrong with the training images, such as different sizes; nil for images that can be learned from.
  package var flaw: String?
  /// The correlation of mean images with themselves after the flip or turn of which it is least, among those that are drawn.
  package var leastLikeness: Float

  /// The correlation from which a mean image counts as alike after a flip or turn: it is then more like itself than not.
  package static let likeness: Float = 0.5

  /// Fits on training images, at least one, which have one size after resizing, and one number of channels.
  init(fitting records: ImageRecords, rows: [Int], observed: ObservedRecords?, _ options: ImageModality) {
    precondition(!rows.isEmpty, "ImagePreparation: no image to fit on")
    self.options = options
    channels = records.channels(of: rows[0])
    extents = options.resize ?? options.resizeWithPadOrCrop ?? []
    (means, deviations, symmetries, leastLikeness) = (
      [Float](repeating: 0, count: channels), [Float](repeating: 1, count: channels), [0], 1
    )
    if extents.isEmpty { extents = intensities(records[rows[0]]).extents }
    if options.resize == nil, options.resizeWithPadOrCrop == nil, options.spacing == nil,
      let other = rows.first(where: { records.extents(of: $0) != extents })
    {
      func words(_ row: Int) -> String {
        "\(records.name(of: row)) of \(records.extents(of: row).map(String.init).joined(separator: " × "))"
      }
      flaw =
        "found \(words(rows[0])) and \(words(other)), expected images of one size; resize or resizeWithPadOrCrop brings them to one"
    }
    // One pass: moments of each channel, and the mean image of each class.
    var moments = ChannelMoments(channels)
    var sums: [Int: MeanImage] = [:]
    for row in rows {
      guard records.channels(of: row) == channels else {
        flaw =
          "found \(records.name(of: rows[0])) with \(channels.counted("channel")) and \(records.name(of: row)) with \(records.channels(of: row)), expected the same of all images"
        break
      }
      let image = sized(records[row])
      moments.add(image)
      let label = observed.flatMap { $0.classCount == nil ? nil : Int($0.observations.numbers[row]) } ?? 0
      sums[label, default: MeanImage(image.values.count)].add(image.values)
    }
    if options.normalizeIntensity == .dataset {
      for (channel, pair) in zip(moments.means, moments.deviations).enumerated() {
        means[channel] = Float(pair.0)
        if pair.1 > 1e-6 * abs(pair.0), pair.1 > 1e-30 { deviations[channel] = Float(pair.1) }
      }
    }
    chooseSymmetries(sums.sorted { $0.key < $1.key }.map(\.value))
  }

  /// Chooses the flips and turns under which each mean image stays alike.
  private mutating func chooseSymmetries(_ means: [MeanImage]) {
    let (h, w, c) = (extents[0], extents[1], channels)
    var likeness: [ImageSymmetry: Float] = [:]
    for symmetry in ImageSymmetry.all where options.augmentation.allows(symmetry, isSquare: h == w) {
      likeness[symmetry] =
        means.map { mean in
          mean.likeness { symmetry.apply($0, height: h, width: w, channels: c) }
        }.min() ?? 0
    }
    let accepted = likeness.filter { $0.value >= Self.likeness || options.augmentation.demands($0.key) }
    let group = ImageSymmetry.group(Set(accepted.keys))
    symmetries = group.map { ImageSymmetry.all.firstIndex(of: $0)! }
    leastLikeness = group.map { likeness[$0] ?? 1 }.min() ?? 1
  }

  /// The flips and turns.
  package var group: [ImageSymmetry] { symmetries.map { ImageSymmetry.all[$0] } }

  /// The image at its spacing, with its values in their range.
  private func intensities(_ image: Image) -> Image {
    var result = image
    if let wanted = options.spacing, let own = image.spacing {
      result = result.resized(
        to: zip(image.extents, zip(own, wanted)).map { max(1, Int((Double($0) * $1.0 / $1.1).rounded())) })
    }
    if let range = options.scaleIntensityRange {
      result = result.scaledIntensity(from: range[0], to: range[1])
    } else if let range = options.scaleIntensityRangePercentiles {
      let limits = result.percentiles(range)
      result = result.scaledIntensity(from: limits[0], to: limits[1])
    }
    return result
  }

  /// The image with its final extents, before standardisation.
  package func sized(_ image: Image) -> Image {
    let result = intensities(image)
    return options.resize != nil ? result.resized(to: extents) : result.paddedOrCropped(to: extents)
  }

  /// The image as a network reads it.
  package func prepared(_ image: Image) -> Image {
    var result = sized(image)
    var (means, scales) = (means, deviations.map { 1 / $0 })
    switch options.normalizeIntensity {
    case .none: return result
    case .dataset: break
    case .image:
      let own = result.moments()
      means = own.means.map { Float($0) }
      scales = own.deviations.map { $0 > 1e-30 ? Float(1 / $0) : 1 }
    }
    for i in result.values.indices {
      result.values[i] = (result.values[i] - means[i % channels]) * scales[i % channels]
    }
    return result
  }

  package func encode(_ records: any Records) -> any EncodedRecords {
    EncodedImages(records: records as! ImageRecords, preparation: self)
  }

  /// The preparation of images of any one size for networks that read any size; itself where images are resized, padded or cropped: what is
  /// predicted of an image is what is explained.
  package func keepingSize(of image: Image) -> ImagePreparation {
    guard options.resize == nil, options.resizeWithPadOrCrop == nil else { return self }
    var result = self
    result.extents = intensities(image).extents
    return result
  }

  /// Returns a map of an image as it is prepared, of any resolution, at the places of the image itself; 0 at those that are cropped.
  package func placed(_ map: Image, in image: Image) -> Image {
    if options.resize != nil { return map.resized(to: image.extents) }
    return map.resized(to: extents).placedBack(in: intensities(image).extents).resized(to: image.extents)
  }

  package var shape: InputShape { InputShape(grid: channels, extents: extents) }

  package var problem: String? {
    if let flaw { return flaw }
    if extents.count != 2 || !extents.allSatisfy({ 1...16384 ~= $0 }) {
      return "found images of \(extents), expected height and width"
    }
    if !(1...16 ~= channels) || means.count != channels || deviations.count != channels {
      return
        "found \(channels) channels with \(means.count) means and \(deviations.count) standard deviations"
    }
    if let deviation = deviations.first(where: { !($0 > 0) }) {
      return "found a channel with the standard deviation \(deviation), expected more than 0"
    }
    if symmetries.first != 0 || !symmetries.allSatisfy({ 0..<8 ~= $0 }) {
      return "found the flips and turns \(symmetries), expected numbers from 0 to 7, the first 0"
    }
    return options.problem
  }

  package var summary: [(name: String, value: String)] {
    var steps: [String] = []
    if let spacing = options.spacing { steps.append("spacing \(spacing[0]) × \(spacing[1]) mm") }
    if let range = options.scaleIntensityRange { steps.append("values from \(range[0]) to \(range[1])") }
    if let range = options.scaleIntensityRangePercentiles {
      steps.append("values from percentile \(range[0]) to \(range[1])")
    }
    if options.resize != nil { steps.append("resized") }
    if options.resizeWithPadOrCrop != nil { steps.append("padded or cropped") }
    switch options.normalizeIntensity {
    case .dataset: steps.append("z-score of the training images")
    case .image: steps.append("z-score of each image")
    case .none: break
    }
    return [
      ("images", "\(extents[0]) × \(extents[1]), " + (channels == 1 ? "grey" : "\(channels) channels")),
      ("preparation", steps.isEmpty ? "none" : steps.joined(separator: "; ")), ("flips and turns", turnWords),
    ]
  }

  private var turnWords: String {
    let group = group
    if group.count == 1 { return "none" }
    var words: [String] = []
    if group.count == 8 { return "all 8" }
    if group.contains(ImageSymmetry.all[1]) { words.append("left and right") }
    if group.contains(ImageSymmetry.all[2]) { words.append("top and bottom") }
    if group.contains(where: { $0.transposes }) { words.append("quarter turns") }
    if words.isEmpty { words.append("half turns") }
    return words.joined(separator: ", ")
  }

  package var notes: [String] {
    let isChosen = options.augmentation.randFlip == .auto || options.augmentation.randRotate90 == .auto
    let cause =
      symmetries.count > 1
      ? "mean images of the training examples stay alike, correlation at least \((leastLikeness * 100).rounded() / 100)"
      : "mean images of the training examples change by them"
    return [
      "flips and turns in training\(options.averagesTurns && symmetries.count > 1 ? " and averaged in predictions" : ""): \(turnWords)\(isChosen ? " (\(cause))" : "")"
    ]
  }
}

/// Images that are prepared when a batch needs them.
package struct EncodedImages: EncodedRecords {
  /// The images as read.
  package let records: ImageRecords
  /// How they are prepared.
  package let preparation: ImagePreparation

  package var count: Int { records.count }
  /// Pixels are pooled before most of the work: sixteen of them count as one step of a sequence.
  package func weight(of record: Int) -> Int { max(1, preparation.extents.reduce(1, *) / 16) }
  package var viewCount: Int { preparation.options.averagesTurns ? preparation.symmetries.count : 1 }

  package func batch(_ numbers: [Int], view: Int) -> InputBatch {
    let symmetry = preparation.group[view]
    return batch(
      numbers.map { number in
        symmetry.apply(
          preparation.prepared(records[number]).values, height: preparation.extents[0],
          width: preparation.extents[1],
          channels: preparation.channels)
      })
  }

  package func trainingBatch(_ numbers: [Int], key: () -> UInt64) -> InputBatch {
    var random = SeededGenerator(seed: key())
    return batch(
      numbers.map { number in
        var image = preparation.prepared(records[number])
        preparation.options.augmentation.apply(to: &image, symmetries: preparation.group, using: &random)
        return image.values
      })
  }

  private func batch(_ images: [[Float]]) -> InputBatch {
    let layout = GridLayout(extents: [[Int]](repeating: preparation.extents, count: images.count))
    return .steps(
      Grids(
        values: Tensor(Array(images.joined()), shape: [layout.rowCount, preparation.channels]), layout: layout
      ))
  }
}

/// The mean of images, each less its own mean, and how far sampling may move it.
private struct MeanImage {
  private var sums: [Double]
  private var squares = 0.0
  private var count = 0.0

  init(_ size: Int) { sums = [Double](repeating: 0, count: size) }

  mutating func add(_ values: [Float]) {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(max(values.count, 1))
    for i in sums.indices {
      let value = Double(values[i]) - mean
      sums[i] += value
      squares += value * value
    }
    count += 1
  }

  /// The correlation of the mean image with itself after a flip or turn, as it would be without sampling noise; 1 where the mean image is
  /// within the noise, so that it shows no direction.
  func likeness(_ turn: ([Float]) -> [Float]) -> Float {
    let mean = sums.map { $0 / count }, size = mean.reduce(0) { $0 + $1 * $1 }
    let noise = count > 1 ? max(squares - count * size, 0) / (count * (count - 1)) : 0
    guard size > 2 * noise else { return 1 }
    let turned = turn(mean.map { Float($0) })
    let product = zip(mean, turned).reduce(0) { $0 + $1.0 * Double($1.1) }
    return Float(min(product / (size - noise), 1))
  }
}
