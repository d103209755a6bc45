import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// A recurrent layer and a linear head.
private struct Model: Module {
  var recurrent: Recurrent
  var head: Linear

  init(_ cell: RecurrentCell) {
    let weights = WeightBuilder.drawing(seed: 3)
    recurrent = Recurrent(
      cell, inputSize: 3, hiddenSize: 5, layerCount: 2, from: weights.nested("recurrent"))
    head = Linear(5, 2, from: weights.nested("head"))
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("recurrent", &recurrent)
    visit("head", &head)
  }
}

@Suite struct TruncatedBackpropagationTests {
  private static let lengths = [11, 4, 0, 8]
  private static let layout = GridLayout(lengths: lengths)
  private static let input = Grids(values: .draws([layout.rowCount, 3]), layout: layout)
  private static let target = Grids(values: .draws([layout.rowCount, 2], seed: 2), layout: layout)

  /// The sum of squared errors over some steps, and the states after them.
  private static func loss(
    _ model: Model, _ steps: Range<Int>, _ states: [RecurrentState]?
  ) -> (loss: Tensor, states: [RecurrentState]) {
    let (outputs, final) = model.recurrent(input.steps(steps), initial: states, .inference)
    let distance = model.head(outputs.values, .inference) - target.steps(steps).values
    return (distance.squared().sum(), final)
  }

  /// Losses and gradients of all windows, summed.
  private static func windows(_ model: Model, of size: Int) -> (loss: Double, gradient: [Tensor]) {
    var (total, sums) = (0.0, [Tensor]())
    var walked = model
    truncatedBackpropagation(through: &walked, length: layout.longest, window: size, loss) {
      _, _, loss, gradient in
      total += Double(loss.scalar)
      sums = sums.isEmpty ? gradient.parameters : zip(sums, gradient.parameters).map { $0 + $1 }
    }
    return (total, sums)
  }

  @Test(arguments: [RecurrentCell.lstm, .gru, .tanh]) func aWholeWindowIsFullBackpropagation(
    _ cell: RecurrentCell
  ) {
    let model = Model(cell)
    let (value, gradient) = valueWithGradient(at: model) { Self.loss($0, 0..<Self.layout.longest, nil).loss }
    for size in [11, 100] {
      let (total, sums) = Self.windows(model, of: size)
      #expect(abs(total - Double(value.scalar)) <= 1e-6 * abs(total))
      for (a, b) in zip(sums, gradient.parameters) { #expect(mismatch(a, b, tolerance: 1e-6) == nil) }
    }
  }

  @Test(arguments: [RecurrentCell.lstm, .gru, .tanh], [1, 3, 4])
  func windowsAreTheGraphCutAtTheirBounds(_ cell: RecurrentCell, _ size: Int) {
    let model = Model(cell)
    // One graph over all windows, the states cut between them.
    let (value, gradient) = valueWithGradient(at: model) { model in
      var (total, states): (Tensor?, [RecurrentState]?) = (nil, nil)
      for start in stride(from: 0, to: Self.layout.longest, by: size) {
        let (loss, after) = Self.loss(model, start..<min(start + size, Self.layout.longest), states)
        total = total.map { $0 + loss } ?? loss
        states = after.map(\.detached)
      }
      return total!
    }
    let (full, _) = valueWithGradient(at: model) { Self.loss($0, 0..<Self.layout.longest, nil).loss }
    let (total, sums) = Self.windows(model, of: size)
    #expect(abs(total - Double(value.scalar)) <= 1e-6 * abs(total))
    #expect(abs(total - Double(full.scalar)) <= 1e-5 * abs(total))
    for (a, b) in zip(sums, gradient.parameters) {
      #expect(mismatch(a, b, tolerance: 2e-6, floor: 1e-6) == nil)
    }
  }

  @Test func uncutStatesCarryTheGradientAcrossWindows() {
    // Two stretches joined by their states are one sequence, also where some have ended and some are empty.
    let model = Model(.lstm)
    let (_, whole) = valueWithGradient(at: model) { Self.loss($0, 0..<11, nil).loss }
    let (_, joined) = valueWithGradient(at: model) { model in
      let (first, states) = Self.loss(model, 0..<5, nil)
      return first + Self.loss(model, 5..<11, states).loss
    }
    for (a, b) in zip(joined.parameters, whole.parameters) { #expect(mismatch(a, b, tolerance: 1e-5) == nil) }
  }

  @Test func theModelMayChangeBetweenWindowsAndStatesComeBack() {
    var model = Model(.gru)
    let before = model
    var optimizer = SGD(learningRate: 0.01)
    var seen: [Range<Int>] = []
    let states = truncatedBackpropagation(through: &model, length: 11, window: 4, Self.loss) {
      model, steps, _, gradient in
      seen.append(steps)
      optimizer.update(&model, along: gradient)
    }
    #expect(seen == [0..<4, 4..<8, 8..<11])
    #expect(optimizer.step == 3 && model.head.weight != before.head.weight)
    #expect(states?.count == 2 && states?[0].hidden.shape == [1, 4, 5])
    #expect(states?.contains { $0.hidden.isTracked } == false)
  }
}
