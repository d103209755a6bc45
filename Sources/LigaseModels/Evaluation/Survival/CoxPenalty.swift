import LigaseDatasets
import LigaseRuntime
import LigaseTensors

/// The choice of the penalties of a ``CoxModel`` by inner folds: those with the largest cross-validated log partial
/// likelihood (Verweij and Van Houwelingen, 1993),
///
///     sum over folds k of  log L(all rows, beta without k) - log L(rows outside k, beta without k)
///
/// which says what the rows of a fold add, although no row has a likelihood of its own.
package enum CoxPenalty {
  /// Chosen penalties.
  package struct Choice: Hashable, Sendable {
    /// One penalty a block.
    package let penalties: [Double]
    /// The cross-validated log partial likelihood.
    package let score: Double
  }

  /// The penalties tried: half decades from 0.1 to 100,000.
  package static let grid: [Double] = (-2...10).map { pow(10, Double($0) / 2) }

  /// Chooses a penalty for each block of columns.
  ///
  /// First all blocks have one penalty of the grid. Several blocks then take turns, at most twice, each with the best
  /// penalty beside those of the others. Of equal scores the larger penalty is taken.
  ///
  /// - Parameters:
  ///   - x: rows by centred columns; a block with more columns than rows is turned first (``RotatedBlock``).
  ///   - blocks: ranges of columns; columns of no block are not penalised.
  ///   - folds: the number of inner folds, each with its fraction of the events.
  ///   - seed: the seed of the folds.
  /// - Returns: nil where no row has an event.
  package static func choose(
    _ x: DoubleMatrix, _ data: SurvivalTimes, blocks: [Range<Int>], folds: Int = 5, seed: UInt64
  ) -> Choice? {
    require(blocks.allSatisfy { $0.upperBound <= x.columns }, "CoxPenalty: a block beyond the columns")
    guard !blocks.isEmpty, data.events.contains(true) else { return nil }
    let dealt = StratifiedFolds.deal(
      folds, groups: Array(0..<data.count), strata: data.events.map { $0 ? 0 : 1 }, seed: seed,
      stream: "penalty")
    let heldOut = HeldOutLikelihood(x, data, folds: dealt)
    let descending = Array(grid.reversed())
    func columns(_ penalties: [Double]) -> [Double] {
      var found = [Double](repeating: 0, count: x.columns)
      for (block, penalty) in zip(blocks, penalties) { for k in block { found[k] = penalty } }
      return found
    }
    func best(of candidates: [[Double]], from start: [[Double]]?) -> (Choice, betas: [[Double]]) {
      let path = heldOut.path(candidates.map(columns), from: start)
      let place = path.indices.reduce(0) { path[$1].score > path[$0].score ? $1 : $0 }
      return (Choice(penalties: candidates[place], score: path[place].score), path[place].betas)
    }
    var (choice, betas) = best(
      of: descending.map { [Double](repeating: $0, count: blocks.count) }, from: nil)
    guard blocks.count > 1 else { return choice }
    for _ in 0..<2 {
      let before = choice.penalties
      for block in blocks.indices {
        let candidates = descending.map { penalty in
          var penalties = choice.penalties
          penalties[block] = penalty
          return penalties
        }
        let found = best(of: candidates, from: betas)
        if found.0.score > choice.score { (choice, betas) = found }
      }
      if choice.penalties == before { break }
    }
    return choice
  }

  /// The cross-validated log partial likelihood of penalties, one a column, with the fold of each row.
  package static func crossValidatedLikelihood(
    _ x: DoubleMatrix, _ data: SurvivalTimes, folds: [Int], penalties: [Double]
  ) -> Double {
    HeldOutLikelihood(x, data, folds: folds).path([penalties], from: nil)[0].score
  }
}

/// Rows in folds, with the fits that leave out each.
private struct HeldOutLikelihood: Sendable {
  /// The rows outside a fold.
  private struct Training: Sendable {
    let x: DoubleMatrix
    let data: SurvivalTimes
    let sets: RiskSets
  }

  /// The penalties of one fold's path: what the fold's rows add, and the coefficients.
  private typealias Step = (score: Double, beta: [Double])

  private let x: DoubleMatrix
  private let sets: RiskSets
  private let trainings: [Training]

  init(_ x: DoubleMatrix, _ data: SurvivalTimes, folds: [Int]) {
    require(
      folds.count == data.count && x.rows == data.count,
      "CoxPenalty: \(folds.count) folds and \(x.rows) rows of columns for \(data.count) times")
    (self.x, sets) = (x, RiskSets(data))
    trainings = Set(folds).sorted().map { fold in
      let rows = folds.indices.filter { folds[$0] != fold }
      let part = DoubleMatrix(
        rows: rows.count, columns: x.columns,
        rows.flatMap { x.elements[$0 * x.columns..<($0 + 1) * x.columns] })
      let selected = data.selecting(rows: rows)
      return Training(x: part, data: selected, sets: RiskSets(selected))
    }
  }

  /// The score of each candidate, one penalty a column, and the coefficients without each fold; each fit starts where the
  /// one before ended.
  func path(_ candidates: [[Double]], from start: [[Double]]?) -> [(score: Double, betas: [[Double]])] {
    var paths = [[Step]](repeating: [], count: trainings.count)
    paths.withUnsafeMutableBufferPointer { paths in
      nonisolated(unsafe) let paths = paths
      ThreadTeam.current.forEachShare(trainings.count) { fold in
        var beta = start?[fold] ?? [Double](repeating: 0, count: x.columns)
        paths[fold] = candidates.map { penalties in
          let step = step(trainings[fold], penalties, from: beta)
          beta = step.beta
          return step
        }
      }
    }
    return candidates.indices.map { i in
      (paths.reduce(0) { $0 + $1[i].score }, paths.map { $0[i].beta })
    }
  }

  private func step(_ training: Training, _ penalties: [Double], from start: [Double]) -> Step {
    let zeros = [Double](repeating: 0, count: x.columns)
    var beta = zeros
    // Without events there is nothing but the penalty, whose least is at 0.
    if training.data.events.contains(true) {
      func fit(_ start: [Double]) -> CoxModel? {
        CoxModel.fit(training.x, training.data, penalties: penalties, start: start, tolerance: 1e-8)
      }
      guard let model = fit(start) ?? fit(zeros) else { return (-.infinity, start) }
      beta = model.beta
    }
    let all = sets.partialLikelihood(linear: x.times(vector: beta)).negativeLogLikelihood
    let outside = training.sets.partialLikelihood(
      linear: training.x.times(vector: beta)
    ).negativeLogLikelihood
    return (outside - all, beta)
  }
}
