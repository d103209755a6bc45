import LigaseDatasets
import LigaseFormats
import TestSupport
import Testing

@Suite struct LabelledResiduesTests {
  private let folder = TemporaryFolder()
  private static let sequences = ">p1 first\nMKVLA\n>p2\nPPX\n>p3\nMKVLA\n"
  private static let labels =
    ">p2 SET=test\nHHE\n>p1 SET=train VALIDATION=False\nHEC-E\n>p3 SET=train VALIDATION=True\nCCCCC\n"

  private func read(
    _ sequences: String = sequences, _ labels: String = labels, mask: String? = nil,
    alphabet: SequenceAlphabet? = nil
  ) throws -> LabelledResidues.Reading {
    try LabelledResidues.read(
      sequences: folder.write(sequences, to: "s.fa"), labels: folder.write(labels, to: "l.fa"),
      mask: mask.map { folder.write($0, to: "m.fa") }, alphabet: alphabet, tokenLength: 0)
  }

  private func refusal(
    _ sequences: String = sequences, _ labels: String = labels, mask: String? = nil,
    alphabet: SequenceAlphabet? = nil
  ) -> String {
    do {
      _ = try read(sequences, labels, mask: mask, alphabet: alphabet)
      return "no error"
    } catch { return "\(error)".replacing(folder.path + "/", with: "") }
  }

  private func classes(_ examples: Examples) -> [[Int32]] {
    examples.observations.steps
  }

  @Test func labelsAreJoinedByID() throws {
    let reading = try read()
    let examples = reading.examples
    #expect(
      examples.ids == ["p1", "p2", "p3"] && examples.target == TargetDescription("steps", ["C", "E", "H"]))
    #expect(classes(examples) == [[2, 1, 0, -1, 1], [2, 2, 1], [0, 0, 0, 0, 0]])
    #expect(examples.groups == [0, 1, 0] && reading.examples.encoding.alphabet == .protein)
    #expect(reading.parts == [.train, .test, .validation])
    #expect(examples.notes[0] == "3 sequences (protein), 13 residues, 12 with a label; classes C, E, H")
    let fewer = try read(Self.sequences + ">p4\nMM\n", Self.labels + ">p9\nHH\n").examples
    #expect(fewer.ids == ["p1", "p2", "p3"])
    #expect(
      fewer.notes[1]
        == "joined column id with labels: 3 of 4 rows matched; 1 not in labels (p4); 1 of labels unused (p9)")
    #expect(try read(Self.sequences, ">p1\nHE?.C\n").parts == [nil])
  }

  @Test func masksHideLabels() throws {
    let masks = ">p1\n11001\n>p2\n000\n>p3\n11111\n"
    #expect(classes(try read(mask: masks).examples) == [[2, 1, -1, -1, 1], [-1, -1, -1], [0, 0, 0, 0, 0]])
    #expect(refusal(mask: ">p1\n11001\n") == "m.fa: found no mask of 'p2', expected one")
    #expect(
      refusal(mask: ">p1\n1100\n>p2\n111\n>p3\n11111\n")
        == "m.fa:1: found 4 mask letters of 'p1', expected 5, the length of its sequence")
    #expect(
      refusal(mask: ">p1\n11x01\n>p2\n111\n>p3\n11111\n")
        == "m.fa:1: found 'x' at residue 3 of 'p1', expected 0 or 1")
    let judged = try LabelledResidues.labels(folder.file("l.fa"), mask: folder.write(masks, to: "m.fa"))
    #expect(judged.ids == ["p2", "p1", "p3"])
    #expect(judged.labels["p1"] == [72, 69, 0, 0, 69] && judged.labels["p2"] == [0, 0, 0])
  }

  @Test func whatCannotBeJoinedIsSaid() {
    #expect(
      refusal(Self.sequences, ">x1\nHH\n>x2\nHE\n>x3\nHC\n>x4\nHH\n")
        == "no sequence has labels: s.fa names p1, p2, p3, l.fa x1, x2, x3")
    #expect(
      refusal(Self.sequences, ">p1\nHEC\n")
        == "l.fa:1: found 3 labels of 'p1', expected 5, the length of its sequence")
    #expect(refusal(">p1\nMK\n>p1\nMK\n") == "s.fa:3: found 'p1' a second time, expected each id once")
    #expect(
      refusal(">p1\nMK1LA\n", ">p1\nHEHHH\n")
        == "s.fa:1: found '1' at residue 3 of 'p1', expected letters of protein")
    #expect(refusal(">p1\nMKV\n", ">p1\nHHH\n") == "found 1 kinds of labels, expected two or more")
    #expect(refusal("", Self.labels) == "s.fa: found no sequence")
    #expect(
      refusal(alphabet: .dna).hasPrefix("s.fa:1: found 'L' at residue 4")
        || refusal(alphabet: .dna).contains("expected letters of dna"))
  }
}
