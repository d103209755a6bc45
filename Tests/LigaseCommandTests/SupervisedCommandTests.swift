import TestSupport
import Testing

/// Every kind of model from its data to its scores, over real pipes.
@Suite(.serialized) struct SupervisedCommandTests {
  private let work = SupervisedShell()

  @Test func sequencesFromATable() throws {
    work.run(
      "ligase train sequence train.tsv --sequence seq --label class --architecture lstm --config tiny.json --epochs 15 -q -o m"
    )
    work.run("gzip -k new.fa")
    let predicted = SupervisedShell.rows(work.run("ligase predict m new.fa.gz").output)
    #expect(
      predicted[0] == ["id", "prediction", "probability:no", "probability:yes"] && predicted.count == 21)
    for row in predicted.dropFirst() {
      let (no, yes) = (Float(row[2])!, Float(row[3])!)
      #expect(abs(no + yes - 1) < 1e-5 && row[1] == (yes > no ? "yes" : "no"))
    }
    let scores = work.run("ligase predict m - < new.fa | ligase evaluate - --truth truth.tsv -q")
    #expect(try #require(SupervisedShell.score(scores.output, "accuracy")) >= 0.7 && scores.error == "")
    // A table keeps its id column.
    let table = SupervisedShell.rows(work.run("tail -n +1 train.tsv | ligase predict m").output)
    #expect(table[0][0] == "name" && table.count == 61 && table[1][0] == "s0")
    let info = work.run("ligase info m").output
    #expect(
      info.contains("encoder\tlstm\n") && info.contains("members.0.inputs.sequence.encoder.recurrent.")
        && info.contains("parameters\t"))
    #expect(
      work.run("ligase info m --json").output.contains("\"kind\" : \"lstm\"")
        || work.run("ligase info m --json").output.contains("\"kind\":"))
  }

  /// A missing value gets the mean of the training samples, so that predictions of one sample depend on no other.
  @Test func missingValuesGetTrainingMeans() {
    for options in ["", "--no-zscore", "--cpm --log1p", "--top-variance 2"] {
      let outcome = work.shell.run(
        """
        awk 'BEGIN { print "sample,class,A,B,C"; for (i = 0; i < 24; i++)
          printf "s%d,%s,%s,%d,%d\\n", i, i % 2 ? "x" : "y", i % 7 ? 10 + 4 * (i % 2) + i % 5 : "NA", 8 + i % 3, 20 - i % 4 }' > e.csv
        printf 'sample,A,B,C\\none,NA,9,19\\ntwo,3,9,19\\n' > a.csv; sed 's/two,3/two,900/' a.csv > b.csv; head -2 a.csv > c.csv
        m="--missing mean --orientation samples-in-rows -q"
        ligase train expression e.csv --label class --epochs 3 --seed 1 $m \(options) -o e.st || exit 1
        for f in a b c; do ligase predict e.st $f.csv $m | sed -n 2p; done; rm e.st*
        ligase cv expression e.csv --label class --folds 3 --epochs 2 --seed 1 $m \(options) > folds.tsv
        sed 's/s1,x,15/s1,x,77/' e.csv > f.csv; ! cmp -s e.csv f.csv || echo unchanged
        ligase cv expression f.csv --label class --folds 3 --epochs 2 --seed 1 $m \(options) > others.tsv
        fold=$(awk '$1 == "s1" { print $2 }' folds.tsv)
        diff <(awk -v f=$fold '$2 == f && $1 != "s1"' folds.tsv) <(awk -v f=$fold '$2 == f && $1 != "s1"' others.tsv) > /dev/null && echo same
        """)
      let lines = outcome.output.split(separator: "\n")
      #expect(
        lines.count == 4 && Set(lines.prefix(3)).count == 1 && lines.last == "same", "\(options): \(outcome)")
    }
  }

  @Test func theSameSeedGivesTheSameFileAndAnotherAnother() {
    for (name, options) in [("a", "-j 1 --seed 5"), ("b", "-j 2 --seed 5"), ("c", "-j 2 --seed 6")] {
      work.run(
        "ligase train sequence train.tsv --sequence seq --label class --config tiny.json -q -o \(name) \(options)"
      )
    }
    #expect(work.bytes("a") == work.bytes("b") && work.bytes("a") != work.bytes("c"))
  }

  @Test func peaksAndShuffledNegatives() {
    work.run(
      "cat peaks.fa | gzip | ligase train sequence - --negatives dinucleotide-shuffle --architecture cnn-lstm --config tiny.json -q -o tf"
    )
    #expect(work.run("ligase info tf").output.contains("strands\tboth"))
    let scores = SupervisedShell.rows(
      work.run(
        "ligase seq window genome.fa --bed peaks.bed --width 24 -q | ligase predict tf - > scores.tsv; cat scores.tsv"
      ).output)
    #expect(scores.count == 3 && scores[0] == ["id", "prediction", "probability:0", "probability:1"])
    #expect(scores[1][0] == "c1:109-132" && scores[2][0] == "c1:539-562")
    work.run(
      "ligase train sequence --bed peaks.bed --reference genome.fa --width 20 --negatives mononucleotide-shuffle --config tiny.json -q -o bed"
    )
    work.run("ligase train sequence --class yes=peaks.fa --class no=new.fa --config tiny.json -q -o classes")
    #expect(work.run("ligase info classes").output.contains("2 classes: no, yes"))
    work.run(
      "ligase train sequence new.fa --label-pattern 'kind=(.*)' --config tiny.json --encoding kmer:3 -q -o pattern"
    )
    #expect(work.run("ligase info pattern").output.contains("an embedding of 65 k-mers of length 3"))
    #expect(
      work.run("ligase predict pattern new.fa | ligase evaluate - --truth new.fa --label-pattern 'kind=(.*)'")
        .error
        .contains("n = 20"))
    #expect(
      work.shell.run("ligase evaluate truth.tsv --truth truth.tsv --label-pattern 'kind=(.*)'").error
        == "ligase: error: --label-pattern needs a FASTA file for --truth (got a table) (--help explains)\n"
    )
    work.run("ligase train sequence new.fa --labels truth.tsv --label class --config tiny.json -q -o joined")
  }

  @Test func residues() throws {
    work.run(
      "ligase train residues proteins.fa --labels structure.fa --mask resolved.fa --config tiny.json --epochs 20 --split-from-headers -q -o ss"
    )
    let rows = SupervisedShell.rows(work.run("ligase predict ss proteins.fa").output)
    #expect(
      rows[0] == [
        "id", "position", "residue", "prediction", "probability:C", "probability:E", "probability:H",
        "subset",
      ])
    let fasta = work.run("cat proteins.fa | ligase predict ss - --format fasta > labels.fa; cat labels.fa")
      .output
    #expect(fasta.hasPrefix(">p0\n") && fasta.filter { $0 == ">" }.count == 24)
    let letters = rows.dropFirst().map { $0[3] }.joined()
    #expect(letters == fasta.split(separator: "\n").filter { !$0.hasPrefix(">") }.joined())
    let scores = work.run("ligase evaluate labels.fa --truth structure.fa --mask resolved.fa -q").output
    #expect(
      try #require(SupervisedShell.score(scores, "q3")) > 0.4 && SupervisedShell.score(scores, "sov") != nil)
    #expect(
      work.run("ligase predict ss proteins.fa | ligase evaluate - --truth structure.fa --mask resolved.fa -q")
        .output == scores)
  }

  @Test func expressionAndGenotypes() throws {
    work.run(
      "cat matrix.gct | ligase train expression - --labels classes.cls --config tiny.json --epochs 20 -q -o leukemia"
    )
    let rows = SupervisedShell.rows(work.run("ligase predict leukemia matrix.gct -q").output)
    #expect(
      rows.count == 37
        && rows[0] == ["sample", "prediction", "probability:A", "probability:B", "probability:C", "subset"])
    #expect(rows.dropFirst().enumerated().count { $1[1] == ["A", "B", "C"][$0 % 3] } > 30)
    work.run(
      "ligase train genotype cohort.vcf --labels panel.csv --label super --config tiny.json --epochs 20 -q -o ancestry"
    )
    let scores = work.run(
      "ligase predict ancestry cohort.vcf | ligase evaluate - --truth panel.csv --target super -q"
    ).output
    #expect(try #require(SupervisedShell.score(scores, "accuracy")) > 0.9)
    // Exchanged alleles give the same predictions.
    work.run(
      "awk 'BEGIN{FS=OFS=\"\\t\"} /^#/{print;next} {$4=\"G\";$5=\"A\";for(i=10;i<=NF;i++)$i=$i==\"0/0\"?\"1/1\":\"0/0\";print}' cohort.vcf > turned.vcf"
    )
    let turned = work.run("ligase predict ancestry turned.vcf")
    #expect(turned.output == work.run("ligase predict ancestry cohort.vcf").output)
    #expect(turned.error.contains("20 of 20 sites have reference and alternate allele exchanged"))
  }

  /// A column of the matrix contains the labels; a sample without a label is skipped, and reported.
  @Test func labelsInsideTheMatrix() {
    let rows = (0..<20).map { "s\($0)\t\($0 == 3 ? "NaN" : "\(Double($0) / 4)")\t\($0)\t\($0 % 3)\n" }
      .joined()
    work.shell.folder.write("sample\ty\tTP53\tMYC\n" + rows, to: "inside.tsv")
    let outcome = work.run("ligase train expression inside.tsv --label y --config tiny.json -o inside")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("skipped 1 sample without a label: s3"))
    #expect(outcome.error.contains("19 samples, 2 genes"))
    work.shell.folder.write("gene\ty\ts1\ts2\nTP53\t1\t2\t3\nMYC\t1\t2\t3\nEGFR\t1\t2\t3\n", to: "turned.tsv")
    let turned = work.shell.run(
      "ligase train expression turned.tsv --label y --config tiny.json -q -o turned")
    #expect(turned.status == 65 && turned.error.contains("needs a matrix with samples in rows"), "\(turned)")
  }

  @Test func variants() {
    work.trainMotif("--strands both")
    let whole = work.run("ligase score-variants m --reference genome.fa variants.vcf")
    #expect(
      whole.error == "ligase: 172 records, scored 172 alternate alleles; every REF agrees\n", "\(whole.error)"
    )
    #expect(whole.output.contains("##INFO=<ID=LIGASE_DIFF,Number=A,Type=Float,"))
    let rows = SupervisedShell.rows(whole.output).filter { !$0[0].hasPrefix("#") }
    #expect(rows.count == 172 && rows.allSatisfy { $0[7].contains("LIGASE_LOGODDS=") })
    #expect(
      work.run("cat variants.vcf | ligase score-variants m --reference genome.fa - -q -j 1").output
        == whole.output)
    #expect(
      work.run(
        "for i in 1 2 3; do ligase score-variants m --reference genome.fa variants.vcf --shard $i/3 -q; done"
      ).output
        == whole.output)
    work.run(
      "ligase vcf filter --help > /dev/null; ligase score-variants m --reference genome.fa variants.vcf -q -o s.vcf.gz"
    )
    #expect(work.run("zcat s.vcf.gz").output == whole.output)
    // Haplotypes of a phased sample, in one run and in shards.
    work.run(
      "awk 'BEGIN{FS=OFS=\"\\t\"} /^##/{print;next} /^#/{print $0,\"FORMAT\",\"a\",\"b\";next} {print $0,\"GT\",NR%2?\"0|1\":\"1|1\",\"0/1\"}' variants.vcf > phased.vcf"
    )
    let haplotypes = work.run(
      "ligase vcf filter phased.vcf --samples a | ligase score-variants m --reference genome.fa --haplotypes")
    #expect(
      haplotypes.error == "ligase: 172 records, scored 172 alternate alleles; every REF agrees; "
        + "scored 344 haplotypes of samples\n", "\(haplotypes.error)")
    #expect(haplotypes.output.contains("##FORMAT=<ID=LIGASE_HAPDIFF,Number=.,Type=Float,"))
    let phased = SupervisedShell.rows(haplotypes.output).filter { !$0[0].hasPrefix("#") }
    #expect(phased.allSatisfy { $0[8] == "GT:LIGASE_HAP:LIGASE_HAPDIFF" })
    work.run("ligase vcf filter phased.vcf --samples a > one.vcf")
    #expect(
      work.run(
        "for i in 1 2; do ligase score-variants m --reference genome.fa one.vcf --haplotypes --shard $i/2 -q; done"
      ).output == haplotypes.output)
    #expect(
      work.shell.run("ligase score-variants m --reference genome.fa variants.vcf --haplotypes").error
        == "ligase: error: variants.vcf: found no samples, expected genotypes for --haplotypes\n")
    work.run("sed 's/\\tA\\tC\\t/\\tT\\tC\\t/' variants.vcf > bad.vcf")
    let failed = work.shell.run("ligase score-variants m --reference genome.fa bad.vcf")
    #expect(
      failed.status == 65 && failed.error.contains(" of genome.fa (--ref-mismatch skip or flag continues)"))
    #expect(failed.error.split(separator: "\n").count == 1)
    let skipped = work.run("ligase score-variants m --reference genome.fa bad.vcf --ref-mismatch skip")
    #expect(skipped.error.contains("records whose REF differs from the reference"))
    let flagged = work.run(
      "ligase score-variants m --reference genome.fa bad.vcf --ref-mismatch flag | ligase check -f vcf - ; true"
    )
    #expect(!flagged.error.contains("internal"))
    #expect(
      work.run("ligase score-variants m --reference genome.fa bad.vcf --ref-mismatch flag").output.contains(
        "LIGASE_REF_MISMATCH\n"))
    // The output is a file here as everywhere; an output of the model has another option.
    let named = work.run(
      "ligase score-variants m --reference genome.fa variants.vcf --output-name no --output no.vcf -q && cat no.vcf"
    )
    #expect(named.output.contains("Probability of no with") && named.error == "")
    let old = work.shell.run("ligase score-variants m --reference genome.fa variants.vcf --output no")
    #expect(
      old.status == 64
        && old.error.contains("'no' is an output of the model, and --output is a file: --output-name no"),
      "\(old)")
    work.run("sed 's/^c1\\t/chr1\\t/; s/ID=c1/ID=chr1/' variants.vcf > renamed.vcf")
    let unknown = work.shell.run("ligase score-variants m --reference genome.fa renamed.vcf")
    #expect(unknown.status == 65 && unknown.error.contains("found the contig 'chr1'"), "\(unknown)")
    let none = work.run("ligase score-variants m --reference genome.fa renamed.vcf --ref-mismatch skip")
    #expect(none.error.contains("172 records on contigs that the reference lacks"), "\(none.error)")
    #expect(none.error.contains("chr1") && !none.output.contains("\nchr1\t"))
  }

  @Test func mutagenesis() {
    work.trainMotif()
    work.run("head -2 peaks.fa > one.fa")
    let all = SupervisedShell.rows(work.run("cat one.fa | ligase mutate m - --all").output)
    #expect(all.count == 1 + 24 * (3 + 1 + 4) + 4 && all[0].first == "id" && all[0].last == "difference:yes")
    let matrix = SupervisedShell.rows(work.run("ligase mutate m one.fa --matrix").output)
    #expect(matrix.count == 25 && matrix[0] == ["id", "position", "reference", "A", "C", "G", "T"])
    let row = all.first { $0[1] == "10" && $0[2].count == 1 && $0[2] != "-" && $0[3] != "-" }!
    #expect(matrix[10][3 + ["A", "C", "G", "T"].firstIndex(of: row[3])!] == row.last)
    work.shell.folder.write(
      "id\tposition\treference\talternate\ns0\t10\t\(row[2])\t\(row[3])\n", to: "list.tsv")
    let listed = SupervisedShell.rows(work.run("ligase mutate m one.fa --list list.tsv").output)[1]
    #expect(listed[..<4] == row[..<4])
    #expect(zip(listed[4...], row[4...]).allSatisfy { abs(Float($0)! - Float($1)!) < 1e-5 })
    work.shell.folder.write("id\tposition\treference\talternate\nzz\t1\tA\tC\n", to: "stray.tsv")
    let stray = work.shell.run("ligase mutate m one.fa --list stray.tsv")
    #expect(
      stray.status == 65
        && stray.error
          == "ligase: error: stray.tsv: found mutations of 'zz', which is no sequence of one.fa\n"
    )
    #expect(work.shell.run("ligase mutate m one.fa --list list.tsv --all").status == 64)
    #expect(work.shell.run("ligase mutate m one.fa --matrix --all").status == 64)
    #expect(work.run("ligase mutate m one.fa").error == "ligase: 1 sequence, 72 mutations\n")
    #expect(work.run("ligase mutate m one.fa -q").error == "")
    #expect(
      work.run("ligase mutate m one.fa --progress json").error == "{\"note\":\"1 sequence, 72 mutations\"}\n")
    work.shell.folder.write("id\tposition\treference\talternate\ns0\t10\t-\tACJ\n", to: "letters.tsv")
    let letters = work.shell.run("ligase mutate m one.fa --list letters.tsv")
    #expect(
      letters.status == 65 && letters.error.contains("letters.tsv:2: found 'J' in alternate 'ACJ'"),
      "\(letters)")
  }

  @Test func crossValidation() throws {
    let outcome = work.run(
      "ligase cv sequence train.tsv --sequence seq --label class --config tiny.json --folds 3 --repeats 2 --scores scores.tsv > oof.tsv; cat oof.tsv"
    )
    let rows = SupervisedShell.rows(outcome.output)
    #expect(
      rows[0] == ["name", "repeat", "fold", "prediction", "probability:no", "probability:yes"]
        && rows.count == 121)
    #expect(Set(rows.dropFirst().map { $0[0] + $0[1] }).count == 120)
    #expect(outcome.error.contains("fold 3 of 3, repeat 2: accuracy model "))
    let scores = SupervisedShell.rows(work.run("cat scores.tsv").output)
    #expect(scores[0][..<4] == ["repeat", "model", "group", "metric"])
    for model in ["model", "prior", "kmer_ridge"] {
      #expect(scores.contains { $0[1] == model && $0[3] == "accuracy" })
    }
    #expect(
      work.run(
        "ligase cv sequence train.tsv --sequence seq --label class --config tiny.json --folds 3 --repeats 2 -q -j 1"
      ).output == outcome.output)
    work.run(
      "gzip -k classes.cls; ligase cv expression matrix.gct --labels classes.cls.gz --config tiny.json --folds 3 -q -o e.tsv"
    )
    work.run(
      "ligase cv genotype cohort.vcf --labels panel.csv --label super --config tiny.json --folds 2 -q -o g.tsv"
    )
    #expect(
      SupervisedShell.rows(work.run("cat e.tsv").output).count == 37
        && SupervisedShell.rows(work.run("cat g.tsv").output).count == 41)
  }

  @Test func tuning() {
    let tune = "ligase tune expression matrix.gct --labels classes.cls --config tiny.json --trials 4 -q"
    work.run("\(tune) -o trials.tsv --best best.json")
    work.run("head -3 trials.tsv > again.tsv; \(tune) -o again.tsv --best best2.json --resume")
    let (whole, again) = (
      SupervisedShell.rows(work.run("cat trials.tsv").output),
      SupervisedShell.rows(work.run("cat again.tsv").output)
    )
    #expect(
      whole[0][..<6] == ["trial", "rung", "epochs", "folds", "validation", "search"] && whole.count == 6)
    #expect(
      whole == again
        && work.bytes("best.json") == work.bytes("best2.json"))
    work.run("ligase train expression matrix.gct --labels classes.cls --config best.json -q -o tuned")
    #expect(work.shell.run("\(tune) -o trials.tsv").status == 73)
    let other = work.shell.run(
      "\(tune.replacing("expression matrix.gct --labels classes.cls", with: "sequence train.tsv --sequence seq --label class")) -o trials.tsv --resume"
    )
    #expect(other.status == 65 && other.error.contains("another search"))
    // Each difference that makes another search is reported.
    for (options, what) in [
      ("--folds 3", "split"), ("--seed 5", "data, split, options"), ("--epochs 7", "options"),
      ("--architecture mlp --hidden-size 3", ""), ("--zscore --no-zscore", "options"),
      ("--validation 0.3", "split, options"),
    ] {
      let refused = work.shell.run("\(tune) -o trials.tsv --resume \(options)")
      #expect(refused.status == (what.isEmpty ? 64 : 65), "\(options): \(refused)")
      if what.isEmpty { continue }
      let differ = Set(what.split(separator: ",").map { $0.trimmingPrefix(" ") })
      #expect(
        refused.error.contains("found trials of another search (")
          && differ.contains { refused.error.contains($0) },
        "\(options): \(refused.error)")
    }
    work.run("\(tune) -o folds.tsv --folds 3")
    #expect(SupervisedShell.rows(work.run("cat folds.tsv").output).dropFirst().allSatisfy { $0[3] == "3" })
  }

  @Test func transfer() {
    work.trainMotif()
    work.run(
      "ligase train sequence new.fa --labels truth.tsv --label class --architecture cnn --config tiny.json --init m --freeze convolution -q -o t"
    )
    let info = work.run("ligase info t").output
    #expect(info.contains("weights initialised from\tm\n") && info.contains("frozen\tconvolution\n"))
    let none = work.shell.run(
      "ligase train sequence new.fa --labels truth.tsv --label class --architecture cnn --config tiny.json --freeze nothing -q -o u"
    )
    #expect(
      none.status == 65 && none.error.hasPrefix("ligase: error: 'nothing' matches no parameter"),
      "\(none)")
  }

  @Test func aStoppedRunGoesOnToTheSameBytes() {
    let train =
      "ligase train sequence train.tsv --sequence seq --label class --config tiny.json -q --epochs 400 --hidden-size 24"
    work.run("\(train) -o whole")
    let stopped = work.shell.run("\(train) -o part & p=$!; sleep 0.3; kill -TERM $p; wait $p")
    if stopped.status == 0 { return print("skipped: the run was over before it could be stopped") }
    #expect(stopped.status == 75, "\(stopped)")
    work.run("\(train) -o part --resume")
    #expect(work.bytes("part") == work.bytes("whole"))
  }

  @Test func badInputIsSaidInOneLine() {
    work.trainMotif()
    work.run(
      "ligase train genotype cohort.vcf --labels panel.csv --label super --config tiny.json -q -o ancestry")
    work.shell.folder.write("c1\t880\t950\n", to: "beyond.bed")
    for (line, status, error) in [
      (
        "printf 'seq\\tclass\\nACG\\tx\\nACGT\\ty\\nACGTT\\ty\\n' | ligase train sequence - --label class --architecture mlp -q -o b",
        65,
        "found sequences of 3 to 5 residues, expected one length: a network of the architecture mlp reads all residues at once"
      ),
      (
        "printf 'seq\\tclass\\nAC!G\\tx\\nACGT\\ty\\n' | ligase train sequence - --label class -q -o b", 65,
        "found '!' at residue 3 of '1'"
      ),
      (
        "ligase train sequence peaks.fa --labels panel.csv --label super -q -o b", 65,
        "no label has a sequence: panel.csv names i0, i1, i2, the sequences are s0, s2, s4"
      ),
      (
        "printf 'seq\\tclass\\nMKVL\\tx\\nMKLL\\ty\\n' | ligase train sequence - --label class --encoding kmer:8 -q -o b",
        64,
        "found tokens of 8 residues, expected 0 (one-hot) to 3 for protein"
      ),
      (
        "ligase train sequence peaks.fa -q -o b", 65,
        "found no labels, expected one for each sequence (use --label COLUMN"
      ),
      (
        "printf 'seq\\tclass\\nAC\\tx\\nACGT\\tx\\n' | ligase train sequence - --label class -q -o b", 65,
        "found only the class 'x' in class"
      ),
      (
        "printf 'seq\\ty\\nAC\\t1.5\\nACGT\\t1.5\\n' | ligase train sequence - --label y --target values -q -o b",
        65,
        "every training value of 'y' is 1.5, expected values that vary"
      ),
      (
        "ligase train sequence train.tsv --sequence seq --label class --config tiny.json --learning-rate 1e30 -q -o b",
        70, "training diverged: epoch 1, step "
      ),
      (
        "ligase train sequence --bed beyond.bed --reference genome.fa --negatives dinucleotide-shuffle -q -o b",
        65,
        "genome.fa: found region c1:881-950 beyond the end of 'c1', which has 900 residues"
      ),
      (
        "sed 's/^1\\t/7\\t/;s/\\trs/\\txx/' cohort.vcf | ligase predict ancestry -", 65,
        "the VCF has 0 of the model's 20 sites"
      ),
      (
        "ligase train residues proteins.fa --labels new.fa -q -o b", 65,
        "no sequence has labels: proteins.fa names p0, p1, p2, new.fa s60, s61, s62"
      ),
      (
        "ligase train expression matrix.gct --labels truth.tsv -q -o b", 65,
        "no sample has a label: the samples are t0, t1, t2"
      ),
      ("ligase predict m proteins.fa", 65, "proteins.fa:1: found '"),
      ("ligase predict m absent.fa", 66, "absent.fa: cannot open: No such file or directory"),
      ("head -c 900 m > cut; ligase predict cut new.fa", 74, "cut: not a model file"),
      (
        "printf '>a\\nACGT\\n' | ligase predict m -", 65,
        "standard input:1: found 4 residues in 'a', expected 24"
      ),
      (
        "ligase score-variants ancestry --reference genome.fa variants.vcf", 65,
        "ancestry is a genotype model; score-variants needs a DNA or RNA sequence model"
      ),
      (
        "ligase score-variants m --reference genome.fa variants.vcf --width 10", 65,
        "found a width of 10, expected 24"
      ),
      (
        "ligase mutate ancestry peaks.fa", 65,
        "ancestry is a genotype model; mutate needs a sequence model"
      ),
      (
        "ligase cv sequence train.tsv --sequence seq --label class --folds 61 -q", 65,
        "60 groups of examples cannot fill 61 folds"
      ),
      ("ligase train sequence train.tsv --sequence seq --label class -o m -q", 73, "m: already exists"),
      (
        "ligase tune sequence train.tsv --sequence seq --label class --folds 1000 -q -o b", 65,
        "60 groups of examples cannot fill 1,000 folds"
      ),
      ("ligase train sequence train.tsv --sequence seq --label class --encoding kmer:9 -q -o b", 64, ""),
      ("ligase train sequence train.tsv --bed peaks.bed --reference genome.fa -q -o b", 64, ""),
      ("ligase train sequence absent.tsv --architecture layers -q -o b", 64, ""),
      (
        "ligase train sequence absent.tsv --architecture cnn --bptt-window 9 -q -o b", 64,
        "found a window of time steps and the layer convolution"
      ),
      (
        "echo '{\"inputs\": {\"*\": {\"encoder\": {\"layers\": [{\"layer\": \"lstm\"}]}}}}' > layers.json; "
          + "ligase train sequence absent.tsv --config layers.json -q -o b", 65,
        "layers.json: inputs.*.encoder.layers: found layers that end in steps"
      ),
      ("ligase train expression matrix.gct -q -o b", 64, ""),
      ("ligase score-variants m --reference genome.fa variants.vcf --shard 3/2", 64, ""),
      ("cat variants.vcf | ligase score-variants m --reference genome.fa - --shard 1/2", 64, ""),
    ] as [(String, Int32, String)] {
      let outcome = work.shell.run(line)
      #expect(outcome.status == status, "\(line): \(outcome)")
      if status == 64 { continue }
      #expect(outcome.error.contains("ligase: error: \(error)"), "\(line): \(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1, "\(line): \(outcome.error)")
      #expect(!work.shell.folder.names.contains("b"), "\(line) leaves a model")
    }
  }
}
