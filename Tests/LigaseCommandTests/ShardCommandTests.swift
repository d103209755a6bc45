import LigaseTensors
import TestSupport
import Testing

/// Work that is cut among jobs and joined again: the bytes of the run on one machine.
@Suite(.serialized) struct ShardCommandTests {
  private let work = SupervisedShell()

  /// Runs a command whole and in 1, 2, 3 and 7 parts; the joined parts must have the bytes of the whole, and so must the parts one after another.
  private func expectSameBytes(_ command: String, _ suffix: String = "tsv", cuts: [Int] = [1, 2, 3, 7]) {
    work.run("\(command) -q --overwrite -o whole.\(suffix)")
    for count in cuts {
      work.run(
        "rm -f part.*; for i in $(seq \(count)); do LIGASE_THREADS=1 \(command) -q --shard $i/\(count) -o part.$i.\(suffix) || exit 1; done; "
          + "ligase merge part.*.\(suffix) -q --overwrite -o joined.\(suffix)")
      #expect(
        work.bytes("whole.\(suffix)") == work.bytes("joined.\(suffix)"), "\(command) in \(count) parts")
      let cat = suffix.hasSuffix("gz") ? "zcat" : "cat"
      let files = (1...count).map { "part.\($0).\(suffix)" }.joined(separator: " ")
      #expect(
        work.run("\(cat) \(files)").output == work.run("\(cat) whole.\(suffix)").output,
        "\(command): \(count) parts one after another")
    }
  }

  @Test func recordsOfFiles() {
    work.run("ligase seq shuffle new.fa > again.fa; ligase seq wrap new.fa --line-width 7 > short.fa")
    work.run(
      "awk 'NR%2{print \"@r\" NR; next} {print; print \"+\"; gsub(/./,\"I\"); print}' new.fa > reads.fq")
    for command in [
      "parse fasta new.fa again.fa", "parse fastq reads.fq", "parse table panel.csv panel.csv",
      "parse bed peaks.bed", "parse vcf variants.vcf", "parse vcf cohort.vcf --dosage",
      "parse vcf cohort.vcf --dosage --variants-in-rows",
      "parse expression matrix.gct --top-variance 4",
    ] {
      expectSameBytes("ligase \(command)")
    }
    expectSameBytes("ligase parse fasta new.fa", "tsv.gz")
    for command in [
      "revcomp new.fa", "translate new.fa", "shuffle new.fa --seed 3", "rename new.fa",
      "wrap new.fa short.fa",
      "grep new.fa --motif GATTACA --invert", "filter new.fa --names truth.tsv --invert",
    ] {
      expectSameBytes("ligase seq \(command)", "fa", cuts: [2, 7])
    }
    expectSameBytes("ligase seq revcomp reads.fq", "fq.gz")
    expectSameBytes("ligase seq window new.fa short.fa --width 9", "fa", cuts: [3])
    expectSameBytes("ligase seq window genome.fa --bed peaks.bed --width 20", "fa", cuts: [2])
    expectSameBytes("ligase seq kmers new.fa -k 2 --each", cuts: [7])
    for i in 1...5 {
      work.shell.folder.write("P2\n2 \(i)\n9\n" + String(repeating: "1 2\n", count: i), to: "i\(i).pgm")
    }
    let images = "ligase parse image i1.pgm i2.pgm i3.pgm i4.pgm i5.pgm"
    #expect(
      work.run("for i in 1 2 3; do \(images) --shard $i/3; done").output == work.run(images).output)
    work.run(
      "for i in 1 2 3; do \(images) --shard $i/3 --format png -o pictures/; done; \(images) --format png -o all/"
    )
    #expect(work.run("diff -r pictures all").output == "")
    for suffix in ["vcf", "vcf.gz"] {
      expectSameBytes("ligase vcf filter variants.vcf --include 'POS>300'", suffix, cuts: [3, 7])
      expectSameBytes("ligase vcf split cohort.vcf", suffix, cuts: [2])
    }
  }

  @Test func predictionsAndExplanations() {
    work.trainMotif()
    expectSameBytes("ligase predict m new.fa")
    expectSameBytes("ligase predict m new.fa", "tsv.gz")
    // Some examples are in the model's data: the column `subset` is in every part.
    expectSameBytes("ligase predict m train.tsv new.fa", cuts: [3])
    #expect(work.run("head -1 joined.tsv").output.contains("subset"))
    expectSameBytes("ligase mutate m new.fa", cuts: [3])
    for method in [
      "integrated-gradients --steps 4", "smooth-grad --samples 3",
      "expected-gradients --samples 3 --background peaks.fa",
      "integrated-gradients --steps 2 --baseline shuffle", "lime --samples 30",
      "permutation-shap --samples 2 --window 6", "ism",
    ] {
      expectSameBytes("ligase explain m new.fa --method \(method)", cuts: [2, 7])
    }
    for options in ["", " --haplotypes"] {
      work.run(
        "awk 'BEGIN{FS=OFS=\"\\t\"} /^##/{print;next} /^#/{print $0,\"FORMAT\",\"a\";next} {print $0,\"GT\",NR%2?\"0|1\":\"1|1\"}' variants.vcf > one.vcf"
      )
      expectSameBytes("ligase score-variants m --reference genome.fa one.vcf\(options)", "vcf.gz", cuts: [3])
    }
    work.run("ligase train genotype cohort.vcf --labels panel.csv --label super --config tiny.json -q -o g")
    expectSameBytes("ligase predict g cohort.vcf", cuts: [3])
    work.run(
      "ligase train expression matrix.gct --labels classes.cls --config tiny.json -q -o e; ligase merge --help > /dev/null"
    )
    expectSameBytes("ligase predict e matrix.gct", cuts: [3, 7])
    expectSameBytes("ligase explain e matrix.gct --method expected-gradients --samples 3", cuts: [3])
  }

  /// The problems of a file are those of its parts: names that are reported once, order between lines, the end of the file.
  @Test func problems() {
    var random = SeededGenerator(seed: 5, stream: "problems")
    func one<Value>(of values: [Value]) -> Value { values[random.next(below: values.count)] }
    let fasta = (0..<120).map { i in
      ">n\(i % 7 > 0 ? i : i % 50) x\n" + one(of: ["", "@@\n", "ACGT\nAC\n", "ACGT\nACGTA\n", "AC!T\n"])
    }
    let reads = (0..<60).map { i in "@r\(i)\nACGT\n+\n\(i == 40 ? "IIIII" : one(of: ["IIII", "II\u{7F}I"]))\n"
    }
    let intervals = (0..<90).map { i in
      "c\(i / 30)\t\(i)\t\(one(of: [i + 5, i - 1]))\(i == 47 ? "" : "\tx")\n"
    }
    let records = (0..<400).map { i in
      let fields = [
        one(of: ["c1", "c1", "c1", "c1", "c9"]), "\(i / 3 + one(of: [0, 0, 0, 2]))", ".",
        one(of: ["A", "AT", "TAT"]),
        one(of: ["C", "ATT", "<DEL>", "."]), one(of: ["3", "-1"]), one(of: ["PASS", "q10", "low;q10"]),
        one(of: ["AC=1", "XX=3", "AC=x", "AC=1;AC=1"]), one(of: ["GT", "GT:DP", "DP:GT"]), "0/1:3",
      ]
      return (i == 200 ? "\n" : i == 300 ? "##late\n" : "") + fields.joined(separator: "\t") + "\n"
    }
    let header =
      "##fileformat=VCFv4.3\n##contig=<ID=c1>\n##INFO=<ID=AC,Number=A,Type=Integer,Description=\"x\">\n"
      + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts\n"
    for (name, format, text) in [
      ("p.fa", "fasta", fasta.joined()), ("p.fq", "fastq", reads.joined()),
      ("p.bed", "bed", intervals.joined() + "browser x\n"),
      ("p.vcf", "vcf", String((header + records.joined()).dropLast())), ("text.fa", "fasta", "ACGT\n"),
    ] {
      work.shell.folder.write(text, to: name)
      for options in ["", "--strict all --limit 3", "--warn undefined-info --limit 1000"] {
        let check = "ligase check \(name) --format \(format) \(options)", whole = work.shell.run(check)
        for count in [1, 3, 7] {
          let joined = work.shell.run(
            "rm -f c.*; for i in $(seq \(count)); do \(check) --shard $i/\(count) -o c.$i || exit 9; done; ligase merge c.*"
          )
          #expect(
            joined.status == whole.status && joined.output == whole.output && joined.error == whole.error,
            "\(name) \(options) in \(count) parts: \(joined)")
        }
      }
    }
  }

  @Test func anIndexIsMade() {
    work.run(
      "ligase vcf filter variants.vcf -q -o w.vcf.gz; ligase index w.vcf.gz; for i in 1 2; do ligase vcf filter variants.vcf -q --shard $i/2 -o i.$i.vcf; done; "
        + "ligase merge i.1.vcf i.2.vcf -q --index -o j.vcf.gz")
    #expect(work.bytes("w.vcf.gz.tbi") == work.bytes("j.vcf.gz.tbi"))
  }

  @Test func whatCannotBeCutOrJoined() {
    work.trainMotif()
    work.run(
      "for i in 1 2; do ligase predict m new.fa -q --shard $i/2 -o n.$i; done; ligase predict m peaks.fa -q --shard 2/2 -o o.2"
    )
    for (line, status, error) in [
      ("ligase predict m new.fa --shard 0/3", 64, "shard 0/3: "),
      ("ligase predict m new.fa --shard 4/3", 64, "shard 4/3: "),
      ("ligase predict m - --shard 1/3 < new.fa", 64, "shard 1/3: --shard needs files"),
      (
        "ligase seq sort new.fa --shard 1/2", 64,
        "shard 1/2: --shard does not apply: seq sort orders all records"
      ),
      ("ligase seq unique new.fa --shard 1/2", 64, "shard 1/2: --shard does not apply: seq unique"),
      ("ligase seq head new.fa --shard 1/2", 64, "shard 1/2: --shard does not apply: seq head"),
      (
        "ligase seq kmers new.fa --shard 1/2", 64,
        "shard 1/2: --shard does not apply: the counts are of all sequences"
      ),
      ("ligase seq sample new.fa --count 3 --shard 1/2", 64, "shard 1/2: --shard does not apply: seq sample"),
      (
        "ligase explain m new.fa --method saliency --summary --shard 1/2", 64,
        "shard 1/2: --shard does not apply: --summary"
      ),
      ("ligase predict absent new.fa --shard=1/2", 66, "shard 1/2: absent"),
      ("ligase predict m new.fa --shard 1/2 -o absent/part", 73, "shard 1/2: absent/part"),
      ("ligase predict m new.fa --shard 1/2 -q > /dev/full", 74, "shard 1/2: standard output: cannot write"),
      (
        "ligase check new.fa peaks.fa --shard 1/2", 64,
        "shard 1/2: --shard does not apply: give one file (got 2)"
      ),
      (
        "mkdir b.d.shard; ligase predict m new.fa --shard 1/2 -o b.d", 73,
        "shard 1/2: b.d.shard: is a directory"
      ),
      (
        "for i in 1 2 3 4 5 6 7 8 9; do cat new.fa; done > many.fa; (ulimit -f 1; ligase seq wrap many.fa --shard 1/1 -o b)",
        74, "shard 1/1: b: cannot write: File too large"
      ),
      ("ligase merge n.1", 65, "n.1: found 1 of 2 parts, missing 2/2"),
      ("ligase merge n.1 n.1", 65, "n.1: found the part 1/2 again"),
      ("ligase merge n.1 o.2", 65, "o.2: found a part made with peaks.fa of"),
      ("ligase merge n.1 new.fa", 65, "new.fa: found no new.fa.shard beside it"),
      ("ligase merge n.1 absent", 66, "absent: "),
      ("ligase merge n.1 n.2 --best b", 64, "--best does not apply"),
      ("ligase merge n.1 n.2 --scores b", 64, "--scores does not apply"),
      ("head -c 20 n.2 > c.2; cp n.2.shard c.2.shard; ligase merge n.1 c.2 -o b", 74, "c.2: found 20 bytes"),
    ] as [(String, Int32, String)] {
      let outcome = work.shell.run(line)
      #expect(
        outcome.status == status && outcome.error.hasPrefix("ligase: error: \(error)")
          && outcome.error.split(separator: "\n").count == 1, "\(line): \(outcome)")
      #expect(work.shell.folder.names.allSatisfy { $0 != "b" && $0 != "b.d" && !$0.hasSuffix(".part") })
    }
  }

  @Test func folds() {
    for options in ["--folds 3", "--folds 2 --repeats 2"] {
      let cv = "ligase cv sequence train.tsv --sequence seq --label class --config tiny.json -q \(options)"
      work.run("rm -f f.*; \(cv) -o whole.tsv --scores s.tsv --overwrite")
      work.run("for k in 0 1 2; do \(cv) --only-fold $k -j 1 -o f.$k; done; true")
      work.run("ligase merge f.* -q -o joined.tsv --scores t.tsv --overwrite")
      #expect(
        work.bytes("whole.tsv") == work.bytes("joined.tsv") && work.bytes("s.tsv") == work.bytes("t.tsv"))
    }
    let cv = "ligase cv sequence train.tsv --sequence seq --label class --config tiny.json -q --folds 2"
    work.run("\(cv) --only-fold 0 -o g.0; \(cv) --only-fold 1 -o g.1; \(cv) --seed 8 --only-fold 1 -o h.1")
    for (line, status, error) in [
      ("\(cv) --only-fold 2 -o b", 64, "--only-fold must be one of 0, 1 (got 2)"),
      ("\(cv) --only-fold 1", 64, "--only-fold needs --output"),
      ("\(cv) --only-fold 1 -o b --scores s", 64, "--scores needs all folds"),
      ("ligase merge g.0 -q -o b", 65, "g.0: found 1 of 2 folds, missing fold 1"),
      ("ligase merge g.0 g.0 -q -o b", 65, "g.0: found fold 0 again"),
      ("ligase merge g.0 h.1 -q -o b", 65, "h.1: found a part of other data, options or folds"),
    ] as [(String, Int32, String)] {
      let outcome = work.shell.run(line)
      #expect(
        outcome.status == status && outcome.error.contains("ligase: error: \(error)"), "\(line): \(outcome)")
      #expect(!work.shell.folder.names.contains("b"))
    }
  }

  @Test func trials() {
    let tune = "ligase tune expression matrix.gct --labels classes.cls --config tiny.json --trials 4 -q"
    work.run("\(tune) -o whole.tsv --best best.json")
    work.run(
      "\(tune) --plan -o plan.0; for r in 0 1; do for i in $(grep -v '^#' plan.$r | tail -n +2 | cut -f1); do "
        + "\(tune) --trial $i --plan plan.$r -j 1 -o t.$r.$i; done; \(tune) --plan --finished t.* -o plan.$((r+1)); done"
    )
    work.run("ligase merge t.* -q -o joined.tsv --best joined.json")
    #expect(
      work.bytes("whole.tsv") == work.bytes("joined.tsv")
        && work.bytes("best.json") == work.bytes("joined.json"))
    // Nothing is left to plan.
    #expect(work.run("grep -vc '^#' plan.2").output == "1\n")
    for (line, status, error) in [
      ("ligase merge t.0.* -o b", 65, "t.0.0: found 4 runs of a search of 5, missing trial"),
      ("ligase merge t.* t.0.0 -o b", 65, "t.0.0: found trial 0 of rung 0 again"),
      ("\(tune) --trial 9 --plan plan.0 -o b", 64, "--trial must be a trial of plan.0: 0, 1, 2, 3 (got 9)"),
      ("\(tune) --trial 1 -o b", 64, "--trial needs --plan FILE"),
      ("\(tune) --plan plan.0 -o b", 64, "--plan FILE needs --trial N"),
      ("\(tune) --seed 4 --trial 1 --plan plan.0 -o b", 65, "plan.0: found trials of another search"),
      ("\(tune) --trial 1 --plan panel.csv -o b", 65, "panel.csv: found the columns"),
    ] as [(String, Int32, String)] {
      let outcome = work.shell.run(line)
      #expect(
        outcome.status == status && outcome.error.hasPrefix("ligase: error: \(error)"), "\(line): \(outcome)")
      #expect(!work.shell.folder.names.contains("b"))
    }
  }
}
