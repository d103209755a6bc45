import ArgumentParser

/// The command: it parses options and calls the libraries, which do all computation.
@main
struct Ligase: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ligase",
    abstract: "Deep learning on genomic files: parse, split, train, predict, evaluate.",
    discussion: """
      Data goes to standard output, messages go to standard error. `-` or no file means standard input. gzip and \
      BGZF are detected automatically. Commands exchange tab-separated text with a header.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Files:",
        subcommands: [
          Parse.self, Check.self, Stats.self, Index.self, Seq.self, Variants.self, SplitTable.self,
          Merge.self,
        ]),
      CommandGroup(
        name: "Models:",
        subcommands: [
          Train.self, Tune.self, CrossValidate.self, Predict.self, Evaluate.self, ScoreVariants.self,
          Mutate.self, Explain.self,
          Info.self,
        ]),
    ])

  /// The arguments, with the value `-` after `--plan` where no file follows: the option has one with `--trial` only.
  private static var arguments: [String] {
    let all = CommandLine.arguments
    return all.indices.dropFirst().map { place in
      let hasValue = place + 1 < all.count && !all[place + 1].hasPrefix("-")
      return all[place] == "--plan" && !hasValue ? "--plan=-" : all[place]
    }
  }

  /// Parses the arguments and runs the named command; an error becomes one line and an exit code.
  static func main() {
    Signals.prepare()
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      Exit.end(with: error)
    }
  }
}
