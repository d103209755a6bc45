import LigaseRuntime

/// A stretch of a sequence with a significantly large attribution, a candidate for an occurrence of a motif.
package struct Seqlet: Equatable, Sendable {
  /// The index of the sequence.
  package var sequence: Int
  /// The first position with the flank, counted from 0.
  package var start: Int
  /// The position after the last one with the flank.
  package var end: Int
  /// The sum of the attributions in the window without flanks.
  package var attribution: Double
  /// The false discovery rate of windows with at least this attribution.
  package var qValue: Double

  package init(sequence: Int, start: Int, end: Int, attribution: Double = 0, qValue: Double = 0) {
    require(start >= 0 && end >= start, "Seqlet: \(start)..<\(end)")
    self.sequence = sequence
    self.start = start
    self.end = end
    self.attribution = attribution
    self.qValue = qValue
  }
}
