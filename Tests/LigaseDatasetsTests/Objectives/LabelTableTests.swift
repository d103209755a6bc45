import LigaseDatasets
import LigaseFormats
import TestSupport
import Testing

@Suite struct LabelTableTests {
  private let folder = TemporaryFolder()

  private func read(
    _ text: String, _ name: String = "labels.csv", columns: [String] = [], samples: [String],
    _ reading: Labels.Reading = Labels.Reading()
  ) throws -> LabelledSamples {
    try LabelTable.read(folder.write(text, to: name), columns: columns, samples: samples, reading)
  }

  private func refusal(
    _ text: String, _ name: String = "labels.csv", columns: [String] = [], samples: [String]
  ) -> String {
    do {
      _ = try read(text, name, columns: columns, samples: samples)
      return "no error"
    } catch { return "\(error)".replacing(folder.path + "/", with: "") }
  }

  @Test func aClassFileGoesByOrder() throws {
    let found = try read("3 2 1\n# ALL AML\n0 1 0\n", "c.cls", samples: ["a", "b", "c"])
    #expect(found.labels.map(\.name) == ["class"] && found.labels[0].values == ["ALL", "AML", "ALL"])
    #expect(found.kept == [0, 1, 2] && found.notes == ["labels in the order of the samples"])
    #expect(
      refusal("3 2 1\n# ALL AML\n0 1 0\n", "c.cls", samples: ["a", "b"])
        == "c.cls: found 3 labels without ids, expected 2, one for each sample")
  }

  @Test func oneColumnGoesByOrder() throws {
    let found = try read("kind\nx\ny\n", samples: ["a", "b"])
    #expect(found.labels.map(\.name) == ["kind"] && found.labels[0].values == ["x", "y"])
    let open = try read("kind\nx\nNA\ny\n", samples: ["a", "b", "c"])
    #expect(open.kept == [0, 2] && open.labels[0].values == ["x", "y"])
    #expect(open.notes.last == "skipped 1 sample without a label: b")
    #expect(
      refusal("kind\nx\ny\n", samples: ["a"]).hasSuffix(
        "found 2 labels without ids, expected 1, one for each sample"))
  }

  @Test func otherTablesGoByIDs() throws {
    let text = "n,person,site,kind\n1,c,lung,x\n2,a,skin,y\n3,zz,skin,x\n4,b,,NA\n"
    // The column with the most samples has the ids; the label column must be named.
    #expect(
      refusal(text, samples: ["a", "b", "c", "d"])
        == "found 3 columns in labels.csv that can be the labels (n, site, kind), expected one to be named")
    let only = try read("person,kind\nc,x\na,y\n", samples: ["a", "c"])
    #expect(only.labels.map(\.name) == ["kind"] && only.labels[0].values == ["y", "x"])
    let named = try read(text, columns: ["kind", "site"], samples: ["a", "b", "c", "d"])
    #expect(named.labels.map(\.name) == ["kind", "site"] && named.labels[0].values == ["y", "x"])
    #expect(named.labels[1].values == ["skin", "lung"] && named.kept == [0, 2])
    #expect(
      named.columns.map(\.name) == ["n"]
        && named.columns[0].codes.map { named.columns[0].ids[Int($0)] } == ["2", "1"])
    #expect(
      named.notes == [
        "joined column person with samples: 3 of 4 rows matched; 1 not in samples (zz); 1 of samples unused (d)",
        "skipped 1 sample without a label: b",
      ])
  }

  @Test func whatCannotBeJoinedIsSaid() {
    #expect(
      refusal("id,kind\np,x\nq,y\n", samples: ["a", "b", "c", "d"])
        == "no sample has a label: the samples are a, b, c; labels.csv has p, q in column 'id'")
    #expect(
      refusal("id,kind\na,x\nb,y\na,y\n", samples: ["a", "b"])
        == "labels.csv:4: found another label for 'a', which line 2 has too")
    let twice = try? read("id,kind\na,x\nb,y\na,x\n", samples: ["a", "b"])
    #expect(twice?.labels[0].values == ["x", "y"])
    #expect(refusal("id,kind\na,\nb,NA\n", samples: ["a", "b"]) == "no sample has a label in kind")
    #expect(
      refusal("id,kind\na,x\n", columns: ["class"], samples: ["a"])
        == "labels.csv:1: found no column 'class', expected one of: id, kind")
  }

  /// A sample that is listed without any label of a set is kept; one that is not listed has no label.
  @Test func emptySetsOfLabelsAreKept() throws {
    let found = try read(
      "id,go\na,x;y\nb,\nc,NA\n", samples: ["a", "b", "c", "d"], Labels.Reading(.labels))
    #expect(found.kept == [0, 1] && found.labels[0].values == ["x;y", ""])
  }
}
