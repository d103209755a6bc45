import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite(.serialized) struct TrainTests {
  private let work = DrugResponseShell()

  @Test func theSameSeedGivesTheSameBytes() {
    for (name, options) in [
      ("a", "--seed 5 --threads 1"), ("b", "--seed 5 -j 2"), ("c", "--seed 6"), ("d", "--seed 5 -j 3 -q"),
    ] {
      let outcome = work.train("\(options) -o \(name).safetensors")
      #expect(outcome.status == 0 && outcome.output == "", "\(outcome)")
    }
    let model = work.bytes("a.safetensors")!
    #expect(model.count > 1000)
    #expect(work.bytes("b.safetensors") == model && work.bytes("d.safetensors") == model)
    #expect(work.bytes("c.safetensors") != model)
    #expect(work.shell.run("gzip -k *.csv; sed -i 's/$/\\r/' drugs.csv").status == 0)
    let packed = DrugResponseShell.train.replacing("response.csv", with: "response.csv.gz")
      .replacing(
        "expression.csv", with: "<(ligase parse expression expression.csv -q --orientation samples-in-rows)")
    #expect(work.shell.run("\(packed) --seed 5 -o e.safetensors").status == 0)
    #expect(work.bytes("e.safetensors") == model)
  }

  @Test func aModelIsAFile() {
    let outcome = work.train("-o -")
    #expect(outcome.status == 64 && outcome.output == "")
    #expect(outcome.error.contains("--output, --checkpoint and --log must be files (got '-')"))
  }

  @Test func onlyTrainingLinesSayWhichGenesMatter() {
    let study = work.study
    work.folder.write(
      "line,split\n"
        + study.lines.enumerated().map { "\($1),\($0 < 5 ? "test" : $0 < 9 ? "val" : "train")\n" }.joined(),
      to: "lines.csv")
    // The last gene varies strongly, in cell lines of the test alone.
    var rows = study.expressionText.split(separator: "\n").map(String.init)
    for i in 1...5 { rows[i] += String(repeating: "9", count: i) }
    work.folder.write(rows.joined(separator: "\n") + "\n", to: "wild.csv")
    func genes(_ expression: String) -> [Substring] {
      let train = DrugResponseShell.train.replacing("expression.csv", with: expression)
      let outcome = work.shell.run(
        "\(train) -q --split lines.csv --top-variance 4 -o g.safetensors --overwrite && ligase info g.safetensors"
      )
      #expect(outcome.status == 0, "\(outcome)")
      return outcome.output.split(separator: "\n").filter { $0.hasPrefix("expression: genes\t4 ") }
    }
    #expect(genes("expression.csv").count == 1)
    #expect(genes("expression.csv") == genes("wild.csv"))
  }

  @Test func aRunSaysWhatItDoes() {
    let outcome = work.train("-o m.safetensors --epochs 3 --seed 1")
    #expect(outcome.status == 0)
    for line in [
      "ligase: joined column line with expression: 250 of 250 rows matched\n",
      "ligase: joined column drug with the drug table: 250 of 250 rows matched\n", "ligase: epoch 3/3: loss ",
      "ligase: wrote m.safetensors: validation RMSE ",
    ] { #expect(outcome.error.contains(line), "\(line)\(outcome.error)") }
    #expect(work.folder.names.filter { $0.hasPrefix("m.") } == ["m.log.tsv", "m.safetensors"])
    // Without a split, validation pairs are drawn one by one, not by whole cell lines or drugs.
    #expect(outcome.error.contains("drawn row by row") && outcome.error.contains("prediction setting: known"))
    let log = DrugResponseShell.rows(work.text("m.log.tsv"))
    #expect(
      log[0] == [
        "run", "epoch", "loss", "validation_rmse", "is_best", "learning_rate", "seconds", "pairs_per_second",
      ])
    #expect(log.dropFirst().map { Array($0[..<2]) } == [["1", "1"], ["1", "2"], ["1", "3"]])
    #expect(log.dropFirst().allSatisfy { row in row.allSatisfy { Double($0)?.isFinite == true } })
    let info = work.shell.run("ligase info m.safetensors")
    #expect(info.status == 0 && info.error == "")
    for line in [
      "task\tdrug-response\n", "target\tvalue, mean ", "train pairs\t225\n", "validation pairs\t25\n",
      "seed\t1\n",
    ] {
      #expect(info.output.contains(line), "\(line)")
    }
    #expect(work.shell.run("ligase info m.safetensors --json | head -c 1").output == "{")
    #expect(work.shell.run("ligase info m.safetensors -o info.tsv && cat info.tsv").output == info.output)
  }

  @Test func progressAsJSONIsJSON() throws {
    let outcome = work.train("-o m.safetensors --progress json")
    let all = outcome.error.split(separator: "\n")
    let notes = all.compactMap {
      try? JSONDecoder().decode([String: String].self, from: Data($0.utf8))["note"]
    }
    #expect(notes.contains { $0.hasPrefix("wrote m.safetensors") })
    let lines = all.filter { !$0.hasPrefix("{\"note\":") }
    #expect(lines.count == 2)
    for (i, line) in lines.enumerated() {
      struct Line: Decodable {
        var epoch: Int
        var loss: Double
        var validation_rmse: Double?
        var is_best: Bool
      }
      let found = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
      #expect(found.epoch == i + 1 && found.loss > 0 && found.validation_rmse != nil)
    }
    #expect(work.train("-o n.safetensors -q --progress json").error == "")
    #expect(!work.train("-o o.safetensors --progress never").error.contains("epoch 1/2"))
  }

  @Test func filesInTheWayStay() {
    work.folder.write("mine", to: "m.safetensors")
    work.folder.write("a\tb\n1\t2\n", to: "table.tsv")
    work.folder.write("half a run", to: "half.checkpoint")
    work.folder.write("file", to: "file")
    for (options, status, error) in [
      ("-o m.safetensors", 73, "m.safetensors: already exists (--overwrite replaces it)"),
      (
        "-o half.safetensors", 73,
        "half.checkpoint: is the checkpoint of an unfinished run; use --resume to continue it or --overwrite to start over"
      ),
      (
        "-o n.safetensors --checkpoint half.checkpoint", 73,
        "half.checkpoint: is the checkpoint of an unfinished run; use --resume to continue it or --overwrite to start over"
      ),
      (
        "-o n.safetensors --log table.tsv", 73,
        "table.tsv: already exists and is not a training log (--overwrite replaces it)"
      ),
      ("-o no/n.safetensors", 73, "no/n.safetensors: cannot create: No such file or directory"),
      ("-o file/n.safetensors", 73, "file/n.safetensors: cannot create: Not a directory"),
      ("-o n.safetensors --log no/n.tsv", 73, "no/n.tsv: cannot create: No such file or directory"),
      ("-o n.safetensors --checkpoint no/n", 73, "no/n: cannot create: No such file or directory"),
      ("-o . --overwrite", 73, ".: is a directory, expected a file"),
      (
        "-o n.safetensors --checkpoint n.safetensors", 64,
        "--output, --checkpoint and --log must be different files (--help explains)"
      ),
      ("-o half.safetensors --resume", 65, "half.checkpoint: not a model file: "),
    ] {
      let outcome = work.train(options)
      #expect(outcome.status == Int32(status) && outcome.output == "", "\(options): \(outcome)")
      let last = outcome.error.split(separator: "\n").last ?? ""
      #expect(last.hasPrefix("ligase: error: \(error)"), "\(options): \(outcome.error)")
    }
    #expect(work.text("m.safetensors") == "mine" && work.text("half.checkpoint") == "half a run")
    #expect(work.text("table.tsv") == "a\tb\n1\t2\n")
    #expect(work.train("-o m.safetensors --overwrite").status == 0 && work.text("m.safetensors") != "mine")
    #expect(work.train("-o half.safetensors --overwrite").status == 0 && work.bytes("half.checkpoint") == nil)
  }

  @Test func optionsComeFromAFileAndFlagsWin() throws {
    struct Options: Decodable {
      struct Training: Decodable {
        var epochs: Int
        var batchSize: Int
        var offsets: [String]
      }
      struct Encoder: Decodable { var kind: String }
      struct Input: Decodable { var encoder: Encoder }
      struct Fusion: Decodable { var size: Int }
      var setting: String
      var training: Training
      var inputs: [String: Input]
      var fusion: Fusion
    }
    func options(_ flags: String) throws -> Options {
      let outcome = work.train("-o m.safetensors --print-config \(flags)")
      #expect(outcome.status == 0, "\(outcome)")
      return try JSONDecoder().decode(Options.self, from: Data(outcome.output.utf8))
    }
    let plain = try options("")
    #expect(plain.setting == "known" && plain.training.epochs == 2 && plain.fusion.size == 4)
    let flagged = try options("--epochs 9 --drug-encoder cnn --residual drug")
    #expect(flagged.training.epochs == 9 && flagged.training.batchSize == 64)
    #expect(flagged.inputs["smiles"]?.encoder.kind == "cnn" && flagged.training.offsets == ["smiles"])
    #expect(try options("--setting new-drugs").training.offsets == ["expression"])

    // A setting in the file has its own defaults; the flag overrides it.
    work.folder.write("{\"setting\": \"new-cell-lines\", \"training\": {\"epochs\": 4}}", to: "tiny.json")
    let named = try options("")
    #expect(
      named.setting == "new-cell-lines" && named.training.offsets == ["smiles"] && named.training.epochs == 4)
    let other = try options("--setting new-drugs")
    #expect(
      other.setting == "new-drugs" && other.training.offsets == ["expression"] && other.training.epochs == 4)

    // Without either, the split determines the setting.
    work.folder.write("{}", to: "tiny.json")
    _ = work.shell.run("ligase split response.csv --group line -q -o split.tsv")
    #expect(try options("--split split.tsv").setting == "new-cell-lines")
    let printed = work.train("-o m.safetensors --print-config --split split.tsv -q")
    work.folder.write(printed.output, to: "tiny.json")
    #expect(work.train("-o m.safetensors --print-config").output == printed.output)
    #expect(!work.folder.names.contains("m.safetensors"))
  }

  @Test func wrongOptionsAreUsage() {
    for (options, status, error) in [
      ("", 64, "Missing expected argument '--output <file>'"),
      ("-o m --epochs 0", 64, "--epochs must be from 1 to 1000000 (got 0)"),
      (
        "-o m --epochs 9223372036854775807", 64,
        "--epochs must be from 1 to 1000000 (got 9223372036854775807)"
      ),
      (
        "-o m --batch-size 9223372036854775807", 64,
        "--batch-size must be from 1 to 1000000000 (got 9223372036854775807)"
      ),
      ("-o m --learning-rate nan", 64, "--learning-rate must be above 0 (got nan)"),
      ("-o m --learning-rate fast", 64, "The value 'fast' is invalid for '--learning-rate <x>'"),
      ("-o m --drug-encoder transformer", 64, "The value 'transformer' is invalid for '--drug-encoder"),
      ("-o m --patience -1", 64, "Missing value for '--patience <n>'"),
      ("-o m --seed -1", 64, "Missing value for '--seed <n>'"),
      ("-o m --split - --response -", 64, "standard input ('-') can be used for only one of the inputs"),
      ("-o m --drugs - --response -", 64, "standard input ('-') can be used for only one of the inputs"),
      ("-o m --target drug --target-kind classes", 65, "the target 'drug' is a key column"),
      ("-o m -j 0", 64, "--threads must be from 1 to 1024 (got 0)"),
      ("-o m --config absent.json", 66, "absent.json: cannot open: No such file or directory"),
      (
        "-o m --config wrong.json", 65,
        "wrong.json: found the unknown option 'training.epoch', expected one of "
      ),
      (
        "-o m --config type.json", 65,
        "type.json: the value of 'training.epochs' cannot be used: found another type"
      ),
    ] {
      work.folder.write("{\"training\": {\"epoch\": 3}}", to: "wrong.json")
      work.folder.write("{\"training\": {\"epochs\": \"three\"}}", to: "type.json")
      let outcome = work.train("-q \(options)")
      #expect(outcome.status == Int32(status) && outcome.output == "", "\(options): \(outcome)")
      #expect(outcome.error.hasPrefix("ligase: error: \(error)"), "\(options): \(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1, "\(options): \(outcome.error)")
    }
    #expect(work.folder.names.filter { $0.hasPrefix("m") } == [])
  }

  @Test func aRunThatDivergesStopsAndWritesNoModel() {
    let outcome = work.train("-o m.safetensors --learning-rate 1e30 --epochs 5 --batch-size 20")
    #expect(outcome.status == 70, "\(outcome)")
    let last = outcome.error.split(separator: "\n").last ?? ""
    #expect(last.hasPrefix("ligase: error: training diverged: ") && last.contains("step"), "\(outcome.error)")
    #expect(!work.folder.names.contains("m.safetensors"))
    // With an existing checkpoint the run only starts over on request.
    work.folder.write(
      work.text("tiny.json").replacing("\"patience\"", with: "\"warmup\": 0.9, \"patience\""), to: "tiny.json"
    )
    let later = work.train("-q -o n.safetensors --learning-rate 1e4 --epochs 10")
    #expect(
      later.status == 70 && later.error.hasPrefix("ligase: error: training diverged: epoch "), "\(later)")
    #expect(later.error.split(separator: "\n").count == 1)
    #expect(work.bytes("n.checkpoint") != nil && work.bytes("n.safetensors") == nil)
    #expect(work.shell.run("ligase info n.checkpoint").status == 65)
    #expect(work.train("-q -o n.safetensors").status == 73)
    #expect(work.train("-q -o n.safetensors --overwrite").status == 0 && work.bytes("n.checkpoint") == nil)
    #expect(!work.folder.names.contains { $0.hasSuffix(".part") })
  }

  /// A limit on the size of files simulates a full disk.
  @Test func aFullDiskLeavesNothingHalfWritten() {
    let outcome = work.shell.run(
      "(trap '' XFSZ; ulimit -f 8; \(DrugResponseShell.train) -o m.safetensors -q)")
    #expect(outcome.status == 74, "\(outcome)")
    #expect(outcome.error == "ligase: error: m.checkpoint: cannot write: File too large\n")
    #expect(!work.folder.names.contains { $0.hasSuffix(".safetensors") || $0.hasSuffix(".part") })
    #expect(!work.folder.names.contains("m.checkpoint"))
    _ = work.trained("--log /dev/null")
    let size = work.bytes("m.safetensors")!.count
    // There is space for a checkpoint, but not for a model elsewhere: the run is kept, and resumes where
    // there is space.
    let full = work.shell.run(
      "mkdir small && mount -t tmpfs -o size=\(max(size / 8192 * 4, 4))k none small 2>/dev/null || exit 77; "
        + "\(DrugResponseShell.train) -q --checkpoint c -o small/m.safetensors --log l.tsv; s=$?; "
        + "ls -A small; umount small; exit $s")
    if full.status == 77 { return print("skipped: a small file system cannot be mounted") }
    #expect(full.status == 74 && full.output == "", "\(full)")
    #expect(full.error == "ligase: error: small/m.safetensors: cannot write: No space left on device\n")
    #expect(work.train("-q --checkpoint c -o n.safetensors --resume --log l.tsv").status == 0)
    #expect(work.bytes("n.safetensors") == work.bytes("m.safetensors"))
  }

  /// The prediction setting determines how validation rows are drawn.
  @Test func validationFollowsTheSetting() {
    for (setting, line) in [
      ("new-cell-lines", "held out for validation: 3 of 30 lines, drawn with seed 0"),
      ("new-drugs", "held out for validation: 1 of 10 drugs, drawn with seed 0"),
      ("new-both", "rows with values of both"),
    ] {
      let outcome = work.train("-o m.safetensors --overwrite --setting \(setting)")
      #expect(outcome.status == 0 && outcome.error.contains(line), "\(setting): \(outcome.error)")
    }
  }

  /// A model of known drugs needs no table of them.
  @Test func knownDrugsNeedNoTable() {
    _ = work.trained()
    let with = work.shell.run("ligase predict m.safetensors --expression expression.csv --drugs drugs.csv -q")
    let without = work.shell.run("ligase predict m.safetensors --expression expression.csv")
    #expect(
      with.status == 0
        && Set(with.output.split(separator: "\n")) == Set(without.output.split(separator: "\n")))
    #expect(without.error.contains("using the 10 drugs of the training data"))
  }
}
