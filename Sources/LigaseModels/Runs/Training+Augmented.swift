import LigaseDatasets
import LigaseFormats
import LigaseTensors

extension Training {
  /// Returns a picture of training images of the first image input as training sees them, in rows; nil without such an input.
  ///
  /// Each image is changed with a seed of its own, which the training's seed determines, and shown between its smallest and largest value.
  package func augmentedImages(_ count: Int) -> Image? {
    guard let input = prepared.inputs.inputs.first(where: { $0.encoded is EncodedImages }),
      let encoded = input.encoded as? EncodedImages
    else { return nil }
    let records = Array(input.distinctRecords(of: train).records.prefix(count))
    let (h, w) = (encoded.preparation.extents[0], encoded.preparation.extents[1])
    let channels = encoded.preparation.channels >= 3 ? 3 : 1
    let columns = max(1, Int(Double(records.count).squareRoot().rounded(.up))),
      rows = (records.count + columns - 1) / columns
    let width = columns * (w + 1) - 1, height = rows * (h + 1) - 1
    var out = [Float](repeating: 1, count: height * width * channels)
    for (i, record) in records.enumerated() {
      let key = SeededGenerator(seed: manifest.provenance.seed, stream: "augmented \(i)").state
      let values = encoded.trainingBatch([record], key: { key }).steps!.values.scalars
      let low = values.min() ?? 0, high = values.max() ?? 1, own = encoded.preparation.channels
      for y in 0..<h {
        for x in 0..<w {
          let place = (((i / columns) * (h + 1) + y) * width + (i % columns) * (w + 1) + x) * channels
          for k in 0..<channels {
            out[place + k] = high > low ? (values[(y * w + x) * own + k] - low) / (high - low) : 0
          }
        }
      }
    }
    return Image(extents: [height, width], channels: channels, values: out)
  }
}
