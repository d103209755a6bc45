import LigaseFormats
import TestSupport
import Testing

@Suite struct MEMEFileTests {
  private let folder = TemporaryFolder()

  static let small = """
    MEME version 4

    ALPHABET= ACGT

    strands: + -

    Background letter frequencies
    A 0.3 C 0.2 G 0.2 T 0.3

    MOTIF M1 first
    letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 1e-05
    0.500000 0.250000 0.250000 0.000000
    0.000000 0.000000 1.000000 0.000000
    URL http://example.org/M1

    MOTIF M2
    letter-probability matrix:
    0.1 0.2 0.3 0.4

    """

  static let versionFive = """
    MEME version 5.5.7 (Release date: Wed Jun 19 13:59:04 2024 -0700)
    ********************************************************************************
    # a comment
    ALPHABET "DNA" DNA-LIKE
    A "Adenine" CC0000 ~ T "Thymine" 008000
    C "Cytosine" 0000CC ~ G "Guanine" FFB300
    N "Any base" = ACGT
    R = AG
    END ALPHABET
    strands: +
    Background letter frequencies (from uniform background):
    A 0.25 C 0.25
    G 0.25 T 0.25
    MOTIF 1-ACGT STREME-1
    log-odds matrix: alength= 4 w= 1 E= 0
    -12 3 4.5 -1000
    letter-probability matrix: alength=4 w=1 nsites=7.5 P= 1e-3
     0.25 0.25 0.25 0.25
    """

  private func read(_ text: String) throws -> MEMEFile {
    try MEMEFile(contentsOf: folder.write(text, to: "x.meme"))
  }

  private func error(_ text: String) -> String {
    do { return "read \(try read(text).motifs.count) motifs" } catch {
      let text = "\(error)"
      return text.hasPrefix(folder.path) ? String(text.dropFirst(folder.path.count + 1)) : text
    }
  }

  @Test func readsAllParts() throws {
    let file = try read(Self.small)
    #expect(file.background == [0.3, 0.2, 0.2, 0.3] && file.hasBothStrands)
    #expect(
      file.motifs == [
        Motif(
          name: "M1", alternateName: "first", frequencies: [0.5, 0.25, 0.25, 0, 0, 0, 1, 0], siteCount: 20,
          eValue: 1e-5, url: "http://example.org/M1"),
        Motif(name: "M2", frequencies: [0.1, 0.2, 0.3, 0.4]),
      ])
    // Windows line ends, a byte order mark and no newline at the end.
    let windows =
      "\u{FEFF}"
      + Self.small.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    #expect(try read(windows) == file)
    #expect(try read(String(Self.small.dropLast())) == file)
  }

  @Test func readsTheHeaderOfVersionFive() throws {
    let file = try read(Self.versionFive)
    #expect(!file.hasBothStrands && file.background == Motif.uniformBackground)
    #expect(
      file.motifs == [
        Motif(
          name: "1-ACGT", alternateName: "STREME-1", frequencies: [0.25, 0.25, 0.25, 0.25], siteCount: 7.5)
      ])
    #expect(try read("MEME version 4\n").motifs.isEmpty)
    #expect(
      try read("MEME version 4\nMOTIF a\nletter-probability matrix: E= 1e999\n1 0 0 0\n").motifs[0].eValue
        == .infinity)
  }

  @Test func whatIsWrittenReadsBackEqual() throws {
    for text in [Self.small, Self.versionFive] {
      let file = try read(text), path = folder.file("out.meme")
      let output = try OutputFile(path, overwrite: true)
      try file.write(to: output)
      try output.close()
      #expect(try MEMEFile(contentsOf: path) == file)
    }
    for name in ["", "a b", "a\n"] {
      let file = MEMEFile(motifs: [Motif(name: name, frequencies: [1, 0, 0, 0])])
      #expect(throws: FormatError.self) { try file.write(to: OutputFile("/dev/null")) }
    }
    let twice = MEMEFile(motifs: [Motif](repeating: Motif(name: "a", frequencies: [1, 0, 0, 0]), count: 2))
    #expect(throws: FormatError.self) { try twice.write(to: OutputFile("/dev/null")) }
    #expect(throws: FormatError.self) {
      try MEMEFile(motifs: [Motif(name: "a", frequencies: [])]).write(to: OutputFile("/dev/null"))
    }
  }

  @Test func faultsHaveTheirLines() {
    let head = "MEME version 4\n", matrix = "letter-probability matrix: "
    for (text, expected) in [
      ("", "x.meme:1: found the end of the file, expected a first line 'MEME version 4' or 'MEME version 5'"),
      (">a\nACGT\n", "x.meme:1: found '>a', expected a first line 'MEME version 4' or 'MEME version 5'"),
      ("MEME version 3\n", "x.meme:1: found the version '3', expected 4 or 5"),
      (head + "ALPHABET= ACGU\n", "x.meme:2: found the alphabet 'ACGU', expected ACGT"),
      (
        head + "ALPHABET \"P\"\nA\nW\n",
        "x.meme:4: found the letter 'W' in the alphabet, expected A, C, G and T"
      ),
      (
        head + "ALPHABET \"D\"\nA ~ T\n",
        "x.meme:4: found the end of the file, expected END ALPHABET after the block on line 2"
      ),
      (head + "strands: -\n", "x.meme:2: found 'strands: -', expected 'strands: + -' or 'strands: +'"),
      (head + "strands: +\nstrands: +\n", "x.meme:3: found a second line of strands, expected one"),
      (
        head + "Background letter frequencies\nA 0.5 C 0.5 G 0.5 T 0.5\n",
        "x.meme:3: found background frequencies with the sum 2.0, expected 1"
      ),
      (
        head + "Background letter frequencies\nA 0.5 A 0.5\n",
        "x.meme:3: found 'A', expected each of the letters A, C, G and T once"
      ),
      (head + "MOTIF\n", "x.meme:2: found 'MOTIF', expected MOTIF, a name and at most one alternate name"),
      (
        head + "MOTIF a\n\(matrix)w= 1\n1 0 0 0\nMOTIF a\n",
        "x.meme:5: found a second motif 'a', the first is on line 2"
      ),
      (
        head + "MOTIF a\nMOTIF b\n",
        "x.meme:3: found 'MOTIF b', expected the letter-probability matrix of motif 'a' (line 2)"
      ),
      (
        head + "MOTIF a\n\(matrix)w= 0\n",
        "x.meme:3: found 'w'= '0', expected a number of positions from 1 to 300"
      ),
      (
        head + "MOTIF a\n\(matrix)alength= 20 w= 1\n",
        "x.meme:3: found 'alength'= '20', expected 4, the number of letters in ACGT"
      ),
      (
        head + "MOTIF a\n\(matrix)w= 9223372036854775807\n1 0 0 0\n",
        "x.meme:3: found 'w'= '9223372036854775807', expected a number of positions from 1 to 300"
      ),
      (
        head + "MOTIF a\n\(matrix)w= 2\n1 0 0 0\n\n",
        "x.meme:5: found an empty line, expected four numbers: row 2 of 2 of the matrix on line 3"
      ),
      (
        head + "MOTIF a\n\(matrix)w= 1\n1 0 0\n",
        "x.meme:4: found '1 0 0', expected four numbers: row 1 of 1 of the matrix on line 3"
      ),
      (
        head + "MOTIF a\n\(matrix)w= 1\n2 0 0 -1\n",
        "x.meme:4: found '2', expected a frequency from 0 to 1: row 1 of 1 of the matrix on line 3"
      ),
      (
        head + "MOTIF a\n\(matrix)\n0.5 0.25 0 0\n",
        "x.meme:4: found frequencies with the sum 0.75, expected 1: row 1 of the matrix on line 3"
      ),
      (
        head + "MOTIF a\n\(matrix)w= 1\n1 0 0 0\n1 0 0 0\n",
        "x.meme:5: found '1 0 0 0', expected 'letter-probability matrix:', URL or MOTIF"
      ),
      (
        head + "MOTIF a\n\(matrix)w= 1 w= 1\n1 0 0 0\n", "x.meme:3: found 'w' twice, expected it once"
      ),
      (
        head + "MOTIF a\n\(matrix)\n" + String(repeating: "1 0 0 0\n", count: 301),
        "x.meme:304: found more than 300 rows, expected at most that many: the matrix on line 3"
      ),
    ] { #expect(error(text) == expected) }
  }

  /// All motifs of JASPAR 2026 that are there read, and are written with the same rows.
  @Test(.enabled(if: RealData.folder != nil, "LIGASE_DATA names no folder with data"))
  func jaspar() throws {
    guard let path = SharedData.path("motifs/jaspar2026_200.meme") else { return }
    let file = try MEMEFile(contentsOf: path)
    #expect(file.motifs.count == 201 && file.motifs[0].name == "MA0003.5")
    #expect(file.motifs[0].alternateName == "TFAP2A" && file.motifs[0].siteCount == 15_968)
    let output = try OutputFile(folder.file("jaspar.meme"))
    try file.write(to: output)
    try output.close()
    #expect(try MEMEFile(contentsOf: folder.file("jaspar.meme")) == file)
    func rows(_ path: String) -> [Substring] {
      String(decoding: TemporaryFolder.contents(of: path) ?? [], as: UTF8.self)
        .split(whereSeparator: \.isNewline).filter { $0.hasPrefix("0.") || $0.hasPrefix("1.") }
    }
    #expect(rows(path).count > 1900 && rows(path) == rows(folder.file("jaspar.meme")))
  }
}
