import TestSupport
import Testing

@Suite struct SplitTests {
  let shell = Shell()

  init() {
    var text = "line,drug,site,value\n"
    for line in 0..<12 {
      for drug in 0..<5 { text += "L\(line),D\(drug),s\(line % 3),\(Double(line) / 7 + Double(drug))\n" }
    }
    shell.folder.write(text, to: "r.csv")
  }

  @Test func foldsThroughPipes() {
    let lines = ["r.csv", "< r.csv", "- < r.csv", "<(gzip -c r.csv)", "r.csv -o s.tsv && cat s.tsv"]
      .map { shell.run("ligase split \($0)").output }
    #expect(Set(lines).count == 1)
    let rows = lines[0].split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    #expect(rows.count == 61 && rows[0] == ["line", "drug", "site", "fold"])
    #expect((0..<5).map { fold in rows.count { $0[3] == "\(fold)" } } == [12, 12, 12, 12, 12])
    #expect(shell.run("ligase split r.csv --seed 0").output == lines[0])
    #expect(shell.run("ligase split r.csv --seed 1").output != lines[0])
  }

  @Test func groupsStayWholeAndTheProofSaysSo() {
    let outcome = shell.run("ligase split r.csv --group line --folds 3 --keys line,drug")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("line\tdrug\tfold\nL0\tD0\t"))
    let rows = Set(
      outcome.output.split(separator: "\n").dropFirst().map { row in
        let fields = row.split(separator: "\t")
        return "\(fields[0]) \(fields[2])"
      })
    #expect(rows.count == 12)
    #expect(
      outcome.error == """
        ligase: subset  rows  line  drug
        ligase: 0         20     4     5
        ligase: 1         20     4     5
        ligase: 2         20     4     5
        ligase: overlap between 0 and 1: 0 rows, 0 lines, 5 drugs
        ligase: overlap between 0 and 2: 0 rows, 0 lines, 5 drugs
        ligase: overlap between 1 and 2: 0 rows, 0 lines, 5 drugs

        """)
    #expect(shell.run("ligase split -q r.csv --group line").error == "")
  }

  @Test func fractionsMakeParts() {
    let outcome = shell.run(
      "ligase split r.csv --fractions 0.8,0.1,0.1 | cut -f4 | sort | uniq -c | tr -s ' '")
    #expect(outcome.output == " 1 split\n 6 test\n 48 train\n 6 val\n")
    #expect(shell.run("ligase split r.csv --fractions 0.5,0.5 | grep -c val").output == "0\n")
  }

  @Test func errorsAreOneLineWithTheirCode() {
    shell.folder.write("a,b\n1,2\n", to: "numbers.csv")
    shell.folder.write("a,b\nx,2\n,3\n", to: "gap.csv")
    for (line, status, error) in [
      ("r.csv --group x", 65, "r.csv:1: found no column 'x', expected one of: line, drug, site, value"),
      (
        "r.csv --group line --folds 20", 65,
        "cannot assign 12 values of 'line' to 20 subsets: there must be at least one for each"
      ),
      (
        "numbers.csv", 65,
        "numbers.csv:1: all columns are numeric; name the key columns with --keys, some of: a, b"
      ),
      ("gap.csv --group a", 65, "gap.csv:3:1: found no id in column 'a', expected one"),
      ("absent.csv", 66, "absent.csv: cannot open: No such file or directory"),
      ("r.csv --folds 1", 64, "--folds must be from 2 to 1000 (got 1) (--help explains)"),
      ("r.csv --keys line,line", 64, "--keys names a column twice (--help explains)"),
      (
        "r.csv --folds 3 --fractions 0.5,0.5", 64,
        "--folds and --fractions cannot be combined (--help explains)"
      ),
      (
        "r.csv --fractions 0.5,0.4", 64,
        "--fractions must be numbers from 0 to 1 that sum to 1 (--help explains)"
      ),
      ("r.csv --fractions a,b", 64, "The value 'a,b' is invalid for '--fractions <a,b,c>' (--help explains)"),
      ("r.csv --by group:line", 64, "--by is now called --group COLUMN"),
    ] {
      let outcome = shell.run("ligase split \(line)")
      #expect(outcome.status == Int32(status) && outcome.output == "", "\(line): \(outcome)")
      #expect(outcome.error == "ligase: error: \(error)\n", "\(line)")
    }
  }
}
