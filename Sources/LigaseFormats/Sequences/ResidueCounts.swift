/// How many residues of each kind a text of sequences holds; letters of either case count alike.
public struct ResidueCounts: Equatable, Sendable {
  /// Bytes that are not blank.
  public var residues = 0
  /// G, C and S (either of the two).
  public var gc = 0
  /// A, T, U and W (either of the first two).
  public var at = 0
  /// N: any base.
  public var n = 0

  /// Nothing counted yet.
  public init() {}

  /// The share of G and C among the bases that are known to be one or the other; nil without any.
  public var gcFraction: Double? { gc + at == 0 ? nil : Double(gc) / Double(gc + at) }

  /// Adds what another text holds.
  public static func += (a: inout ResidueCounts, b: ResidueCounts) {
    a.residues += b.residues
    a.gc += b.gc
    a.at += b.at
    a.n += b.n
  }

  private typealias Lanes = SIMD32<UInt8>

  /// Counts the residues of `text`; every byte up to 0x20 is blank and no residue. Returns how many there were.
  @discardableResult
  public mutating func add(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = text.baseAddress else { return 0 }
    let raw = UnsafeRawPointer(base)
    let count = text.count
    var found = 0
    var i = 0
    while i &+ 32 <= count {
      // Byte counters of 32 lanes, emptied before they can overflow.
      var (gcLanes, atLanes, nLanes, residueLanes) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
      let last = min(count &- 32, i &+ 32 &* 254)
      while i <= last {
        let bytes = raw.loadUnaligned(fromByteOffset: i, as: Lanes.self)
        let lower = bytes | 0x20
        gcLanes = gcLanes &+ ResidueCounts.ones(lower .== 0x67 .| lower .== 0x63 .| lower .== 0x73)
        atLanes =
          atLanes &+ ResidueCounts.ones(lower .== 0x61 .| lower .== 0x74 .| lower .== 0x75 .| lower .== 0x77)
        nLanes = nLanes &+ ResidueCounts.ones(lower .== 0x6E)
        residueLanes = residueLanes &+ ResidueCounts.ones(bytes .> 0x20)
        i &+= 32
      }
      gc &+= ResidueCounts.sum(gcLanes)
      at &+= ResidueCounts.sum(atLanes)
      n &+= ResidueCounts.sum(nLanes)
      found &+= ResidueCounts.sum(residueLanes)
    }
    while i < count {
      let lower = base[i] | 0x20
      if base[i] > 0x20 { found &+= 1 }
      switch lower {
      case 0x67, 0x63, 0x73: gc &+= 1
      case 0x61, 0x74, 0x75, 0x77: at &+= 1
      case 0x6E: n &+= 1
      default: break
      }
      i &+= 1
    }
    residues &+= found
    return found
  }

  @inline(__always)
  private static func ones(_ mask: SIMDMask<SIMD32<Int8>>) -> Lanes {
    Lanes.zero.replacing(with: 1, where: mask)
  }

  @inline(__always)
  private static func sum(_ lanes: Lanes) -> Int {
    Int(SIMD32<UInt16>(truncatingIfNeeded: lanes).wrappedSum())
  }
}
