import Glibc
import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

private func records(_ text: String) throws -> [FASTA.Record] {
  let folder = TemporaryFolder()
  return try FASTA.read(contentsOf: folder.write(text, to: "x.fa"))
}

private func reads(_ text: String) throws -> [FASTQ.Record] {
  let folder = TemporaryFolder()
  let reader = try FASTQ.Reader(contentsOf: folder.write(text, to: "x.fq"))
  var reads: [FASTQ.Record] = []
  while let read = try reader.next() { reads.append(read) }
  return reads
}

private func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)".split(separator: "/").last.map(String.init) ?? ""
  }
}

@Suite struct FASTATests {
  @Test func records() throws {
    let found = try LigaseFormatsTests.records(
      "\n>a first one \r\nAC GT\r\n\r\nacgt\n> no name\nN\n>c\n>d\tx\nA*-.\n;comment\nC")
    #expect(found.map(\.name) == ["a", "no", "c", "d"])
    #expect(found.map(\.description) == ["first one", "name", "", "x"])
    #expect(found.map(\.text) == ["ACGTacgt", "N", "", "A*-.C"])
    #expect(found.map(\.line) == [2, 6, 8, 9])
    #expect(try LigaseFormatsTests.records("") == [])
    #expect(
      message { _ = try LigaseFormatsTests.records("ACGT\n>a\nA\n") }
        == "x.fa:1: found 'ACGT', expected a line that begins with '>'")
  }

  @Test func longLinesAndWriting() throws {
    let folder = TemporaryFolder()
    let sequence = (0..<1_000_000).map { Array("ACGT".utf8)[$0 * 7919 % 4] }
    for width in [0, 1000, 60] {
      let output = try OutputFile(folder.file("w\(width).fa"))
      let writer = FASTA.Writer(output, lineWidth: width)
      try writer.write(.init(name: "a", description: "b c", sequence: sequence))
      try writer.write(.init(name: "e", sequence: []))
      try output.close()
      let again = try FASTA.read(contentsOf: folder.file("w\(width).fa"))
      #expect(again.map(\.name) == ["a", "e"] && again[0].description == "b c" && again[1].sequence == [])
      #expect(again[0].sequence == sequence)
    }
  }
}

@Suite struct FASTQTests {
  @Test func reads() throws {
    let found = try LigaseFormatsTests.reads(
      "@a 1:N:0:ACG\nACG\nT\n+\n@II\n+\n@b\nA\n+b\n+\n@c\n\n+\n\n@d\r\nAC\r\n+\r\nI#\r\n\n")
    #expect(found.map(\.name) == ["a", "b", "c", "d"])
    #expect(found.map(\.description) == ["1:N:0:ACG", "", "", ""])
    #expect(found.map { String(decoding: $0.sequence, as: UTF8.self) } == ["ACGT", "A", "", "AC"])
    #expect(found.map { String(decoding: $0.qualities, as: UTF8.self) } == ["@II+", "+", "", "I#"])
    #expect(found[3].phredQualities() == [40, 2])
    #expect(found.map(\.line) == [1, 7, 11, 15])
  }

  @Test func brokenReads() {
    for (text, expected) in [
      ("ACGT\n", "x.fq:1: found 'ACGT', expected a line that begins with '@'"),
      (
        "@a\nACGT\n",
        "x.fq:3: found the end of the file, expected a line that begins with '+' (the read begins on line 1)"
      ),
      (
        "@a\nACGT\n+\nIII\n",
        "x.fq:5: found a quality string of 3 characters at the end of the file, expected 4 as in the sequence (the read begins on line 1)"
      ),
      (
        "@a\nACGT\n+\nIIIII\n",
        "x.fq:5: found a quality string of 5 characters, expected 4 as in the sequence (the read begins on line 1)"
      ),
      (
        "@a\nACGT\n+\nII\n@b\nA\n+\nI\n",
        "x.fq:6: found 'A', expected a line that begins with '@'"
      ),
    ] {
      #expect(message { _ = try LigaseFormatsTests.reads(text) }.hasSuffix(expected.dropFirst(5)), "\(text)")
    }
  }
}

@Suite struct SequenceCheckTests {
  private func problems(_ text: String) throws -> [String] {
    let folder = TemporaryFolder()
    var list = ProblemList(limit: 100)
    _ = try FileCheck.run(contentsOf: folder.write(text, to: "x"), into: &list)
    return list.first.map { "\($0.line) \($0.name)\($0.severity == .warning ? "?" : "")" }
  }

  @Test func fasta() throws {
    #expect(try problems(">a x\nACGTN-*.\nacgu\n\n>b\nA\n") == [])
    #expect(
      try problems(">a\nAC1T\n#x\n")
        == ["2 invalid-character", "3 invalid-character", "3 uneven-lines?"].filter {
          $0 != "3 uneven-lines?"
        })
    #expect(
      try problems(">a\nA C\n> b\n>a\nAC\nACG\n") == [
        "2 space-in-sequence?", "3 space-before-name?", "3 empty-sequence?", "4 duplicate-name?",
        "6 uneven-lines?",
      ])
    #expect(try problems(";c\n>a\nA\n") == ["1 comment-line"])
    #expect(try problems(">a\u{1}b\u{2}\nA\n") == ["1 control-character"])
  }

  @Test func fastq() throws {
    #expect(try problems("@a\nACGT\n+a\nIIII\n\n") == [])
    #expect(try problems("@a\nAC\nGT\n+\nIIII\n") == ["2 wrapped?"])
    #expect(try problems("@a\nACGT\n+b\nI II\n") == ["3 name-mismatch", "4 invalid-quality"])
    #expect(try problems("@a\nAC GT\n+\nIIIII\n\n@b\nA\n+\nI\n") == ["2 invalid-character", "5 blank-line"])
    #expect(try problems("@a\nACGT\n+\nIIIII\n@b\nA\n+\nI\n") == ["4 quality-length"])
    for text in ["@a", "@a\n", "@a\nACGT", "@a\nACGT\n+", "@abc\nACGT\n+ab", "@a\nACGT\n+\nIII"] {
      #expect(
        try problems(text) == [
          "\(text.split(separator: "\n", omittingEmptySubsequences: false).count + (text.hasSuffix("\n") ? 0 : 1)) truncated"
        ] || problems(text).last?.hasSuffix("truncated") == true, "\(text)")
    }
  }

  /// Public specimens: every invalid one is refused, every valid one accepted, and counts agree with those listed.
  @Test func conformance() throws {
    guard let list = SharedData.path("conformance/fastx.tsv") else { return }
    let folder = String(list.dropLast("fastx.tsv".count))
    let table = try Table(contentsOf: list)
    let (files, expected) = (try table.strings("file"), try table.strings("expected"))
    let (counts, bases) = (try table.strings("biopython_records"), try table.strings("biopython_bases"))
    var invalid = 0
    for row in 0..<table.rowCount {
      var problems = ProblemList(limit: 5)
      _ = try FileCheck.run(contentsOf: folder + files[row], into: &problems)
      #expect((problems.errorCount == 0) == (expected[row] == "valid"), "\(files[row]): \(problems.first)")
      if expected[row] == "valid" {
        let statistics = try SequenceStatistics(contentsOf: folder + files[row], threads: 2)
        #expect("\(statistics.lengths.count)" == counts[row] && "\(statistics.lengths.total)" == bases[row])
      } else {
        invalid += 1
      }
    }
    #expect(invalid == 23)
  }
}

@Suite struct SequenceStatisticsTests {
  /// The scan in pieces agrees with the reader record by record, wherever the pieces are cut.
  @Test func scanAgreesWithReader() throws {
    let folder = TemporaryFolder()
    var random = SeededGenerator(seed: 4)
    for trial in 0..<6 {
      var text: [UInt8] = []
      while text.count < 3_300_000 {
        text += Array(">record >\(random.next() % 1000) ;x\r\n".utf8)
        let length = Int(random.next() % (trial % 2 == 0 ? 400 : 2_000_000))
        let width = trial == 5 ? length + 1 : 1 + Int(random.next() % 90)
        for start in stride(from: 0, to: length, by: width) {
          text += (start..<min(length, start + width)).map { _ in
            Array("ACGTNacgtnSWux-".utf8)[Int(random.next() % 15)]
          }
          text += trial == 2 ? [0x0D, 0x0A] : [0x0A]
        }
        if random.next() % 5 == 0 { text += Array(";comment > here\n\n".utf8) }
      }
      let path = folder.write(text, to: "s.fa")
      var (residues, lengths) = (ResidueCounts(), LengthDistribution())
      for record in try FASTA.read(contentsOf: path) {
        lengths.add(record.sequence.count)
        for base in record.sequence {
          residues.residues += 1
          if "GCSgcs".utf8.contains(base) { residues.gc += 1 }
          if "ATUWatuw".utf8.contains(base) { residues.at += 1 }
          if "Nn".utf8.contains(base) { residues.n += 1 }
          if "-.".utf8.contains(base) { residues.gaps += 1 }
        }
      }
      for threads in [1, 3] {
        let found = try SequenceStatistics(contentsOf: path, threads: threads)
        #expect(found.lengths == lengths && found.residues == residues, "trial \(trial), \(threads) threads")
      }
    }
  }

  @Test func lengths() {
    var lengths = LengthDistribution()
    #expect(lengths.n50 == 0 && lengths.minimum == 0 && lengths.maximum == 0 && lengths.mean == 0)
    for length in [2, 2, 2, 3, 3, 4, 8, 8] { lengths.add(length) }
    #expect(lengths.n50 == 8 && lengths.minimum == 2 && lengths.maximum == 8 && lengths.mean == 4)
    lengths.add(100_000)
    #expect(lengths.n50 == 100_000 && lengths.maximum == 100_000 && lengths.count == 9)
  }
}

@Suite struct IndexedFASTATests {
  private func write(_ folder: TemporaryFolder, _ name: String, _ text: String) throws -> String {
    let output = try OutputFile(folder.file(name), overwrite: true)
    try output.write(text)
    try output.close()
    return folder.file(name)
  }

  @Test func regions() throws {
    let folder = TemporaryFolder()
    let a = String((0..<200_003).map { Array("ACGTN")[$0 * 31 % 5] })
    let lines = stride(from: 0, to: a.count, by: 70).map { String(a.dropFirst($0).prefix(70)) }
    let text = ">a first\r\n" + lines.joined(separator: "\r\n") + "\r\n>b\r\nACGT\r\n>e\r\n>c:1\r\nGG\r\nT"
    let letters = Array(a.utf8)
    for name in ["x.fa", "x.fa.bgz"] {
      let path = try write(folder, name, text)
      for isIndexed in [false, true] {
        if isIndexed {
          let output = try OutputFile(path + ".fai")
          try FASTAIndex(indexing: path).write(to: output)
          try output.close()
          if name.hasSuffix("bgz") {
            let blocks = try OutputFile(path + ".gzi")
            try BGZFIndex(indexing: path).write(to: blocks)
            try blocks.close()
          }
        }
        let genome = try IndexedFASTA(contentsOf: path)
        #expect(genome.index.entries.map(\.name) == ["a", "b", "e", "c:1"])
        #expect(genome.index.entries.map(\.length) == [200_003, 4, 0, 3])
        for (start, end) in [(1, 200_003), (70, 71), (1, 1), (200_003, 200_003), (65_000, 140_001), (5, 4)] {
          let found = try genome.sequence(of: Region(contig: "a", start: start, end: end))
          #expect(found == Array(letters[(start - 1)..<end]), "\(start)-\(end)")
        }
        #expect(try genome.sequence(of: Region(contig: "b")) == Array("ACGT".utf8))
        #expect(try genome.sequence(of: Region(contig: "e")) == [])
        #expect(try genome.sequence(of: Region(contig: "c:1", start: 2)) == Array("GT".utf8))
        #expect(
          message { _ = try genome.sequence(of: Region(contig: "z")) }
            == "\(name): found no sequence 'z', expected one of: a, b, e, c:1")
        #expect(
          message { _ = try genome.sequence(of: Region(contig: "b", start: 2, end: 5)) }
            == "\(name): found region b:2-5 beyond the end of 'b', which has 4 residues")
        let interval = BED.Record(
          contig: "b", start: 1, end: 3, name: nil, score: nil, isReverse: true, rest: [], line: 1)
        #expect(try genome.record(of: interval) == FASTA.Record(name: "b:2-3(-)", sequence: Array("CG".utf8)))
        #expect(try genome.window(of: interval, width: 4)?.text == "ACGT")
        #expect(try genome.window(of: interval, width: 5) == nil)
      }
    }
  }

  @Test func filesThatCannotBeIndexed() throws {
    let folder = TemporaryFolder()
    for (text, expected) in [
      (">a\nAC\nACG\n", "found a line of another length"),
      (">a\nAC\nA\nA\n", "found a line of another length"),
      (">a\nA\n>a\nC\n", "found sequence 'a' twice"), ("A\n", "found 'A', expected a line"),
    ] {
      let path = try write(folder, "u.fa", text)
      #expect(message { _ = try FASTAIndex(indexing: path) }.contains(expected), "\(text)")
    }
    let gzip = folder.write(gzipMember(Array(">a\nA\n".utf8)), to: "g.fa.gz")
    #expect(message { _ = try IndexedFASTA(contentsOf: gzip) }.contains("found plain gzip"))
    // An index of another file is detected.
    let path = try write(folder, "v.fa", ">a\nACGTACGT\n>b\nA\n")
    _ = try write(folder, "v.fa.fai", "a\t8\t1\t8\t9\n")
    #expect(
      message { _ = try IndexedFASTA(contentsOf: path).sequence(of: Region(contig: "a")) }.contains(
        "where no line '>a' ends"))
    for bad in [
      "a\t1\t2\t3\n", "a\tx\t2\t3\t4\n", "a\t5\t2\t4\t3\n", "a\t5\t2\t0\t0\n", "a\t-5\t2\t4\t5\n",
      "a\t42949672961\t2\t2\t32949672961\n",
    ] {
      _ = try write(folder, "v.fa.fai", bad)
      #expect(message { _ = try IndexedFASTA(contentsOf: path) }.contains("v.fa.fai:1: found"), "\(bad)")
    }
  }

  @Test func damagedIndicesNeverTrap() throws {
    let folder = TemporaryFolder()
    let path = try write(folder, "x.fa.bgz", ">a\n" + String(repeating: "ACGT", count: 50_000) + "\n")
    let output = try OutputFile(path + ".gzi")
    try BGZFIndex(indexing: path).write(to: output)
    try output.close()
    let good = TemporaryFolder.contents(of: path + ".gzi")!
    var random = SeededGenerator(seed: 6)
    for _ in 0..<300 {
      var bytes = good
      for _ in 0..<(1 + random.next() % 3) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      folder.write(bytes, to: "x.fa.bgz.gzi")
      _ = try? RandomAccess(contentsOf: path).read(70_000..<70_010)
    }
  }
}

@Suite struct BlockedReadingTests {
  @Test func threadsReadTheSame() throws {
    let folder = TemporaryFolder()
    var random = SeededGenerator(seed: 9)
    let bytes = (0..<3_000_000).map { _ in UInt8(truncatingIfNeeded: random.next() & 0x1F) }
    let output = try OutputFile(folder.file("x.bgz"))
    try output.write(bytes)
    try output.close()
    let whole = TemporaryFolder.contents(of: folder.file("x.bgz"))!
    for threads in [1, 2, 5] {
      #expect(
        try ByteReader(contentsOf: folder.file("x.bgz"), threads: threads, content: .binary).readAll()
          == bytes)
      for length in [whole.count - 28, whole.count - 1, whole.count / 2, 100_000, 27] {
        let cut = folder.write(Array(whole[..<length]), to: "cut.bgz")
        #expect(throws: FormatError.self) {
          try ByteReader(contentsOf: cut, threads: threads, content: .binary).readAll()
        }
      }
      var damaged = whole
      damaged[whole.count / 2] ^= 0x10
      let path = folder.write(damaged, to: "bad.bgz")
      #expect(throws: FormatError.self) {
        try ByteReader(contentsOf: path, threads: threads, content: .binary).readAll()
      }
      let twice = folder.write(whole + whole + [0, 0], to: "twice.bgz")
      #expect(
        try ByteReader(contentsOf: twice, threads: threads, content: .binary).readAll().count == 2
          * bytes.count)
      let mixed = folder.write(Array(whole.dropLast(28)) + gzipMember(Array("end".utf8)), to: "mixed.bgz")
      #expect(
        try ByteReader(contentsOf: mixed, threads: threads, content: .binary).readAll() == bytes
          + Array("end".utf8))
    }
  }
}
