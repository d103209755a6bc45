/// Why a SMILES text could not be cut into tokens: what was found, and where.
package struct SMILESError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of fault.
  package enum Kind: Hashable, Sendable {
    /// No text at all.
    case empty
    /// A character that starts no token.
    case unexpected(String)
    /// `[` without `]`.
    case unclosedBracket
    /// `]` without `[`.
    case unopenedBracket
    /// A bracket whose inside is no atom.
    case malformedBracket(String)
    /// `(` without `)`.
    case unclosedBranch
    /// `)` without `(`.
    case unopenedBranch
    /// A ring number that is opened and never closed.
    case unclosedRing(String)
    /// A bond without an atom behind it.
    case danglingBond(String)
    /// `%` without two digits.
    case malformedRing(String)
    /// A branch, ring number or bond that stands before any atom.
    case noAtomBefore(String)
  }

  /// The kind of error.
  package let kind: Kind

  /// Where, counted in characters from 1.
  package let position: Int

  /// The whole text.
  package let text: String

  /// Creates an error.
  package init(_ kind: Kind, position: Int, text: String) {
    self.kind = kind
    self.position = position
    self.text = text
  }

  /// One line for people.
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
      case .unclosedRing(let ring): "ring \(ring) is never closed"
      case .danglingBond(let found): "no atom after the bond '\(found)'"
      case .malformedRing(let found): "'\(found)' is not a ring number: '%' needs two digits"
      case .noAtomBefore(let found): "no atom before '\(found)'"
      }
    let shown = text.count > 80 ? text.prefix(77) + "..." : text[...]
    return "SMILES '\(shown)', position \(position): \(what)"
  }
}
