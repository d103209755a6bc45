import TestSupport
import Testing

/// Typical files of users, with the commands.
@Suite struct FieldFileTests: CommandSuite {
  let shell = Shell()

  @Test func grepHeadAndRange() {
    shell.folder.write(">a one\nTTTATAAATT\n>b\nGGCC\n>ab x\naatttatagg\n>c\nACGN\n", to: "x.fa")
    func names(_ options: String, _ expected: String, status: Int32 = 0) {
      expect("ligase seq \(options) -q | grep '>' | cut -d' ' -f1 | tr -d '>\\n'", expected)
    }
    names("grep x.fa --name a --name c", "ac")
    names("grep x.fa --name A", "")
    names("grep x.fa --name A --ignore-case", "a")
    names("grep x.fa --regex '^a'", "aab")
    names("grep x.fa --regex 'one|x' --by-header", "aab")
    names("grep x.fa --name b --invert", "aabc")
    names("grep x.fa --motif TATAWA", "aab")
    names("grep x.fa --motif TATAWA --strand forward", "a")
    names("grep x.fa --motif ggnc --motif NCCN", "b")
    names("grep x.fa --motif CGN", "c")
    names("grep x.fa --motif CGA", "")
    expect("ligase seq grep x.fa --motif TATAWA --count", "2\n")
    shell.folder.write("c\nab\n", to: "list")
    names("grep x.fa --names list --motif GGCC", "babc")
    shell.folder.write(">p\nMKVLA\n>q\nMDNL\n", to: "p.fa")
    names("grep p.fa --alphabet protein --motif KXL", "p")
    names("grep p.fa --alphabet protein --motif BB", "q")
    expect(
      "ligase seq grep x.fa --motif AEZ", "",
      "ligase: error: --motif must be IUPAC letters of nucleotides, or letters with --alphabet protein (got 'AEZ') (--help explains)\n",
      status: 64)
    expect(
      "ligase seq grep x.fa --regex '('", "",
      "ligase: error: --regex must be a regular expression (got '(') (--help explains)\n",
      status: 64)
    names("head x.fa -n 2", "ab")
    names("head x.fa -n 0", "")
    expect("(cat x.fa; printf '>z\\nA\\n@') | ligase seq head -n 5 | grep -c '>'", "5\n")
    for (range, expected) in [
      ("2:3", "bab"), ("1:99", "ababc"), ("4:4", "c"), ("-2:-1", "abc"), ("-3:-2", "bab"), ("2:-2", "bab"),
      ("-9:-4", "a"),
      ("5:9", ""), ("3:-3", ""),
    ] { names("range x.fa -r \(range)", expected) }
    expect(
      "ligase seq range x.fa -r 3:2", "",
      "ligase: error: --range must be first:last, such as 1:10, 11:-1 or -10:-1 (got '3:2') (--help explains)\n",
      status: 64)
  }

  @Test func severalFiles() {
    shell.folder.write(">a\nACGT\n", to: "1.fa")
    shell.folder.write(">b\nGG\n", to: "2.fa")
    shell.folder.write("@r\nA\n+\nI\n", to: "r.fq")
    expect("ligase seq revcomp 1.fa 2.fa -j 1", ">a\nACGT\n>b\nCC\n")
    expect("cat 2.fa | ligase seq sort 1.fa - --reverse", ">b\nGG\n>a\nACGT\n")
    expect("ligase seq kmers -k 1 1.fa 2.fa", "kmer\tcount\nA\t1\nC\t1\nG\t3\nT\t1\n")
    expect("ligase seq window --width 2 1.fa 2.fa | grep -c '>'", "3\n")
    expect("ligase parse fasta 1.fa 2.fa", "name\tdescription\tsequence\na\t\tACGT\nb\t\tGG\n")
    expect(
      "ligase seq wrap 1.fa r.fq > /dev/null", "",
      "ligase: error: r.fq: found FASTQ, expected FASTA as in the first file\n",
      status: 65)
    expect(
      "ligase seq wrap - -", "",
      "ligase: error: standard input ('-') can be used for only one of the files (--help explains)\n",
      status: 64)
    shell.folder.write("c\t1\t2\tx\n", to: "1.bed")
    shell.folder.write("d\t3\t4\n", to: "2.bed")
    expect("ligase parse bed 1.bed 2.bed", "chrom\tstart\tend\tname\nc\t1\t2\tx\nd\t3\t4\t\n")
    shell.folder.write("id,x\na,1\n", to: "1.csv")
    shell.folder.write("id;x\nb;2,5\n", to: "2.csv")
    shell.folder.write("id,y\na,1\n", to: "3.csv")
    expect("ligase -q 2>/dev/null; ligase parse table -q 1.csv 2.csv", "id\tx\na\t1\nb\t2.5\n")
    expect(
      "ligase parse table 1.csv 3.csv -o t.tsv", "",
      "ligase: error: 3.csv: found the columns id, y, expected id, x as in the first file\n", status: 65)
    #expect(!shell.folder.names.contains("t.tsv"))
    shell.folder.write("TP53\t10\nMYC\t20\n", to: "liver.counts")
    shell.folder.write("TP53\t1\nMYC\t2\n", to: "lung.counts")
    expect(
      "ligase parse expression -q --no-header liver.counts lung.counts",
      "sample\tTP53\tMYC\nliver\t10\t20\nlung\t1\t2\n")
    shell.folder.write("gene\ts\nTP53\t10\n", to: "s.tsv")
    shell.folder.write("gene\tt\nMYC\t3\n", to: "t.tsv")
    expect(
      "ligase parse expression -q s.tsv t.tsv", "",
      "ligase: error: s.tsv: found no values of genes that the other files have: 1 (MYC) (accept missing values with --missing zero, mean or drop-gene)\n",
      status: 65)
    expect("ligase parse expression -q --missing zero s.tsv t.tsv", "sample\tTP53\tMYC\ns\t10\t0\nt\t0\t3\n")
  }

  /// Skipped or guessed properties are reported once.
  @Test func whatIsSkippedIsSaid() {
    shell.folder.write("# by hand\ngene;s1\nTP53;1,5\nMYC;2\n", to: "e.csv")
    expect(
      "ligase parse expression e.csv", "sample\tTP53\tMYC\ns1\t1.5\t2\n",
      "ligase: assuming genes in rows (the first column is called 'gene'); --orientation overrides this\n"
        + "ligase: e.csv: skipped 1 comment line above the header\nligase: e.csv: fields are separated by semicolons\n"
        + "ligase: e.csv: decimal commas are converted to points\n")
    expect("ligase parse expression -q e.csv --delimiter semicolon", "sample\tTP53\tMYC\ns1\t1.5\t2\n")
    shell.folder.write("\tp\tq\tr\na\t1\t2\t3\nb\t1\t2\t3\n", to: "m.tsv")
    expect(
      "ligase parse expression m.tsv > /dev/null", "",
      "ligase: warning: orientation is uncertain: assuming samples in rows (2 rows, 3 columns of values); "
        + "--orientation overrides this\n")
    shell.folder.write(">g\nACGT-ACGT..N\n", to: "g.fa")
    expect("ligase stats g.fa | cut -f4,9,10", "bases\tgc\tn\n12\t50\t11.11\n")
    for text in ["gene s1 s2\nTP53 1 2\n", "# x\n\ngene;s1;s2\nTP53;1,5;2\n", "gene\ts1\ts2\nTP53\t1\t2\n"] {
      shell.folder.write(text, to: "s")
      expect("ligase stats s | cut -f2-4", "format\tsamples\tgenes\nexpression\t2\t1\n")
    }
    expect(
      "printf 'TP53\t1\nMYC\t2\n' | ligase parse table -", "TP53\t1\nMYC\t2\n",
      "ligase: warning: standard input: the header contains numbers; use --no-header if the first line is data\n"
    )
    expect(
      "ligase seq grep g.fa -p g -p z -q | head -1; ligase seq grep g.fa -p z", ">g\n",
      "ligase: 1 of 1 name not found: z\n")
    shell.folder.write(">c\nAC\n>d\nGG\n", to: "i.fa")
    let renamed = shell.run("ligase index i.fa && sed -i s/d/e/ i.fa && ligase seq subseq i.fa --region e")
    #expect(
      renamed.status == 65 && renamed.error.contains("i.fa.fai:2: the index is not of this version"),
      "\(renamed)")
    shell.folder.write(
      "\u{FEFF}##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tC\t1,5\t.\t.\n",
      to: "m.vcf")
    expect(
      "ligase parse vcf m.vcf | cut -f2,6", "position\tquality\n5\t\n",
      "ligase: warning: m.vcf:3: found the quality '1,5', read as missing [quality]\n")
    expect(
      "printf 'BZh91AY&SY' > x.bz2; ligase stats x.bz2", "",
      "ligase: error: x.bz2: found bzip2, expected text, plain or compressed with gzip or BGZF (`bzip2 -dc x.bz2 | ligase … -` reads it)\n",
      status: 65)
    expect(
      "printf '>a\\rAC\\r' | ligase seq wrap", "",
      "ligase: error: standard input:1: found line ends of old Mac text (CR alone), expected LF or CRLF "
        + "(`tr '\\r' '\\n' < FILE | ligase … -` reads it)\n", status: 65)
    expect(
      "printf '\\357\\273\\277>a\\nAC\\n' | ligase check - ; printf '\\357\\273\\277##fileformat=VCFv4.2\\n' | ligase check -q - | head -1",
      "standard input:1: warning: found a byte-order mark, which many tools take for text [byte-order-mark]\n"
        + "standard input:1: error: found a byte-order mark, expected ##fileformat as the first bytes [byte-order-mark]\n",
      "ligase: standard input: fasta, 1 record, 0 errors, 1 warning (byte-order-mark 1)\n")
  }

  /// Missing values of a series matrix are written as empty fields. Other files need a policy.
  @Test func missingValues() {
    shell.folder.write(
      "!Series_title\t\"x\"\n!series_matrix_table_begin\n\"ID_REF\"\t\"GSM1\"\t\"GSM2\"\n\"a_at\"\t1\tnull\n\"b_at\"\t\t4\n"
        + "!series_matrix_table_end\n", to: "s.txt")
    shell.folder.write("gene\tx\ty\na_at\t1\tNaN\nb_at\t3\t4\n", to: "e.tsv")
    expect("ligase parse expression -q s.txt", "sample\ta_at\tb_at\nGSM1\t1\t\nGSM2\t\t4\n")
    expect("ligase parse expression -q s.txt --missing zero", "sample\ta_at\tb_at\nGSM1\t1\t0\nGSM2\t0\t4\n")
    for options in ["s.txt --log1p", "s.txt --sparse", "e.tsv"] {
      let outcome = shell.run("ligase parse expression \(options)")
      #expect(
        outcome.status == 65
          && outcome.error.contains("(accept missing values with --missing zero, mean or drop-gene)"),
        "\(options)")
    }
    expect("ligase parse expression -q e.tsv --missing keep", "sample\ta_at\tb_at\nx\t1\t3\ny\t\t4\n")
    #expect(shell.run("ligase parse expression e.tsv --missing keep --cpm").status == 64)
    shell.folder.write("sample\tclass\nx\tp\ny\tq\n", to: "l.tsv")
    #expect(
      shell.run("ligase train expression e.tsv --missing keep --labels l.tsv --label class -o m").status == 64
    )
  }

  /// An index of another version of the file is refused, and a contig that it lacks is reported.
  @Test func staleVariantIndexes() {
    let header =
      "##fileformat=VCFv4.2\n##contig=<ID=1>\n##contig=<ID=2>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    func record(_ contig: String, _ position: Int) -> String { "\(contig)\t\(position)\t.\tA\tC\t.\t.\t.\n" }
    let first = (1...50).map { record("1", 100 * $0) }.joined()
    func write(_ text: String) {
      shell.folder.write(header + text, to: "v.vcf")
      _ = shell.run("ligase vcf filter -q v.vcf -o v.vcf.gz --overwrite")
    }
    for index in ["", "--csi"] {
      write(first)
      _ = shell.run("rm -f v.vcf.gz.*; ligase index v.vcf.gz \(index)")
      expect("ligase vcf filter v.vcf.gz --region 1:5000 | grep -vc '#'", "1\n")
      let gap = shell.run("ligase vcf filter v.vcf.gz --region 2 | grep -vc '#'")
      #expect(
        gap.output == "0\n"
          && gap.error.contains("the index v.vcf.gz.\(index.isEmpty ? "tbi" : "csi") lacks 2"))
      // More records at the end, on another contig, at the start; and fewer records.
      for text in [
        first + record("1", 6000), first + record("2", 5), record("1", 1) + first, record("2", 1) + first,
        (1...20).map { record("1", 100 * $0) }.joined(), "",
      ] {
        write(text)
        for command in ["vcf filter", "parse vcf"] {
          let outcome = shell.run("ligase \(command) v.vcf.gz --region 1:1-100000")
          #expect(
            outcome.status == 65 && outcome.error.contains("the index is not of this version"),
            "\(text): \(outcome)")
          #expect(!outcome.error.contains(":0:"))
        }
      }
    }
  }
}
