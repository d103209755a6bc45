/// The alleles of earlier records that a later one may repeat: each as its difference from the reference,
/// without the bases that both share at their ends.
///
/// `TAT>TGT` at 10 and `A>G` at 11 are the same allele. Alleles before the current position are removed.
struct VCFAlleleHistory {
  private struct Key: Hashable {
    var position: Int
    var lengths: UInt64
    var hash: UInt64
  }

  private var seen: Set<Key> = []
  private var latest: Key?
  private var last = 0
  private var limit = 1024

  /// Removes all alleles, at the start of another contig.
  mutating func removeAll() {
    seen.removeAll(keepingCapacity: true)
    latest = nil
    (last, limit) = (0, 1024)
  }

  /// Removes alleles before `position`.
  mutating func move(to position: Int) {
    if position > last {
      if !seen.isEmpty { seen.removeAll(keepingCapacity: true) }
      latest = nil
      last = 0
    } else if seen.count > limit {
      seen = seen.filter { $0.position >= position }
      limit = max(1024, seen.count * 2)
    }
  }

  /// Whether an added allele is new.
  enum Novelty {
    case new
    /// The allele has been added before.
    case repeated
    /// The allele has been added before and is a pure insertion; several records of one microsatellite often
    /// repeat those.
    case repeatedInsertion
  }

  /// Adds an allele of bases.
  mutating func insert(
    _ reference: UnsafeBufferPointer<UInt8>, _ alternate: UnsafeBufferPointer<UInt8>, position: Int
  ) -> Novelty {
    var (start, r, a) = (0, reference.count, alternate.count)
    while r > 0, a > 0, reference[r &- 1] | 0x20 == alternate[a &- 1] | 0x20 {
      r &-= 1
      a &-= 1
    }
    while start < r, start < a, reference[start] | 0x20 == alternate[start] | 0x20 { start &+= 1 }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for i in start..<r { hash = (hash ^ UInt64(reference[i] | 0x20)) &* 0x100_0000_01B3 }
    hash = (hash ^ 0x3E) &* 0x100_0000_01B3
    for i in start..<a { hash = (hash ^ UInt64(alternate[i] | 0x20)) &* 0x100_0000_01B3 }
    let key = Key(
      position: position &+ start, lengths: UInt64(r &- start) << 32 | UInt64(a &- start), hash: hash)
    last = max(last, key.position)
    // Most sites have one allele, which needs no set.
    guard let latest else {
      if seen.isEmpty {
        self.latest = key
        return .new
      }
      return seen.insert(key).inserted ? .new : r == start ? .repeatedInsertion : .repeated
    }
    seen.insert(latest)
    self.latest = nil
    return seen.insert(key).inserted ? .new : r == start ? .repeatedInsertion : .repeated
  }
}
