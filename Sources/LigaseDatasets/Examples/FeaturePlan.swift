/// What is to be fitted on training examples before a network reads them.
public enum FeaturePlan: Sendable {
  /// Residues; nothing is fitted but the common length.
  case sequence(SequenceEncoding)
  /// Genes: the mean and deviation of each, over the `topVariance` genes that vary most, or all.
  case expression(isScaled: Bool, topVariance: Int?, countsPerMillion: Bool, logTransformed: Bool)
  /// Sites: what fills missing genotypes, mean and deviation of each.
  case genotype(sites: [VariantSite], missing: GenotypeFeatures.Missing)

  /// Fits on the training rows.
  ///
  /// - Parameter observations: what was observed, where genes are to count as much as they tell of it: each is then scaled
  ///   by the adjusted share of its variance that lies between classes, or that a value explains.
  /// - Returns: what was fitted, and the inputs brought to its features.
  public func fit(
    _ inputs: RawInputs, train: [Int], weighedBy observations: Observations? = nil
  ) -> (features: Features, inputs: RawInputs) {
    switch (self, inputs) {
    case (.sequence(var encoding), .sequences(let sequences)):
      let lengths = Set(sequences.lazy.map(\.count))
      encoding.length = lengths.count == 1 ? lengths.first : nil
      return (.sequence(encoding), inputs)
    case (.expression(let isScaled, let top, let cpm, let log), .features(var table)):
      if let top { table = table.topVariance(top, over: train) }
      var scaler =
        isScaled
        ? FeatureScaler(fitting: table.values, genes: table.names, samples: train)
        : FeatureScaler(identityFor: table.names)
      if let observations {
        scaler = scaler.weighed(by: FeatureRelevance.shares(table, train: train, observations))
      }
      return (
        .expression(ExpressionFeatures(scaler: scaler, countsPerMillion: cpm, logTransformed: log)),
        .features(table)
      )
    case (.genotype(let sites, let missing), .features(let table)):
      return (
        .genotype(
          GenotypeFeatures(fitting: table.values, sites: sites, samples: train, missing: missing)), inputs
      )
    default: preconditionFailure("FeaturePlan: inputs of another kind")
    }
  }
}

extension FeatureTable {
  /// The number of examples.
  public var rowCount: Int { names.isEmpty ? 0 : values.count / names.count }

  /// The features that vary most over the chosen rows, in their order here.
  func topVariance(_ count: Int, over rows: [Int]) -> FeatureTable {
    guard count < names.count else { return self }
    let width = names.count
    var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    for row in rows { for i in 0..<width { sums[i] += Double(values[row * width + i]) } }
    for row in rows {
      for i in 0..<width {
        let d = Double(values[row * width + i]) - sums[i] / Double(rows.count)
        squares[i] += d * d
      }
    }
    let kept = Array(0..<width).sorted { (squares[$1], $0) < (squares[$0], $1) }.prefix(count).sorted()
    return selecting(columns: kept)
  }

  /// The chosen features.
  public func selecting(columns: [Int]) -> FeatureTable {
    let width = names.count
    var result: [Float] = []
    result.reserveCapacity(rowCount * columns.count)
    for row in 0..<rowCount { for column in columns { result.append(values[row * width + column]) } }
    return FeatureTable(names: columns.map { names[$0] }, values: result)
  }
}
