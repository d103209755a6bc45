import FoundationEssentials
import Glibc
import LigaseModels
import LigaseTensors
import TestSupport

/// Cohorts with what scikit-survival and lifelines compute from them: `Fixtures/reference/survival.json`, written by
/// `make_survival.py` beside it.
struct SurvivalReference: Decodable, Sendable {
  struct Training: Decodable, Sendable {
    let times: [Double]
    let events: [Bool]
  }
  struct Curves: Decodable, Sendable {
    let times, survival, low, high, censoring: [Double]
    let median: Double?
  }
  struct Uno: Decodable, Sendable { let horizon, value, own: Double }
  struct Brier: Decodable, Sendable {
    let times: [Double]
    let survival: [[Double]]
    let scores: [Double]
    let integrated: Double
  }
  struct Calibration: Decodable, Sendable {
    let time: Double
    let sizes: [Int]
    let expected, observed: [Double]
    let ratio, error: Double
  }
  struct LogRankTest: Decodable, Sendable { let statistic, pValue: Double }
  struct Cox: Decodable, Sendable {
    let penalties, beta: [Double]
    let logLikelihood: Double
  }
  struct Partial: Decodable, Sendable {
    let negativeLogLikelihood: Double
    let gradient: [Double]
  }
  struct CrossValidated: Decodable, Sendable { let penalty, score: Double }
  struct Cohort: Decodable, Sendable {
    let name: String
    let times: [Double]
    let events: [Bool]
    let x: [[Double]]
    let risk: [Double]
    let groups: [Int]
    let curves: Curves
    let harrell: Double
    let uno: Uno
    let brier: Brier
    let calibration: Calibration
    let logRank: LogRankTest
    let cox: [Cox]
    let partial: Partial
    let breslow: [Double]
    let crossValidated: [CrossValidated]

    var data: SurvivalTimes { SurvivalTimes(times: times, events: events) }
    var columns: DoubleMatrix { DoubleMatrix(rows: x.count, columns: x[0].count, x.flatMap { $0 }) }
  }

  struct Tail: Decodable, Sendable {
    let x: Double
    let degreesOfFreedom: Int
    let pValue: Double
  }

  let training: Training
  let cohorts: [Cohort]
  let chiSquare: [Tail]

  /// The censoring curve of the training rows.
  var censoring: StepCurve {
    KaplanMeier.censoring(of: SurvivalTimes(times: training.times, events: training.events))
  }

  static let shared: SurvivalReference = {
    let path = Fixtures.path("reference/survival.json")
    guard let bytes = TemporaryFolder.contents(of: path) else { fatalError("\(path) cannot be read") }
    do { return try JSONDecoder().decode(SurvivalReference.self, from: Data(bytes)) } catch {
      fatalError("\(path): \(error)")
    }
  }()
}

/// A simulated cohort: at least two columns, of which the first two matter, exponential times, censored rows, times on a grid so that
/// some are equal.
func simulatedSurvival(
  _ count: Int, seed: UInt64, columns: Int = 3, levels: Double = 20
) -> (x: DoubleMatrix, data: SurvivalTimes) {
  var random = SeededGenerator(seed: seed)
  var x = DoubleMatrix(rows: count, columns: columns)
  var (times, events): ([Double], [Bool]) = ([], [])
  for row in 0..<count {
    for k in 0..<columns { x[row, k] = random.nextNormal() }
    let scale = 1 + 2 * max(0, 0.5 - 0.4 * x[row, 0] + 0.3 * x[row, 1])
    let time = -log(1 - random.nextUniform()) * scale
    let end = 4 * random.nextUniform()
    times.append((min(time, end) * levels).rounded(.up) / levels)
    events.append(time <= end)
  }
  return (x.centred(), SurvivalTimes(times: times, events: events))
}
