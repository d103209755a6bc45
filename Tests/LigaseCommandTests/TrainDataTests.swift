import TestSupport
import Testing

/// Errors of `train` about data that cannot be learned from.
@Suite struct TrainDataTests {
  private let work = DrugResponseShell()

  /// A copy of a file with its text changed.
  private func write(_ name: String, from source: String, _ change: (inout String) -> Void) {
    var text = work.text(source)
    change(&text)
    work.folder.write(text, to: name)
  }

  private func expect(_ options: String, _ status: Int32, _ error: String) {
    let outcome = work.train("-q -o m.safetensors \(options)")
    #expect(outcome.status == status && outcome.output == "", "\(options): \(outcome)")
    #expect(outcome.error == "ligase: error: \(error)\n", "\(options)")
    #expect(!work.folder.names.contains { $0.hasPrefix("m.") }, "\(options): \(work.folder.names)")
  }

  /// Drugs of which the training folds have no pair: a predictor for each drug has no answer.
  @Test func crossValidationOfNewDrugs() {
    let outcome = work.shell.run(
      DrugResponseShell.train.replacing("ligase train", with: "ligase cv")
        + " --group drug --folds 3 --seed 1 -o folds.tsv --scores scores.tsv")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.error.contains("gaussian-process has no answer for"), "\(outcome.error)")
    #expect(work.text("scores.tsv").contains("gaussian-process\t"))
  }

  /// Of a drug that was not in training the process says nothing.
  @Test func aPredictorWithoutAnAnswerLeavesItsColumnEmpty() {
    write("blend.json", from: "tiny.json") {
      $0.replace(
        "\"ensemble\": 1",
        with: "\"ensemble\": 1, \"blend\": [{\"predictor\": \"gaussian-process\", \"share\": 0.5}]")
    }
    let trained = work.shell.run(
      DrugResponseShell.train.replacing("tiny.json", with: "blend.json") + " -q -o m.safetensors")
    #expect(trained.status == 0, "\(trained)")
    write("more.csv", from: "drugs.csv") { $0 += "NEW,CCO\n" }
    let outcome = work.shell.run(
      DrugResponseShell.predict.replacing("drugs.csv", with: "more.csv")
        + " -q > p.tsv; head -1 p.tsv; grep -m 1 -w NEW p.tsv")
    let rows = outcome.output.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
    guard rows.count == 2, let place = rows[0].firstIndex(of: "part:gaussian-process") else {
      Issue.record("\(outcome)")
      return
    }
    #expect(rows[1][place] == "" && rows[1][place - 1] == rows[1][2], "\(rows)")
    let judged = work.shell.run(
      "(echo line,drug,value; grep -v subset p.tsv | cut -f 1,2,3 | tr '\\t' ,) > t.csv; ligase evaluate p.tsv --truth t.csv --resamples 0"
    )
    #expect(
      judged.status == 0 && judged.error.contains("part:gaussian-process has no number for"), "\(judged)")
  }

  @Test func missingColumns() {
    let columns = "expected one of: line, drug, value"
    expect("--target ic50", 65, "response.csv:1: found no column 'ic50', \(columns)")
    expect("--cell-column cell", 65, "response.csv:1: found no column 'cell', \(columns)")
    expect("--drug-column compound", 65, "response.csv:1: found no column 'compound', \(columns)")
    expect(
      "--smiles-column SMILES", 65,
      "drugs.csv:1: found no column 'SMILES', expected one of: drug, CanonicalSMILES")
    expect(
      "--drug-id-column id", 65, "drugs.csv:1: found no column 'id', expected one of: drug, CanonicalSMILES")
  }

  @Test func responsesThatAreNoNumbers() {
    for (text, expected) in [
      ("high", "a number"), ("inf", "a finite number"),
      ("1e999", "a finite number"),
    ] {
      write("r.csv", from: "response.csv") { $0 += "L1,D1,\(text)\n" }
      expect(
        "--response r.csv --target value", 65,
        "r.csv:252:3: found '\(text)' in column 'value', expected \(expected)")
    }
    expect("--target drug", 65, "response.csv:2:2: found 'D0' in column 'drug', expected a number")
    write("r.csv", from: "response.csv") { $0 += "L2,D1,\nL3,D1,NA\nL4,D1,NaN\nL5,D1,n/a\n" }
    let outcome = work.train("-o m.safetensors --response r.csv")
    #expect(outcome.status == 0)
    #expect(outcome.error.contains("ligase: skipped 4 rows without value\n"), "\(outcome.error)")
    write("two.csv", from: "response.csv") {
      $0.replace("line,", with: "dose,line,"); $0.replace("\nL", with: "\n1,L")
    }
    _ = work.shell.run("rm m.*")
    expect(
      "--response two.csv", 65,
      "two.csv: cannot tell which column is the target: numeric columns are dose, value (name it with --target)"
    )
  }

  @Test func namesThatRepeat() {
    write("d.csv", from: "drugs.csv") { $0 += "D3,CCO\n" }
    expect("--drugs d.csv", 65, "d.csv:12:1: found the drug 'D3' again, first on line 5; expected it once")
    let line = work.text("expression.csv").split(separator: "\n")[4]
    write("e.csv", from: "expression.csv") { $0 += line + "\n" }
    let outcome = work.train("-q -o m.safetensors --expression e.csv")
    #expect(outcome.status == 65 && outcome.error.contains("e.csv: found sample 'L3' twice"), "\(outcome)")
    write("g.csv", from: "expression.csv") { $0.replace("G0,G1,", with: "G0,G0,") }
    let genes = work.train("-q -o m.safetensors --expression g.csv")
    #expect(genes.status == 65 && genes.error.contains("found duplicated genes: G0;"), "\(genes)")
    #expect(work.train("-q -o m.safetensors --expression g.csv --duplicate-genes mean").status == 0)
  }

  @Test func brokenFiles() {
    for file in ["expression", "drugs", "response"] {
      write("ragged.csv", from: "\(file).csv") { $0 += "x\n" }
      let ragged = work.train("-q -o m.safetensors --\(file) ragged.csv")
      #expect(ragged.status == 65 && ragged.error.hasPrefix("ligase: error: ragged.csv:"), "\(ragged)")
      #expect(ragged.error.contains("found 1 field") || ragged.error.contains("found 1 "), "\(ragged)")
      work.folder.write("", to: "empty.csv")
      let empty = work.train("-q -o m.safetensors --\(file) empty.csv")
      #expect(empty.status == 65 && empty.error.contains("empty.csv"), "\(empty)")
      _ = work.shell.run("head -1 \(file).csv > header.csv; gzip -c \(file).csv | head -c 60 > cut.csv.gz")
      let header = work.train("-q -o m.safetensors --\(file) header.csv")
      #expect(header.status == 65 && header.error.contains("header.csv"), "\(header)")
      let cut = work.train("-q -o m.safetensors --\(file) cut.csv.gz")
      #expect(cut.status == 74 && cut.error.contains("cut.csv.gz: at byte 60: truncated"), "\(cut)")
      let absent = work.train("-q -o m.safetensors --\(file) absent.csv")
      #expect(absent.status == 66, "\(absent)")
      for outcome in [ragged, empty, header, cut, absent] {
        #expect(outcome.error.split(separator: "\n").count == 1 && outcome.output == "")
      }
    }
    write("bad.csv", from: "expression.csv") { $0.replace("L1,", with: "L1,x") }
    let number = work.train("-q -o m.safetensors --expression bad.csv")
    #expect(
      number.status == 65 && number.error.hasPrefix("ligase: error: bad.csv:3:2: found 'x"), "\(number)")
    #expect(number.error.contains("in column 'G0', expected a number"))
    #expect(!work.folder.names.contains { $0.hasPrefix("m.") })
  }

  @Test func structuresThatCannotBeRead() {
    write("d.csv", from: "drugs.csv") { $0.replace("D4,Clc1ccccc1", with: "D4,Clc1cc?cc1") }
    let outcome = work.train("-o m.safetensors --drugs d.csv")
    #expect(outcome.status == 0)
    #expect(
      outcome.error.contains(
        "ligase: warning: d.csv: skipped 1 of 10 drugs with unreadable SMILES: D4 (line 6: "),
      "\(outcome.error)")
    #expect(outcome.error.contains("unexpected character '?'"), "\(outcome.error)")
    #expect(
      outcome.error.contains("225 of 250 rows matched; 1 not in the drug table (D4)"), "\(outcome.error)")
  }

  @Test func joinsThatLeaveNothing() {
    write("r.csv", from: "response.csv") { $0.replace("\nL", with: "\nline") }
    let outcome = work.train("-q -o m.safetensors --response r.csv --cell-column line")
    #expect(outcome.status == 65)
    #expect(
      outcome.error.contains("found line: line0, line1, line2; expected ids such as L0, L1, L2"),
      "\(outcome.error)")
    write("d.csv", from: "drugs.csv") { $0.replace("\nD", with: "\nX") }
    let drugs = work.train("-q -o m.safetensors --drugs d.csv")
    #expect(
      drugs.status == 65 && drugs.error.contains("expected ids such as X0, X1, X2 in one of"),
      "\(drugs.error)")
  }

  @Test func partsAndTargetsThatTeachNothing() {
    _ = work.shell.run("awk -F, 'NR==1{print;next}{print $1\",\"$2\",1.5\"}' response.csv > constant.csv")
    expect("--response constant.csv", 65, "every training value of 'value' is 1.5, expected values that vary")
    _ = work.shell.run(
      "awk -F, 'NR==1{print \"line,drug,split\";next}{print $1\",\"$2\",test\"}' response.csv > s.csv")
    let empty = work.train("-q -o m.safetensors --split s.csv")
    #expect(empty.status == 65 && empty.error.contains("train"), "\(empty)")
    let fold = work.shell.run(
      "ligase split response.csv -q > folds.tsv; "
        + "\(DrugResponseShell.train) -q -o m.safetensors --split folds.tsv --fold 7"
    )
    #expect(fold.status == 65 && fold.error.contains("7"), "\(fold)")
    #expect(fold.error.split(separator: "\n").count == 1)
  }
}
