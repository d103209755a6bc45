import ArgumentParser
import Glibc
import LigaseFormats
import LigaseModels

/// A training run as the command shows it: progress, log, checkpoints, signals, and the model at the end.
struct TrainingRun {
  let files: TrainingFileOptions
  let report: ReportOptions

  /// Fails before any work where the output or a checkpoint of another run is in the way.
  static func refuseExisting(_ files: TrainingFileOptions) throws {
    if access(files.output, F_OK) == 0, !files.overwrite {
      throw FormatError(.cannotCreate, path: files.output, "exists; --overwrite replaces it")
    }
    if access(files.checkpointPath, F_OK) == 0, !files.resume, !files.overwrite {
      throw FormatError(
        .cannotCreate, path: files.checkpointPath,
        "is the checkpoint of an unfinished run; --resume goes on with it, --overwrite begins anew")
    }
    let folder = files.output.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    let place = folder.isEmpty ? (files.output.hasPrefix("/") ? "/" : ".") : folder
    guard access(place, W_OK) == 0 else {
      throw FormatError(
        .cannotCreate, path: files.output, "cannot create: \(String(cString: strerror(errno)))")
    }
  }

  /// Trains, trains again on all pairs where the options say so, and writes the model.
  func run(_ first: consuming DrugResponseTraining) throws {
    var training = first
    let resumes = files.resume && access(files.checkpointPath, F_OK) == 0
    if resumes {
      try training.resume(fromCheckpoint: files.checkpointPath)
      report.note("resumed after epoch \(training.trainer.state.epoch)")
    }
    let log = try TrainingLog(
      files.logPath,
      columns: [
        "epoch", "loss", "validation_rmse", "is_best", "learning_rate", "seconds", "pairs_per_second",
      ],
      resumes: resumes)
    StopRequest.listen()
    try drive(&training, log)
    if let again = try training.refit() {
      let best = training.trainer.state.stopping.best.map { " (validation RMSE \(Progress.short($0)))" } ?? ""
      report.note(
        "epoch \(again.epochs) was the best\(best); training again on training and validation pairs for \(again.epochs)"
      )
      training = again
      try drive(&training, log)
    }
    try training.model.write(to: files.output, overwrite: files.overwrite)
    unlink(files.checkpointPath)
    let metrics = training.model.manifest.provenance.metrics
    report.note(
      "wrote \(files.output)"
        + (metrics["validation_rmse"].map { ": validation RMSE \(Progress.short($0))" } ?? ""))
  }

  private func drive(_ training: inout DrugResponseTraining, _ log: TrainingLog) throws {
    var progress = Progress(report)
    var meter = Meter(trainer: training.trainer.state.epoch, plan: training.epochs)
    let batchSize = training.trainer.plan.batchSize
    let outcome = try training.run(
      shouldStop: { StopRequest.isPending },
      onStep: { batch, batches, loss in
        progress.show(meter.moment(batch: batch, batches: batches, loss: loss, batchSize: batchSize))
      },
      onEpoch: { now, epoch in
        let (seconds, rate) = meter.finishEpoch(samples: now.manifest.provenance.pairs["train"] ?? 0)
        try now.writeCheckpoint(to: files.checkpointPath)
        let metric = epoch.metric.map { "\(Float($0))" } ?? ""
        try log.write(
          [
            "\(epoch.epoch)", "\(Float(epoch.loss))", metric, epoch.isBest ? "1" : "0",
            "\(epoch.learningRate)",
            Progress.short(seconds), "\(Int(rate))",
          ])
        progress.line(
          "epoch \(epoch.epoch)/\(now.epochs): loss \(Progress.short(epoch.loss))"
            + (epoch.metric.map { ", validation RMSE \(Progress.short($0))" } ?? "")
            + (epoch.isBest ? " *" : "")
            + ", \(Int(rate)) pairs/s, \(Progress.duration(meter.secondsLeft)) left")
        progress.json(
          "{\"epoch\":\(epoch.epoch),\"loss\":\(epoch.loss),\"validation_rmse\":\(epoch.metric.map { "\($0)" } ?? "null"),"
            + "\"is_best\":\(epoch.isBest)}")
      })
    progress.clear()
    guard outcome == .finished else {
      try training.writeCheckpoint(to: files.checkpointPath)
      StandardError.write(
        "ligase: stopped in epoch \(training.trainer.state.epoch + 1); \(files.checkpointPath) holds the run, "
          + "--resume goes on with it\n")
      throw ExitCode(75)
    }
  }

  /// Speed, and the time that is left.
  private struct Meter {
    private var epochStart = Progress.now
    private var epochsDone: Int
    private let epochs: Int
    private var lastSeconds: Double?
    private var firstBatch: Int?

    init(trainer done: Int, plan epochs: Int) {
      epochsDone = done
      self.epochs = epochs
    }

    mutating func moment(batch: Int, batches: Int, loss: Double, batchSize: Int) -> Progress.Moment {
      // A resumed epoch begins in the middle.
      if firstBatch == nil { firstBatch = batch - 1 }
      let done = Double(batch - firstBatch!), spent = max(Progress.now - epochStart, 1e-9)
      let perBatch = spent / max(done, 1)
      let left =
        perBatch * Double(batches - batch) + perBatch * Double(batches) * Double(epochs - epochsDone - 1)
      return Progress.Moment(
        epoch: epochsDone + 1, epochs: epochs, batch: batch, batches: batches, loss: loss,
        samplesPerSecond: done * Double(batchSize) / spent, secondsLeft: left)
    }

    mutating func finishEpoch(samples: Int) -> (seconds: Double, samplesPerSecond: Double) {
      let seconds = max(Progress.now - epochStart, 1e-9)
      lastSeconds = seconds
      epochStart = Progress.now
      firstBatch = 0
      epochsDone += 1
      return (seconds, Double(samples) / seconds)
    }

    var secondsLeft: Double { (lastSeconds ?? 0) * Double(epochs - epochsDone) }
  }
}
