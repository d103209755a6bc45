import LigaseDatasets
import LigaseFormats
import LigaseTensors

extension Explainer {
  /// Returns the attributions of the pixels of one image as a map: by gradient of each pixel, by leaving out of squares or
  /// superpixels, of which each pixel has the mean over those that cover it.
  ///
  /// - Parameter examples: one image, of the extents of the model's preparation.
  package mutating func map(of examples: Examples) throws -> (map: ActivationMap, explained: ExplainedExample)
  {
    let extents = model.manifest.inputs[0].preparation.base.shape.extents
    var found: ExplainedExample?
    try explain(examples) { _, one in found = one }
    guard let found else { throw ExplanationError("found no image to explain") }
    let count = extents.reduce(1, *)
    var (values, covers) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for term in found.terms {
      for pixel in term.members {
        values[pixel] += term.value
        covers[pixel] += 1
      }
    }
    let raw = zip(values, covers).map { Float($0 / max($1, 1)) }
    return (ActivationMap(extents: extents, raw: raw), found)
  }
}

extension ActivationMap {
  /// Guided Grad-CAM (Selvaraju et al., 2017): guided gradients times the map after the ReLU, at the places of the gradients. The map
  /// is enlarged by linear interpolation, as in the paper; Captum takes the nearest number by default.
  package func guided(by gradients: ActivationMap) -> ActivationMap {
    let own = image(extents: gradients.extents).values
    return ActivationMap(extents: gradients.extents, raw: zip(own, gradients.raw).map { $0 * $1 })
  }
}
