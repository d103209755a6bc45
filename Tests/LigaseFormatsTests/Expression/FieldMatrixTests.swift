import LigaseFormats
import TestSupport
import Testing

/// Matrices as written by tools and spreadsheets.
@Suite struct FieldMatrixTests {
  private func read(
    _ text: String, _ name: String = "e.tsv",
    _ change: (inout ExpressionMatrix.ReadingOptions) -> Void = { _ in }
  ) throws -> (matrix: ExpressionMatrix, reading: ExpressionMatrix.Reading) {
    let folder = TemporaryFolder()
    var options = ExpressionMatrix.ReadingOptions()
    change(&options)
    var reading = ExpressionMatrix.Reading()
    let matrix = try ExpressionMatrix(
      contentsOf: folder.write(text, to: name), options: options, reading: &reading)
    return (matrix, reading)
  }

  private func failure(
    _ text: String, _ name: String = "e.tsv",
    _ change: (inout ExpressionMatrix.ReadingOptions) -> Void = { _ in }
  ) -> FormatError? {
    do {
      _ = try read(text, name, change)
      return nil
    } catch {
      return error as? FormatError
    }
  }

  @Test func decimalCommas() throws {
    for (text, name) in [
      ("gene;s1;s2\nTP53;1,5;2\nMYC;0,25;-3,5\n", "e.csv"),
      ("gene\ts1\ts2\nTP53\t1,5\t2\nMYC\t0,25\t-3,5\n", "e.txt"),
      ("gene  s1  s2\nTP53  1,5  2\nMYC  0,25  -3,5\n", "e.txt"),
    ] {
      let (matrix, reading) = try read(text, name)
      #expect(matrix.values == [1.5, 0.25, 2, -3.5] && matrix.genes == ["TP53", "MYC"], "\(text)")
      #expect(reading.notices.contains(.decimalCommas))
    }
    let error = failure("gene;s1\nTP53;1,234\nMYC;2,345\n", "e.csv")
    #expect(
      error?.message.contains("may set off thousands or decimals") == true && error?.remedy == .nameDelimiter)
    #expect(failure("gene s1\nTP53 5\nMYC 6\n", "e.txt")?.remedy == .nameDelimiter)
    #expect(try read("gene s1\nTP53 5\nMYC 6\n", "e.txt") { $0.delimiter = .space }.matrix.values == [5, 6])
  }

  @Test func rNamesAndTrailingDelimiters() throws {
    #expect(try read("s1\ts2\nTP53\t1\t2\nMYC\t3\t4\n").matrix.samples == ["s1", "s2"])
    // A header of one field is not R's.
    #expect(failure("s1\nTP53\t1\nMYC\t3\n") != nil)
    for text in ["gene\ts1\ts2\nTP53\t1\t2\t\nMYC\t3\t4\t\n", "gene\ts1\ts2\t\nTP53\t1\t2\t\nMYC\t3\t4\t\n"] {
      let (matrix, reading) = try read(text)
      #expect(matrix.values == [1, 3, 2, 4] && matrix.samples == ["s1", "s2"], "\(text)")
      #expect(reading.notices == [.droppedTrailingField])
    }
    // An R matrix whose last value is missing in some rows keeps its columns.
    #expect(
      try read("s1\ts2\nTP53\t1\t\nMYC\t3\t4\n") { $0.missingValues = .zero }.matrix.values == [1, 3, 0, 4])
    #expect(
      failure("gene\ts1\t\ts3\nTP53\t1\t2\t3\n")?.description.contains(
        "1:3: found a column of values without a name") == true)
    #expect(
      failure("gene\ts1\nTP53\t1\n  \t2\n")?.description.contains("3:1: found a row without a name") == true)
  }

  /// A usual name of the first column shows that a row with an additional field is ragged, not R's.
  @Test func raggedRowsAreNotTakenForRs() {
    for text in ["sample\tA\tB\ns1\t1\t2\t3\ns2\t3\t4\t5\n", "gene_id\ts1\ts2\nA\t1\t2\t\nB\t3\t4\tNA\n"] {
      #expect(failure(text)?.message == "found 4 fields, expected 3 as in the header", "\(text)")
    }
  }

  @Test func headersOfNumbers() throws {
    for text in [
      "TP53\t1.5\t2\tNA\nMYC\t4\t5\t6\n", "TP53\tNA\nMYC\t4\n",
      "TP53\t10\nMYC\t20\n__no_feature\t5\n", "N_unmapped\t5\t5\t5\nENSG1\t1\t2\t3\n", "TP53\t1.5\nMYC\t2\n",
    ] {
      let error = failure(text)
      #expect(error?.remedy == .declareNoHeader && error?.line == 1, "\(text): \(String(describing: error))")
      #expect(error?.message.contains("header") == true)
    }
    #expect(try read("A;1,5\nB;6\n", "e.csv") { $0.hasHeader = false }.matrix.values == [1.5, 6])
    let counts = try read("TP53\t10\nMYC\t20\n", "liver.counts.tsv.gz") { $0.hasHeader = false }.matrix
    #expect(counts.samples == ["liver"] && counts.genes == ["TP53", "MYC"] && counts.values == [10, 20])
    let star = try read("TP53\t5\t6\t7\nMYC\t1\t2\t3\n") { $0.hasHeader = false }.matrix
    #expect(star.samples == ["column2", "column3", "column4"] && star.values == [5, 1, 6, 2, 7, 3])
    // Samples with numbers as names follow a usual name of the first column, or an empty one, as in pandas.
    #expect(try read("gene\t1\t2\nTP53\t5\t6\nMYC\t7\t8\n").matrix.samples == ["1", "2"])
    #expect(try read("\t0\t1\nTP53\t5\t6\nMYC\t7\t8\nEGFR\t1\t1\n").matrix.samples == ["0", "1"])
  }

  @Test func featureCounts() throws {
    let text = """
      # Program:featureCounts v2.0.1; Command:"featureCounts" "-a" "x.gtf"
      Geneid\tChr\tStart\tEnd\tStrand\tLength\ta.bam\tb.bam
      TP53\tchr17;chr17\t1;5\t3;9\t+;+\t8\t10\t20
      MYC\tchr8\t1\t9\t-\t9\t0\t4

      """
    let (matrix, reading) = try read(text)
    #expect(matrix.samples == ["a.bam", "b.bam"] && matrix.values == [10, 0, 20, 4])
    #expect(
      reading.notices == [.skippedComments(1), .skippedColumns(["Chr", "Start", "End", "Strand", "Length"])])
    let named = try read(
      text.replacing("Length\t", with: "Length\tgene_name\t").replacing("\t8\t10", with: "\t8\tp\t10")
        .replacing("\t9\t0", with: "\t9\tq\t0")
    ).matrix
    #expect(named.values == [10, 0, 20, 4])
  }

  @Test func describingColumns() throws {
    let gdc = "gene_id\tgene_name\tgene_type\ts1\nENSG1\tTP53\tprotein_coding\t5\nENSG2\tMYC\tlncRNA\t6\n"
    let (matrix, reading) = try read(gdc)
    #expect(matrix.samples == ["s1"] && matrix.values == [5, 6])
    #expect(reading.notices == [.skippedColumns(["gene_name", "gene_type"])])
    let error = failure("gene\tremark\ts1\nTP53\tgood\t5\n")
    #expect(error?.remedy == .skipColumn("remark"))
    // pandas numbers its rows in a first column without a name.
    let depmap = try read(",ModelID,TP53 (7157),MYC (4609)\n0,ACH-1,4.5,1\n1,ACH-2,3,2\n", "d.csv") {
      $0.nameColumn = .named("ModelID")
    }.matrix
    #expect(depmap.samples == ["ACH-1", "ACH-2"] && depmap.values == [4.5, 1, 3, 2])
  }

  /// Whole numbers below a gene's name, next to other genes, are values.
  @Test func valuesAreNotTakenForNames() {
    #expect(failure("TP53,EGFR\n1,2\n3,4\n", "e.csv") != nil)
  }

  /// One row is longer than a piece of the reader.
  @Test func wideMatrices() throws {
    let count = 30_000
    let header = "gene\t" + (0..<count).map { "cell_\($0)" }.joined(separator: "\t") + "\n"
    let rows = (1...3).map { "Gene\($0)\t" + String(repeating: "\($0)\t", count: count) + "\n" }
    let (matrix, reading) = try read(header + rows.joined())
    #expect(matrix.samples.count == count && matrix.values.suffix(3) == [1, 2, 3])
    #expect(reading.notices == [.droppedTrailingField])
    let commas =
      header.replacing("\t", with: ";")
      + rows.joined().replacing("\t\n", with: "\n")
      .replacing("\t", with: ",5;").replacing(/Gene(.),5/) { "Gene\($0.output.1)" }
    let (decimal, notices) = try read(commas, "e.csv")
    #expect(decimal.samples.count == count && decimal.values.prefix(3) == [1.5, 2.5, 3.5])
    #expect(notices.notices.contains(.decimalCommas))
  }

  /// The first line of a BED file is not a header.
  @Test func intervalsAreNoMatrix() throws {
    for line in ["track name=x", "browser position chr1:1-9"] {
      let text = line + "\nchr1\t0\t10\n"
      #expect(failure(text)?.message.contains("as in BED") == true, "\(line)")
      let folder = TemporaryFolder()
      #expect(throws: FormatError.self) {
        try FileStatistics(contentsOf: folder.write(text, to: "intervals"))
      }
    }
    #expect(try read("track\ts1\nTP53\t1\n").matrix.samples == ["s1"])
  }

  /// Quantities of one sample are not samples.
  @Test func tablesOfOneSample() {
    let salmon = failure(
      "Name\tLength\tEffectiveLength\tTPM\tNumReads\nENST1\t100\t50.5\t1.2\t5\n", "quant.sf")
    #expect(salmon?.remedy == .convert(with: "cut -f1,4 FILE"))
    #expect(
      failure("target_id\tlength\teff_length\test_counts\ttpm\nENST1\t9\t8\t7\t6\n")?.remedy
        == .convert(with: "cut -f1,5 FILE"))
    #expect(failure("gene\tTPM\nTP53\t1\n") == nil)
  }

  @Test func missingByOneRule() throws {
    for word in MissingValue.spellings {
      let text = "sample\tTP53\ns1\t\(word)\ns2\t3\n"
      #expect(try read(text) { $0.missingValues = .zero }.matrix.values == [0, 3], "\(word)")
      #expect(failure(text)?.remedy == .chooseMissingPolicy, "\(word)")
    }
    #expect(failure("sample\tTP53\ns1\t-inf\n")?.message.contains("expected a finite number") == true)
  }

  @Test func namesAreTrimmed() throws {
    let matrix = try read("gene,\" s1\",s2 \nTP53 ,1,2\n MYC, 3 ,4\n", "e.csv").matrix
    #expect(
      matrix.samples == ["s1", "s2"] && matrix.genes == ["TP53", "MYC"] && matrix.values == [1, 3, 2, 4])
  }

  @Test func geoAsNCBIServesIt() throws {
    let text = """
      !Series_title\t"A ""study"" of cells"
      !Series_summary\t"first line
      second line, with a\ttab"
      !Series_note\t"5" primer"
      !Sample_title\t"control, 1"\t"treated 5' end"
      !Sample_geo_accession\t"GSM1"\t"GSM2"
      !Sample_description\t"only one"
      !Sample_characteristics_ch1\t"tissue: blood
      and more"\t"tissue: skin"
      !series_matrix_table_begin\u{20}

      "ID_REF"\t"GSM1"\t"GSM2"
      "1007_s_at"\t1.5\t2.5
      "a""b"\t1\tnull
        \t
      !series_matrix_table_end \t

      """
    let (matrix, reading) = try read(text) {
      $0.keepsSampleMetadata = true
      $0.missingValues = .zero
    }
    #expect(matrix.samples == ["GSM1", "GSM2"] && matrix.genes == ["1007_s_at", "a\"b"])
    #expect(matrix.values == [1.5, 1, 2.5, 0])
    #expect(reading.notices == [.sampleLinesOfOtherWidth(1, line: 7)])
    let metadata = try #require(reading.sampleMetadata)
    #expect(metadata.columns == ["title", "description", "tissue"])
    #expect(
      metadata.values == [["control, 1", "treated 5' end"], ["only one", ""], ["blood\nand more", "skin"]])
  }

  /// Series of sequencing have samples but no values.
  @Test func emptySeries() throws {
    let head =
      "\n!Series_title\t\"x\"\n  !Sample_geo_accession\t\"GSM1\"\t\"GSM2\"\n!Sample_title\t\"p\"\t\"q\"\n"
    let text =
      head + "!series_matrix_table_begin\n\"ID_REF\" \t\"GSM1\"\t \"GSM2\" \n!series_matrix_table_end\n"
    #expect(failure(text)?.message.contains("supplementary files") == true)
    let (matrix, reading) = try read(text) { $0.keepsSampleMetadata = true }
    #expect(matrix.samples == ["GSM1", "GSM2"] && matrix.genes.isEmpty && reading.notices == [.emptySeries])
    #expect(reading.sampleMetadata?.values == [["p", "q"]])
  }

  @Test func missingValuesOfMatrixMarket() throws {
    let folder = TemporaryFolder()
    folder.write("g1\tA\ng2\tB\n", to: "genes.tsv")
    folder.write("x\ny\nz\n", to: "barcodes.tsv")
    folder.write(
      "%%MatrixMarket matrix coordinate real general\n2 3 4\n1 1 6\n1 2 NaN\n2 1 1\n2 3 2\n", to: "matrix.mtx"
    )
    var options = ExpressionMatrix.ReadingOptions()
    let error = #expect(throws: FormatError.self) {
      try SparseExpressionMatrix(contentsOf: folder.path, options: options)
    }
    #expect(error?.line == 4 && error?.remedy == .chooseMissingPolicy)
    for (policy, expected): (ExpressionMatrix.MissingValues, [Float]) in [
      (.zero, [6, 1, 0, 0, 0, 2]), (.mean, [6, 1, 3, 0, 0, 2]), (.dropGene, [1, 0, 2]),
    ] {
      options.missingValues = policy
      #expect(try ExpressionMatrix(contentsOf: folder.path, options: options).values == expected, "\(policy)")
    }
  }

  @Test func matrixMarketWithQuotesAndABadBanner() throws {
    let folder = TemporaryFolder()
    folder.write("\"g1\"\t\"TP53\"\n\"g2\"\t\"MYC\"\n", to: "features.tsv")
    folder.write("\"A-1\"\n\"B-1\"\n", to: "barcodes.tsv")
    let entries = "2 2 1\n1 2 7\n"
    folder.write("%%MatrixMarket matrix coordinate integer general\n" + entries, to: "matrix.mtx")
    let matrix = try SparseExpressionMatrix(contentsOf: folder.path)
    #expect(matrix.genes == ["TP53", "MYC"] && matrix.samples == ["A-1", "B-1"])
    for banner in ["%MatrixMarket", " %%MatrixMarket", "\n%%MatrixMarket", "MatrixMarket"] {
      folder.write("\(banner) matrix coordinate integer general\n" + entries, to: "matrix.mtx")
      let error = #expect(throws: FormatError.self) { try ExpressionMatrix(contentsOf: folder.path) }
      #expect(
        error?.message.contains("expected MatrixMarket to begin with '%%MatrixMarket'") == true, "\(banner)")
    }
  }

  @Test func severalFiles() throws {
    func input(_ text: String) throws -> ExpressionInput {
      let folder = TemporaryFolder()
      var reading = ExpressionMatrix.Reading()
      return try ExpressionInput(
        contentsOf: folder.write(text, to: "e.tsv"), options: .init(), reading: &reading)
    }
    let a = try input("gene\ts1\ts2\nTP53\t1\t2\nMYC\t3\t4\n"), b = try input("gene\ts3\nMYC\t6\nTP53\t5\n")
    let c = try input("gene\ts4\nTP53\t7\nEGFR\t8\n")
    var (options, reading) = (ExpressionMatrix.ReadingOptions(), ExpressionMatrix.Reading())
    let joined = try ExpressionInput.joined([a, b], paths: ["a", "b"], options: options, reading: &reading)
      .dense()
    #expect(joined.samples == ["s1", "s2", "s3"] && joined.values == [1, 3, 2, 4, 5, 6])
    let lacking = #expect(throws: FormatError.self) {
      try ExpressionInput.joined([a, c], paths: ["a", "c"], options: options, reading: &reading)
    }
    #expect(lacking?.path == "a" && lacking?.remedy == .chooseMissingPolicy)
    options.missingValues = .zero
    let filled = try ExpressionInput.joined([a, c], paths: ["a", "c"], options: options, reading: &reading)
      .dense()
    #expect(filled.genes == ["TP53", "MYC", "EGFR"] && filled.values == [1, 3, 0, 2, 4, 0, 7, 0, 8])
    #expect(throws: FormatError.self) {
      try ExpressionInput.joined([a, a], paths: ["a", "a"], options: options, reading: &reading)
    }
  }
}
