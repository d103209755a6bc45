import LigaseFormats
import TestSupport
import Testing

/// Indexes of FASTA: blanks and comments, and indexes of another version of the file.
@Suite struct FASTAIndexTests {
  private let folder = TemporaryFolder()

  private func index(_ text: String) throws -> FASTAIndex {
    try FASTAIndex(indexing: folder.write(text, to: "i.fa"))
  }

  private func error(_ body: () throws -> Void) -> FormatError? {
    do {
      try body()
      return nil
    } catch {
      return error as? FormatError
    }
  }

  private func residues(_ path: String, _ region: String) throws -> String {
    String(decoding: try IndexedFASTA(contentsOf: path).sequence(of: Region(region)!), as: UTF8.self)
  }

  /// The entries are those that samtools faidx writes.
  @Test func blanksAtLineEndsAreBytesAndNoResidues() throws {
    let spaces = try index(">a\nACGTACGT  \nGTACGTAC  \nTTT\n")["a"]!
    #expect((spaces.length, spaces.offset, spaces.lineBases, spaces.lineWidth) == (19, 3, 8, 11))
    let tabs = try index(">a x\r\nACGT\t\r\nACGT\t\r\nA \t \r\n>b\nAC\n")
    #expect((tabs["a"]!.length, tabs["a"]!.lineBases, tabs["a"]!.lineWidth) == (9, 4, 7))
    #expect((tabs["b"]!.length, tabs["b"]!.offset) == (2, 29))
    for text in [">a\nACGT \nAC \n>b\nGG\n", ">a\nACGT \t\r\nAC\r\n\r\n>b\nGG"] {
      for name in ["x.fa", "x.fa.gz"] {
        let path = folder.file(name)
        let output = try OutputFile(path, overwrite: true)
        try output.write(text)
        try output.close()
        #expect(try residues(path, "a:3-6") == "GTAC" && residues(path, "b") == "GG")
      }
    }
    // Within a byte-order mark's reach too.
    let marked = folder.write([0xEF, 0xBB, 0xBF] + Array(">a\nACGT\nAC\n".utf8), to: "m.fa")
    #expect(try residues(marked, "a:4-6") == "TAC")
    try write(FASTAIndex(indexing: marked), to: marked + ".fai")
    #expect(try residues(marked, "a:4-6") == "TAC")
  }

  @Test func whatNoIndexCanFindIsRefused() {
    for (text, expected) in [
      (">a\nAC GT\nACGT\n", "2: found a blank between residues (byte 3)"),
      (">a\n ACGT\nACGT\n", "2: found a blank before residues (byte 1)"),
      (">a\nACGT\nAC\tG\n", "3: found a blank between residues (byte 3)"),
      (">a\nACGT\n;note\nACGT\n", "3: found a comment within a record"),
      (">a\nACGT\nACGT \nACGT\n", "4: found a line of another length"),
    ] {
      let found = error { _ = try index(text) }
      #expect(found?.description.contains(":" + expected) == true, "\(text): \(String(describing: found))")
      #expect(found?.remedy == .wrapSequences)
    }
    #expect(error { _ = try index(";made by hand\n>a\nACGT\n") } == nil)
  }

  @Test func theNameIsTheFirstWord() throws {
    #expect(try index("> a one\nAC\n>\tb\nAC\n").entries.map(\.name) == ["a", "b"])
    let records = try FASTA.read(contentsOf: folder.write(">  a  one two \nAC\n>\nG\n", to: "n.fa"))
    #expect(records.map(\.name) == ["a", ""] && records.map(\.description) == ["one two", ""])
  }

  private func write(_ index: FASTAIndex, to path: String) throws {
    let output = try OutputFile(path, overwrite: true)
    try index.write(to: output)
    try output.close()
  }

  /// An index of an older version is refused by the content of the file, regardless of the dates.
  @Test func staleIndexes() throws {
    let old = ">a\nACGTACGT\nACGT\n>b x\nTTTT\nGG\n>c\nAA\n"
    for name in ["s.fa", "s.fa.gz"] {
      let path = folder.file(name)
      func put(_ text: String) throws {
        let output = try OutputFile(path, overwrite: true)
        try output.write(text)
        try output.close()
      }
      try put(old)
      try write(FASTAIndex(indexing: path), to: path + ".fai")
      #expect(try residues(path, "b:3-6") == "TTGG")
      for (text, region) in [
        (">a\nACGTACGTACGT\n>b x\nTTTT\nGG\n>c\nAA\n", "b"),  // wrapped otherwise
        (">a\nACGTACGT\nACGT\n>b xy\nTTTT\nGG\n>c\nAA\n", "b"),  // a longer description
        (">a\nACGTACGT\nACGT\n>d x\nTTTT\nGG\n>c\nAA\n", "b"),  // another name
        (">a\nACGTACGT\nACGT\n>b x\nTTTT\nGG\n>c\nAA\n>d\nAC\n", "a"),  // a sequence more
        (">a\nACGTACGT\nACGT\n>b x\nTTTT\nGG\n>c\nAAA\n", "c"),  // a residue more
        (">a\nACGTACGT\nACGT\n>b x\nTTTT\nG\n>cc\nAA\n", "b"),  // lengths that make up for each other
        (">a\nACGTACGT\nACGT\n>b x\nTTTT\nGG\n", "a"),  // cut
      ] {
        try put(text)
        let found = error { _ = try residues(path, region) }
        #expect(
          found?.kind == .badData && found?.remedy == .rebuildIndex, "\(text): \(String(describing: found))")
        #expect(found?.path == path + ".fai" && found?.line.map { $0 > 0 } == true)
      }
      try put(old)
      #expect(try residues(path, "c") == "AA")
    }
  }

  @Test func staleTablesOfBlocks() throws {
    let path = folder.file("g.fa.gz")
    func put(_ count: Int) throws {
      let output = try OutputFile(path, overwrite: true)
      try output.write(">a\n" + String(repeating: "ACGTTGCAAC", count: count) + "\n")
      try output.close()
    }
    try put(20_000)
    let table = try OutputFile(path + ".gzi")
    try BGZFIndex(indexing: path).write(to: table)
    try table.close()
    #expect(try RandomAccess(contentsOf: path).read(3..<7) == Array("ACGT".utf8))
    for count in [10, 13_000, 30_000] {
      try put(count)
      let found = error { _ = try RandomAccess(contentsOf: path).read(3..<7) }
      #expect(
        found?.path == path + ".gzi" && found?.remedy == .rebuildIndex,
        "\(count): \(String(describing: found))")
    }
  }
}
