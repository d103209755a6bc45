import LigaseTensors

/// Compares an operation's pullback with central differences.
///
/// The output is contracted with fixed random weights in double precision, and each number of each input is moved by
/// `step` and `2 step` both ways (the fourth-order formula), so that `Float` rounding stays the only error.
///
/// - Parameters:
///   - inputs: the inputs; the gradient of every number is checked.
///   - step: the step of the differences; kinks (relu, max) must be further away than twice that.
///   - tolerance: allowed difference, relative to the largest number of each gradient (at least `floor`).
///   - floor: gradients smaller than this are compared absolutely.
///   - operation: the function under test; outputs of any shape.
/// - Returns: a description of the first disagreement, or nil.
public func gradientMismatch(
  at inputs: [Tensor], step: Float = 0.02, tolerance: Double = 2e-3, floor: Double = 0.05,
  _ operation: ([Tensor]) -> Tensor
) -> String? {
  var random = SeededGenerator(seed: 11)
  let leaves = inputs.map { $0.tracked() }
  let output = operation(leaves)
  let weights = Tensor.normal(output.shape, using: &random)
  let analytic = gradients(of: (output * weights).sum(), at: leaves)

  func value(_ moved: [Tensor]) -> Double {
    zip(operation(moved).scalars, weights.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
  for (place, input) in inputs.enumerated() {
    let numbers = input.scalars
    var numeric = [Double](repeating: 0, count: numbers.count)
    for i in numbers.indices {
      func shifted(_ distance: Float) -> Double {
        var (moved, changed) = (inputs, numbers)
        changed[i] += distance
        moved[place] = Tensor(changed, shape: input.shape)
        return value(moved)
      }
      // The actual step in Float: `number + step` is rounded.
      let reach = Double((numbers[i] + step) - (numbers[i] - step)) / 2
      let near = shifted(step) - shifted(-step), far = shifted(2 * step) - shifted(-2 * step)
      numeric[i] = (8 * near - far) / (12 * reach)
    }
    let found = analytic[place]
    guard found.shape == input.shape else {
      return "input \(place): a gradient \(found.shape) for \(input.shape)"
    }
    let scale = max(floor, numeric.map(abs).max() ?? 0)
    for (i, (a, b)) in zip(found.scalars, numeric).enumerated()
    where !(abs(Double(a) - b) <= tolerance * scale) {
      return "input \(place), number \(i): the pullback gives \(a), differences give \(b) (scale \(scale))"
    }
  }
  return nil
}
