/// A file of expression values that has been opened, and not yet been read.
package final class ExpressionFile {
  private let reader: ByteReader
  private let window: TextWindow
  /// The file as the user named it; `-` is standard input.
  package var path: String { window.path }
  /// Whether the file is MatrixMarket, which leaves zeros out.
  package let isMatrixMarket: Bool

  /// Opens `path`, a file or a folder of 10x Genomics; `-` or nil is standard input.
  package init(contentsOf path: String?, threads: Int = 1) throws {
    reader = try ByteReader(contentsOf: path.map { try TenXFiles.matrix(at: $0) }, threads: threads)
    window = TextWindow(reader)
    isMatrixMarket = try ExpressionFile.isMatrixMarket(window)
  }

  /// Whether a text begins as MatrixMarket does; nothing is taken. Intervals with lines for a genome browser throw: their
  /// first line would be a header.
  static func isMatrixMarket(_ window: TextWindow) throws -> Bool {
    if try MatrixMarketHeader.begins(window) { return true }
    let head = UnsafeBufferPointer(start: window.base + window.start, count: window.end - window.start)
    let line = head.prefix { $0 != 0x0A }
    if line.starts(with: "browser ".utf8) || line.starts(with: "track ".utf8) && line.contains(0x3D) {
      throw FormatError(
        .badData, path: window.path, line: window.line,
        "found a line for a genome browser, as in BED, expected an expression matrix")
    }
    return false
  }

  /// Reads the matrix; `reading` says what was found. A file can be read once.
  package func read(
    _ options: ExpressionMatrix.ReadingOptions, reading: inout ExpressionMatrix.Reading
  ) throws -> ExpressionInput {
    isMatrixMarket
      ? .sparse(try SparseExpressionMatrix(window, options: options, reading: &reading))
      : .dense(try ExpressionMatrix(window, reader, options: options, reading: &reading))
  }

  /// Writes the entries of a MatrixMarket file that are not zero, in their order, as strict TSV (gene, cell, value), and
  /// returns their number. Only the names are kept in memory.
  ///
  /// Genes of one name throw. What stands before an error further down has been written by then.
  package func streamTriplets(_ options: ExpressionMatrix.ReadingOptions, to output: OutputFile) throws -> Int
  {
    precondition(isMatrixMarket, "ExpressionFile.streamTriplets: the file is not MatrixMarket")
    let layout = try TenXLayout(window, options: options)
    var names = SparseExpressionMatrix(
      samples: [], genes: layout.keptGenes, rowStarts: [0], columns: [], values: [])
    _ = try names.mergeDuplicates(.error, path: layout.featuresPath)
    let isKept = layout.columnOfGene.map { $0 >= 0 }
    let genesInRows = layout.orientation == .genesInRows
    let genes = layout.genes.map { Array($0.utf8) }
    let samples = layout.samples.map { Array($0.utf8) }
    let table = try TSVWriter(output, columns: ["gene", "cell", "value"])
    var count = 0
    try MatrixMarketEntries(window: window, header: layout.header).forEach { row, column, value, _ in
      let (gene, sample) = genesInRows ? (row, column) : (column, row)
      if !isKept[gene] { return }
      try table.field(genes[gene])
      try table.field(samples[sample])
      table.field(value)
      try table.endRow()
      count += 1
    }
    return count
  }
}

/// An expression matrix as its file holds it: with or without its zeros.
package enum ExpressionInput: Sendable {
  /// Every value is kept.
  case dense(ExpressionMatrix)
  /// MatrixMarket: only the values that are not zero are kept.
  case sparse(SparseExpressionMatrix)

  /// Reads `path`, a file or a folder of 10x Genomics; `-` or nil is standard input. `reading` says what was found.
  package init(
    contentsOf path: String?, options: ExpressionMatrix.ReadingOptions,
    reading: inout ExpressionMatrix.Reading
  ) throws {
    self = try ExpressionFile(contentsOf: path, threads: options.threads).read(options, reading: &reading)
  }

  /// All values, with their zeros.
  package consuming func dense() throws -> ExpressionMatrix {
    switch self {
    case .dense(let matrix): matrix
    case .sparse(let matrix): try matrix.dense()
    }
  }
}
