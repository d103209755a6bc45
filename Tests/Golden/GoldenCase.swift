import Testing

/// One kind of model: the command lines that train it from `Fixtures/golden/inputs`, predict with it and
/// evaluate it. They run in a folder with a copy of the inputs.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  /// The arrangement of the examples in an input of `predict`.
  enum Layout: Sendable { case fasta, rows, columns }

  /// The folder of the case under `Fixtures/golden`, beginning with its task.
  let name: String
  /// `ligase train` with all options but `--config`, seed, threads and output.
  let train: String
  /// A command line that runs before `train`, if any.
  var before = ""
  /// The options of `predict` without the model and the input.
  var predict = ""
  /// The input of `predict`.
  let input: String
  /// The number of examples in the input.
  let exampleCount: Int
  /// The arrangement of the examples.
  let layout: Layout
  /// The options of `evaluate` without the predictions.
  let evaluate: String

  var testDescription: String { name }

  /// The task, as `train` names it.
  var task: String { String(train.split(separator: " ")[2]) }

  /// Returns the command lines that train and write the model to a file.
  func train(to model: String, threads: Int, _ options: String = "") -> String {
    let config = (task == "residues" ? "sequence" : task) + ".json"
    return "\(before)\n\(train) --config \(config) --seed 3 -q -j \(threads) -o \(model) \(options)"
  }

  /// Returns the command line that predicts.
  func predict(_ model: String, _ input: String? = nil, threads: Int = 1) -> String {
    let data = (task == "drug-response" ? "--response " : "") + (input ?? self.input)
    return "ligase predict \(model) \(data) \(predict) -q -j \(threads)"
  }

  /// Returns a line that writes some examples of the input, numbered from 1.
  func piece(_ examples: ClosedRange<Int>) -> String {
    let (first, last) = (examples.lowerBound, examples.upperBound)
    return switch layout {
    case .fasta: "awk '/^>/ { n++ } n >= \(first) && n <= \(last)' \(input)"
    case .rows: "awk 'NR == 1 || NR > \(first) && NR <= \(last + 1)' \(input)"
    case .columns: "grep '^##' \(input); grep -v '^##' \(input) | cut -f 1-9,\(9 + first)-\(9 + last)"
    }
  }
}

extension GoldenCase {
  /// Every task with every architecture, and the settings that affect model files or predictions.
  static let all = sequences + residues + expression + genotypes + drugResponse

  /// The architectures of the four tasks that share them.
  private static let architectures = [
    "lstm", "gru", "rnn", "cnn", "cnn-lstm", "dilated-cnn", "mlp", "linear",
  ]

  private static let sequences: [GoldenCase] = {
    func motifs(_ name: String, _ options: String, label: String = "class", before: String = "") -> GoldenCase
    {
      GoldenCase(
        name: "sequence-" + name,
        train: "ligase train sequence sequence.tsv --sequence seq --id id --label \(label) \(options)",
        before: before, input: "sequence-new.fa", exampleCount: 12, layout: .fasta,
        evaluate: "--truth sequence-truth.tsv" + (label == "class" ? " --target class" : ""))
    }
    return architectures.map { motifs($0, "--architecture \($0)") } + [
      motifs("split", "--architecture cnn-lstm --split sequence-split.tsv"),
      motifs("both-strands", "--architecture cnn --strands both --shift 1"),
      motifs("k-mers", "--architecture gru --encoding kmer:2 --class-weights balanced"),
      motifs("labels", "--architecture cnn --target labels", label: "active --label stable"),
      motifs(
        "transfer", "--architecture cnn --init first.safetensors --freeze convolution",
        before: "ligase train sequence sequence.tsv --sequence seq --id id --label class --architecture cnn "
          + "--config sequence.json --seed 4 -q --overwrite -o first.safetensors"),
      GoldenCase(
        name: "sequence-values",
        train: "ligase train sequence ragged.tsv --sequence seq --id id --label value --encoding embedding "
          + "--architecture lstm --layers 2",
        input: "ragged-new.fa", exampleCount: 12, layout: .fasta, evaluate: "--truth ragged-truth.tsv"),
    ]
  }()

  private static let residues = architectures.map { architecture in
    GoldenCase(
      name: "residues-" + architecture,
      train:
        "ligase train residues proteins.fa --labels structure.fa --mask resolved.fa --split-from-headers "
        + "--architecture \(architecture)",
      input: "proteins-new.fa", exampleCount: 8, layout: .fasta, evaluate: "--truth structure-new.fa")
  }

  private static let expression: [GoldenCase] = {
    func profiles(_ name: String, _ options: String, label: String = "class") -> GoldenCase {
      GoldenCase(
        name: "expression-" + name,
        train: "ligase train expression expression.tsv --orientation samples-in-rows "
          + "--labels expression-labels.tsv --label \(label) \(options)",
        predict: "--orientation samples-in-rows", input: "expression-new.tsv", exampleCount: 12,
        layout: .rows,
        evaluate: "--truth expression-truth.tsv --target \(label)")
    }
    return architectures.map { profiles($0, "--architecture \($0)") } + [
      profiles("values", "--architecture mlp", label: "dose"),
      profiles("prepared", "--architecture linear --cpm --log1p --top-variance 8 --no-zscore"),
    ]
  }()

  private static let genotypes: [GoldenCase] = {
    func cohort(_ name: String, _ options: String) -> GoldenCase {
      GoldenCase(
        name: "genotype-" + name,
        train: "ligase train genotype cohort.vcf --labels panel.tsv --label population \(options)",
        input: "cohort-new.vcf", exampleCount: 12, layout: .columns,
        evaluate: "--truth panel-new.tsv --target population")
    }
    return architectures.map { cohort($0, "--architecture \($0)") }
      + [cohort("missing-flag", "--architecture mlp --missing flag")]
  }()

  private static let drugResponse: [GoldenCase] = {
    func screen(_ name: String, _ split: String, _ options: String) -> GoldenCase {
      let inputs = "--expression lines.csv --orientation samples-in-rows"
      return GoldenCase(
        name: "drug-response-" + name,
        train:
          "ligase train drug-response \(inputs) --drugs drugs.csv --response response.csv --split \(split) "
          + options,
        predict: "\(inputs) --drugs drugs.csv", input: "response.csv", exampleCount: 110, layout: .rows,
        evaluate: "--truth response.csv --split \(split) \(inputs)")
    }
    return ["lstm", "gru", "rnn", "cnn"].map {
      screen($0, "split-pairs.tsv", "--drug-encoder \($0)")
    } + [
      screen("new-cell-lines", "split-lines.tsv", "--setting new-cell-lines"),
      screen("new-drugs", "split-drugs.tsv", "--setting new-drugs --salts largest-fragment"),
      screen("new-both", "split-both.tsv", "--setting new-both"),
    ]
  }()
}
