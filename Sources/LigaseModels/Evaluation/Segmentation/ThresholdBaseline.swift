import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// Segmentation by a threshold: one channel is smoothed, voxels of the mask above a threshold are kept, and of these the largest connected
/// component (``ConnectedComponents``).
///
/// Channel, smoothing and threshold are those with the largest mean Dice coefficient on the training cases.
package struct ThresholdBaseline: Sendable {
  /// The name of the baseline in the output.
  package static let model = "threshold"
  /// The standard deviations of the Gaussian that are tried, in millimetres.
  package static let sigmas = [0.0, 1, 2, 3]
  /// The number of thresholds that are tried for each smoothing.
  package static let thresholdCount = 40
  /// The largest number of training cases that are read.
  package static let mostCases = 16
  /// The number of values of each training case from which quantiles are estimated.
  private static let sampleSize = 50_000

  /// The channel, by its number in ``CaseTable/channelNames``.
  package let channel: Int
  /// The name of the channel.
  package let channelName: String
  /// The standard deviation of the Gaussian in millimetres.
  package let sigma: Double
  /// Voxels above this smoothed value are kept.
  package let threshold: Float
  /// The mean Dice coefficient on the training cases.
  package let trainingDice: Double
  /// The number of training cases.
  package let caseCount: Int

  /// Fits the baseline; nil if no training case has a voxel of the region, or no threshold finds any.
  ///
  /// - Parameters:
  ///   - cases: the training cases, with labels; if there are more than ``mostCases``, that many at equal distances.
  ///   - names: the names of the channels.
  ///   - only: the number of the channel to use; nil takes the best one.
  ///   - region: the region to segment.
  package init?(_ cases: [CaseTable.Case], channels names: [String], only: Int?, region: SegmentationRegion)
    throws
  {
    let count = min(cases.count, Self.mostCases)
    let chosen = (0..<count).map { cases[$0 * cases.count / count] }
    var best: (channel: Int, sigma: Int, threshold: Float, dice: Double)?
    for channel in names.indices where only ?? channel == channel {
      let thresholds = try Self.thresholds(chosen, channel, region)
      guard !thresholds.isEmpty else { continue }
      var (sums, defined) = ([Double](repeating: 0, count: thresholds.joined().count), 0)
      for one in chosen {
        let training = try ThresholdCase(one, channel, region)
        if training.truthCount == 0 { continue }
        defined += 1
        for (s, sigma) in Self.sigmas.enumerated() {
          for (t, dice) in training.smoothed(sigma).dice(thresholds[s]).enumerated() {
            sums[s * Self.thresholdCount + t] += dice
          }
        }
      }
      for (i, sum) in sums.enumerated() where sum / Double(max(defined, 1)) > best?.dice ?? 0 {
        let s = i / Self.thresholdCount
        best = (channel, s, thresholds[s][i % Self.thresholdCount], sum / Double(defined))
      }
    }
    guard let best else { return nil }
    (channel, channelName, threshold) = (best.channel, names[best.channel], best.threshold)
    (sigma, trainingDice, caseCount) = (Self.sigmas[best.sigma], best.dice, count)
  }

  /// The thresholds of each smoothing: quantiles that leave from a tenth of the region's volume to ten times of it, in equal ratios.
  private static func thresholds(_ cases: [CaseTable.Case], _ channel: Int, _ region: SegmentationRegion)
    throws -> [[Float]]
  {
    var samples = [[Float]](repeating: [], count: sigmas.count)
    var (inRegion, inMask) = (0, 0)
    for one in cases {
      let training = try ThresholdCase(one, channel, region)
      inRegion += training.truthCount
      inMask += training.maskCount
      for (s, sigma) in sigmas.enumerated() { samples[s] += training.smoothed(sigma).sample(sampleSize) }
    }
    guard inRegion > 0, inMask > 0 else { return [] }
    let fraction = Double(inRegion) / Double(inMask)
    return samples.map { sample in
      let sorted = sample.sorted(by: >)
      return (0..<thresholdCount).map { i in
        let kept = fraction * pow(10, 1 - 2 * Double(i) / Double(thresholdCount - 1))
        return sorted[min(Int(kept * Double(sorted.count)), sorted.count - 1)]
      }
    }
  }

  /// Segments the region of a case, with label 1.
  func segment(_ one: CaseTable.Case, _ truth: LabelVolume) throws -> [Bool] {
    let smoothed = try ThresholdCase(one, channel, .foreground, truth: truth).smoothed(sigma)
    return ConnectedComponents(of: smoothed.above(threshold), truth.grid).largest
  }

  /// The fitted baseline in a line for people.
  package var note: String {
    "baseline \(Self.model): \(channelName), sigma \(Int(sigma)) mm, threshold \(threshold), fitted on \(caseCount.counted("case")) "
      + "with a mean Dice coefficient of \(Evaluation.fixed(trainingDice))"
  }
}

/// One channel of a case with its mask and its true region.
private struct ThresholdCase {
  private var values: [Float]
  private let grid: VoxelGrid
  private let isInMask: [Bool]
  private let isInRegion: [Bool]
  let truthCount: Int
  let maskCount: Int

  /// Reads a case; values outside the mask, and those that are not finite, do not count.
  ///
  /// - Parameter truth: the labels of the case; nil reads them.
  init(
    _ one: CaseTable.Case, _ channel: Int, _ region: SegmentationRegion, truth: LabelVolume? = nil
  ) throws {
    let truth = try truth ?? LabelVolume(contentsOf: one.labels!)
    let image = try Self.image(one.channels[channel], truth, "channel")
    grid = truth.grid
    values = image.values.map { $0.isFinite ? $0 : 0 }
    isInMask =
      try one.mask.map { try Self.image($0, truth, "mask").values.map { $0 > 0 } }
      ?? [Bool](repeating: true, count: values.count)
    isInRegion = truth.labels.map(region.contains)
    truthCount = isInRegion.count { $0 }
    maskCount = isInMask.count { $0 }
  }

  /// Reads an image of one channel that has the place of the truth.
  private static func image(_ path: String, _ truth: LabelVolume, _ noun: String) throws -> Image {
    let image = try Image(contentsOf: path)
    guard image.channels == 1 else {
      throw FormatError(
        .badData, path: path, "found \(image.channels) values in each voxel, expected one for a \(noun)")
    }
    try truth.requireSamePlace(as: image, noun, path: path)
    return image
  }

  func smoothed(_ sigma: Double) -> ThresholdCase {
    var smoothed = self
    GaussianSmoothing.smooth(&smoothed.values, grid, sigma: sigma)
    return smoothed
  }

  /// About `count` values within the mask, at equal distances.
  func sample(_ count: Int) -> [Float] {
    let step = max(1, maskCount / count)
    var (sample, place): ([Float], Int) = ([], 0)
    for i in values.indices where isInMask[i] {
      if place % step == 0 { sample.append(values[i]) }
      place += 1
    }
    return sample
  }

  /// The voxels of the mask above a threshold.
  func above(_ threshold: Float) -> [Bool] {
    [Bool](unsafeUninitializedCapacity: values.count) { target, count in
      values.withUnsafeBufferPointer { values in
        isInMask.withUnsafeBufferPointer { isInMask in
          for i in values.indices {
            target.initializeElement(at: i, to: values[i] > threshold && isInMask[i])
          }
        }
      }
      count = values.count
    }
  }

  /// The Dice coefficient of the largest component above each threshold.
  func dice(_ thresholds: [Float]) -> [Double] {
    [Double](unsafeUninitializedCapacity: thresholds.count) { target, count in
      nonisolated(unsafe) let target = target
      ThreadTeam.current.forEachShare(thresholds.count) { t in
        let ranges = ConnectedComponents(of: above(thresholds[t]), grid).largestRanges
        let size = ranges.reduce(0) { $0 + $1.count }
        let both = ranges.reduce(0) { $0 + isInRegion[$1].count { $0 } }
        target.initializeElement(at: t, to: Double(2 * both) / Double(size + truthCount))
      }
      count = thresholds.count
    }
  }
}
