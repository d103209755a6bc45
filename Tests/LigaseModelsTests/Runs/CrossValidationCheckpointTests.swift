import LigaseDatasets
import LigaseFormats
import LigaseModels
import TestSupport
import Testing

@Suite struct CrossValidationCheckpointTests {
  private let folder = TemporaryFolder()

  private func validation(
    _ data: TrainingData, _ options: ModelOptions, seed: UInt64 = 1, folds: Int = 3
  ) throws -> CrossValidation {
    try CrossValidation(data, options: options, folds: folds, repeats: 2, seed: seed)
  }

  /// Folds are unchanged after writing and reading, with models in the order of a fold.
  private func expectKept(_ found: CrossValidation, _ names: [String]) throws {
    let path = folder.file("c.checkpoint")
    var done = CrossValidation.Done()
    #expect(done.count == 0 && done[repeat: 0, fold: 0] == nil)
    for (number, fold) in [(1, 2), (0, 1)] {
      let outcomes = try #require(try found.run(repeat: number, fold: fold))
      #expect(outcomes.map(\.name) == names)
      done[repeat: number, fold: fold] = outcomes
      try found.write(done, to: path)
    }
    let again = try found.read(path)
    #expect(again.count == 2 && again[repeat: 0, fold: 0] == nil && again[repeat: 1, fold: 1] == nil)
    for (number, fold) in [(1, 2), (0, 1)] {
      let (before, after) = (
        try #require(done[repeat: number, fold: fold]), try #require(again[repeat: number, fold: fold])
      )
      #expect(after.map(\.name) == names)
      for (a, b) in zip(before, after) {
        #expect(a.outputs.map(\.bitPattern) == b.outputs.map(\.bitPattern), "\(a.name)")
      }
    }
    #expect(folder.names == ["c.checkpoint"])
  }

  @Test func whatIsDoneIsRead() throws {
    let sequences = SimulatedExamples.sequences()
    try expectKept(
      validation(sequences, SimulatedExamples.options(.cnn, sequences, epochs: 1)),
      ["model", "prior", "kmer_ridge"])
    let residues = SimulatedExamples.residues()
    try expectKept(
      validation(residues, SimulatedExamples.options(.cnn, residues, epochs: 1)), ["model", "prior"])
  }

  /// The predictors of a blend come before the baselines.
  @Test func theOrderOfABlendIsKept() throws {
    let simulated = try SimulatedTraining()
    var options = simulated.options(epochs: 1)
    options.blend = [BlendOptions(GaussianProcess.name)]
    try expectKept(
      validation(simulated.data, options),
      ["model", "network", "gaussian-process", "prior", "key_means", "low_rank"])
  }

  @Test func otherRunsAndOtherFilesAreRefused() throws {
    let data = SimulatedExamples.sequences(), options = SimulatedExamples.options(.cnn, data, epochs: 1)
    let found = try validation(data, options), path = folder.file("c.checkpoint")
    var done = CrossValidation.Done()
    done[repeat: 0, fold: 0] = try found.run(repeat: 0, fold: 0)
    try found.write(done, to: path)
    var otherOptions = options
    otherOptions.training.learningRate *= 2
    for other in [
      try validation(data, options, seed: 2), try validation(data, otherOptions),
      try validation(data, options, folds: 4), try validation(SimulatedExamples.sequences(seed: 9), options),
    ] {
      let error = #expect(throws: FormatError.self) { try other.read(path) }
      #expect(
        error?.kind == .badData && error?.remedy == .startOver
          && error?.message.hasPrefix("found a checkpoint of other data, options or folds") == true)
    }
    let bytes = TemporaryFolder.contents(of: path)!
    let cut = folder.write(Array(bytes.dropLast(5)), to: "cut")
    #expect(#expect(throws: FormatError.self) { try found.read(cut) }?.kind == .inputOutput)
    let text = folder.write("id,fold\n", to: "text")
    #expect(
      #expect(throws: FormatError.self) { try found.read(text) }?.message.hasPrefix("not a checkpoint")
        == true)
    let model = folder.file("m.safetensors")
    try SimulatedExamples.trained(data, options).model.write(to: model)
    #expect(throws: FormatError.self) { try found.read(model) }
    #expect(#expect(throws: FormatError.self) { try found.read(folder.file("absent")) }?.kind == .noInput)
  }
}
