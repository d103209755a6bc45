import LigaseDatasets
import LigaseFormats
import TestSupport
import Testing

@Suite struct LabelledSequencesTests {
  private let folder = TemporaryFolder()

  /// Examples of files, each with a class or none, or of tables.
  private func read(
    _ files: [(text: String, label: String?)], seed: UInt64 = 1,
    _ change: (inout LabelledSequences.Options) -> Void = { _ in }
  ) throws -> (examples: Examples, encoding: SequenceEncoding, column: String?) {
    var options = LabelledSequences.Options()
    change(&options)
    var sequences = LabelledSequences(options)
    for (i, file) in files.enumerated() {
      try sequences.add(contentsOf: folder.write(file.text, to: "f\(i)"), label: file.label)
    }
    let examples = try sequences.examples(seed: seed)
    return (examples, examples.encoding, sequences.sequenceColumn)
  }

  private func refusal(
    _ files: [(text: String, label: String?)], _ change: (inout LabelledSequences.Options) -> Void = { _ in }
  ) -> String {
    do {
      _ = try read(files, change)
      return "no error"
    } catch { return "\(error)".replacing(folder.path + "/", with: "") }
  }

  private func read(
    _ files: [(text: String, label: String?)], _ change: (inout LabelledSequences.Options) -> Void
  ) throws -> (examples: Examples, encoding: SequenceEncoding, column: String?) {
    try read(files, seed: 1, change)
  }

  private func texts(_ examples: Examples) -> [String] {
    (examples.inputs[0].records as! SequenceRecords).sequences.map { String(decoding: $0, as: UTF8.self) }
  }

  private func classes(_ examples: Examples) -> [String] {
    examples.observations.numbers.map { examples.target.names[Int($0)] }
  }

  private static let fasta = ">a kind=x\nACGT\nAC\n>b kind=y\nGGGTTT\n>c kind=x\nacgtac\n"

  @Test func labelsInTheHeaders() throws {
    let (examples, encoding, column) = try read([(Self.fasta, nil)]) { $0.labelPattern = "kind=(.)" }
    #expect(examples.ids == ["a", "b", "c"] && texts(examples) == ["ACGTAC", "GGGTTT", "acgtac"])
    #expect(
      classes(examples) == ["x", "y", "x"]
        && examples.target == TargetDescription("classes", ["x", "y"], columns: ["class"]))
    // Lower case has the same meaning.
    #expect(examples.groups == [0, 1, 0] && column == nil && encoding == SequenceEncoding(alphabet: .dna))
    #expect(
      examples.notes == [
        "3 sequences (dna), all of 6 residues", "class: 2 classes",
        "1 sequence repeats another; splits keep them together",
      ])
    let whole = try read([(Self.fasta, nil)]) { $0.labelPattern = "kind=." }.examples
    #expect(whole.target == TargetDescription("classes", ["kind=x", "kind=y"], columns: ["class"]))
    #expect(
      refusal([(Self.fasta, nil)]) { $0.labelPattern = "sort=(.)" }
        == "the pattern 'sort=(.)' does not match the header 'a kind=x'")
    #expect(
      refusal([(Self.fasta, nil)]) { $0.labelPattern = "kind=(" }
        == "found the pattern 'kind=(' for labels, expected a regular expression")
  }

  @Test func labelsInATable() throws {
    let table = folder.write("id\tn\tkind\nc\t1\ty\nzz\t2\ty\na\t3\tx\nd\t4\ty\n", to: "labels.tsv")
    let (examples, _, _) = try read([(Self.fasta + ">d\nAAA\n", nil)]) {
      ($0.labelTable, $0.labelColumns) = (table, ["kind"])
    }
    #expect(examples.ids == ["a", "c", "d"] && classes(examples) == ["x", "y", "y"])
    #expect(
      examples.notes[2...] == [
        "joined column id with sequences: 3 of 4 rows matched; 1 not in sequences (zz); 1 of sequences unused (b)",
        "1 sequence repeats another; splits keep them together",
      ])
    #expect(
      refusal([(Self.fasta, nil)]) { $0.labelTable = table }
        == "found 2 columns in labels.tsv that can be the labels (n, kind), expected one to be named")
    let only = folder.write("id\tn\nc\t1\na\t3\nc\t1\n", to: "only.tsv")
    let numbers = try read([(Self.fasta, nil)]) { ($0.labelTable, $0.reading.kind) = (only, .values) }
      .examples
    #expect(numbers.target.names == ["n"] && numbers.ids == ["a", "c"])
    let strange = folder.write("name\tkind\np\tx\nq\ty\nr\tx\ns\tx\n", to: "strange.tsv")
    #expect(
      refusal([(Self.fasta + ">d\nA\n", nil)]) { $0.labelTable = strange }
        == "no label has a sequence: strange.tsv names p, q, r, the sequences are a, b, c")
    let twice = folder.write("name\tkind\na\tx\nb\ty\na\ty\n", to: "twice.tsv")
    #expect(
      refusal([(Self.fasta, nil)]) { $0.labelTable = twice }
        == "twice.tsv:4: found another label for 'a', which line 2 has too")
  }

  /// A table of sequences may lack labels.
  @Test func sequencesWithoutALabel() throws {
    let numbers = "id\tseq\ty\na\tACGT\t1.5\nb\tACGA\tNaN\nc\tACCC\t-\nd\tAGGG\t2\n"
    let examples = try read([(numbers, nil)]) { $0.labelColumns = ["y"] }.examples
    #expect(
      examples.ids == ["a", "d"] && examples.notes.contains("skipped 2 sequences without a label"))
    let classes = "id\tseq\tk\na\tACGT\tNone\nb\tACGA\tNA\nc\tACCC\tx\nd\tAAAA\tx\n"
    #expect(try read([(classes, nil)]) { $0.labelColumns = ["k"] }.examples.ids == ["a", "c", "d"])
  }

  @Test func aFileForEachClass() throws {
    let (examples, encoding, _) = try read([(">p1\nMKVL\n>p2\nMAXX\n", "yes"), (">n1\nPPQ\n", "no")])
    #expect(examples.ids == ["p1", "p2", "n1"] && classes(examples) == ["yes", "yes", "no"])
    #expect(encoding.alphabet == .protein && examples.notes[0] == "3 sequences (protein), of 3 to 4 residues")
    // A class with one example is valid; training warns about it.
    #expect(examples.target == TargetDescription("classes", ["no", "yes"], columns: ["class"]))
    #expect(refusal([(">p1\nMKVL\n", "yes")]) == "found only the class 'yes' in class, expected two or more")
  }

  @Test func tables() throws {
    let text = "kind\tname\tseq\ty\tz\nx\tr1\tACGT\t0.5\t1\ny\tr2\tAC GT\t1.5\t\nx\tr3\tGGGG\t-1\t2.5\n"
    let (examples, _, column) = try read([(text, nil)]) { $0.labelColumns = ["y", "z"] }
    #expect(examples.idColumn == "name" && examples.ids == ["r1", "r2", "r3"] && column == "seq")
    #expect(texts(examples) == ["ACGT", "ACGT", "GGGG"] && examples.target.names == ["y", "z"])
    let values = examples.observations.numbers
    #expect(values[3].isNaN && values[2] == 1.5 && examples.target.objective == "values")
    let unnamed = try read([("seq,class\nA,x\nA,y\nC,x\n", nil)]) { $0.labelColumns = ["class"] }.examples
    #expect(unnamed.idColumn == "row" && unnamed.ids == ["1", "2", "3"])
    let renamed = try read([("bases,class,n\nA,x,1\nG,y,2\nC,y,3\n", nil)]) {
      ($0.sequenceColumn, $0.labelColumns, $0.idColumn) = ("bases", ["class"], "n")
    }
    #expect(renamed.examples.idColumn == "n" && renamed.column == "bases")
    #expect(
      refusal([("bases,class\nA,x\n", nil)]) { $0.labelColumns = ["class"] }
        == "f0: found no column 'sequence' or 'seq', expected one of: bases, class")
    #expect(
      refusal([(text, nil)]) { $0.labelColumns = ["label"] }
        == "f0:1: found no column 'label', expected one of: kind, name, seq, y, z")
    #expect(refusal([(text, nil)]).hasPrefix("found no labels, expected one for each sequence"))
  }

  @Test func windowsOfIntervals() throws {
    let genome = folder.write(">c1 kind=x\nAACCGGTTAC\n>c2 kind=y\nGTGTGT\n", to: "g.fa")
    let bed = folder.write(
      "c1\t0\t4\tx\t0\t+\nc1\t2\t6\tx\t0\t-\nc2\t1\t4\ty\nc2\t0\t1\ty\t0\t-\n", to: "p.bed")
    func read(_ width: Int?, bed: String) throws -> Examples {
      var options = LabelledSequences.Options()
      options.labelPattern = "^(.)"
      var sequences = LabelledSequences(options)
      try sequences.add(bed: bed, reference: genome, width: width)
      return try sequences.examples(seed: 1)
    }
    let whole = try read(nil, bed: bed)
    // The reverse complement of CCGG is itself; that of G is C.
    #expect(texts(whole) == ["AACC", "CCGG", "TGT", "C"] && classes(whole) == ["x", "x", "y", "y"])
    #expect(whole.ids == ["c1:1-4(+)", "c1:3-6(-)", "c2:2-4", "c2:1-1(-)"])
    // Names are ids where they are distinct.
    let named = folder.write("c1\t0\t4\tx1\t0\t+\nc1\t2\t6\tx2\nc2\t1\t4\ty1\n", to: "n.bed")
    #expect(try read(nil, bed: named).ids == ["x1", "x2", "y1"])
    let cut = try read(4, bed: bed)
    #expect(cut.count == 3 && texts(cut)[..<2] == ["AACC", "CCGG"] && texts(cut)[2].count == 4)
    #expect(cut.notes.contains("skipped 1 window beyond the ends of their contigs"))
    let beyond = folder.write("c2\t3\t9\n", to: "b.bed")
    var sequences = LabelledSequences(.init())
    do {
      try sequences.add(bed: beyond, reference: genome, width: nil)
      Issue.record("a region beyond its contig is read")
    } catch { #expect("\(error)".contains("c2") && "\(error)".contains("6 residues"), "\(error)") }
  }

  @Test func duplicates() throws {
    let files =
      [(">a\nACGT\n>b\nacgt\n>c\nGGGG\n", "x"), (">d\nGGGG\n>e\nCCCC\n>f\nTTTT\n", "y")]
      as [(String, String?)]
    let kept = try read(files).examples
    #expect(kept.count == 6 && kept.groups == [0, 0, 1, 1, 2, 3])
    // One of a and b is kept; c and d disagree, so both are dropped.
    let dropped = try read(files) { $0.dropsDuplicates = true }.examples
    #expect(
      dropped.ids == ["a", "e", "f"] && classes(dropped) == ["x", "y", "y"] && dropped.groups == [0, 1, 2])
    #expect(
      dropped.notes.contains("skipped 3 duplicates, including all copies of 1 sequence with different labels")
    )
  }

  @Test func negativesAreShuffles() throws {
    let positives = (0..<8).map { ">p\($0)\n" + String(repeating: "ACGGTCA", count: $0 + 3) + "\n" }.joined()
    for kind in LabelledSequences.Negatives.allCases {
      let found = try read([(positives, nil)]) { $0.negatives = kind }.examples
      #expect(
        found.count == 16 && found.target == TargetDescription("classes", ["0", "1"], columns: ["class"]))
      #expect(classes(found) == [String](repeating: "1", count: 8) + [String](repeating: "0", count: 8))
      #expect(found.ids[8] == "p0_shuffled" && found.notes.contains("added 8 negatives (\(kind.rawValue))"))
      let all = texts(found)
      for i in 0..<8 {
        #expect(all[i].sorted() == all[i + 8].sorted() && all[i] != all[i + 8])
        guard kind == .dinucleotideShuffle else { continue }
        func pairs(_ text: String) -> [String] { zip(text, text.dropFirst()).map { "\($0)\($1)" }.sorted() }
        #expect(pairs(all[i]) == pairs(all[i + 8]))
      }
      #expect(texts(try read([(positives, nil)]) { $0.negatives = kind }.examples) == all)
      #expect(texts(try read([(positives, nil)], seed: 2) { $0.negatives = kind }.examples) != all)
    }
    #expect(
      refusal([(">a\nACGT\n", "x"), (">b\nACGG\n", "y")]) { $0.negatives = .dinucleotideShuffle }
        == "shuffled negatives are class 0; the sequences must be of one other class")
    // Gaps are unchanged.
    let gaps = try read([(">a\nac-gt-a\n", nil)]) { $0.negatives = .mononucleotideShuffle }.examples
    #expect(texts(gaps)[1].sorted() == "AC-GT-A".sorted())
  }

  @Test func lettersAndEmptySequences() {
    let pair = [(">a\nACGT\n>b\nAC!T\n", "x"), (">c\nAC\n", "y")] as [(String, String?)]
    #expect(
      refusal(pair) == "found '!' at residue 3 of 'b', expected letters of dna")
    #expect(
      refusal([(">a\nACGU\n", "x"), (">b\nMKV\n", "y")]) { $0.alphabet = .rna }
        == "found 'V' at residue 3 of 'b', expected letters of rna"
        || refusal([(">a\nACGU\n", "x"), (">b\nEKV\n", "y")]) { $0.alphabet = .rna }.hasPrefix(
          "found 'E' at residue 1 of 'b'")
    )
    #expect(refusal([(">a\nACGT\n>b\n", "x")]).hasPrefix("found no residue in 'b'"))
  }

  /// Sequences that the model cannot distinguish are in one group: U and T, and with both strands reverse
  /// complements.
  @Test func whatMeansTheSameStaysTogether() throws {
    let text = ">a\nAACG\n>b\nCGTT\n>c\naacg\n>d\nCGUU\n>e\nAAAA\n>f\nUUUU\n"
    func groups(_ change: (inout LabelledSequences.Options) -> Void) throws -> [Int] {
      try read([(text, "x"), (">g\nGGGG\n", "y")]) { options in change(&options) }.examples.groups
    }
    #expect(try groups { $0.alphabet = .dna } == [0, 1, 0, 1, 2, 3, 4])
    #expect(try groups { ($0.alphabet, $0.usesBothStrands) = (.dna, true) } == [0, 0, 0, 0, 1, 1, 2])
    let dropped = try read([(text, "x"), (">g\nGGGG\n>h\nCCCC\n", "y")]) {
      ($0.alphabet, $0.usesBothStrands, $0.dropsDuplicates) = (.dna, true, true)
    }.examples
    #expect(dropped.ids == ["a", "e", "g"])
  }
}
