/// The distribution of the lengths of sequences, without storing every length.
package struct LengthDistribution: Equatable, Sendable {
  private var short = [Int](repeating: 0, count: 4096)
  private var long: [Int: Int] = [:]
  /// The number of sequences.
  package private(set) var count = 0
  /// The sum of their lengths.
  package private(set) var total = 0

  /// Creates a distribution without sequences.
  package init() {}

  /// Adds a sequence.
  package mutating func add(_ length: Int) {
    count += 1
    total += length
    if length < short.count { short[length] += 1 } else { long[length, default: 0] += 1 }
  }

  /// The lengths and their counts, the shortest first.
  private var sorted: [(length: Int, count: Int)] {
    let few = short.enumerated().filter { $1 > 0 }.map { (length: $0, count: $1) }
    return few + long.sorted { $0.key < $1.key }.map { (length: $0.key, count: $0.value) }
  }

  /// The shortest length, 0 without sequences.
  package var minimum: Int { short.firstIndex { $0 > 0 } ?? long.keys.min() ?? 0 }

  /// The longest length, 0 without sequences.
  package var maximum: Int { long.keys.max() ?? short.lastIndex { $0 > 0 } ?? 0 }

  /// The mean length, 0 without sequences.
  package var mean: Double { count == 0 ? 0 : Double(total) / Double(count) }

  /// The N50: the largest length such that sequences of at least that length contain half of all residues.
  package var n50: Int {
    var sum = 0
    for (length, count) in sorted.reversed() {
      sum += length * count
      if sum * 2 >= total { return length }
    }
    return 0
  }
}
