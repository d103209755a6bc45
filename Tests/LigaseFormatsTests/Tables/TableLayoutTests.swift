import LigaseFormats
import TestSupport
import Testing

/// Delimiters, decimal commas, comments and trailing delimiters of typical tables.
@Suite struct TableLayoutTests {
  private let folder = TemporaryFolder()

  private func table(_ text: String, _ name: String = "t.csv", _ delimiter: Delimiter? = nil) throws -> Table
  {
    try Table(bytes: Array(text.utf8), path: name, delimiter: delimiter)
  }

  private func stream(_ text: String, _ name: String = "t.csv") throws -> String {
    let stream = try TableStream(contentsOf: folder.write(text, to: name))
    let output = try OutputFile(folder.file("out"), overwrite: true)
    _ = try stream.writeTSV(to: output)
    try output.close()
    return String(decoding: TemporaryFolder.contents(of: folder.file("out"))!, as: UTF8.self)
  }

  private func failure(_ text: String, _ name: String = "t.csv") -> String {
    do {
      return try stream(text, name)
    } catch {
      return "\(error)".split(separator: "/").last.map(String.init) ?? ""
    }
  }

  @Test func semicolonsAndDecimalCommas() throws {
    let text = "id;name;dose\na;\"x;y\";0,5\nb;z;-12,25\nc;w;NA\n"
    let t = try table(text)
    #expect(t.delimiter == .semicolon && t.notices == [.delimiter(.semicolon), .decimalCommas])
    #expect(try t.strings("name") == ["x;y", "z", "w"])
    #expect(try t.doubles("dose", missing: .nan)[..<2] == [0.5, -12.25])
    #expect(try stream(text) == "id\tname\tdose\na\tx;y\t0.5\nb\tz\t-12.25\nc\tw\tNA\n")
    // Commas in text are text; tabs may go with decimal commas too.
    #expect(
      try stream("id\tnote\tx\na\tred, blue\t1,5\nb\tnone\t2\n", "t.tsv")
        == "id\tnote\tx\na\tred, blue\t1.5\nb\tnone\t2\n")
    #expect(try table("a;b\n1;2\n").doubles("b") == [2])
  }

  /// `1,234` is ambiguous; another number of the table may resolve it.
  @Test func commasThatAreNotCertain() throws {
    for text in ["id;x\na;1,234\nb;2,500\n", "id\tx\na\t1,234\nb\t12,345,678\n", "id;x\na;1,5\nb;2.5\n"] {
      let t = try table(text, "t.txt")
      #expect(!t.notices.contains(.decimalCommas), "\(text)")
      #expect(throws: FormatError.self) { try t.doubles("x") }
    }
    let proven = try table("id;x;y\na;1,234;0,5\nb;2,500;1,5\n")
    #expect(try proven.doubles("x") == [1.234, 2.5])
    let rows = (0..<60).map { "r\($0);\($0),5\n" }.joined()
    #expect(
      failure("id;x\n" + rows + "z;1.5\n").contains(
        ":62:2: found '1.5', expected a number with a decimal comma"))
  }

  @Test func blanks() throws {
    let aligned = "gene      s1    s2\nTP53     1.5   2\nMYC  10  NA\n"
    #expect(try stream(aligned, "t.txt") == "gene\ts1\ts2\nTP53\t1.5\t2\nMYC\t10\tNA\n")
    #expect(try stream("FID IID y\nf1 i1 2\nf2 i2 3\n", "p.pheno") == "FID\tIID\ty\nf1\ti1\t2\nf2\ti2\t3\n")
    // Not certain: a column of names with spaces.
    #expect(try table("full name\nJohn Smith\nJane Doe\n", "names").columnNames == ["full name"])
    #expect(try table("sample name\nTumor 1\nTumor 2\n", "names").columnNames == ["sample name"])
    let given = try table("\"a b\" c\n\"x y\"  2\n", "t", .space)
    #expect(given.columnNames == ["a b", "c"] && given.string(row: 0, column: 0) == "x y")
  }

  @Test func comments() throws {
    let t = try table("# made by a tool\n#v2\nid,x\na,1\n")
    #expect(t.columnNames == ["id", "x"] && t.notices == [.skippedComments(2)] && t.line(ofRow: 0) == 4)
    #expect(try stream("#one\nid\tx\na\t1\n", "t.tsv") == "id\tx\na\t1\n")
    #expect(failure("#one\nid\tx\na\n", "t.tsv") == "t.tsv:3: found 1 field, expected 2 as in the first row")
    #expect(try stream("# MACS2\n#\n\nchr\tstart\nc\t1\n", "t.xls") == "chr\tstart\nc\t1\n")
    #expect(try stream("sep=;\r\nid;x\r\na;1,5\r\n", "t.csv") == "id\tx\na\t1.5\n")
    #expect(try stream("\"sep=,\"\nid,x\na,1\n", "t.csv") == "id\tx\na\t1\n")
    // A header may begin with the sign itself, and blanks behind it.
    #expect(try stream("# gene\ts1\nA\t1\nB\t1\n", "t.tsv") == "# gene\ts1\nA\t1\nB\t1\n")
    #expect(try table("##v\n#chrom\tstart\nc\t1\n", "t.tsv").columnNames == ["#chrom", "start"])
    #expect(try table("a,b\n#c,d\n").rowCount == 1)
  }

  @Test func doubledCarriageReturns() throws {
    #expect(try stream("id,x\r\r\na,1\r\r\nb,2\r\r\n") == "id\tx\na\t1\nb\t2\n")
  }

  /// Labels with decimal commas are numbers.
  @Test func textOfDecimalCommas() throws {
    #expect(try table("id;y\na;1,5\nb;2,25\nc;NA\n").strings("y") == ["1.5", "2.25", "NA"])
  }

  @Test func trailingDelimiters() throws {
    for (text, notices): (String, [TableNotice]) in [
      ("id,x\na,1,\nb,2,\n", [.droppedTrailingField]), ("id,x,\na,1,\nb,2,\n", [.droppedTrailingField]),
      ("id,x\na,1\nb,2\n", []),
    ] {
      let t = try table(text)
      #expect(t.columnNames == ["id", "x"] && t.notices == notices)
      #expect(try t.doubles("x") == [1, 2])
      #expect(try stream(text) == "id\tx\na\t1\nb\t2\n")
    }
    #expect(failure("id,x\na,1,\nb,2,3\n") == "t.csv:2: found 3 fields, expected 2 as in the first row")
    let rows = String(repeating: "a,1,\n", count: 60)
    #expect(failure("id,x\n" + rows + "b,2,3\n").contains(":62:3: found a value after the last column"))
    #expect(
      failure("id,x\n" + rows + "b,2\n") == "id\tx\n" + String(repeating: "a\t1\n", count: 60) + "b\t2\n")
  }

  @Test func numbersThatAreMissing() throws {
    let words = MissingValue.spellings
    let t = try table("id,x\n" + words.map { "a, \($0) \n" }.joined() + "b,1\n")
    #expect(try t.doubles("x", missing: .nan).count { $0.isNaN } == words.count)
    #expect(throws: FormatError.self) { try t.doubles("x") }
    #expect((0..<words.count).allSatisfy { t.isMissingNumber(row: $0, column: 1) })
  }

  @Test func namesAndIDsAreTrimmed() throws {
    let t = try table(" id , x \n a ,1\n\" b\", 2 \n")
    #expect(t.columnNames == ["id", "x"])
    #expect(try t.strings("id") == ["a", "b"] && t.doubles("x") == [1, 2])
    #expect(try stream(" id , x \n a ,1\n\" b\", 2 \n") == "id\tx\na\t1\nb\t2\n")
  }
}
