/// Which way a matrix lies, judged by its names: known samples first, then the corner, then what looks like genes or
/// samples, then the shape. The evidence is a phrase that a command can print.
struct OrientationGuess {
  var orientation: ExpressionMatrix.Orientation
  var evidence: String
  /// Whether nothing but the shape spoke.
  var isByShape = false

  init(corner: String, columns: [String], rows: [String], known: [String]) {
    if !known.isEmpty {
      let known = Set(known)
      let inRows = rows.count { known.contains($0) }
      let inColumns = columns.count { known.contains($0) }
      if inRows != inColumns {
        self.init(inRows > inColumns, "\(max(inRows, inColumns)) names are known samples")
        return
      }
    }
    let (inRows, inColumns) = (NameEvidence(rows), NameEvidence(columns))
    let difference = (inColumns.genes + inRows.samples) - (inRows.genes + inColumns.samples)
    let name = corner.lowercased()
    if OrientationGuess.isCorner(corner) {
      let samplesInRows = OrientationGuess.sampleCorners.contains(name)
      // UCSC Xena calls a column of genes `sample`: names that are plain say more than the word above them.
      if (difference > 0) == samplesInRows || abs(difference) < 0.8 {
        self.init(samplesInRows, "the first column is called '\(corner)'")
        return
      }
    }
    if abs(difference) >= 0.2 {
      self.init(difference > 0, OrientationGuess.phrase(inRows, inColumns, samplesInRows: difference > 0))
      return
    }
    self.init(columns.count >= rows.count, "\(rows.count) rows, \(columns.count) columns of values")
    isByShape = true
  }

  private init(_ samplesInRows: Bool, _ evidence: String) {
    orientation = samplesInRows ? .samplesInRows : .genesInRows
    self.evidence = evidence
  }

  private static func phrase(_ rows: NameEvidence, _ columns: NameEvidence, samplesInRows: Bool) -> String {
    let (genes, samples) = samplesInRows ? (columns, rows) : (rows, columns)
    let (geneAxis, sampleAxis) = samplesInRows ? ("column", "row") : ("row", "column")
    return genes.geneFraction >= samples.samples
      ? "\(Int(genes.geneFraction * 100)) % of the \(geneAxis) names look like genes"
      : "\(Int(samples.samples * 100)) % of the \(sampleAxis) names look like samples"
  }

  /// Whether a text is a usual name of a column of genes or samples.
  static func isCorner(_ text: String) -> Bool {
    let name = text.lowercased()
    return geneCorners.contains(name) || sampleCorners.contains(name)
  }

  private static let geneCorners: Set<String> = [
    "gene", "genes", "gene_id", "geneid", "gene_name", "gene_symbol", "symbol", "hugo_symbol", "hgnc_symbol",
    "ensembl", "ensembl_id", "ensembl_gene_id", "entrez", "entrez_gene_id", "probe", "probe_id", "probeset",
    "id_ref", "feature", "transcript_id", "genesymbol", "gene symbol", "gene name", "wormbase_id",
    "flybase_id",
    "mgi_symbol", "locus", "locus_tag", "target_id",
  ]
  private static let sampleCorners: Set<String> = [
    "sample", "samples", "sample_id", "sampleid", "sample_name", "depmap_id", "modelid", "model_id",
    "ccle_id",
    "cell", "cells", "cell_id", "cell_line", "cell_line_name", "cellline", "cosmic_id", "barcode", "patient",
    "patient_id", "subject", "subject_id", "profileid", "sanger_model_id", "run", "gsm",
  ]
}

/// How much the names of an axis look like those of genes, and of samples.
private struct NameEvidence {
  /// Fraction of names that look like genes, symbols that could be words counted half.
  private(set) var genes = 0.0
  /// Fraction of names that look like genes at all.
  private(set) var geneFraction = 0.0
  /// Fraction of names that look like samples or barcodes.
  private(set) var samples = 0.0

  init(_ names: [String]) {
    let step = max(1, names.count / 2000)
    var (seen, sure, likely, others) = (0, 0, 0, 0)
    for i in stride(from: 0, to: names.count, by: step) {
      seen += 1
      switch GeneName.kind(of: Array(names[i].utf8)) {
      case .identifier, .symbol: sure += 1
      case .possibleSymbol: likely += 1
      case .sample: others += 1
      case .unknown: break
      }
    }
    guard seen > 0 else { return }
    genes = (Double(sure) + 0.5 * Double(likely)) / Double(seen)
    geneFraction = Double(sure + likely) / Double(seen)
    samples = Double(others) / Double(seen)
  }
}

/// What a name looks like: a gene of one of the usual species, a sample, or neither.
enum GeneName {
  /// What a name looks like.
  enum Kind {
    /// An identifier that only genes, transcripts and probes have.
    case identifier
    /// A symbol in capitals, as in human and yeast: `TP53`, `HLA-A`, `ACT1`.
    case symbol
    /// A symbol that could be a word: `Gapdh` (mouse, rat, fly), `actb1` (zebrafish), `unc-13` (worm).
    case possibleSymbol
    /// A barcode, an accession of samples, or a word for samples with a number.
    case sample
    /// Something else.
    case unknown
  }

  static func kind(of name: [UInt8]) -> Kind {
    if isSample(name) { return .sample }
    if isIdentifier(name) { return .identifier }
    // `TP53 (7157)`, as DepMap writes it.
    let symbol = Array(name.prefix { $0 != 0x20 })
    guard 2...15 ~= symbol.count else { return .unknown }
    if isHumanSymbol(symbol) { return .symbol }
    return isOtherSymbol(symbol) ? .possibleSymbol : .unknown
  }

  private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
  private static func isUpper(_ byte: UInt8) -> Bool { 0x41...0x5A ~= byte }
  private static func isLower(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte }

  /// A prefix and as many digits, or more.
  private static func has(_ prefix: String, digits: Int, _ name: [UInt8]) -> Bool {
    name.starts(with: prefix.utf8) && name.dropFirst(prefix.utf8.count).prefix { isDigit($0) }.count >= digits
  }

  /// Ensembl (`ENSG…`, `ENSMUSG…`), Affymetrix (`1007_s_at`), WormBase, FlyBase, RefSeq, TAIR (`AT1G01010`), yeast
  /// (`YAL001C`), RIKEN (`1700001O22Rik`) and zebrafish clones (`si:ch211-1a2.3`, `zgc:1234`).
  private static func isIdentifier(_ name: [UInt8]) -> Bool {
    if name.starts(with: "ENS".utf8), name.count >= 15 { return true }
    if name.count > 3, name.suffix(3).elementsEqual("_at".utf8) { return true }
    if has("WBGene", digits: 8, name) || has("FBgn", digits: 7, name) || has("FBtr", digits: 7, name) {
      return true
    }
    if ["NM_", "NR_", "XM_", "XR_", "NP_"].contains(where: { has($0, digits: 6, name) }) { return true }
    if name.starts(with: "si:".utf8) || has("zgc:", digits: 3, name) { return true }
    if name.count > 6, isDigit(name[0]), name.suffix(3).elementsEqual("Rik".utf8) { return true }
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

  /// Capitals first and no long number: `TP53`, `BIVM-ERCC5`, `C1orf112`, `LOC105377`.
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

  /// `Gapdh`, `mt-Nd1`, `H2-Ab1`, `Gm12345` (mouse), `l(2)gl` and `Adh` (fly), `actb1` (zebrafish), `unc-13` and
  /// `C34B2.7` (worm).
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

  private static func hasShortNumbers(_ symbol: [UInt8]) -> Bool {
    if symbol.starts(with: "LOC".utf8) { return true }
    var run = 0
    for byte in symbol {
      run = isDigit(byte) ? run + 1 : 0
      if run > 4 { return false }
    }
    return true
  }

  /// A barcode of bases, an accession (`GSM1`, `SRR1`, `TCGA-…`, `ACH-…`), or a word for samples with what follows it.
  private static func isSample(_ name: [UInt8]) -> Bool {
    // Barcodes of cells, with the number of the run behind them: `AAACCTGAGAAACCAT-1`.
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
    "disease",
  ].map { Array($0.utf8) }
}
