import LigaseFormats
import TestSupport
import Testing

@Suite struct GCTTests {
  private func failure(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)".split(separator: "/").last.map(String.init) ?? ""
    }
  }

  @Test func versions() throws {
    let folder = TemporaryFolder()
    let old = "#1.2\n2\t3\nNAME\tDescription\ts1\ts2\ts3\nA\tone, \"two\"\t1\t2\t3\nB\tna\t4\t5\t6\n"
    let new =
      "#1.3\r\n2\t3\t2\t1\r\nid\tkind\tplace\ts1\ts2\ts3\r\ndose\tna\tna\thigh\tlow\tlow\r\n"
      + "A\tx\ty\t1\t2\t3\r\nB\tx\ty\t4\t5\t6\r\n"
    for (name, text) in [("a.gct", old), ("b.gct", new), ("c", old)] {
      let matrix = try ExpressionMatrix(contentsOf: folder.write(text, to: name))
      #expect(matrix.samples == ["s1", "s2", "s3"] && matrix.genes == ["A", "B"])
      #expect(matrix.values == [1, 4, 2, 5, 3, 6])
    }
    for (text, expected) in [
      (
        "#1.2\n3\t3\nNAME\tDescription\ts1\nA\tx\t1\n",
        "x:2: found 1 rows and 1 samples, expected 3 and 3 as given on this line"
      ),
      ("#1.2\n3\t3\n", "x:3: found the end of the file, expected a header row"),
      ("#1.2\nx\n", "x:2: found 'x', expected the numbers of rows and samples of a GCT file"),
      ("#1.3\n1\t1\nid\ts\n", "x:2: found '1\\t1', expected the numbers of rows and samples of a GCT file"),
      (
        "#1.2\n1\t1\nNAME\tDescription\ts1\nA\tx\toops\n",
        "x:4:3: found 'oops' in column 's1', expected a number"
      ),
    ] {
      #expect(failure { _ = try ExpressionMatrix(contentsOf: folder.write(text, to: "x")) } == expected)
    }
  }

  @Test func classLabels() throws {
    let folder = TemporaryFolder()
    let byName = try ClassLabels(contentsOf: folder.write("3 2 1\n# ALL AML\nALL AML ALL\n", to: "a.cls"))
    #expect(byName.classes == ["ALL", "AML"] && byName.labels == ["ALL", "AML", "ALL"])
    let byIndex = try ClassLabels(contentsOf: folder.write("3\t2\t1\r\n#x y\r\n1 0 1\r\n", to: "b.cls"))
    #expect(byIndex.labels == ["y", "x", "y"])
    for (text, expected) in [
      ("", "x:1: found no numbers of samples and classes, expected `samples classes 1`"),
      ("2 2 1\n", "x:2: found no line of class names, expected `# name name …`"),
      ("2 2 1\n# a\na a\n", "x:2: found 1 class names, expected 2 as given on the first line"),
      ("2 2 1\n# a b\na\n", "x:3: found 1 labels, expected 2 as given on the first line"),
      ("2 2 1\n# a b\na 7\n", "x:3: found label 'a', expected a class name or an index from 0 to 1"),
    ] {
      #expect(failure { _ = try ClassLabels(contentsOf: folder.write(text, to: "x")) } == expected)
    }
  }

  @Test func leukemia() throws {
    guard let path = SharedData.path("expression/gct_leukemia/Leukemia_hgu95av2.trim.gct"),
      let labels = SharedData.path("expression/gct_leukemia/Leukemia.cls")
    else { return }
    var reading = ExpressionMatrix.Reading()
    let matrix = try ExpressionMatrix(contentsOf: path, options: .init(), reading: &reading)
    #expect(matrix.samples.count == 48 && matrix.genes.count == 9020 && reading.orientation == .genesInRows)
    let classes = try ClassLabels(contentsOf: labels)
    #expect(classes.labels.count { $0 == "AML" } == 24)
    #expect(zip(matrix.samples, classes.labels).allSatisfy { $0.hasPrefix($1) })
  }
}
