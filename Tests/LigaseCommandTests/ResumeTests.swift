import Glibc
import TestSupport
import Testing

@Suite(.serialized) struct ResumeTests {
  private let work = DrugResponseShell()
  /// Many small steps, so that a signal arrives during the run.
  private let options = "--epochs 60 --batch-size 8 --seed 3 -q"

  /// Starts a run in the background, waits for a checkpoint, and sends a signal.
  private func interrupted(by signal: String, _ name: String, then line: String = "") -> Shell.Outcome {
    work.shell.run(
      """
      set -m
      \(DrugResponseShell.train) \(options) -o \(name).safetensors & process=$!
      for i in $(seq 1000); do [ -e \(name).checkpoint ] && break; sleep 0.005; done
      \(line)
      kill -\(signal) $process; wait $process; exit $?
      """)
  }

  private func whole() -> [UInt8]? {
    #expect(work.train("\(options) -o whole.safetensors").status == 0)
    return work.bytes("whole.safetensors")
  }

  @Test func aKilledRunGoesOnToTheSameBytes() {
    let expected = whole()
    #expect(interrupted(by: "KILL", "k").status == 137)
    #expect(work.bytes("k.checkpoint") != nil && work.bytes("k.safetensors") == nil)
    let refused = work.train("\(options) -o k.safetensors")
    #expect(refused.status == 73, "\(refused)")
    for _ in 0..<2 {
      // Killed again during the resumed run.
      _ = work.shell.run(
        "set -m; \(DrugResponseShell.train) \(options) -o k.safetensors --resume & sleep 0.05; "
          + "kill -KILL $!; wait $!"
      )
    }
    #expect(work.train("\(options) -o k.safetensors --resume").status == 0)
    #expect(work.bytes("k.safetensors") == expected && work.bytes("k.checkpoint") == nil)
    let log = DrugResponseShell.rows(work.text("k.log.tsv"))
    #expect(log.count == 61)
    #expect(
      log.map { Array($0[..<6]) }
        == DrugResponseShell.rows(work.text("whole.log.tsv")).map { Array($0[..<6]) })
  }

  /// The refit, on training and validation pairs, is killed and resumed like the first run.
  @Test func aKilledSecondRunGoesOn() {
    work.folder.write(work.text("tiny.json").replacing("false", with: "true"), to: "tiny.json")
    let expected = whole()
    let second = "for i in $(seq 1000); do grep -q '^2' r.log.tsv && break; sleep 0.005; done"
    #expect(interrupted(by: "KILL", "r", then: second).status == 137)
    #expect(work.train("\(options) -o r.safetensors --resume").status == 0)
    #expect(work.bytes("r.safetensors") == expected)
    let log = DrugResponseShell.rows(work.text("r.log.tsv")).map { Array($0[..<6]) }
    #expect(log == DrugResponseShell.rows(work.text("whole.log.tsv")).map { Array($0[..<6]) })
    #expect(log.contains { $0[0] == "2" })
  }

  @Test(arguments: ["TERM", "INT", "HUP"]) func aStoppedRunGoesOnToTheSameBytes(_ signal: String) {
    let expected = whole()
    let stopped = interrupted(by: signal, "s")
    #expect(stopped.status == 75, "\(stopped)")
    // The shell reports the end of the job itself.
    let said = stopped.error.split(separator: "\n").filter { $0.hasPrefix("ligase: ") }
    #expect(said.count == 1 && said.first?.hasPrefix("ligase: stopped by a signal in epoch ") == true)
    #expect(said.first?.hasSuffix("; --resume continues from s.checkpoint") == true)
    #expect(work.bytes("s.checkpoint") != nil && work.bytes("s.safetensors") == nil)
    #expect(work.train("\(options) -o s.safetensors --resume -j 1").status == 0)
    #expect(work.bytes("s.safetensors") == expected)
    #expect(!work.folder.names.contains { $0.hasSuffix(".part") || $0 == "s.checkpoint" })
    let log = DrugResponseShell.rows(work.text("s.log.tsv"))
    #expect(log.dropFirst().map { $0[1] } == (1...60).map(String.init))
  }

  @Test func aRunUnderNohupOutlivesItsTerminal() {
    let outcome = work.shell.run(
      """
      set -m
      (trap '' HUP; exec \(DrugResponseShell.train) \(options) -o h.safetensors) & process=$!
      for i in $(seq 1000); do [ -e h.checkpoint ] && break; sleep 0.005; done
      kill -HUP $process; wait $process; exit $?
      """)
    #expect(outcome.status == 0 && work.bytes("h.safetensors") != nil, "\(outcome)")
  }

  @Test func checkpointsOfOtherRunsAreRefused() {
    #expect(interrupted(by: "TERM", "o").status == 75)
    _ = work.shell.run(
      "sed '2s/[0-9]*$/9/' response.csv > other.csv; grep -v '^L3,' expression.csv > fewer.csv")
    for (change, what) in [
      ("--seed 4", "seed 3"), ("--learning-rate 0.5", "other options"),
      ("--no-zscore", "other options"),
      ("--response other.csv", "other data, or another split"),
      ("--expression fewer.csv", "other data, or another split"),
    ] {
      let outcome = work.train("\(options) -o o.safetensors --resume \(change)")
      #expect(outcome.status == 65, "\(change): \(outcome)")
      #expect(
        outcome.error.hasPrefix(
          "ligase: error: o.checkpoint: found a checkpoint of \(what), expected the run"),
        "\(change): \(outcome.error)")
    }
    let bytes = work.bytes("o.checkpoint")!
    work.folder.write(Array(bytes[..<(bytes.count / 2)]), to: "o.checkpoint")
    let truncated = work.train("\(options) -o o.safetensors --resume")
    #expect(truncated.status == 74 && truncated.error.contains("o.checkpoint: not a model file: truncated"))
    let info = work.shell.run("ligase info o.checkpoint")
    #expect(info.status == 74)
  }

  @Test func withoutACheckpointResumingBegins() {
    #expect(work.train("-q -o a.safetensors --resume").status == 0)
    #expect(work.train("-q -o b.safetensors").status == 0)
    #expect(work.bytes("a.safetensors") == work.bytes("b.safetensors"))
  }
}
