import ArgumentParser

/// The commands that train a model.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model and write it as one file.",
    subcommands: TaskSources.train)
}

/// The files of a training run: its model, log and checkpoints.
struct TrainingFileOptions: ParsableArguments {
  @Option(name: [.short, .long], help: ArgumentHelp("Model file to write.", valueName: "file"))
  var output: String?

  @Flag(help: "Replace an existing model; start over even if there is a checkpoint.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "Checkpoint file (default: the output's name with .checkpoint).", valueName: "file"))
  var checkpoint: String?

  @Flag(help: "Resume from the checkpoint; without one, start.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "Training log, one row per epoch (default: the output's name with .log.tsv).", valueName: "file"))
  var log: String?

  var checkpointPath: String { checkpoint ?? stem + ".checkpoint" }
  var logPath: String { log ?? stem + ".log.tsv" }

  /// The path of the model.
  var modelPath: String { output ?? "" }

  func validate() throws {
    if [modelPath, checkpointPath, logPath].contains("-") {
      throw ValidationError("--output, --checkpoint and --log must be files (got '-')")
    }
    if output != nil, Set([modelPath, checkpointPath, logPath]).count < 3 {
      throw ValidationError("--output, --checkpoint and --log must be different files")
    }
  }

  private var stem: String {
    modelPath.hasSuffix(".safetensors") ? String(modelPath.dropLast(".safetensors".count)) : modelPath
  }
}
