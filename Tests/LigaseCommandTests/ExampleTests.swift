import TestSupport
import Testing

/// The scripts in `Examples` run without errors, print the expected texts, and their models are better than
/// chance.
@Suite struct ExampleTests {
  /// A script and its expected output.
  struct Example: Sendable, CustomTestStringConvertible {
    /// The name of the script without `.sh`.
    let name: String
    /// Texts that occur on standard output or standard error.
    let shows: [String]
    /// The smallest value of a metric in `scores.tsv`, which the script writes.
    var score: (metric: String, minimum: Double)?

    var testDescription: String { name }
  }

  static let examples = [
    Example(
      name: "ancestry", shows: ["nearest_sample", "2 of the model's 24 sites"], score: ("accuracy", 0.9)),
    Example(name: "classify_sequences", shows: ["kmer_ridge", "difference:site"], score: ("accuracy", 0.8)),
    Example(
      name: "clinical", shows: ["cox_ridge", "survival:12", "log-rank test of the risk groups"],
      score: ("concordance", 0.65)),
    Example(name: "drug_response", shows: ["cell_line\tdrug_name\tprediction"], score: ("pearson", 0.8)),
    Example(
      name: "explanation",
      shows: [
        "id\toutput\tposition\tresidue\tvalue\tbase\tgap", "motif_1\tM1\ttall", "deletion, largest first",
        "t36\tA\tGENE",
      ]),
    Example(
      name: "expression", shows: ["sample\tprediction\tprobability:A", "GENE2"], score: ("accuracy", 0.9)),
    Example(
      name: "imaging",
      shows: [
        "flips and turns in training and averaged in predictions: all 8",
        "sensitivity at 4 false findings a scan",
      ],
      score: ("auroc", 0.9)),
    Example(
      name: "multimodal", shows: ["difference of auroc, model minus only clinic"], score: ("accuracy", 0.8)),
    Example(name: "residues", shows: [">q28\n", "probability:H"], score: ("q3", 0.7)),
    Example(
      name: "segmentation",
      shows: ["wrote maps/b6.nii.gz: label 1", "baseline threshold: flair", "model\twhole\tdice", "b5\t3\t"]),
    Example(
      name: "sequences", shows: ["contigs.fa\tfasta\t2\t31\t", "TGTAATCTGTAATCTGTAATC", "DYRLQIT", "ACA\t3"]),
    Example(
      name: "series", shows: ["nearest_series", "inner folds", "patient\tprediction\tprobability:relapse"],
      score: ("accuracy", 0.8)),
    Example(name: "splits", shows: ["line\tdrug\tfold", "drug_mean"], score: ("pearson", 0.7)),
    Example(name: "tune", shows: ["9 trials", "task\texpression"]),
    Example(name: "variants", shows: ["vcf\t9\t9\n", "LIGASE_DIFF=", "280\tA\tC\t-0."]),
  ]

  private static let root =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  @Test(arguments: examples) func runs(_ example: Example) {
    let shell = Shell()
    let outcome = shell.run("bash '\(Self.root)/Examples/\(example.name).sh' work 2>&1")
    #expect(outcome.status == 0, "\(outcome.output)")
    for text in example.shows { #expect(outcome.output.contains(text), "no '\(text)' in \(outcome.output)") }
    if let (metric, minimum) = example.score {
      let scores = shell.run("cat work/scores.tsv").output
      #expect((SupervisedShell.score(scores, metric) ?? -1) >= minimum, "\(scores)")
    }
  }

  /// Each script has a test and a place in README.
  @Test func allAreListed() {
    let scripts = Shell().run(
      "cd '\(Self.root)/Examples' && ls *.sh | grep -v '^setup.sh$' | sed 's/[.]sh$//'"
    ).output
    #expect(scripts.split(separator: "\n").map(String.init) == Self.examples.map(\.name))
    let readme = Shell().run("cat '\(Self.root)/README.md'").output
    for example in Self.examples {
      #expect(readme.contains("Examples/\(example.name).sh"), "\(example.name)")
    }
  }
}
