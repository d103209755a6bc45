/// Transformations of expression values, for dense and sparse matrices.
package protocol ExpressionTransforming {
  /// The samples, in the order of the rows.
  var samples: [String] { get }
  /// The genes, in the order of the columns.
  var genes: [String] { get }
  /// Returns ln(1 + x) of every value; a negative value throws.
  consuming func logTransformed() throws -> Self
  /// Returns the matrix with every sample scaled to a sum of one million; a negative value throws.
  consuming func countsPerMillion() throws -> Self
  /// Returns the `count` genes with the largest variance over the samples, in their order.
  consuming func topVariance(_ count: Int) -> Self
  /// Returns the genes of a list in its order, and those of it that are not in the matrix.
  func selecting(genes wanted: [String]) -> (matrix: Self, missing: [String])
}

extension ExpressionMatrix: ExpressionTransforming {
  /// Returns the `count` genes with the largest variance over all samples (ties in the order of the file), in
  /// their order.
  package consuming func topVariance(_ count: Int) -> ExpressionMatrix { topVariance(count, over: nil) }
}
