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
  /// - Parameters:
  ///   - weights: what was observed, where genes are to count as much as they tell of it: each is then scaled by the
  ///     adjusted share of its variance that lies between classes, or that a value explains.
  ///   - classes: the class of every row and their number, where the ancestry of genotypes is to be found.
  /// - Returns: what was fitted, the inputs brought to its features, and the same as a network reads them.
  public func fit(
    _ inputs: RawInputs, train: [Int], weighedBy weights: Observations? = nil,
    classes: (of: [Int32], count: Int)? = nil
  ) -> (features: Features, inputs: RawInputs, encoded: EncodedInputs) {
    var ancestry: [Float]?
    let (features, inputs) = find(inputs, train, weights, classes, &ancestry)
    if let ancestry, case .genotype(let found) = features, case .features(let table) = inputs {
      return (features, inputs, .rows(found.encode(table.values, ancestry: ancestry)))
    }
    return (features, inputs, features.encode(inputs))
  }

  /// Fits; features of ancestry, where they are found, are those of all rows, the training rows' without themselves.
  private func find(
    _ inputs: RawInputs, _ train: [Int], _ weights: Observations?, _ classes: (of: [Int32], count: Int)?,
    _ ancestry: inout [Float]?
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
      if let weights {
        scaler = scaler.weighed(by: FeatureRelevance.shares(table, train: train, weights))
      }
      return (
        .expression(ExpressionFeatures(scaler: scaler, countsPerMillion: cpm, logTransformed: log)),
        .features(table)
      )
    case (.genotype(let sites, let missing), .features(let table)):
      var features = GenotypeFeatures(fitting: table.values, sites: sites, samples: train, missing: missing)
      if let classes,
        let (found, training) = AncestryFeatures.fit(
          table.values, siteCount: sites.count, samples: train, classes: classes.of,
          classCount: classes.count)
      {
        features.ancestry = found
        var all = found.encode(table.values, siteCount: sites.count)
        let k = classes.count
        for (i, row) in train.enumerated() {
          all.replaceSubrange((row * k)..<((row + 1) * k), with: training[(i * k)..<((i + 1) * k)])
        }
        ancestry = all
      }
      return (.genotype(features), inputs)
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
