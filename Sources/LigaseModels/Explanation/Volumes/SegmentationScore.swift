import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// What maps of a volume explain: the sum of the scores of a class, before the link, over the places where it is predicted
/// (Vinogradova et al., 2020). Where windows overlap, and over the networks of an ensemble, the score of a place is a mean.
///
/// ```
/// S = sum over windows w and places p of f_wp logit_wp          f_wp = weight_wp / sum over windows of weight_p
/// ```
struct SegmentationScore {
  let prediction: VolumePrediction
  let windows: VolumeWindows
  /// The number of the class.
  let explained: Int
  /// The number of places where it is predicted.
  let places: Int
  /// Whether a place is one of them.
  private let isChosen: [Bool]
  /// The sum of the weights of windows at each place.
  private let mass: [Float]

  /// - Parameter explained: the class; nil takes the one with the most places, except for the first.
  init(_ prediction: VolumePrediction, _ record: Int, of records: VolumeRecords, class explained: Int?) {
    let windows = prediction.windows(record, of: records), k = prediction.objective.count
    let predicted = prediction.predicted(windows, prediction.probabilities(record, of: records))
    var counts = [Int](repeating: 0, count: k)
    for one in predicted where one >= 0 { counts[Int(one)] += 1 }
    let explained = explained ?? (1..<k).max { (counts[$0], $1) < (counts[$1], $0) } ?? 0
    (self.prediction, self.windows, self.explained, places) = (
      prediction, windows, explained, counts[explained]
    )
    isChosen = predicted.map { $0 == explained }
    var mass = [Float](repeating: 0, count: predicted.count)
    for origin in windows.origins { windows.forEachWeight(from: origin) { mass[$1] += $2 } }
    self.mass = mass
  }

  /// The factor of each place of a window in the score; nil where no place has one.
  func factors(from origin: [Int]) -> [Float]? {
    var factors = [Float](repeating: 0, count: windows.roi.reduce(1, *)), isEmpty = true
    windows.forEachWeight(from: origin) { from, to, weight in
      guard isChosen[to] else { return }
      factors[from] = weight / mass[to]
      isEmpty = false
    }
    return isEmpty ? nil : factors
  }

  /// The same factors as a tensor that takes the scores of all classes, `[places, K]`.
  func factors(_ factors: [Float], of logits: Tensor) -> Tensor {
    let k = logits.shape[1]
    return Tensor(
      factors.flatMap { factor in (0..<k).map { $0 == explained ? factor : 0 } }, shape: logits.shape)
  }

  /// The part of the score that comes from a window, the mean over the networks.
  func part(_ batch: InputBatch, _ factors: [Float]) -> Double {
    let network = prediction.model.network
    let encoded = network.encode(batch, input: 0, known: [-1], .prediction)
    let outputs = network.outputs([encoded], places: [nil], .prediction)
    return outputs.reduce(0.0) { sum, logits in
      let values = logits.scalars, k = logits.shape[1]
      return sum
        + factors.indices.reduce(0.0) { $0 + Double(factors[$1]) * Double(values[$1 * k + explained]) }
    } / Double(outputs.count)
  }

  /// Returns a map from numbers at the places that the network reads, and the score.
  func map(_ values: [Float], score: Double, of geometry: VolumeRecords.Geometry) -> VolumeActivationMap {
    VolumeActivationMap(
      raw: prediction.inFile(values, windows, geometry), explained: explained, places: places,
      score: places > 0 ? Float(score / Double(places)) : 0)
  }
}
