import LigaseDatasets
import LigaseTensors
import TestSupport
import Testing

@Suite struct StratifiedFoldsTests {
  /// 300 examples in groups of 1 to 5, each group of one of three classes with very different frequencies.
  private let groups: [Int]
  private let classes: [Int]

  init() {
    var random = SeededGenerator(seed: 4)
    var (groups, classes): ([Int], [Int]) = ([], [])
    while groups.count < 300 {
      let group = groups.count * 7
      let u = random.nextUniform()
      for _ in 0...Int(random.next(upperBound: UInt64(5))) {
        groups.append(group)
        classes.append(u < 0.7 ? 0 : u < 0.9 ? 1 : 2)
      }
    }
    (self.groups, self.classes) = (groups, classes)
  }

  @Test(arguments: [2, 5, 10]) func groupsStayTogetherAndClassesKeepTheirShares(_ count: Int) {
    let folds = StratifiedFolds.deal(count, groups: groups, strata: classes, seed: 1)
    #expect(folds.count == groups.count && Set(folds) == Set(0..<count))
    for group in Set(groups) {
      #expect(Set(groups.indices.filter { groups[$0] == group }.map { folds[$0] }).count == 1)
    }
    for label in 0..<3 {
      let counts = (0..<count).map { fold in folds.indices.count { folds[$0] == fold && classes[$0] == label }
      }
      // The counts of a class in two folds differ at most by the largest group.
      #expect(counts.max()! - counts.min()! <= 5, "class \(label): \(counts)")
    }
  }

  @Test func withSinglesEveryFoldIsExact() {
    let strata = (0..<100).map { $0 < 60 ? 0 : 1 }
    let folds = StratifiedFolds.deal(5, groups: Array(0..<100), strata: strata, seed: 9)
    for fold in 0..<5 {
      #expect(folds.indices.count { folds[$0] == fold && strata[$0] == 0 } == 12)
      #expect(folds.indices.count { folds[$0] == fold && strata[$0] == 1 } == 8)
    }
  }

  @Test func theSeedAndTheStreamDecide() {
    func deal(_ seed: UInt64, _ stream: String = "split") -> [Int] {
      StratifiedFolds.deal(5, groups: groups, strata: classes, seed: seed, stream: stream)
    }
    #expect(deal(1) == deal(1) && deal(1) != deal(2) && deal(1) != deal(1, "split 1"))
    #expect(threadDependence { deal(3) } == nil)
  }

  @Test func rareClassesAndManyFoldsLeaveNoFoldEmpty() {
    let folds = StratifiedFolds.deal(5, groups: [0, 1, 2, 3, 4], strata: [0, 1, 2, 1, 0], seed: 1)
    #expect(folds.sorted() == [0, 1, 2, 3, 4])
    let groups = [0, 0, 0, 1, 1, 2, 3]
    #expect(Set(StratifiedFolds.deal(4, groups: groups, strata: nil, seed: 1)).count == 4)
  }

  @Test func validationIsAShareOfTheRowsGiven() {
    let rows = groups.indices.filter { groups[$0] != 0 && $0 < 250 }
    for share in [0.1, 0.25, 0.5, 0.8] {
      let found = StratifiedFolds.validation(share: share, of: rows, groups: groups, strata: classes, seed: 1)
      #expect((found.train + found.validation).sorted() == rows)
      #expect(found.train == found.train.sorted() && found.validation == found.validation.sorted())
      #expect(Set(found.train.map { groups[$0] }).isDisjoint(with: found.validation.map { groups[$0] }))
      #expect(abs(Double(found.validation.count) / Double(rows.count) - share) < 0.05, "share \(share)")
    }
    #expect(
      StratifiedFolds.validation(share: 0, of: rows, groups: groups, strata: nil, seed: 1).validation == [])
    let few = Array(0..<9)
    let found = StratifiedFolds.validation(share: 0.5, of: few, groups: Array(0..<9), strata: nil, seed: 1)
    #expect(found.train == few && found.validation == [])
  }
}
