import LigaseRuntime

/// A random sample of a stream of unknown length, with equal probability for every subset (Vitter's algorithm
/// R).
package struct Reservoir<Element> {
  private let count: Int
  private var random: SeededGenerator
  private var kept: [(index: Int, element: Element)] = []
  private var seen = 0

  /// Creates a sample of `count` elements.
  package init(count: Int, seed: UInt64) {
    precondition(count >= 0, "Reservoir: \(count) elements")
    self.count = count
    random = SeededGenerator(seed: seed, stream: "sample")
  }

  /// Adds the next element of the stream.
  package mutating func add(_ element: Element) {
    defer { seen += 1 }
    if kept.count < count {
      kept.append((seen, element))
    } else if count > 0 {
      let at = random.next(below: seen + 1)
      if at < count { kept[at] = (seen, element) }
    }
  }

  /// The sample, in the order of the stream.
  package var inOrder: [Element] { kept.sorted { $0.index < $1.index }.map(\.element) }
}

/// A set of keys, each stored as 128 bits of hash instead of its bytes.
package struct SeenKeys {
  private struct Digest: Hashable {
    var a: Int
    var b: Int
  }

  private var digests: Set<Digest> = []

  /// Creates an empty set.
  package init() {}

  /// Adds `key`; returns whether it is new.
  package mutating func insert(_ key: [UInt8]) -> Bool {
    var (first, second) = (Hasher(), Hasher())
    first.combine(0)
    second.combine(1)
    key.withUnsafeBytes {
      first.combine(bytes: $0)
      second.combine(bytes: $0)
    }
    return digests.insert(Digest(a: first.finalize(), b: second.finalize())).inserted
  }
}
