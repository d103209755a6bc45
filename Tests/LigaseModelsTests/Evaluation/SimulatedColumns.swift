import LigaseTensors

/// Four columns of `count` numbers in 0..<1, the same as those of Fixtures/reference/evaluation_metrics.py.
func simulatedColumns(_ count: Int, seed: UInt64) -> [[Double]] {
  var random = SeededGenerator(seed: seed)
  var columns = [[Double]](repeating: [], count: 4)
  for _ in 0..<count {
    for column in 0..<4 { columns[column].append(random.nextUniform()) }
  }
  return columns
}

func isClose(_ value: Double?, _ expected: Double, _ tolerance: Double = 1e-12) -> Bool {
  guard let value else { return false }
  return abs(value - expected) <= tolerance * max(1, abs(expected))
}
