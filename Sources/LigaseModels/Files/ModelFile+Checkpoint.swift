import LigaseFormats
import LigaseNetworks

extension ModelFile {
  /// Writes everything that a run needs to resume: its tensors and state, and the manifest.
  static func writeCheckpoint<Model: Module>(
    _ manifest: ModelManifest, trainer: Trainer<Model>, to path: String
  ) throws {
    try write(
      manifest, tensors: trainer.tensors, extra: ["training": try json(trainer.state)], to: path,
      overwrite: true)
  }

  /// Resumes a run from this checkpoint.
  ///
  /// - Parameter difference: how the checkpoint's manifest differs from that of the run; nil where they are
  ///   equal.
  /// - Throws: `FormatError` when the file is not a checkpoint or belongs to another run, or its tensors
  ///   disagree with the manifest.
  func resume<Model: Module>(_ trainer: inout Trainer<Model>, difference: String?) throws {
    guard let state = try metadata("training", as: Trainer<Model>.State.self) else {
      throw FormatError(.badData, path: path, "found a model, expected a checkpoint")
    }
    if let difference {
      throw FormatError(
        .badData, path: path,
        "found a checkpoint of \(difference), expected the run that is to be resumed", remedy: .startOver)
    }
    do { try trainer.resume(from: state, names: tensorNames) { tensor($0) } } catch let error
      as ModuleLoadingError
    {
      throw FormatError(.badData, path: path, "the tensors disagree with the manifest: \(error)")
    }
  }
}
