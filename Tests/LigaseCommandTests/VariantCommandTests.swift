import TestSupport
import Testing

@Suite struct VariantPipeTests: CommandSuite {
  let shell = Shell()

  init() {
    let header =
      "##fileformat=VCFv4.2\n##contig=<ID=1,length=30>\n##INFO=<ID=DP,Number=1,Type=Integer,Description=\"\">\n"
      + "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"\">\n"
    let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n"
    shell.folder.write(
      header + columns
        + "1\t5\trs1\tA\tC,G\t9.50\tPASS\tDP=3\tGT\t0|1\t2|0\n1\t9\t.\tTT\tT\t.\tq\tDP=7\tGT\t1|1\t.\n"
        + "1\t20\t.\tC\tA\t50\tPASS\tDP=1.5\tGT\t0\t1\n", to: "x.vcf")
    shell.folder.write(">chr1\nGGGGATTTTTGGGGGGGGGCAAAAAAAAAA\n", to: "r.fa")
  }

  @Test func choice() {
    expect("ligase vcf filter x.vcf | cmp - x.vcf && echo same", "same\n")
    expect(
      "ligase vcf filter x.vcf -i 'QUAL>5' | ligase vcf filter -e 'INFO/DP=3' - | grep -v '^#' | cut -f2",
      "20\n")
    expect(
      "ligase vcf filter x.vcf -s ^a | tail -3 | cut -f8,10-",
      "DP=3;AC=0,1;AN=2\t2|0\nDP=7;AC=0;AN=0\t.\nDP=1.5;AC=1;AN=1\t1\n")
    expect(
      "echo b | ligase vcf filter x.vcf -S /dev/stdin --keep-counts | tail -1 | cut -f8-", "DP=1.5\tGT\t1\n")
    expect("ligase vcf view x.vcf -i '-POS < -9' -O v | tail -1 | cut -f2", "20\n")
    expect(
      "ligase vcf filter x.vcf -i 'DP >'", "",
      "ligase: error: found the end, expected a field, a number or a string in the expression 'DP >' (--help explains)\n",
      status: 64)
    expect(
      "ligase vcf filter x.vcf -s z", "",
      "ligase: error: x.vcf: found no sample 'z', expected some of: a, b\n",
      status: 65)
    #expect(shell.run("ligase vcf filter x.vcf -i 'QUAL>1' -e 'QUAL>1'").status == 64)
  }

  @Test func regions() {
    expect(
      "ligase vcf filter x.vcf -o x.vcf.gz && ligase index x.vcf.gz && ls x.vcf.gz*",
      "x.vcf.gz\nx.vcf.gz.tbi\n")
    expect("ligase index --csi x.vcf.gz && rm x.vcf.gz.tbi && ls x.vcf.gz*", "x.vcf.gz\nx.vcf.gz.csi\n")
    for name in ["x.vcf.gz", "x.vcf"] {
      expect("ligase vcf filter -q \(name) --region 1:10-20 | grep -v '^#' | cut -f2", "9\n20\n")
      expect(
        "printf '1\\t9\\t10\\n' > b.bed; ligase parse vcf -q \(name) --regions-file b.bed | cut -f2",
        "position\n9\n")
      expect("ligase parse vcf -q --dosage \(name) --region 1:20", "sample\t1:20:C:A\na\t0\nb\t1\n")
    }
    expect(
      "cat x.vcf.gz | ligase vcf filter --region 2 | grep -vc '^#'", "0\n",
      "ligase: reading all of standard input, which has no index\n"
        + "ligase: warning: 1 region on contigs that standard input lacks: 2 (1)\n", status: 1)
    expect(
      "ligase vcf filter x.vcf.gz --region chr1:20 | grep -vc '^#'", "0\n",
      "ligase: warning: 1 region on contigs that x.vcf.gz lacks: chr1 (1); 1 of them in x.vcf.gz under another name: --chromosome-aliases auto\n",
      status: 1)
    expect("ligase vcf filter x.vcf.gz --region chr1:20 --chromosome-aliases auto | grep -vc '^#'", "1\n")
    expect(
      "ligase index x.vcf", "",
      "ligase: error: x.vcf: only BGZF files can be indexed, and this file is not BGZF (`ligase vcf filter FILE -o NEW.vcf.gz` converts to BGZF)\n",
      status: 65)
    expect(
      "ligase index x.vcf.gz --csi", "",
      "ligase: error: x.vcf.gz.csi: already exists (--overwrite replaces it)\n", status: 73)
  }

  @Test func alleles() {
    expect(
      "ligase vcf split x.vcf | ligase parse vcf --dosage -",
      "sample\t1:5:A:C\t1:5:A:G\t1:9:TT:T\t1:20:C:A\na\t1\t0\t2\t0\nb\t0\t1\t\t1\n")
    expect(
      "ligase vcf normalise x.vcf -f r.fa --chromosome-aliases auto --split | grep -v '^#' | cut -f2-5,10",
      "5\trs1\tA\tC\t0|1\n5\trs1\tA\tG\t0|0\n5\t.\tAT\tA\t1|1\n20\t.\tC\tA\t0\n")
    expect(
      "ligase vcf normalize x.vcf -f r.fa | tail -0", "",
      "ligase: error: x.vcf:6: found 1 record on contigs that r.fa lacks: 1 (1); 1 of them in r.fa under another name: --chromosome-aliases auto (--ref-mismatch warn or exclude continues)\n"
    )
    expect(
      "sed 's/\\tTT\\tT/\\tTG\\tT/' x.vcf | ligase vcf normalise -f r.fa --chromosome-aliases auto --ref-mismatch exclude | grep -vc '^#'",
      "2\n", "ligase: warning: skipped 1 record whose REF differs from r.fa\n")
  }

  @Test func consensus() {
    let aliases = "--chromosome-aliases auto"
    expect(
      "ligase vcf split x.vcf | ligase vcf consensus -f r.fa -s a -H 2 \(aliases) -q | ligase parse fasta",
      "name\tdescription\tsequence\nchr1\t\tGGGGCTTTTGGGGGGGGGCAAAAAAAAAA\n")
    expect(
      "ligase vcf consensus x.vcf -f r.fa -s b --iupac \(aliases) --line-width 10",
      ">chr1\nGGGGRTTTTT\nGGGGGGGGGA\nAAAAAAAAAA\n", "ligase: applied 2 variants\n")
    #expect(shell.run("ligase vcf consensus x.vcf -f r.fa -s a").status == 64)
    expect("ligase seq subseq r.fa --region 1:5-6 \(aliases)", ">1:5-6\nAT\n")
    expect(
      "ligase seq subseq r.fa --region 1:5-6", "",
      "ligase: error: r.fa: found no sequence '1', expected one of: chr1 (--chromosome-aliases auto matches 'chr1')\n",
      status: 65)
    expect("printf '1\\t4\\t6\\n' | ligase seq window r.fa --bed - --width 2 \(aliases)", ">1:5-6\nAT\n")
  }

  @Test func brokenPipesAndTruncation() {
    expect(
      "(cat x.vcf; yes \"$(tail -1 x.vcf)\" | head -200000) | ligase vcf filter - | head -1; echo ${PIPESTATUS[1]}",
      "##fileformat=VCFv4.2\n0\n")
    expect(
      "ligase vcf filter x.vcf -O z | head -c 60 | ligase vcf filter -q - > out", "",
      "ligase: error: standard input: at byte 60: truncated: the gzip stream ends within a member\n",
      status: 74)
  }
}
