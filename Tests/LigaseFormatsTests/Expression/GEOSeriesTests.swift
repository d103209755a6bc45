import LigaseFormats
import TestSupport
import Testing

@Suite struct GEOSeriesTests {
  private let head = """
    !Series_title\t"Blood, whole"
    !Series_sample_id\t"GSM1 GSM2 GSM3 "

    !Sample_title\t"one"\t"two"\t"three"
    !Sample_geo_accession\t"GSM1"\t"GSM2"\t"GSM3"
    !Sample_characteristics_ch1\t"tissue: blood"\t"tissue: skin"\t"age: 7"
    !Sample_characteristics_ch1\t"age: 5"\t""\t"untold"
    !series_matrix_table_begin
    "ID_REF"\t"GSM1"\t"GSM2"\t"GSM3"

    """
  private let rows = "\"a_at\"\t1.5\tnull\t2\n\"b_at\"\t4\t5\t6\n"
  private let end = "!series_matrix_table_end\n"

  private func read(_ text: String, _ reading: inout ExpressionMatrix.Reading) throws -> ExpressionMatrix {
    let folder = TemporaryFolder()
    var options = ExpressionMatrix.ReadingOptions()
    options.missingValues = .zero
    options.keepsSampleMetadata = true
    return try ExpressionMatrix(
      contentsOf: folder.write(text, to: "s.txt"), options: options, reading: &reading)
  }

  private func failure(_ text: String) -> (String, Int32) {
    var reading = ExpressionMatrix.Reading()
    do {
      _ = try read(text, &reading)
      return ("no error", 0)
    } catch {
      let code = (error as? FormatError)?.exitCode ?? -1
      return ("\(error)".split(separator: "/").last.map(String.init) ?? "", code)
    }
  }

  @Test func matrixAndMetadata() throws {
    for text in [head + rows + end, (head + rows + end).replacingNewlines()] {
      var reading = ExpressionMatrix.Reading()
      let matrix = try read(text, &reading)
      #expect(matrix.samples == ["GSM1", "GSM2", "GSM3"] && matrix.genes == ["a_at", "b_at"])
      #expect(matrix.values == [1.5, 4, 0, 5, 2, 6] && reading.missingCount == 1)
      #expect(reading.orientation == .genesInRows && reading.evidence == "the file is a GEO series matrix")
      let metadata = try #require(reading.sampleMetadata)
      #expect(metadata.samples == matrix.samples)
      #expect(metadata.columns == ["title", "tissue", "age", "characteristics_ch1"])
      #expect(
        metadata.values == [
          ["one", "two", "three"], ["blood", "skin", ""], ["5", "", "7"], ["", "", "untold"],
        ])
    }
  }

  @Test func whatIsWrongIsSaid() {
    #expect(
      failure(head + rows)
        == ("s.txt: truncated: found the end of the file, expected !series_matrix_table_end", 74))
    #expect(
      failure("!Series_title\t\"x\"\n")
        == ("s.txt:2: truncated: found the end of the file, expected !series_matrix_table_begin", 74))
    #expect(
      failure(head + "\"a_at\"\t1\toops\t2\n" + end) == (
        "s.txt:10:3: found 'oops' in column 'GSM2', expected a number", 65
      ))
    #expect(
      failure(head + rows + "!other\n" + end).0.hasPrefix("s.txt:12: found '!other', expected a row or"))
    #expect(failure(head + rows + end + "\"c_at\"\t1\t2\t3\n").1 == 65)
    #expect(
      failure("!Series_title\t\"x\"\nID_REF\tGSM1\n").0
        == "s.txt:2: found 'ID_REF\\tGSM1', expected a line that begins with '!' before the table")
  }

  /// A file whose first column has values names neither genes nor samples.
  @Test func geneColumnMissing() throws {
    let folder = TemporaryFolder()
    let path = folder.write("TP53\tMYC\n1.5\t2\n3.25\t4\n", to: "e.tsv")
    do {
      _ = try ExpressionMatrix(contentsOf: path)
      Issue.record("values were taken for names")
    } catch {
      #expect(
        "\(error)".hasSuffix(
          "e.tsv: found values in the first column (1.5, 3.25), expected names of genes or samples"))
      #expect((error as? FormatError)?.remedy == .nameIDColumn)
    }
    var options = ExpressionMatrix.ReadingOptions()
    options.nameColumn = .none
    #expect(try ExpressionMatrix(contentsOf: path, options: options).values == [1.5, 2, 3.25, 4])
    // Whole numbers may be names: row numbers, Entrez identifiers.
    let numbered = folder.write("\tTP53\tMYC\n0\t1.5\t2\n1\t3\t4\n", to: "n.tsv")
    #expect(try ExpressionMatrix(contentsOf: numbered).samples == ["0", "1"])
  }
}

extension String {
  /// The text with CRLF at its lines' ends.
  fileprivate func replacingNewlines() -> String {
    split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
  }
}
