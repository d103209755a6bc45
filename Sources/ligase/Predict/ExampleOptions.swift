import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// The options of commands that read examples for a model: the model, its inputs, and how output is written.
struct ExampleOptions: ParsableArguments {
  @Argument(help: "Model file.")
  var model: String
  @Argument(
    help:
      "Inputs: FASTA, FASTQ, tables, matrices, VCF, images or a table of cases; `-` or nothing is standard input."
  )
  var inputs: [String] = []
  @OptionGroup(title: "Sequences") var sequences: SequencePredictionOptions
  @OptionGroup(title: "Expression") var matrix: ExpressionReadingOptions
  @Option(
    help: ArgumentHelp(
      "Minimum fraction of the model's genes or sites in the input (default: 0.5; genotypes: any, where training hid sites).",
      valueName: "0…1"))
  var minGenes: Double?
  @OptionGroup(title: "Images") var images: ImagePredictionOptions
  @OptionGroup(title: "Volumes") var volumes: VolumePredictionOptions
  @OptionGroup(title: "Drug response") var pairs: PairPredictionOptions
  @OptionGroup(title: "Inputs") var further: PredictionInputOptions
  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try FileArguments.refuseSharedInput(
      inputs.map { $0 } + further.files + [pairs.expression, pairs.drugs, pairs.response], of: "inputs")
    if let minGenes, !(0...1 ~= minGenes) {
      throw ValidationError("--min-genes must be a fraction from 0 to 1 (got \(minGenes))")
    }
  }

  /// The smallest fraction of a model's genes or sites, for models that were not trained with masked sites.
  var leastFraction: Double { minGenes ?? 0.5 }

  /// The files to be read; nil is standard input.
  var files: [String?] { inputs.isEmpty ? [pairs.expression] : inputs.map { $0 } }

  /// Throws for options that do not apply to the model, and where there is no input.
  func check(_ model: Model, _ source: any TaskSource.Type) throws {
    try refuseOtherOptions(of: source, model)
    try further.check(model, besides: source.ownInputs)
    if files == [nil], volumes.channel.isEmpty, StandardInput.isTerminal {
      throw ValidationError("no input; this model needs \(source.inputWords)")
    }
  }

  /// Reads the examples of all files, some at a time.
  func read(_ model: Model, _ source: any TaskSource.Type, _ body: (Examples) throws -> Void) throws {
    for file in files {
      try naming(model, source.inputWords, file) {
        try source.read(file, for: model, self) { read in
          var examples = read
          if examples.inputs.count < model.manifest.inputs.count {
            try further.add(to: &examples, examples.keys.columns, model, self)
          }
          try body(examples)
        }
      }
    }
  }

  private func refuseOtherOptions(of source: any TaskSource.Type, _ model: Model) throws {
    let given: [(PredictionOptionGroup, String?)] = [
      (.sequences, sequences.given), (.matrix, matrix.given), (.pairs, pairs.given),
      (.images, images.given), (.volumes, volumes.given),
      (.leastFraction, minGenes == nil ? nil : "--min-genes"),
    ]
    for (group, option) in given {
      guard let option, !source.predictionOptions.contains(group) else { continue }
      // A table of sequences may have no header.
      if option == "--no-header", source.predictionOptions.contains(.sequences) { continue }
      throw ValidationError("\(option) does not apply: \(model.spokenKind)")
    }
    if source.predictionOptions.contains(.pairs), pairs.expression != nil, !inputs.isEmpty {
      throw ValidationError("give the expression matrix either as an argument or with --expression, not both")
    }
  }

  /// Adds the kind of model to an error at the start of the input.
  private func naming(_ model: Model, _ words: String, _ file: String?, _ body: () throws -> Void) throws {
    do { try body() } catch var error as FormatError {
      let isOther = FileFormat.detected(inFile: file).map { !words.contains("\($0)".uppercased()) } ?? false
      if error.kind == .badData, error.path == file ?? "-", isOther || error.line ?? 1 <= 2 {
        error.message += "; \(model.spokenKind), which reads \(words)"
      }
      throw error
    }
  }
}
