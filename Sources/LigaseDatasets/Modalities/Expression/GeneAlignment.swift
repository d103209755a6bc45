import LigaseFormats
import LigaseRuntime

/// The match between the genes of new data and those of a model.
package struct GeneAlignment: Sendable {
  /// The genes of the model that the data lack; they are imputed with training means.
  package let missing: [String]
  /// The genes of the data that the model does not use.
  package let extra: [String]
  /// The number of genes of the model.
  package let expected: Int
  /// The number of samples whose values are far from those of training, and of all samples.
  package var farSamples = (count: 0, of: 0)

  /// Notes; empty when the genes are the same.
  package var report: [String] {
    var lines: [String] = []
    if !missing.isEmpty {
      lines.append(
        "\(missing.count.grouped) of the model's \(expected.counted("gene")) "
          + (missing.count == 1 ? "is absent and was" : "are absent and were")
          + " imputed with training means; expect lower accuracy: "
          + FormatError.list(missing, limit: 5)
      )
    }
    if !extra.isEmpty {
      lines.append(
        "ignored \(extra.count.counted("gene")) that the model does not use: \(FormatError.list(extra, limit: 5))"
      )
    }
    if farSamples.count > 0 {
      lines.append(
        "\(farSamples.count.grouped) of \(farSamples.of.counted("sample")) lie far from the training data: more than a tenth of the genes are "
          + "over \(Int(FeatureScaler.farDeviations)) standard deviations from the training mean; expect wrong predictions, and "
          + "check the scale (counts or logarithms) and the normalisation")
    }
    return lines
  }
}

extension ExpressionPreparation {
  /// Returns an expression matrix with the model's genes, matched by name.
  ///
  /// - Parameters:
  ///   - matrix: values as the model's training data came, before counts per million and logarithm.
  ///   - leastShare: the share of the model's genes that must be there.
  /// - Throws: `JoinError` when fewer are; `FormatError` for values the transformations refuse.
  package func align(
    _ matrix: consuming ExpressionMatrix, leastShare: Double
  ) throws -> (matrix: ExpressionMatrix, alignment: GeneAlignment) {
    let wanted = scaler.genes
    let have = Set(matrix.genes), known = Set(wanted)
    var alignment = GeneAlignment(
      missing: wanted.filter { !have.contains($0) }, extra: matrix.genes.filter { !known.contains($0) },
      expected: wanted.count)
    let found = wanted.count - alignment.missing.count
    guard found > 0, Double(found) >= leastShare * Double(wanted.count) else {
      throw JoinError(
        "the expression matrix has \(found.grouped) of the model's \(wanted.count.counted("gene")), expected at least "
          + "\(Int((leastShare * 100).rounded())) %; the model's: "
          + "\(FormatError.list(wanted, limit: 3)); the matrix's: \(FormatError.list(matrix.genes, limit: 3))",
        remedy: .lowerLeastFraction)
    }
    if countsPerMillion { matrix = try matrix.countsPerMillion() }
    if logTransformed { matrix = try matrix.logTransformed() }
    let samples = matrix.samples, sampleColumn = matrix.sampleColumn
    let (selected, _) = matrix.selecting(genes: wanted)
    if alignment.missing.isEmpty {
      alignment.farSamples = (scaler.farSamples(selected.values), samples.count)
      return (selected, alignment)
    }
    let column = Dictionary(uniqueKeysWithValues: selected.genes.enumerated().map { ($1, $0) })
    let sources = wanted.map { column[$0] }
    var values = [Float](repeating: 0, count: samples.count * wanted.count)
    for sample in samples.indices {
      for (gene, source) in sources.enumerated() {
        values[sample * wanted.count + gene] =
          source.map { selected[sample, $0] } ?? substitutes[gene]
      }
    }
    alignment.farSamples = (scaler.farSamples(values), samples.count)
    return (
      ExpressionMatrix(samples: samples, genes: wanted, values: values, sampleColumn: sampleColumn), alignment
    )
  }
}
