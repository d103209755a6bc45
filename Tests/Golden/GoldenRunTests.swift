import TestSupport
import Testing

/// The other commands on data and models: cross-validation, search, scores of variants, mutations.
@Suite struct GoldenRunTests {
  /// Command lines that end in text on standard output.
  struct Run: Sendable, CustomTestStringConvertible {
    /// The file under `Fixtures/golden/runs`, without `.txt`.
    let name: String
    /// The command lines; `THREADS` stands for a number of threads.
    let lines: String
    /// The largest difference of numbers on another kind of processor: larger where models are trained.
    let tolerance: Double

    var testDescription: String { name }
  }

  private static let runs: [Run] = {
    func model(_ name: String) -> String { "'\(GoldenShell.path(name, "model.safetensors"))'" }
    let crossValidations = [
      ("sequence", "sequence.tsv --sequence seq --id id --label class --architecture cnn --repeats 2"),
      ("residues", "proteins.fa --labels structure.fa --mask resolved.fa --architecture mlp"),
      (
        "expression",
        "expression.tsv --orientation samples-in-rows --labels expression-labels.tsv --label class"
      ),
      ("genotype", "cohort.vcf --labels panel.tsv --label population"),
    ].map { task, data in
      Run(
        name: "cv-\(task)",
        lines:
          "ligase cv \(task) \(data) --config \(task == "residues" ? "sequence" : task).json --folds 3 --seed 3 -q -j THREADS "
          + "--scores scores.tsv; cat scores.tsv", tolerance: 1e-3)
    }
    return crossValidations + [
      Run(
        name: "tune-expression",
        lines:
          "ligase tune expression expression.tsv --orientation samples-in-rows --labels expression-labels.tsv "
          + "--label dose --config expression.json --trials 4 --seed 3 -q -j THREADS -o trials.tsv --best best.json; "
          + "cut -f 1-5,7- trials.tsv; cat best.json", tolerance: 1e-3),
      Run(
        name: "score-variants",
        lines:
          "ligase score-variants \(model("sequence-both-strands")) --reference genome.fa variants.vcf -q "
          + "-j THREADS", tolerance: 1e-5),
      Run(
        name: "mutate",
        lines:
          "head -n 2 sequence-new.fa > one.fa; ligase mutate \(model("sequence-cnn")) one.fa --all -j THREADS; "
          + "ligase mutate \(model("sequence-lstm")) one.fa --matrix -j THREADS", tolerance: 1e-5),
    ]
  }()

  @Test(arguments: runs) func output(_ run: Run) throws {
    let outputs = [1, 2].map { threads in
      GoldenShell("runs").run(run.lines.replacing("THREADS", with: "\(threads)"))
    }
    #expect(outputs[0] == outputs[1], "\(run.name): 2 threads")
    try GoldenShell("runs").expect(
      outputs[0], is: run.name + ".txt", within: run.tolerance, allowsTies: run.tolerance > 1e-4)
  }
}
