import LigaseFormats
import LigaseRuntime

/// Volumes with their channels and masks: records of which parts are read when they are needed.
package struct VolumeRecords: Records {
  /// What is known of a volume beside its values.
  package struct Geometry: Sendable {
    /// The number of places along each axis, the slowest first: upwards, to the front and to the right where the file
    /// says how it lies.
    package var extents: [Int]
    /// The distance between neighbours along each axis in millimetres.
    package var spacing: [Double]?
    /// Extents, spacing and map of the file, and how its axes became those of the volume; nil where they stayed.
    package var file: (extents: [Int], spacing: [Double]?, affine: [Double]?)
    package var order: AxisOrder?
    /// Mean and standard deviation of each channel inside the mask.
    package var means, deviations: [Float]
    /// The mean of each channel on the border, which stands for places outside the volume.
    package var border: [Float]
    /// Whether the volume has a mask.
    package var hasMask: Bool
  }

  let values: ImageStore
  let masks: ImageStore
  private let cases: [Geometry]
  private let numbers: [Int]
  /// The names of the channels.
  package let channelNames: [String]

  fileprivate init(_ collector: borrowing VolumeCollector) {
    (values, masks) = (collector.values, collector.masks)
    (cases, channelNames) = (collector.cases, collector.channelNames)
    numbers = Array(collector.cases.indices)
  }

  private init(_ other: VolumeRecords, numbers: [Int]) {
    (values, masks, cases, channelNames) = (other.values, other.masks, other.cases, other.channelNames)
    self.numbers = numbers
  }

  package var count: Int { numbers.count }
  /// The number of axes of all volumes.
  package var axes: Int { numbers.isEmpty ? 3 : self[0].extents.count }

  /// What is known of a volume.
  package subscript(record: Int) -> Geometry { cases[numbers[record]] }

  package func selecting(_ rows: [Int]) -> VolumeRecords {
    VolumeRecords(self, numbers: rows.map { numbers[$0] })
  }

  package func add(to digest: inout some ContentDigest) {
    digest.add(channelNames)
    for record in 0..<count {
      let image = values.image(numbers[record])
      digest.add(image.extents.map { Float($0) })
      digest.add(image.values)
      if self[record].hasMask { digest.add(masks.image(numbers[record]).values) }
    }
  }

  /// Returns one channel of a volume.
  package func channel(_ channel: Int, of record: Int) -> Image {
    let all = values.image(numbers[record]), n = channelNames.count
    return Image(
      extents: all.extents, channels: 1,
      values: stride(from: channel, to: all.values.count, by: n).map { all.values[$0] })
  }

  /// Returns the values of a part of a volume that begins at `origin`, which may lie outside it.
  func part(_ record: Int, from origin: [Int], extents: [Int]) -> [Float] {
    values.part(numbers[record], from: origin, extents: extents, fill: self[record].border)
  }

  /// Returns 1 for the places of a part inside the mask and 0 for others; nil for a volume without a mask.
  package func maskPart(_ record: Int, from origin: [Int], extents: [Int]) -> [Float]? {
    guard self[record].hasMask else { return nil }
    return masks.part(numbers[record], from: origin, extents: extents, fill: [0])
  }
}

/// Collects the volumes of cases; channels, mask and labels of a case must agree in shape and place.
package struct VolumeCollector: ~Copyable {
  let values = ImageStore()
  let masks = ImageStore()
  private(set) var cases: [VolumeRecords.Geometry] = []
  package let channelNames: [String]
  private let cropsForeground: Bool
  private var labels: LabelMaps.Collector

  /// Creates an empty collection of volumes with the given channels.
  ///
  /// - Parameter cropsForeground: whether places outside the box of values above 0 count as outside the mask.
  package init(channelNames: [String], cropsForeground: Bool = false) {
    (self.channelNames, self.cropsForeground) = (channelNames, cropsForeground)
    labels = LabelMaps.Collector()
  }

  /// The volumes.
  package var records: VolumeRecords { VolumeRecords(self) }
  /// The labels of all cases that have some.
  package var labelMaps: LabelMaps { labels.maps }

  /// An image and the file that it comes from.
  package typealias Named = (path: String, image: Image)

  /// Adds a case.
  ///
  /// - Parameters:
  ///   - channels: one image of one channel for each of the names.
  ///   - mask: places where it is not 0 are used; nil uses all.
  ///   - truth: the label of each place; nil where it is not known.
  package mutating func add(_ id: String, channels: [Named], mask: Named?, labels truth: Named?) throws {
    for other in channels.dropFirst() + [mask, truth].compactMap({ $0 }) {
      try Self.requireSamePlace(channels[0], other)
    }
    let file = channels[0].image, order = AxisOrder(file)
    func ordered(_ one: Named) -> Named { (one.path, order?.ordered(one.image) ?? one.image) }
    for one in channels + [mask, truth].compactMap({ $0 }) where one.image.channels != 1 {
      throw FormatError(
        .badData, path: one.path,
        "found \(one.image.channels) channels in one file, expected one; give each channel a file of its own")
    }
    let channels = channels.map(ordered), mask = mask.map(ordered), truth = truth.map(ordered)
    let first = channels[0], extents = first.image.extents
    if let old = cases.first, old.extents.count != extents.count {
      throw FormatError(
        .badData, path: first.path,
        "found \(extents.count) axes, and \(old.extents.count) in the cases before, expected the same of all")
    }
    for one in channels where !one.image.values.allSatisfy(\.isFinite) {
      throw FormatError(.badData, path: one.path, "found a value that is not finite, expected numbers")
    }
    var inside = try mask.map { mask in
      let inside = mask.image.values.map { $0 != 0 && !$0.isNaN }
      guard inside.contains(true) else {
        throw FormatError(.badData, path: mask.path, "found a mask without a place, expected some above 0")
      }
      return inside
    }
    if cropsForeground { inside = try Self.foreground(channels, inside) }
    var geometry = Self.geometry(channels, inside)
    (geometry.file, geometry.order) = ((file.extents, file.spacing, file.affine), order)
    let n = channels.count, places = extents.reduce(1, *)
    var joined = [Float](repeating: 0, count: places * n)
    for (c, channel) in channels.enumerated() {
      for i in 0..<places { joined[i * n + c] = channel.image.values[i] }
    }
    try values.append(Image(extents: extents, channels: n, values: joined))
    let inMask = inside ?? []
    try masks.append(
      Image(
        extents: inside == nil ? [1, 1] : extents, channels: 1,
        values: inside == nil ? [1] : inMask.map { $0 ? 1 : 0 }))
    try labels.add(truth, id: id, inside: inside)
    cases.append(geometry)
  }

  /// Throws unless two images have the same extents and lie at the same place.
  private static func requireSamePlace(_ a: Named, _ b: Named) throws {
    func words(_ extents: [Int]) -> String {
      extents.reversed().map { "\($0)" }.joined(separator: " × ")
    }
    let remedy = Remedy.rewrite(with: "flirt -in FILE -ref \(a.path) -applyxfm -usesqform -out NEW.nii.gz")
    if a.image.extents != b.image.extents {
      throw FormatError(
        .badData, path: b.path,
        "found \(words(b.image.extents)) places, and \(words(a.image.extents)) in \(a.path), expected the same",
        remedy: remedy)
    }
    guard let left = a.image.affine, let right = b.image.affine else { return }
    let step = a.image.spacing?.min() ?? 1
    if zip(left, right).contains(where: { abs($0 - $1) > 0.01 * max(step, 1e-6) }) {
      func rows(_ affine: [Double]) -> String {
        (0..<3).map { r in affine[(4 * r)..<(4 * r + 4)].map { "\(Float($0))" }.joined(separator: " ") }
          .joined(separator: "; ")
      }
      throw FormatError(
        .badData, path: b.path,
        "found the affine map (\(rows(right))), and (\(rows(left))) in \(a.path), expected the same",
        remedy: remedy)
    }
  }

  /// Returns which places lie in a mask and in the box of places where a channel is above 0.
  private static func foreground(_ channels: [Named], _ inside: [Bool]?) throws -> [Bool] {
    let extents = channels[0].image.extents, width = extents.last!, height = extents[extents.count - 2]
    let depth = extents.count == 3 ? extents[0] : 1
    var (low, high) = (SIMD3(depth, height, width), SIMD3(repeating: -1))
    func forEachPlace(_ body: (_ number: Int, SIMD3<Int>) -> Void) {
      var number = 0
      for z in 0..<depth {
        for y in 0..<height {
          for x in 0..<width {
            body(number, SIMD3(z, y, x))
            number += 1
          }
        }
      }
    }
    forEachPlace { number, place in
      guard channels.contains(where: { $0.image.values[number] > 0 }) else { return }
      low = pointwiseMin(low, place)
      high = pointwiseMax(high, place)
    }
    var box = inside ?? [Bool](repeating: true, count: width * height * depth)
    forEachPlace { number, place in
      if any(place .< low) || any(place .> high) { box[number] = false }
    }
    guard box.contains(true) else {
      throw FormatError(
        .badData, path: channels[0].path,
        "found no value above 0 inside the mask, expected a foreground to crop to")
    }
    return box
  }

  /// Returns extents, place and moments.
  private static func geometry(_ channels: [Named], _ inside: [Bool]?) -> VolumeRecords.Geometry {
    let image = channels[0].image, extents = image.extents
    var (means, deviations, border) = ([Float](), [Float](), [Float]())
    let edge = BorderPlaces(extents)
    for (_, channel) in channels {
      var (sum, squares, count) = (0.0, 0.0, 0.0)
      for (i, value) in channel.values.enumerated() where inside?[i] ?? true {
        sum += Double(value)
        count += 1
      }
      let mean = sum / max(count, 1)
      for (i, value) in channel.values.enumerated() where inside?[i] ?? true {
        squares += (Double(value) - mean) * (Double(value) - mean)
      }
      let deviation = (squares / max(count, 1)).squareRoot()
      means.append(Float(mean))
      deviations.append(deviation > 1e-6 * abs(mean) && deviation > 1e-30 ? Float(deviation) : 1)
      let total = edge.places.reduce(0.0) { $0 + Double(channel.values[$1]) }
      border.append(Float(total / Double(max(edge.places.count, 1))))
    }
    return .init(
      extents: extents, spacing: image.spacing, file: (extents, image.spacing, image.affine), means: means,
      deviations: deviations,
      border: border, hasMask: inside != nil)
  }
}

/// The places on the faces of a grid.
private struct BorderPlaces {
  var places: [Int] = []

  init(_ extents: [Int]) {
    let width = extents.last!, height = extents[extents.count - 2]
    let depth = extents.count == 3 ? extents[0] : 1
    for z in 0..<depth {
      for y in 0..<height {
        let isFace = y == 0 || y == height - 1 || extents.count == 3 && (z == 0 || z == depth - 1)
        let line = (z * height + y) * width
        if isFace { places += line..<(line + width) } else { places += [line, line + width - 1] }
      }
    }
  }
}
