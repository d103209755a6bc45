import LigaseDatasets
import LigaseTensors

/// The features that predict the target almost perfectly by themselves: often copies of the label, or results of it.
enum LeakCheck {
  /// The area under the ROC curve, or the concordance, from which on a feature is reported.
  static let threshold = 0.99
  /// The most training examples that are looked at.
  private static let mostRows = 2000
  /// The fewest training examples with which such a feature is no chance.
  private static let fewestRows = 20

  /// The features of named rows with their scores, the highest first.
  static func features(_ prepared: PreparedExamples, objective: any Objective, rows: [Int]) -> [(
    name: String, score: Double
  )] {
    guard !objective.isOfSteps, rows.count >= fewestRows else { return [] }
    let step = max(1, rows.count / mostRows),
      rows = stride(from: 0, to: rows.count, by: step).map { rows[$0] }
    guard let target = Target(prepared.examples, objective, rows) else { return [] }
    var found: [(name: String, score: Double)] = []
    for (input, manifest) in zip(prepared.inputs.inputs, prepared.manifests) {
      let names = manifest.preparation.base.featureNames
      guard let features = input.encoded as? EncodedRows, names.count == features.values.shape[1] else {
        continue
      }
      let all = features.values.scalars
      let records = rows.map { row in input.index.map { Int($0[row]) } ?? row }
      let known = rows.indices.filter { records[$0] >= 0 }
      for (j, name) in names.enumerated() {
        let score = target.score(known.map { Double(all[records[$0] * names.count + j]) }, known)
        if score > threshold {
          found.append((prepared.manifests.count > 1 ? "\(manifest.name).\(name)" : name, score))
        }
      }
    }
    return found.sorted { ($1.score, $0.name) < ($0.score, $1.name) }
  }

  /// The observations that features are compared with.
  private struct Target {
    /// For each output times or ranks, and which of them are observed.
    private let outcomes: [SurvivalTimes]

    init?(_ examples: Examples, _ objective: any Objective, _ rows: [Int]) {
      let observed = examples.observations
      switch objective {
      case is SurvivalObjective: outcomes = [SurvivalTimes(observed, rows)]
      case is ValuesObjective:
        let k = objective.count
        outcomes = (0..<k).map { t in
          let values = rows.map { Double(observed.numbers[$0 * k + t]) }
          // An unknown value is comparable with none.
          return SurvivalTimes(
            times: values.map { $0.isNaN ? -.greatestFiniteMagnitude : $0 }, events: values.map { !$0.isNaN })
        }
      case is ClassesObjective:
        let classes = rows.map { Int(observed.numbers[$0]) }
        outcomes = Set(classes).sorted().map { t in
          // The concordance of two times is the area under the curve of two classes.
          SurvivalTimes(times: classes.map { $0 == t ? 1 : 2 }, events: classes.map { $0 == t })
        }
      default: return nil
      }
    }

    /// The highest concordance of a feature with an output, in either direction.
    func score(_ values: [Double], _ known: [Int]) -> Double {
      guard known.count >= fewestRows, Set(values).count > 1 else { return 0 }
      return outcomes.reduce(0) { best, outcome in
        guard let found = Concordance.harrell(risk: values, of: outcome.selecting(rows: known)) else {
          return best
        }
        return max(best, found, 1 - found)
      }
    }
  }
}
