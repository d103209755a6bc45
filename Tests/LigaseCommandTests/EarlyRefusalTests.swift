import TestSupport
import Testing

/// Errors before data is read, and errors about inputs of another kind.
@Suite(.serialized) struct EarlyRefusalTests {
  private let work = SupervisedShell()

  /// Invalid options are refused before data is read.
  @Test func optionsAreCheckedBeforeData() {
    work.shell.folder.write("{\"training\": {\"epoch\": 3}}", to: "wrong.json")
    work.shell.folder.write("x", to: "taken.tsv")
    for (line, status, error) in [
      ("train sequence absent.fa --label x --epochs 0 -o b", 64, "--epochs must be"),
      ("train sequence absent.fa --label x --dropout 2 -o b", 64, "dropout"),
      (
        "train expression absent.tsv --label x --learning-rate=-1 -o b", 64, "--learning-rate must be above 0"
      ),
      ("train genotype absent.vcf --labels l --ensemble 0 -o b", 64, "ensemble"),
      ("cv sequence absent.fa --label x --validation 1.5", 64, "--validation must be from 0 to 0.9"),
      ("tune sequence absent.fa --label x --batch-size 0 -o b", 64, "--batch-size must be"),
      ("train sequence absent.fa --label x --config wrong.json -o b", 65, "unknown option 'training.epoch'"),
      ("train sequence absent.fa --label x --fold 1 -o b", 64, "--fold needs --split"),
      (
        "train sequence absent.fa --label x --architecture cnn --hidden-size 8 -o b", 64,
        "no recurrent layers"
      ),
      (
        "train sequence absent.fa --label x --alphabet protein --strands both -o b", 64,
        "no effect on proteins"
      ),
      ("train sequence absent.fa --label x -o no/such/folder/m", 73, "no/such/folder/m: cannot create"),
      ("cv sequence absent.fa --label x --scores no/such/s.tsv", 73, "no/such/s.tsv"),
      ("cv sequence absent.fa --label x -o taken.tsv", 73, "taken.tsv: already exists"),
      ("tune sequence absent.fa --label x -o t.tsv --best taken.tsv", 73, "taken.tsv: already exists"),
      ("predict absent.safetensors x.fa -o taken.tsv", 73, "taken.tsv: already exists"),
      ("evaluate absent.tsv --truth absent.tsv -o taken.tsv", 73, "taken.tsv: already exists"),
      (
        "train sequence absent.fa --label x --init absent.safetensors -o b", 66,
        "absent.safetensors: cannot open"
      ),
      ("evaluate absent.tsv --truth absent.tsv --fold 2", 64, "--fold has no effect without --split"),
      ("evaluate absent.tsv --truth absent.tsv --subset val", 64, "--subset has no effect without --split"),
      ("evaluate absent.tsv --truth absent.tsv --ridge-penalty 3", 64, "has no effect without --expression"),
      (
        "evaluate absent.tsv --truth absent.tsv --task regression --positive a", 64,
        "--positive has no effect"
      ),
      ("evaluate truth.tsv --truth truth.tsv --mask new.fa", 64, "--mask has no effect"),
      ("train drug-response --expression absent.tsv -o b", 64, "Missing expected argument '--drugs <file>'"),
      ("trian sequence", 64, "ligase has no command 'trian'; did you mean 'train'?"),
      ("train sequenc x", 64, "ligase train has no command 'sequenc'; did you mean 'sequence'?"),
      ("seq gerp x", 64, "ligase seq has no command 'gerp'; did you mean 'grep'?"),
    ] as [(String, Int32, String)] {
      let outcome = work.shell.run("ligase \(line)")
      #expect(outcome.status == status && outcome.error.contains(error), "\(line): \(outcome)")
      #expect(outcome.error.split(separator: "\n").count == 1, "\(line): \(outcome)")
    }
  }

  @Test func theConfigurationNeedsNoData() {
    for task in [
      "sequence", "residues --labels l", "expression", "genotype", "drug-response --setting new-drugs",
    ] {
      let outcome = work.shell.run("ligase train \(task) --epochs 7 --print-config -q < /dev/null")
      let isShown = outcome.status == 0 && outcome.output.contains("\"epochs\" : 7")
      #expect(isShown || task.hasPrefix("residues"), "\(task): \(outcome)")
    }
  }

  @Test func aSecondRunToTheSameOutputIsRefused() {
    let outcome = work.shell.run(
      """
      exec 9> one.checkpoint.lock && flock -n 9 && ligase train sequence train.tsv --sequence seq --label class \
        --config tiny.json -q -o one; echo $?
      """)
    #expect(
      outcome.output == "73\n" && outcome.error.contains("one.checkpoint: another run is writing this file"),
      "\(outcome)")
  }

  @Test func predictKnowsItsInput() {
    work.run("ligase train expression matrix.gct --labels classes.cls --config tiny.json -q -o kinds")
    for (line, status, error) in [
      ("predict kinds new.fa", 65, "kinds is an expression model, which reads an expression matrix"),
      ("predict kinds cohort.vcf", 65, "kinds is an expression model"),
      (
        "predict kinds matrix.gct --drugs d.tsv", 64,
        "--drugs does not apply: kinds is an expression model"
      ),
      ("predict kinds matrix.gct --format fasta", 64, "--format does not apply"),
    ] as [(String, Int32, String)] {
      let outcome = work.shell.run("ligase \(line)")
      #expect(outcome.status == status && outcome.error.contains(error), "\(line): \(outcome)")
    }
    let one = work.run("ligase predict kinds matrix.gct -q"),
      two = work.run("ligase predict kinds matrix.gct matrix.gct -q")
    let rows = one.output.split(separator: "\n")
    #expect(two.output.split(separator: "\n") == rows + rows.dropFirst())
    // Values on another scale are reported.
    let far = work.shell.run(
      "ligase parse expression matrix.gct -q | awk 'BEGIN{OFS=FS=\"\\t\"} NR>1{for(i=2;i<=NF;i++)$i=1000*(1+$i)} 1' | ligase predict kinds -"
    )
    #expect(far.status == 0 && far.error.contains("far from the training data"), "\(far.error)")
    #expect(!work.shell.run("ligase predict kinds matrix.gct").error.contains("far from"))
  }

  /// The label column is reported from the model, and -v reports more about the run.
  @Test func theLabelColumnIsNamed() {
    let outcome = work.run(
      "ligase train genotype cohort.vcf --labels panel.csv --label super --config tiny.json -v -o ancestry")
    #expect(outcome.error.contains("seed 0; batches of 16, "), "\(outcome.error)")
    #expect(work.run("ligase info ancestry").output.contains("label\tsuper\n"))
  }
}
