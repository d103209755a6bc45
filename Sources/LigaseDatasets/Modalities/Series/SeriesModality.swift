internal import Glibc
import LigaseFormats
import LigaseTensors

/// Values over time: series of any length and spacing, with missing values.
package struct SeriesModality: Modality {
  package static let name = "series"
  package static let axes = 1
  /// Whether channels are scaled to mean 0 and standard deviation 1 over the observed values of the training series.
  package var zscore = true

  package init() {}

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: SeriesPreparation, encoded: any EncodedRecords
  ) {
    let all = records as! SeriesRecords
    let preparation = SeriesPreparation(fitting: all.selecting(rows), zscore: zscore)
    return (preparation, preparation.encode(all))
  }
}

/// How series become channels of steps; fitted on training series and kept with the model.
///
/// ```
/// x_tc = (v_tc - mean_c) / deviation_c      v the value, or where it is missing the last one before; 0 before the first
/// m_tc = 1 where the value is observed, 0 where it is missing          } where training series
/// g_tc = ln(1 + time since the last observed value / mean step)        } have missing values
/// d_t  = ln(1 + time since the step before / mean step)                  where their steps are irregular
/// ```
/// A step reads nothing of later steps.
package struct SeriesPreparation: Preparation {
  package static let modality = SeriesModality.name
  /// The channels, in the order of the network's inputs.
  package var channels: [String]
  /// The mean of each channel over the observed values of the training series.
  package var means: [Float]
  /// Their standard deviations; 1 for a channel that does not vary.
  package var deviations: [Float]
  /// Whether training series have missing values, so that masks and times since the last value are inputs.
  package var hasMissing: Bool
  /// Whether the steps of training series are irregular, so that the time since the step before is an input.
  package var isIrregular: Bool
  /// The mean time between two steps of the training series.
  package var meanStep: Double
  /// Whether times are days of dates.
  package var areDates: Bool
  /// The column of times in the training data.
  package var timeColumn: String

  /// Fits on training series, at least one.
  init(fitting records: SeriesRecords, zscore: Bool) {
    precondition(!records.series.isEmpty, "SeriesPreparation: no series to fit on")
    let width = records.channels.count, spacing = SeriesRecords.Spacing(records.series)
    channels = records.channels
    (hasMissing, isIrregular, meanStep) = (records.missingFraction > 0, spacing.isIrregular, spacing.mean)
    (areDates, timeColumn) = (records.areDates, records.timeColumn)
    (means, deviations) = ([Float](repeating: 0, count: width), [Float](repeating: 1, count: width))
    guard zscore else { return }
    for channel in 0..<width {
      let values = records.series.lazy.flatMap { one in
        stride(from: channel, to: one.values.count, by: width).lazy.map { one.values[$0] }.filter {
          !$0.isNaN
        }
      }
      var (sum, count) = (0.0, 0)
      for value in values { (sum, count) = (sum + Double(value), count + 1) }
      guard count > 0 else { continue }
      let mean = sum / Double(count)
      let square = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
      let deviation = Float(square.squareRoot())
      means[channel] = Float(mean)
      // What does not vary but for rounding is not blown up.
      if deviation > 1e-6 * Float(abs(mean)), deviation > 1e-30, deviation.isFinite {
        deviations[channel] = deviation
      }
    }
  }

  /// Whether the time between steps is an input, so that its unit matters.
  package var readsTime: Bool { hasMissing || isIrregular }

  package func encode(_ records: any Records) -> any EncodedRecords {
    let all = records as! SeriesRecords
    precondition(all.channels == channels, "SeriesPreparation: other channels")
    return EncodedSeries(
      steps: all.series.map(encode), width: shape.channels, channels: channels.count, means: means,
      deviations: deviations)
  }

  /// The inputs of each step, L × inputs.
  private func encode(_ series: SeriesRecords.Series) -> [Float] {
    let width = channels.count
    var last = [Float](repeating: 0, count: width), steps: [Float] = []
    var seen = [Double](repeating: series.times.first ?? 0, count: width)
    steps.reserveCapacity(series.times.count * shape.channels)
    func scaled(_ time: Double) -> Float { Float(log1p(time / meanStep)) }
    for (t, time) in series.times.enumerated() {
      let values = series.values[(t * width)..<((t + 1) * width)]
      for (c, value) in values.enumerated() where !value.isNaN {
        (last[c], seen[c]) = ((value - means[c]) / deviations[c], time)
      }
      steps += last
      if hasMissing {
        steps += values.map { $0.isNaN ? 0 : 1 }
        steps += seen.map { scaled(time - $0) }
      }
      if isIrregular { steps.append(t == 0 ? 0 : scaled(time - series.times[t - 1])) }
    }
    return steps
  }

  package var shape: InputShape {
    InputShape(
      steps: channels.count * (hasMissing ? 3 : 1) + (isIrregular ? 1 : 0), isOneHot: false)
  }

  package var channelNames: [String] {
    channels + (hasMissing ? channels.map { "\($0):known" } + channels.map { "\($0):since" } : [])
      + (isIrregular ? ["interval"] : [])
  }

  package var problem: String? {
    if channels.isEmpty { return "found no channel" }
    if Set(channels).count < channels.count { return "found two channels of one name" }
    if means.count != channels.count || deviations.count != channels.count {
      return
        "found \(channels.count) channels with \(means.count) means and \(deviations.count) standard deviations"
    }
    if let deviation = deviations.first(where: { !($0 > 0) }) {
      return "found a channel with the standard deviation \(deviation), expected more than 0"
    }
    return meanStep > 0 && meanStep.isFinite ? nil : "found the mean step \(meanStep), expected more than 0"
  }

  package var summary: [(name: String, value: String)] {
    let inputs = [
      deviations.contains { $0 != 1 } || means.contains { $0 != 0 } ? "z-score of the training values" : nil,
      hasMissing ? "last value carried forward, with masks and times since the last value" : nil,
      isIrregular ? "time since the step before" : nil,
    ].compactMap { $0 }
    return [
      ("channels", FormatError.counted(channels)),
      ("preparation", inputs.isEmpty ? "none" : inputs.joined(separator: "; ")),
      (
        "times",
        "\(areDates ? "dates" : "numbers"), mean step \(SeriesRecords.words(meanStep, areDates: areDates))"
      ),
    ]
  }
}

/// Series whose steps are ready for a network.
package struct EncodedSeries: EncodedRecords {
  /// The inputs of the steps of each series, L × width.
  let steps: [[Float]]
  /// Inputs of a step.
  let width: Int
  /// The values among them, which come first.
  package let channels: Int
  /// The means and standard deviations by which values were scaled.
  let means: [Float]
  let deviations: [Float]

  package var count: Int { steps.count }
  package func weight(of record: Int) -> Int { max(1, stepCount(of: record)) }
  package func stepCount(of record: Int) -> Int { steps[record].count / width }

  package func batch(_ records: [Int], view: Int) -> InputBatch { batch(records.map { steps[$0][...] }) }
  package func trainingBatch(_ records: [Int], key: () -> UInt64) -> InputBatch { batch(records, view: 0) }

  package func window(_ records: [Int], steps range: Range<Int>) -> InputBatch {
    batch(
      records.map { record in
        let count = stepCount(of: record)
        return steps[record][(min(range.lowerBound, count) * width)..<(min(range.upperBound, count) * width)]
      })
  }

  private func batch(_ parts: [ArraySlice<Float>]) -> InputBatch {
    let layout = GridLayout(lengths: parts.map { $0.count / width })
    return .steps(
      Grids(values: Tensor(Array(parts.joined()), shape: [layout.rowCount, width]), layout: layout))
  }

  /// The last observed value of a channel, in the unit of the data; the mean of the training values where none is observed.
  package func lastValue(of record: Int, channel: Int) -> Float {
    guard let step = steps[record].dropLast(width - channel - 1).last else { return means[channel] }
    return step * deviations[channel] + means[channel]
  }

  /// The prepared values of a series, L × channels, without masks and times.
  package func values(of record: Int) -> [Float] {
    let all = steps[record]
    guard width > channels else { return all }
    return stride(from: 0, to: all.count, by: width).flatMap { all[$0..<($0 + channels)] }
  }
}
