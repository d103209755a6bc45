import TestSupport
import Testing

/// Committed model files of format 3 give the committed predictions, metrics and descriptions.
/// `CONTRIBUTING.md` explains how to
/// update them.
@Suite struct GoldenModelTests {
  /// The largest difference between predictions with the same weights on another kind of processor, relative
  /// to max(1, |number|).
  private static let tolerance = 1e-5

  /// Returns the shell of a case; when writing, the model file is created if there is none. An existing one
  /// is never replaced.
  private func work(_ golden: GoldenCase) -> GoldenShell {
    let work = GoldenShell(golden.name)
    if GoldenShell.isWriting, work.bytes("golden.safetensors") == nil {
      let path = GoldenShell.path(golden.name, "model.safetensors")
      work.run(golden.train(to: "golden.safetensors", threads: 1))
      work.run("mkdir -p \"$(dirname '\(path)')\"; cp golden.safetensors '\(path)'")
    }
    return work
  }

  @Test(arguments: GoldenCase.all) func predictions(_ golden: GoldenCase) throws {
    let work = work(golden)
    let whole = work.run(golden.predict("golden.safetensors"))
    try work.expect(whole, is: "predictions.tsv", within: Self.tolerance)
    #expect(work.run(golden.predict("golden.safetensors", threads: 2)) == whole, "\(golden.name): 2 threads")
    // The first twelve examples, or all but one, each alone, and the rest together.
    let alone = min(golden.exampleCount - 1, 12)
    let pieces = (1...alone).map { $0...$0 } + [(alone + 1)...golden.exampleCount]
    let parts = work.run(
      pieces.map { piece in
        "{ \(golden.piece(piece)); } > piece; \(golden.predict("golden.safetensors", "piece")) | tail -n +2\n"
      }.joined())
    #expect(parts == whole.split(separator: "\n").dropFirst().map { "\($0)\n" }.joined(), "\(golden.name)")
  }

  /// `info` and `evaluate`, as text and as JSON.
  @Test(arguments: GoldenCase.all) func transcript(_ golden: GoldenCase) throws {
    let work = work(golden)
    if GoldenShell.isWriting {
      work.run("\(golden.predict("golden.safetensors")) > predictions.tsv")
    } else {
      work.run("cp '\(GoldenShell.path(golden.name, "predictions.tsv"))' .")
    }
    let evaluate = "ligase evaluate predictions.tsv \(golden.evaluate) --resamples 100"
    let lines = [
      "ligase info golden.safetensors", "ligase info --json golden.safetensors", evaluate,
      "\(evaluate) --json -q",
    ]
    let text = lines.map { line in "$ \(line)\n" + work.run("{ \(line); } 2>&1") + "\n" }.joined()
    try work.expect(text, is: "transcript.txt", within: Self.tolerance)
  }

  /// The files stay in format 3, to test that later versions can read it.
  @Test func theModelFilesAreOfFormat3() throws {
    for golden in GoldenCase.all {
      let bytes = try #require(
        TemporaryFolder.contents(of: GoldenShell.path(golden.name, "model.safetensors")), "\(golden.name)")
      let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = String(decoding: bytes[8..<(8 + length)], as: UTF8.self)
      #expect(header.contains(#"{\"content\":{"#) && header.contains(#"},\"format\":3,\"ligase\":\""#))
    }
  }

  @Test(arguments: ["sequence-cnn", "drug-response-lstm"]) func otherFormatsAreRefusedByName(_ name: String)
    throws
  {
    let golden = try #require(GoldenCase.all.first { $0.name == name })
    let work = GoldenShell(name)
    for (format, remedy) in [(1, "train it again"), (2, "train it again"), (9, "a newer Ligase reads it")] {
      work.run(#"LC_ALL=C sed 's/\\"format\\":3,/\\"format\\":"# + "\(format),/' golden.safetensors > other")
      for line in ["ligase info other", golden.predict("other")] {
        let outcome = work.shell.run(line)
        #expect(outcome.status == 65 && outcome.output == "", "\(line): \(outcome)")
        #expect(
          outcome.error.hasPrefix(
            "ligase: error: other: found model format \(format), written by Ligase 0.1.0, ")
            && outcome.error.contains(remedy), "\(line): \(outcome.error)")
      }
    }
  }
}
