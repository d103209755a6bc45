import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// The commands that judge a kind of model by cross-validation.
struct CrossValidate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cv", abstract: "Judge a kind of model by cross-validation, beside the naive baselines.",
    subcommands: [
      CrossValidateSupervised<SequenceSource>.self, CrossValidateSupervised<ResiduesSource>.self,
      CrossValidateSupervised<ExpressionSource>.self, CrossValidateSupervised<GenotypeSource>.self,
    ])
}

/// `ligase cv sequence`, `residues`, `expression` and `genotype`.
struct CrossValidateSupervised<Source: SupervisedSource>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Source.task.rawValue, abstract: "Cross-validate: " + Source.abstract.lowercasingFirst,
      discussion: """
        Example:  ligase cv \(Source.task.rawValue) \(Source.example) --folds 5 > out-of-fold.tsv

        \(Source.discussion) Each fold is predicted by a model trained on the others; if it chooses its epoch, then on a \
        share of those: the fold itself chooses nothing. The output has the ids, the fold, and the out-of-fold prediction; \
        scores and baselines are told on standard error and written to --scores.
        """)
  }

  @OptionGroup(title: "Data") var source: Source
  @Option(help: ArgumentHelp("How many folds.", valueName: "n"))
  var folds = 5
  @Option(help: ArgumentHelp("How many times, each with other folds.", valueName: "n"))
  var repeats = 1
  @Option(
    help: ArgumentHelp("Table with the fold of each id (default: dealt by the seed).", valueName: "file"))
  var split: String?
  @Option(help: ArgumentHelp("Write all scores with their intervals to FILE.", valueName: "file"))
  var scores: String?
  @OptionGroup(title: "Training") var settings: SupervisedSettings
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if folds < 2 { throw ValidationError("found --folds \(folds), expected 2 or more") }
    if repeats < 1 { throw ValidationError("found --repeats \(repeats), expected 1 or more") }
  }

  func run() throws {
    Compute.threadCount = threads.count
    let data = try source.read(seed: seed.seed, threads: threads.count, report)
    if !data.isValidationDrawn || !data.test.isEmpty {
      throw ValidationError("found parts in the headers, expected none: cv deals folds of all examples")
    }
    let options = try settings.options(for: data, adjusted: source.adjust)
    let validation = try CrossValidation(
      data, options: options, folds: folds, repeats: repeats, seed: seed.seed, given: given(data))
    let target = try output.open(threads: threads.count)
    let table = try CrossValidationTable(validation, to: target)
    StopRequest.listen()
    var progress = Progress(report)
    for number in 0..<validation.repeats {
      for fold in 0..<validation.folds {
        let began = Progress.now
        let outcomes = try validation.run(
          repeat: number, fold: fold, shouldStop: { StopRequest.isPending },
          onEpoch: { training, metric in
            let (epoch, epochs) = (training.trainer.state.epoch, training.epochs)
            progress.show(
              "fold \(fold + 1) of \(validation.folds), epoch \(epoch)/\(epochs)"
                + (training.isRefit ? " with the validation \(training.unit)" : "")
                + (metric.map { ": validation \(training.metricWords) \(Progress.short($0))" } ?? ""),
              json: "{\"repeat\":\(number),\"fold\":\(fold),\"epoch\":\(epoch),\"epochs\":\(epochs)}")
          })
        progress.clear()
        guard let outcomes else { throw ExitCode(75) }
        try table.add(outcomes, repeat: number, fold: fold)
        let test = validation.test(repeat: number, fold: fold)
        let judged = try JudgedModels(
          outcomes.map { ($0.name, $0.outputs) }, examples: data.examples, rows: test, resamples: 0, seed: 0)
        report.note(
          "fold \(fold + 1) of \(validation.folds)" + (validation.repeats > 1 ? ", repeat \(number + 1)" : "")
            + ": \(judged.headline), \(Progress.duration(Progress.now - began))")
      }
      let judged = try table.judge(repeat: number, seed: seed.seed)
      judged.summary.forEach { report.note($0) }
    }
    try target.close()
    if let scores { try table.writeScores(to: OutputFile(scores, overwrite: output.overwrite)) }
  }

  /// The folds that the user names.
  private func given(_ data: SupervisedData) throws -> [Int]? {
    guard let split else { return nil }
    let read = try Split(Table(contentsOf: split))
    return try read.folds(of: KeyColumns([KeyColumn(data.examples.idColumn, data.examples.ids)]))
  }
}

extension String {
  /// The text with a small first letter.
  var lowercasingFirst: String { prefix(1).lowercased() + dropFirst() }
}
