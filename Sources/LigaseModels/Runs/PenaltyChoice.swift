internal import Glibc
import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// The choice of the penalties on the weights of linear layers by inner folds of the training examples.
///
/// First one penalty for all inputs is chosen from a grid. Then each input may get a penalty of its own, so that a table of five
/// columns keeps its weight beside ten thousand genes: it is taken where it lowers the loss by more than a standard error. The
/// score of a penalty is the loss of the held-out folds; of the partial likelihood it is `l(all) - l(training folds)` at the
/// weights of the training folds.
///
/// Source: Verweij and Van Houwelingen (1993), "Cross-validation in survival analysis".
struct PenaltyChoice {
  /// The grid, as the precision of a normal prior on the weights of standardised features.
  static let grid: [Double] = (-2...10).map { pow(10, Double($0) / 2) }
  /// Number of inner folds.
  static let folds = 10
  /// The most training examples that choose: more change the choice little, and cost much.
  static let rowLimits = 2000...50_000
  /// The cost, rows × features², up to which more rows choose.
  private static let mostCost = 2e8

  /// The loss, with what was observed of each row.
  private enum Loss {
    case cox(SurvivalTimes)
    /// Each number is 0 or 1, nil where it is not known.
    case logistic([[Double?]])
    case squared([[Double?]])
  }

  private let x: DoubleMatrix
  private let blocks: [Range<Int>]
  private let loss: Loss
  private let fold: [Int]
  /// The total weight of the loss over all training examples.
  private let weight: Double

  /// Prepares a choice; nil where no input enters a linear layer, and for outputs of steps.
  ///
  /// - Parameters:
  ///   - names: the inputs that enter linear layers.
  ///   - observed: the observations as the loss compares them with the outputs.
  ///   - rows: the training examples.
  ///   - isShared: whether all inputs have one penalty.
  init?(
    _ prepared: PreparedExamples, inputs names: [String], objective: any Objective,
    targets observed: Observations,
    rows: [Int], seed: UInt64, isShared: Bool = false
  ) {
    let examples = prepared.examples
    guard !objective.isOfSteps, rows.count > 3, !names.isEmpty else { return nil }
    var chosen = rows
    let width = prepared.inputs.inputs.filter { names.contains($0.name) }
      .reduce(0) { $0 + (($1.encoded as? EncodedRows)?.values.shape[1] ?? 0) }
    let affordable = Int(Self.mostCost / Double(max(width * width, 1)))
    let most = min(max(affordable, Self.rowLimits.lowerBound), Self.rowLimits.upperBound)
    if rows.count > most {
      var random = SeededGenerator(seed: seed, stream: "penalty")
      random.shuffle(&chosen)
      chosen = chosen.prefix(most).sorted()
    }
    var (matrices, blocks): ([DoubleMatrix], [Range<Int>]) = ([], [])
    var chosenInputs = prepared.inputs
    chosenInputs.inputs.removeAll { !names.contains($0.name) }
    for group in isShared ? [chosenInputs.inputs] : chosenInputs.inputs.map({ [$0] }) {
      guard
        let features = RowFeatures(PreparedInputs(inputs: group, count: prepared.inputs.count), rows: chosen),
        let matrix = RotatedBlock(features.centred(chosen))?.columns
      else { return nil }
      let start = blocks.last?.upperBound ?? 0
      blocks.append(start..<(start + matrix.columns))
      matrices.append(matrix)
    }
    var x = DoubleMatrix(rows: chosen.count, columns: blocks.last?.upperBound ?? 0)
    for (matrix, block) in zip(matrices, blocks) {
      for i in 0..<x.rows { for j in 0..<matrix.columns { x[i, block.lowerBound + j] = matrix[i, j] } }
    }
    (self.x, self.blocks) = (x, blocks)
    let k = objective.count
    switch objective {
    case is SurvivalObjective:
      let times = SurvivalTimes(observed, chosen)
      loss = .cox(times)
      weight = Double(SurvivalTimes(observed, rows).events.count { $0 })
    case is ValuesObjective, is LabelsObjective:
      let numbers = (0..<k).map { t in
        chosen.map { row -> Double? in
          let value = observed.numbers[row * k + t]
          return value.isNaN ? nil : Double(value)
        }
      }
      loss = objective is ValuesObjective ? .squared(numbers) : .logistic(numbers)
      weight = Double(rows.count)
    case is ClassesObjective:
      let classes = chosen.map { Int(observed.numbers[$0]) }
      // Of two classes one says all; of many the frequent ones choose.
      let counts = (0..<k).map { t in classes.count { $0 == t } }
      let frequent =
        (k == 2 ? [1] : Array(counts.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(5)))
      loss = .logistic(frequent.map { t in classes.map { $0 == t ? 1 : 0 } })
      weight = Double(rows.count)
    default: return nil
    }
    // Examples that share records of these inputs are held out together: the weights are for new records.
    let shared = chosenInputs.inputs.compactMap(\.index)
    let areShared =
      shared.count == chosenInputs.inputs.count && shared.contains { Set($0).count < $0.count }
    var numbers: [[Int32]: Int] = [:]
    let groups = chosen.map { row -> Int in
      guard areShared else { return examples.groups.isEmpty ? row : examples.groups[row] }
      let records = shared.map { $0[row] }
      let number = numbers[records] ?? numbers.count
      numbers[records] = number
      return number
    }
    let count = min(Self.folds, Set(groups).count)
    guard count > 1 else { return nil }
    fold = StratifiedFolds.deal(
      count, groups: groups, strata: examples.strata.map { strata in chosen.map { strata[$0] } }, seed: seed,
      stream: "penalty")
  }

  /// The penalty of each input, on the mean loss.
  func penalties() -> [Double] {
    let shared = Self.grid.map { value in
      Candidate([Double](repeating: value, count: blocks.count), self)
    }
    var best = shared.min { $0.loss < $1.loss }!
    for _ in 0..<(blocks.count > 1 ? 2 : 0) {
      let before = best.penalties
      for block in blocks.indices {
        let tried = Self.grid.filter { $0 != best.penalties[block] }.map { value in
          var penalties = best.penalties
          penalties[block] = value
          return Candidate(penalties, self)
        }
        let found = tried.min { $0.loss < $1.loss }!
        if found.isClearlyBetter(than: best) { best = found }
      }
      if before == best.penalties { break }
    }
    return best.penalties.map { $0 / max(weight, 1) }
  }

  /// Penalties with the loss of each held-out fold.
  private struct Candidate {
    let penalties: [Double]
    let losses: [Double]

    init(_ penalties: [Double], _ choice: PenaltyChoice) {
      (self.penalties, losses) = (penalties, choice.heldOut(penalties))
    }

    /// The loss of all folds; infinite where a fit fails.
    var loss: Double {
      let sum = losses.reduce(0, +)
      return sum.isNaN ? .infinity : sum
    }

    /// Whether the loss is smaller by more than a standard error of its difference: a penalty of its own that few examples
    /// favour by chance is not taken.
    func isClearlyBetter(than other: Candidate) -> Bool {
      guard loss < other.loss else { return false }
      let differences = zip(other.losses, losses).map { $0 - $1 }, n = Double(differences.count)
      let mean = differences.reduce(0, +) / n
      let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(n - 1, 1)
      return !other.loss.isFinite || mean > (variance / n).squareRoot()
    }
  }

  /// The loss of each held-out fold; infinite where a fit fails.
  private func heldOut(_ penalties: [Double]) -> [Double] {
    let all = (0..<x.columns).map { column in penalties[blocks.firstIndex { $0.contains(column) }!] }
    return Set(fold).sorted().map { number in
      let (train, test) = (
        fold.indices.filter { fold[$0] != number }, fold.indices.filter { fold[$0] == number }
      )
      return heldOut(train, test, all)
    }
  }

  private func heldOut(_ train: [Int], _ test: [Int], _ penalties: [Double]) -> Double {
    switch loss {
    case .cox(let times):
      guard
        let fit = CoxModel.fit(
          x.selecting(train), times.selecting(rows: train), penalties: penalties, tolerance: 1e-6)
      else {
        return .infinity
      }
      let risk = fit.linearPredictor(x)
      func negative(_ rows: [Int]) -> Double {
        CoxModel.partialLikelihood(linear: rows.map { risk[$0] }, of: times.selecting(rows: rows))
          .negativeLogLikelihood
      }
      return negative(Array(risk.indices)) - negative(train)
    case .logistic(let targets):
      return targets.reduce(0) {
        $0 + LinearFit(x, $1, rows: train, penalties, isLogistic: true).loss(x, $1, rows: test)
      }
    case .squared(let targets):
      return targets.reduce(0) {
        $0 + LinearFit(x, $1, rows: train, penalties, isLogistic: false).loss(x, $1, rows: test)
      }
    }
  }
}

extension ModelOptions {
  /// The inputs that enter linear layers get the penalties that inner folds of the training examples choose, where the options
  /// ask for it.
  mutating func choosePenalties(
    _ prepared: PreparedExamples, objective: any Objective, targets: Observations, rows: [Int], seed: UInt64
  ) {
    guard training.choosesPenalties == true else { return }
    let names = prepared.inputs.inputs.map(\.name).filter { inputs[$0]!.encoder.kind == .linear }
    guard
      let choice = PenaltyChoice(
        prepared, inputs: names, objective: objective, targets: targets, rows: rows, seed: seed)
    else { return }
    for (name, penalty) in zip(names, choice.penalties()) {
      inputs[name]!.encoder.inputPenalty = Float(penalty)
    }
  }
}

/// Ridge or logistic regression with a penalty for each column, by Newton's method.
private struct LinearFit {
  private var weights: [Double]
  private var bias = 0.0
  private let isLogistic: Bool

  /// Fits on the rows whose target is known.
  init(_ x: DoubleMatrix, _ targets: [Double?], rows: [Int], _ penalties: [Double], isLogistic: Bool) {
    self.isLogistic = isLogistic
    weights = [Double](repeating: 0, count: x.columns)
    let rows = rows.filter { targets[$0] != nil }
    guard !rows.isEmpty else { return }
    let y = rows.map { targets[$0]! }, mean = y.reduce(0, +) / Double(rows.count)
    bias = isLogistic ? log(max(mean, 1e-3) / max(1 - mean, 1e-3)) : mean
    let own = x.selecting(rows), p = x.columns
    for _ in 0..<(isLogistic ? 8 : 1) {
      // Weights and bias together; the last unknown is the bias.
      var scaled = DoubleMatrix(rows: rows.count, columns: p + 1)
      var gradient = [Double](repeating: 0, count: p + 1)
      for i in rows.indices {
        let found = predicted(own, i), curvature = isLogistic ? max(found * (1 - found), 1e-6) : 1
        let root = curvature.squareRoot(), error = found - y[i]
        for j in 0..<p {
          scaled[i, j] = root * own[i, j]
          gradient[j] += error * own[i, j]
        }
        scaled[i, p] = root
        gradient[p] += error
      }
      for j in 0..<p { gradient[j] += penalties[j] * weights[j] }
      let hessian = scaled.times(scaled, transposeSelf: true)
      var system = PositiveDefiniteSystem(size: p + 1)
      system.fill { row, column in
        hessian[row, column] + (row == column ? (row < p ? penalties[row] : 1e-9) : 0)
      }
      system.solve(&gradient)
      for j in 0..<p { weights[j] -= gradient[j] }
      bias -= gradient[p]
      if gradient.allSatisfy({ abs($0) < 1e-6 }) { break }
    }
  }

  private func predicted(_ x: DoubleMatrix, _ row: Int) -> Double {
    var sum = bias
    for j in 0..<x.columns { sum += weights[j] * x[row, j] }
    return isLogistic ? 1 / (1 + exp(-sum)) : sum
  }

  /// The loss over some rows.
  func loss(_ x: DoubleMatrix, _ targets: [Double?], rows: [Int]) -> Double {
    rows.reduce(0.0) { sum, row in
      guard let y = targets[row] else { return sum }
      let found = predicted(x, row)
      guard isLogistic else { return sum + (found - y) * (found - y) / 2 }
      return sum - (y > 0.5 ? log(max(found, 1e-12)) : log(max(1 - found, 1e-12)))
    }
  }
}

extension DoubleMatrix {
  /// Some of the rows.
  func selecting(_ rows: [Int]) -> DoubleMatrix {
    DoubleMatrix(
      rows: rows.count, columns: columns, rows.flatMap { elements[($0 * columns)..<(($0 + 1) * columns)] })
  }
}
