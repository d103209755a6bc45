/// Detects the orientation of a matrix by its names: known genes and samples first, then the name of the
/// first column, then names that look like genes or samples, then the shape. The evidence is a phrase for
/// messages.
struct OrientationGuess {
  var orientation: ExpressionMatrix.Orientation
  var evidence: String
  /// Whether only the shape determined the orientation.
  var isByShape = false

  init(corner: String, columns: [String], rows: [String], known: [String], genes: [String] = []) {
    for (names, noun, areRows) in [(genes, "genes", false), (known, "samples", true)] where !names.isEmpty {
      let names = Set(names)
      let inRows = rows.count { names.contains($0) }
      let inColumns = columns.count { names.contains($0) }
      if inRows != inColumns {
        self.init((inRows > inColumns) == areRows, "\(max(inRows, inColumns)) names are known \(noun)")
        return
      }
    }
    let (inRows, inColumns) = (NameEvidence(rows), NameEvidence(columns))
    let difference = (inColumns.genes + inRows.samples) - (inRows.genes + inColumns.samples)
    let name = corner.lowercased()
    if OrientationGuess.isCorner(corner) {
      let samplesInRows = OrientationGuess.sampleCorners.contains(name)
      // UCSC Xena calls a column of genes `sample`: clear names are stronger evidence than the column name.
      if (difference > 0) == samplesInRows || abs(difference) < 0.95 {
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

  /// Returns whether a text is a usual name of a column of genes or samples.
  static func isCorner(_ text: String) -> Bool {
    let name = text.lowercased()
    return geneCorners.contains(name) || sampleCorners.contains(name)
  }

  private static let geneCorners: Set<String> = [
    "gene", "genes", "gene_id", "geneid", "gene_name", "gene_symbol", "symbol", "hugo_symbol", "hgnc_symbol",
    "ensembl", "ensembl_id", "ensembl_gene_id", "entrez", "entrez_gene_id", "probe", "probe_id", "probeset",
    "id_ref", "feature", "transcript_id", "genesymbol", "gene symbol", "gene name", "wormbase_id",
    "flybase_id",
    "mgi_symbol", "locus", "locus_tag", "target_id", "gene id", "gene.id", "gene.symbol", "gene.name",
    "gene_short_name",
    "external_gene_name", "tracking_id", "#gene", "genename", "transcript", "transcript id", "accession",
  ]
  private static let sampleCorners: Set<String> = [
    "sample", "samples", "sample_id", "sampleid", "sample_name", "depmap_id", "modelid", "model_id",
    "ccle_id",
    "cell", "cells", "cell_id", "cell_line", "cell_line_name", "cellline", "cosmic_id", "barcode", "patient",
    "patient_id", "subject", "subject_id", "cellid", "cell id", "sample id", "sample name", "sample.id",
    "profileid", "sanger_model_id", "run", "gsm",
  ]
}

/// The evidence that the names of an axis are genes, or samples.
private struct NameEvidence {
  /// The fraction of names that look like genes, with half weight for symbols that could be words.
  private(set) var genes = 0.0
  /// The fraction of names that look like genes at all.
  private(set) var geneFraction = 0.0
  /// The fraction of names that look like samples or barcodes.
  private(set) var samples = 0.0

  init(_ names: [String]) {
    if NameEvidence.areEnumerated(names) {
      // Genes of an example may also be enumerated, so this is weaker evidence than the column name.
      samples = 0.4
      return
    }
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

extension NameEvidence {
  /// Returns whether the names are a few words followed by numbers, `S1, S2, S3` or `WT1, WT2, KO1, KO2`, as
  /// samples are.
  fileprivate static func areEnumerated(_ names: [String]) -> Bool {
    guard names.count > 1 else { return false }
    var stems: Set<[UInt8]> = []
    for name in names.prefix(2000) {
      var stem = Array(name.utf8)
      let count = stem.count
      while let last = stem.last, 0x30...0x39 ~= last { stem.removeLast() }
      guard stem.count < count, 1...8 ~= stem.count else { return false }
      stems.insert(stem)
    }
    // Identifiers are also enumerated, and so are the genes of examples.
    let areGenes =
      names.prefix(2000).contains { GeneName.kind(of: Array($0.utf8)) == .identifier }
      || stems.contains { stem in
        let word = String(decoding: stem, as: UTF8.self).lowercased()
        return word.hasPrefix("gene") || word.hasPrefix("ens") || word.hasPrefix("probe")
          || word.hasPrefix("transcript")
      }
    return !areGenes && stems.count * 2 <= min(names.count, 2000)
  }
}
