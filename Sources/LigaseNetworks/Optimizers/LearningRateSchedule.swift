import LigaseTensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// How the learning rate moves over a run.
///
/// ```swift
/// let plan = Trainer<Linear>.Plan(
///   epochs: 50, batchSize: 32, learningRate: 1e-3,
///   schedule: LearningRateSchedule(.cosine(floor: 0.01), warmupSteps: 100))
/// ```
public struct LearningRateSchedule: Hashable, Sendable {
  /// The shape of the curve after the warm-up.
  public enum Curve: Hashable, Sendable {
    /// The rate stays.
    case constant
    /// Half a cosine from the rate down to `floor` times the rate (Loshchilov and Hutter, 2017).
    case cosine(floor: Float)
    /// Times `factor` after every `epochs` epochs.
    case step(epochs: Int, factor: Float)
    /// Times `factor` whenever the validation metric has not improved for `patience` epochs.
    case plateau(patience: Int, factor: Float)
  }

  /// The shape of the curve.
  package var curve: Curve
  /// Steps over which the rate climbs evenly from near zero.
  package var warmupSteps: Int

  /// Joins curve and warm-up.
  public init(_ curve: Curve, warmupSteps: Int = 0) {
    self.curve = curve
    self.warmupSteps = warmupSteps
  }

  /// No change.
  package static var constant: LearningRateSchedule { LearningRateSchedule(.constant) }

  /// What a plateau schedule remembers between epochs.
  package struct State: Codable, Hashable, Sendable {
    /// The product of all reductions so far.
    package var scale: Float = 1
    /// The best metric seen; smaller is better.
    package var best: Double?
    /// Epochs since the best one or the last reduction.
    package var waited = 0

    /// Before the first epoch.
    package init() {}
  }

  /// The rate of one step.
  ///
  /// - Parameters:
  ///   - peak: the rate the curve starts from.
  ///   - step: finished steps.
  ///   - total: the steps of the whole run.
  ///   - stepsPerEpoch: the steps of one epoch.
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

  /// Takes note of an epoch's validation metric; smaller is better.
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
