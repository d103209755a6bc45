import LigaseTensors

/// Returns the difference of two lists of numbers: nil when `|a - b| <= tolerance * max|b| + floor` for each
/// pair.
///
/// - Returns: a description of the first pair with a larger difference.
public func mismatch(
  _ found: [Float], _ expected: [Double], tolerance: Double = 1e-5, floor: Double = 1e-7
) -> String? {
  guard found.count == expected.count else { return "\(found.count) numbers, expected \(expected.count)" }
  let scale = expected.reduce(0) { max($0, abs($1)) }
  for (i, (a, b)) in zip(found, expected).enumerated()
  where !(abs(Double(a) - b) <= tolerance * scale + floor) {
    return "number \(i): found \(a), expected \(b), relative to the largest \(abs(Double(a) - b) / scale)"
  }
  return nil
}

/// Returns the difference of two tensors: nil when shapes agree and numbers are close.
public func mismatch(
  _ found: Tensor, _ expected: Tensor, tolerance: Double = 1e-5, floor: Double = 1e-7
) -> String? {
  guard found.shape == expected.shape else {
    return "found the shape \(found.shape), expected \(expected.shape)"
  }
  return mismatch(found.scalars, expected.scalars.map(Double.init), tolerance: tolerance, floor: floor)
}

/// The bit patterns of a tensor: equal only when every byte is.
public func bits(_ tensor: Tensor) -> [UInt32] { tensor.scalars.map(\.bitPattern) }
