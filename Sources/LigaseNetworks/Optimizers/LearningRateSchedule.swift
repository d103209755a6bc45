import LigaseTensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// The schedule of the learning rate over a run.
///
/// ```swift
/// let plan = Trainer<Linear>.Plan(
///   epochs: 50, batchSize: 32, learningRate: 1e-3,
///   schedule: LearningRateSchedule(.cosine(floor: 0.01), warmupSteps: 100))
/// ```
public struct LearningRateSchedule: Hashable, Sendable {
  /// The curve of the learning rate after the warmup.
  public enum Curve: Hashable, Sendable {
    /// A constant rate.
    case constant
    /// Half a cosine from the rate down to `floor` times the rate (Loshchilov and Hutter, 2017).
    case cosine(floor: Float)
    /// Multiplication by `factor` after every `epochs` epochs.
    case step(epochs: Int, factor: Float)
    /// Multiplication by `factor` whenever the validation metric has not improved for `patience` epochs.
    case plateau(patience: Int, factor: Float)
  }

  /// The curve after the warmup.
  package var curve: Curve
  /// The number of steps in which the rate increases linearly from near zero.
  package var warmupSteps: Int

  /// Creates a schedule with an optional warmup.
  public init(_ curve: Curve, warmupSteps: Int = 0) {
    self.curve = curve
    self.warmupSteps = warmupSteps
  }

  /// The constant schedule.
  package static var constant: LearningRateSchedule { LearningRateSchedule(.constant) }

  /// The state of a plateau schedule between epochs.
  package struct State: Codable, Hashable, Sendable {
    /// The product of all reductions so far.
    package var scale: Float = 1
    /// The best metric so far; smaller is better.
    package var best: Double?
    /// The number of epochs since the best one or the last reduction.
    package var waited = 0

    /// Creates the state before the first epoch.
    package init() {}
  }

  /// Returns the rate of one step.
  ///
  /// - Parameters:
  ///   - peak: the rate at the start of the curve.
  ///   - step: the number of finished steps.
  ///   - total: the number of steps of the whole run.
  ///   - stepsPerEpoch: the number of steps of one epoch.
  package func rate(_ peak: Float, step: Int, of total: Int, stepsPerEpoch: Int, state: State) -> Float {
    if step < warmupSteps { return peak * Float(step + 1) / Float(warmupSteps) }
    switch curve {
    case .constant: return peak
    case .cosine(let floor):
      let progress = Double(step - warmupSteps) / Double(max(total - warmupSteps, 1))
      let height = 0.5 * (1 + cos(Double.pi * min(progress, 1)))
      return peak * (floor + (1 - floor) * Float(height))
    case .step(let epochs, let factor):
      let reductions = step / max(stepsPerEpoch, 1) / max(epochs, 1)
      return peak * Float(pow(Double(factor), Double(reductions)))
    case .plateau: return peak * state.scale
    }
  }

  /// Updates the state with an epoch's validation metric; smaller is better.
  package func finishEpoch(metric: Double, state: inout State) {
    guard case .plateau(let patience, let factor) = curve else { return }
    if state.best.map({ metric < $0 }) ?? true {
      state.best = metric
      state.waited = 0
    } else {
      state.waited += 1
      if state.waited > patience {
        state.scale *= factor
        state.waited = 0
      }
    }
  }
}
