import LigaseFormats
import TestSupport
import Testing

/// The checks of the first bytes of a stream, in every format.
@Suite struct StreamHeadTests {
  private let folder = TemporaryFolder()

  /// Readers of each text format, by the name of a file that they read.
  private static let readers: [(name: String, text: String, read: @Sendable (String) throws -> Void)] = [
    ("a.fa", ">a\nACGT\n>b\nAC\n", { _ = try FASTA.read(contentsOf: $0) }),
    ("s.fa", ">a\nACGT\n>b\nAC\n", { _ = try SequenceStatistics(contentsOf: $0) }),
    ("i.fa", ">a\nACGT\n>b\nAC\n", { _ = try FASTAIndex(indexing: $0) }),
    ("r.fa", ">a\nACGT\n>b\nAC\n", { _ = try IndexedFASTA(contentsOf: $0).sequence(of: Region("b")!) }),
    ("a.fq", "@a\nAC\n+\nII\n@b\nA\n+\nI\n", { _ = try FASTQ.Reader(contentsOf: $0).next() }),
    ("a.bed", "c\t1\t2\nd\t3\t4\n", { _ = try BED.read(contentsOf: $0) }),
    (
      "a.vcf",
      "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tC\t.\t.\t.\n",
      { _ = try VCF.Reader(contentsOf: $0).next() }
    ),
    ("t.csv", "a,b\n1,2\n", { _ = try Table(contentsOf: $0) }),
    ("u.tsv", "a\tb\n1\t2\n", { _ = try TableStream(contentsOf: $0) }),
    ("e.tsv", "gene\ts1\ts2\nTP53\t1\t2\n", { _ = try ExpressionMatrix(contentsOf: $0) }),
    ("e.gct", "#1.2\n1\t1\nNAME\tDescription\ts\nA\tx\t1\n", { _ = try ExpressionMatrix(contentsOf: $0) }),
    ("names", "a\nb\n", { _ = try NameList.read(contentsOf: $0) }),
    ("a.cls", "2 2 1\n# x y\n0 1\n", { _ = try ClassLabels(contentsOf: $0) }),
    (
      "c.vcf",
      "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tC\t.\t.\t.\n",
      { path in
        var problems = ProblemList(limit: 1)
        _ = try FileCheck.run(contentsOf: path, into: &problems)
      }
    ),
  ]

  private func failure(_ bytes: [UInt8], _ name: String, _ read: (String) throws -> Void) -> FormatError? {
    do {
      try read(folder.write(bytes, to: name))
      return nil
    } catch {
      return error as? FormatError
    }
  }

  @Test func everyFormatReadsTheMarkAndRefusesOldLineEnds() {
    for (name, text, read) in Self.readers {
      let plain = Array(text.utf8)
      #expect(failure(plain, name, read) == nil, "\(name)")
      #expect(failure([0xEF, 0xBB, 0xBF] + plain, name, read) == nil, "\(name) with a byte-order mark")
      #expect(failure(Array(text.replacing("\n", with: "\r\n").utf8), name, read) == nil, "\(name) with CRLF")
      let mac = plain.map { $0 == 0x0A ? 0x0D : $0 }
      for bytes in [mac, mac + [0x0A], gzipMember(mac), [0xEF, 0xBB, 0xBF] + mac] {
        let error = failure(bytes, name, read)
        #expect(
          error?.kind == .badData && error?.message.contains("old Mac") == true,
          "\(name): \(String(describing: error))")
      }
      var wide: [UInt8] = [0xFF, 0xFE]
      for byte in plain { wide += [byte, 0] }
      var bigEndian: [UInt8] = [0xFE, 0xFF]
      for byte in plain { bigEndian += [0, byte] }
      for bytes in [wide, Array(wide[2...]), bigEndian] {
        let error = failure(bytes, name, read)
        #expect(error?.message.contains("UTF-16") == true, "\(name): \(String(describing: error))")
      }
      let twice = failure(gzipMember(gzipMember(plain)), name, read)
      #expect(twice?.message.contains("gzip within gzip") == true, "\(name): \(String(describing: twice))")
    }
  }

  @Test func otherKindsAreNamed() {
    for (text, name) in [
      ("<!DOCTYPE html>\n<html>\n", "HTML"), ("<html><body>404</body></html>\n", "HTML"),
      ("%PDF-1.4\n", "PDF"),
      ("PAR1abc\n", "Parquet"),
    ] {
      let error = failure(Array(text.utf8), "x") { _ = try TableStream(contentsOf: $0) }
      #expect(error?.message.contains(name) == true, "\(name): \(String(describing: error))")
    }
  }

  @Test func compressionsAreNamed() {
    let bzip2: [UInt8] = [0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 1, 2, 3]
    for (magic, name): ([UInt8], String) in [
      (bzip2, "bzip2"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4], "xz"),
      ([0x28, 0xB5, 0x2F, 0xFD, 4, 0], "zstd"),
      ([0x50, 0x4B, 3, 4, 20, 0], "zip"), ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A], "HDF5"),
    ] {
      for bytes in [magic, gzipMember(magic)] {
        let error = failure(bytes, "x") { _ = try ByteReader(contentsOf: $0) }
        #expect(error?.message.hasPrefix("found \(name)") == true, "\(name): \(String(describing: error))")
        #expect(error?.exitCode == 65)
      }
    }
    // Words that begin with the same letters are text.
    for text in ["BZhello\n", "CRAMPS\n", "PK\n"] {
      #expect(failure(Array(text.utf8), "x") { _ = try ByteReader(contentsOf: $0) } == nil)
    }
    let remedy = failure(bzip2, "x.bz2") { _ = try ByteReader(contentsOf: $0) }?.remedy
    #expect(remedy == .decompress(with: "bzip2 -dc FILE"))
  }

  /// Carriage returns that do not end a line are unchanged: within quotes, and doubled before a line feed.
  @Test func returnsThatAreNoLineEnds() throws {
    let quoted = try Table(contentsOf: folder.write(Array("\"a\rb\",c\n1,2\n".utf8), to: "q.csv"))
    #expect(quoted.columnNames == ["a\rb", "c"])
    #expect(failure(Array(">a\r\r\nAC\r\r\n".utf8), "d.fa") { _ = try FASTA.read(contentsOf: $0) } == nil)
    #expect(failure(Array("name\r".utf8), "one") { _ = try NameList.read(contentsOf: $0) } == nil)
    // A header after an old line end is refused at any position.
    for mixed in [
      ">a\nAC\r>b\rGT\n", ">a\nAC\nGT\n>b\rGGCC\r>c\rTTTT\r", ">a\nAC\n>b\rGG\n", ">a\nGG\n >b\nCC\n",
    ] {
      for read: (String) throws -> Void in [
        { _ = try FASTA.read(contentsOf: $0) }, { _ = try SequenceStatistics(contentsOf: $0) },
      ] { #expect(failure(Array(mixed.utf8), "m.fa", read)?.message.contains("old Mac") == true, "\(mixed)") }
    }
  }
}
