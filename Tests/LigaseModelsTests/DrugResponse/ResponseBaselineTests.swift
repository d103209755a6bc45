import LigaseModels
import Testing

@Suite struct ResponseBaselineTests {
  @Test func oneKindOfEffectIsAShrunkMean() {
    let baseline = ResponseBaseline(
      targets: [1, 3, 5, 7], drugs: [0, 0, 1, 1], lines: [0, 1, 0, 1], drugCount: 3, lineCount: 2,
      hasDrugEffects: true, hasLineEffects: false)
    // Means of what the overall mean of 4 leaves, as if one more pair had shown nothing.
    #expect(
      baseline.mean == 4 && baseline.drugEffects == [-4.0 / 3, 4.0 / 3, 0] && baseline.lineEffects == [])
    #expect(baseline.value(drug: 1, line: 0) == 4 + 4.0 / 3 && baseline.value(drug: 2, line: -1) == 4)
    #expect(baseline.value(drug: -1, line: 1) == 4)
    // What is left is -5/3, 1/3, -1/3, 5/3.
    let variance: Double = 52.0 / 36
    #expect(abs(baseline.scale - variance.squareRoot()) < 1e-12)
  }

  @Test func bothEffectsSolveTheRidgeEquations() {
    var (targets, drugs, lines) = ([Float](), [Int32](), [Int32]())
    for i in 0..<40 where i % 3 != 1 {
      drugs.append(Int32(i % 4))
      lines.append(Int32(i / 4 % 5))
      targets.append(Float(i * i % 17) / 3)
    }
    let baseline = ResponseBaseline(
      targets: targets, drugs: drugs, lines: lines, drugCount: 4, lineCount: 5, hasDrugEffects: true,
      hasLineEffects: true)
    // At the minimum, which twenty rounds come close to, each effect is the shrunk mean of what the other leaves.
    for drug in 0..<4 {
      let rows = targets.indices.filter { drugs[$0] == Int32(drug) }
      let left = rows.map { Double(targets[$0]) - baseline.mean - baseline.lineEffects[Int(lines[$0])] }
      #expect(abs(baseline.drugEffects[drug] - left.reduce(0, +) / Double(rows.count + 1)) < 1e-4)
    }
    for line in 0..<5 {
      let rows = targets.indices.filter { lines[$0] == Int32(line) }
      let left = rows.map { Double(targets[$0]) - baseline.mean - baseline.drugEffects[Int(drugs[$0])] }
      #expect(abs(baseline.lineEffects[line] - left.reduce(0, +) / Double(rows.count + 1)) < 1e-4)
    }
  }

  @Test func withoutEffectsOnlyTheMeanIsKnown() {
    let baseline = ResponseBaseline(
      targets: [2, 2], drugs: [0, 0], lines: [0, 0], drugCount: 1, lineCount: 1, hasDrugEffects: false,
      hasLineEffects: false)
    #expect(baseline.mean == 2 && baseline.scale == 1 && baseline.value(drug: 0, line: 0) == 2)
  }
}
