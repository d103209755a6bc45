/// The metrics of one model in each case and region.
struct SegmentedCases: Sendable {
  let model: String
  /// The names of the regions.
  let regions: [String]
  /// The metrics of each case, in the order of ``regions``.
  let cases: [[SegmentationMetrics]]

  /// The means over cases with intervals; `n` is the number of cases in which the metric is defined.
  func means(_ bootstrap: Bootstrap) -> [Score] {
    let columns = regions.indices.flatMap { region in
      SegmentationMetrics.names.indices.map { metric in cases.map { $0[region].values[metric] } }
    }
    @Sendable func figures(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
      columns.map { values in
        var (sum, total) = (0.0, 0.0)
        for (value, weight) in zip(values, weights) where !value.isNaN {
          sum += weight * value
          total += weight
        }
        return sum / total
      }
    }
    let values = [Double](repeating: 1, count: cases.count).withUnsafeBufferPointer { figures($0) }
    let resampled =
      cases.count > 1
      ? bootstrap.values(count: cases.count, figureCount: columns.count) { figures($0) }
      : columns.map { _ in [] }
    return columns.indices.map { i in
      let (region, metric) = i.quotientAndRemainder(dividingBy: SegmentationMetrics.names.count)
      return Score(
        model: model, group: regions[region], metric: SegmentationMetrics.names[metric], value: values[i],
        resampled: resampled[i], n: columns[i].count { !$0.isNaN })
    }
  }

  /// The metrics of each case, without intervals.
  func each(ids: [String]) -> [Score] {
    ids.indices.flatMap { i in
      regions.indices.flatMap { region in
        zip(SegmentationMetrics.names, cases[i][region].values).map { name, value in
          Score(
            model: model, group: "\(ids[i])/\(regions[region])", metric: name,
            value: value.isNaN ? nil : value, n: value.isNaN ? 0 : 1)
        }
      }
    }
  }

  /// Notes about the cases in which metrics are undefined, and about regions without a voxel.
  func notes(of named: Set<String>) -> [String] {
    regions.indices.compactMap { region in
      let own = cases.map { $0[region] }
      let (both, one) = (own.count { $0.areBothEmpty }, own.count { $0.isOneEmpty })
      let name = regions[region]
      if both == own.count {
        return named.contains(name)
          ? "region \(name): no voxel in any truth or prediction, so no metric is defined; check its labels"
          : nil
      }
      let parts = [
        both == 0
          ? nil : "\(both.counted("case")) without it in truth and prediction are not counted",
        one == 0
          ? nil
          : "\(one.counted("case")) with it in only one of them have a Dice coefficient of 0 and no distances",
      ].compactMap { $0 }
      return parts.isEmpty
        ? nil : "\(Int(name) == nil ? "region" : "class") \(name): " + parts.joined(separator: "; ")
    }
  }
}
