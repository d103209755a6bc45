import LigaseTensors
import TestSupport
import Testing

/// Series from a long table to their scores, over real pipes.
@Suite(.serialized) struct SeriesCommandTests: CommandSuite {
  let shell = Shell()

  /// Series of 3 to 12 days whose first channel rises or falls, rows in any order and with missing values; and new ones.
  init() {
    var random = SeededGenerator(seed: 3, stream: "labs")
    func table(_ range: Range<Int>) -> [String] {
      range.flatMap { i in
        (0..<(3 + i % 10)).map { day -> String in
          let value = Double(day) * (i % 2 == 0 ? 0.5 : -0.5) + random.nextNormal() / 4
          let other = random.nextUniform() < 0.1 ? "NA" : "\(Float(random.nextNormal()))"
          let date = day < 9 ? "0\(day + 1)" : "\(day + 1)"
          return "p\(i),2024-03-\(date),\(Float(value)),\(other),ward \(i % 3)"
        }
      }
    }
    func kind(_ i: Int) -> String { i % 2 == 0 ? "rises" : "falls" }
    let header = "patient,date,crp,sodium,ward\n"
    var train = table(0..<40)
    random.shuffle(&train)
    shell.folder.write(header + train.joined(separator: "\n") + "\n", to: "labs.csv")
    shell.folder.write(header + table(40..<56).joined(separator: "\n") + "\n", to: "new.csv")
    shell.folder.write(
      "patient\toutcome\tlevel\n" + (0..<56).map { "p\($0)\t\(kind($0))\t\($0 % 2).5\n" }.joined(),
      to: "outcome.tsv")
    shell.folder.write(
      """
      {"inputs": {"*": {"encoder": {"filters": 6, "hiddenSize": 6, "dropout": 0}}}, "ensemble": 1,
       "training": {"epochs": 12, "batchSize": 8, "learningRate": 0.02}}
      """, to: "tiny.json")
  }

  @discardableResult
  private func run(_ line: String) -> Shell.Outcome {
    let outcome = shell.run("set -o pipefail; " + line)
    #expect(outcome.status == 0, "\(line): \(outcome.error)")
    return outcome
  }

  private static let train =
    "ligase train series labs.csv --labels outcome.tsv --label outcome --skip-column ward --config tiny.json --seed 1"

  @Test func fromALongTableToScores() throws {
    let trained = run("\(Self.train) -o m")
    for text in [
      "ids are in column 'patient' and dates in column 'date' (--id and --time-column override this)",
      "40 series of 3 to 12 steps, 2 channels (crp, sodium), ",
      " % of the values missing, regular spacing (1 day)",
      "outcome: 2 classes", "chosen on 3 inner folds of the training series: cross-entropy lstm ",
    ] {
      #expect(trained.error.contains(text), "\(text): \(trained.error)")
    }
    // Rows in another order, and columns too; what the model does not use is ignored.
    let predicted = run("cat new.csv | ligase predict m > p.tsv; cat p.tsv")
    #expect(predicted.error.contains("ignored 1 column that the model does not use: ward"))
    let rows = SupervisedShell.rows(predicted.output)
    #expect(
      rows[0] == ["patient", "prediction", "probability:falls", "probability:rises"] && rows.count == 17)
    run(
      "(head -n 1 new.csv; tail -n +2 new.csv | sort -r) | awk -F, -v OFS=, '{ print $3, $5, $2, $1, $4 }' > turned.csv"
    )
    let turned = SupervisedShell.rows(run("ligase predict m turned.csv -q").output)
    #expect(Set(turned) == Set(rows))
    let scores = run("ligase evaluate p.tsv --truth outcome.tsv --target outcome -q")
    #expect(try #require(SupervisedShell.score(scores.output, "accuracy")) >= 0.9)
    // The nearest series of the rows that have no prediction, the training series, stands beside it.
    run("(cat labs.csv; tail -n +2 new.csv) > all.csv")
    let beside = run("ligase evaluate p.tsv --truth outcome.tsv --target outcome --series all.csv")
    #expect(try #require(SupervisedShell.score(beside.output, "accuracy", "nearest_series")) >= 0.8)
    #expect(beside.error.contains("nearest_series: series of column 'patient', 2 channels"))
    let lacking = run("ligase evaluate p.tsv --truth outcome.tsv --target outcome --series labs.csv")
    #expect(lacking.error.contains("no nearest_series baseline: 16 evaluated rows without a series"))
    let info = run("ligase info m").output
    for text in [
      "task\tseries\n", "channels\t2 (crp, sodium)\n",
      "preparation\tz-score of the training values; last value carried forward, with masks and times since the last value\n",
      "times\tdates, mean step 1 day\n", "inner_folds_cross_entropy_cnn\t",
    ] {
      #expect(info.contains(text), "\(text): \(info)")
    }
    // Each series alone has the same prediction.
    let alone = SupervisedShell.rows(
      run("(head -n 1 new.csv; grep '^p47,' new.csv) | ligase predict m - -q").output)
    #expect(alone[1] == rows.first { $0[0] == "p47" })
  }

  @Test func theSameBytesWithAnyNumberOfThreads() {
    run("\(Self.train) -q -j 1 -o a; \(Self.train) -q -j 2 -o b; cmp a b")
    run("gzip -k labs.csv; \(Self.train.replacing("labs.csv", with: "labs.csv.gz")) -q -o c; cmp a c")
  }

  @Test func everyKindOfLabelAndArchitecture() {
    run("\(Self.train) --architecture gru -q -o gru; ligase predict gru new.csv -q > /dev/null")
    #expect(run("ligase info gru").output.contains("encoder\tgru\n"))
    run("\(Self.train.replacing("--label outcome", with: "--label level")) --target values -q -o values")
    let values = run(
      "(cat labs.csv; tail -n +2 new.csv) > all.csv; ligase predict values new.csv -q > v.tsv; head -n 1 v.tsv; "
        + "ligase evaluate v.tsv --truth outcome.tsv --target level --series all.csv -q")
    #expect(values.output.hasPrefix("patient\tprediction\n"))
    #expect(SupervisedShell.score(values.output, "rmse", "nearest_series") != nil)
    // A label in the long table itself is never a channel.
    run(
      "awk -F, -v OFS=, '{ split($1, p, \"p\"); print $0, (NR == 1 ? \"sick\" : p[2] % 2) }' labs.csv > own.csv"
    )
    let own = run(
      "ligase train series own.csv --label sick --skip-column ward --config tiny.json --architecture cnn -o own"
    )
    #expect(
      own.error.contains("not channels, as they hold labels: sick")
        && own.error.contains("2 channels (crp, sodium)"))
    run(
      "ligase predict own own.csv -q | awk -F '\\t' 'NR > 1 && $2 != substr($1, 2) % 2' | awk 'END { exit NR > 10 }'"
    )
  }

  @Test func foldsChooseForThemselves() throws {
    let line =
      "ligase cv series labs.csv --labels outcome.tsv --label outcome --skip-column ward --config tiny.json --folds 2 --scores s.tsv"
    let outcome = run("\(line) > oof.tsv; cat oof.tsv")
    #expect(SupervisedShell.rows(outcome.output).count == 41)
    #expect(outcome.error.contains(", architecture ") && outcome.error.contains("nearest_series"))
    let scores = shell.run("cat s.tsv").output
    #expect(SupervisedShell.score(scores, "accuracy", "nearest_series") != nil)
    let tuned = run(
      "ligase tune series labs.csv --labels outcome.tsv --label outcome --skip-column ward --config tiny.json --epochs 2 "
        + "--trials 2 --halving 1 --folds 2 -o trials.tsv --best best.json")
    #expect(tuned.error.contains("chosen on 3 inner folds of the training series"))
    // The best options name their architecture, so that nothing is chosen again.
    let again = run("\(Self.train.replacing("tiny.json", with: "best.json")) --epochs 1 -o tuned")
    #expect(!again.error.contains("inner folds"))
  }

  /// Files of options leave the choice to the data unless they name an architecture; what is printed can be read again.
  @Test func optionsAndTheChoice() {
    run(
      "\(Self.train) --print-config > all.json; \(Self.train.replacing("tiny.json", with: "all.json")) --print-config | cmp - all.json"
    )
    #expect(run("cat all.json").output.contains("\"candidates\" : ["))
    let kind = #"{"inputs": {"series": {"encoder": {"kind": "lstm"}}}, "training": {"epochs": 1}}"#
    shell.folder.write(kind, to: "kind.json")
    let named = run("\(Self.train.replacing("tiny.json", with: "kind.json")) -o named; ligase info named")
    #expect(named.output.contains("encoder\tlstm\n") && !named.error.contains("inner folds"))
    let candidates =
      #"{"inputs": {"series": {"encoder": {"candidates": ["gru", "rnn"], "hiddenSize": 4}}}, "training": {"epochs": 1}}"#
    shell.folder.write(candidates, to: "candidates.json")
    let chosen = run("\(Self.train.replacing("tiny.json", with: "candidates.json")) -o chosen")
    #expect(chosen.error.contains("cross-entropy gru ") && chosen.error.contains(", rnn "))
    let flag = run(
      "\(Self.train.replacing("tiny.json", with: "candidates.json")) --architecture gru -o flag")
    #expect(!flag.error.contains("inner folds"))
    let walked = run("\(Self.train) --bptt-window 4 -o walked")
    #expect(!walked.error.contains("inner folds"))
  }

  @Test func whatIsWrongIsRefused() {
    let plain = "ligase train series labs.csv --labels outcome.tsv --label outcome"
    shell.folder.write("id\toutcome\nx1\ta\nx2\tb\nx3\ta\nx4\tb\n", to: "others.tsv")
    shell.folder.write("patient\toutcome\np1\ta\np2\tb\np1\tb\n", to: "twice.tsv")
    shell.folder.write("outcome\na\nb\n", to: "only.tsv")
    shell.folder.write("", to: "empty.csv")
    shell.folder.write("patient,date,crp\na,2024-01-01,1\nb,2024-01-01,2\n", to: "short.csv")
    shell.folder.write("patient,date,crp\na,2024-01-01,1\na,7,2\n", to: "half.csv")
    run("\(Self.train) --architecture cnn -q -o m; sed 's/sodium/potassium/' new.csv > lacking.csv")
    run("awk -F, -v OFS=, 'NR > 1 { $2 = substr($2, 9) + 0 } 1' new.csv > numbers.csv")
    for (line, status, message) in [
      (plain, 65, "found 'ward"),
      (plain, 65, "in column 'ward', expected a number (--skip-column 'ward' ignores it)"),
      (
        "ligase train series labs.csv", 64,
        "no labels; give --labels FILE, --label or --step-label with a COLUMN of the long table, or --forecast CHANNEL"
      ),
      (
        Self.train.replacing("outcome.tsv", with: "others.tsv"), 65,
        "others.tsv has x1, x2, x3 in column 'id'"
      ),
      (
        Self.train.replacing("outcome.tsv", with: "twice.tsv"), 65,
        "twice.tsv:4: found another label for 'p1'"
      ),
      (
        "ligase train series labs.csv --labels only.tsv --skip-column ward", 65,
        "only.tsv:1: found one column, expected the ids of the series beside their labels"
      ),
      ("ligase train series empty.csv --labels outcome.tsv --label outcome", 65, "empty.csv"),
      (
        "ligase train series short.csv --labels outcome.tsv --label outcome", 65,
        "found one step in each of 2 series"
      ),
      ("ligase train series half.csv --labels outcome.tsv --label outcome", 65, "half.csv:3:2: found '7'"),
      (Self.train + " --architecture linear", 65, "the architecture linear reads all steps at once"),
      (
        "ligase predict m lacking.csv", 65,
        "lacking.csv: found no column for 1 of the model's 2 channels: sodium"
      ),
      (
        "ligase predict m numbers.csv", 65,
        "numbers.csv: found times that are numbers in column 'date', expected dates: the model reads the time between steps"
      ),
      ("ligase predict m new.csv --sequence crp", 64, "--sequence does not apply: m is a series model"),
      ("ligase predict m new.csv --min-genes 0.1", 64, "--min-genes does not apply: m is a series model"),
    ] {
      let outcome = shell.run(line.contains("predict") ? line : line + " -o x --overwrite")
      #expect(outcome.status == status && outcome.error.contains(message), "\(line): \(outcome)")
      let lines = outcome.error.split(separator: "\n").filter { $0.contains("error:") }
      #expect(status != 65 || lines.count <= 1, "\(outcome.error)")
    }
  }
}
