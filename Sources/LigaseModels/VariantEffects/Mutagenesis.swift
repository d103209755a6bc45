import LigaseDatasets
import LigaseFormats

/// Mutations of one sequence and their predicted effects: in-silico mutagenesis.
package struct Mutagenesis: Sendable {
  /// One mutation; positions count from 1.
  package struct Mutation: Hashable, Sendable {
    /// The first residue that is replaced; an insertion is placed before it.
    package var position: Int
    /// The residues that are replaced; empty for an insertion.
    package var reference: [UInt8]
    /// The alternate residue; empty for a deletion.
    package var alternate: [UInt8]

    /// Creates a mutation at a position, counted from 1.
    package init(position: Int, reference: [UInt8], alternate: [UInt8]) {
      self.position = position
      self.reference = reference
      self.alternate = alternate
    }
  }

  /// The kinds of mutations.
  package struct Kinds: OptionSet, Sendable {
    /// The set as bits.
    package let rawValue: Int
    /// Creates a set from bits.
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// Every residue replaced by every other.
    package static let substitutions = Kinds(rawValue: 1)
    /// Every residue deleted.
    package static let deletions = Kinds(rawValue: 2)
    /// Every residue inserted before every position and after the last.
    package static let insertions = Kinds(rawValue: 4)
  }

  /// Returns all mutations of these kinds, by position, then by residue.
  package static func mutations(_ sequence: [UInt8], kinds: Kinds, alphabet: SequenceAlphabet) -> [Mutation] {
    let residues = alphabet.residues
    var all: [Mutation] = []
    for (i, residue) in sequence.enumerated() {
      if kinds.contains(.substitutions) {
        for other in residues where other != alphabet.canonical(residue) {
          all.append(Mutation(position: i + 1, reference: [residue], alternate: [other]))
        }
      }
      if kinds.contains(.deletions) {
        all.append(Mutation(position: i + 1, reference: [residue], alternate: []))
      }
      if kinds.contains(.insertions) {
        for other in residues { all.append(Mutation(position: i + 1, reference: [], alternate: [other])) }
      }
    }
    if kinds.contains(.insertions) {
      for other in residues {
        all.append(Mutation(position: sequence.count + 1, reference: [], alternate: [other]))
      }
    }
    return all
  }

  /// Returns the effect of each mutation, with the outputs for the unmutated sequence.
  ///
  /// For a model that needs one length, a longer sequence is cut and a shorter one is filled with unknown
  /// residues, once at each end, as in `AlleleWindows`; other models read the whole mutated sequence.
  package static func effects(
    of mutations: [Mutation], on sequence: [UInt8], by model: Model
  ) -> [AlleleEffect] {
    guard let encoding = model.wholeSequences else { return [] }
    let needsLength = model.manifest.needsEqualLengths
    let filler = UInt8(ascii: encoding.alphabet == .protein ? "X" : "N")
    return stride(from: 0, to: mutations.count, by: 1024).flatMap { first in
      model.effects(
        of: mutations[first..<min(first + 1024, mutations.count)].map { mutation in
          let start = mutation.position - 1, end = start + mutation.reference.count
          let mutated = Array(sequence[..<start]) + mutation.alternate + Array(sequence[end...])
          var alternates = [mutated]
          if needsLength, mutated.count != sequence.count {
            let gap = [UInt8](repeating: filler, count: max(0, sequence.count - mutated.count))
            alternates = [
              Array((mutated + gap).prefix(sequence.count)), Array((gap + mutated).suffix(sequence.count)),
            ]
          } else if mutated.isEmpty {
            alternates = [[filler]]
          }
          return AlleleWindows(reference: sequence, alternates: alternates)
        })
    }
  }

  /// Reads a list of mutations: a table with `id`, `position` (from 1), `reference` and `alternate`. An empty
  /// allele or `-` means no residues.
  ///
  /// - Returns: the mutations of each id with their line numbers.
  package static func list(contentsOf path: String) throws -> [String: [(mutation: Mutation, line: Int)]] {
    let table = try Table(contentsOf: path)
    let (ids, positions) = (try table.strings("id"), try table.integers("position"))
    func allele(_ text: String) -> [UInt8] { text == "-" ? [] : Array(text.utf8) }
    let (references, alternates) = (try table.strings("reference"), try table.strings("alternate"))
    var found: [String: [(Mutation, Int)]] = [:]
    for row in ids.indices {
      found[ids[row], default: []].append(
        (
          Mutation(
            position: positions[row], reference: allele(references[row]), alternate: allele(alternates[row])),
          table.line(ofRow: row)
        ))
    }
    return found
  }
}
