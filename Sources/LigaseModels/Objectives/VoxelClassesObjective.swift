import LigaseDatasets
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// One of several classes for every pixel or voxel.
package struct VoxelClassesObjective: ClassObjective {
  package static let name = "voxels"
  package static let isOfSteps = true
  package static let readsSegments = true
  package var names: [String]
  var loss = ClassLoss()
  /// How overlaps enter the loss; nil for cross-entropy or a focal loss of the voxels alone.
  var overlap: Overlap?

  /// A loss of the overlaps of classes.
  package struct Overlap: Codable, Hashable, Sendable {
    /// The weight of the cross-entropy beside it.
    var crossEntropy: Float
  }

  package init(names: [String]) { self.names = names }

  package init(fitting examples: PreparedExamples, rows: [Int], options: TrainingOptions) throws {
    names = examples.examples.target.names
    let counts = classCounts(examples.examples.observations, rows: rows)
    if let maps = examples.examples.observations.maps,
      let row = rows.first(where: { !maps.isKnown($0) })
    {
      throw JoinError(
        "found no labels of the training case '\(examples.examples.keys.columns[0][row])', expected labels of every "
          + "training case")
    }
    if let lacking = names.indices.first(where: { counts[$0] == 0 }) {
      throw JoinError(
        "the label \(names[lacking]) occurs in no training case, expected every label of the data")
    }
    switch options.loss.name {
    case .dice: overlap = Overlap(crossEntropy: 0)
    case .diceCrossEntropy: overlap = Overlap(crossEntropy: 1)
    default: loss = try ClassLoss(options, names: names, counts: counts)
    }
  }

  package func classCounts(_ observed: Observations, rows: [Int]) -> [Int] {
    guard let maps = observed.maps else { return [] }
    return rows.reduce(into: [Int](repeating: 0, count: count)) { counts, row in
      for (class_, places) in maps.places(of: row).enumerated() { counts[class_] += places.count }
    }
  }

  package func loss(_ outputs: Tensor, _ targets: Observations, rows: [Int]) -> LossSum {
    preconditionFailure("\(Self.name): the loss is of segments, not of whole examples")
  }

  /// Returns the loss of the outputs of segments of equal extents.
  ///
  /// - Parameter classes: the class of each place; -1 where it is unknown.
  func loss(_ outputs: Tensor, classes: [Int32], layout: GridLayout) -> LossSum {
    if let overlap {
      var options = LossSum.DiceOptions()
      options.crossEntropy = overlap.crossEntropy
      return LossSum.softmaxDice(logits: outputs, labels: classes, layout: layout, options)
    }
    return loss(outputs, labels: classes.map { max($0, 0) }, known: classes.map { $0 >= 0 })
  }

  package func metric(_ predictions: [Float], _ observed: Observations, rows: [Int]) -> Double {
    preconditionFailure("\(Self.name): the metric is of segments, not of whole examples")
  }

  package var summary: [(name: String, value: String)] {
    [("target", "a label for every voxel: \(names.joined(separator: ", "))")]
  }

  package func judge(
    _ models: [(name: String, outputs: [Float])], _ observed: Observations, rows: [Int], keys: KeyColumns,
    bootstrap: Bootstrap
  ) throws -> JudgedModels {
    preconditionFailure("\(Self.name): label maps are evaluated as files")
  }
}
