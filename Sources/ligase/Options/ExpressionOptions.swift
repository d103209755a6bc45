import ArgumentParser
import LigaseFormats

/// How an expression matrix is read; the same wherever a command takes one.
struct ExpressionReadingOptions: ParsableArguments {
  @Option(help: "Whether rows are samples or genes (default: guessed, and reported).")
  var orientation: ExpressionMatrix.Orientation?

  @Option(help: "A gene that stands there more than once.")
  var duplicateGenes: ExpressionMatrix.DuplicateGenes = .error

  @Option(
    help:
      "Missing values: empty, NA, NaN, null, N/A, None, - and the like; keep goes with `parse expression` alone."
  )
  var missing: ExpressionMatrix.MissingValues = .error

  @Option(help: ArgumentHelp("The column that names the rows, `none` if there is none.", valueName: "column"))
  var idColumn: String?

  @Option(
    help: ArgumentHelp("A column that holds no values, such as a class (repeatable).", valueName: "column"))
  var skipColumn: [String] = []

  @Option(help: "What separates fields (default: what fits the first rows).")
  var delimiter: Delimiter?

  @Flag(
    help:
      "The first line is data; columns are called column1, column2, …, and a single column of values as the file."
  )
  var noHeader = false

  @Option(
    help: ArgumentHelp(
      "The genes of a MatrixMarket file (default: features.tsv or genes.tsv beside it).", valueName: "file"))
  var features: String?

  @Option(
    help: ArgumentHelp(
      "The cells of a MatrixMarket file (default: barcodes.tsv beside it).", valueName: "file"))
  var barcodes: String?

  @Option(help: "What the genes of a MatrixMarket file are called.")
  var geneNames: ExpressionMatrix.GeneNames = .symbols

  @Flag(help: "Keep features of all types, not only gene expression.")
  var allFeatures = false

  /// Reads the matrix at `path`; what was guessed is reported.
  func read(
    _ path: String?, knownSamples: [String] = [], knownGenes: [String] = [], threads: Int,
    _ report: ReportOptions
  ) throws -> ExpressionMatrix {
    try refuseKeeping()
    let file = try ExpressionFile(contentsOf: path, threads: threads)
    return try readInput(
      file, knownSamples: knownSamples, knownGenes: knownGenes, threads: threads, report
    ).input.dense()
  }

  /// The first of these options that is given.
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

  /// Whatever computes needs all values.
  func refuseKeeping() throws {
    if missing == .keep {
      throw ValidationError(
        "--missing keep goes with `parse expression` alone, expected zero, mean or drop-gene")
    }
  }

  /// The options of the library, without what only a command knows.
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

  /// Reads a matrix that has been opened, with its zeros or without, as the file has it.
  func readInput(
    _ file: ExpressionFile, knownSamples: [String] = [], knownGenes: [String] = [],
    keepsSampleMetadata: Bool = false,
    keepsMissingInSeries: Bool = false, threads: Int, _ report: ReportOptions
  ) throws -> (input: ExpressionInput, found: ExpressionMatrix.Reading) {
    var options = readingOptions
    (options.knownSamples, options.knownGenes) = (knownSamples, knownGenes)
    options.keepsSampleMetadata = keepsSampleMetadata
    options.keepsMissingInSeries = keepsMissingInSeries
    options.threads = threads
    var found = ExpressionMatrix.Reading()
    let input = try file.read(options, reading: &found)
    if orientation == nil {
      let text = "took \(found.orientation.rawValue): \(found.evidence) (--orientation overrides this)"
      if found.isOrientationUncertain {
        report.warn("nothing but the shape tells samples from genes; " + text)
      } else {
        report.note(text)
      }
    }
    report.note(found.notices, file.path)
    describe(found, report)
    return (input, found)
  }

  private func describe(_ found: ExpressionMatrix.Reading, _ report: ReportOptions) {
    if !found.duplicatedGenes.isEmpty {
      report.note(
        "merged \(found.duplicatedGenes.count) duplicated genes (\(duplicateGenes.rawValue)): "
          + FormatError.list(found.duplicatedGenes, limit: 5))
    }
    if found.otherFeatureCount > 0 {
      report.note(
        "left out \(found.otherFeatureCount) features that are no gene expression (--all-features keeps them)"
      )
    }
    if found.missingCount > 0 {
      report.note("\(found.missingCount) missing values (\(found.missingPolicy.rawValue))")
    }
    if !found.droppedGenes.isEmpty {
      report.note(
        "left out \(found.droppedGenes.count) genes: \(FormatError.list(found.droppedGenes, limit: 5))")
    }
  }
}

/// How an expression matrix is read and what is done to it.
struct ExpressionOptions: ParsableArguments {
  @OptionGroup var reading: ExpressionReadingOptions

  @Flag(name: .customLong("cpm"), help: "Scale each sample to a sum of one million.")
  var countsPerMillion = false

  @Flag(name: .customLong("log1p"), help: "Take ln(1 + x).")
  var logTransform = false

  @Option(help: ArgumentHelp("Keep the genes of FILE, one name a line, in its order.", valueName: "file"))
  var genes: String?

  @Option(help: ArgumentHelp("Keep the N genes that vary most.", valueName: "n"))
  var topVariance: Int?

  func validate() throws {
    if let topVariance, topVariance < 1 {
      throw ValidationError("found --top-variance \(topVariance), expected a number of genes from 1 up")
    }
  }

  /// Whether anything is done to the matrix.
  var isTransforming: Bool {
    countsPerMillion || logTransform || genes != nil || topVariance != nil
  }

  /// Reads the matrix at `path` and transforms it; what was guessed is reported. With `choosesLater` the
  /// caller keeps the genes that vary most, once it knows over which samples.
  func read(
    _ path: String?, knownSamples: [String] = [], choosesLater: Bool = false, threads: Int,
    _ report: ReportOptions
  ) throws -> ExpressionMatrix {
    try reading.refuseKeeping()
    let file = try ExpressionFile(contentsOf: path, threads: threads)
    let (input, _) = try reading.readInput(file, knownSamples: knownSamples, threads: threads, report)
    return try transform(input, choosesLater: choosesLater, report).dense()
  }

  /// What the options ask for, done to a matrix; one without its zeros stays so.
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
    report.detail("\(matrix.samples.count) samples, \(matrix.genes.count) genes")
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
        "found none of the matrix's genes; the list has \(FormatError.list(names, limit: 3)), "
          + "the matrix \(FormatError.list(matrix.genes, limit: 3))")
    }
    if !missing.isEmpty {
      report.note(
        "\(missing.count) of \(names.count) genes are not there: \(FormatError.list(missing, limit: 5))")
    }
    return selected
  }
}

extension ExpressionMatrix.Orientation: ExpressibleByArgument {}
extension ExpressionMatrix.DuplicateGenes: ExpressibleByArgument {}
extension ExpressionMatrix.MissingValues: ExpressibleByArgument {}
extension ExpressionMatrix.GeneNames: ExpressibleByArgument {}
