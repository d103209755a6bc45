import LigaseDatasets
import LigaseNetworks
import LigaseTensors

extension Model {
  /// Returns the largest activations of each filter of the first network's first layer, those above a fraction of the filter's largest,
  /// and the number of residues that a filter sees; nil unless this layer is a convolution over residues.
  package func filterActivations(
    _ sequences: [[UInt8]], fraction: Float = FilterMotifs().fraction
  ) -> (activations: [[FilterMotifs.Activation]], width: Int)? {
    guard let encoder = network.members.first?.branches.first?.encoder ?? network.shared.first ?? nil,
      let convolution = encoder.layers.layers.first as? Convolution,
      let preparation = manifest.inputs[0].preparation.base as? SequencePreparation,
      preparation.encoding.tokenLength == 0, convolution.window.axes.count == 1
    else { return nil }
    let axis = convolution.window.axes[0], filters = convolution.weight.shape[0]
    let encoded = preparation.encode(SequenceRecords(sequences))
    func forEachActivation(_ body: (_ filter: Int, _ sequence: Int, _ start: Int, Float) -> Void) {
      for first in stride(from: 0, to: sequences.count, by: 256) {
        let rows = Array(first..<min(first + 256, sequences.count))
        guard let steps = encoded.batch(rows, view: 0).steps else { return }
        let found = convolution(steps, .inference), values = found.values.scalars
        for (i, row) in rows.enumerated() {
          let places = found.layout.offsets[i]..<found.layout.offsets[i + 1]
          for place in places {
            let start = (place - places.lowerBound) * axis.stride - axis.before
            for filter in 0..<filters { body(filter, row, start, values[place * filters + filter]) }
          }
        }
      }
    }
    var largest = [Float](repeating: 0, count: filters)
    forEachActivation { filter, _, _, value in largest[filter] = max(largest[filter], value) }
    var kept = [[FilterMotifs.Activation]](repeating: [], count: filters)
    forEachActivation { filter, sequence, start, value in
      guard value > fraction * largest[filter], value > 0 else { return }
      kept[filter].append(.init(sequence: sequence, start: start, value: value))
    }
    return (kept, (axis.size - 1) * axis.dilation + 1)
  }
}
