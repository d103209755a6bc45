import LigaseRuntime

/// The header row of a matrix: the column of row names, and the columns with values.
struct MatrixHeader: Sendable {
  var cornerName = ""
  var columnNames: [String] = []
  /// The column of row names, nil if there is none.
  var nameColumn: Int?
  /// Whether each column has values.
  var isValue: [Bool] = []
  /// The column after a trailing delimiter, in which rows are empty; nil where there is none.
  var emptyColumn: Int?
  /// The start of the rows, in bytes of the first chunk and in lines.
  var firstRow = 0
  var firstLine = 1
  /// Notices about skipped columns.
  var notices: [TableNotice] = []

  private let path: String
  private let line: Int

  init(
    _ chunk: TextChunk, path: String, names: MatrixText.NameColumn, skipped: [String], skippable: Set<String>,
    layout: TableLayout, hasHeader: Bool = true, preamble: GCTPreamble? = nil
  ) throws {
    self.path = path
    line = chunk.line + (preamble == nil ? 0 : 2)
    let base = UnsafePointer(chunk.base!)
    let position = preamble?.end ?? chunk.start
    if position >= chunk.end {
      throw FormatError(.badData, path: path, line: line, "found the end of the file, expected a header row")
    }
    func scanner(_ position: Int, _ line: Int) -> FieldScanner {
      FieldScanner(
        base, position, chunk.end, delimiter: layout.delimiter, line: line, path: path, stripsQuotes: true)
    }
    var fields = scanner(position, line)
    var all: [String] = []
    while let field = try fields.next() { all.append(try fields.string(field).withoutSurroundingSpaces) }
    (firstRow, firstLine) = (fields.position, fields.line)
    if all.count == 1 && all[0].isEmpty {
      throw FormatError(.badData, path: path, line: line, "found a blank line, expected a header row")
    }
    if hasHeader {
      var firstFields = scanner(firstRow, firstLine)
      var count = 0
      if firstRow < chunk.end { while try firstFields.next() != nil { count += 1 } }
      // R omits the name of the row-name column: the header has one field less, and its first field names a
      // column of values.
      if case .first = names, count == all.count + 1, all.count > 1, layout.trailing == .none,
        !MatrixHeader.isNameOfColumn(all[0])
      {
        all.insert("", at: 0)
      }
    } else {
      all = all.indices.map { "column\($0 + 1)" }
      (firstRow, firstLine) = (position, line)
    }
    isValue = [Bool](repeating: true, count: all.count)
    emptyColumn = layout.trailing == .none ? nil : layout.trailing == .rows ? all.count : all.count - 1
    if layout.trailing == .headerAndRows { isValue[all.count - 1] = false }
    try chooseNames(all, names, skippable)
    if let preamble { try skipMetadata(preamble, scanner, chunk.end) }
    for name in skipped {
      guard let index = all.firstIndex(of: name) else { throw unknown(name, all) }
      isValue[index] = false
    }
    columnNames = all.indices.filter { isValue[$0] }.map { all[$0] }
    try refuse(all, layout, hasHeader: hasHeader && preamble == nil)
    if !hasHeader, nameColumn != nil {
      cornerName = ""
      // A single sample is named after the file.
      if columnNames.count == 1, path != "-" { columnNames = [MatrixHeader.stem(path)] }
    }
  }

  /// Finds the column of names, and those after it that describe the rows.
  private mutating func chooseNames(_ all: [String], _ names: MatrixText.NameColumn, _ skippable: Set<String>)
    throws
  {
    switch names {
    case .first: nameColumn = 0
    case .none: nameColumn = nil
    case .named(let name):
      guard let index = all.firstIndex(of: name) else { throw unknown(name, all) }
      nameColumn = index
    }
    guard let nameColumn else { return }
    cornerName = all[nameColumn]
    isValue[nameColumn] = false
    var next = nameColumn + 1
    var skipped: [String] = []
    // featureCounts adds the location and length of each gene.
    if cornerName == "Geneid", all.count >= next + 5,
      Array(all[next..<next + 5]) == MatrixHeader.featureCountsColumns
    {
      skipped = MatrixHeader.featureCountsColumns
      next += 5
    }
    while next < all.count, skippable.contains(all[next].lowercased()) {
      skipped.append(all[next])
      next += 1
    }
    for column in nameColumn + 1..<next { isValue[column] = false }
    // Row numbers of pandas have no name.
    if nameColumn > 0, all[0].isEmpty {
      isValue[0] = false
      skipped.insert("the first, which has no name", at: 0)
    }
    if !skipped.isEmpty { notices.append(.skippedColumns(skipped)) }
  }

  private static let featureCountsColumns = ["Chr", "Start", "End", "Strand", "Length"]

  private mutating func skipMetadata(
    _ preamble: GCTPreamble, _ scanner: (Int, Int) -> FieldScanner, _ end: Int
  ) throws {
    for column in 1..<max(1, min(isValue.count, 1 + preamble.rowMetadata)) { isValue[column] = false }
    for _ in 0..<preamble.columnMetadata where firstRow < end {
      var row = scanner(firstRow, firstLine)
      while try row.next() != nil {}
      (firstRow, firstLine) = (row.position, row.line)
    }
  }

  private func refuse(_ all: [String], _ layout: TableLayout, hasHeader: Bool) throws {
    if columnNames.isEmpty {
      throw FormatError(
        .badData, path: path, line: line,
        "found no column of values, expected a column of names and then values, separated by tabs or commas (found: "
          + "\(FormatError.list(all)))", remedy: .nameDelimiter)
    }
    if let column = all.indices.first(where: { isValue[$0] && all[$0].isEmpty }) {
      throw FormatError(
        .badData, path: path, line: line, column: column + 1,
        "found a column of values without a name, expected one")
    }
    if hasHeader, columnNames.count > 1,
      columnNames.allSatisfy({ MatrixHeader.quantities.contains($0.lowercased()) })
    {
      let chosen =
        all.indices.first { all[$0].lowercased() == "tpm" } ?? all.indices.first { isValue[$0] } ?? 1
      throw FormatError(
        .badData, path: path, line: line,
        "found several quantities of one sample (\(FormatError.list(columnNames))), expected a column for each sample",
        remedy: .convert(with: "cut -f\((nameColumn ?? 0) + 1),\(chosen + 1) FILE"))
    }
    guard hasHeader, !MatrixHeader.isNameOfColumn(cornerName) else { return }
    let areNumbers = columnNames.allSatisfy { name in
      DecimalComma.kind(of: name.utf8) != .other || MissingValue.isMissing(name.utf8)
    }
    if areNumbers {
      throw FormatError(
        .badData, path: path, line: line,
        "found numbers in the header (\(FormatError.list(columnNames, limit: 3))), expected names: the first line is data",
        remedy: .declareNoHeader)
    }
  }

  /// Returns whether a text is a name for the column of names: empty, as in pandas, or a usual word.
  static func isNameOfColumn(_ corner: String) -> Bool {
    corner.isEmpty || OrientationGuess.isCorner(corner)
      || ["id", "ids", "name", "names", "index"].contains(corner.lowercased())
  }

  /// The column names of single-sample tables by salmon, kallisto, RSEM and StringTie, in lower case.
  private static let quantities: Set<String> = [
    "length", "effectivelength", "eff_length", "effective_length", "efflength", "tpm", "fpkm", "numreads",
    "est_counts",
    "expected_count", "isopct", "coverage", "start", "end",
  ]

  /// Returns the name of a file without its folder and its suffixes.
  static func stem(_ path: String) -> String {
    var name = FilePath.name(of: path)
    for suffix in [".gz", ".bgz", ".tsv", ".csv", ".tab", ".txt", ".out", ".counts"]
    where name.hasSuffix(suffix) {
      name = String(name.dropLast(suffix.count))
    }
    return name.isEmpty ? path : name
  }

  private func unknown(_ name: String, _ all: [String]) -> FormatError {
    FormatError(
      .badData, path: path, line: line,
      "found no column \(FormatError.quoted(name)), expected one of: \(FormatError.list(all))")
  }
}
