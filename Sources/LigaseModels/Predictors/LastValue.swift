import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// The last observed value of the channel that is forecast.
package struct LastValue: Predictor {
  package static let name = "last_value"
  private let channel: Int

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> LastValue? {
    guard let channel = examples.examples.target.forecastChannel,
      examples.inputs.inputs.first?.encoded is EncodedSeries
    else { return nil }
    return LastValue(channel: channel)
  }

  private init(channel: Int) { self.channel = channel }

  /// Returns nil: the predictor is only a baseline, because the offset of a forecast includes it.
  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) { nil }
  package var sizes: [Int] { [] }
  package mutating func visitParameters(_ visit: ParameterVisitor) {}

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    rows.map { inputs.lastValue(of: $0, channel: channel) ?? .nan }
  }
}

extension PreparedInputs {
  /// Returns the last observed value of a channel of an example's series, in the unit of the data; the mean of the training
  /// series where none is observed, and nil where the first input has no such channel.
  func lastValue(of example: Int, channel: Int) -> Float? {
    guard let input = inputs.first, let encoded = input.encoded as? EncodedSeries,
      0..<encoded.channels ~= channel
    else { return nil }
    let record = input.index.map { Int($0[example]) } ?? example
    return record < 0 ? nil : encoded.lastValue(of: record, channel: channel)
  }
}
