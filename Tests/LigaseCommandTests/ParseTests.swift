import Glibc
import TestSupport
import Testing

@Suite struct ParseTests {
  let shell = Shell()

  @Test func tablesThroughPipes() {
    shell.folder.write("id,name\n1,\"a, b\"\n2,\"c \"\"d\"\"\"\n\n", to: "t.csv")
    let expected = "id\tname\n1\ta, b\n2\tc \"d\"\n"
    for line in [
      "ligase parse table t.csv", "ligase parse table < t.csv", "cat t.csv | ligase parse table -",
      "gzip -c t.csv | ligase parse table",
      "(gzip -c < /dev/null; gzip -c t.csv) > t.csv.gz; ligase parse table t.csv.gz",
      "ligase parse table t.csv | ligase parse table - | cat",
      "ligase parse table t.csv -o o.tsv && cat o.tsv",
      "ligase parse table t.csv -o o.tsv.gz && gzip -dc o.tsv.gz",
    ] {
      let outcome = shell.run(line)
      #expect(outcome.status == 0 && outcome.output == expected && outcome.error == "", "\(line): \(outcome)")
    }
    #expect(shell.run("ligase parse table t.csv --no-header | head -1").output == "column1\tcolumn2\n")
  }

  @Test func expressionThroughPipes() {
    shell.folder.write("gene,s1,s2\nTP53,1,3\nMYC,0,1\nEGFR,7,5\n", to: "e.csv")
    shell.folder.write("EGFR\nXYZ\nTP53\n", to: "genes.txt")
    let plain = shell.run("gzip -c e.csv | ligase parse expression --orientation genes-in-rows")
    #expect(plain.output == "sample\tTP53\tMYC\tEGFR\ns1\t1\t0\t7\ns2\t3\t1\t5\n" && plain.error == "")
    let guessed = shell.run("ligase parse expression e.csv --genes genes.txt")
    #expect(guessed.output == "sample\tEGFR\tTP53\ns1\t7\t1\ns2\t5\t3\n")
    #expect(
      guessed.error == """
        ligase: assuming genes in rows (the first column is called 'gene'); --orientation overrides this
        ligase: 1 of 3 listed genes not found in the matrix: XYZ

        """)
    let scaled = shell.run("ligase parse expression e.csv -q --cpm --log1p --top-variance 1")
    #expect(scaled.output == "sample\tMYC\ns1\t0\ns2\t11.618295\n" && scaled.error == "")
    let twice = shell.run(
      "ligase parse expression e.csv -q | ligase parse expression --orientation samples-in-rows -")
    #expect(twice.output == plain.output)
  }

  @Test func sparseMatricesThroughPipes() {
    _ = shell.run("mkdir m")
    shell.folder.write("id1\tTP53\tGene Expression\nid2\tMYC\tGene Expression\n", to: "m/features.tsv")
    shell.folder.write("c1\nc2\nc3\n", to: "m/barcodes.tsv")
    shell.folder.write(
      "%%MatrixMarket matrix coordinate integer general\n2 3 3\n2 1 4\n1 3 1\n2 3 3\n", to: "m/matrix.mtx")
    let dense = "cell\tTP53\tMYC\nc1\t0\t4\nc2\t0\t0\nc3\t1\t3\n"
    let triplets = "gene\tcell\tvalue\nMYC\tc1\t4\nTP53\tc3\t1\nMYC\tc3\t3\n"
    for (line, expected) in [
      ("ligase parse expression -q m", dense), ("ligase parse expression -q m/matrix.mtx", dense),
      ("gzip m/*; ligase parse expression -q m", dense), ("ligase parse expression -q m --sparse", triplets),
      (
        "ligase parse expression -q m | ligase parse expression -q --sparse --orientation samples-in-rows",
        triplets
      ),
      (
        "cat m/matrix.mtx.gz | ligase parse expression -q --sparse --features m/features.tsv.gz --barcodes m/barcodes.tsv.gz",
        triplets
      ),
      ("ligase parse expression -q m --gene-names ids | head -1", "cell\tid1\tid2\n"),
      ("ligase parse expression -q m --cpm --sparse | tail -2", "TP53\tc3\t250000\nMYC\tc3\t750000\n"),
      ("ligase parse expression -q m --top-variance 1 | head -1", "cell\tMYC\n"),
    ] {
      let outcome = shell.run(line)
      #expect(outcome.status == 0 && outcome.error == "", "\(line): \(outcome)")
      // gzip wrote the same pair in the order of the file, the dense matrix in that of its genes.
      #expect(
        outcome.output.split(separator: "\n").sorted() == expected.split(separator: "\n").sorted(), "\(line)")
    }
    let zero = shell.run(
      "sed 's/^2 1 4/0 1 4/' <(gzip -dc m/matrix.mtx.gz) > m/bad.mtx; ligase parse expression m/bad.mtx")
    #expect(zero.status == 65)
    #expect(
      zero.error
        == "ligase: error: m/bad.mtx:3: found '0', expected a row from 1 to 2 (MatrixMarket counts from 1)\n")
  }

  @Test func seriesMatrices() {
    shell.folder.write(
      "!Series_title\t\"x\"\n!Sample_geo_accession\t\"GSM1\"\t\"GSM2\"\n!Sample_characteristics_ch1\t\"age: 5\"\t\"age: 6\"\n"
        + "!series_matrix_table_begin\n\"ID_REF\"\t\"GSM1\"\t\"GSM2\"\n\"a_at\"\t1\t2\n!series_matrix_table_end\n",
      to: "s.txt")
    let outcome = shell.run("gzip -c s.txt | ligase parse expression --metadata m.tsv && cat m.tsv")
    #expect(outcome.output == "sample\ta_at\nGSM1\t1\nGSM2\t2\nsample\tage\nGSM1\t5\nGSM2\t6\n")
    #expect(
      outcome.error
        == "ligase: assuming genes in rows (the file is a GEO series matrix); --orientation overrides this\n")
    #expect(shell.run("head -n 6 s.txt | ligase parse expression").status == 74)
    #expect(shell.run("printf 's\\tA\\nx\\t1\\n' | ligase parse expression --metadata n.tsv").status == 65)
  }

  @Test func errorsAreOneLineWithTheirCode() {
    shell.folder.write("a,b\n1,x\n", to: "t.csv")
    shell.folder.write("a,b\n1\n", to: "ragged.csv")
    shell.folder.write("s,A,B\nx,1,oops\n", to: "bad.csv")
    for (line, status, error) in [
      ("ligase parse table absent", 66, "ligase: error: absent: cannot open: No such file or directory\n"),
      (
        "ligase parse table ragged.csv", 65,
        "ligase: error: ragged.csv:2: found 1 field, expected 2 as in the first row\n"
      ),
      (
        "ligase parse table < ragged.csv", 65,
        "ligase: error: standard input:2: found 1 field, expected 2 as in the first row\n"
      ),
      (
        "ligase parse expression bad.csv", 65,
        "ligase: error: bad.csv:2:3: found 'oops' in column 'B', expected a number (--skip-column 'B' ignores it)\n"
      ),
      (
        "gzip -c t.csv | head -c 20 | ligase parse table", 74,
        "ligase: error: standard input: at byte 20: truncated: the gzip stream ends within a member\n"
      ),
      (
        "ligase parse table t.csv -o t.csv", 73,
        "ligase: error: t.csv: already exists (--overwrite replaces it)\n"
      ),
      (
        "ligase parse table t.csv -o no/t.tsv", 73,
        "ligase: error: no/t.tsv: cannot create: No such file or directory\n"
      ),
      (
        "ligase parse table t.csv > /dev/full", 74,
        "ligase: error: standard output: cannot write: No space left on device\n"
      ),
      ("ligase parse table --nonsense", 64, "ligase: error: Unknown option '--nonsense' (--help explains)\n"),
      (
        "ligase parse expression t.csv -j 0", 64,
        "ligase: error: --threads must be from 1 to 1024 (got 0) (--help explains)\n"
      ),
      (
        "LIGASE_THREADS=x ligase parse expression t.csv", 64,
        "ligase: error: LIGASE_THREADS must be a number from 1 to 1024 (got 'x') (--help explains)\n"
      ),
    ] {
      let outcome = shell.run(line)
      #expect(outcome.status == status, "\(line): \(outcome)")
      #expect(outcome.error == error, "\(line)")
      #expect(outcome.output == "" || line.contains("ragged"), "\(line)")
    }
    #expect(shell.folder.names == ["bad.csv", "ragged.csv", "t.csv"])
  }

  @Test func brokenPipeEndsInSilence() {
    let outcome = shell.run("(echo a; seq 1 2000000) | ligase parse table | head -2; echo ${PIPESTATUS[1]}")
    #expect(outcome.output == "a\n1\n0\n" && outcome.error == "")
  }

  /// A limit on the size of files simulates a full disk: the error is reported, and no incomplete file stays.
  @Test func fullDiskLeavesNothing() {
    shell.folder.write((["a"] + (0..<300_000).map(String.init)).joined(separator: "\n"), to: "t.tsv")
    let outcome = shell.run("(trap '' XFSZ; ulimit -f 100; ligase parse table t.tsv -o out.tsv)")
    #expect(outcome.status == 74 && outcome.error == "ligase: error: out.tsv: cannot write: File too large\n")
    #expect(shell.folder.names == ["t.tsv"])
  }

  /// An interrupted command ends with the signal, and its temporary file is removed.
  @Test func interruptionLeavesNothing() {
    for (signal, status) in [("INT", "130"), ("TERM", "143"), ("HUP", "129")] {
      let outcome = shell.run(
        """
        set -m
        ligase parse table -o out.tsv < <(echo a; seq 1 400000; exec sleep 20) & process=$!
        for i in $(seq 200); do ls -A | grep part && break; sleep 0.1; done
        kill -\(signal) $process; wait $process; echo $?; ls -A
        """)
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.count == 2 && lines[0].hasSuffix(".part") && lines[1] == status, "\(outcome)")
    }
  }
}
