import LigaseFormats
import TestSupport
import Testing

@Suite struct TableTests {
  private func table(_ text: String, _ path: String = "t.csv") throws -> Table {
    try Table(bytes: Array(text.utf8), path: path)
  }

  private func failure(_ text: String, _ path: String = "t.csv") -> String {
    do {
      _ = try table(text, path)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func commaSeparated() throws {
    let t = try table("id,name,value\na,\"x, \"\"y\"\"\",1.5\nb,\"two\nlines\",-2e3\nc,,NA\n")
    #expect(t.columnNames == ["id", "name", "value"])
    #expect(t.rowCount == 3)
    #expect(try t.strings("id") == ["a", "b", "c"])
    #expect(try t.strings("name") == ["x, \"y\"", "two\nlines", ""])
    #expect(try t.floats("value", missing: .nan)[..<2] == [1.5, -2000])
    #expect(try t.floats("value", missing: .nan)[2].isNaN)
    #expect([0, 1, 2].map(t.line(ofRow:)) == [2, 3, 5])
    #expect(
      t.isMissing(row: 2, column: 2) && t.isMissing(row: 2, column: 1) && !t.isMissing(row: 1, column: 1))
    #expect(
      throws: FormatError(
        .badData, path: "t.csv", line: 5, column: 3, "found 'NA' in column 'value', expected a finite number")
    ) {
      try t.floats("value")
    }
  }

  @Test func byteOrderMarkAndReturns() throws {
    let t = try table("\u{FEFF}\"a\",b\r\n\"1\",\"2\"\r\n3,4\r\n\r\n")
    #expect(t.columnNames == ["a", "b"])
    #expect(try t.doubles("a") == [1, 3])
    #expect(try t.integers("b") == [2, 4])
    let last = try table("a,b\r\n1,\"2\"\r")
    #expect(try last.strings("b") == ["2"])
  }

  @Test func delimiters() throws {
    #expect(try table("a,b\tc\n1,2\t3\n", "x").columnNames == ["a,b", "c"])
    #expect(try table("a,b\tc\n1,2\t3\n", "x.csv.gz").columnNames == ["a", "b\tc"])
    // The content determines the delimiter where it is certain, regardless of the file name.
    let commas = try table("a,b\n1,2\n", "x.tsv")
    #expect(commas.columnNames == ["a", "b"] && commas.notices == [.delimiter(.comma)])
    #expect(try table("a\tb\n1\t2\n", "x.csv").columnNames == ["a", "b"])
    #expect(failure("a,b\n1\n", "x.tsv") == "x.tsv:2: found 1 field, expected 2 as in the first row")
    #expect(try table("a,b\n1,2\n", "x").columnNames == ["a", "b"])
    // Tab-separated text has no quoting.
    #expect(try table("a\tb\n\"1\t2\"\n", "x.tsv").strings("a") == ["\"1"])
    let bare = try Table(bytes: Array("p,q\nr,s\n".utf8), path: "x", delimiter: .comma, hasHeader: false)
    #expect(bare.columnNames == ["column1", "column2"])
    #expect(try bare.strings("column2") == ["q", "s"])
    #expect(bare.line(ofRow: 1) == 2)
  }

  @Test func singleColumnKeepsBlankLines() throws {
    #expect(try table("x\n1\n\n2\n\n").strings("x") == ["1", "", "2", ""])
    #expect(try table("x").rowCount == 0)
  }

  @Test func badTables() {
    #expect(failure("") == "t.csv: found an empty file, expected a header row")
    #expect(failure("\n\n") == "t.csv:1: found a blank line, expected a header row")
    #expect(failure("\u{FEFF}") == "t.csv: found an empty file, expected a header row")
    #expect(failure("a,b\n1,2\n1,2,3\n") == "t.csv:3: found 3 fields, expected 2 as in the first row")
    #expect(failure("a,b\n\n1,2\n") == "t.csv:2: found a blank line, expected 2 as in the first row")
    #expect(
      failure("a,b,a\n")
        == "t.csv:1:3: found a second column 'a' (the first is column 1), expected unique names")
    #expect(failure("a,b\n1,\"2\n3,4\n") == "t.csv:2:2: found no closing quote before the end of the file")
    #expect(
      failure("a,b\n\"1\"x,2\n")
        == "t.csv:2:1: found 'x' after a closing quote, expected a delimiter or the end of the line")
    #expect(failure("a\tb\n1\u{0}\t2\n", "t.tsv") == "t.tsv:2: at byte 5: found a NUL byte, expected text")
    let latin = try? Table(bytes: Array("a\nb\n".utf8) + [0xE9, 0x0A], path: "t")
    #expect(latin == nil)
  }

  @Test func badCells() throws {
    let t = try table("id,v\na,1\nb,abc\nc,inf\nd,\n")
    #expect(
      throws: FormatError(
        .badData, path: "t.csv", line: 3, column: 2, "found 'abc' in column 'v', expected a number")
    ) {
      try t.floats("v")
    }
    let u = try table("id,v\na,1\nc,inf\n")
    #expect(
      throws: FormatError(
        .badData, path: "t.csv", line: 3, column: 2, "found 'inf' in column 'v', expected a finite number")
    ) {
      try u.doubles("v", missing: .nan)
    }
    #expect(
      throws: FormatError(.badData, path: "t.csv", line: 1, "found no column 'w', expected one of: id, v")
    ) {
      try t.strings("w")
    }
    #expect(
      throws: FormatError(.badData, path: "t.csv", line: 2, "found no row below the header, expected data")
    ) {
      try table("a,b\n").requireRows()
    }
  }

  @Test func errorsStayOnOneLine() {
    let error = FormatError(
      .badData, path: "a\nb", line: 1, "found \(FormatError.quoted("x\ny\u{1}")), expected z")
    #expect("\(error)" == "a\\nb:1: found 'x\\ny\\x01', expected z")
    #expect(FormatError.quoted([0xFF, 0x41]) == "'\\xffA'")
  }

  /// The reader throws or returns a table whose fields can all be read, whatever the bytes.
  @Test func mutatedTextNeverTraps() {
    var random = SplitMix(state: 3)
    let seeds = [
      "id,v\na,\"1,\"\"2\"\"\"\nb,2\r\n", "a\tb\tc\n1\t2\t3\n4\t5\t6\n", "\u{FEFF}x\n1\n\n",
      "\"a\",\"b\"\n\"1\n2\",3",
    ]
    let alphabet: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x09, 0x41, 0, 0xFF, 0xC3, 0x30, 0x2E]
    var tables = 0
    for i in 0..<60_000 {
      var bytes = Array(seeds[i % seeds.count].utf8)
      for _ in 0..<(1 + Int(random.next() % 6)) {
        let at = Int(random.next() % UInt64(bytes.count + 1))
        switch random.next() % 3 {
        case 0: bytes.insert(alphabet.randomElement(using: &random)!, at: at)
        case 1 where at < bytes.count: bytes.remove(at: at)
        default: if at < bytes.count { bytes[at] = alphabet.randomElement(using: &random)! }
        }
      }
      guard let t = try? Table(bytes: bytes, path: "fuzz", hasHeader: i % 5 != 0) else { continue }
      tables += 1
      for row in 0..<t.rowCount {
        for column in 0..<t.columnCount { _ = t.string(row: row, column: column) }
        #expect(t.line(ofRow: row) <= bytes.count + 1)
      }
      _ = t.columnNames.map { try? t.floats($0) }
    }
    #expect(tables > 1000)
  }
}
