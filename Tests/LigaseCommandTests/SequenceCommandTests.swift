import TestSupport
import Testing

@Suite struct SequenceCommandTests: CommandSuite {
  let shell = Shell()

  @Test func eachSequence() {
    shell.folder.write(">a one\nACGTN\nacg\n>b\nATGTAA\n", to: "x.fa")
    shell.folder.write("@r 1\nACG\n+\nI#5\n", to: "x.fq")
    expect("ligase seq revcomp x.fa", ">a one\ncgtNACGT\n>b\nTTACAT\n")
    expect("gzip -c x.fa | ligase seq revcomp - -j 1 --line-width 3", ">a one\ncgt\nNAC\nGT\n>b\nTTA\nCAT\n")
    expect("ligase seq revcomp < x.fq", "@r 1\nCGT\n+\n5#I\n")
    expect("ligase seq revcomp --rna x.fa | tail -1", "UUACAU\n")
    expect("ligase seq translate x.fa", ">a one\nTX\n>b\nM*\n")
    expect("ligase seq translate x.fa --frame -1 --to-stop", ">a one\nRX\n>b\nLH\n")
    expect("ligase seq translate x.fq", ">r 1\nT\n")
    expect("ligase seq rename x.fa --prefix s --keep-name", ">s1 a one\nACGTNacg\n>s2 b\nATGTAA\n")
    expect("ligase seq wrap x.fq --fasta", ">r 1\nACG\n")
    expect(
      "ligase seq shuffle x.fa --keep mononucleotides | ligase stats | cut -f3-7",
      "records\tbases\tmin\tmean\tmax\n2\t14\t6\t7\t8\n")
    expect(
      "cmp <(ligase seq shuffle x.fa --seed 3 -j 1) <(ligase seq shuffle x.fa --seed 3 -j 2) && echo same",
      "same\n")
    expect("ligase seq kmers x.fa -k 1", "kmer\tcount\nA\t5\nC\t2\nG\t3\nT\t3\n")
    expect("ligase seq kmers x.fq -k 2 --each", "name\tkmer\tcount\nr\tAC\t1\nr\tCG\t1\n")
  }

  @Test func choiceAndOrder() {
    shell.folder.write(">b\nAC\n>a\nACGT\n>c\nac\n>a\nG\n", to: "x.fa")
    shell.folder.write("c\nb\n", to: "names")
    expect("ligase seq filter x.fa --min-length 2 --max-length 3", ">b\nAC\n>c\nac\n")
    expect("ligase seq filter x.fa --names names --invert", ">a\nACGT\n>a\nG\n")
    expect("ligase seq sort x.fa | grep '>' | tr -d '\\n'", ">a>a>b>c")
    expect("ligase seq sort x.fa --by length --reverse | grep -v '>' | tr '\\n' ' '", "ACGT AC ac G ")
    expect("ligase seq unique x.fa --by name | grep -c '>'", "3\n")
    expect("ligase seq unique x.fa --ignore-case | grep '>' | tr -d '\\n'", ">b>a>a")
    expect("ligase seq sample x.fa --fraction 1 | cmp - x.fa && ligase seq sample x.fa --fraction 0", "")
    expect("ligase seq sample x.fa --count 2 --seed 5 | grep -c '>'", "2\n")
    expect("ligase seq sample x.fa --count 9 | cmp - x.fa && echo all", "all\n")
    expect(
      "seq 1 3000 | sed 's/.*/>&\\nA/' | ligase seq sample --fraction 0.5 | grep -c '>' | awk '$1 > 1350 && $1 < 1650'",
      shell.run("seq 1 3000 | sed 's/.*/>&\\nA/' | ligase seq sample --fraction 0.5 -j 1 | grep -c '>'")
        .output)
  }

  @Test func regions() {
    shell.folder.write(">a x\nACGTAC\nGTT\n>b\nGGCC\n", to: "x.fa")
    shell.folder.write("a\t1\t4\tpeak\t0\t-\nb\t0\t2\n", to: "x.bed")
    for prepare in ["true", "ligase index x.fa", "rm x.fa.fai"] {
      _ = shell.run(prepare)
      expect("ligase seq subseq x.fa --region a:5-8 --region b", ">a:5-8\nACGT\n>b\nGGCC\n")
      expect("ligase seq subseq x.fa --bed x.bed", ">peak a:2-4(-)\nACG\n>b:1-2\nGG\n")
    }
    expect("ligase index x.fa && cat x.fa.fai", "a\t9\t5\t6\t7\nb\t4\t19\t4\t5\n")
    expect(
      "ligase index x.fa", "", "ligase: error: x.fa.fai: already exists (--overwrite replaces it)\n",
      status: 73)
    expect(
      "ligase seq subseq x.fa --region c:1-2", "",
      "ligase: error: x.fa: found no sequence 'c', expected one of: a, b\n", status: 65)
    expect(
      "ligase seq subseq x.fa --region b:3-9", "",
      "ligase: error: x.fa: found region b:3-9 beyond the end of 'b', which has 4 residues\n", status: 65)
    expect(
      "ligase seq subseq x.fa --region b:0-9", "",
      "ligase: error: --region must be contig, contig:position or contig:start-end (got 'b:0-9') (--help explains)\n",
      status: 64)
    expect(
      "ligase seq window x.fa --bed x.bed --width 4", ">peak a:1-4(-)\nACGT\n",
      "ligase: warning: skipped 1 window beyond the ends of their contigs\n")
    expect("cat x.fa | ligase seq window --width 4 --step 3", ">a:1-4\nACGT\n>a:4-7\nTACG\n>b:1-4\nGGCC\n")
    expect(
      "ligase seq window x.fa --width 4 | ligase parse fasta",
      "name\tdescription\tsequence\na:1-4\t\tACGT\na:5-8\t\tACGT\nb:1-4\t\tGGCC\n")
  }

  @Test func negatives() {
    var state: UInt32 = 2
    func draw(_ count: UInt32) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int((state >> 8) % count)
    }
    // The second third contains more G and C.
    let bases = (0..<9000).map { i in
      Array("ACGT".utf8)[i / 3000 == 1 && draw(4) > 0 ? 1 + draw(2) : draw(4)]
    }
    shell.folder.write(">a\n\(String(decoding: bases, as: UTF8.self))\n>b\nNNNNNNNNNN\n", to: "g.fa")
    shell.folder.write("a\t3100\t3150\tp1\na\t3500\t3550\tp2\na\t100\t150\n", to: "p.bed")
    let found = shell.run("ligase seq negatives p.bed --reference g.fa --count 4 --seed 7")
    #expect(found.status == 0 && found.error == "")
    #expect(
      shell.run("ligase seq negatives p.bed --reference g.fa --count 4 --seed 7 -j 1").output == found.output)
    #expect(
      shell.run("ligase seq negatives p.bed --reference g.fa --count 4 --seed 8").output != found.output)
    let bed = shell.run("cat p.bed | ligase seq negatives --reference g.fa --count 4 --seed 7 --bed")
    let windows = bed.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(windows.count == 12 && Set(windows.map { $0[1] }).count == 12)
    #expect(
      windows.map { String($0[3]) }
        == ["p1", "p2", "a:101-150"].flatMap { [String](repeating: $0, count: 4) })
    func gc(_ start: Int) -> Int { bases[start..<start + 50].count { $0 == 0x43 || $0 == 0x47 } }
    for (i, window) in windows.enumerated() {
      let (start, end) = (Int(window[1])!, Int(window[2])!)
      #expect(window[0] == "a" && end == start + 50)
      #expect([3100, 3500, 100].allSatisfy { end <= $0 || start >= $0 + 50 })
      #expect(abs(gc(start) - gc([3100, 3500, 100][i / 4])) <= 1)
    }
    expect(
      "ligase seq negatives p.bed --reference g.fa --exclude <(printf 'a\\t0\\t9000\\n')", "",
      "ligase: error: a:3101-3150: found no window of 50 residues in g.fa that is free for this interval\n",
      status: 65)
  }

  @Test func outputTypes() {
    shell.folder.write(">a\nACGT\n", to: "x.fa")
    for (options, magic) in [
      ("-o y.fa.gz", "1f8b0804"), ("-o y.fa -O z", "1f8b0804"), ("-o y.gz --output-type gzip", "1f8b0800"),
      ("-o y.gz -O u", "3e610a41"),
    ] {
      expect(
        "ligase seq wrap x.fa \(options) && head -c 4 y* | od -An -tx1 | tr -d ' \\n'; ligase seq wrap < y* | cmp - x.fa; rm y*",
        magic)
    }
    expect("ligase seq wrap x.fa -O z | gzip -dc", ">a\nACGT\n")
    expect(
      "ligase seq wrap x.fa -O z -o y.fa.gz && ligase index y.fa.gz && cat y.fa.gz.fai", "a\t4\t3\t4\t5\n")
  }

  /// Records larger than a batch are written in pieces, in a separate thread.
  @Test func longSequences() {
    _ = shell.run(
      "(echo '>a one'; yes ACGTTGCANN | head -n 300001; echo acg; echo '>b'; echo AC; echo '>c'; yes GGA | head -n 400000) > l.fa"
    )
    for threads in [1, 2, 5] {
      expect(
        "ligase seq revcomp l.fa -j \(threads) | ligase seq revcomp -j \(threads) | cmp - <(ligase seq wrap l.fa)",
        "")
      expect("ligase seq revcomp l.fa -j \(threads) | head -2 | cut -c1-9", ">a one\ncgtNNTGCA\n")
      expect(
        "ligase seq wrap --line-width 0 l.fa -j \(threads) | awk '!/>/{print length($0)}' | tr '\\n' ' '",
        "3000013 2 1200000 ")
    }
    expect(
      "ligase seq revcomp l.fa > /dev/full", "",
      "ligase: error: standard output: cannot write: No space left on device\n", status: 74)
  }

  @Test func inspection() {
    shell.folder.write(">a x\nACGTNN\n>b\nGG\n", to: "good.fa")
    shell.folder.write("@a\nACGT\n+b\nII I\n", to: "bad.fq")
    expect("ligase check good.fa", "", "ligase: good.fa: fasta, 2 records, 0 errors, 0 warnings\n")
    let found = """
      bad.fq:3: error: found '+b', expected '+' alone or the header 'a' again [name-mismatch]
      bad.fq:4:3: error: found ' ', expected a character from '!' to '~' [invalid-quality]

      """
    let counts =
      "ligase: bad.fq: fastq, 1 record, 2 errors, 0 warnings (name-mismatch 1, invalid-quality 1)\n"
    expect("ligase check bad.fq", found, counts, status: 1)
    expect("ligase check -q good.fa bad.fq --limit 0", "", status: 1)
    expect("ligase check -q bad.fq --warn name-mismatch --warn invalid-quality --limit 0", "")
    expect(
      "printf '>a\\n>b\\nA\\n' | ligase check -q --strict all",
      "standard input:1: error: found no residue below the header [empty-sequence]\n", status: 1)
    expect(
      "gzip -c good.fa | head -c 30 | ligase check -q", "",
      "ligase: error: standard input: at byte 30: truncated: the gzip stream ends within a member\n",
      status: 74)
    expect(
      "ligase check absent good.fa -q", "", "ligase: error: absent: cannot open: No such file or directory\n",
      status: 66)
    expect(
      "ligase stats good.fa bad.fq",
      """
      file\tformat\trecords\tbases\tmin\tmean\tmax\tn50\tgc\tn\tq20\tq30
      good.fa\tfasta\t2\t8\t2\t4\t6\t6\t66.67\t25\t\t

      """,
      "ligase: error: bad.fq:5: found a quality string of 3 characters at the end of the file, expected 4 as in the sequence (the read begins on line 1)\n",
      status: 65)
  }

  @Test func tables() {
    shell.folder.write("@a 1:N\tx\nACGT\n+\nIII#\n", to: "x.fq")
    expect("ligase parse fastq x.fq", "name\tdescription\tsequence\tquality\na\t1:N x\tACGT\tIII#\n")
    expect(
      "printf '> chr1,+,868005; class:0\\nAC\\nGT\\n' | ligase parse fasta -",
      "name\tdescription\tsequence\nchr1,+,868005;\tclass:0\tACGT\n")
    expect(
      "(echo '>a'; yes ACGT | head -n 2000000) | ligase parse fasta | head -c 5; s=${PIPESTATUS[1]}; echo; echo $s",
      "name\t\n0\n")
  }
}

@Suite struct VariantCommandTests {
  let shell = Shell()

  @Test func sitesAndDosages() {
    let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n"
    shell.folder.write(
      "##fileformat=VCFv4.2\n" + columns + "1\t7\trs1\tA\tC,G\t5.5\tPASS\tDP=3;DB\tGT\t0|1\t2/.\n",
      to: "x.vcf")
    let sites = shell.run("ligase parse vcf x.vcf --info DP --info DB")
    #expect(
      sites.output == "contig\tposition\tid\treference\talternates\tquality\tfilter\tDP\tDB\n"
        + "1\t7\trs1\tA\tC,G\t5.5\tPASS\t3\t1\n")
    #expect(shell.run("ligase parse vcf x.vcf --info DP --info XX").status == 65)
    let samples = shell.run("gzip -c x.vcf | ligase parse vcf --dosage -")
    #expect(samples.output == "sample\t1:7:A:C\t1:7:A:G\na\t1\t0\nb\t\t\n")
    let variants = shell.run("ligase parse vcf --dosage --variants-in-rows < x.vcf")
    #expect(
      variants.output
        == "contig\tposition\tid\treference\talternate\ta\tb\n1\t7\trs1\tA\tC\t1\t\n1\t7\trs1\tA\tG\t0\t\n")
    #expect(shell.run("ligase parse vcf x.vcf --variants-in-rows").status == 64)
    #expect(
      shell.run(
        "ligase parse vcf --dosage x.vcf | ligase parse table | cmp - <(ligase parse vcf --dosage x.vcf)"
      ).status == 0)
  }
}
