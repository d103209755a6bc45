import LigaseFormats

/// A random search with successive halving (Jamieson and Talwalkar, 2016): all trials run for a part of the epochs, the
/// best third of them for three times as many, and so on to all epochs.
///
/// All trials see the same training and validation examples; test examples are never touched. Trial 0 has the options as
/// they are.
public struct HyperparameterSearch: Sendable {
  /// One run of a trial.
  public struct Run: Hashable, Sendable {
    /// The trial, from 0.
    public var trial: Int
    /// The rung, from 0.
    public var rung: Int
    /// At most this many epochs.
    public var epochs: Int
    /// The best validation metric; smaller is better.
    public var metric: Double
    /// Seconds it took.
    public var seconds: Double

    /// Joins the parts.
    public init(trial: Int, rung: Int, epochs: Int, metric: Double, seconds: Double) {
      self.trial = trial
      self.rung = rung
      self.epochs = epochs
      self.metric = metric
      self.seconds = seconds
    }
  }

  private let data: SupervisedData
  private let options: SupervisedOptions
  private let space: SearchSpace
  private let seed: UInt64
  private let rungs: [(trials: Int, epochs: Int)]

  /// Prepares a search.
  ///
  /// - Parameters:
  ///   - trials: how many draws.
  ///   - eta: of how many trials one goes on to the next rung; 1 runs all trials for all epochs.
  /// - Throws: `TrainingError` without validation examples.
  public init(
    _ data: SupervisedData, options: SupervisedOptions, space: SearchSpace, trials: Int, eta: Int,
    seed: UInt64
  ) throws {
    guard !data.validation.isEmpty else {
      throw TrainingError("found no validation examples, expected some to choose by (--validation)")
    }
    self.data = data
    var single = options
    single.training.refits = false
    self.options = single
    self.space = space
    self.seed = seed
    var rungs: [(Int, Int)] = []
    var count = trials, share = 1
    var depth = 0
    if eta > 1 {
      while count / eta >= 1, options.training.epochs / (share * eta) >= 1, depth < 4 {
        (count, share, depth) = (count / eta, share * eta, depth + 1)
      }
    }
    count = trials
    for _ in 0...depth {
      rungs.append((count, max(1, options.training.epochs / share)))
      (count, share) = (max(1, count / max(eta, 2)), share / max(eta, 2))
    }
    self.rungs = rungs
  }

  /// The columns of the table of runs.
  public var columns: [String] { ["trial", "rung", "epochs", "validation", "seconds"] + space.names }

  /// How many runs there are.
  public var runCount: Int { rungs.reduce(0) { $0 + $1.trials } }

  /// Runs the search.
  ///
  /// - Parameters:
  ///   - done: runs that an earlier search has made.
  ///   - clock: seconds.
  ///   - onRun: told after each new run, with the options as the table shows them.
  /// - Returns: the best options and their run; nil when told to stop.
  /// - Throws: `TrainingError` when no trial came to an end.
  public func run(
    done: [Run], clock: () -> Double, shouldStop: () -> Bool, onRun: (Run, [String]) throws -> Void
  ) throws -> (options: SupervisedOptions, best: Run)? {
    var failure: TrainingError?
    var contenders = Array(0..<rungs[0].trials)
    var last: [Run] = []
    for (rung, plan) in rungs.enumerated() {
      var runs: [Run] = []
      for trial in contenders.prefix(plan.trials).sorted() {
        if let known = done.first(where: { $0.trial == trial && $0.rung == rung && $0.epochs == plan.epochs })
        {
          runs.append(known)
          continue
        }
        var (drawn, texts) = try space.draw(trial, from: options, seed: seed)
        drawn.training.epochs = plan.epochs
        let began = clock()
        var metric = Double.infinity
        do {
          let trained = try CrossValidation.train(
            data, drawn, seed: seed, shouldStop: shouldStop, onEpoch: { _, _ in })
          guard let trained else { return nil }
          metric = trained.trainer.state.stopping.best ?? .infinity
        } catch let error as TrainingError {
          // A trial that diverges has lost.
          failure = error
        }
        let run = Run(trial: trial, rung: rung, epochs: plan.epochs, metric: metric, seconds: clock() - began)
        try onRun(run, texts)
        runs.append(run)
      }
      last = runs.sorted { ($0.metric, $0.trial) < ($1.metric, $1.trial) }
      contenders = last.map(\.trial)
    }
    guard let best = last.first, best.metric.isFinite else {
      throw failure ?? TrainingError("found no trial that reached a finite metric, expected one")
    }
    let (chosen, _) = try space.draw(best.trial, from: options, seed: seed)
    return (chosen, best)
  }
}
