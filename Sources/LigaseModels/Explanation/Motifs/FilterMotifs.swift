import LigaseFormats
import LigaseRuntime

/// The motifs that the filters of a first convolution detect: the frequencies of letters in the windows where a filter is active.
///
/// A window counts if its activation is above a fraction of the filter's largest activation over all sequences. The frequency matrix has
/// the width of the filter.
///
/// Sources: Alipanahi et al., "Predicting the sequence specificities of DNA- and RNA-binding proteins by deep learning" (Nature
/// Biotechnology, 2015); Kelley, Snoek and Rinn, "Basset" (Genome Research, 2016), from which is the fraction of a half.
package struct FilterMotifs: Sendable {
  /// An activation of a filter.
  package struct Activation: Equatable, Sendable {
    /// The index of the sequence.
    package var sequence: Int
    /// The position of the filter's first letter, counted from 0; negative or near the end where the convolution pads.
    package var start: Int
    package var value: Float

    package init(sequence: Int, start: Int, value: Float) {
      self.sequence = sequence
      self.start = start
      self.value = value
    }
  }

  /// The motif of one filter.
  package struct Filter: Equatable, Sendable {
    /// The index of the filter.
    package var index: Int
    /// The motif, named `filter_0` and so on; nil if the filter is never active (no activation above 0).
    package var motif: Motif?
    /// The largest activation; nil if there is none above 0.
    package var largestActivation: Float?
  }

  /// Windows with at most this fraction of the largest activation do not count.
  package var fraction: Float = 0.5
  /// Additional sites at each position of the frequency matrix.
  package var pseudocount = 1.0

  package init() {}

  /// Returns one result for each filter, in their order.
  ///
  /// - Parameters:
  ///   - activations: the activations of each filter.
  ///   - width: the number of letters that a filter sees.
  ///   - sequences: DNA letters; other letters and positions outside a sequence are not counted.
  /// - Throws: `ExplanationError` for an activation of an unknown sequence.
  package func motifs(_ activations: [[Activation]], width: Int, sequences: [[UInt8]]) throws -> [Filter] {
    require(width > 0, "FilterMotifs: a width of \(width)")
    return try activations.enumerated().map { index, activations in
      // A comparison with NaN is false, so such activations are never the largest and never above the threshold.
      var largest: Float = 0
      for activation in activations where activation.value > largest { largest = activation.value }
      guard largest > 0 else { return Filter(index: index, motif: nil, largestActivation: nil) }
      var counts = [Double](repeating: 0, count: width * 4)
      var sites = 0
      for activation in activations where activation.value > fraction * largest {
        guard sequences.indices.contains(activation.sequence) else {
          throw ExplanationError(
            "found an activation in sequence \(activation.sequence + 1), "
              + "expected one of \(sequences.count.counted("sequence"))")
        }
        let sequence = sequences[activation.sequence]
        sites += 1
        for k in 0..<width {
          let position = activation.start.addingReportingOverflow(k).partialValue
          guard sequence.indices.contains(position) else { continue }
          let letter = Int(Motif.letterIndex[Int(sequence[position])])
          if letter < 4 { counts[k * 4 + letter] += 1 }
        }
      }
      let motif = Motif(
        name: "filter_\(index)", counts: counts, pseudocount: pseudocount, siteCount: Double(sites))
      return Filter(index: index, motif: motif, largestActivation: largest)
    }
  }
}
