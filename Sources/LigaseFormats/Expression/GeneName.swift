/// The classification of a name: a gene of a common species, a sample, or neither.
enum GeneName {
  /// The kinds of names.
  enum Kind {
    /// An identifier that only genes, transcripts and probes have.
    case identifier
    /// A symbol in capitals, as for human and yeast: `TP53`, `HLA-A`, `ACT1`.
    case symbol
    /// A symbol that could also be a word: `Gapdh` (mouse, rat, fly), `actb1` (zebrafish), `unc-13` (worm).
    case possibleSymbol
    /// A barcode, an accession of samples, or a word for samples with a number.
    case sample
    /// Any other name.
    case unknown
  }

  static func kind(of name: [UInt8]) -> Kind {
    if isSample(name) { return .sample }
    if isIdentifier(name) { return .identifier }
    // `TP53 (7157)`, as DepMap writes it.
    let symbol = Array(name.prefix { $0 != 0x20 })
    guard 2...15 ~= symbol.count else { return .unknown }
    if isHumanSymbol(symbol) { return isWordWithNumber(symbol) ? .possibleSymbol : .symbol }
    return isOtherSymbol(symbol) ? .possibleSymbol : .unknown
  }

  private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
  private static func isUpper(_ byte: UInt8) -> Bool { 0x41...0x5A ~= byte }
  private static func isLower(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte }

  /// Returns whether a name has a prefix followed by at least `digits` digits.
  private static func has(_ prefix: String, digits: Int, _ name: [UInt8]) -> Bool {
    name.starts(with: prefix.utf8) && name.dropFirst(prefix.utf8.count).prefix { isDigit($0) }.count >= digits
  }

  /// Returns whether a name is of Ensembl (`ENSG…`, `ENSMUSG…`), Affymetrix (`1007_s_at`), WormBase, FlyBase,
  /// RefSeq, TAIR (`AT1G01010`), yeast (`YAL001C`), RIKEN (`1700001O22Rik`) or a zebrafish clone
  /// (`si:ch211-1a2.3`, `zgc:1234`).
  private static func isIdentifier(_ name: [UInt8]) -> Bool {
    if name.starts(with: "ENS".utf8), name.count >= 15 { return true }
    if name.count > 3, name.suffix(3).elementsEqual("_at".utf8) { return true }
    if has("WBGene", digits: 8, name) || has("FBgn", digits: 7, name) || has("FBtr", digits: 7, name) {
      return true
    }
    if ["NM_", "NR_", "XM_", "XR_", "NP_"].contains(where: { has($0, digits: 6, name) }) { return true }
    if name.starts(with: "si:".utf8) || has("zgc:", digits: 3, name) { return true }
    if name.count > 6, isDigit(name[0]), name.suffix(3).elementsEqual("Rik".utf8) { return true }
    if has("ILMN_", digits: 4, name) || has("cg", digits: 8, name) { return true }
    if name.starts(with: "PF3D7_".utf8) || name.starts(with: "PA14_".utf8) || has("Zm", digits: 5, name) {
      return true
    }
    if name.count >= 12, name.starts(with: "Os".utf8), name[4] == 0x67,
      name[5...].prefix(7).allSatisfy(isDigit)
    {
      return true
    }
    let upper = name.map { isLower($0) ? $0 - 0x20 : $0 }
    if upper.count >= 9, upper[0] == 0x41, upper[1] == 0x54, upper[3] == 0x47,
      upper[4...8].allSatisfy(isDigit)
    {
      return true
    }
    return name.count >= 7 && name[0] == 0x59 && 0x41...0x50 ~= name[1]
      && (name[2] == 0x4C || name[2] == 0x52)
      && name[3...5].allSatisfy(isDigit) && (name[6] == 0x43 || name[6] == 0x57)
  }

  /// Returns whether a symbol begins with capitals and has no long number: `TP53`, `BIVM-ERCC5`, `C1orf112`,
  /// `LOC105377`.
  private static func isHumanSymbol(_ symbol: [UInt8]) -> Bool {
    // `P1`, `S2`: a letter and a number are more often a sample.
    guard isUpper(symbol[0]), symbol.count <= 14, symbol.dropFirst().contains(where: { !isDigit($0) }) else {
      return false
    }
    let isOrf = symbol.count > 4 && (1..<symbol.count - 2).contains { symbol[$0...].starts(with: "orf".utf8) }
    return hasShortNumbers(symbol)
      && symbol.allSatisfy {
        isDigit($0) || isUpper($0) || $0 == 0x2D || $0 == 0x2E || isOrf && (isLower($0))
      }
  }

  /// Returns whether a symbol looks like `Gapdh`, `mt-Nd1`, `H2-Ab1`, `Gm12345` (mouse), `l(2)gl` and `Adh`
  /// (fly), `actb1` (zebrafish), `unc-13` or `C34B2.7` (worm).
  private static func isOtherSymbol(_ symbol: [UInt8]) -> Bool {
    guard isUpper(symbol[0]) || isLower(symbol[0]), symbol.count >= 3,
      symbol.dropFirst().contains(where: { !isDigit($0) })
    else { return false }
    guard hasShortNumbers(symbol) || has("Gm", digits: 3, symbol) || has("CG", digits: 3, symbol) else {
      return false
    }
    return symbol.allSatisfy {
      isDigit($0) || isUpper($0) || isLower($0) || [0x2D, 0x2E, 0x28, 0x29].contains($0)
    }
  }

  /// Returns whether a symbol is a few letters and a number, `TP53` or `MCF7`: a gene or a cell line.
  private static func isWordWithNumber(_ symbol: [UInt8]) -> Bool {
    let letters = symbol.prefix { isUpper($0) }.count
    return letters <= 4 && letters < symbol.count && symbol.dropFirst(letters).allSatisfy(isDigit)
  }

  private static func hasShortNumbers(_ symbol: [UInt8]) -> Bool {
    if symbol.starts(with: "LOC".utf8) || symbol.starts(with: "LINC".utf8) { return true }
    var run = 0
    for byte in symbol {
      run = isDigit(byte) ? run + 1 : 0
      if run > 4 { return false }
    }
    return true
  }

  /// Returns whether a name is a barcode of bases, an accession (`GSM1`, `SRR1`, `TCGA-…`, `ACH-…`), or a
  /// word for samples or quantities with a suffix.
  private static func isSample(_ name: [UInt8]) -> Bool {
    // Cell barcodes, with the number of the run after them: `AAACCTGAGAAACCAT-1`.
    let bases = name.prefix { [0x41, 0x43, 0x47, 0x54, 0x4E].contains($0) }
    let rest = name.dropFirst(bases.count)
    if bases.count >= 8, rest.isEmpty || [0x2D, 0x5F, 0x2E].contains(rest.first!) { return true }
    if ["GSM", "SRR", "ERR", "DRR", "SAMN", "SAMEA"].contains(where: { has($0, digits: 1, name) }) {
      return true
    }
    if name.starts(with: "TCGA-".utf8) || name.starts(with: "ACH-".utf8) { return true }
    let lower = name.map { isUpper($0) ? $0 | 0x20 : $0 }
    guard let word = sampleWords.first(where: { lower.starts(with: $0) }) else { return false }
    // `sample1`, `ctrl_2`, `patient-7`, `wt.3`, or the word alone.
    let next = lower.dropFirst(word.count).first
    return next.map { isDigit($0) || [0x5F, 0x2D, 0x2E, 0x20].contains($0) } ?? true
  }

  private static let sampleWords: [[UInt8]] = [
    "sample", "ctrl", "control", "treated", "untreated", "treatment", "tumor", "tumour", "normal", "patient",
    "subject",
    "donor", "case", "replicate", "rep", "wt", "ko", "mut", "mutant", "wildtype", "day", "cell", "healthy",
    "disease", "value", "values", "count", "counts", "expression", "tpm", "fpkm", "rpkm", "cpm",
  ].map { Array($0.utf8) }
}
