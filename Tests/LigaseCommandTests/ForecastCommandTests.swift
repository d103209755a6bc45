import LigaseTensors
import TestSupport
import Testing

/// Forecasts from a long table to their scores, over real pipes.
@Suite(.serialized) struct ForecastCommandTests: CommandSuite {
  let shell = Shell()

  /// Waves of a week with phases of their own and some holes.
  init() {
    var random = SeededGenerator(seed: 5, stream: "waves")
    func table(_ range: Range<Int>, steps: Int) -> String {
      "sensor,day,level,other\n"
        + range.map { i -> String in
          let (phase, mean) = (Double(random.next(below: 7)), random.nextNormal() * 3)
          return (0..<(steps - i % 3)).map { day in
            let value = mean + Wave.value(Double(day) + phase) + random.nextNormal() / 10
            let hole = random.nextUniform() < 0.05
            return "s\(i),\(day),\(hole ? "" : "\(Float(value))"),\(Float(random.nextNormal()))\n"
          }.joined()
        }.joined()
    }
    shell.folder.write(table(0..<40, steps: 24), to: "waves.csv")
    shell.folder.write(table(40..<50, steps: 20), to: "new.csv")
    shell.folder.write(
      """
      {"inputs": {"*": {"encoder": {"filters": 8, "hiddenSize": 16, "dropout": 0}}}, "ensemble": 1,
       "training": {"epochs": 20, "batchSize": 32, "learningRate": 0.01}}
      """, to: "tiny.json")
  }

  /// A wave of seven days.
  private enum Wave {
    private static let values = [0, 0.78, 0.97, 0.43, -0.43, -0.97, -0.78]
    static func value(_ day: Double) -> Double { values[Int(day) % 7] }
  }

  @discardableResult
  private func run(_ line: String) -> Shell.Outcome {
    let outcome = shell.run("set -o pipefail; " + line)
    #expect(outcome.status == 0, "\(line): \(outcome.error)")
    return outcome
  }

  private static let options =
    "waves.csv --forecast level --horizon 2 --config tiny.json --architecture lstm --seed 1"

  @Test func forecastsAreBetterThanTheLastValue() throws {
    let outcome = run("ligase cv series \(Self.options) --folds 2 --scores s.tsv > oof.tsv; cat oof.tsv")
    let rows = SupervisedShell.rows(outcome.output)
    #expect(rows[0] == ["sensor", "day", "fold", "prediction"])
    // Whole series are in one fold.
    var folds: [String: Set<String>] = [:]
    for row in rows.dropFirst() { folds[row[0], default: []].insert(row[2]) }
    #expect(folds.count == 40 && folds.values.allSatisfy { $0.count == 1 })
    for text in ["forecast of 'level' 2 steps ahead: ", "from 40 series", "mase model 0.", "last_value 1"] {
      #expect(outcome.error.contains(text), "\(text): \(outcome.error)")
    }
    #expect(!outcome.error.contains("nearest_series"))
    let scores = run("cat s.tsv").output
    #expect(try #require(SupervisedShell.score(scores, "mase")) < 0.5)
    #expect(try #require(SupervisedShell.score(scores, "mase", "last_value")) == 1)
    let prior = try #require(SupervisedShell.score(scores, "mase", "prior"))
    #expect(prior > 1)
  }

  @Test func aForecastForEachSeries() throws {
    let trained = run("ligase train series \(Self.options) -o m; ligase info m")
    #expect(trained.output.contains("level+2, as change from the last value, mean "))
    run("ligase predict m new.csv -q > p.tsv")
    let rows = SupervisedShell.rows(run("cat p.tsv").output)
    #expect(rows[0] == ["sensor", "day", "prediction"] && rows.count == 11)
    #expect(rows[1][0] == "s40" && rows[1][1] == "18")
    // The last steps alone are a prediction for the same time, and rows may be in any order.
    let turned = run("(head -n 1 new.csv; tail -n +2 new.csv | sort -r) | ligase predict m -q").output
    #expect(Set(SupervisedShell.rows(turned)) == Set(rows))
    run(
      "ligase train series \(Self.options) -q -j 1 -o a; ligase train series \(Self.options) -q -j 2 -o b; cmp a b"
    )
    // Validation holds out whole series.
    let held = run("ligase train series \(Self.options) --epochs 1 --validation 0.2 -o v")
    #expect(held.error.contains("held out for validation: 8 of 40 sensor"), "\(held.error)")
    run(
      "awk -F, 'NR > 1 { print $1 \"\\t\" NR % 2 }' waves.csv | sort -u -k1,1 | sed '1i sensor\\tfold' > folds.tsv"
    )
    run("ligase cv series \(Self.options) --epochs 1 --split folds.tsv -q > /dev/null")
    run(
      "ligase tune series \(Self.options) --epochs 1 --trials 2 --halving 1 --folds 2 -q -o t.tsv --best best.json"
    )
  }

  @Test func whatIsWrongIsRefused() {
    shell.folder.write("id,time,x\na,1,1\na,2,2\n", to: "short.csv")
    for (line, status, message) in [
      (
        "waves.csv --forecast levels", 65,
        "waves.csv:1: found no channel 'levels' to forecast, expected one of level, other"
      ),
      ("waves.csv --forecast level --horizon 0", 64, "--horizon must be at least 1 (got 0)"),
      ("waves.csv --horizon 2 --label other", 64, "--horizon needs --forecast"),
      ("waves.csv --forecast level --label other", 64, "--label cannot be combined with --forecast"),
      ("waves.csv --forecast level --labels x.tsv", 64, "--labels cannot be combined with --forecast"),
      (
        "waves.csv --forecast level --time day --event other", 64, "--time cannot be combined with --forecast"
      ),
      ("short.csv --forecast x", 65, "short.csv:1: found no series to forecast 'x' 1 step ahead"),
      (
        "waves.csv --forecast level --input more:series=waves.csv@sensor", 64,
        "--input more is of series, whose later steps a forecast must not read"
      ),
    ] {
      let outcome = shell.run("ligase train series \(line) -o x")
      #expect(outcome.status == Int32(status) && outcome.error.contains(message), "\(line): \(outcome.error)")
    }
  }
}
