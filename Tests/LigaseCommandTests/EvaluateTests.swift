import TestSupport
import Testing

@Suite struct EvaluateTests {
  let shell = Shell()

  /// A response of 12 lines to 5 drugs, predictions of it, a split and expression; a few classes.
  init() {
    var truth = "line,drug,value\n", predictions = "line\tdrug\tprediction\n", split = "line,site,fold\n"
    var expression = "line\tA\tB\n"
    for line in 0..<12 {
      split += "L\(line),s,\(line % 4)\n"
      expression += "L\(line)\t\(line * 5 % 7)\t\(line * line % 5)\n"
      for drug in 0..<5 {
        let value = Double(line * 5 % 7) * Double(drug) + Double((line * 3 + drug * 7) % 4) / 2
        truth += "L\(line),D\(drug),\(value)\n"
        predictions += "L\(line)\tD\(drug)\t\(value + Double((line + drug) % 3) - 1)\n"
      }
    }
    shell.folder.write(truth, to: "truth.csv")
    shell.folder.write(predictions, to: "p.tsv")
    shell.folder.write(split, to: "split.csv")
    shell.folder.write(expression, to: "e.tsv")
    shell.folder.write("id,class\na,no\nb,yes\nc,yes\nd,no\ne,yes\n", to: "classes.csv")
    shell.folder.write(
      "id\tprediction\tprobability:yes\na\tno\t0.2\nb\tyes\t0.9\nc\tno\t0.4\nd\tno\t0.4\n", to: "labels.tsv")
  }

  private func table(_ outcome: Shell.Outcome) -> [[String]] {
    outcome.output.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private func value(_ outcome: Shell.Outcome, _ model: String, _ metric: String, _ group: String = "all")
    -> String?
  {
    table(outcome).first { $0[0] == model && $0[1] == group && $0[2] == metric }?[3]
  }

  @Test func allWaysOfReadingGiveTheSameBytes() {
    let outputs = [
      "p.tsv", "< p.tsv", "- < p.tsv", "<(gzip -c p.tsv)", "p.tsv -j 1", "p.tsv --seed 0 -q",
      "<(tr '\\t' , < p.tsv)", "p.tsv -o s.tsv && cat s.tsv", "p.tsv --drug-column drug --cell-column line",
      "p.tsv --target value --keys line,drug --task regression",
    ].map { shell.run("ligase evaluate --truth truth.csv \($0)") }
    #expect(outputs.allSatisfy { $0.status == 0 })
    #expect(Set(outputs.map(\.output)).count == 1)
    let rows = table(outputs[0])
    #expect(rows[0] == ["model", "group", "metric", "value", "low", "high", "n"])
    #expect(rows[1].prefix(3) == ["model", "all", "rmse"] && rows[1][6] == "60")
    #expect(value(outputs[0], "model", "rmse") == "0.816496580927726")
    #expect(rows.allSatisfy { $0[0] == "model" })
    #expect(outputs[5].error == "")
    #expect(outputs[0].error.contains("no baselines: every measured row has a prediction"))
    #expect(shell.run("ligase evaluate --truth truth.csv p.tsv --seed 1 -q").output != outputs[0].output)
  }

  /// Any key columns are groupings, under their own names; without a name that is known both key columns are.
  @Test func anyKeyColumnsGroupRows() {
    let grouped = shell.run(
      "ligase evaluate p.tsv --truth truth.csv --split split.csv --fold 2 --group-by line,drug --resamples 50"
    )
    let models = ["model", "mean", "drug_mean", "line_and_drug_effects"]
    #expect(grouped.status == 0 && Set(table(grouped).dropFirst().map { $0[0] }) == Set(models))
    #expect(value(grouped, "model", "pearson_per_line") != nil)
    #expect(grouped.error.contains("pearson_per_line"))
    #expect(grouped.error.contains("line_mean is left out: no judged line occurs in the training rows"))
    for (from, to) in [("truth.csv", "t2.csv"), ("p.tsv", "p2.tsv")] {
      _ = shell.run("sed '1s/line/plot/;1s/drug/seed/' \(from) > \(to)")
    }
    let found = shell.run("ligase evaluate p2.tsv --truth t2.csv --resamples 50")
    #expect(
      value(found, "model", "pearson_per_seed") != nil && value(found, "model", "pearson_per_plot") != nil)
    let wrong = shell.run("ligase evaluate p.tsv --truth truth.csv --group-by line --drug-column drug")
    #expect(wrong.status == 64 && wrong.error.contains("--group-by names all groupings"))
  }

  @Test func aSplitChoosesRowsAndFitsBaselines() {
    let line = "ligase evaluate p.tsv --truth truth.csv --split split.csv --fold 2 --expression e.tsv"
    let outcome = shell.run(line)
    #expect(outcome.status == 0, "\(outcome.error)")
    var models: [String] = []
    for row in table(outcome).dropFirst() where models.last != row[0] { models.append(row[0]) }
    #expect(models == ["model", "mean", "drug_mean", "drug_and_cell_effects", "ridge_per_drug"])
    #expect(table(outcome)[1][6] == "15")
    #expect(outcome.error.contains("baselines are fitted on 45 rows: all outside fold 2"))
    #expect(outcome.error.contains("low_rank is left out: of no judged row both drug and cell line occur"))
    #expect(outcome.error.contains("shared by train and test: rows 0, line 0, drug 5"))
    #expect(outcome.error.contains("model"))
    #expect(shell.run(line + " --subset train").error.contains("judged: the"))
  }

  @Test func withoutASplitBaselinesAreFittedOnTheOtherRows() {
    let outcome = shell.run("head -21 p.tsv | ligase evaluate --truth truth.csv --resamples 0")
    #expect(outcome.error.contains("baselines are fitted on the 40 measured rows without a prediction"))
    #expect(value(outcome, "drug_mean", "rmse") != nil && value(outcome, "cell_mean", "rmse") == nil)
    #expect(table(outcome)[1][4...5] == ["", ""])
    #expect(value(outcome, "mean", "pearson") == "")
  }

  @Test func jsonHoldsTheSameFigures() {
    let outcome = shell.run("ligase evaluate p.tsv --truth truth.csv --json -q --resamples 10")
    #expect(outcome.status == 0 && outcome.error == "")
    for text in ["\"task\" : \"regression\"", "\"target\" : \"value\"", "\"value\" : 0.816496580927726"] {
      #expect(outcome.output.contains(text))
    }
  }

  /// Each spelling of a missing number is a row without a measurement.
  @Test func measurementsMayBeMissing() {
    shell.folder.write("id,y\na,1\nb,NaN\nc,None\nd,-\ne,n/a\nf,\ng,3\n", to: "m.csv")
    shell.folder.write("id,prediction\na,1\nb,1\nc,1\nd,1\ne,1\nf,1\ng,2\n", to: "pm.csv")
    let outcome = shell.run("ligase evaluate pm.csv --truth m.csv --resamples 0")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(table(outcome)[1][6] == "2" && value(outcome, "model", "mae") == "0.5")
  }

  @Test func classesAreJudgedAsClasses() {
    let outcome = shell.run("ligase evaluate labels.tsv --truth classes.csv")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(value(outcome, "model", "accuracy") == "0.75")
    #expect(value(outcome, "model", "auroc") == "0.875")
    #expect(value(outcome, "model", "recall", "yes") == "0.5")
    #expect(value(outcome, "model", "predicted_as:no", "yes") == "1")
    // The one row without a prediction is the prior.
    #expect(value(outcome, "prior", "accuracy") == "0.5")
    #expect(outcome.error.contains("figures over all rows speak of the class yes"))
    #expect(outcome.error.contains("rows: true class, columns: predicted"))
    let other = shell.run("ligase evaluate labels.tsv --truth classes.csv --positive no -q")
    #expect(value(other, "model", "auprc") == "0.8333333333333333")
  }

  @Test func numbersMayBeClasses() {
    shell.folder.write("id,y\na,0\nb,1\nc,1\n", to: "y.csv")
    shell.folder.write("id,prediction\na,0\nb,1\nc,0\n", to: "py.csv")
    let numbers = shell.run("ligase evaluate py.csv --truth y.csv -q")
    #expect(value(numbers, "model", "rmse") != nil)
    let classes = shell.run("ligase evaluate py.csv --truth y.csv -q --task classification")
    #expect(value(classes, "model", "accuracy") == "0.6666666666666666")
  }

  @Test func rowsWithoutAPartnerAreCounted() {
    let outcome = shell.run("sed 's/^L3\\t/X3\\t/' p.tsv | ligase evaluate --truth truth.csv --resamples 0")
    #expect(
      outcome.error.contains(
        "standard input 60 rows, truth.csv 60 rows: 55 measured rows joined by line, drug"))
    #expect(outcome.error.contains("5 predictions have no row in truth.csv: X3, D0; X3, D1; X3, D2"))
  }

  @Test func rowsOfAGroupAreDrawnTogether() {
    let outcome = shell.run("ligase evaluate p.tsv --truth truth.csv --resample-by line -q")
    #expect(value(outcome, "model", "rmse") == "0.816496580927726")
    #expect(outcome.output != shell.run("ligase evaluate p.tsv --truth truth.csv -q").output)
    #expect(shell.run("ligase evaluate p.tsv --truth truth.csv --resample-by x").status == 65)
  }

  @Test func numbersBeyondMeasureLeaveFiguresUndefined() {
    let outcome = shell.run("sed '4s/[^\\t]*$/1e300/' p.tsv | ligase evaluate --truth truth.csv --json -q")
    #expect(outcome.status == 0 && outcome.output.contains("\"value\" : null"), "\(outcome)")
  }

  @Test func errorsAreOneLineWithTheirCode() {
    shell.folder.write("line,drug,value,other\nL0,D0,1,2\n", to: "two.csv")
    for (line, status, error) in [
      (
        "sed 's/^L/X/' p.tsv | ligase evaluate --truth truth.csv", 65,
        "standard input: found no row in common with truth.csv by line, drug: it begins with X0, D0; X0, D1; "
          + "X0, D2, truth.csv with L0, D0; L0, D1; L0, D2"
      ),
      (
        "ligase evaluate p.tsv --truth two.csv", 65,
        "two.csv:1: cannot tell which column is predicted, expected one of: value, other (--target names it)"
      ),
      (
        "ligase evaluate p.tsv --truth truth.csv --target x", 65,
        "truth.csv:1: found no column 'x', expected one of: line, drug, value"
      ),
      (
        "ligase evaluate truth.csv --truth truth.csv", 65,
        "truth.csv:1: found no column 'prediction', expected one of: line, drug, value"
      ),
      (
        "sed '4s/[^\\t]*$/nan/' p.tsv | ligase evaluate --truth truth.csv", 65,
        "standard input:4:3: found 'nan' in column 'prediction', expected a finite number"
      ),
      (
        "sed '4s/[^,]*$/oops/' truth.csv | ligase evaluate p.tsv --truth -", 65,
        "standard input:4:3: found 'oops' in column 'value', expected a number"
      ),
      (
        "(cat p.tsv; printf 'L1\\tD1\\t77\\n') | ligase evaluate --truth truth.csv", 65,
        "standard input:62: found another prediction for L1, D1, which line 8 predicts differently"
      ),
      (
        "ligase evaluate p.tsv --truth truth.csv --split split.csv --fold 9", 65,
        "there is no fold 9; there are 0, 1, 2, 3"
      ),
      (
        "head -1 p.tsv | ligase evaluate --truth truth.csv", 65,
        "standard input:2: found no row below the header, expected data"
      ),
      (
        "ligase evaluate --truth -", 64,
        "standard input ('-') can be only one of the inputs (--help explains)"
      ),
      (
        "sed '3s/yes/NA/' labels.tsv | ligase evaluate --truth classes.csv", 65,
        "standard input:3:2: found no class in column 'prediction', expected one"
      ),
      (
        "sed '3s/0.9/1.5/' labels.tsv | ligase evaluate --truth classes.csv", 65,
        "standard input:3:3: found 1.5 in column 'probability:yes', expected a probability"
      ),
      (
        "ligase evaluate p.tsv --truth truth.csv --keys line,line", 64,
        "--keys names a column twice (--help explains)"
      ),
      (
        "ligase evaluate labels.tsv --truth classes.csv --positive maybe", 65,
        "classes.csv: found no class 'maybe', expected no, yes"
      ),
    ] {
      let outcome = shell.run(line)
      #expect(outcome.status == Int32(status) && outcome.output == "", "\(line): \(outcome)")
      #expect(outcome.error == "ligase: error: \(error)\n", "\(line): \(outcome.error)")
    }
    #expect(shell.run("ligase evaluate absent --truth truth.csv").status == 66)
    #expect(shell.run("ligase evaluate p.tsv --truth truth.csv -o /nowhere/s.tsv").status == 73)
  }
}
