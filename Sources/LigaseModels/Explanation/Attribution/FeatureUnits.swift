import LigaseDatasets

/// A feature of one example as users know it, and the numbers of the network's inputs that it is made of.
package struct FeatureUnit: Sendable {
  /// The input.
  package let input: Int
  /// The step, from 1; nil for features of rows.
  package let position: Int?
  /// The name of the feature, or what stands at the step, such as a residue.
  package let name: String
  /// The numbers in each leaf, counted from the first of the example, and the fraction of their attributions that is the feature's.
  let cells: [(leaf: Int, numbers: Range<Int>, share: Float)]
}

/// The features of the examples of a model.
struct FeatureUnits {
  private let model: Model
  private let scores: ModelScores
  private let examples: Examples
  private let rows: [Int]
  /// The names of the numbers of each input.
  private let names: [[String]]

  init(_ model: Model, _ scores: ModelScores, _ examples: Examples, rows: [Int]) {
    (self.model, self.scores, self.examples, self.rows) = (model, scores, examples, rows)
    names = model.manifest.inputs.map { $0.preparation.base.channelNames }
  }

  /// Returns the features of an example, in the order of the inputs and steps.
  func units(of example: Int) -> [FeatureUnit] {
    examples.inputs.indices.flatMap { input -> [FeatureUnit] in
      let source = examples.inputs[input],
        record = source.index.map { Int($0[rows[example]]) } ?? rows[example]
      guard record >= 0 else { return [] }
      let leaves = scores.leaves.indices.filter { scores.leaves[$0].input == input }
      let preparation = model.manifest.inputs[input].preparation.base, names = names[input]
      let channels = scores.leaves[leaves[0]].channels
      guard scores.leaves[leaves[0]].layout != nil else {
        return (0..<channels).map { c in
          FeatureUnit(
            input: input, position: nil, name: c < names.count ? names[c] : "feature \(c + 1)",
            cells: [(leaves[0], c..<(c + 1), 1)])
        }
      }
      if let images = preparation as? ImagePreparation { return pixelUnits(input, leaves, images, example) }
      if !names.isEmpty { return channelUnits(input, leaves[0], names, source.records, record, example) }
      return stepUnits(input, leaves, preparation, source.records, record, example)
    }
  }

  /// A feature for each channel of each step.
  private func channelUnits(
    _ input: Int, _ leaf: Int, _ names: [String], _ records: any Records, _ record: Int, _ example: Int
  ) -> [FeatureUnit] {
    let channels = scores.leaves[leaf].channels
    return (0..<scores.function.rows(of: example, leaf).count).flatMap { step in
      (0..<channels).map { c in
        FeatureUnit(
          input: input, position: step + 1, name: names[c],
          cells: [(leaf, (step * channels + c)..<(step * channels + c + 1), 1)])
      }
    }
  }

  /// A feature for each pixel, whichever flips and turns are read.
  private func pixelUnits(
    _ input: Int, _ leaves: [Int], _ preparation: ImagePreparation, _ example: Int
  ) -> [FeatureUnit] {
    let extents = scores.leaves[leaves[0]].layout!.extents(of: example),
      channels = scores.leaves[leaves[0]].channels
    let count = extents.reduce(1, *), numbers = (0..<count).map { Float($0) }
    // For each view the place to which each pixel goes.
    let places = leaves.map { leaf -> [Int] in
      let shown = preparation.group[scores.leaves[leaf].view].apply(
        numbers, height: extents[0], width: extents[1], channels: 1)
      var places = [Int](repeating: 0, count: count)
      for (place, pixel) in shown.enumerated() { places[Int(pixel)] = place }
      return places
    }
    return (0..<count).map { pixel in
      FeatureUnit(
        input: input, position: pixel + 1, name: "",
        cells: leaves.indices.map { i in
          let place = places[i][pixel]
          return (leaves[i], (place * channels)..<((place + 1) * channels), 1)
        })
    }
  }

  /// A feature for each residue or token, whichever strands are read; k-mers are divided among their residues.
  private func stepUnits(
    _ input: Int, _ leaves: [Int], _ preparation: any Preparation, _ records: any Records, _ record: Int,
    _ example: Int
  ) -> [FeatureUnit] {
    let channels = scores.leaves[leaves[0]].channels
    let k = max((preparation as? SequencePreparation)?.encoding.tokenLength ?? 1, 1)
    let steps = scores.function.rows(of: example, leaves[0]).count, count = steps + k - 1
    return (0..<count).map { position in
      let cells = leaves.flatMap { leaf -> [(leaf: Int, numbers: Range<Int>, share: Float)] in
        // The second strand is read from its other end.
        let own = scores.leaves[leaf].view == 0 ? position : count - 1 - position
        return (max(0, own - k + 1)...min(own, steps - 1)).map { step in
          (leaf, (step * channels)..<((step + 1) * channels), 1 / Float(k))
        }
      }
      let name =
        position < records.stepCount(of: record) ? records.stepFields(of: record, step: position).last : nil
      return FeatureUnit(input: input, position: position + 1, name: name ?? "", cells: cells)
    }
  }
}

extension ModelScores.Leaf {
  /// The numbers of a row.
  var channels: Int { values.count / max(values.shape[0], 1) }
}
