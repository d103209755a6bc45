import ArgumentParser

/// The command: reads options and calls the libraries; nothing is computed here.
@main
struct Ligase: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ligase",
    abstract: "Deep learning on genomic files: parse, split, train, predict, evaluate.",
    version: "0.1.0")
}
