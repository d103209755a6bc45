import LigaseRuntime

extension SparseExpressionMatrix {
  /// Reads a matrix in MatrixMarket form from `path`, a file or a folder of 10x Genomics; `-` or nil is standard input.
  public init(contentsOf path: String?, options: ExpressionMatrix.ReadingOptions = .init()) throws {
    var reading = ExpressionMatrix.Reading()
    try self.init(contentsOf: path, options: options, reading: &reading)
  }

  /// Reads a matrix in MatrixMarket form and stores the properties of the file in `reading`.
  ///
  /// Names come from `features.tsv` (or `genes.tsv`) and `barcodes.tsv` in the same folder, or from the files
  /// that the options name. Sizes, indices and the number of entries are checked; an index of 0, a duplicate
  /// entry and duplicate cells throw a `FormatError` with the position.
  package init(
    contentsOf path: String?, options: ExpressionMatrix.ReadingOptions,
    reading: inout ExpressionMatrix.Reading
  ) throws {
    let file = try ExpressionFile(contentsOf: path, threads: options.threads)
    guard file.isMatrixMarket, case .sparse(let matrix) = try file.read(options, reading: &reading) else {
      throw FormatError(
        .badData, path: path ?? "-", line: 1, "found no MatrixMarket, expected `%%MatrixMarket …`")
    }
    self = matrix
  }

  init(
    _ window: TextWindow, options: ExpressionMatrix.ReadingOptions, reading: inout ExpressionMatrix.Reading
  ) throws {
    let layout = try TenXLayout(window, options: options)
    reading = ExpressionMatrix.Reading(orientation: layout.orientation, evidence: layout.evidence)
    reading.otherFeatureCount = layout.genes.count - layout.keptGenes.count
    var rows = SparseRows(
      count: layout.samples.count, entryCount: layout.header.entryCount, sizeBound: window.sizeBound)
    let column = layout.columnOfGene
    let genesInRows = layout.orientation == .genesInRows
    try MatrixMarketEntries(window: window, header: layout.header).forEach { row, other, value, line in
      let gene = column[genesInRows ? row : other]
      if gene < 0 { return }
      if value.isNaN {
        reading.missingCount += 1
        if options.missingValues == .error {
          throw FormatError(
            .badData, path: window.path, line: line, "found a missing value, expected a number",
            remedy: .chooseMissingPolicy)
        }
        if options.missingValues == .zero { return }
      }
      if !rows.append(genesInRows ? other : row, gene, value) {
        throw FormatError(
          .badData, path: window.path, line: line,
          "found row \(row + 1), column \(other + 1) twice, expected every place once")
      }
    }
    if let (sample, gene) = rows.finish() {
      throw FormatError(
        .badData, path: window.path,
        "found the value of \(FormatError.quoted(layout.keptGenes[gene])) in "
          + "\(FormatError.quoted(layout.samples[sample])) twice, expected every place once")
    }
    self.init(
      samples: layout.samples, genes: layout.keptGenes, rowStarts: rows.starts, columns: rows.columns,
      values: rows.values)
    reading.missingPolicy = options.missingValues
    fillMissing(options.missingValues, &reading)
    reading.duplicatedGenes = try mergeDuplicates(options.duplicateGenes, path: layout.featuresPath)
  }

  /// Replaces missing values by the means of their genes over the samples that have them, or removes their
  /// genes.
  private mutating func fillMissing(
    _ policy: ExpressionMatrix.MissingValues, _ reading: inout ExpressionMatrix.Reading
  ) {
    if reading.missingCount == 0 || policy == .zero || policy == .keep { return }
    var (sums, missing) = (
      [Double](repeating: 0, count: genes.count), [Int](repeating: 0, count: genes.count)
    )
    for i in values.indices {
      let gene = Int(columns[i])
      if values[i].isNaN { missing[gene] += 1 } else { sums[gene] += Double(values[i]) }
    }
    if policy == .dropGene {
      reading.droppedGenes = genes.indices.filter { missing[$0] > 0 }.map { genes[$0] }
      self = keepingColumns(genes.indices.filter { missing[$0] == 0 })
      return
    }
    for i in values.indices where values[i].isNaN {
      let gene = Int(columns[i])
      values[i] = Float(sums[gene] / Double(max(1, samples.count - missing[gene])))
    }
  }
}

/// A MatrixMarket header with the names of both axes.
struct TenXLayout {
  let header: MatrixMarketHeader
  let featuresPath: String
  let genes: [String]
  let samples: [String]
  let orientation: ExpressionMatrix.Orientation
  let evidence: String
  private let isKept: [Bool]

  /// Reads the header from the window, and then the names.
  init(_ window: TextWindow, options: ExpressionMatrix.ReadingOptions) throws {
    let header = try MatrixMarketHeader(window)
    self.header = header
    let path = window.path
    let featuresPath =
      try options.featuresFile ?? TenXFiles.sibling(of: path, named: ["features", "genes"])
    let barcodesPath = try options.barcodesFile ?? TenXFiles.sibling(of: path, named: ["barcodes", "cells"])
    let features = try TenXFeatures(
      contentsOf: featuresPath, naming: options.geneNames, keepsAllTypes: options.keepsAllFeatures)
    let barcodes = try TenXFiles.rows(contentsOf: barcodesPath).map { $0[0] }
    var seen: [String: Int] = [:]
    for (i, barcode) in barcodes.enumerated() {
      if let first = seen.updateValue(i, forKey: barcode) {
        throw FormatError(
          .badData, path: barcodesPath, line: i + 1,
          "found cell \(FormatError.quoted(barcode)) twice (first on line \(first + 1)), expected unique names"
        )
      }
    }
    let counts = (features.names.count, barcodes.count)
    let fits = (counts == (header.rows, header.columns), counts == (header.columns, header.rows))
    let chosen = options.orientation ?? (fits.0 || !fits.1 ? .genesInRows : .samplesInRows)
    guard chosen == .genesInRows ? fits.0 : fits.1 else {
      throw FormatError(
        .badData, path: path, line: header.line,
        "found \(header.rows) rows and \(header.columns) columns, expected \(counts.0) genes as in "
          + "\(FormatError.printable(featuresPath.utf8)) and \(counts.1) cells as in "
          + FormatError.printable(barcodesPath.utf8))
    }
    orientation = chosen
    evidence =
      options.orientation != nil
      ? "as given"
      : fits.0 && fits.1 ? "the layout of 10x" : "\(counts.0) genes and \(counts.1) cells are named"
    self.featuresPath = featuresPath
    genes = features.names
    samples = barcodes
    isKept = features.isKept
  }

  /// The genes that are kept.
  var keptGenes: [String] { zip(genes, isKept).filter(\.1).map(\.0) }

  /// The new column of each gene, -1 for a removed one.
  var columnOfGene: [Int32] {
    var next: Int32 = 0
    return isKept.map { isKept in
      if !isKept { return -1 }
      next += 1
      return next - 1
    }
  }
}

/// Entries in any order, sorted into compressed rows.
struct SparseRows {
  private(set) var starts: [Int]
  private(set) var columns: [Int32] = []
  private(set) var values: [Float] = []
  /// The row of each entry; empty as long as they are in order.
  private var rows: [Int32] = []
  private var isInOrder = true
  private var last: (row: Int, column: Int32) = (0, -1)

  /// Creates `count` rows; no more memory is reserved than a file of `sizeBound` bytes could fill.
  init(count: Int, entryCount: Int, sizeBound: Int?) {
    starts = [Int](repeating: 0, count: count + 1)
    let room = min(entryCount, (sizeBound ?? 1 << 22) / 4)
    columns.reserveCapacity(room)
    values.reserveCapacity(room)
  }

  /// Adds an entry; returns false if it repeats the previous one.
  mutating func append(_ row: Int, _ column: Int32, _ value: Float) -> Bool {
    if isInOrder, row < last.row || row == last.row && column <= last.column {
      if row == last.row && column == last.column { return false }
      // The rows of entries in order follow from their counts.
      isInOrder = false
      rows.reserveCapacity(columns.capacity)
      for row in 0..<starts.count - 1 { for _ in 0..<starts[row + 1] { rows.append(Int32(row)) } }
    }
    if !isInOrder { rows.append(Int32(row)) }
    last = (row, column)
    starts[row + 1] += 1
    columns.append(column)
    values.append(value)
    return true
  }

  /// Sorts entries that are out of order; returns a duplicate index, if there is one.
  mutating func finish() -> (row: Int, column: Int)? {
    for row in 0..<starts.count - 1 { starts[row + 1] += starts[row] }
    if isInOrder { return nil }
    var next = starts
    var sortedColumns = [Int32](repeating: 0, count: columns.count)
    var sortedValues = [Float](repeating: 0, count: values.count)
    for i in columns.indices {
      let to = next[Int(rows[i])]
      next[Int(rows[i])] += 1
      sortedColumns[to] = columns[i]
      sortedValues[to] = values[i]
    }
    rows = []
    for row in 0..<starts.count - 1 {
      let range = starts[row]..<starts[row + 1]
      if !isRising(sortedColumns[range]) {
        let order = range.sorted { sortedColumns[$0] < sortedColumns[$1] }
        let (rowColumns, rowValues) = (order.map { sortedColumns[$0] }, order.map { sortedValues[$0] })
        sortedColumns.replaceSubrange(range, with: rowColumns)
        sortedValues.replaceSubrange(range, with: rowValues)
        for i in range.dropFirst() where sortedColumns[i] == sortedColumns[i - 1] {
          return (row, Int(sortedColumns[i]))
        }
      }
    }
    (columns, values) = (sortedColumns, sortedValues)
    return nil
  }

  private func isRising(_ columns: ArraySlice<Int32>) -> Bool {
    var previous: Int32 = -1
    for column in columns {
      if column <= previous { return false }
      previous = column
    }
    return true
  }
}
