/// What can be done to expression values whether or not their zeros are kept.
package protocol ExpressionTransforming {
  /// The samples, in the order of the rows.
  var samples: [String] { get }
  /// The genes, in the order of the columns.
  var genes: [String] { get }
  /// ln(1 + x) of every value; a negative value throws.
  consuming func logTransformed() throws -> Self
  /// Every sample scaled to a sum of one million; a negative value throws.
  consuming func countsPerMillion() throws -> Self
  /// The `count` genes that vary most over the samples, in their order.
  consuming func topVariance(_ count: Int) -> Self
  /// The genes of a list in the list's order, and those of it that the matrix does not have.
  func selecting(genes wanted: [String]) -> (matrix: Self, missing: [String])
}

extension ExpressionMatrix: ExpressionTransforming {
  /// The `count` genes that vary most over all samples (equal ones in the order of the file), in their order.
  package consuming func topVariance(_ count: Int) -> ExpressionMatrix { topVariance(count, over: nil) }
}
