import ArgumentParser
import LigaseModels

/// The network and its training: a file, and flags that win over it.
struct DrugResponseSettings: ParsableArguments {
  @Option(help: "What the model is to predict (default: what the split keeps apart).")
  var purpose: DrugResponseOptions.Purpose?
  @Option(help: ArgumentHelp("JSON file of options; flags win over it.", valueName: "file"))
  var config: String?
  @Flag(help: "Print the options in force as JSON and end.")
  var printConfig = false
  @Option(help: ArgumentHelp("At most so many passes over the training pairs.", valueName: "n"))
  var epochs: Int?
  @Option(help: ArgumentHelp("Pairs a step.", valueName: "n"))
  var batchSize: Int?
  @Option(help: ArgumentHelp("The highest learning rate.", valueName: "x"))
  var learningRate: Float?
  @Option(
    help: ArgumentHelp(
      "Stop after so many epochs without a better validation error; 0 never.", valueName: "n"))
  var patience: Int?
  @Option(help: "How SMILES become a vector.")
  var drugEncoder: DrugResponseArchitecture.DrugEncoder?
  @Option(help: "What is taken off the responses first.")
  var residual: DrugResponseOptions.Residual?
  @Option(help: ArgumentHelp("How many networks that share the drug encoder are averaged.", valueName: "n"))
  var members: Int?
  @Flag(
    inversion: .prefixedNo,
    help: "Train again on validation pairs too, where the split did not name them (default: --refit).")
  var refit: Bool?

  /// The defaults for a purpose, then the file, then the flags.
  func options(for purpose: DrugResponseOptions.Purpose) throws -> DrugResponseOptions {
    var options = DrugResponseOptions(for: self.purpose ?? purpose)
    if let config {
      let changes = try Configuration(contentsOf: config)
      let named = try self.purpose ?? changes.laid(over: options).purpose
      // A purpose in the file brings its own defaults.
      options = try changes.laid(over: DrugResponseOptions(for: named))
      options.purpose = named
    }
    if let epochs { options.training.epochs = epochs }
    if let batchSize { options.training.batchSize = batchSize }
    if let learningRate { options.training.learningRate = learningRate }
    if let patience { options.training.patience = patience }
    if let drugEncoder { options.architecture.drugEncoder = drugEncoder }
    if let refit { options.training.refits = refit }
    if let members { options.architecture.members = members }
    if let residual { options.training.residual = residual }
    if let problem = options.problem { throw ValidationError(problem) }
    return options
  }
}

extension DrugResponseArchitecture.DrugEncoder: ExpressibleByArgument {}
extension DrugResponseOptions.Residual: ExpressibleByArgument {}
extension DrugResponseOptions.Purpose: ExpressibleByArgument {}
