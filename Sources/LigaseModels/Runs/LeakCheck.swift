internal import Glibc
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
  /// The probability that chance finds as many features, below which they are reported.
  private static let significance = 0.01

  /// The features of named rows with their scores, the highest first.
  static func features(_ prepared: PreparedExamples, objective: any Objective, rows: [Int]) -> [(
    name: String, score: Double
  )] {
    guard !objective.isOfSteps, rows.count >= fewestRows else { return [] }
    let step = max(1, rows.count / mostRows),
      rows = stride(from: 0, to: rows.count, by: step).map { rows[$0] }
    guard let target = Target(prepared.examples, objective, rows) else { return [] }
    var (found, compared): ([(name: String, score: Double)], Int) = ([], 0)
    for (input, manifest) in zip(prepared.inputs.inputs, prepared.manifests) {
      let names = manifest.preparation.base.featureNames
      guard let features = input.encoded as? EncodedRows, names.count == features.values.shape[1] else {
        continue
      }
      let all = features.values.scalars
      let records = rows.map { row in input.index.map { Int($0[row]) } ?? row }
      let known = rows.indices.filter { records[$0] >= 0 }
      compared += names.count
      for (j, name) in names.enumerated() {
        let score = target.score(known.map { Double(all[records[$0] * names.count + j]) }, known)
        if score > threshold {
          found.append((prepared.manifests.count > 1 ? "\(manifest.name).\(name)" : name, score))
        }
      }
    }
    guard probability(ofAtLeast: found.count, expected: Double(compared) * target.chance) < significance
    else {
      return []
    }
    return found.sorted { ($1.score, $0.name) < ($0.score, $1.name) }
  }

  /// The probability of a count or more by a law of Poisson.
  private static func probability(ofAtLeast count: Int, expected: Double) -> Double {
    var (term, below) = (exp(-expected), 0.0)
    for k in 0..<count {
      below += term
      term *= expected / Double(k + 1)
    }
    return 1 - below
  }

  /// The observations that features are compared with.
  private struct Target {
    /// For each output times or ranks, and which of them are observed.
    private let outcomes: [SurvivalTimes]
    private let isOfClasses: Bool

    init?(_ examples: Examples, _ objective: any Objective, _ rows: [Int]) {
      let observed = examples.observations
      isOfClasses = objective is ClassesObjective
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

    /// About how probable it is that a feature that has nothing to do with the target orders an output as well as the threshold asks: of
    /// classes, the orders of all examples in which one class is on one side, in either direction.
    var chance: Double {
      outcomes.reduce(0) { sum, outcome in
        let n = outcome.count, few = outcome.events.count { $0 }, other = n - few
        guard isOfClasses else { return sum }
        // n choose the smaller side, as logarithms: a class that one example has is on a side by 2 in n.
        let ways = (0..<min(few, other)).reduce(0.0) { $0 + log(Double(n - $1)) - log(Double($1 + 1)) }
        return sum + 2 * exp(-ways)
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
