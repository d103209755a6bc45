/// The scaling of expression values, fitted on training samples and stored in the model.
package struct FeatureScaler: Codable, Hashable, Sendable {
  /// The genes, in the order of the network's inputs.
  package let genes: [String]
  /// The mean of each gene, which is subtracted.
  package let means: [Float]
  /// The standard deviation of each gene, by which it is then divided; 1 for a constant gene.
  package let deviations: [Float]

  init(genes: [String], means: [Float], deviations: [Float]) {
    self.genes = genes
    self.means = means
    self.deviations = deviations
  }

  /// Creates a scaler that changes nothing.
  package init(identityFor genes: [String]) {
    self.genes = genes
    means = [Float](repeating: 0, count: genes.count)
    deviations = [Float](repeating: 1, count: genes.count)
  }

  /// Fits means and standard deviations (divisor n) of each gene over the chosen samples.
  ///
  /// - Parameters:
  ///   - values: samples × genes, row-major.
  ///   - samples: the training rows; at least one.
  package init(fitting values: [Float], genes: [String], samples: [Int]) {
    precondition(!samples.isEmpty, "FeatureScaler: no sample to fit on")
    let width = genes.count
    var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    for sample in samples {
      for gene in 0..<width { sums[gene] += Double(values[sample * width + gene]) }
    }
    let count = Double(samples.count)
    for sample in samples {
      for gene in 0..<width {
        let d = Double(values[sample * width + gene]) - sums[gene] / count
        squares[gene] += d * d
      }
    }
    self.genes = genes
    means = sums.map { Float($0 / count) }
    deviations = squares.map { square in
      let deviation = Float((square / count).squareRoot())
      return deviation > 1e-8 && deviation.isFinite ? deviation : 1
    }
  }

  /// The number of standard deviations from the mean beyond which a value is far. At most 4 % of the training
  /// samples of a gene are as far (Chebyshev's inequality).
  package static let farDeviations: Float = 5

  /// Returns the number of samples with far values in more than a tenth of the genes that vary in training.
  package func farSamples(_ values: [Float]) -> Int {
    let varying = genes.indices.filter { deviations[$0] != 1 }
    guard !varying.isEmpty, !genes.isEmpty else { return 0 }
    return stride(from: 0, to: values.count, by: genes.count).count { start in
      varying.count { abs(values[start + $0] - means[$0]) > Self.farDeviations * deviations[$0] } * 10
        > varying.count
    }
  }

  /// Returns scaled values, samples × genes.
  package func apply(_ values: [Float]) -> [Float] {
    let width = genes.count
    var result = values
    for start in stride(from: 0, to: values.count, by: max(width, 1)) {
      for gene in 0..<width {
        result[start + gene] = (values[start + gene] - means[gene]) / deviations[gene]
      }
    }
    return result
  }
}
