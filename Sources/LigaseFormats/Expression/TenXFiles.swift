import LigaseRuntime

/// The files of the layouts of 10x Genomics: a matrix in MatrixMarket form, and in the same folder a table of
/// genes and a list of barcodes, each plain or compressed.
///
///     matrix.mtx[.gz]  features.tsv[.gz]  barcodes.tsv[.gz]     Cell Ranger 3: id, symbol, type
///     matrix.mtx       genes.tsv          barcodes.tsv          Cell Ranger 2: id, symbol
///
/// All three names may begin with the same prefix, as in `GSM123_matrix.mtx.gz`.
enum TenXFiles {
  /// Returns the matrix in a folder; any other path is returned unchanged.
  static func matrix(at path: String) throws -> String {
    guard path != "-", FilePath.isFolder(path) else { return path }
    let folder = path.hasSuffix("/") ? path : path + "/"
    for name in ["matrix.mtx.gz", "matrix.mtx"] where access(folder + name, R_OK) == 0 {
      return folder + name
    }
    var found: [String] = []
    if let directory = opendir(path) {
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasSuffix(".mtx") || name.hasSuffix(".mtx.gz") { found.append(name) }
      }
    }
    found.sort()
    guard found.count == 1 else {
      throw FormatError(
        .noInput, path: path,
        found.isEmpty
          ? "found no matrix.mtx or matrix.mtx.gz in this folder"
          : "found several matrices in this folder: \(FormatError.list(found)); expected one of them by name")
    }
    return folder + found[0]
  }

  /// Returns the first existing file named `prefix` + one of `names` + `.tsv` or `.tsv.gz` in the folder of a
  /// matrix.
  static func sibling(of path: String, named names: [String]) throws -> String {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let folder = String(path[..<slash])
    var stem = path[slash...]
    for suffix in [".gz", ".bgz", ".mtx"] where stem.hasSuffix(suffix) { stem = stem.dropLast(suffix.count) }
    var prefixes =
      stem.hasSuffix("matrix") ? [String(stem.dropLast(6))] : ["\(stem)_", "\(stem).", "\(stem)-"]
    if prefixes != [""] { prefixes.append("") }
    for prefix in path == "-" ? [] : prefixes {
      for name in names {
        for suffix in [".tsv.gz", ".tsv"] {
          let candidate = folder + prefix + name + suffix
          if access(candidate, R_OK) == 0 { return candidate }
        }
      }
    }
    let isGenes = names[0] == "features"
    throw FormatError(
      .noInput, path: path,
      "found no names of the \(isGenes ? "genes" : "cells"), expected "
        + (path == "-"
          ? "a file that has them" : "\(prefixes[0])\(names[0]).tsv or .tsv.gz in the same folder"),
      remedy: isGenes ? .nameFeaturesFile : .nameBarcodesFile)
  }

  /// Returns the rows of a table without a header, split at tabs, without quotes and spaces around fields; an
  /// empty first field throws.
  static func rows(contentsOf path: String) throws -> [[String]] {
    let window = TextWindow(try ByteReader(contentsOf: path))
    var rows: [[String]] = []
    var blank: Int?
    while true {
      let line = window.line
      guard let text = try window.nextLine() else { return rows }
      if text.isEmpty {
        blank = blank ?? line
        continue
      }
      guard blank == nil, text.first != 0x09 else {
        throw FormatError(
          .badData, path: path, line: blank ?? line, column: 1, "found an empty name, expected one per line")
      }
      if UTF8Scan.firstInvalid(text) != nil || text.contains(0) {
        throw FormatError(.badData, path: path, line: line, "found bytes that are not UTF-8")
      }
      rows.append(
        text.split(separator: 0x09, omittingEmptySubsequences: false).map { field in
          let isQuoted = field.count >= 2 && field.first == 0x22 && field.last == 0x22
          return String(decoding: isQuoted ? field.dropFirst().dropLast() : field, as: UTF8.self)
            .withoutSurroundingSpaces
        })
      if rows[rows.count - 1][0].isEmpty {
        throw FormatError(
          .badData, path: path, line: line, column: 1, "found an empty name, expected one per line")
      }
    }
  }
}

/// The genes of a 10x matrix.
struct TenXFeatures {
  /// The name of each gene.
  var names: [String] = []
  /// Whether each gene is kept: all, or those of gene expression if there are other types.
  var isKept: [Bool] = []

  /// Reads `path`: the identifier, symbol and type of each feature; the last two are optional.
  init(contentsOf path: String, naming: ExpressionMatrix.GeneNames, keepsAllTypes: Bool) throws {
    let rows = try TenXFiles.rows(contentsOf: path)
    let isExpression = rows.map { $0.count > 2 && $0[2] == "Gene Expression" }
    let chooses = !keepsAllTypes && isExpression.contains(true)
    isKept = isExpression.map { $0 || !chooses }
    names.reserveCapacity(rows.count)
    for (i, row) in rows.enumerated() {
      let name = naming == .symbols && row.count > 1 ? row[1] : row[0]
      if name.isEmpty {
        throw FormatError(
          .badData, path: path, line: i + 1, column: 2,
          "found an empty gene symbol, expected one", remedy: .useGeneIDs)
      }
      names.append(name)
    }
  }
}
