import LigaseFormats

/// A motif found in the attributions of a model.
package struct DiscoveredMotif: Sendable, Equatable {
  /// A seqlet of the motif.
  package struct Member: Sendable, Equatable {
    /// The index of the seqlet.
    package var seqlet: Int
    /// The index of the sequence.
    package var sequence: Int
    /// The position of the motif's lowest position on the forward strand, counted from 0; negative where the motif begins before the
    /// sequence.
    package var start: Int
    /// Whether the motif is on the reverse strand.
    package var isReverse: Bool
    /// The cosine of the seqlet's contributions and those of the motif.
    package var similarity: Float
  }

  /// The frequencies of letters in the aligned seqlets.
  package var motif: Motif
  /// The mean contribution of each letter at each position, `[width x 4]`: a contribution weight matrix. A letter that a seqlet does not
  /// have counts as 0.
  package var contributions: [Float]
  /// The seqlets in the order of their indices.
  package var members: [Member]

  /// The motif on the strand on which most of its seqlets are.
  var onTheStrandOfMost: DiscoveredMotif {
    guard members.count(where: \.isReverse) * 2 > members.count else { return self }
    var turned = self
    turned.motif = motif.reverseComplement
    turned.motif.name = motif.name
    // The order of the letters is reversed with that of the positions: A is the complement of T, C of G.
    turned.contributions.reverse()
    for i in turned.members.indices { turned.members[i].isReverse.toggle() }
    return turned
  }
}
