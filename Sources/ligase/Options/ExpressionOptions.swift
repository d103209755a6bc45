import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// The options of reading an expression matrix, for all commands.
struct ExpressionReadingOptions: ParsableArguments {
  @Option(help: "Rows of the matrix: samples or genes (default: detected automatically and reported).")
  var orientation: ExpressionMatrix.Orientation?

  @Option(help: "Treatment of genes that occur more than once.")
  var duplicateGenes: ExpressionMatrix.DuplicateGenes = .error

  @Option(
    help:
      "Treatment of missing values (empty, NA, NaN, null, N/A, None, - and similar); mean is that of the training samples in models; keep is only for `parse expression`."
  )
  var missing: ExpressionMatrix.MissingValues = .error

  @Option(
    help: ArgumentHelp(
      "Column with the names of the rows; `none` if there is no such column.", valueName: "column"))
  var idColumn: String?

  @Option(
    help: ArgumentHelp(
      "Column without expression values to ignore, such as a class (repeatable).", valueName: "column"))
  var skipColumn: [String] = []

  @Option(help: "Field separator (default: detected automatically).")
  var delimiter: Delimiter?

  @Flag(
    help:
      "The first line is data, not a header. Columns are named column1, column2, …; a single column of values gets the name of the file."
  )
  var noHeader = false

  @Option(
    help: ArgumentHelp(
      "Genes of a MatrixMarket file (default: features.tsv or genes.tsv in the same folder).",
      valueName: "file"))
  var features: String?

  @Option(
    help: ArgumentHelp(
      "Cells of a MatrixMarket file (default: barcodes.tsv in the same folder).", valueName: "file"))
  var barcodes: String?

  @Option(help: "Gene names of a MatrixMarket file.")
  var geneNames: ExpressionMatrix.GeneNames = .symbols

  @Flag(help: "Keep all feature types, not only gene expression.")
  var allFeatures = false

  /// Reads the matrix at `path` and reports the detected format.
  func read(
    _ path: String?, knownSamples: [String] = [], knownGenes: [String] = [], threads: Int,
    _ report: ReportOptions
  ) throws -> ExpressionMatrix {
    try refuseKeeping()
    let file = try ExpressionFile(contentsOf: path, threads: threads)
    return try readInput(
      file, knownSamples: knownSamples, knownGenes: knownGenes, isForModel: true, threads: threads, report
    ).input.dense()
  }

  /// Reads the matrix at `path` and passes it to `body` by tiles of samples, since what is made of values takes more memory than
  /// they do.
  func readTiles(
    _ path: String?, knownGenes: [String], threads: Int, _ report: ReportOptions,
    _ body: (ExpressionMatrix) throws -> Void
  ) throws {
    try refuseKeeping()
    let file = try ExpressionFile(contentsOf: path, threads: threads)
    let input = try readInput(
      file, knownGenes: knownGenes, isForModel: true, threads: threads, report
    ).input
    let count = input.samples.count
    for first in stride(from: 0, to: max(1, count), by: Self.tile) {
      let rows = first..<min(first + Self.tile, count)
      switch input {
      case .dense(let matrix): try body(count <= Self.tile ? matrix : matrix.selecting(samples: rows))
      case .sparse(let matrix): try body(matrix.selecting(samples: rows).dense())
      }
    }
  }

  /// The samples of a tile: enough for all threads, a quarter of a gigabyte of 30,000 genes.
  private static let tile = 2048

  /// The first of these options that the user specified.
  var given: String? {
    let all = [
      ("--orientation", orientation != nil), ("--duplicate-genes", duplicateGenes != .error),
      ("--missing", missing != .error), ("--id-column", idColumn != nil),
      ("--skip-column", !skipColumn.isEmpty),
      ("--delimiter", delimiter != nil), ("--features", features != nil), ("--barcodes", barcodes != nil),
      ("--gene-names", geneNames != .symbols), ("--all-features", allFeatures), ("--no-header", noHeader),
    ]
    return all.first { $0.1 }?.0
  }

  /// Throws for `--missing keep`, because computations need all values.
  func refuseKeeping() throws {
    if missing == .keep {
      throw ValidationError(
        "--missing keep is only for `parse expression`; use zero, mean or drop-gene")
    }
  }

  /// The library's reading options that these options determine.
  var readingOptions: ExpressionMatrix.ReadingOptions {
    var options = ExpressionMatrix.ReadingOptions()
    options.orientation = orientation
    options.duplicateGenes = duplicateGenes
    options.missingValues = missing
    options.nameColumn = idColumn.map { $0 == "none" ? .none : .named($0) } ?? .first
    options.skippedColumns = skipColumn
    options.delimiter = delimiter
    options.hasHeader = !noHeader
    options.featuresFile = features
    options.barcodesFile = barcodes
    options.geneNames = geneNames
    options.keepsAllFeatures = allFeatures
    return options
  }

  /// Reads an opened matrix, dense or sparse as in the file.
  ///
  /// - Parameter isForModel: whether means for missing values are those of training samples, which a model puts in, and not of the file.
  func readInput(
    _ file: ExpressionFile, knownSamples: [String] = [], knownGenes: [String] = [], isForModel: Bool = false,
    keepsSampleMetadata: Bool = false,
    keepsMissingInSeries: Bool = false, threads: Int, _ report: ReportOptions
  ) throws -> (input: ExpressionInput, found: ExpressionMatrix.Reading) {
    var options = readingOptions
    (options.knownSamples, options.knownGenes) = (knownSamples, knownGenes)
    options.keepsSampleMetadata = keepsSampleMetadata
    options.keepsMissingInSeries = keepsMissingInSeries
    options.threads = threads
    if isForModel, missing == .mean { options.missingValues = .keep }
    var found = ExpressionMatrix.Reading()
    let input = try file.read(options, reading: &found)
    if orientation == nil {
      let text =
        "assuming \(found.orientation.rawValue.replacing("-", with: " ")) (\(found.evidence)); "
        + "--orientation overrides this"
      if found.isOrientationUncertain {
        report.warn("orientation is uncertain: " + text)
      } else {
        report.note(text)
      }
    }
    report.note(found.notices, file.path)
    describe(found, report, isForModel)
    return (input, found)
  }

  private func describe(
    _ found: ExpressionMatrix.Reading, _ report: ReportOptions, _ isForModel: Bool
  ) {
    if !found.duplicatedGenes.isEmpty {
      report.note(
        "merged \(found.duplicatedGenes.count.counted("duplicated gene")) (\(duplicateGenes.rawValue)): "
          + FormatError.list(found.duplicatedGenes, limit: 5))
    }
    if found.otherFeatureCount > 0 {
      report.note(
        "ignored \(found.otherFeatureCount.counted("feature")) of other types than gene expression (--all-features keeps them)"
      )
    }
    if found.missingCount > 0 {
      report.note(
        "\(found.missingCount.counted("missing value")) (--missing \(isForModel && missing == .mean ? "mean, over training samples" : found.missingPolicy.rawValue))"
      )
    }
    if !found.droppedGenes.isEmpty {
      report.note(
        "dropped \(found.droppedGenes.count.counted("gene")) with missing values: \(FormatError.list(found.droppedGenes, limit: 5))"
      )
    }
  }
}

/// The options of reading and transforming an expression matrix.
struct ExpressionOptions: ParsableArguments {
  @OptionGroup var reading: ExpressionReadingOptions

  @Flag(name: .customLong("cpm"), help: "Scale each sample to a sum of one million.")
  var countsPerMillion = false

  @Flag(name: .customLong("log1p"), help: "Transform values by ln(1 + x).")
  var logTransform = false

  @Option(
    help: ArgumentHelp("Keep the genes listed in FILE (one name per line), in that order.", valueName: "file")
  )
  var genes: String?

  @Option(help: ArgumentHelp("Keep the N genes with the highest variance.", valueName: "n"))
  var topVariance: Int?

  func validate() throws {
    if let topVariance, topVariance < 1 {
      throw ValidationError("--top-variance must be at least 1 (got \(topVariance))")
    }
  }

  /// Whether the matrix is transformed.
  var isTransforming: Bool {
    countsPerMillion || logTransform || genes != nil || topVariance != nil
  }

  /// Reads the matrix at `path`, transforms it and reports the detected format. With `choosesLater` the
  /// caller selects the genes with the largest variance, when the samples are known.
  func read(
    _ path: String?, knownSamples: [String] = [], choosesLater: Bool = false, threads: Int,
    _ report: ReportOptions
  ) throws -> ExpressionMatrix {
    try reading.refuseKeeping()
    let file = try ExpressionFile(contentsOf: path, threads: threads)
    let (input, _) = try reading.readInput(
      file, knownSamples: knownSamples, isForModel: true, threads: threads, report)
    return try transform(input, choosesLater: choosesLater, report).dense()
  }

  /// Returns the matrix transformed by the options; a sparse matrix stays sparse.
  func transform(
    _ input: consuming ExpressionInput, choosesLater: Bool = false, _ report: ReportOptions
  ) throws -> ExpressionInput {
    switch consume input {
    case .dense(let matrix): .dense(try transform(matrix, choosesLater, report))
    case .sparse(let matrix): .sparse(try transform(matrix, choosesLater, report))
    }
  }

  private func transform<Matrix: ExpressionTransforming>(
    _ matrix: consuming Matrix, _ choosesLater: Bool, _ report: ReportOptions
  ) throws -> Matrix {
    var matrix = matrix
    if countsPerMillion { matrix = try matrix.countsPerMillion() }
    if logTransform { matrix = try matrix.logTransformed() }
    if let genes { matrix = try select(genes, from: matrix, report) }
    if let topVariance, !choosesLater { matrix = matrix.topVariance(topVariance) }
    report.detail("\(matrix.samples.count.counted("sample")), \(matrix.genes.count.counted("gene"))")
    return matrix
  }

  private func select<Matrix: ExpressionTransforming>(
    _ file: String, from matrix: Matrix, _ report: ReportOptions
  ) throws -> Matrix {
    let names = try NameList.read(contentsOf: file)
    let (selected, missing) = matrix.selecting(genes: names)
    if selected.genes.isEmpty {
      throw FormatError(
        .badData, path: file,
        "lists no gene of the matrix; the file begins with \(FormatError.list(names, limit: 3)), "
          + "the matrix with \(FormatError.list(matrix.genes, limit: 3))")
    }
    if !missing.isEmpty {
      report.note(
        "\(missing.count) of \(names.count.counted("listed gene")) not found in the matrix: \(FormatError.list(missing, limit: 5))"
      )
    }
    return selected
  }
}

extension ExpressionMatrix.Orientation: ExpressibleByArgument {}
extension ExpressionMatrix.DuplicateGenes: ExpressibleByArgument {}
extension ExpressionMatrix.MissingValues: ExpressibleByArgument {}
extension ExpressionMatrix.GeneNames: ExpressibleByArgument {}
