/// Which way a matrix lies, judged by its names: known samples first, then the corner, then what looks like
/// genes, then the shape. The evidence is a phrase that a command can print.
struct OrientationGuess {
  var orientation: ExpressionMatrix.Orientation
  var evidence: String

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
    let name = corner.lowercased()
    if OrientationGuess.geneCorners.contains(name) {
      self.init(false, "the first column is called '\(corner)'")
      return
    }
    if OrientationGuess.sampleCorners.contains(name) {
      self.init(true, "the first column is called '\(corner)'")
      return
    }
    let genesInRows = OrientationGuess.geneShare(rows)
    let genesInColumns = OrientationGuess.geneShare(columns)
    if abs(genesInRows - genesInColumns) >= 0.2 {
      let share = Int(max(genesInRows, genesInColumns) * 100)
      let where_ = genesInColumns > genesInRows ? "column" : "row"
      self.init(genesInColumns > genesInRows, "\(share) % of the \(where_) names look like genes")
      return
    }
    self.init(columns.count >= rows.count, "\(rows.count) rows, \(columns.count) columns of values")
  }

  private init(_ samplesInRows: Bool, _ evidence: String) {
    orientation = samplesInRows ? .samplesInRows : .genesInRows
    self.evidence = evidence
  }

  private static let geneCorners: Set<String> = [
    "gene", "genes", "gene_id", "geneid", "gene_name", "gene_symbol", "symbol", "hugo_symbol", "hgnc_symbol",
    "ensembl", "ensembl_id", "ensembl_gene_id", "entrez", "entrez_gene_id", "probe", "probe_id", "probeset",
    "id_ref", "feature", "transcript_id", "genesymbol", "gene symbol", "gene name",
  ]
  private static let sampleCorners: Set<String> = [
    "sample", "samples", "sample_id", "sampleid", "sample_name", "depmap_id", "modelid", "model_id",
    "ccle_id",
    "cell", "cells", "cell_id", "cell_line", "cell_line_name", "cellline", "cosmic_id", "barcode", "patient",
    "patient_id", "subject", "subject_id", "profileid", "sanger_model_id", "run", "gsm",
  ]

  /// The share of names that have the form of a gene's or a probe's.
  private static func geneShare(_ names: [String]) -> Double {
    let step = max(1, names.count / 2000)
    var seen = 0
    var genes = 0
    for i in stride(from: 0, to: names.count, by: step) {
      seen += 1
      if looksLikeGene(Array(names[i].utf8)) { genes += 1 }
    }
    return seen == 0 ? 0 : Double(genes) / Double(seen)
  }

  /// Ensembl (`ENSG00000141510.17`), Affymetrix (`1007_s_at`), or a symbol with letters first and no long
  /// number: `TP53`, `HLA-A`, `BIVM-ERCC5`, `TP53 (7157)`. Names such as `ACH-000001`, `GSM12345`,
  /// `TCGA-AA-3510` and `SAMPLE_1` are none of these.
  static func looksLikeGene(_ name: [UInt8]) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    func isUpper(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }
    if name.starts(with: "ENS".utf8), name.count >= 15 { return true }
    if name.count > 3, name.suffix(3).elementsEqual("_at".utf8) { return true }
    let symbol = name.prefix { $0 != 0x20 }
    guard symbol.count >= 2, symbol.count <= 14, isUpper(symbol[0]) else { return false }
    var run = 0
    for byte in symbol {
      run = isDigit(byte) ? run + 1 : 0
      if run > 4 && !symbol.starts(with: "LOC".utf8) { return false }
      guard
        isDigit(byte) || isUpper(byte) || byte == 0x2D || byte == 0x2E || byte == 0x6F || byte == 0x72
          || byte == 0x66
      else { return false }
    }
    return !symbol.starts(with: "TCGA".utf8) && !symbol.starts(with: "GSM".utf8)
      && !symbol.starts(with: "ACH-".utf8)
  }
}
