/// What is known of a response without looking at profiles or structures: an overall mean, and effects of drugs and
/// lines, fitted on training pairs. The network predicts what this leaves, in units of `scale`.
public struct ResponseBaseline: Codable, Hashable, Sendable {
  /// The mean.
  public private(set) var mean: Double
  /// The effect of each known drug; empty when drugs have none.
  public private(set) var drugEffects: [Double]
  /// The effect of each known line; empty when lines have none.
  public private(set) var lineEffects: [Double]
  /// The standard deviation of what is left.
  public private(set) var scale: Double

  /// Fits effects by alternating ridge regressions: each effect is the mean of what the other leaves, shrunk as if
  /// `shrinkage` more pairs had shown none.
  ///
  /// - Parameters:
  ///   - targets: the responses.
  ///   - drugs: the drug of each, below `drugCount`.
  ///   - lines: the line of each, below `lineCount`.
  public init(
    targets: [Float], drugs: [Int32], lines: [Int32], drugCount: Int, lineCount: Int, hasDrugEffects: Bool,
    hasLineEffects: Bool, shrinkage: Double = 1
  ) {
    precondition(!targets.isEmpty, "ResponseBaseline: no training pair")
    let mean = targets.reduce(0.0) { $0 + Double($1) } / Double(targets.count)
    var drug = [Double](repeating: 0, count: drugCount), line = [Double](repeating: 0, count: lineCount)
    func refit(_ effects: inout [Double], by groups: [Int32], given others: (Int) -> Double) {
      var (sums, counts) = (
        [Double](repeating: 0, count: effects.count), [Double](repeating: 0, count: effects.count)
      )
      for i in targets.indices {
        sums[Int(groups[i])] += Double(targets[i]) - mean - others(i)
        counts[Int(groups[i])] += 1
      }
      for g in effects.indices { effects[g] = sums[g] / (counts[g] + shrinkage) }
    }
    for _ in 0..<(hasDrugEffects && hasLineEffects ? 20 : 1) {
      if hasDrugEffects { refit(&drug, by: drugs) { [line] in line[Int(lines[$0])] } }
      if hasLineEffects { refit(&line, by: lines) { [drug] in drug[Int(drugs[$0])] } }
    }
    self.mean = mean
    drugEffects = hasDrugEffects ? drug : []
    lineEffects = hasLineEffects ? line : []
    var squares = 0.0
    for i in targets.indices {
      let left = Double(targets[i]) - mean - drug[Int(drugs[i])] - line[Int(lines[i])]
      squares += left * left
    }
    let deviation = (squares / Double(targets.count)).squareRoot()
    scale = deviation > 1e-9 ? deviation : 1
  }

  /// The part of a response that needs no network; -1 names an unknown drug or line, whose effect is 0.
  public func value(drug: Int32, line: Int32) -> Double {
    mean + (drug >= 0 && !drugEffects.isEmpty ? drugEffects[Int(drug)] : 0)
      + (line >= 0 && !lineEffects.isEmpty ? lineEffects[Int(line)] : 0)
  }
}
