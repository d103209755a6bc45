import LigaseFormats

extension ExpressionModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let fitted = preparation as? ExpressionPreparation
    var options = ExpressionMatrix.ReadingOptions()
    options.knownGenes = fitted?.scaler.genes ?? []
    options.knownSamples = file.possibleIDs
    options.threads = file.threads
    // A table with samples in rows may hold labels beside the genes.
    if let path = file.path, path != "-", let table = try? TableStream(contentsOf: path) {
      options.skippedColumns = table.columnNames.filter { file.excluded.contains($0) && $0 != file.key }
      if let key = file.key, table.columnNames.contains(key) { options.nameColumn = .named(key) }
    }
    return try read(ExpressionMatrix(contentsOf: file.path, options: options), file, as: preparation)
  }

  /// A matrix that was read.
  package static func read(
    _ matrix: ExpressionMatrix, _ file: InputFile, as preparation: (any Preparation)?
  ) throws -> ReadInput {
    var (matrix, notes) = (matrix, [String]())
    if let fitted = preparation as? ExpressionPreparation {
      let (aligned, alignment) = try fitted.align(matrix, leastShare: file.leastShare)
      (matrix, notes) = (aligned, alignment.report)
    }
    return ReadInput(
      ids: matrix.samples, FeatureTable(names: matrix.genes, values: matrix.values), ExpressionModality(),
      notes: notes)
  }
}
