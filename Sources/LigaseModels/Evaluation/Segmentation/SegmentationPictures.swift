import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// Slices of cases with the outlines of the true and the predicted region: for each case the slice with the largest true region,
/// seen from the feet (the patient's right on the left, the front above) where the file says how the volume lies.
package struct SegmentationPictures {
  private let join: SegmentationJoin
  private let region: SegmentationRegion
  private let channel: Int?

  /// Colours of the outlines: the truth, the prediction, and where both run.
  package static let colours: [[Float]] = [[60, 220, 90], [235, 70, 60], [245, 215, 70]]

  /// - Parameter channel: the channel behind the outlines; nil for the first.
  package init(
    predictions folder: String, cases table: CaseTable, region: SegmentationRegion?, channel: String?
  ) throws {
    join = try SegmentationJoin(folder, table)
    self.region = region ?? .foreground
    self.channel = table.channelNames.isEmpty ? nil : channel.flatMap(table.channelNames.firstIndex) ?? 0
  }

  /// The ids of the cases, and the picture of one of them.
  package var ids: [String] { join.evaluated.map(\.case.id) }

  /// Returns the picture of a case.
  package func picture(_ number: Int) throws -> Image {
    let (one, path) = join.evaluated[number]
    let truth = try Image(contentsOf: one.labels!), predicted = try Image(contentsOf: path)
    let order = AxisOrder(truth)
    func volume(_ image: Image) -> Image { order?.ordered(image) ?? image }
    func set(_ image: Image) throws -> [Bool] {
      try LabelVolume(volume(image), path: path).labels.map(region.contains)
    }
    let (a, b) = (try set(truth), try set(predicted))
    let grid = volume(truth), extents = [Int](repeating: 1, count: 3 - grid.extents.count) + grid.extents
    let (depth, height, width) = (extents[0], extents[1], extents[2]), size = height * width
    func count(_ set: [Bool], _ slice: Int) -> Int { set[(slice * size)..<((slice + 1) * size)].count { $0 } }
    let slice =
      (0..<depth).max { (count(a, $0), count(b, $0), $1) < (count(a, $1), count(b, $1), $0) } ?? 0
    var grey = [Float](repeating: 0, count: size)
    if let channel {
      let image = volume(try Image(contentsOf: one.channels[channel]))
      if image.values.count == depth * size {
        grey = Array(image.values[(slice * size)..<((slice + 1) * size)])
      }
    }
    let range = (slice * size)..<((slice + 1) * size), isBody = truth.affine != nil && grid.extents.count == 3
    return Self.drawn(
      grey, Array(a[range]), Array(b[range]), height, width, isTurned: isBody)
  }

  /// The smallest number of pixels of a side; smaller slices are enlarged by whole factors.
  private static let smallest = 256

  /// Draws outlines one pixel wide inside each region, over a slice in grey.
  private static func drawn(
    _ grey: [Float], _ truth: [Bool], _ predicted: [Bool], _ height: Int, _ width: Int, isTurned: Bool
  ) -> Image {
    let factor = max(1, (smallest + min(height, width) - 1) / max(min(height, width), 1))
    let sorted = grey.sorted(), low = sorted.first ?? 0
    let high = sorted.isEmpty ? 1 : sorted[min(sorted.count - 1, sorted.count * 995 / 1000)]
    let (h, w) = (height * factor, width * factor)
    func place(_ y: Int, _ x: Int) -> Int {
      (isTurned ? height - 1 - y / factor : y / factor) * width
        + (isTurned ? width - 1 - x / factor : x / factor)
    }
    func isOutline(_ set: [Bool], _ y: Int, _ x: Int) -> Bool {
      guard set[place(y, x)] else { return false }
      return [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)].contains { y, x in
        y < 0 || x < 0 || y >= h || x >= w || !set[place(y, x)]
      }
    }
    var out = [Float](repeating: 0, count: h * w * 3)
    for y in 0..<h {
      for x in 0..<w {
        let value = high > low ? (grey[place(y, x)] - low) / (high - low) * 255 : 0
        let (inTruth, inPrediction) = (isOutline(truth, y, x), isOutline(predicted, y, x))
        let colour = inTruth && inPrediction ? colours[2] : inTruth ? colours[0] : colours[1]
        for k in 0..<3 {
          out[(y * w + x) * 3 + k] = inTruth || inPrediction ? colour[k] : min(max(value, 0), 255)
        }
      }
    }
    return Image(extents: [h, w], channels: 3, values: out)
  }
}
