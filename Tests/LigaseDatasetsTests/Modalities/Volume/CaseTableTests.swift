import LigaseDatasets
import LigaseFormats
import TestSupport
import Testing

@Suite struct CaseTableTests {
  private let folder = TemporaryFolder()

  init() {
    for name in ["a1", "a2", "b1", "b2", "la", "lb"] { folder.write("volume", to: name) }
  }

  private func read(_ text: String, _ options: CaseTable.Options = .init()) throws -> CaseTable {
    try CaseTable(Table(contentsOf: folder.write(text, to: "cases.tsv")), options)
  }

  @Test func columnsOfExistingPathsAreChannels() throws {
    let table = try read(
      "site\tid\tsplit\tflair\tt1c\tlabels\tmask\nX\tp1\ttrain\ta1\ta2\tla\tb1\nY\tp2\tvalidation\tb1\tb2\tNA\tb2\nY\tp3\t\tb1\tb2\tlb\tb1\n"
    )
    #expect(table.idColumn == "id" && table.channelNames == ["flair", "t1c"])
    #expect(table.cases.map(\.id) == ["p1", "p2", "p3"] && table.cases.map(\.line) == [2, 3, 4])
    #expect(table.cases.map(\.subset) == [.train, .validation, nil])
    #expect(table.cases[1].channels == ["b1", "b2"].map(folder.file))
    #expect(table.cases.map(\.labels) == [folder.file("la"), nil, folder.file("lb")])
    #expect(table.cases.map(\.mask) == ["b1", "b2", "b1"].map(folder.file))
    #expect(table.groups.map(\.name) == ["site"] && table.groups[0].values == ["X", "Y", "Y"])
  }

  @Test func optionsNameColumnsAndTheFolder() throws {
    let text = "case\tflair\tt1c\ttumour\nu\ta1\ta2\tla\n"
    let plain = try read(text)
    #expect(plain.idColumn == "case" && plain.channelNames == ["flair", "t1c", "tumour"])
    #expect(plain.cases[0].labels == nil && plain.cases[0].mask == nil && plain.cases[0].subset == nil)
    let named = try read(text, .init(channels: ["t1c"], labels: "tumour", mask: "flair"))
    #expect(named.channelNames == ["t1c"] && named.cases[0].labels == folder.file("la"))
    #expect(named.cases[0].mask == folder.file("a1") && named.groups.isEmpty)
    let elsewhere = try read("id\tct\n7\t" + folder.file("a1") + "\n", .init(root: "/nowhere"))
    #expect(elsewhere.cases[0].channels == [folder.file("a1")])
  }

  @Test func rowsThatAreRefused() throws {
    for (text, words) in [
      ("id\tct\np\ta1\np\ta2\n", "cases.tsv:3:1: found the id 'p' again, first on line 2"),
      ("id\tct\n\ta1\n", "cases.tsv:2:1: found an empty id"),
      ("id\tct\na/b\ta1\n", "cases.tsv:2:1: found the id 'a/b'"),
      ("id\tct\np\ta1\nq\t\n", "cases.tsv:3:2: found no path under ct for q"),
      ("id\tct\np\ta1\nq\tzz\n", "cases.tsv:3:2: cannot read \(folder.path)/zz, the ct of q: No such file"),
      ("id\tct\tlabels\np\ta1\tzz\n", "cases.tsv:2:3: cannot read \(folder.path)/zz, the labels of p"),
      ("id\tct\tmask\np\ta1\t\n", "cases.tsv:2:3: found no path under mask for p"),
      (
        "id\tct\tsplit\np\ta1\ttrian\n",
        "cases.tsv:2:3: found 'trian' under split, expected train, val or test"
      ),
      ("id\tct\n", "found no row"),
    ] {
      do {
        _ = try read(text)
        Issue.record("accepts \(words)")
      } catch { #expect("\(error)".contains(words), "\(error)") }
    }
    for options in [CaseTable.Options(channels: ["mr"]), .init(labels: "truth"), .init(channels: ["id"])] {
      #expect(throws: FormatError.self) { try read("id\tct\np\ta1\n", options) }
    }
  }
}
