import LigaseTensors

/// Folds that part no group and hold each class in the same share, as nearly as whole groups allow.
package enum StratifiedFolds {
  /// The fold of each example.
  ///
  /// Groups are shuffled by the seed and taken class by class (of several classes in a group the smallest index; by size,
  /// largest first, where sizes differ); each goes to the fold that has the fewest examples of its class, then the
  /// fewest of all.
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

  /// About a `share` of the examples as rows for validation, the others for training; no validation where there are
  /// fewer than ten groups.
  package static func validation(
    share: Double, of rows: [Int], groups: [Int], strata: [Int]?, seed: UInt64
  ) -> (train: [Int], validation: [Int]) {
    guard share > 0, Set(rows.map { groups[$0] }).count >= 10 else { return (rows, []) }
    // One fold is the smaller part.
    let folds = deal(
      max(2, Int((1 / min(share, 1 - share)).rounded())), groups: rows.map { groups[$0] },
      strata: strata.map { s in rows.map { s[$0] } }, seed: seed, stream: "validation")
    let (first, others) = (
      zip(rows, folds).filter { $1 == 0 }.map(\.0), zip(rows, folds).filter { $1 != 0 }.map(\.0)
    )
    return share > 0.5 ? (first, others) : (others, first)
  }
}
