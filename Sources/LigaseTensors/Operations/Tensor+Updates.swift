internal import Glibc

/// The number of parameters below which one thread is faster than a fork and a join.
private let grain = 1 << 15

extension Tensor {
  /// Stops the program where one of the named tensors has another shape than the parameter that is updated.
  private func requireShapes(_ operation: String, _ others: (name: String, tensor: Tensor)?...) {
    for case let (name, tensor)? in others {
      require(
        tensor.shape == shape,
        "\(operation): the \(name) has the shape \(tensor.shape), the parameter \(shape)")
    }
  }
}

/// In-place parameter updates, the inner loops of the optimisers, without a history.
extension Tensor {
  /// Takes one step of stochastic gradient descent: `v = momentum v + (1 - dampening) (g + decay p)`, `p -=
  /// rate v`. The first step sets `v = g + decay p`. Gradient and velocity have the parameter's shape;
  /// without momentum the velocity is not used.
  package mutating func sgdUpdate(
    gradient: Tensor, velocity: inout Tensor, rate: Float, momentum: Float, dampening: Float, decay: Float,
    isNesterov: Bool, isFirst: Bool
  ) {
    requireShapes("sgdUpdate", ("gradient", gradient), momentum == 0 ? nil : ("velocity", velocity))
    withUnsafeMutableBufferPointer { p in
      velocity.withUnsafeMutableBufferPointer { v in
        nonisolated(unsafe) let (p0, v0) = (p.baseAddress!, v.baseAddress!)
        ThreadTeam.current.forEachRange(of: p.count, grain: grain) { range in
          let at = range.lowerBound
          Kernels.sgdUpdate(
            range.count, p0 + at, gradient.floats + at, momentum == 0 ? v0 : v0 + at, rate, momentum,
            dampening,
            decay, isNesterov ? 1 : 0, isFirst ? 1 : 0)
        }
      }
    }
  }

  /// Takes one step of Adam: `p -= rate m' / (sqrt(v') + epsilon)` with bias-corrected moments after `time`
  /// steps.
  /// Gradient and moments have the parameter's shape.
  package mutating func adamUpdate(
    gradient: Tensor, mean: inout Tensor, square: inout Tensor, rate: Float, beta1: Float, beta2: Float,
    epsilon: Float, decay: Float, decoupledDecay: Float, time: Float
  ) {
    requireShapes("adamUpdate", ("gradient", gradient), ("mean", mean), ("square", square))
    let correction1 = Float(1 - Glibc.pow(Double(beta1), Double(time)))
    let correction2 = Float(1 - Glibc.pow(Double(beta2), Double(time)))
    withUnsafeMutableBufferPointer { p in
      mean.withUnsafeMutableBufferPointer { m in
        square.withUnsafeMutableBufferPointer { v in
          nonisolated(unsafe) let (p0, m0, v0) = (p.baseAddress!, m.baseAddress!, v.baseAddress!)
          ThreadTeam.current.forEachRange(of: p.count, grain: grain) { range in
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

  /// Takes one step of RMSProp: `p -= rate g / (sqrt(v) + epsilon)`, with optional momentum. Gradient and
  /// averages have the parameter's shape; without momentum the velocity is not used.
  package mutating func rmspropUpdate(
    gradient: Tensor, square: inout Tensor, velocity: inout Tensor, rate: Float, alpha: Float, epsilon: Float,
    momentum: Float, isNesterov: Bool = false, decay: Float, signDecay: Float = 0
  ) {
    requireShapes(
      "rmspropUpdate", ("gradient", gradient), ("square", square),
      momentum == 0 ? nil : ("velocity", velocity))
    withUnsafeMutableBufferPointer { p in
      square.withUnsafeMutableBufferPointer { v in
        velocity.withUnsafeMutableBufferPointer { b in
          nonisolated(unsafe) let (p0, v0, b0) = (p.baseAddress!, v.baseAddress!, b.baseAddress!)
          ThreadTeam.current.forEachRange(of: p.count, grain: grain) { range in
            let at = range.lowerBound
            Kernels.rmspropUpdate(
              range.count, p0 + at, gradient.floats + at, v0 + at, momentum == 0 ? b0 : b0 + at, rate, alpha,
              epsilon, momentum, isNesterov ? 1 : 0, decay, signDecay)
          }
        }
      }
    }
  }

  /// Computes `self = keep * self + (1 - keep) * other`: an exponential moving average.
  package mutating func average(with other: Tensor, keeping keep: Float) {
    requireShapes("average", ("other", other))
    withUnsafeMutableBufferPointer { p in
      Kernels.scaleShift(p.count, p.baseAddress!, keep, 0, p.baseAddress!)
      Kernels.addScaled(p.count, 1 - keep, other.floats, p.baseAddress!)
    }
  }
}
