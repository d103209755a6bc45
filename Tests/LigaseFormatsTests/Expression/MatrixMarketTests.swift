import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

@Suite struct MatrixMarketTests {
  private let banner = "%%MatrixMarket matrix coordinate integer general\n"

  /// Three genes and two cells beside the matrix.
  private func read(
    _ matrix: String, features: String = "g1\tA\ng2\tB\ng3\tC\n", barcodes: String = "x\ny\n",
    _ change: (inout ExpressionMatrix.ReadingOptions) -> Void = { _ in }
  ) throws -> SparseExpressionMatrix {
    let folder = TemporaryFolder()
    folder.write(features, to: "genes.tsv")
    folder.write(barcodes, to: "barcodes.tsv")
    var options = ExpressionMatrix.ReadingOptions()
    change(&options)
    return try SparseExpressionMatrix(contentsOf: folder.write(matrix, to: "matrix.mtx"), options: options)
  }

  private func failure(
    _ matrix: String, features: String = "g1\tA\ng2\tB\ng3\tC\n", barcodes: String = "x\ny\n",
    _ change: (inout ExpressionMatrix.ReadingOptions) -> Void = { _ in }
  ) -> String {
    do {
      _ = try read(matrix, features: features, barcodes: barcodes, change)
      return "no error"
    } catch {
      return "\(error)".split(separator: "/").last.map(String.init) ?? ""
    }
  }

  @Test func entriesInAnyOrder() throws {
    let sorted = try read(banner + "% made by hand\n\n3 2 4\n1 1 5\n3 1 1\n1 2 2\n2 2 7\n")
    #expect(
      sorted.samples == ["x", "y"] && sorted.genes == ["A", "B", "C"] && sorted.sampleColumn == "cell")
    #expect(
      sorted.rowStarts == [0, 2, 4] && sorted.columns == [0, 2, 0, 1] && sorted.values == [5, 1, 2, 7])
    let expected: [Float] = [5, 0, 1, 2, 7, 0]
    #expect(try sorted.dense().values == expected)
    #expect((0..<6).allSatisfy { sorted[$0 / 3, $0 % 3] == expected[$0] } && sorted.density == 4.0 / 6)
    let shuffled = try read(banner + "3 2 4\r\n2 2 7\r\n3\t1   1\r\n1 2 2\r\n1 1 5\r\n")
    #expect(shuffled.values == sorted.values && shuffled.columns == sorted.columns)
    let byGene = try read(banner + "3 2 5\n1 1 5\n1 2 2\n2 2 7\n3 1 1\n3 2 0\n")
    #expect(byGene.values == sorted.values && byGene.rowStarts == sorted.rowStarts)
  }

  @Test func kindsOfMatrices() throws {
    let real = try read("%%matrixmarket MATRIX Coordinate Real General\n3 2 2\n1 1 -1.5\n2 2 1e-3\n")
    #expect(try real.dense().values == [-1.5, 0, 0, 0, 0.001, 0])
    let pattern = try read("%%MatrixMarket matrix coordinate pattern general\n3 2 2\n3 2\n1 1\n")
    #expect(try pattern.dense().values == [1, 0, 0, 0, 0, 1])
    let array = try read("%%MatrixMarket matrix array integer general\n3 2\n1\n0\n2\n0\n0\n9\n")
    #expect(try array.dense().values == [1, 0, 2, 0, 0, 9] && array.values.count == 3)
    // Two rows and three columns can only be cells in rows.
    let turned = try read(banner + "2 3 2\n1 3 4\n2 1 8\n")
    #expect(try turned.dense().values == [0, 0, 4, 8, 0, 0])
    let square = banner + "2 2 1\n1 2 4\n"
    #expect(try read(square, features: "g1\ng2\n").dense().values == [0, 0, 4, 0])
    let forced = try read(square, features: "g1\ng2\n") { $0.orientation = .samplesInRows }
    #expect(try forced.dense().values == [0, 4, 0, 0])
  }

  @Test func whatIsWrongIsSaid() {
    for (text, expected) in [
      ("3 2 1\n0 1 5\n", "matrix.mtx:3: found '0', expected a row from 1 to 3 (MatrixMarket counts from 1)"),
      (
        "3 2 1\n1 0 5\n",
        "matrix.mtx:3: found '0', expected a column from 1 to 2 (MatrixMarket counts from 1)"
      ),
      ("3 2 1\n4 1 5\n", "matrix.mtx:3: found '4', expected a row from 1 to 3"),
      ("3 2 1\n1 1\n", "matrix.mtx:3: found '', expected a value"),
      ("3 2 1\n1 1 2 3\n", "matrix.mtx:3: found '1 1 2 3', expected row, column and value"),
      ("3 2 1\n1 1 nan\n", "matrix.mtx:3: found a missing value, expected a number"),
      ("3 2 2\n1 1 5\n1 1 6\n", "matrix.mtx:4: found row 1, column 1 twice, expected every place once"),
      (
        "3 2 3\n2 1 5\n1 1 6\n2 1 1\n",
        "matrix.mtx: found the value of 'B' in 'x' twice, expected every place once"
      ),
      (
        "3 2 2\n1 1 5\n",
        "matrix.mtx:4: found the end of the file after 1 entries, expected 2 as given on line 2"
      ),
      ("3 2 1\n1 1 5\n2 1 5\n", "matrix.mtx:4: found an entry more, expected 1 as given on line 2"),
      ("3 2 7\n", "matrix.mtx:2: found '3 2 7', expected no more entries than 3 × 2 values"),
      (
        "3 99999999999 7\n",
        "matrix.mtx:2: found '3 99999999999 7', expected the numbers of rows, columns and entries"
      ),
      ("3 2\n", "matrix.mtx:2: found '3 2', expected the numbers of rows, columns and entries"),
      ("", "matrix.mtx:2: found the end of the file, expected the sizes of the matrix"),
      // No memory is allocated for a size that differs from the number of names.
      (
        "2000000000 2000000000 4000000000000000000\n",
        "barcodes.tsv"
      ),
    ] { #expect(failure(banner + text) == expected, "\(text)") }
    for (word, expected) in [
      (
        "coordinate integer symmetric",
        "found 'symmetric', expected general: expression is no symmetric matrix"
      ),
      ("coordinate complex general", "found 'complex', expected integer, real or pattern"),
      ("list integer general", "found 'list', expected coordinate or array"),
    ] { #expect(failure("%%MatrixMarket matrix \(word)\n1 1 1\n1 1 1\n") == "matrix.mtx:1: \(expected)") }
  }

  @Test func names() throws {
    let matrix = banner + "3 2 3\n1 1 5\n2 1 1\n3 2 2\n"
    #expect(try read(matrix) { $0.geneNames = .ids }.genes == ["g1", "g2", "g3"])
    #expect(
      failure(matrix, features: "g1\tA\n\tB\ng3\tC\n")
        == "genes.tsv:2:1: found an empty name, expected one per line")
    #expect(
      failure(matrix, features: "g1\tA\ng2\t\ng3\tC\n")
        == "genes.tsv:2:2: found an empty gene symbol, expected one"
    )
    #expect(
      failure(matrix, barcodes: "x\nx\n")
        == "barcodes.tsv:2: found cell 'x' twice (first on line 1), expected unique names")
    let duplicated = "g1\tA\ng2\tA\ng3\tC\n"
    #expect(
      failure(matrix, features: duplicated).contains(
        "found duplicated genes: A; expected unique names"))
    for (policy, expected) in [
      (ExpressionMatrix.DuplicateGenes.first, [5, 0, 0, 2] as [Float]), (.mean, [3, 0, 0, 2]),
      (.max, [5, 0, 0, 2]),
    ] {
      let merged = try read(matrix, features: duplicated) { $0.duplicateGenes = policy }
      #expect(merged.genes == ["A", "C"])
      #expect(try merged.dense().values == expected)
    }
    let typed = "g1\tA\tGene Expression\ng2\tB\tAntibody Capture\ng3\tC\tGene Expression\n"
    #expect(try read(matrix, features: typed).dense().values == [5, 0, 0, 2])
    #expect(try read(matrix, features: typed) { $0.keepsAllFeatures = true }.genes == ["A", "B", "C"])
    let alone = TemporaryFolder()
    alone.write(matrix, to: "counts.mtx")
    do {
      _ = try SparseExpressionMatrix(contentsOf: alone.path)
      Issue.record("a matrix without names was read")
    } catch {
      #expect(
        "\(error)".hasSuffix("expected counts_features.tsv or .tsv.gz in the same folder")
          && (error as? FormatError)?.remedy == .nameFeaturesFile)
    }
  }

  /// Transformations give the same results as for the dense matrix.
  @Test func transformationsAgreeWithDense() throws {
    var random = SeededGenerator(seed: 4)
    let (genes, cells) = (40, 30)
    var entries: [String] = []
    for cell in 1...cells {
      for gene in 1...genes where random.next() % 4 == 0 {
        entries.append("\(gene) \(cell) \(1 + random.next() % 50)")
      }
    }
    let text = banner + "\(genes) \(cells) \(entries.count)\n" + entries.joined(separator: "\n") + "\n"
    let sparse = try read(
      text, features: (0..<genes).map { "id\($0)\tG\($0)\n" }.joined(),
      barcodes: (0..<cells).map { "c\($0)\n" }.joined())
    let dense = try sparse.dense()
    #expect(
      try sparse.countsPerMillion().logTransformed().dense().values
        == dense.countsPerMillion().logTransformed().values)
    #expect(mismatch(sparse.geneVariances().map(Float.init), dense.geneVariances()) == nil)
    #expect(sparse.topVariance(7).genes == dense.topVariance(7).genes)
    #expect(try sparse.topVariance(7).dense().values == dense.topVariance(7).values)
    let wanted = ["G9", "G3", "none", "G30"]
    #expect(
      try sparse.selecting(genes: wanted).matrix.dense().values
        == dense.selecting(genes: wanted).matrix.values)
    #expect(sparse.selecting(genes: wanted).missing == ["none"])
    let negative = try read(banner + "3 2 1\n1 2 -4\n")
    #expect(throws: FormatError.self) { try negative.logTransformed() }
    #expect(throws: FormatError.self) { try negative.countsPerMillion() }
  }

  /// The counts of both layouts of Cell Ranger, against sums that scipy.io.mmread gives.
  @Test func cellRangerLayouts() throws {
    guard let folder = SharedData.path("expression/10x_mtx") else { return }
    var options = ExpressionMatrix.ReadingOptions()
    options.geneNames = .ids
    let third = try SparseExpressionMatrix(contentsOf: folder, options: options)
    #expect(third.samples.count == 1107 && third.genes.count == 507 && third.values.count == 23_866)
    #expect(third.samples[0] == "AAACCCAAGGAGAGTA-1" && third.genes[0] == "ENSG00000279493")
    let second = try SparseExpressionMatrix(contentsOf: folder + "/v2_matrix.mtx")
    #expect(second.samples.count == 12 && second.genes.count == 343 && second.values.count == 12)
    #expect(second[0, 200] == 1 && second[1, 122] == 1)
  }
}
