import LigaseFormats
import LigaseTensors

/// Profiles of gene expression.
package struct ExpressionModality: Modality {
  package static let name = "expression"
  /// Whether genes are scaled to mean 0 and standard deviation 1 over the training records.
  package var zscore = true
  /// The number of genes to keep, by the largest variance over the training records; nil keeps all.
  package var topVariance: Int?
  /// Whether the records were read as counts per million.
  package var countsPerMillion = false
  /// Whether the records were read as ln(1 + x).
  package var logTransformed = false
  /// Whether genes are weighted by their association with the target; see `FeatureRelevance`.
  package var weighsGenes = false

  package init() {}

  package var withoutLabels: ExpressionModality {
    var plain = self
    plain.weighsGenes = false
    return plain
  }

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: ExpressionPreparation, encoded: any EncodedRecords
  ) {
    var table = records as! FeatureTable
    if table.hasGaps { table = table.filling(table.means(over: rows)) }
    if let topVariance { table = table.topVariance(topVariance, over: rows) }
    var scaler =
      zscore
      ? FeatureScaler(fitting: table.values, genes: table.names, samples: rows)
      : FeatureScaler(identityFor: table.names)
    if weighsGenes, let observed {
      scaler = scaler.weighed(by: FeatureRelevance.shares(table, train: rows, observed))
    }
    var preparation = ExpressionPreparation(
      scaler: scaler, countsPerMillion: countsPerMillion, logTransformed: logTransformed)
    if !zscore { preparation.fills = table.means(over: rows) }
    return (preparation, preparation.encode(records))
  }
}

/// The transformations of an expression matrix.
package struct ExpressionPreparation: Preparation {
  package static let modality = ExpressionModality.name
  /// The genes, with means and standard deviations over training records.
  package var scaler: FeatureScaler
  /// Whether values are converted to counts per million first.
  package var countsPerMillion: Bool
  /// Whether values are then converted to ln(1 + x).
  package var logTransformed: Bool
  /// The mean of each gene over training records, where the scaler does not have it.
  package var fills: [Float]?

  /// What stands for absent genes and missing values: the means over training records.
  var substitutes: [Float] { fills ?? scaler.means }

  package init(scaler: FeatureScaler, countsPerMillion: Bool, logTransformed: Bool) {
    self.scaler = scaler
    self.countsPerMillion = countsPerMillion
    self.logTransformed = logTransformed
  }

  package func encode(_ records: any Records) -> any EncodedRecords {
    var table = records as! FeatureTable
    if table.names != scaler.genes {
      let place = Dictionary(uniqueKeysWithValues: table.names.enumerated().map { ($1, $0) })
      table = table.selecting(
        columns: scaler.genes.map { gene in
          guard let column = place[gene] else { preconditionFailure("the table lacks the gene \(gene)") }
          return column
        })
    }
    if table.hasGaps { table = table.filling(substitutes) }
    return EncodedRows(Tensor(scaler.apply(table.values), shape: [table.rowCount, scaler.genes.count]))
  }

  package var featureNames: [String] { scaler.genes }
  package var shape: InputShape { InputShape(row: scaler.genes.count) }
  package var problem: String? {
    if let fills, fills.count != scaler.genes.count || !fills.allSatisfy(\.isFinite) {
      return "found \(fills.count) means of genes, expected \(scaler.genes.count) finite ones"
    }
    return scaler.problem
  }

  package var summary: [(name: String, value: String)] {
    let steps = [
      countsPerMillion ? "counts per million" : nil, logTransformed ? "ln(1 + x)" : nil,
      scaler.deviations.contains { $0 != 1 } ? "z-score of the training samples" : nil,
    ].compactMap { $0 }
    return [
      ("genes", FormatError.counted(scaler.genes)),
      ("preparation", steps.isEmpty ? "none" : steps.joined(separator: ", ")),
    ]
  }
}

extension FeatureScaler {
  /// The reason why the scaler cannot be used, if any.
  package var problem: String? {
    if means.count != genes.count || deviations.count != genes.count {
      return
        "found \(genes.count) features with \(means.count) means and \(deviations.count) deviations"
    }
    if genes.isEmpty { return "found no feature" }
    if let deviation = deviations.first(where: { !($0 > 0) }) {
      return "found a feature with the deviation \(deviation), expected more than 0"
    }
    return nil
  }
}
