import LigaseFormats

/// A random search with successive halving (Jamieson and Talwalkar, 2016): all trials run for a fraction of
/// the epochs, the best 1/eta of them for eta times as many, and so on up to all epochs.
///
/// All trials have the same training and validation examples, or the same folds of them; test examples are
/// not used. Trial 0 has the options unchanged.
package struct HyperparameterSearch: Sendable {
  /// One run of a trial.
  package struct Run: Hashable, Sendable {
    /// The trial, from 0.
    package var trial: Int
    /// The rung, from 0.
    package var rung: Int
    /// The maximum number of epochs.
    package var epochs: Int
    /// The number of folds in which it was evaluated.
    package var folds: Int
    /// The best validation metric; with several folds their mean weighted by examples. Smaller is better.
    package var metric: Double
    /// The data, the split and the options of its search, as three short digests joined by hyphens.
    package var search: String
    /// The drawn options, as in the table.
    package var choices: [String]

    /// Creates a finished run of a trial, or a row of the table of trials.
    package init(
      trial: Int, rung: Int, epochs: Int, folds: Int, metric: Double = .infinity, search: String = "",
      choices: [String]
    ) {
      self.trial = trial
      self.rung = rung
      self.epochs = epochs
      self.folds = folds
      self.metric = metric
      self.search = search
      self.choices = choices
    }
  }

  /// How many trials of a round run for how many epochs.
  package struct Round: Hashable, Sendable {
    package var trials: Int
    package var epochs: Int
  }

  private let parts: [TrainingData]
  /// The options of trial 0.
  package let options: ModelOptions
  private let space: SearchSpace
  private let seed: UInt64
  /// The rounds, from the first to that of all epochs.
  package let rungs: [Round]
  /// The identity of the search: short digests of data, split and options.
  package let identity: String

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - parts: the data, or the data of each fold, which is then its validation subset
  ///     (``Division/validationFolds(_:of:seed:)``).
  ///   - trials: the number of draws.
  ///   - eta: the factor by which trials are reduced from rung to rung; 1 runs all trials for all epochs.
  /// - Throws: `TrainingError` without validation examples.
  package init(
    _ parts: [TrainingData], options: ModelOptions, space: SearchSpace, trials: Int, eta: Int,
    seed: UInt64
  ) throws {
    guard !parts.isEmpty, parts.allSatisfy({ !$0.division.validation.isEmpty }) else {
      throw TrainingError(
        "there are no validation examples to compare trials", remedy: .holdOutValidation)
    }
    self.parts = parts
    var single = options
    single.training.refits = false
    self.options = single
    self.space = space
    self.seed = seed
    var rungs: [Round] = []
    var count = trials, share = 1
    var depth = 0
    if eta > 1 {
      while count / eta >= 1, options.training.epochs / (share * eta) >= 1, depth < 4 {
        (count, share, depth) = (count / eta, share * eta, depth + 1)
      }
    }
    count = trials
    for _ in 0...depth {
      rungs.append(Round(trials: count, epochs: max(1, options.training.epochs / share)))
      (count, share) = (max(1, count / max(eta, 2)), share / max(eta, 2))
    }
    self.rungs = rungs
    identity = try Self.identity(parts, single, seed: seed)
  }

  private static func identity(_ parts: [TrainingData], _ options: ModelOptions, seed: UInt64) throws
    -> String
  {
    var (data, split, chosen) = (DataDigest(), DataDigest(), DataDigest())
    for input in parts[0].examples.inputs { data.add(input) }
    data.add(labelsOf: parts[0].examples)
    for part in parts { split.add(part.division) }
    chosen.add([try ModelFile.json(options), "\(seed)"])
    return [data, split, chosen].map { String($0.hexadecimal.prefix(8)) }.joined(separator: "-")
  }

  /// Throws for runs of a search with other data, another split or other options.
  package func refuseOthers(_ done: [Run], path: String) throws {
    guard let other = done.first(where: { $0.search != identity }) else { return }
    let pairs = zip(other.search.split(separator: "-"), identity.split(separator: "-"))
    let differ = zip(["data", "split", "options"], pairs).filter { $1.0 != $1.1 }.map(\.0)
    throw FormatError(
      .badData, path: path,
      "found trials of another search (\(differ.isEmpty ? "unknown" : differ.joined(separator: ", ")) differ), expected "
        + "those of this one", remedy: .startOver)
  }

  /// The first columns of the table of runs; the names of the drawn options follow.
  static let columns = ["trial", "rung", "epochs", "folds", "validation", "search"]

  /// The columns of the table of runs.
  package var columns: [String] { Self.columns + space.names }

  /// What trials are evaluated on.
  package var words: String {
    let division = parts[0].division
    return parts.count == 1
      ? division.validation.count.counted("validation example")
      : "\(parts.count) folds of \((division.train.count + division.validation.count).counted("example"))"
  }

  /// The number of runs.
  package var runCount: Int { rungs.reduce(0) { $0 + $1.trials } }

  /// Returns the unfinished runs of the first round that has some; none where all are finished.
  ///
  /// - Throws: `TrainingError` where a finished run is of another search.
  package func planned(after done: [Run]) throws -> [Run] {
    for run in done { try refuseAnotherSearch(run) }
    let rung = Self.rung(rungs, after: done)
    return try Self.planned(rungs, after: done).map { trial in
      Run(
        trial: trial, rung: rung, epochs: rungs[rung].epochs, folds: parts.count, search: identity,
        choices: try space.draw(trial, from: options, seed: seed).texts)
    }
  }

  /// The trials of the first round with unfinished ones that have not run in it.
  static func planned(_ rounds: [Round], after done: [Run]) -> [Int] {
    contenders(rounds, after: done).missing
  }

  /// The first round with unfinished trials; the last where all are finished.
  static func rung(_ rounds: [Round], after done: [Run]) -> Int { contenders(rounds, after: done).rung }

  private static func contenders(_ rounds: [Round], after done: [Run]) -> (rung: Int, missing: [Int]) {
    var contenders = Array(0..<(rounds.first?.trials ?? 0))
    for (rung, round) in rounds.enumerated() {
      let chosen = contenders.prefix(round.trials).sorted()
      let runs = done.filter { $0.rung == rung && $0.epochs == round.epochs && chosen.contains($0.trial) }
      let missing = chosen.filter { trial in !runs.contains { $0.trial == trial } }
      if !missing.isEmpty { return (rung, missing) }
      contenders = runs.sorted { ($0.metric, $0.trial) < ($1.metric, $1.trial) }.map(\.trial)
    }
    return (rounds.count - 1, [])
  }

  /// Runs a trial, and returns the run with its metric, which is infinite where training diverges; nil when stopped.
  ///
  /// - Parameter problem: gets the error of a training that diverges.
  package func run(_ planned: Run, problem: inout TrainingError?, shouldStop: () -> Bool) throws -> Run? {
    var drawn = try options(of: planned)
    drawn.training.epochs = planned.epochs
    var run = planned
    do {
      guard let reached = try judge(drawn, shouldStop: shouldStop) else { return nil }
      run.metric = reached
    } catch let error as TrainingError {
      // A trial that diverges is not selected.
      (run.metric, problem) = (.infinity, error)
    }
    return run
  }

  /// Returns the options of a run's trial, with all epochs.
  package func options(of run: Run) throws -> ModelOptions {
    try space.draw(run.trial, from: options, seed: seed).options
  }

  /// Returns the best run of the last round.
  ///
  /// - Throws: `TrainingError` when no trial finished.
  package func best(of done: [Run]) throws -> Run { try Self.best(of: done, rungs: rungs.count) }

  static func best(of done: [Run], rungs: Int) throws -> Run {
    let last = done.filter { $0.rung == rungs - 1 }
    guard let best = last.min(by: { ($0.metric, $0.trial) < ($1.metric, $1.trial) }), best.metric.isFinite
    else { throw TrainingError("found no trial that reached a finite metric, expected one") }
    return best
  }

  /// Returns the best validation metric of a training, averaged over folds weighted by examples; nil when
  /// stopped.
  private func judge(_ options: ModelOptions, shouldStop: () -> Bool) throws -> Double? {
    var (sum, count) = (0.0, 0)
    for part in parts {
      let trained = try CrossValidation.train(
        part, options, seed: seed, shouldStop: shouldStop, onEpoch: { _, _ in })
      guard let trained else { return nil }
      sum += (trained.trainer.state.stopping.best ?? .infinity) * Double(part.division.validation.count)
      count += part.division.validation.count
    }
    return sum / Double(count)
  }

  /// Throws for a run that this search would not have made.
  private func refuseAnotherSearch(_ run: Run) throws {
    guard run.folds == parts.count else {
      throw TrainingError("found trials in \(run.folds) folds, expected \(parts.count): another search")
    }
    let (_, choices) = try space.draw(run.trial, from: options, seed: seed)
    if choices != run.choices {
      throw TrainingError(
        "found trial \(run.trial) with the options \(run.choices.joined(separator: ", ")), expected "
          + "\(choices.joined(separator: ", ")): another search")
    }
  }
}
