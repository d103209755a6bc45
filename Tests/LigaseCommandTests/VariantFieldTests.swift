import TestSupport
import Testing

/// Typical variant files: what is read, reported and refused.
@Suite struct VariantFieldTests: CommandSuite {
  let shell = Shell()

  private let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"

  private func write(_ name: String, _ header: [String], _ rows: [String], samples: [String] = []) {
    let tail = samples.isEmpty ? "" : "\tFORMAT\t" + samples.joined(separator: "\t")
    let lines = ["##fileformat=VCFv4.2", "##contig=<ID=1,length=40>"] + header + [columns + tail]
    shell.folder.write(
      (lines + rows.map { $0.split(separator: " ").joined(separator: "\t") }).joined(separator: "\n") + "\n",
      to: name)
  }

  private let genotype = "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">"

  /// Every command that reads variants refuses columns that are not in the header, with the line number.
  @Test func columnsOfSamples() {
    shell.folder.write(">1\nACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT\n", to: "r.fa")
    let good = "1 1 . A C . . . GT 0/1 0/0"
    write("short.vcf", [genotype], [good, "1 2 . C G . . . GT 0/1"], samples: ["a", "b"])
    write("long.vcf", [genotype], [good, "1 2 . C G . . . GT 0/1 0/0 1/1"], samples: ["a", "b"])
    shell.folder.write(
      String(
        decoding: TemporaryFolder.contents(of: shell.folder.file("short.vcf"))!.dropLast()
          + Array("\t\n".utf8), as: UTF8.self),
      to: "tab.vcf")
    for (name, found, expected) in [
      ("short", "1 sample", "2"), ("long", "3 samples", "2"),
      ("tab", "1 sample and a tab at the end of the line", "2 and no tab"),
    ] {
      let message = ":6: found the fields of \(found), expected \(expected) as in the header\n"
      #expect(shell.run("ligase vcf filter \(name).vcf -o \(name).gz").status == 65)
      _ = shell.run("python3 -c 'pass'; gzip -c \(name).vcf > \(name).vcf.gz")
      for command in [
        "vcf filter", "vcf filter -q --region 1:1", "vcf filter -s a", "vcf filter -i 'POS>0'", "vcf split",
        "vcf normalise -f r.fa", "vcf consensus -f r.fa", "parse vcf", "parse vcf -q --region 1:1",
        "parse vcf --dosage",
        "parse vcf --dosage --variants-in-rows", "parse vcf --dosage --region 1:1", "stats",
      ] {
        for file in ["\(name).vcf", "\(name).vcf.gz"] {
          let outcome = shell.run("ligase \(command) \(file)")
          #expect(
            outcome.status == 65 && outcome.error.hasSuffix(file + message), "\(command) \(file): \(outcome)")
        }
      }
      #expect(shell.run("ligase check -q \(name).vcf").status == 1)
      #expect(
        shell.run("ligase train genotype \(name).vcf --labels l.csv -o m.safetensors").error.contains(message)
          || shell.run(
            "printf 'sample,y\\na,1\\nb,2\\n' > l.csv; ligase train genotype \(name).vcf --labels l.csv --label y -o m.safetensors"
          )
          .error.contains(message))
    }
    // Values where FORMAT is a dot are accepted, as in earlier versions.
    write("dot.vcf", [genotype], ["1 1 . A C . . . . 1 ."], samples: ["a", "b"])
    #expect(shell.run("ligase vcf filter dot.vcf").status == 0)
    expect(
      "ligase check -q dot.vcf",
      "dot.vcf:5:10: warning: found '1' where FORMAT is '.', expected '.' [values-without-format]\n")
    shell.folder.write(
      "##fileformat=VCFv4.2\t\n##contig=<ID=1>\t\n\(columns)\n1\t1\t.\tA\tC\t.\t.\t.\n", to: "h.vcf")
    let warning =
      "ligase: warning: h.vcf:1: found a tab at the end of a header line, which was ignored [header-tab], and 1 more\n"
    expect("ligase vcf filter h.vcf | tail -1", "1\t1\t.\tA\tC\t.\t.\t.\n", warning)
    expect("ligase stats h.vcf | cut -f4 | tail -1", "1\n", warning)
    expect("ligase parse vcf h.vcf | tail -1 | cut -f1-2", "1\t1\n", warning)
    expect(
      "ligase check -q h.vcf",
      "h.vcf:1: warning: found a tab at the end of a header line, which is ignored [header-tab]\n")
  }

  @Test func fieldsOfInfo() {
    write(
      "i.vcf",
      [
        "##INFO=<ID=DP,Number=1,Type=Integer,Description=\"l\">",
        "##INFO=<ID=AF,Number=A,Type=Float,Description=\"l\">",
        "##INFO=<ID=DB,Number=0,Type=Flag,Description=\"l\">",
      ],
      [
        "1 1 . A C,G inf . DP=;AF=.,.", "1 2 . A C -inf . DP;AF=0.5",
        "1 3 . A C,G +Infinity . DP=7;DB;AF=.,0.1;X",
        "1 4 . A C nan . DP=.;X=a%3Bb", "1 5 . A C 1e400 . DPS=3", "1 6 . A C 29.5 . .",
      ])
    expect(
      "ligase parse vcf i.vcf --info DP --info AF --info DB --info X | cut -f2,6,8-",
      """
      position\tquality\tDP\tAF\tDB\tX
      1\tinf\t\t\t\t
      2\t-inf\t\t0.5\t\t
      3\tinf\t7\t.,0.1\t1\t1
      4\t\t\t\t\ta;b
      5\tinf\t\t\t\t
      6\t29.5\t\t\t\t

      """)
    for command in [
      "ligase parse vcf i.vcf --info DQ -o o.tsv", "ligase parse vcf --info DP --info DQ -o o.tsv < i.vcf",
    ] {
      let outcome = shell.run(command)
      #expect(outcome.status == 65, "\(outcome)")
      #expect(
        outcome.error.hasSuffix(
          ": found no INFO field 'DQ', neither in the header nor in a record, expected one of: AF, DB, DP\n"
        ))
    }
    #expect(!shell.folder.names.contains("o.tsv"))
    expect("ligase vcf filter i.vcf -i 'QUAL>1e10' | grep -v '^#' | cut -f2 | tr '\\n' ' '", "1 3 5 ")
  }

  @Test func dosages() {
    write(
      "r.vcf", [genotype], ["1 1 . A C,C . . . GT 0/1 2/2", "1 1 . A C . . . GT 1/1 0/5"],
      samples: ["a", "b"])
    expect(
      "ligase parse vcf --dosage r.vcf", "sample\t1:1:A:C\t1:1:A:C:2\t1:1:A:C:3\na\t1\t0\t2\nb\t0\t2\t\n",
      "ligase: warning: 2 columns have the name of an earlier one, and so a number behind it: 1:1:A:C:2, …\n"
        + "ligase: warning: r.vcf:6: found a genotype with an allele that ALT lacks, counted as missing [allele-without-alternate]\n"
    )
    #expect(
      shell.run(
        "ligase parse vcf -q --dosage r.vcf | ligase parse table - | cmp - <(ligase parse vcf -q --dosage r.vcf)"
      ).status == 0)
    write(
      "d.vcf", ["##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">"], ["1 1 . A C . . . DS 0.1 2"],
      samples: ["a", "b"])
    for options in ["--dosage", "--dosage --variants-in-rows", "--dosage --region 1:1"] {
      let outcome = shell.run("ligase parse vcf \(options) d.vcf -o o.tsv")
      #expect(outcome.status == 65, "\(outcome)")
      #expect(
        outcome.error.hasSuffix(
          "d.vcf:5: found no genotypes (GT) in FORMAT, expected them: alleles are counted in GT alone; the file has DS (dosages), of which no whole counts can be made\n"
        ), "\(outcome)")
    }
    #expect(!shell.folder.names.contains("o.tsv"))
    // train and predict count the same.
    shell.folder.write("sample,y\na,x\nb,z\n", to: "l.csv")
    #expect(
      shell.run("ligase train genotype d.vcf --labels l.csv --label y -o m.safetensors").error.contains(
        "the file has DS (dosages)"))
    let trained = shell.run(
      "ligase train genotype r.vcf --labels l.csv --label y -o m.safetensors --epochs 1")
    #expect(
      trained.status == 65
        && trained.error.hasSuffix(
          "r.vcf:5: found the site '1:1:A:C' again, which line 5 has: expected each position with its alleles once\n"
        ),
      "\(trained)")
  }

  /// Positions of symbolic alleles, with the index that `ligase index` makes and without.
  @Test func endsOfRecords() {
    write(
      "s.vcf",
      [
        "##INFO=<ID=SVLEN,Number=1,Type=Integer,Description=\"l\">",
        "##INFO=<ID=END,Number=1,Type=Integer,Description=\"l\">",
      ],
      ["1 5 del A <DEL> . . SVLEN=-20", "1 6 ins A <INS> . . SVLEN=20", "1 7 end A <DUP> . . END=3;SVLEN=18"])
    let warning = ": found END=3 before position 7, which was ignored [end-before-position]\n"
    expect(
      "ligase vcf filter s.vcf --region 1:25-30 2> e | grep -v '^#' | cut -f3 | tr '\\n' ' '; tail -1 e",
      "del end ligase: warning: s.vcf:8" + warning)
    expect(
      "ligase vcf filter s.vcf -o s.vcf.gz; ligase index s.vcf.gz", "",
      "ligase: warning: s.vcf.gz:8" + warning)
    expect(
      "ligase vcf filter s.vcf.gz --region 1:25 | grep -v '^#' | cut -f3 | tr '\\n' ' '", "del end ",
      "ligase: warning: s.vcf.gz" + warning)
    expect(
      "ligase vcf filter s.vcf.gz --region 1:26 | grep -vc '^#'", "0\n",
      "ligase: warning: s.vcf.gz" + warning, status: 1)
    shell.folder.write(">1 the first\nACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT\n", to: "r.fa")
    expect(
      "ligase vcf consensus s.vcf -f r.fa", ">1 the first\nACGTACGTACGTACGTACGT\n",
      "ligase: warning: skipped 2 variants with a symbolic allele\nligase: applied 1 variant\n",
      status: 0)
  }

  /// Contigs whose names end in digits behind a colon.
  @Test func contigsWithColons() {
    let name = "HLA-A*01:01:01:01"
    shell.folder.write(
      "##fileformat=VCFv4.2\n##contig=<ID=\(name),length=40>\n\(genotype)\n\(columns)\tFORMAT\ta\n"
        + "\(name)\t3\t.\tG\tC\t.\t.\t.\tGT\t1/1\n\(name)\t9\t.\tA\tC\t.\t.\t.\tGT\t0/1\n", to: "h.vcf")
    shell.folder.write(">\(name) allele\nACGTACGTACGT\n", to: "h.fa")
    for file in ["h.vcf", "h.vcf.gz", "h.vcf.gz"] {
      expect(
        "ligase vcf filter -q \(file) --region '\(name)' | grep -v '^#' | cut -f2 | tr '\\n' ' '", "3 9 ")
      expect("ligase parse vcf -q \(file) --region '\(name):9' | cut -f2 | tail -1", "9\n")
      expect("ligase parse vcf -q --dosage \(file) --region '\(name)' | tail -1", "a\t2\t1\n")
      expect(
        "ligase vcf consensus -q \(file) -f h.fa --region '\(name):1-5'", ">\(name) allele\nACCTACGTACGT\n")
      #expect(
        shell.run(
          "test -e h.vcf.gz.tbi || { test -e h.vcf.gz && ligase index h.vcf.gz || ligase vcf filter h.vcf -o h.vcf.gz; }"
        ).status == 0)
    }
    #expect(shell.folder.names.contains("h.vcf.gz.tbi"))
    expect(
      "ligase vcf filter h.vcf --region a:b", "",
      "ligase: error: --region: found region 'a:b', expected contig, contig:position or contig:start-end (--help explains)\n",
      status: 64)
  }
}
