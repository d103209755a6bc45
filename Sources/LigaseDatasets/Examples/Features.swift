import LigaseTensors

/// What is done to the inputs of examples before a network reads them: fitted on training examples, kept with the model.
public enum Features: Codable, Hashable, Sendable {
  /// Residues.
  case sequence(SequenceEncoding)
  /// Expression of genes.
  case expression(ExpressionFeatures)
  /// Allele counts at sites.
  case genotype(GenotypeFeatures)

  /// The inputs as a network reads them; tables are already in the order of the features.
  public func encode(_ inputs: RawInputs) -> EncodedInputs {
    switch (self, inputs) {
    case (.sequence(let encoding), .sequences(let sequences)): return .sequences(sequences, encoding)
    case (.expression(let features), .features(let table)):
      precondition(table.names == features.scaler.genes, "Features: the table has other genes")
      let rows = features.scaler.genes.isEmpty ? 0 : table.values.count / features.scaler.genes.count
      return .rows(Tensor(features.scaler.apply(table.values), shape: [rows, features.scaler.genes.count]))
    case (.genotype(let features), .features(let table)): return .rows(features.encode(table.values))
    default: preconditionFailure("Features: inputs of another kind")
    }
  }

  /// The number of features of a row; 0 for sequences.
  public var rowWidth: Int {
    switch self {
    case .sequence: 0
    case .expression(let features): features.scaler.genes.count
    case .genotype(let features): features.width
    }
  }

  /// Why they cannot be used, if so; checked before memory is taken for a network.
  public var problem: String? {
    switch self {
    case .sequence(let encoding): encoding.problem
    case .expression(let features): features.scaler.problem
    case .genotype(let features): features.problem
    }
  }
}

/// What is done to a matrix of gene expression.
public struct ExpressionFeatures: Codable, Hashable, Sendable {
  /// Genes, their means and deviations over training samples.
  public var scaler: FeatureScaler
  /// Whether counts per million were taken first.
  public var countsPerMillion: Bool
  /// Whether ln(1 + x) was taken then.
  public var logTransformed: Bool

  /// Joins the settings.
  public init(scaler: FeatureScaler, countsPerMillion: Bool, logTransformed: Bool) {
    self.scaler = scaler
    self.countsPerMillion = countsPerMillion
    self.logTransformed = logTransformed
  }
}

extension FeatureScaler {
  /// Why it cannot be used, if so.
  public var problem: String? {
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
