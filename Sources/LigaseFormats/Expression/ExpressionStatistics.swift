/// Summary statistics of an expression matrix.
package struct ExpressionStatistics: Equatable, Sendable {
  /// The number of genes, counting duplicates.
  package var genes: Int
  /// The number of samples.
  package var samples: Int
  /// The number of values that are empty or `NA`.
  package var missing: Int
  /// The smallest value, nil if all are missing.
  package var minimum: Float?
  /// The largest value, nil if all are missing.
  package var maximum: Float?
  /// The orientation of the matrix, according to its names.
  package var orientation: ExpressionMatrix.Orientation

  /// Reads `path` (`-` or nil is standard input): TSV, CSV, GCT, a GEO series matrix or MatrixMarket, in
  /// which rows are genes as written by 10x Genomics, and omitted values are 0.
  package init(contentsOf path: String?, threads: Int = 1) throws {
    try self.init(ByteReader(contentsOf: path, threads: threads), threads: threads)
  }

  init(_ reader: ByteReader, threads: Int) throws {
    let window = TextWindow(reader)
    if try ExpressionFile.isMatrixMarket(window) {
      self = try ExpressionStatistics.matrixMarket(window)
      return
    }
    let series = try GEOSeries.begins(window) ? GEOSeries(window, keepsMetadata: false) : nil
    let text = try MatrixText(
      window, reader, delimiter: series == nil ? nil : .tab, names: .first, skipped: [],
      skippable: ExpressionMatrix.descriptions, isSeries: series != nil, threads: max(1, threads))
    let names = text.tiles.flatMap(\.names)
    let guess = OrientationGuess(
      corner: text.cornerName, columns: text.columnNames, rows: names, known: [])
    orientation = text.gct != nil || series != nil ? .genesInRows : guess.orientation
    let (rows, columns) = (text.rowCount, text.columnNames.count)
    (genes, samples) = orientation == .genesInRows ? (rows, columns) : (columns, rows)
    missing = text.tiles.reduce(0) { $0 + $1.missingCount }
    var (least, most) = (Float.infinity, -Float.infinity)
    for tile in text.tiles {
      for block in 0..<tile.blocks.count {
        let values = tile.values(ofBlock: block)
        for i in 0..<(tile.rowCount * tile.blocks.columns(ofBlock: block).count) where !values[i].isNaN {
          least = min(least, values[i])
          most = max(most, values[i])
        }
      }
    }
    minimum = least <= most ? least : nil
    maximum = least <= most ? most : nil
  }

  private static func matrixMarket(_ window: TextWindow) throws -> ExpressionStatistics {
    let header = try MatrixMarketHeader(window)
    var (least, most) = (Float.infinity, -Float.infinity)
    var (count, missing) = (0, 0)
    try MatrixMarketEntries(window: window, header: header).forEach { _, _, value, _ in
      if value.isNaN {
        (missing, count) = (missing + 1, count + 1)
        return
      }
      (least, most, count) = (min(least, value), max(most, value), count + 1)
    }
    if count < header.rows * header.columns { (least, most) = (min(least, 0), max(most, 0)) }
    return ExpressionStatistics(
      genes: header.rows, samples: header.columns, missing: missing, minimum: least <= most ? least : nil,
      maximum: least <= most ? most : nil, orientation: .genesInRows)
  }

  private init(
    genes: Int, samples: Int, missing: Int, minimum: Float?, maximum: Float?,
    orientation: ExpressionMatrix.Orientation
  ) {
    self.genes = genes
    self.samples = samples
    self.missing = missing
    self.minimum = minimum
    self.maximum = maximum
    self.orientation = orientation
  }
}
