import LigaseTensors
import TestSupport
import Testing

/// A class of each step, from a long table to scores, over real pipes.
@Suite(.serialized) struct StepLabelCommandTests: CommandSuite {
  let shell = Shell()

  /// A step is of the class of the sign of the sum of its value and the one before; some classes are missing.
  init() {
    var random = SeededGenerator(seed: 6, stream: "steps")
    func table(_ range: Range<Int>) -> String {
      "id,day,x,noise,state\n"
        + range.map { i in
          var before = 0.0
          return (0..<(10 + i % 5)).map { day in
            let value = random.nextNormal(), sum = value + before
            before = value
            let state =
              random.nextUniform() < 0.1 ? "" : sum > 0.7 ? "very high" : sum < -0.7 ? "low" : "normal"
            return "s\(i),\(day),\(Float(value)),\(Float(random.nextNormal())),\(state)\n"
          }.joined()
        }.joined()
    }
    shell.folder.write(table(0..<40), to: "steps.csv")
    shell.folder.write(table(40..<50), to: "new.csv")
    shell.folder.write(
      """
      {"inputs": {"*": {"encoder": {"filters": 8, "hiddenSize": 16, "dropout": 0}}}, "ensemble": 1,
       "training": {"epochs": 30, "batchSize": 8, "learningRate": 0.01}}
      """, to: "tiny.json")
    shell.folder.write(
      """
      {"inputs": {"*": {"encoder": {"kind": "lstm", "isBidirectional": false, "hiddenSize": 8}}}, "ensemble": 1,
       "training": {"epochs": 3}}
      """, to: "causal.json")
  }

  @discardableResult
  private func run(_ line: String) -> Shell.Outcome {
    let outcome = shell.run("set -o pipefail; " + line)
    #expect(outcome.status == 0, "\(line): \(outcome.error)")
    return outcome
  }

  private static let options =
    "steps.csv --step-label state --config tiny.json --architecture lstm --seed 1"

  @Test func classesOfStepsAreLearned() throws {
    let outcome = run("ligase cv series \(Self.options) --folds 2 --scores s.tsv > oof.tsv; cat oof.tsv")
    let rows = SupervisedShell.rows(outcome.output)
    #expect(
      rows[0] == [
        "id", "fold", "day", "prediction", "probability:low", "probability:normal", "probability:very high",
      ])
    #expect(rows.count == 1 + run("tail -n +2 steps.csv").output.split(separator: "\n").count)
    #expect(outcome.error.contains("state: 3 classes of steps (low, normal, very high); "))
    let scores = run("cat s.tsv").output
    let (model, prior) = (
      try #require(SupervisedShell.score(scores, "accuracy")),
      try #require(SupervisedShell.score(scores, "accuracy", "prior"))
    )
    #expect(model > 0.7 && prior < 0.6, "\(model), \(prior)")
    #expect(!scores.contains("\tsov\t") && !scores.contains("\tq3\t"))
  }

  @Test func aPredictionForEachStep() throws {
    let info = run("ligase train series \(Self.options) -o m; ligase info m").output
    #expect(info.contains("state, a class for every step: low, normal, very high"), "\(info)")
    let predicted = run("cut -d, -f1-4 new.csv | ligase predict m -q").output
    let rows = SupervisedShell.rows(predicted)
    #expect(rows[0].prefix(3) == ["id", "day", "prediction"] && rows[2].prefix(2) == ["s40", "1"])
    let truth = run("tail -n +2 new.csv").output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows.count == truth.count + 1)
    let known = zip(rows.dropFirst(), truth).filter { !$1[4].isEmpty }
    let right = known.count { $0[0] == $1[0] && $0[1] == $1[1] && $0[2] == $1[4] }
    #expect(Double(right) > 0.7 * Double(known.count), "\(right) of \(known.count)")
    run(
      "ligase tune series \(Self.options) --epochs 1 --trials 2 --halving 1 --folds 2 -q -o t.tsv --best best.json"
    )
    run("ligase train series steps.csv --step-label state --epochs 1 --ensemble 1 -q -o chosen")
  }

  /// With one direction later steps change no prediction.
  @Test func causalNetworks() {
    run("ligase train series steps.csv --step-label state --config causal.json -q -o m")
    let (whole, start) = (
      run("grep -E '^(id|s44),' new.csv | ligase predict m -q").output,
      run("grep -E '^(id|s44),' new.csv | head -n 6 | ligase predict m -q").output
    )
    #expect(start.split(separator: "\n").count == 6 && whole.hasPrefix(start))
  }

  @Test func whatIsWrongIsRefused() {
    shell.folder.write("id,time,x,state\na,1,1,up\na,2,2,up\n", to: "one.csv")
    for (line, status, message) in [
      ("steps.csv --step-label status", 65, "steps.csv"),
      ("one.csv --step-label state", 65, "one.csv:1: found only the class 'up' in column 'state'"),
      ("steps.csv --step-label state --label x", 64, "--label cannot be combined with --step-label"),
      ("steps.csv --step-label state --forecast x", 64, "--step-label cannot be combined with --forecast"),
      ("steps.csv --step-label state --horizon 2", 64, "--horizon needs --forecast"),
    ] {
      let outcome = shell.run("ligase train series \(line) -o x")
      #expect(outcome.status == Int32(status) && outcome.error.contains(message), "\(line): \(outcome.error)")
    }
    run("ligase train series \(Self.options) --epochs 1 -q -o m")
    let outcome = shell.run("ligase predict m new.csv --format fasta")
    #expect(outcome.status == 64 && outcome.error.contains("--format does not apply"))
  }
}
