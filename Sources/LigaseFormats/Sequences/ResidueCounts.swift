/// How many residues of each kind a text of sequences holds; letters of either case count alike.
package struct ResidueCounts: Equatable, Sendable {
  /// Bytes that are not blank.
  package var residues = 0
  /// G, C and S (either of the two).
  package var gc = 0
  /// A, T, U and W (either of the first two).
  package var at = 0
  /// N: any base.
  package var n = 0
  /// Gaps of an alignment: `-` and `.`.
  package var gaps = 0

  /// Residues that are no gaps.
  package var letters: Int { residues - gaps }

  /// Nothing counted yet.
  package init() {}

  /// The share of G and C among the bases that are known to be one or the other; nil without any.
  package var gcFraction: Double? { gc + at == 0 ? nil : Double(gc) / Double(gc + at) }

  /// Adds what another text holds.
  package static func += (a: inout ResidueCounts, b: ResidueCounts) {
    a.residues += b.residues
    a.gc += b.gc
    a.at += b.at
    a.n += b.n
    a.gaps += b.gaps
  }

  /// Counts the residues of `text`; every byte up to 0x20 is blank and no residue. Returns how many there
  /// were.
  @discardableResult
  package mutating func add(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = text.baseAddress else { return 0 }
    var found = 0
    var i = 0
    while i < text.count {
      // Stretches so short that counters of one byte hold: the compiler makes vectors of bytes of this loop.
      let end = min(text.count, i &+ 240)
      let start = i
      var (gcPart, atPart, nPart, blankPart): (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
      while i < end {
        let byte = base[i]
        let lower = byte | 0x20
        // C and G differ in one bit, and so do T and U: one comparison for each pair, one addition for each.
        gcPart &+= lower & 0xFB == 0x63 ? 1 : 0
        gcPart &+= lower == 0x73 ? 1 : 0
        atPart &+= lower == 0x61 ? 1 : 0
        atPart &+= lower & 0xFE == 0x74 ? 1 : 0
        atPart &+= lower == 0x77 ? 1 : 0
        nPart &+= lower == 0x6E ? 1 : 0
        blankPart &+= byte <= 0x20 ? 1 : 0
        i &+= 1
      }
      gc &+= Int(gcPart)
      at &+= Int(atPart)
      n &+= Int(nPart)
      // Gaps are looked for only where something is left over.
      let known = Int(gcPart) &+ Int(atPart) &+ Int(nPart) &+ Int(blankPart)
      if known < end &- start {
        for j in start..<end where base[j] &- 0x2D <= 1 { gaps &+= 1 }
      }
      found &+= end &- start &- Int(blankPart)
    }
    residues &+= found
    return found
  }
}
