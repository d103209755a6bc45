import TestSupport
import Testing

@Suite struct EvaluateTests {
  let shell = Shell()

  /// A response of 12 cell lines to 5 drugs, predictions of it, a split and expression; a few classes.
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

  /// Any key columns are groupings, under their own names; without known names both key columns are.
  @Test func anyKeyColumnsGroupRows() {
    let grouped = shell.run(
      "ligase evaluate p.tsv --truth truth.csv --split split.csv --fold 2 --group-by line,drug --resamples 50"
    )
    let models = ["model", "mean", "drug_mean", "line_and_drug_effects"]
    #expect(grouped.status == 0 && Set(table(grouped).dropFirst().map { $0[0] }) == Set(models))
    #expect(value(grouped, "model", "pearson_per_line") != nil)
    #expect(grouped.error.contains("pearson_per_line"))
    #expect(grouped.error.contains("no line_mean baseline: no evaluated line occurs in the training rows"))
    for (from, to) in [("truth.csv", "t2.csv"), ("p.tsv", "p2.tsv")] {
      _ = shell.run("sed '1s/line/plot/;1s/drug/seed/' \(from) > \(to)")
    }
    let found = shell.run("ligase evaluate p2.tsv --truth t2.csv --resamples 50")
    #expect(
      value(found, "model", "pearson_per_seed") != nil && value(found, "model", "pearson_per_plot") != nil)
    let wrong = shell.run("ligase evaluate p.tsv --truth truth.csv --group-by line --drug-column drug")
    #expect(wrong.status == 64 && wrong.error.contains("--group-by cannot be combined"))
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
    #expect(
      outcome.error.contains("no low_rank baseline: no evaluated row has both its drug and its cell line"))
    #expect(outcome.error.contains("overlap between train and test: 0 rows, 0 lines, 5 drugs"))
    #expect(outcome.error.contains("model"))
    #expect(shell.run(line + " --subset train").error.contains("train rows of split.csv with a prediction"))
  }

  @Test func withoutASplitBaselinesAreFittedOnTheOtherRows() {
    let outcome = shell.run("head -21 p.tsv | ligase evaluate --truth truth.csv --resamples 0")
    #expect(outcome.error.contains("baselines are fitted on 40 measured rows without a prediction"))
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
    // For the one row without a prediction, the prior is evaluated.
    #expect(value(outcome, "prior", "accuracy") == "0.5")
    #expect(outcome.error.contains("positive class of the binary metrics: yes"))
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
        "standard input 60 rows, truth.csv 60 rows: 55 measured rows joined on line, drug"))
    #expect(outcome.error.contains("5 predictions without a row in truth.csv: X3, D0; X3, D1; X3, D2"))
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
        "standard input: no row matches truth.csv by line, drug: it begins with X0, D0; X0, D1; "
          + "X0, D2, truth.csv with L0, D0; L0, D1; L0, D2"
      ),
      (
        "ligase evaluate p.tsv --truth two.csv", 65,
        "two.csv:1: cannot tell which column is the target, expected one of: value, other (name it with --target)"
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
        "standard input:62: found a second, different prediction for L1, D1; the first is on line 8"
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
        "standard input ('-') can be used for only one of the inputs (--help explains)"
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

  /// A number is evaluated as a ranking of two classes.
  @Test func aScoreAgainstTwoClasses() {
    shell.folder.write("id,prediction\na,-3.5\nb,2.25\nc,0.5\nd,0.75\n", to: "s.csv")
    let text = shell.run("ligase evaluate s.csv --truth classes.csv --resamples 0")
    #expect(text.status == 0, "\(text.error)")
    #expect(value(text, "model", "auroc") == "0.75" && value(text, "model", "accuracy") == nil)
    #expect(value(text, "prior", "auroc") == "0.5" && value(text, "prior", "auprc") == "0.5")
    #expect(text.error.contains("higher scores mean class yes"))
    _ = shell.run("sed 's/no$/0/;s/yes$/1.0/' classes.csv > binary.csv")
    let binary = shell.run("ligase evaluate s.csv --truth binary.csv --resamples 0")
    #expect(
      value(binary, "model", "auroc") == "0.75"
        && value(binary, "model", "auprc") == value(text, "model", "auprc"))
    let low = shell.run("ligase evaluate s.csv --truth classes.csv --resamples 0 --positive no")
    #expect(value(low, "model", "auroc") == "0.25")
    let numbers = shell.run("ligase evaluate s.csv --truth binary.csv --resamples 0 --task regression")
    #expect(value(numbers, "model", "rmse") != nil && value(numbers, "model", "auroc") == nil)
  }

  @Test func columnsOfTheTruthAreFoundByTheirValues() {
    shell.folder.write(
      "person,age,sex,class,site\na,41,m,no,x\nb,50,f,yes,y\nc,63,m,yes,x\nd,29,f,no,y\n", to: "wide.csv")
    let found = shell.run("ligase evaluate labels.tsv --truth wide.csv --resamples 0")
    #expect(found.status == 0 && value(found, "model", "accuracy") == "0.75", "\(found.error)")
    #expect(found.error.contains("target: column 'class' of wide.csv"))
    #expect(found.error.contains("joined id with column 'person' of wide.csv, which contains 4 ids of it"))
    _ = shell.run("cut -d, -f1-3,5 wide.csv > none.csv")
    let none = shell.run("ligase evaluate labels.tsv --truth none.csv")
    #expect(none.status == 65 && none.output == "", "\(none)")
  }

  @Test func classesThatTheTruthDoesNotHave() {
    shell.folder.write(
      "id\tprediction\tprobability:no\tprobability:yes\tprobability:maybe\na\tno\t0.8\t0.1\t0.1\nb\tyes\t0\t1\t0\n",
      to: "three.tsv")
    let refused = shell.run("ligase evaluate three.tsv --truth classes.csv")
    #expect(refused.status == 65 && refused.output == "")
    #expect(
      refused.error.contains(
        "found probabilities of maybe, expected classes of column 'class' of classes.csv: no, yes"))
    let named = shell.run("ligase evaluate three.tsv --truth classes.csv --classes maybe --resamples 0")
    #expect(named.status == 0 && value(named, "model", "accuracy") == "1", "\(named.error)")
  }

  @Test func namesWithSemicolonsAndManyClasses() {
    shell.folder.write(
      "id\tprediction\tprobability:a;b\tprobability:c\n1\ta;b\t0.9\t0.1\n2\tc\t0.2\t0.8\n3\tc\t0.4\t0.6\n",
      to: "semicolons.tsv")
    shell.folder.write("id,kind\n1,a;b\n2,c\n3,a;b\n", to: "kinds.csv")
    let names = shell.run("ligase evaluate semicolons.tsv --truth kinds.csv --resamples 0")
    #expect(value(names, "model", "recall", "a;b") == "0.5", "\(names)")
    var (truth, predictions) = ("id,species\n", "id,prediction\n")
    for i in 0..<600 {
      truth += "s\(i),k\(i % 300)\n"
      predictions += "s\(i),k\(i < 450 ? i % 300 : 0)\n"
    }
    shell.folder.write(truth, to: "many.csv")
    shell.folder.write(predictions, to: "manyp.csv")
    let many = shell.run("ligase evaluate manyp.csv --truth many.csv --resamples 10")
    #expect(
      many.status == 0 && value(many, "model", "accuracy") == "0.75",
      "\(many.error.prefix(300))")
    #expect(value(many, "model", "predicted_as:k0", "k200") == "1")
    #expect(many.error.contains("the confusion matrix of 300 classes is in the output table"))
  }

  @Test func repeatsAreJudgedOneByOne() {
    shell.folder.write(
      "id\trepeat\tfold\tprediction\tprobability:no\tprobability:yes\n"
        + "a\t0\t0\tno\t1\t0\nb\t0\t1\tyes\t0\t1\na\t1\t1\tyes\t0.4\t0.6\nb\t1\t0\tyes\t0\t1\n",
      to: "repeats.tsv")
    let outcome = shell.run("ligase evaluate repeats.tsv --truth classes.csv --resamples 0")
    #expect(outcome.status == 0, "\(outcome.error)")
    let rows = table(outcome)
    #expect(rows[0] == ["repeat", "model", "group", "metric", "value", "low", "high", "n"])
    let accuracies = rows.filter { $0[1] == "model" && $0[3] == "accuracy" }.map { [$0[0], $0[4]] }
    #expect(accuracies == [["0", "1"], ["1", "0.5"]])
  }

  /// Predictions of training rows are reported.
  @Test func anotherSplitThanTheModels() {
    shell.folder.write(
      "id\tprediction\tprobability:no\tprobability:yes\tsubset\na\tno\t1\t0\ttrain\nb\tyes\t0\t1\t\nc\tyes\t0\t1\ttest\n",
      to: "known.tsv")
    shell.folder.write("id,split\na,test\nb,test\nc,train\nd,train\ne,train\n", to: "mine.csv")
    let outcome = shell.run("ligase evaluate known.tsv --truth classes.csv --split mine.csv --resamples 0")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.error.contains(
        "warning: 1 of the 2 evaluated rows are train rows of the model that predicted them"),
      "\(outcome.error)")
    #expect(outcome.error.contains("baselines are fitted on 3 rows: the train rows of mine.csv"))
    shell.folder.write("id,split\na,train\nb,test\nc,test\nd,train\ne,train\n", to: "models.csv")
    let own = shell.run("ligase evaluate known.tsv --truth classes.csv --split models.csv --resamples 0")
    #expect(own.status == 0 && !own.error.contains("warning"))
  }

  /// Times to an event: clusters are resampled, contradictions refused, and notes are about the rows that are evaluated.
  @Test func timesToAnEvent() {
    var truth = "id,site,months,died,fold\n", predictions = "id\tprediction\tsurvival:12\tsubset\n"
    for i in 0..<60 {
      truth += "p\(i),s\(i % 5),\(6 + i * 7 % 24),\(i % 3 == 0 ? 0 : 1),\(i % 4)\n"
      if i != 4 {
        predictions += "p\(i)\t\(Double(i * 5 % 11) / 10)\t0.\(i % 9 + 1)\t\(i % 4 == 0 ? "test" : "train")\n"
      }
    }
    shell.folder.write(truth, to: "t.csv")
    shell.folder.write(predictions, to: "s.tsv")
    shell.folder.write(predictions + "p7\t9\t0.5\ttrain\n", to: "twice.tsv")
    func run(_ options: String, _ file: String = "s.tsv") -> Shell.Outcome {
      shell.run("ligase evaluate \(file) --truth t.csv --time months --event died --resamples 200 \(options)")
    }
    let (single, clusters) = (run(""), run("--resample-by site"))
    #expect(single.status == 0 && clusters.status == 0, "\(single)\(clusters)")
    #expect(value(single, "model", "concordance") == value(clusters, "model", "concordance"))
    #expect(table(single)[1][4] != table(clusters)[1][4])
    #expect(
      single.error.contains("59 rows joined on id; 1 observed time without a prediction"), "\(single.error)")
    #expect(single.error.contains("45 of the 59 evaluated rows are train rows"), "\(single.error)")
    let fold = run("--split t.csv --fold 0")
    #expect(
      fold.error.contains("14 rows joined on id; 1 observed time without a prediction\n"), "\(fold.error)")
    #expect(
      !fold.error.contains("evaluated rows are train rows") && !fold.error.contains("without an observed"))
    #expect(run("", "twice.tsv").error.contains("twice.tsv:61: found a second, different prediction for p7"))
    #expect(run("--resample-by nope").status == 65)
    for option in ["--group-by site", "--classes a,b", "--minimum-group 4", "--drug-column id"] {
      #expect(run(option).status == 64, "\(option)")
    }
  }

  /// Options that other truths do not have are refused, and outputs of one name.
  @Test func optionsWithoutEffect() {
    shell.folder.write(">a\nHHC\n", to: "l.fa")
    shell.folder.write(">a\nHHH\n", to: "g.fa")
    shell.folder.write("image\tx\ty\tdiameter_mm\na\t1\t1\t4\n", to: "lesions.tsv")
    shell.folder.write("image\tx\ty\tscore\na\t1\t1\t0.4\n", to: "found.tsv")
    for (command, words) in [
      ("evaluate g.fa --truth l.fa --split none.csv", "--split has no effect: the truth is FASTA"),
      ("evaluate g.fa --truth l.fa --positive H", "--positive has no effect"),
      ("evaluate found.tsv --truth lesions.tsv --resample-by image", "--resample-by has no effect: places"),
      ("cv table x.csv --label y -o a.tsv --scores ./a.tsv", "--output and --scores must be different files"),
      ("tune table x.csv --label y -o a.tsv --best a.tsv", "--output and --best must be different files"),
      (
        "explain m x.fa --method grad-cam --boxes a.tsv -o a.tsv",
        "--output and --boxes must be different files"
      ),
      ("explain m x.fa --method lime --steps 7", "--steps applies to integrated-gradients alone"),
    ] {
      let outcome = shell.run("ligase \(command)")
      #expect(outcome.status == 64 && outcome.error.contains(words), "\(command): \(outcome)")
    }
    #expect(shell.run("ligase evaluate g.fa --truth l.fa -q").status == 0)
    #expect(shell.run("ligase evaluate found.tsv --truth lesions.tsv -q").status == 0)
  }

  /// A terminal gets only the tables.
  @Test func aTerminalGetsTablesForPeople() {
    let outcome = shell.run(
      "script -qec 'ligase evaluate labels.tsv --truth classes.csv --resamples 0 -q' /dev/null < /dev/null")
    #expect(outcome.output.contains("precision  recall     f1  support"), "\(outcome)")
    #expect(!outcome.output.contains("\t") && !outcome.output.contains("predicted_as"))
  }
}
