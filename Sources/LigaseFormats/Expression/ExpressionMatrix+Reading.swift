import LigaseRuntime

extension ExpressionMatrix {
  /// The orientation of the matrix in a file.
  public enum Orientation: String, CaseIterable, Sendable {
    /// One row per sample, one column per gene.
    case samplesInRows = "samples-in-rows"
    /// One row per gene, one column per sample.
    case genesInRows = "genes-in-rows"
  }

  /// The treatment of genes that occur more than once.
  public enum DuplicateGenes: String, CaseIterable, Sendable {
    /// An error.
    case error
    /// The mean of the values.
    case mean
    /// The largest of the values.
    case max
    /// The first gene of the name.
    case first
  }

  /// The treatment of missing values.
  public enum MissingValues: String, CaseIterable, Sendable {
    /// An error with the position.
    case error
    /// Zero.
    case zero
    /// The mean of the gene over the samples that have a value.
    case mean
    /// The gene is removed.
    case dropGene = "drop-gene"
    /// The value stays missing: NaN in the matrix, empty in written files.
    case keep
  }

  /// The column of a file that contains the row names.
  package enum NameColumn: Equatable, Sendable {
    /// The first column.
    case first
    /// The column of this name.
    case named(String)
    /// No column: rows are called `row1`, `row2`, …
    case none
  }

  /// The gene names of a 10x matrix.
  package enum GeneNames: String, CaseIterable, Sendable {
    /// The second column of the features.
    case symbols
    /// The first column of the features.
    case ids
  }

  /// The options of reading a file.
  ///
  /// ```swift
  /// var options = ExpressionMatrix.ReadingOptions()
  /// options.orientation = .genesInRows
  /// options.missingValues = .mean
  /// options.duplicateGenes = .max
  /// let matrix = try ExpressionMatrix(contentsOf: "counts.csv", options: options)
  /// ```
  public struct ReadingOptions: Sendable {
    /// The orientation; nil detects it.
    public var orientation: Orientation?
    /// The treatment of genes that occur more than once.
    public var duplicateGenes = DuplicateGenes.error
    /// The treatment of missing values.
    public var missingValues = MissingValues.error
    /// The delimiter; nil detects it in the first rows.
    public var delimiter: Delimiter?
    /// Whether the first line has column names; without it columns are called `column2` and so on, a single
    /// one as the file.
    public var hasHeader = true
    /// Whether missing values of a GEO series matrix, including empty fields and `null`, stay missing where
    /// no policy was chosen.
    package var keepsMissingInSeries = false
    /// The column of the row names.
    package var nameColumn = NameColumn.first
    /// Columns without values, such as a class. Columns called `Description` and the like after the names,
    /// and those of featureCounts, are detected automatically.
    package var skippedColumns: [String] = []
    /// Known samples; they determine the orientation if it is not given.
    package var knownSamples: [String] = []
    /// Known genes, such as those of a model; they determine the orientation.
    package var knownGenes: [String] = []
    /// The number of threads for parsing; the result does not depend on it.
    package var threads = 1
    /// The table of genes of a MatrixMarket file; nil searches in the folder of the matrix.
    package var featuresFile: String?
    /// The list of cells of a MatrixMarket file; nil searches in the folder of the matrix.
    package var barcodesFile: String?
    /// The gene names of a MatrixMarket file.
    package var geneNames = GeneNames.symbols
    /// Whether features of all types of a MatrixMarket file are kept, not only those of gene expression.
    package var keepsAllFeatures = false
    /// Whether the sample metadata of a GEO series matrix is kept.
    package var keepsSampleMetadata = false

    /// Creates the default options: detected orientation; duplicate genes and missing values are errors.
    public init() {}
  }

  /// The properties of a file that were found while reading it.
  package struct Reading: Sendable {
    /// The orientation.
    package var orientation: Orientation
    /// The reason for the orientation: `as given`, or the evidence.
    package var evidence: String
    /// Whether only the numbers of rows and columns determined the orientation.
    package var isOrientationUncertain = false
    /// Notices about skipped rows and unusual formats.
    package var notices: [TableNotice] = []
    /// The genes that occur more than once in the file.
    package var duplicatedGenes: [String] = []
    /// The number of missing values.
    package var missingCount = 0
    /// The policy for missing values.
    package var missingPolicy = MissingValues.error
    /// The genes that were removed because of missing values.
    package var droppedGenes: [String] = []
    /// The number of skipped features of a MatrixMarket file that are not of gene expression.
    package var otherFeatureCount = 0
    /// The sample metadata of a GEO series matrix, if it was to be kept.
    package var sampleMetadata: SampleMetadata?

    /// Creates the properties before reading.
    package init(orientation: Orientation = .samplesInRows, evidence: String = "") {
      self.orientation = orientation
      self.evidence = evidence
    }
  }

  /// The names (in lower case) of columns after the names that describe the row and have no values.
  static let descriptions: Set<String> = [
    "description", "desc", "gene_name", "gene name", "genename", "gene_symbol", "gene symbol", "symbol",
    "hgnc_symbol",
    "hugo_symbol", "entrez_gene_id", "entrez", "entrezid", "gene_id", "geneid", "gene_type", "gene_biotype",
    "biotype",
    "cytoband", "identifier", "gene_ids", "gene id", "gene.name", "gene.symbol", "gene_short_name",
    "external_gene_name",
    "transcript_id", "transcript_ids", "ensembl_gene_id", "ensembl_id", "hgnc_id", "sequencingid",
    "isdefaultentryformodel",
  ]

  /// Reads a matrix from `path`; `-` or nil is standard input.
  public init(contentsOf path: String?, options: ReadingOptions = .init()) throws {
    var reading = Reading()
    try self.init(contentsOf: path, options: options, reading: &reading)
  }

  /// Reads a matrix from `path` and stores the properties of the file in `reading`.
  ///
  /// The text is TSV, CSV, GCT, a GEO series matrix or MatrixMarket (see `SparseExpressionMatrix`), plain or
  /// compressed: a header row, a column of names, and numbers. An invalid number, a row of another length,
  /// and duplicate samples throw a `FormatError` with the position.
  package init(contentsOf path: String?, options: ReadingOptions, reading: inout Reading) throws {
    self = try ExpressionInput(contentsOf: path, options: options, reading: &reading).dense()
  }

  /// Reads the rest of the text in `window`.
  init(_ window: TextWindow, _ reader: ByteReader, options: ReadingOptions, reading: inout Reading) throws {
    let names: MatrixText.NameColumn =
      switch options.nameColumn {
      case .first: .first
      case .named(let name): .named(name)
      case .none: .none
      }
    let series =
      try GEOSeries.begins(window) ? GEOSeries(window, keepsMetadata: options.keepsSampleMetadata) : nil
    var text = try MatrixText(
      window, reader, delimiter: series == nil ? options.delimiter : .tab, names: names,
      skipped: options.skippedColumns, skippable: ExpressionMatrix.descriptions, isSeries: series != nil,
      hasHeader: options.hasHeader, threads: max(1, options.threads))
    let path = text.path
    if text.rowCount == 0, let series, options.keepsSampleMetadata {
      // Series of sequencing have no values in their matrix, only sample metadata.
      reading = Reading(orientation: .genesInRows, evidence: "the file is a GEO series matrix")
      reading.sampleMetadata = series.metadata
      reading.notices = series.notices + [.emptySeries]
      self.init(samples: text.columnNames, genes: [], values: [])
      return
    }
    if text.rowCount == 0 {
      throw FormatError(
        .badData, path: path, line: series == nil ? text.headerLine + 1 : nil,
        series == nil
          ? "found no row below the header, expected values"
          : "found no values in the table of the series (those of sequencing are in supplementary files)")
    }
    var rowNames = text.tiles.flatMap(\.names)
    if options.nameColumn == .none { rowNames = (1...text.rowCount).map { "row\($0)" } }
    if case .first = options.nameColumn {
      try ExpressionMatrix.refuseNumbers(
        rowNames, under: text.cornerName, beside: text.columnNames, path: path)
    }
    if let orientation = options.orientation {
      reading = Reading(orientation: orientation, evidence: "as given")
    } else if series != nil {
      reading = Reading(orientation: .genesInRows, evidence: "the file is a GEO series matrix")
    } else if text.gct != nil {
      reading = Reading(orientation: .genesInRows, evidence: "the file is GCT")
    } else {
      let guess = OrientationGuess(
        corner: text.cornerName,
        // Generated names give no evidence.
        columns: options.hasHeader ? text.columnNames : text.columnNames.map { _ in "" },
        rows: options.nameColumn == .none ? rowNames.map { _ in "" } : rowNames,
        known: options.knownSamples, genes: options.knownGenes)
      reading = Reading(orientation: guess.orientation, evidence: guess.evidence)
      reading.isOrientationUncertain = guess.isByShape
    }
    reading.notices = text.notices + (series?.notices ?? [])
    reading.sampleMetadata = series?.metadata
    reading.missingCount = text.tiles.reduce(0) { $0 + $1.missingCount }
    let policy =
      series != nil && options.keepsMissingInSeries && options.missingValues == .error
      ? .keep : options.missingValues
    reading.missingPolicy = policy
    if policy == .error, let tile = text.tiles.first(where: { $0.firstMissing != nil }) {
      throw FormatError(
        .badData, path: path, line: tile.firstMissing!.line, column: tile.firstMissing!.column,
        "found a missing value (one of \(reading.missingCount)), expected a number",
        remedy: .chooseMissingPolicy)
    }
    let samplesInRows = reading.orientation == .samplesInRows
    let samples = samplesInRows ? rowNames : text.columnNames
    try ExpressionMatrix.refuseDuplicates(samples, path: path, samplesInRows: samplesInRows)
    let genes = samplesInRows ? text.columnNames : rowNames
    let values = text.assemble(turned: !samplesInRows, threads: max(1, options.threads))
    self.init(
      samples: samples, genes: genes, values: values,
      sampleColumn: samplesInRows && !text.cornerName.isEmpty ? text.cornerName : "sample")
    try mergeDuplicates(options.duplicateGenes, path: path, &reading)
    try fillMissing(policy, path: path, &reading)
  }

  /// Throws for names that are all numbers, most with decimals or under the name of a gene next to genes: the
  /// file has values in place of names.
  private static func refuseNumbers(
    _ names: [String], under corner: String, beside columns: [String], path: String
  ) throws {
    func isGene(_ name: String) -> Bool {
      let kind = GeneName.kind(of: Array(name.utf8))
      let isUpper = name.utf8.allSatisfy { !(0x61...0x7A ~= $0) }
      return kind == .identifier || kind == .symbol || kind == .possibleSymbol && isUpper
    }
    let decimals = names.count { $0.contains(".") }
    let isGeneColumn =
      !OrientationGuess.isCorner(corner) && isGene(corner) && columns.count(where: isGene) * 2 > columns.count
    if decimals * 2 < names.count && !isGeneColumn || names.isEmpty || !areNumbers(names) { return }
    throw FormatError(
      .badData, path: path,
      "found values in the first column (\(FormatError.list(names, limit: 3))), expected names of genes or samples",
      remedy: .nameIDColumn)
  }

  private static func areNumbers(_ names: [String]) -> Bool {
    names.allSatisfy { name in
      var name = name
      return name.withUTF8 { text in
        if case .success = DecimalNumber.double(text) { return true }
        return false
      }
    }
  }

  private static func refuseDuplicates(_ samples: [String], path: String, samplesInRows: Bool) throws {
    var seen: [String: Int] = [:]
    for (i, sample) in samples.enumerated() {
      if let first = seen.updateValue(i, forKey: sample) {
        let pair = "\(first + 1) and \(i + 1)"
        let place = samplesInRows ? "rows \(pair) below the header" : "value columns \(pair)"
        throw FormatError(
          .badData, path: path,
          "found sample \(FormatError.quoted(sample)) twice (\(place)), expected unique names",
          remedy: samplesInRows && areNumbers(samples) ? .nameIDColumn : nil)
      }
    }
  }

  private mutating func mergeDuplicates(
    _ policy: DuplicateGenes, path: String, _ reading: inout Reading
  ) throws {
    var positions: [String: Int] = [:]
    var groups: [[Int]] = []
    for (column, gene) in genes.enumerated() {
      if let group = positions[gene] {
        groups[group].append(column)
      } else {
        positions[gene] = groups.count
        groups.append([column])
      }
    }
    if groups.count == genes.count { return }
    reading.duplicatedGenes = groups.filter { $0.count > 1 }.map { genes[$0[0]] }
    switch policy {
    case .error:
      throw FormatError(
        .badData, path: path,
        "found duplicated genes: \(FormatError.list(reading.duplicatedGenes)); expected unique names",
        remedy: .chooseDuplicatePolicy)
    case .first: self = keepingColumns(groups.map { $0[0] })
    case .mean:
      self = mergingColumns(groups) { row, columns in
        let present = columns.lazy.map { Double(row[$0]) }.filter { !$0.isNaN }
        let count = present.reduce(0) { n, _ in n + 1 }
        return count == 0 ? .nan : Float(present.reduce(0, +) / Double(count))
      }
    case .max:
      self = mergingColumns(groups) { row, columns in
        columns.lazy.map { row[$0] }.filter { !$0.isNaN }.max() ?? .nan
      }
    }
  }

  mutating func fillMissing(_ policy: MissingValues, path: String, _ reading: inout Reading) throws {
    if reading.missingCount == 0 || policy == .error || policy == .keep { return }
    if policy == .zero { return replaceMissing { _ in 0 } }
    var sums = [Double](repeating: 0, count: genes.count)
    var counts = [Int](repeating: 0, count: genes.count)
    for sample in samples.indices {
      for (gene, value) in values(ofSample: sample).enumerated() where !value.isNaN {
        sums[gene] += Double(value)
        counts[gene] += 1
      }
    }
    if policy == .dropGene {
      let kept = genes.indices.filter { counts[$0] == samples.count }
      reading.droppedGenes = genes.indices.filter { counts[$0] < samples.count }.map { genes[$0] }
      if kept.isEmpty {
        throw FormatError(.badData, path: path, "found missing values in every gene, so none is left")
      }
      self = keepingColumns(kept)
    } else {
      if let gene = counts.firstIndex(of: 0) {
        throw FormatError(
          .badData, path: path,
          "found no value at all for gene \(FormatError.quoted(genes[gene])), so it has no mean",
          remedy: .chooseMissingPolicy)
      }
      replaceMissing { Float(sums[$0] / Double(counts[$0])) }
    }
  }
}
