internal import Glibc

/// In-place parameter updates, the inner loops of the optimisers; nothing is recorded.
extension Tensor {
  /// One step of stochastic gradient descent: `v = momentum v + (1 - dampening) (g + decay p)`, `p -= rate v`.
  /// The first step sets `v = g + decay p`.
  public mutating func sgdUpdate(
    gradient: Tensor, velocity: inout Tensor, rate: Float, momentum: Float, dampening: Float, decay: Float,
    isNesterov: Bool, isFirst: Bool
  ) {
    withUnsafeMutableBufferPointer { p in
      velocity.withUnsafeMutableBufferPointer { v in
        Kernels.sgdUpdate(
          p.count, p.baseAddress!, gradient.floats, v.baseAddress!, rate, momentum, dampening, decay,
          isNesterov ? 1 : 0, isFirst ? 1 : 0)
      }
    }
  }

  /// One step of Adam: `p -= rate m' / (sqrt(v') + epsilon)` with bias-corrected moments after `time` steps.
  public mutating func adamUpdate(
    gradient: Tensor, mean: inout Tensor, square: inout Tensor, rate: Float, beta1: Float, beta2: Float,
    epsilon: Float, decay: Float, decoupledDecay: Float, time: Float
  ) {
    let correction1 = Float(1 - Glibc.pow(Double(beta1), Double(time)))
    let correction2 = Float(1 - Glibc.pow(Double(beta2), Double(time)))
    withUnsafeMutableBufferPointer { p in
      mean.withUnsafeMutableBufferPointer { m in
        square.withUnsafeMutableBufferPointer { v in
          nonisolated(unsafe) let (p0, m0, v0) = (p.baseAddress!, m.baseAddress!, v.baseAddress!)
          ThreadTeam.current.forEachRange(of: p.count, grain: 1 << 15) { range in
            let at = range.lowerBound
            Kernels.adamUpdate(
              range.count, p0 + at, gradient.floats + at, m0 + at, v0 + at, rate, beta1, beta2, epsilon,
              decay,
              decoupledDecay, correction1, correction2)
          }
        }
      }
    }
  }

  /// One step of RMSProp: `p -= rate g / (sqrt(v) + epsilon)`, with momentum over the change when asked for.
  public mutating func rmspropUpdate(
    gradient: Tensor, square: inout Tensor, velocity: inout Tensor, rate: Float, alpha: Float, epsilon: Float,
    momentum: Float, decay: Float
  ) {
    withUnsafeMutableBufferPointer { p in
      square.withUnsafeMutableBufferPointer { v in
        velocity.withUnsafeMutableBufferPointer { b in
          Kernels.rmspropUpdate(
            p.count, p.baseAddress!, gradient.floats, v.baseAddress!, b.baseAddress!, rate, alpha, epsilon,
            momentum,
            decay)
        }
      }
    }
  }

  /// `self = keep * self + (1 - keep) * other`: an exponential moving average.
  public mutating func average(with other: Tensor, keeping keep: Float) {
    precondition(shape == other.shape, "average: \(shape) and \(other.shape)")
    withUnsafeMutableBufferPointer { p in
      Kernels.scaleShift(p.count, p.baseAddress!, keep, 0, p.baseAddress!)
      Kernels.addScaled(p.count, 1 - keep, other.floats, p.baseAddress!)
    }
  }
}
