import Glibc
import LigaseFormats
import TestSupport
import Testing

@Suite struct ExpressionMatrixTests {
  private func read(
    _ text: String, _ name: String = "e.tsv",
    _ change: (inout ExpressionMatrix.ReadingOptions) -> Void = { _ in }
  ) throws -> ExpressionMatrix {
    let folder = TemporaryFolder()
    var options = ExpressionMatrix.ReadingOptions()
    change(&options)
    return try ExpressionMatrix(contentsOf: folder.write(text, to: name), options: options)
  }

  private func failure(
    _ text: String, _ name: String = "e.tsv",
    _ change: (inout ExpressionMatrix.ReadingOptions) -> Void = { _ in }
  ) -> String {
    do {
      _ = try read(text, name, change)
      return "no error"
    } catch {
      return "\(error)".split(separator: "/").last.map(String.init) ?? ""
    }
  }

  @Test func bothOrientations() throws {
    let rows = try read("sample\tTP53\tMYC\ns1\t1\t2\ns2\t3\t4\ns3\t5\t6\n")
    #expect(rows.samples == ["s1", "s2", "s3"] && rows.genes == ["TP53", "MYC"])
    #expect(rows.values == [1, 2, 3, 4, 5, 6])
    let columns = try read("gene,s1,s2,s3\nTP53,1,3,5\nMYC,2,4,6\n", "e.csv")
    #expect(columns.samples == rows.samples && columns.genes == rows.genes && columns.values == rows.values)
    #expect(columns.sampleColumn == "sample")
    #expect(rows[2, 1] == 6 && Array(rows.values(ofSample: 1)) == [3, 4])
    let forced = try read("gene\ts1\ts2\nTP53\t1\t3\n") { $0.orientation = .samplesInRows }
    #expect(forced.samples == ["TP53"] && forced.sampleColumn == "gene")
  }

  @Test func orientationIsFoundOut() throws {
    func orientation(_ text: String, _ known: [String] = []) throws -> ExpressionMatrix.Orientation {
      let folder = TemporaryFolder()
      var options = ExpressionMatrix.ReadingOptions()
      options.knownSamples = known
      var reading = ExpressionMatrix.Reading()
      _ = try ExpressionMatrix(
        contentsOf: folder.write(text, to: "e.tsv"), options: options, reading: &reading)
      #expect(!reading.evidence.isEmpty)
      return reading.orientation
    }
    #expect(try orientation("DepMap_ID\tA\tB\nx\t1\t2\n") == .samplesInRows)
    #expect(try orientation("Hugo_Symbol\tA\tB\nx\t1\t2\n") == .genesInRows)
    #expect(
      try orientation("x\tTP53\tEGFR\tKRAS\nACH-000001\t1\t2\t3\nACH-000002\t1\t2\t3\n") == .samplesInRows)
    #expect(try orientation("\tACH-000001\tTCGA-AA-3510\nENSG00000141510.17\t1\t2\n") == .genesInRows)
    #expect(try orientation("\ta\tb\n1007_s_at\t1\t2\n1053_at\t1\t2\nAFFX-BioB-5_at\t1\t2\n") == .genesInRows)
    #expect(try orientation("\tp\tq\tr\na\t1\t2\t3\nb\t1\t2\t3\n") == .samplesInRows)
    #expect(try orientation("\tp\tq\na\t1\t2\nb\t1\t2\nc\t1\t2\n") == .genesInRows)
    #expect(try orientation("\tp\tq\tr\na\t1\t2\t3\n", ["q", "p"]) == .genesInRows)
    #expect(try orientation("gene\tp\tq\tr\na\t1\t2\t3\n", ["a"]) == .samplesInRows)
  }

  @Test func shapesOfHeaders() throws {
    // R writes no name for the row-name column, and quotes around names.
    let r = try read("\"TP53\"\t\"MYC\"\n\"s1\"\t1\t2\n\"s2\"\t3\t4\n") { $0.orientation = .samplesInRows }
    #expect(r.samples == ["s1", "s2"] && r.genes == ["TP53", "MYC"] && r.sampleColumn == "sample")
    let described = try read("NAME\tDescription\ts1\ts2\nTP53\ttumour, protein\t1\t2\n") {
      $0.orientation = .genesInRows
    }
    #expect(described.genes == ["TP53"] && described.samples == ["s1", "s2"])
    let bare = try read("A,B,class\n1,2,x\n3,4,y\n", "e.csv") {
      $0.nameColumn = .none
      $0.skippedColumns = ["class"]
      $0.orientation = .samplesInRows
    }
    #expect(bare.samples == ["row1", "row2"] && bare.values == [1, 2, 3, 4])
    let named = try read("A,id,B\n1,x,2\n3,y,4\n", "e.csv") {
      $0.nameColumn = .named("id")
      $0.orientation = .samplesInRows
    }
    #expect(named.samples == ["x", "y"] && named.values == [1, 2, 3, 4] && named.sampleColumn == "id")
    let quoted = try read("\u{FEFF}sample,\"A, \"\"B\"\"\",C\r\n\"two\nlines\",\"1.5\",2e1\r\n\r\n", "e.csv")
    #expect(
      quoted.genes == ["A, \"B\"", "C"] && quoted.samples == ["two\nlines"] && quoted.values == [1.5, 20])
  }

  @Test func duplicateGenes() throws {
    let text = "sample\tA\tB\tA\tA\ns\t1\t9\t2\t6\nt\t4\t8\t\t0\n"
    func values(_ policy: ExpressionMatrix.DuplicateGenes) throws -> [Float] {
      let matrix = try read(text) {
        $0.duplicateGenes = policy
        $0.missingValues = .zero
      }
      #expect(matrix.genes == ["A", "B"])
      return matrix.values
    }
    #expect(try values(.mean) == [3, 9, 2, 8])
    #expect(try values(.max) == [6, 9, 4, 8])
    #expect(try values(.first) == [1, 9, 4, 8])
    #expect(
      failure("sample\tA\tA\ns\t1\t2\n")
        == "e.tsv: found duplicated genes: A; expected unique names")
    let rows = try read("gene\ts\tt\nA\t1\t2\nA\t3\t4\n") { $0.duplicateGenes = .mean }
    #expect(rows.values == [2, 3])
  }

  @Test func missingValues() throws {
    let text = "sample\tA\tB\ns\t1\tNA\nt\t3\t\nu\t\t8\n"
    #expect(try read(text) { $0.missingValues = .zero }.values == [1, 0, 3, 0, 0, 8])
    #expect(try read(text) { $0.missingValues = .mean }.values == [1, 8, 3, 8, 2, 8])
    #expect(try read("sample\tA\tB\ns\t1\tNA\nt\t3\t2\n") { $0.missingValues = .dropGene }.values == [1, 3])
    #expect(
      failure(text)
        == "e.tsv:2:3: found a missing value (one of 3), expected a number")
    #expect(
      failure("sample\tA\tB\ns\t1\tNA\n") { $0.missingValues = .mean }
        == "e.tsv: found no value at all for gene 'B', so it has no mean")
  }

  @Test func badMatrices() {
    #expect(failure("") == "e.tsv: found an empty file, expected a header row")
    #expect(failure("\n") == "e.tsv:1: found a blank line, expected a header row")
    #expect(failure("sample\tA\n") == "e.tsv:2: found no row below the header, expected values")
    #expect(failure("sample\tA\ns\tabc\n") == "e.tsv:2:2: found 'abc' in column 'A', expected a number")
    #expect(
      failure("sample\tA\ns\tinf\n") == "e.tsv:2:2: found 'inf' in column 'A', expected a finite number")
    #expect(
      failure("sample\tA\tB\ns\t1\t2\nt\t1\n") == "e.tsv:3: found 2 fields, expected 3 as in the header")
    #expect(failure("sample\tA\ns\t1\n\nt\t1\n") == "e.tsv:3: found a blank line, expected 2 fields")
    #expect(
      failure("sample\tA\ns\t1\ns\t2\n")
        == "e.tsv: found sample 's' twice (rows 1 and 2 below the header), expected unique names")
    #expect(
      failure("A\tB\n5\t1\n5\t2\n") { $0.orientation = .samplesInRows }
        == "e.tsv: found sample '5' twice (rows 1 and 2 below the header), expected unique names")
    #expect(
      failure("sample\tA\ns\t1\n") { $0.skippedColumns = ["x"] }
        == "e.tsv:1: found no column 'x', expected one of: sample, A")
    #expect(
      failure("sample,A\ns,\"1\n", "e.csv") == "e.csv:2:2: found no closing quote before the end of the file")
  }

  @Test func transformations() throws {
    let matrix = try read("sample\tA\tB\tC\ns\t1\t0\t3\nt\t0\t0\t0\nu\t2\t2\t4\n")
    let scaled = try matrix.countsPerMillion()
    #expect(scaled.values == [250_000, 0, 750_000, 0, 0, 0, 250_000, 250_000, 500_000])
    #expect(try matrix.logTransformed().values == matrix.values.map { Float(log1p(Double($0))) })
    #expect(matrix.topVariance(2).genes == ["B", "C"])
    #expect(matrix.topVariance(1).values == [3, 0, 4])
    #expect(matrix.topVariance(1, over: ["t", "u"]).genes == ["C"])
    #expect(matrix.topVariance(2, over: ["t", "u"]).genes == ["A", "C"])
    #expect(abs(matrix.geneVariances()[1] - 8.0 / 9) < 1e-12)
    let (selected, missing) = matrix.selecting(genes: ["C", "X", "A"])
    #expect(selected.values == [3, 1, 0, 0, 4, 2] && selected.genes == ["C", "A"] && missing == ["X"])
    let (rows, absent) = matrix.selecting(samples: ["u", "z"])
    #expect(rows.values == [2, 2, 4] && rows.samples == ["u"] && absent == ["z"])
    let negative = try read("sample\tA\ns\t-1\n")
    #expect(throws: FormatError.self) { try negative.logTransformed() }
    #expect(throws: FormatError.self) { try negative.countsPerMillion() }
  }

  /// A matrix of many chunks and blocks, in both orientations, with any number of threads.
  @Test func largeMatricesDoNotDependOnThreads() throws {
    let (rows, columns) = (700, 530)
    func value(_ i: Int, _ j: Int) -> Float { Float((i * 7919 + j * 104_729) % 100_003) / 1000 }
    var text = "x" + (0..<columns).map { "\tc\($0)" }.joined() + "\n"
    for i in 0..<rows { text += "r\(i)" + (0..<columns).map { "\t\(value(i, $0))" }.joined() + "\n" }
    for threads in [1, 2, 5] {
      let inRows = try read(text) {
        $0.orientation = .samplesInRows
        $0.threads = threads
      }
      let inColumns = try read(text) {
        $0.orientation = .genesInRows
        $0.threads = threads
      }
      #expect(inRows.samples.last == "r699" && inColumns.samples.last == "c529")
      #expect((0..<rows).allSatisfy { i in (0..<columns).allSatisfy { inRows[i, $0] == value(i, $0) } })
      #expect((0..<rows).allSatisfy { i in (0..<columns).allSatisfy { inColumns[$0, i] == value(i, $0) } })
      let bad = text.replacingLine(600, with: "r598\toops")
      #expect(failure(bad) { $0.threads = threads }.hasPrefix("e.tsv:600:2: found 'oops'"))
      let folder = TemporaryFolder()
      let output = try OutputFile(folder.file("out.tsv"))
      try inColumns.writeTSV(to: output, threads: threads)
      try output.close()
      let again = try ExpressionMatrix(contentsOf: folder.file("out.tsv"))
      #expect(again.values == inColumns.values && again.genes == inColumns.genes)
    }
  }

  @Test func mutatedTextNeverTraps() {
    var random = SplitMix(state: 11)
    let seeds = [
      "sample\tA\tB\ns\t1\t2.5\nt\t-3e2\tNA\n", "gene,s,t\n\"A\",1,2\r\n\"B\"\"\",3,4\r\n",
      "\"A\"\t\"B\"\n\"s\"\t1\t2\n",
    ]
    let alphabet: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x09, 0x41, 0, 0xFF, 0x30, 0x2E, 0x2D, 0x65]
    var matrices = 0
    let folder = TemporaryFolder()
    for i in 0..<2_500 {
      var bytes = Array(seeds[i % seeds.count].utf8)
      for _ in 0..<(1 + Int(random.next() % 5)) {
        let at = Int(random.next() % UInt64(bytes.count + 1))
        switch random.next() % 3 {
        case 0: bytes.insert(alphabet.randomElement(using: &random)!, at: at)
        case 1 where at < bytes.count: bytes.remove(at: at)
        default: if at < bytes.count { bytes[at] = alphabet.randomElement(using: &random)! }
        }
      }
      var options = ExpressionMatrix.ReadingOptions()
      options.missingValues = ExpressionMatrix.MissingValues.allCases[i % 4]
      options.duplicateGenes = ExpressionMatrix.DuplicateGenes.allCases[i / 4 % 4]
      options.nameColumn = i % 7 == 0 ? .none : .first
      options.threads = 1 + i % 2
      if let matrix = try? ExpressionMatrix(contentsOf: folder.write(bytes, to: "f"), options: options) {
        matrices += 1
        #expect(!matrix.values.contains { !$0.isFinite })
      }
    }
    #expect(matrices > 200)
  }
}

extension String {
  /// The text with line `number`, counted from 1, replaced.
  fileprivate func replacingLine(_ number: Int, with line: String) -> String {
    var lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines[number - 1] = line
    return lines.joined(separator: "\n")
  }
}
