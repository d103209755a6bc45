/// Splits a SMILES text into chemical tokens, which concatenate to the same text.
///
/// ```
/// text    = { atom | bond | branch | ring }
/// atom    = '[' isotope? symbol chirality? hydrogens? charge? class? ']'     one token, brackets included
///         | 'Cl' | 'Br' | B C N O P S F I | b c n o p s | '*'
/// bond    = - = # $ : / \ . -> <-
/// branch  = ( )
/// ring    = digit | '%' digit digit | '%(' digits ')'
/// ```
/// The text must also be complete: every bracket, branch and ring that is opened is also closed, no branch is
/// empty, no ring has one atom, no branch, ring or bond comes before an atom, and each bond is followed by an atom, a ring or a branch. Valences and
/// aromaticity are not checked. White space is not part of a SMILES; remove it first.
///
/// Errors: ``SMILESError``. Source: OpenSMILES specification 1.0, sections 3 and 4; dative bonds and `%(100)`
/// are RDKit's.
package struct SMILESTokenizer: Hashable, Sendable, Codable {
  /// The treatment of several fragments, as in `CCN.Cl`.
  package enum Salts: String, Hashable, Sendable, Codable, CaseIterable {
    /// Keeps all fragments, with the `.` between them as a token.
    case keep
    /// Keeps only the fragment with the most atoms, the first one of equals.
    case largestFragment = "largest-fragment"
  }

  /// The treatment of salts and mixtures.
  package var salts: Salts

  /// Creates a tokenizer.
  package init(salts: Salts = .keep) {
    self.salts = salts
  }

  /// Returns the tokens of a SMILES text in order.
  package func tokens(_ text: String) throws(SMILESError) -> [String] {
    var scanner = SMILESScanner(text)
    try scanner.scan()
    switch salts {
    case .keep: return scanner.tokens
    case .largestFragment: return scanner.largestFragment
    }
  }
}

/// One pass over the bytes of a SMILES text.
private struct SMILESScanner {
  let text: String
  let bytes: [UInt8]
  var index = 0
  var tokens: [String] = []
  /// The positions of the open branches.
  var branches: [Int] = []
  /// The position at which each open ring number was opened, and the number of its atom.
  var rings: [Int: (position: Int, atom: Int)] = [:]
  /// The position of a bond that is not yet followed by an atom.
  var openBond: Int?
  /// The number of atoms so far in the current fragment, and the first token of the fragment.
  var atoms = 0
  var fragmentStart = 0
  var fragments: [(tokens: Range<Int>, atoms: Int)] = []

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    tokens.reserveCapacity(bytes.count)
  }

  /// The fragment with the most atoms.
  var largestFragment: [String] {
    var best = fragments[0]
    for fragment in fragments.dropFirst() where fragment.atoms > best.atoms { best = fragment }
    return Array(tokens[best.tokens])
  }

  mutating func scan() throws(SMILESError) {
    guard !bytes.isEmpty else { throw fault(.empty, at: 0) }
    while index < bytes.count {
      try scanToken()
    }
    if let open = branches.last { throw fault(.unclosedBranch, at: open) }
    if let (ring, opened) = rings.min(by: { $0.value.position < $1.value.position }) {
      throw fault(.unclosedRing(String(ring)), at: opened.position)
    }
    if let bond = openBond { throw fault(.danglingBond(shown(bond..<bytes.count)), at: bond) }
    closeFragment(at: tokens.count)
  }

  private mutating func scanToken() throws(SMILESError) {
    let byte = bytes[index]
    switch byte {
    case ascii("["):
      try scanBracket()
    case ascii("]"):
      throw fault(.unopenedBracket, at: index)
    case ascii("C") where next == ascii("l"), ascii("B") where next == ascii("r"):
      atoms += 1
      take(2)
    case ascii("B"), ascii("C"), ascii("N"), ascii("O"), ascii("P"), ascii("S"), ascii("F"), ascii("I"),
      ascii("b"), ascii("c"), ascii("n"), ascii("o"), ascii("p"), ascii("s"), ascii("*"):
      atoms += 1
      take(1)
    case ascii("."):
      try requireAtom()
      if let bond = openBond { throw fault(.danglingBond(shown(bond..<index)), at: bond) }
      // An open ring or branch connects both sides.
      if rings.isEmpty, branches.isEmpty {
        closeFragment(at: tokens.count)
        fragmentStart = tokens.count + 1
      }
      take(1)
    case ascii("-"), ascii("="), ascii("#"), ascii("$"), ascii(":"), ascii("/"), ascii("\\"):
      try requireAtom()
      try takeBond(next == ascii(">") && byte == ascii("-") ? 2 : 1)
    case ascii("<") where next == ascii("-"):
      try requireAtom()
      try takeBond(2)
    case ascii("("):
      try requireAtom()
      branches.append(index)
      take(1)
    case ascii(")"):
      if let bond = openBond { throw fault(.danglingBond(shown(bond..<index)), at: bond) }
      guard let opened = branches.popLast() else { throw fault(.unopenedBranch, at: index) }
      if opened == index - 1 { throw fault(.emptyBranch, at: opened) }
      take(1)
    case ascii("0")...ascii("9"):
      try requireAtom()
      try toggleRing(Int(byte - ascii("0")))
      take(1)
    case ascii("%"):
      try requireAtom()
      try scanRing()
    default:
      let start = String.Index(utf16Offset: 0, in: text)
      let at = text.utf8.index(start, offsetBy: index)
      throw fault(.unexpected(String(text[at...].prefix(1))), at: index)
    }
  }

  /// Scans `%` digit digit, or `%(` up to five digits `)`.
  private mutating func scanRing() throws(SMILESError) {
    if next == ascii("(") {
      let digits = bytes[(index + 2)...].prefix { ascii("0")...ascii("9") ~= $0 }
      let end = index + 2 + digits.count
      if 1...5 ~= digits.count, end < bytes.count, bytes[end] == ascii(")") {
        try toggleRing(digits.reduce(0) { $0 * 10 + Int($1 - ascii("0")) })
        return take(end + 1 - index)
      }
    } else if let tens = digit(index + 1), let ones = digit(index + 2) {
      try toggleRing(tens * 10 + ones)
      return take(3)
    }
    throw fault(.malformedRing(shown(index..<min(index + 3, bytes.count))), at: index)
  }

  /// Takes a bond to the next atom.
  private mutating func takeBond(_ count: Int) throws(SMILESError) {
    if let openBond { throw fault(.danglingBond(shown(openBond..<index)), at: openBond) }
    let start = index
    take(count)
    openBond = start
  }

  /// Scans `[` isotope? symbol chirality? hydrogens? charge? class? `]`.
  private mutating func scanBracket() throws(SMILESError) {
    let start = index
    guard let end = bytes[start...].firstIndex(of: ascii("]")) else {
      throw fault(.unclosedBracket, at: start)
    }
    var cursor = start + 1
    func isLower(_ at: Int) -> Bool { (ascii("a")...ascii("z")).contains(bytes[at]) }
    func isUpper(_ at: Int) -> Bool { (ascii("A")...ascii("Z")).contains(bytes[at]) }
    func skipDigits() { while digit(cursor) != nil { cursor += 1 } }
    skipDigits()
    let symbol = cursor
    if bytes[cursor] == ascii("*") {
      cursor += 1
    } else if isUpper(cursor) || isLower(cursor) {
      cursor += 1
      if isLower(cursor) { cursor += 1 }
    }
    let hasSymbol = cursor > symbol
    if bytes[cursor] == ascii("@") {
      cursor += 1
      if bytes[cursor] == ascii("@") {
        cursor += 1
      } else if isUpper(cursor), isUpper(cursor + 1), digit(cursor + 2) != nil {
        cursor += 2  // @TH1, @AL2, @SP3, @TB12, @OH30
        skipDigits()
      }
    }
    if bytes[cursor] == ascii("H") {
      cursor += 1
      skipDigits()
    }
    let sign = bytes[cursor]
    if sign == ascii("+") || sign == ascii("-") {
      while bytes[cursor] == sign { cursor += 1 }
      skipDigits()
    }
    if bytes[cursor] == ascii(":"), digit(cursor + 1) != nil {
      cursor += 1
      skipDigits()
    }
    guard hasSymbol, cursor == end else {
      throw fault(.malformedBracket(shown(start..<end + 1)), at: start)
    }
    atoms += 1
    take(end + 1 - start)
  }

  private var next: UInt8? { index + 1 < bytes.count ? bytes[index + 1] : nil }

  private func digit(_ at: Int) -> Int? {
    guard at < bytes.count, (ascii("0")...ascii("9")).contains(bytes[at]) else { return nil }
    return Int(bytes[at] - ascii("0"))
  }

  private mutating func take(_ count: Int) {
    tokens.append(shown(index..<index + count))
    index += count
    openBond = nil
  }

  private mutating func toggleRing(_ ring: Int) throws(SMILESError) {
    let atom = fragments.reduce(atoms) { $0 + $1.atoms }
    guard let opened = rings[ring] else {
      rings[ring] = (index, atom)
      return
    }
    if opened.atom == atom { throw fault(.ringOfOneAtom(String(ring)), at: opened.position) }
    rings[ring] = nil
  }

  private mutating func closeFragment(at end: Int) {
    fragments.append((min(fragmentStart, end)..<end, atoms))
    atoms = 0
  }

  private func requireAtom() throws(SMILESError) {
    guard atoms > 0 else { throw fault(.noAtomBefore(shown(index..<index + 1)), at: index) }
  }

  private func shown(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Returns an error at a byte, with its position in characters.
  private func fault(_ kind: SMILESError.Kind, at byte: Int) -> SMILESError {
    let position = String(decoding: bytes[..<min(byte, bytes.count)], as: UTF8.self).count + 1
    return SMILESError(kind, position: position, text: text)
  }
}

private func ascii(_ scalar: Unicode.Scalar) -> UInt8 { UInt8(ascii: scalar) }
