import LigaseRuntime

/// How well a risk orders the events: the fraction of comparable pairs of rows in which the row with the earlier event has
/// the higher risk. Equal risks count half.
///
/// A pair is comparable when the row with the earlier time had its event; a row that is censored at the time of an event
/// counts as later. Rows with events at the same time are not compared.
package enum Concordance {
  /// The concordance of Harrell et al. (1982), all comparable pairs alike; nil where there is none.
  package static func harrell(risk: [Double], of data: SurvivalTimes) -> Double? {
    ComparablePairs(risk: risk, data, weights: [Double](repeating: 0, count: data.count)).figures(nil).harrell
  }

  /// The concordance of Uno et al. (2011), which does not depend on how rows were censored: pairs of an event at time t
  /// weigh 1 / G(t-)^2 with the censoring curve G just before t.
  ///
  /// - Parameters:
  ///   - censoring: the probability of not being censored, of the training rows as a rule.
  ///   - horizon: events at this time and later are not counted; nil counts all.
  /// - Returns: nil where no pair has a weight. Events where G is 0 have none.
  package static func uno(
    risk: [Double], of data: SurvivalTimes, censoring: StepCurve, horizon: Double?
  ) -> Double? {
    ComparablePairs(risk: risk, data, weights: weights(of: data, censoring: censoring, horizon: horizon))
      .figures(nil).uno
  }

  /// The weight of each row's pairs, 1 / G(t-)^2 for events before the horizon and 0 for all other rows.
  static func weights(of data: SurvivalTimes, censoring: StepCurve, horizon: Double?) -> [Double] {
    zip(data.times, data.events).map { time, isEvent in
      guard isEvent, horizon.map({ time < $0 }) ?? true else { return 0 }
      let probability = censoring.value(before: time)
      return probability > 0 ? 1 / (probability * probability) : 0
    }
  }
}

/// The comparable pairs of a cohort, sorted once, counted for any multiplicities of the rows in O(n log n).
///
/// Rows enter a Fenwick tree over the ranks of their risks from the latest time on, so that at each event the tree holds the
/// rows it is compared with.
struct ComparablePairs: Sendable {
  private let order: TimeOrder
  /// For each place of the order, the rank of the risk, from 1; equal risks have one rank.
  private let ranks: [Int32]
  /// For each place of the order, the weight of its pairs in Uno's concordance.
  private let weights: [Double]
  private let rankCount: Int

  /// Sorts rows by time and risk.
  init(risk: [Double], _ data: SurvivalTimes, weights: [Double]) {
    require(
      risk.count == data.count && weights.count == data.count,
      "Concordance: \(risk.count) risks and \(weights.count) weights for \(data.count) rows")
    require(!risk.contains(where: \.isNaN), "Concordance: a risk is not a number")
    let byRisk = risk.indices.sorted { risk[$0] < risk[$1] }
    var (found, last) = ([Int32](repeating: 0, count: risk.count), Int32(0))
    for (place, row) in byRisk.enumerated() {
      if place == 0 || risk[row] != risk[byRisk[place - 1]] { last += 1 }
      found[row] = last
    }
    let order = TimeOrder(data)
    (self.order, rankCount) = (order, Int(last))
    ranks = order.rows.map { found[Int($0)] }
    self.weights = order.rows.map { weights[Int($0)] }
  }

  /// Sums over pairs: all pairs, and the concordant ones with half of those with equal risks.
  private struct Sums {
    var concordant = 0.0, all = 0.0, weightedConcordant = 0.0, weightedAll = 0.0
  }

  /// Both concordances; `multiplicities` says how often each row counts, nil once.
  func figures(_ multiplicities: UnsafeBufferPointer<Double>?) -> (harrell: Double?, uno: Double?) {
    // The tree, from place 1 on, then the sum at each rank.
    var storage = [Double](repeating: 0, count: 2 * (rankCount + 1))
    var sums = Sums()
    storage.withUnsafeMutableBufferPointer { storage in
      let tree = UnsafeMutableBufferPointer(rebasing: storage[...rankCount])
      let equal = UnsafeMutableBufferPointer(rebasing: storage[(rankCount + 1)...])
      var total = 0.0
      func multiplicity(_ place: Int) -> Double { multiplicities.map { $0[Int(order.rows[place])] } ?? 1 }
      func enter(_ places: Range<Int>) {
        for place in places {
          let count = multiplicity(place)
          guard count > 0 else { continue }
          var rank = Int(ranks[place])
          equal[rank] += count
          total += count
          while rank <= rankCount {
            tree[rank] += count
            rank += rank & -rank
          }
        }
      }
      for run in order.runs {
        enter(run.censored)
        for place in run.events where total > 0 {
          let count = multiplicity(place)
          guard count > 0 else { continue }
          var (rank, below) = (Int(ranks[place]) - 1, equal[Int(ranks[place])] / 2)
          while rank > 0 {
            below += tree[rank]
            rank &= rank - 1
          }
          sums.concordant += count * below
          sums.all += count * total
          sums.weightedConcordant += count * weights[place] * below
          sums.weightedAll += count * weights[place] * total
        }
        enter(run.events)
      }
    }
    return (
      sums.all > 0 ? sums.concordant / sums.all : nil,
      sums.weightedAll > 0 ? sums.weightedConcordant / sums.weightedAll : nil
    )
  }
}
