import LigaseFormats
import TestSupport

/// BGZF, as `OutputFile` writes it.
func blockedGzip(_ text: String) -> [UInt8] { blockedGzip(Array(text.utf8)) }

/// BGZF, as `OutputFile` writes it.
func blockedGzip(_ text: [UInt8]) -> [UInt8] {
  let folder = TemporaryFolder()
  guard let output = try? OutputFile(folder.file("x.bgz")), (try? output.write(text)) != nil,
    (try? output.close()) != nil
  else { return [] }
  return TemporaryFolder.contents(of: folder.file("x.bgz")) ?? []
}

/// Runs a check; a file with errors counts as refused.
func refusing(_ path: String, _ check: (inout ProblemList) throws -> Void) throws {
  var problems = ProblemList(limit: 3)
  try check(&problems)
  if problems.errorCount > 0 { throw FormatError(.badData, path: path, "\(problems.errorCount) errors") }
}

extension FuzzTarget {
  static let all: [FuzzTarget] =
    streams + tables + expression + sequences + motifs + variants + images

  private static let streams: [FuzzTarget] = [
    FuzzTarget(
      "gzip",
      bytes: [gzipMember(Array("some text\nof two lines\n".utf8)), gzipMember([]) + gzipMember([65, 66])]
    ) { path, threads in _ = try ByteReader(contentsOf: path, threads: threads).readAll() },
    FuzzTarget("bgzf", bytes: [blockedGzip(String(repeating: "ACGT\n", count: 40_000)), blockedGzip("")]) {
      path, threads in _ = try ByteReader(contentsOf: path, threads: threads).readAll()
    },
    FuzzTarget(
      "gzi",
      bytes: [[1] + [UInt8](repeating: 0, count: 7) + [100, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0]]
    ) { path, _ in _ = try BGZFIndex(contentsOf: path) },
  ]

  private static let tables: [FuzzTarget] = [
    FuzzTarget(
      "table", ["id,v\na,\"1,\"\"2\"\"\"\nb,2\r\n", "a\tb\tc\n1\t2\t3\n4\t5\t6\n", "\u{FEFF}x\n1\n\n"]
    ) {
      path, _ in
      let table = try Table(contentsOf: path)
      for row in 0..<table.rowCount {
        for column in 0..<table.columnCount { _ = table.string(row: row, column: column) }
      }
    },
    FuzzTarget("table-stream", ["id,v\na,\"1,\"\"2\"\"\"\nb,2\r\n", "a\tb\tc\n1\t2\t3\n4\t5\t6\n"]) {
      path, _ in
      _ = try TableStream(contentsOf: path).writeTSV(to: OutputFile("/dev/null"))
    },
    FuzzTarget("name-list", ["TP53\n MYC\r\n\nEGFR"]) { path, _ in _ = try NameList.read(contentsOf: path) },
  ]

  private static func matrix(_ path: String, _ threads: Int) throws {
    var options = ExpressionMatrix.ReadingOptions()
    options.threads = threads
    options.missingValues = .mean
    options.keepsSampleMetadata = true
    var reading = ExpressionMatrix.Reading()
    let matrix = try ExpressionMatrix(contentsOf: path, options: options, reading: &reading)
    precondition(matrix.values.allSatisfy(\.isFinite))
    try reading.sampleMetadata?.writeTSV(to: OutputFile("/dev/null"))
  }

  private static let expression: [FuzzTarget] = [
    FuzzTarget(
      "expression", ["sample\tA\tB\ns\t1\t2.5\nt\t-3e2\tNA\n", "gene,s,t\n\"A\",1,2\r\n\"B\"\"\",3,4\r\n"],
      read: matrix),
    FuzzTarget(
      "gct",
      [
        "#1.2\n2\t3\nNAME\tDescription\ts1\ts2\ts3\nA\tone\t1\t2\t3\nB\tna\t4\t5\t6\n",
        "#1.3\n1\t2\t1\t1\nid\tkind\ts1\ts2\ndose\tna\thigh\tlow\nA\tx\t1\t2\n",
      ], read: matrix),
    FuzzTarget(
      "geo",
      [
        "!Series_title\t\"t\"\n!Sample_geo_accession\t\"GSM1\"\t\"GSM2\"\n"
          + "!Sample_characteristics_ch1\t\"age: 5\"\t\"sex: f\"\n!series_matrix_table_begin\n"
          + "\"ID_REF\"\t\"GSM1\"\t\"GSM2\"\n\"a_at\"\t1.5\tnull\n\"b_at\"\t\t3\n!series_matrix_table_end\n"
      ], read: matrix),
    FuzzTarget(
      "matrix-market",
      [
        "%%MatrixMarket matrix coordinate integer general\n%\n3 2 4\n1 1 5\n3 1 1\n1 2 2\n2 2 7\n",
        "%%MatrixMarket matrix coordinate real general\n2 3 3\n1 3 5.5\n1 1 1e-3\n2 2 2\n",
        "%%MatrixMarket matrix coordinate pattern general\n3 2 2\n3 2\n1 1\n",
        "%%MatrixMarket matrix array integer general\n3 2\n1\n0\n2\n0\n0\n9\n",
      ],
      companions: ["genes.tsv": "a\tA\nb\tB\nc\tC\n", "barcodes.tsv": "x\ny\n"], suffix: "_matrix.mtx"
    ) { path, threads in
      try matrix(path, threads)
      let file = try ExpressionFile(contentsOf: path)
      if file.isMatrixMarket { _ = try file.streamTriplets(.init(), to: OutputFile("/dev/null")) }
    },
    FuzzTarget(
      "10x-features",
      ["a\tA\tGene Expression\nb\tB\tGene Expression\nc\tC\tAntibody Capture\n", "a\tA\nb\tB\nc\tC\n"],
      companions: [
        "matrix.mtx": "%%MatrixMarket matrix coordinate integer general\n3 2 2\n1 1 5\n3 2 1\n",
        "barcodes.tsv": "x\ny\n",
      ]
    ) { path, _ in
      var options = ExpressionMatrix.ReadingOptions()
      options.featuresFile = path
      options.duplicateGenes = .max
      let folder = path.dropLast("fuzz".count)
      _ = try SparseExpressionMatrix(contentsOf: folder + "matrix.mtx", options: options).dense()
    },
    FuzzTarget("cls", ["3 2 1\n# ALL AML\nALL AML ALL\n", "3\t2\t1\r\n#x y\r\n1 0 1\r\n"]) { path, _ in
      _ = try ClassLabels(contentsOf: path)
    },
  ]

  private static let motifs: [FuzzTarget] = [
    FuzzTarget("meme", [MEMEFileTests.small, MEMEFileTests.versionFive]) { path, _ in
      let file = try MEMEFile(contentsOf: path)
      for motif in file.motifs { precondition(motif.informationContent().allSatisfy { 0...2 + 1e-9 ~= $0 }) }
      try file.write(to: OutputFile("/dev/null"))
    }
  ]

  private static let sequences: [FuzzTarget] = [
    FuzzTarget("fasta", [">a x\nACGT\nAC\n>b\n\nGG\n", "> x\nacgt\n;c\n>y\n"]) { path, threads in
      let statistics = try SequenceStatistics(contentsOf: path, threads: threads)
      let reader = try SequenceReader(contentsOf: path)
      var count = 0
      while let record = try reader.next() { count += record.sequence.count }
      precondition(statistics.format == .fastq || statistics.lengths.total == count)
    },
    FuzzTarget("fastq", ["@a\nACGT\n+\nIIII\n@b\nAC\n+b\nI+\n", "@a\nAC\nGT\n+\n@I\nII\n"]) { path, threads in
      let reader = try SequenceReader(contentsOf: path)
      try SequencePipeline().run(reader, to: OutputFile("/dev/null")) { record, _ in
        Nucleotide.reverseComplement(inPlace: &record.sequence)
        return true
      }
    },
    FuzzTarget("sequence-check", [">a x\nACGT\nAC\n>b\n\nGG\n", "@a\nACGT\n+\nIIII\n@b\nAC\n+b\nI+\n"]) {
      path, threads in
      var problems = ProblemList(limit: 3)
      _ = try FileCheck.run(contentsOf: path, threads: threads, into: &problems)
    },
    FuzzTarget(
      "fai", ["a\t4\t3\t4\t5\nb\t2\t11\t2\t3\n"], companions: ["fuzz.fa": ">a\nACGT\n>b\nGG\n"],
      suffix: ".fa.fai"
    ) { path, _ in
      let genome = try IndexedFASTA(contentsOf: String(path.dropLast(4)))
      for entry in genome.index.entries { _ = try genome.sequence(of: Region(contig: entry.name)) }
    },
    FuzzTarget("indexed-fasta", [">a\nACGT\nACGT\nA\n>b x\nGG\n"], suffix: ".fa") { path, _ in
      let genome = try IndexedFASTA(contentsOf: path)
      let peaks = [BED.Record(contig: "a", start: 1, end: 3)]
      var background = BackgroundWindows(genome: genome, avoiding: peaks, seed: 1)
      _ = try background.matches(of: peaks)
    },
    FuzzTarget("bed", ["c\t1\t5\tn\t0\t-\nd 2 3\n#x\ntrack\n"]) { path, _ in
      _ = try BED.read(contentsOf: path)
    },
    FuzzTarget(
      "bed-check",
      ["chr1\t1\t9\n", "track x\nchr1 3 9 n 5 +\n", "a\t0\t90\tn\t0\t-\t1\t9\t1,2,3\t2\t5,5\t0,85\n"]
    ) { path, _ in
      try refusing(path) { try BEDCheck.run(contentsOf: path, into: &$0) }
    },
  ]
}
