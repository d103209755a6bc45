import LigaseFormats

/// The match between the sites of new data and those of a model or a panel.
package struct GenotypeAlignment: Sendable {
  /// The number of sites that were found unchanged, and with reference and alternate allele exchanged.
  package var found = 0, flipped = 0
  /// The number of found sites that were matched by their id alone, and of those whose contig name differs by
  /// `chr`.
  package var byID = 0, renamed = 0
  /// The sites that the data lack.
  package var missing: [String] = []
  /// The number of sites of the data that are not used.
  package var extra = 0
  /// The samples with more than half of the sites unknown or missing.
  package var sparse: [String] = []
  /// The number of samples.
  package var samples = 0
  /// Warnings about records that were read although they are malformed.
  package var warnings: [VCF.Warning] = []

  /// The number of expected sites.
  private var all: Int { found + flipped + missing.count }

  /// Notes about sites that were found under another name or with exchanged alleles.
  private var matches: [String] {
    var lines: [String] = []
    if renamed > 0 {
      lines.append("\(renamed) of \(all) sites have contig names that differ by 'chr' (chr1, 1)")
    }
    if flipped > 0 {
      lines.append(
        "\(flipped) of \(all) sites have reference and alternate allele exchanged; their counts were converted"
      )
    }
    if byID > 0 { lines.append("\(byID) of \(all) sites were found by their id") }
    return lines
  }

  /// Returns notes about new data of a model; empty when the sites are the same.
  ///
  /// - Parameter missing: how the model imputes genotypes.
  package func report(_ imputation: GenotypeFeatures.Missing) -> [String] {
    var lines = matches
    if !missing.isEmpty {
      lines.append(
        "\(missing.count) of the model's \(all) sites \(missing.count == 1 ? "is" : "are") absent and "
          + "\(missing.count == 1 ? "was" : "were") imputed with training \(imputation == .mode ? "modes" : "means"); "
          + "expect lower accuracy: " + FormatError.list(missing, limit: 5))
    }
    if !sparse.isEmpty {
      lines.append(
        "over half of the model's \(all) sites are unknown for \(sparse.count) of \(samples) samples, so these "
          + "predictions rest mostly on imputed genotypes: " + FormatError.list(sparse, limit: 5))
    }
    if extra > 0 {
      lines.append("\(extra) \(extra == 1 ? "site is" : "sites are") not in the model and ignored")
    }
    return lines
      + warnings.map { warning in
        let more = warning.count > 1 ? ", and \(warning.count - 1) more" : ""
        return (warning.line > 0 ? "line \(warning.line): " : "")
          + "\(warning.message) [\(warning.name)]\(more)"
      }
  }

  /// Returns notes about a panel whose sites are the features.
  package func report(panel: String) -> [String] {
    var lines = [
      "\(found + flipped) of the \(all) sites of \(panel) are features; \(extra) other "
        + (extra == 1 ? "site is ignored" : "sites are ignored")
    ]
    lines += matches
    if !missing.isEmpty {
      lines.append(
        "\(missing.count) of the panel's sites \(missing.count == 1 ? "is" : "are") absent: "
          + FormatError.list(missing, limit: 5))
    }
    return lines
  }
}
