import LigaseTensors

/// Folds that keep groups together and have the same class frequencies, as nearly as whole groups allow.
package enum StratifiedFolds {
  /// Returns the fold of each example.
  ///
  /// Groups are shuffled with the seed and taken class by class (the smallest class index of a group; largest
  /// groups first, where sizes differ); each is assigned to the fold with the fewest examples of its class,
  /// then the fewest examples.
  ///
  /// - Parameters:
  ///   - groups: examples with the same number stay together.
  ///   - strata: the class of each example; nil for one class.
  package static func deal(
    _ count: Int, groups: [Int], strata: [Int]?, seed: UInt64, stream: String = "split"
  )
    -> [Int]
  {
    precondition(count >= 2, "StratifiedFolds: \(count) folds")
    var members: [Int: [Int]] = [:]
    var order: [Int] = []
    for (row, group) in groups.enumerated() {
      if members[group] == nil { order.append(group) }
      members[group, default: []].append(row)
    }
    var random = SeededGenerator(seed: seed, stream: stream)
    random.shuffle(&order)
    let stratum = Dictionary(
      uniqueKeysWithValues: order.map { group in (group, members[group]!.map { strata?[$0] ?? 0 }.min()!) })
    let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    order.sort {
      (stratum[$0]!, -members[$0]!.count, place[$0]!) < (stratum[$1]!, -members[$1]!.count, place[$1]!)
    }
    var folds = [Int](repeating: 0, count: groups.count)
    var totals = [Int](repeating: 0, count: count)
    var ofClass = [Int: [Int]]()
    for group in order {
      let here = ofClass[stratum[group]!] ?? [Int](repeating: 0, count: count)
      let fold = (0..<count).min { (here[$0], totals[$0], $0) < (here[$1], totals[$1], $1) }!
      for row in members[group]! { folds[row] = fold }
      totals[fold] += members[group]!.count
      ofClass[stratum[group]!, default: here][fold] += members[group]!.count
    }
    return folds
  }

  /// Returns about a fraction `share` of the examples as validation rows, and the others as training rows; no
  /// validation rows where there are fewer than ten groups.
  package static func validation(
    share: Double, of rows: [Int], groups: [Int], strata: [Int]?, seed: UInt64
  ) -> (train: [Int], validation: [Int]) {
    guard share > 0, Set(rows.map { groups[$0] }).count >= 10 else { return (rows, []) }
    // One fold is the smaller subset.
    let folds = deal(
      max(2, Int((1 / min(share, 1 - share)).rounded())), groups: rows.map { groups[$0] },
      strata: strata.map { s in rows.map { s[$0] } }, seed: seed, stream: "validation")
    let (first, others) = (
      zip(rows, folds).filter { $1 == 0 }.map(\.0), zip(rows, folds).filter { $1 != 0 }.map(\.0)
    )
    return share > 0.5 ? (first, others) : (others, first)
  }
}
