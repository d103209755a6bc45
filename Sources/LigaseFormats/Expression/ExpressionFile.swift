/// An opened file of expression values that has not been read.
package final class ExpressionFile {
  private let reader: ByteReader
  private let window: TextWindow
  /// The file as the user named it; `-` is standard input.
  package var path: String { window.path }
  /// Whether the file is MatrixMarket, which omits zeros.
  package let isMatrixMarket: Bool

  /// Opens `path`, a file or a folder of 10x Genomics; `-` or nil is standard input.
  package init(contentsOf path: String?, threads: Int = 1) throws {
    reader = try ByteReader(contentsOf: path.map { try TenXFiles.matrix(at: $0) }, threads: threads)
    window = TextWindow(reader)
    isMatrixMarket = try ExpressionFile.isMatrixMarket(window)
  }

  /// Returns whether a text begins like MatrixMarket, without consuming it. Intervals with lines for a genome
  /// browser throw, because their first line would be a header.
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

  /// Reads the matrix; `reading` gets the properties of the file. A file can be read once.
  package func read(
    _ options: ExpressionMatrix.ReadingOptions, reading: inout ExpressionMatrix.Reading
  ) throws -> ExpressionInput {
    isMatrixMarket
      ? .sparse(try SparseExpressionMatrix(window, options: options, reading: &reading))
      : .dense(try ExpressionMatrix(window, reader, options: options, reading: &reading))
  }

  /// Writes the nonzero entries of a MatrixMarket file in order as strict TSV (gene, cell, value), and
  /// returns their number. Only the names are in memory.
  ///
  /// Duplicate genes throw. Entries before an invalid one have already been written then.
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

/// An expression matrix as in its file: with or without its zeros.
package enum ExpressionInput: Sendable {
  /// A matrix with all values.
  case dense(ExpressionMatrix)
  /// A MatrixMarket matrix with nonzero values only.
  case sparse(SparseExpressionMatrix)

  /// The samples, in the order of the rows.
  package var samples: [String] {
    switch self {
    case .dense(let matrix): matrix.samples
    case .sparse(let matrix): matrix.samples
    }
  }

  /// Reads `path`, a file or a folder of 10x Genomics; `-` or nil is standard input. `reading` gets the
  /// properties of the file.
  package init(
    contentsOf path: String?, options: ExpressionMatrix.ReadingOptions,
    reading: inout ExpressionMatrix.Reading
  ) throws {
    self = try ExpressionFile(contentsOf: path, threads: options.threads).read(options, reading: &reading)
  }

  /// Returns the matrix with all values, including zeros.
  package consuming func dense() throws -> ExpressionMatrix {
    switch self {
    case .dense(let matrix): matrix
    case .sparse(let matrix): try matrix.dense()
    }
  }
}
