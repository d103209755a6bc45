import LigaseTensors
import TestSupport
import Testing

/// A shell in a folder with small data of every kind and the configuration of a network that trains in
/// milliseconds.
struct SupervisedShell {
  let shell = Shell()

  init() {
    var random = SeededGenerator(seed: 12, stream: "supervised")
    func draw(_ count: Int, _ letters: String = "ACGT") -> String {
      String((0..<count).map { _ in Array(letters)[Int(random.next(upperBound: UInt64(letters.count)))] })
    }
    func write(_ text: String, _ name: String) { shell.folder.write(text, to: name) }
    write(
      """
      {"inputs": {"*": {"encoder": {"filters": 8, "hiddenSize": 6}}}, "ensemble": 1, "head": {"hidden": [6]},
       "training": {"epochs": 4, "batchSize": 16, "learningRate": 0.02, "patience": 0, "refits": false}}
      """, "tiny.json")
    // Sequences of 24 bases, half of them with a motif; the last 20 are new.
    let sequences = (0..<80).map { i -> String in
      let text = draw(24)
      return i % 2 == 0 ? text.prefix(8) + "GATTACA" + text.suffix(9) : text
    }
    func kind(_ i: Int) -> String { i % 2 == 0 ? "yes" : "no" }
    write(
      "name\tseq\tclass\n" + (0..<60).map { "s\($0)\t\(sequences[$0])\t\(kind($0))\n" }.joined(), "train.tsv")
    write((60..<80).map { ">s\($0) kind=\(kind($0))\n\(sequences[$0])\n" }.joined(), "new.fa")
    write("id\tclass\n" + (60..<80).map { "s\($0)\t\(kind($0))\n" }.joined(), "truth.tsv")
    write((0..<60).filter { $0 % 2 == 0 }.map { ">s\($0)\n\(sequences[$0])\n" }.joined(), "peaks.fa")
    // A genome with intervals and variants.
    let genome = draw(900)
    write(">c1\n\(genome)\n", "genome.fa")
    write("c1\t100\t140\nc1\t500\t600\nc1\t2\t4\n", "peaks.bed")
    let bases = Array(genome)
    write(
      "##fileformat=VCFv4.3\n##contig=<ID=c1,length=900>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        + stride(from: 20, to: 880, by: 5).map { position in
          let base = bases[position - 1]
          let reference = position % 15 == 0 ? String(bases[(position - 1)...position]) : String(base)
          let alternate =
            position % 15 == 0 ? String(base) : position % 10 == 0 ? "\(base)GG" : base == "A" ? "C" : "A"
          return "c1\t\(position)\tv\(position)\t\(reference)\t\(alternate)\t.\t.\t.\n"
        }.joined(), "variants.vcf")
    // Profiles of three classes, and genotypes of two.
    write(
      "#1.2\n12\t36\nNAME\tDescription\t" + (0..<36).map { "t\($0)" }.joined(separator: "\t") + "\n"
        + (0..<12).map { gene in
          "G\(gene)\tna\t"
            + (0..<36).map {
              "\(((gene % 3 == $0 % 3 ? 5.0 : 1) + random.nextNormal() / 2))"
            }
            .joined(separator: "\t") + "\n"
        }.joined(), "matrix.gct")
    write("36 3 1\n# A B C\n" + (0..<36).map { "\($0 % 3)" }.joined(separator: " ") + "\n", "classes.cls")
    write(
      "##fileformat=VCFv4.3\n##contig=<ID=1>\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
        + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
        + (0..<40).map { "i\($0)" }.joined(separator: "\t") + "\n"
        + (0..<20).map { site in
          "1\t\(site * 10 + 1)\trs\(site)\tA\tG\t.\t.\t.\tGT\t"
            + (0..<40).map { ($0 % 2 == site % 2) != (random.nextUniform() < 0.1) ? "1/1" : "0/0" }.joined(
              separator: "\t") + "\n"
        }.joined(), "cohort.vcf")
    write(
      "sample,population,super\n"
        + (0..<40).map { "i\($0),p\($0 % 4),\($0 % 2 == 0 ? "AFR" : "EUR")\n" }.joined(), "panel.csv")
    // Proteins whose structure depends on their letters.
    let proteins = (0..<24).map { _ in
      draw(10 + Int(random.next(upperBound: UInt64(20))), "ACDEFGHIKLMNPQRSTVWY")
    }
    write(proteins.enumerated().map { ">p\($0) x\n\($1)\n" }.joined(), "proteins.fa")
    write(
      proteins.enumerated().map { i, text in
        ">p\(i) SET=\(i % 6 == 0 ? "test" : "train") VALIDATION=\(i % 6 == 1 ? "True" : "False")\n"
          + String(text.map { $0 < "H" ? "H" : $0 < "P" ? "E" : "C" }) + "\n"
      }.joined(), "structure.fa")
    write(
      proteins.enumerated().map { ">p\($0)\n0\(String(repeating: "1", count: $1.count - 1))\n" }.joined(),
      "resolved.fa")
  }

  /// Runs a line that must succeed.
  @discardableResult
  func run(_ line: String) -> Shell.Outcome {
    let outcome = shell.run("set -o pipefail; " + line)
    #expect(outcome.status == 0, "\(line): \(outcome.error)")
    return outcome
  }

  /// Trains the sequence model that most tests use.
  func trainMotif(_ options: String = "") {
    run(
      "ligase train sequence train.tsv --sequence seq --label class --architecture cnn --config tiny.json -q -o m \(options)"
    )
  }

  /// The bytes of a file in the folder.
  func bytes(_ name: String) -> [UInt8]? { TemporaryFolder.contents(of: shell.folder.file(name)) }

  /// The rows of tab-separated text.
  static func rows(_ text: String) -> [[String]] { DrugResponseShell.rows(text) }

  /// The value of a metric over all rows in a table of scores.
  static func score(_ text: String, _ metric: String, _ model: String = "model") -> Double? {
    rows(text).first { $0.count > 3 && $0[0] == model && $0[1] == "all" && $0[2] == metric }.flatMap {
      Double($0[3])
    }
  }
}
