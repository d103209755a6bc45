import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

/// Superpixels have the properties of SLIC, and LIME explains them.
@Suite struct SuperpixelsTests {
  /// An image of two or more flat colours with noise; `colour` names the colour of a place.
  private func image(
    _ h: Int, _ w: Int, channels: Int = 1, noise: Double = 3, _ colour: (Int, Int) -> [Float]
  ) -> Image {
    var random = SeededGenerator(seed: 5)
    return Image(
      extents: [h, w], channels: channels,
      values: (0..<(h * w)).flatMap { place in
        colour(place / w, place % w).map { $0 + Float(noise * random.nextNormal()) }
      })
  }

  /// Whether steps to the sides lead from the first pixel to all others.
  private func isConnected(_ segment: [Int], width: Int) -> Bool {
    var left = Set(segment), waiting = [segment[0]]
    left.remove(segment[0])
    while let pixel = waiting.popLast() {
      for next in [pixel - width, pixel + width] + (pixel % width > 0 ? [pixel - 1] : [])
        + (pixel % width < width - 1 ? [pixel + 1] : [])
      where left.remove(next) != nil { waiting.append(next) }
    }
    return left.isEmpty
  }

  @Test(arguments: [20, 60, 150]) func segmentsCoverTheImageAndAreConnected(_ count: Int) {
    for (h, w, channels) in [(60, 80, 1), (61, 47, 3), (50, 64, 2)] {
      let image = image(h, w, channels: channels, noise: 8) { y, x in
        (0..<channels).map { c in
          120 + 50 * sin(Float(x) / 12 + Float(c)) + 50 * cos(Float(y) / 15 - Float(c))
        }
      }
      let segments = Superpixels(count: count).segments(of: image)
      #expect(segments.flatMap { $0 }.sorted() == Array(0..<(h * w)))
      #expect(segments.allSatisfy { isConnected($0, width: w) })
      #expect(Double(segments.count) > 0.6 * Double(count) && Double(segments.count) < 1.5 * Double(count))
      #expect(Superpixels(count: count).segments(of: image) == segments)
    }
  }

  /// No segment crosses a strong edge that no grid has, in grey or between colours of one lightness.
  @Test func strongEdgesAreRespected() {
    func side(_ y: Int, _ x: Int) -> Bool { 3 * x + y > 130 }
    let grey = image(60, 70) { side($0, $1) ? [200] : [60] }
    let colours = image(60, 70, channels: 3) { side($0, $1) ? [200, 60, 60] : [10, 118, 60] }
    for image in [grey, colours] {
      for segment in Superpixels(count: 40).segments(of: image) {
        let right = segment.count { side($0 / 70, $0 % 70) }
        #expect(min(right, segment.count - right) * 20 <= segment.count, "\(right) of \(segment.count)")
      }
    }
  }

  /// With a large weight of places, segments are the cells of the grid.
  @Test func compactSegmentsAreSquares() {
    let noise = image(40, 40, noise: 50) { _, _ in [100] }
    var superpixels = Superpixels(count: 16)
    superpixels.compactness = 1e4
    for segment in superpixels.segments(of: noise) {
      let (rows, columns) = (segment.map { $0 / 40 }, segment.map { $0 % 40 })
      let box = (rows.max()! - rows.min()! + 1) * (columns.max()! - columns.min()! + 1)
      #expect(box <= segment.count * 13 / 10)
    }
    // Squares cross a diagonal edge, which segments of the usual weight follow.
    let edge = image(40, 40) { y, x in x > y ? [200] : [60] }
    func crossing(_ segments: [[Int]]) -> Int {
      segments.count { segment in
        let right = segment.count { $0 % 40 > $0 / 40 }
        return min(right, segment.count - right) * 4 > segment.count
      }
    }
    #expect(crossing(superpixels.segments(of: edge)) >= 4)
    #expect(crossing(Superpixels(count: 16).segments(of: edge)) == 0)
  }

  /// Every pixel of a segment has its attribution, and Shapley values of segments add up.
  @Test func groupsOfAttributions() throws {
    let data = try SimulatedExamples.images()
    let model = try SimulatedExamples.trained(data, SimulatedExamples.options(.lesionCNN, data)).model
    let preparation = model.manifest.inputs[0].preparation.base as! ImagePreparation
    let image = (data.examples.inputs[0].records as! ImageRecords)[0]
    let segments = Superpixels(count: 12).segments(of: preparation.sized(image))
    for method in [PerturbationMethod.lime, .shap, .occlusion] {
      var explainer = Explainer(model, .perturbation(method))
      (explainer.grouping, explainer.lime.samples) = (.segments(segments), 200)
      let (map, one) = try explainer.map(of: data.examples.selecting([0]))
      #expect(one.terms.count == segments.count)
      for (segment, term) in zip(segments, one.terms) {
        #expect(segment.allSatisfy { map.raw[$0] == Float(term.value) })
      }
      if method == .shap {
        #expect(abs(one.terms.reduce(0) { $0 + $1.value } - (one.score - one.baseline!)) < 1e-4)
      }
    }
  }
}
