import LigaseFormats

/// How the sites of new data meet those of a model, or of a panel.
package struct GenotypeAlignment: Sendable {
  /// Sites that were found as they are, and with reference and alternate allele exchanged.
  package var found = 0, flipped = 0
  /// Those of them that were found by their id alone, and those whose contig has a name that differs by `chr`.
  package var byID = 0, renamed = 0
  /// Sites that the data lacks.
  package var missing: [String] = []
  /// Sites of the data that are not asked for.
  package var extra = 0
  /// Samples for which more than half of the sites are not known, with those that the data lacks.
  package var sparse: [String] = []
  /// How many samples there are.
  package var samples = 0
  /// What was read although it is not as it should be.
  package var warnings: [VCF.Warning] = []

  /// The number of sites that are asked for.
  private var all: Int { found + flipped + missing.count }

  /// What is said of sites that were found under another name or with exchanged alleles.
  private var matches: [String] {
    var lines: [String] = []
    if renamed > 0 {
      lines.append("\(renamed) of \(all) sites have contig names that differ by 'chr' (chr1, 1)")
    }
    if flipped > 0 {
      lines.append(
        "\(flipped) of \(all) sites have reference and alternate allele exchanged: their counts are turned")
    }
    if byID > 0 { lines.append("\(byID) of \(all) sites were found by their id") }
    return lines
  }

  /// Lines for people about new data of a model; empty when the sites are the same.
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

  /// Lines for people about a panel whose sites are the features.
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
