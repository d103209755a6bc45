/// The counts of residues of each kind in sequences; case is ignored.
package struct ResidueCounts: Equatable, Sendable {
  /// The number of bytes that are not white space.
  package var residues = 0
  /// G, C and S (either of the two).
  package var gc = 0
  /// A, T, U and W (either of the first two).
  package var at = 0
  /// N: any base.
  package var n = 0
  /// Gaps of an alignment: `-` and `.`.
  package var gaps = 0

  /// The number of residues that are not gaps.
  package var letters: Int { residues - gaps }

  /// Creates counts of zero.
  package init() {}

  /// The fraction of G and C among the bases that are known to be G, C, A or T; nil without any.
  package var gcFraction: Double? { gc + at == 0 ? nil : Double(gc) / Double(gc + at) }

  /// Adds the counts of another text.
  package static func += (a: inout ResidueCounts, b: ResidueCounts) {
    a.residues += b.residues
    a.gc += b.gc
    a.at += b.at
    a.n += b.n
    a.gaps += b.gaps
  }

  /// Counts the residues of `text`; every byte up to 0x20 is white space. Returns the number of residues.
  @discardableResult
  package mutating func add(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = text.baseAddress else { return 0 }
    var found = 0
    var i = 0
    while i < text.count {
      // Stretches so short that one-byte counters suffice: the compiler vectorises this loop over bytes.
      let end = min(text.count, i &+ 240)
      let start = i
      var (gcPart, atPart, nPart, blankPart): (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
      while i < end {
        let byte = base[i]
        let lower = byte | 0x20
        // C and G differ in one bit, and so do T and U: one comparison and one addition for each pair.
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
      // Gaps are only searched where other bytes remain.
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
