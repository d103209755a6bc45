import LigaseDatasets
import LigaseFormats

extension Model {
  /// The genes that the model reads; empty where it reads none.
  package var genes: [String] {
    manifest.inputs.lazy.compactMap { ($0.preparation.base as? ExpressionPreparation)?.scaler.genes }.first
      ?? []
  }

  /// Brings an expression matrix to the genes of the model's input of profiles, by name.
  ///
  /// - Parameters:
  ///   - matrix: values as the model's training data came, before counts per million and logarithm.
  ///   - leastShare: the share of the model's genes that must be there.
  /// - Throws: `JoinError` when fewer are; `FormatError` for values the transformations refuse.
  package func align(
    _ matrix: consuming ExpressionMatrix, leastShare: Double = 0.5
  ) throws -> (matrix: ExpressionMatrix, alignment: GeneAlignment) {
    let found = manifest.inputs.lazy.compactMap { $0.preparation.base as? ExpressionPreparation }.first
    guard let preparation = found else {
      preconditionFailure("Model.align: a model of \(manifest.task), which reads no profiles")
    }
    return try preparation.align(matrix, leastShare: leastShare)
  }
}
