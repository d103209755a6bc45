import ArgumentParser
import Glibc
import LigaseFormats
import LigaseRuntime
import LigaseModels

/// A training run of the command: progress, log, checkpoints, signals, and the final model.
struct TrainingRun {
  let files: TrainingFileOptions
  let report: ReportOptions

  /// Throws, before any work, where the output or a checkpoint of another run already exists, or a file
  /// cannot be created.
  static func refuseExisting(_ files: TrainingFileOptions) throws {
    guard files.output != nil else { throw ValidationError("Missing expected argument '--output <file>'") }
    try FileArguments.refuseExisting(files.modelPath, overwrite: files.overwrite)
    if access(files.checkpointPath, F_OK) == 0, !files.resume, !files.overwrite {
      throw FormatError(
        .cannotCreate, path: files.checkpointPath,
        "is the checkpoint of an unfinished run; use --resume to continue it or --overwrite to start over")
    }
    for path in [files.modelPath, files.checkpointPath, files.logPath] {
      try FileArguments.requirePlace(of: path)
    }
    if !files.overwrite { try TrainingLog.refuseOther(files.logPath) }
  }

  /// Trains, retrains on training and validation examples if the options require it, and writes the model.
  func run(_ first: consuming Training) throws {
    var training = first
    if files.resume, access(files.checkpointPath, F_OK) == 0 {
      try training.resume(fromCheckpoint: files.checkpointPath)
      report.note("resumed after epoch \(training.trainer.state.epoch)")
    }
    let log = try TrainingLog(
      files.logPath, of: training, keepingRun: training.isRefit ? 2 : 1, epochs: training.trainer.state.epoch)
    StopRequest.listen()
    try drive(&training, log)
    if let again = try training.refit() {
      let best = training.trainer.state.stopping.best.map {
        " (validation \(training.metricWords) \(Progress.short($0)))"
      }
      report.note(
        "best epoch: \(again.epochs)\(best ?? ""); retraining on training and validation \(training.unit) for "
          + "\(again.epochs.counted("epoch"))")
      training = again
      try drive(&training, log)
    }
    let model = training.model
    model.blendReport.forEach { report.note($0) }
    if let line = model.partReport { report.note(line) }
    try model.write(to: files.modelPath, overwrite: files.overwrite)
    unlink(files.checkpointPath)
    let metric = model.manifest.provenance.metrics["validation_\(training.metricName)"]
    report.note(
      "wrote \(files.modelPath)"
        + (metric.map { ": validation \(training.metricWords) \(Progress.short($0))" } ?? ""))
  }

  private func drive(_ training: inout Training, _ log: TrainingLog) throws {
    var progress = Progress(report)
    var meter = Meter(trainer: training.trainer.state.epoch, plan: training.epochs, unit: training.sampleUnit)
    let batchSize = training.trainer.plan.batchSize
    let outcome = try training.run(
      shouldStop: { StopRequest.isPending },
      onStep: { batch, batches, loss in
        progress.show(meter.moment(batch: batch, batches: batches, loss: loss, batchSize: batchSize))
      },
      onEpoch: { now, epoch in
        let (seconds, rate) = meter.finishEpoch(samples: now.sampleCount)
        let metric = epoch.metric.map { "\(Float($0))" } ?? ""
        // The row is written first: a run that is killed before the checkpoint resumes before this epoch and
        // writes the row again.
        try log.write(
          [
            now.isRefit ? "2" : "1", "\(epoch.epoch)", "\(Float(epoch.loss))", metric,
            epoch.isBest ? "1" : "0",
            "\(epoch.learningRate)",
            Progress.short(seconds), "\(Int(rate))",
          ])
        try now.writeCheckpoint(to: files.checkpointPath)
        progress.json(
          "{\"run\":\(now.isRefit ? 2 : 1),\"epoch\":\(epoch.epoch),\"loss\":\(epoch.loss),"
            + "\"validation_\(now.metricName)\":\(epoch.metric.map { "\($0)" } ?? "null"),"
            + "\"is_best\":\(epoch.isBest)}")
        // Of hundreds of epochs about a hundred lines tell enough; the log has all.
        let every = max(1, now.epochs / 100)
        guard epoch.epoch % every == 0 || epoch.epoch == now.epochs || epoch.isBest && epoch.metric != nil
        else {
          return
        }
        progress.line(
          "epoch \(epoch.epoch)/\(now.epochs): loss \(Progress.short(epoch.loss))"
            + (epoch.metric.map { ", validation \(now.metricWords) \(Progress.short($0))" } ?? "")
            + (now.validationScore.map { ", \($0.name) \(Progress.short($0.value))" } ?? "")
            + (epoch.isBest && epoch.metric != nil ? " * (best so far)" : "")
            + ", \(Progress.rate(rate)) \(now.sampleUnit)/s, \(Progress.duration(meter.secondsLeft)) left")
      })
    progress.clear()
    let done = training.trainer.state.epoch
    if outcome == .finished, done < training.epochs {
      report.note(
        "early stopping after epoch \(done) of at most \(training.epochs): no better validation "
          + "\(training.metricWords) for \((training.trainer.plan.patience ?? 0).counted("epoch"))")
    }
    guard outcome == .finished else {
      try training.writeCheckpoint(to: files.checkpointPath)
      StandardError.write(
        "ligase: stopped by a signal in epoch \(training.trainer.state.epoch + 1); --resume continues from "
          + "\(files.checkpointPath)\n")
      throw ExitCode(75)
    }
  }

  /// The speed, and the remaining time.
  private struct Meter {
    private var epochStart = Progress.now
    private var epochsDone: Int
    private let epochs: Int
    private let unit: String
    private var lastSeconds: Double?
    private var firstBatch: Int?

    init(trainer done: Int, plan epochs: Int, unit: String) {
      self.unit = unit
      epochsDone = done
      self.epochs = epochs
    }

    mutating func moment(batch: Int, batches: Int, loss: Double, batchSize: Int) -> Progress.Moment {
      // A resumed epoch starts in the middle.
      if firstBatch == nil { firstBatch = batch - 1 }
      let done = Double(batch - firstBatch!), spent = max(Progress.now - epochStart, 1e-9)
      let perBatch = spent / max(done, 1)
      let left =
        perBatch * Double(batches - batch) + perBatch * Double(batches) * Double(epochs - epochsDone - 1)
      return Progress.Moment(
        epoch: epochsDone + 1, epochs: epochs, batch: batch, batches: batches, loss: loss,
        samplesPerSecond: done * Double(batchSize) / spent, unit: unit, secondsLeft: left)
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

extension Training {
  /// The validation metric in messages.
  var metricWords: String {
    metricName == "rmse" ? "RMSE" : metricName.split(separator: "_").joined(separator: "-")
  }
}
