/// The reason why a SMILES text could not be tokenised, with its position.
package struct SMILESError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of errors.
  package enum Kind: Hashable, Sendable {
    /// An empty text.
    case empty
    /// A character that does not start a token.
    case unexpected(String)
    /// `[` without `]`.
    case unclosedBracket
    /// `]` without `[`.
    case unopenedBracket
    /// A bracket that does not contain an atom.
    case malformedBracket(String)
    /// `(` without `)`.
    case unclosedBranch
    /// `)` without `(`.
    case unopenedBranch
    /// `()`.
    case emptyBranch
    /// A ring number that is opened and closed at one atom.
    case ringOfOneAtom(String)
    /// A ring number that is opened but not closed.
    case unclosedRing(String)
    /// A bond without an atom after it.
    case danglingBond(String)
    /// `%` without two digits.
    case malformedRing(String)
    /// A branch, ring number or bond before the first atom.
    case noAtomBefore(String)
  }

  /// The kind of error.
  package let kind: Kind

  /// The position in characters, from 1.
  package let position: Int

  /// The whole text.
  package let text: String

  /// Creates an error.
  package init(_ kind: Kind, position: Int, text: String) {
    self.kind = kind
    self.position = position
    self.text = text
  }

  /// A description in one line.
  package var description: String {
    let what =
      switch kind {
      case .empty: "the SMILES is empty"
      case .unexpected(let found): "unexpected character '\(found)'"
      case .unclosedBracket: "'[' is never closed"
      case .unopenedBracket: "']' was never opened"
      case .malformedBracket(let found): "'\(found)' is not a bracket atom"
      case .unclosedBranch: "'(' is never closed"
      case .unopenedBranch: "')' was never opened"
      case .emptyBranch: "'()' holds no atom"
      case .ringOfOneAtom(let ring): "ring \(ring) is closed at the atom that opens it"
      case .unclosedRing(let ring): "ring \(ring) is never closed"
      case .danglingBond(let found): "no atom after the bond '\(found)'"
      case .malformedRing(let found): "'\(found)' is not a ring number: '%' needs two digits"
      case .noAtomBefore(let found): "no atom before '\(found)'"
      }
    let shown = text.count > 80 ? text.prefix(77) + "..." : text[...]
    return "SMILES '\(shown)', position \(position): \(what)"
  }
}
