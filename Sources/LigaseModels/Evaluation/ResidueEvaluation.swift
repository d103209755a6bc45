import LigaseDatasets
import LigaseFormats
import LigaseRuntime

/// Evaluates predicted classes of residues: the fraction of correct residues (Q3 where there are three
/// classes), precision, recall and F1 of each class, and the segment overlap; intervals resample whole
/// sequences.
package struct ResidueEvaluation: Sendable {
  /// All scores.
  package let scores: [Score]
  /// Notes about rows that were read and skipped.
  package private(set) var notes: [String]
  /// The number of classes.
  package let classCount: Int
  /// The column of the classes of steps of series; nil for residues.
  private let column: String?

  /// Reads and evaluates.
  ///
  /// - Parameters:
  ///   - path: predictions, as FASTA of letters or as a table with `id`, `position` and `prediction`.
  ///   - truth: FASTA of observed labels.
  ///   - mask: FASTA of 0 and 1.
  /// - Throws: `FormatError` for lengths that differ, naming the id; `JoinError` where no id is in both.
  package init(
    predictions path: String?, truth: String, mask: String?, resamples: Int, seed: UInt64
  ) throws {
    let observed = try LabelledResidues.labels(truth, mask: mask)
    let predicted = try Self.predictions(path)
    let shared = observed.ids.filter { predicted[$0] != nil }
    guard !shared.isEmpty else {
      throw JoinError(
        "no prediction has labels: the predictions are of \(predicted.keys.sorted().prefix(3).joined(separator: ", ")), "
          + "the labels of \(observed.ids.prefix(3).joined(separator: ", "))")
    }
    var letters: Set<UInt8> = []
    for id in shared {
      let (truth, guess) = (observed.labels[id]!, predicted[id]!)
      guard truth.count == guess.count else {
        throw FormatError(
          .badData, path: path ?? "-",
          "found \(guess.count.counted("prediction")) for '\(id)', which has \(truth.count.counted("label"))")
      }
      letters.formUnion(truth.filter { $0 != 0 })
      letters.formUnion(zip(truth, guess).filter { $0.0 != 0 }.map(\.1))
    }
    let classes = letters.sorted()
    var number = [Int32](repeating: -1, count: 256)
    for (i, letter) in classes.enumerated() { number[Int(letter)] = Int32(i) }
    let truths = shared.map { observed.labels[$0]!.map { number[Int($0)] } }
    let guesses = shared.map { predicted[$0]!.map { number[Int($0)] } }
    let counts = classes.indices.map { c in truths.reduce(0) { $0 + $1.count { $0 == Int32(c) } } }
    let majority = Int32(counts.indexOfLargest ?? 0)
    try self.init(
      classes: classes.map { String(UnicodeScalar($0)) }, truth: truths,
      models: [
        ("model", guesses), ("majority", truths.map { [Int32](repeating: majority, count: $0.count) }),
      ], resamples: resamples, seed: seed)
    let judged = counts.reduce(0, +)
    notes = [
      "\(shared.count.counted("sequence")) with predictions and labels, \(judged.counted("residue")) with a label"
        + (observed.ids.count > shared.count
          ? "; \((observed.ids.count - shared.count).counted("labelled sequence")) without predictions" : ""),
      "majority is the most frequent class of these labels",
    ]
  }

  /// Evaluates classes of residues.
  ///
  /// - Parameters:
  ///   - truth: the observed class of each residue of each sequence, -1 where it is unknown.
  ///   - models: the predicted classes of each model; segments are compared for the first model.
  ///   - column: the column of the classes, where they are of steps of series, whose segments are not compared; nil for residues.
  /// - Throws: `JoinError` where no residue has a label.
  package init(
    classes: [String], truth: [[Int32]], models: [(name: String, labels: [[Int32]])], resamples: Int,
    seed: UInt64, column: String? = nil
  ) throws {
    let places = truth.indices.flatMap { s in truth[s].indices.filter { truth[s][$0] >= 0 }.map { (s, $0) } }
    guard !places.isEmpty else {
      throw JoinError("found no \(column == nil ? "residue" : "step") with a label")
    }
    (classCount, self.column) = (classes.count, column)
    let overlaps = zip(truth, models[0].labels).map { observed, predicted in
      var overlap = SegmentOverlap()
      overlap.add(observed: observed, predicted: predicted)
      return overlap
    }
    let bootstrap = Bootstrap(resamples: resamples, seed: seed, groups: places.map { Int32($0.0) })
    var scores = try ClassificationEvaluation(
      classes: classes, truth: places.map { truth[$0.0][$0.1] }, bootstrap: bootstrap
    ).scores(
      models.map { model in
        (
          model.name,
          ClassPredictions(labels: places.map { model.labels[$0.0][$0.1] }, probabilities: nil)
        )
      })
    notes = []
    guard column == nil else {
      self.scores = scores
      return
    }
    if classes.count == 3 {
      for i in scores.indices where scores[i].group == "all" && scores[i].metric == "accuracy" {
        scores[i].metric = "q3"
      }
    }
    let place = (scores.firstIndex { $0.model != models[0].name }) ?? scores.count
    scores.insert(contentsOf: Self.overlapScores(overlaps, of: models[0].name, resamples, seed), at: place)
    self.scores = scores
  }

  /// The segment overlap over all segments, and the mean over sequences.
  private static func overlapScores(
    _ overlaps: [SegmentOverlap], of model: String, _ resamples: Int, _ seed: UInt64
  ) -> [Score] {
    @Sendable func figures(_ weights: UnsafeBufferPointer<Double>) -> [Double] {
      var (sum, length, means, count) = (0.0, 0.0, 0.0, 0.0)
      for (overlap, weight) in zip(overlaps, weights) {
        sum += weight * overlap.sum
        length += weight * Double(overlap.normalization)
        means += weight * (overlap.value ?? 0)
        count += overlap.value == nil ? 0 : weight
      }
      return [sum / length, means / count]
    }
    let values = [Double](repeating: 1, count: overlaps.count).withUnsafeBufferPointer(figures)
    let drawn = Bootstrap(resamples: resamples, seed: seed).values(
      count: overlaps.count, figureCount: 2, figures)
    return zip(["sov", "sov_mean"], zip(values, drawn)).map { name, figure in
      Score(model: model, metric: name, value: figure.0, resampled: figure.1, n: overlaps.count)
    }
  }

  private static func predictions(_ path: String?) throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    switch try SequenceInput(contentsOf: path) {
    case .records(let reader):
      while let record = try reader.next() {
        guard found.updateValue(record.sequence, forKey: record.name) == nil else {
          throw FormatError(
            .badData, path: reader.path, line: record.line,
            "found '\(record.name)' a second time, expected each id once")
        }
      }
    case .table(let table):
      let (ids, positions) = (try table.strings("id"), try table.integers("position"))
      let letters = try table.strings("prediction")
      for row in ids.indices {
        guard letters[row].utf8.count == 1, positions[row] == found[ids[row], default: []].count + 1 else {
          throw table.error(
            row: row, column: try table.index(ofColumn: "position"),
            "found '\(letters[row])' at position \(positions[row]) of '\(ids[row])', expected one letter for every position "
              + "in order")
        }
        found[ids[row], default: []].append(letters[row].utf8.first!)
      }
    }
    return found
  }

  /// Writes the scores, one per row.
  package func write(to output: OutputFile) throws { try evaluation.write(to: output) }

  /// The scores as JSON.
  package func json() throws -> String { try evaluation.json() }

  private var evaluation: Evaluation { Evaluation(task: .classification, target: "residues", scores: scores) }

  /// An aligned table of the scores.
  package var summary: [String] {
    let whole = scores.filter { $0.group == "all" }
    if let column {
      return Evaluation.table(
        scores, metrics: ["accuracy", "balanced_accuracy", "f1_macro"],
        title: "\(column), n = \(whole.first?.n ?? 0)")
    }
    return Evaluation.table(
      scores,
      metrics: [classCount == 3 ? "q3" : "accuracy", "sov", "sov_mean", "balanced_accuracy", "f1_macro"],
      title: "residues, n = \(whole.first?.n ?? 0)")
  }
}
