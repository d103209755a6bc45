import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct MutagenesisTests {
  private let folder = TemporaryFolder()

  private func text(_ mutations: [Mutagenesis.Mutation]) -> [String] {
    func allele(_ bytes: [UInt8]) -> String { bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self) }
    return mutations.map { "\($0.position)\(allele($0.reference))>\(allele($0.alternate))" }
  }

  private func model(_ lengths: ClosedRange<Int> = 16...16) throws -> Model {
    let data = SimulatedExamples.sequences(lengths: lengths)
    return try SimulatedExamples.trained(data, SimulatedExamples.options(.cnn, data)).model
  }

  private func predict(_ model: Model, _ texts: [String]) -> [Float] {
    let outputs = model.predict(sequences: texts.map { Array($0.utf8) })
    return texts.indices.map { outputs[$0 * 2 + 1] }
  }

  @Test func mutationsOfEveryKind() {
    let sequence = Array("Ca".utf8)
    #expect(
      text(Mutagenesis.mutations(sequence, kinds: .substitutions, alphabet: .dna))
        == ["1C>A", "1C>G", "1C>T", "2a>C", "2a>G", "2a>T"])
    #expect(text(Mutagenesis.mutations(sequence, kinds: .deletions, alphabet: .dna)) == ["1C>-", "2a>-"])
    let insertions = text(Mutagenesis.mutations(sequence, kinds: .insertions, alphabet: .dna))
    #expect(insertions.count == 12 && insertions[0] == "1->A" && insertions[11] == "3->T")
    let all = Mutagenesis.mutations(
      sequence, kinds: [.substitutions, .deletions, .insertions], alphabet: .dna)
    #expect(
      all.count == 20 && text(all)[..<8] == ["1C>A", "1C>G", "1C>T", "1C>-", "1->A", "1->C", "1->G", "1->T"])
    #expect(Mutagenesis.mutations(Array("MK".utf8), kinds: .substitutions, alphabet: .protein).count == 38)
    // An unknown residue can be any.
    #expect(Mutagenesis.mutations(Array("N".utf8), kinds: .substitutions, alphabet: .dna).count == 4)
    #expect(Mutagenesis.mutations([], kinds: .deletions, alphabet: .dna).isEmpty)
    // U and T are one base, whichever of them is in the model's alphabet.
    #expect(
      text(Mutagenesis.mutations(Array("Ut".utf8), kinds: .substitutions, alphabet: .dna))
        == ["1U>A", "1U>C", "1U>G", "2t>A", "2t>C", "2t>G"])
    #expect(
      text(Mutagenesis.mutations(Array("Tu".utf8), kinds: .substitutions, alphabet: .rna))
        == ["1T>A", "1T>C", "1T>G", "2u>A", "2u>C", "2u>G"])
  }

  @Test func effectsAreThoseOfTheMutatedSequence() throws {
    let sequence = "ACGTTGCAACGGTTAC"
    let mutations: [Mutagenesis.Mutation] = [
      .init(position: 3, reference: Array("G".utf8), alternate: Array("T".utf8)),
      .init(position: 3, reference: Array("GT".utf8), alternate: []),
      .init(position: 17, reference: [], alternate: Array("GG".utf8)),
      .init(position: 1, reference: [], alternate: Array("C".utf8)),
    ]
    let mutated = ["ACTTTGCAACGGTTAC", "ACTGCAACGGTTAC", "ACGTTGCAACGGTTACGG", "CACGTTGCAACGGTTAC"]
    // A network for any length reads the whole mutated sequence.
    let any = try model(12...20)
    let free = Mutagenesis.effects(of: mutations, on: Array(sequence.utf8), by: any)
    for (effect, text) in zip(free, mutated) {
      let expected = predict(any, [sequence, text])
      #expect(abs(effect.reference[1] - expected[0]) < 1e-5 && abs(effect.alternate[1] - expected[1]) < 1e-5)
      #expect(effect.difference(1) == effect.alternate[1] - effect.reference[1])
    }
    // A network for a fixed length reads it from either end.
    let fixed = try model()
    let windows = [
      ["ACTTTGCAACGGTTAC"], ["ACTGCAACGGTTACNN", "NNACTGCAACGGTTAC"],
      ["ACGTTGCAACGGTTAC", "GTTGCAACGGTTACGG"],
      ["CACGTTGCAACGGTTA", "ACGTTGCAACGGTTAC"],
    ]
    for (effect, texts) in zip(
      Mutagenesis.effects(of: mutations, on: Array(sequence.utf8), by: fixed), windows)
    {
      let mean = predict(fixed, texts).reduce(0, +) / Float(texts.count)
      #expect(abs(effect.alternate[1] - mean) < 1e-5)
    }
  }

  @Test func tablesAndMatrices() throws {
    let model = try model(), sequence = Array("ACGTTGCAACGGTTAC".utf8)
    func lines(_ form: MutagenesisTable.Form) throws -> [[String]] {
      let output = try OutputFile(folder.file("o"), overwrite: true)
      let table = try MutagenesisTable(model, output: form, to: output)
      try table.write(
        "s", sequence, Mutagenesis.mutations(sequence, kinds: .substitutions, alphabet: table.alphabet))
      try output.close()
      return String(decoding: TemporaryFolder.contents(of: folder.file("o"))!, as: UTF8.self).split(
        separator: "\n"
      )
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }
    let rows = try lines(.rows), matrix = try lines(.matrix(nil))
    #expect(
      rows[0] == [
        "id", "position", "reference", "alternate", "reference:no", "alternate:no", "difference:no",
        "reference:yes",
        "alternate:yes", "difference:yes",
      ])
    #expect(
      rows.count == 49 && matrix.count == 17
        && matrix[0] == ["id", "position", "reference", "A", "C", "G", "T"])
    for row in rows.dropFirst() {
      let column = ["A", "C", "G", "T"].firstIndex(of: row[3])! + 3
      #expect(matrix[Int(row[1])!][column] == row[9] && matrix[Int(row[1])!][2] == row[2])
    }
    for (i, residue) in sequence.enumerated() {
      #expect(
        Float(matrix[i + 1][["A", "C", "G", "T"].firstIndex(of: String(UnicodeScalar(residue)))! + 3]) == 0)
    }
    let first = try lines(.matrix("no"))
    #expect(zip(first[1][4...], matrix[1][4...]).allSatisfy { abs(Float($0)! + Float($1)!) < 1e-6 })
    let error = #expect(throws: TrainingError.self) { try lines(.matrix("maybe")) }
    #expect(error?.description == "found no output 'maybe' of the model, expected no, yes")
  }

  @Test func lists() throws {
    let path = folder.write(
      "id\tposition\treference\talternate\na\t2\tC\tT\nb\t1\t-\tG\na\t3\tGT\t\n", to: "l.tsv")
    let listed = try Mutagenesis.list(contentsOf: path)
    #expect(
      text(listed["a"]!.map(\.mutation)) == ["2C>T", "3GT>-"]
        && text(listed["b"]!.map(\.mutation)) == ["1->G"])
    func refusal(
      _ text: String, _ sequence: String = "ACGT", _ alphabet: SequenceAlphabet = .dna
    ) throws -> String {
      let path = folder.write("id\tposition\treference\talternate\n" + text, to: "m.tsv")
      do {
        _ = try Mutagenesis.checked(
          Mutagenesis.list(contentsOf: path)["a"]!, on: Array(sequence.utf8), alphabet: alphabet,
          path: "m.tsv")
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(try refusal("a\t2\tCG\tT\na\t5\t\tT\na\t2\tc\tT\n") == "no error")
    #expect(try refusal("a\t2\tG\tT\n") == "m.tsv:2: found reference 'G', expected 'C', which stands there")
    #expect(try refusal("a\t4\tU\tR\na\t2\tCGT\tu\n", "acgt") == "no error")
    #expect(try refusal("a\t2\tT\tn\n", "AUG", .rna) == "no error")
    #expect(try refusal("a\t1\tU\tK\n", "TV", .protein).contains("found reference 'U', expected 'T'"))
    #expect(try refusal("a\t1\tM\tw\n", "MK", .protein) == "no error")
    for (alternate, letter) in [("Z", "Z"), ("A-", "-"), ("A*", "*"), ("<DEL>", "<"), ("C,G", ",")] {
      #expect(
        try refusal("a\t2\tC\t\(alternate)\n")
          == "m.tsv:2: found '\(letter)' in alternate '\(alternate)', expected letters of dna")
    }
    #expect(try refusal("a\t1\tM\tJ1\n", "MK", .protein).contains("found '1' in alternate 'J1'"))
    for row in [
      "a\t0\tA\tT", "a\t6\t-\tT", "a\t4\tTA\tT", "a\t9223372036854775807\tA\tT",
      "a\t-9223372036854775808\tA\tT",
    ] {
      #expect(try refusal(row + "\n").contains("expected one within the 4 residues"), "\(row)")
    }
  }
}
