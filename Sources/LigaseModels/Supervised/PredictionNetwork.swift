import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Networks of one shape side by side; predictions are the means of theirs.
public struct PredictionNetwork: Module {
  /// The networks.
  public var members: [NetworkMember]

  init(_ architecture: Architecture, _ shape: NetworkShape, from weights: WeightBuilder) {
    members = (0..<architecture.members).map {
      NetworkMember(architecture, shape, from: weights.nested("members.\($0)"))
    }
  }

  /// Lets members of one linear layer answer all inputs with `logits`, `[K]`.
  mutating func begin(withLogits logits: Tensor) {
    for i in members.indices {
      guard let shape = members[i].linear?.weight.shape else { continue }
      members[i].linear!.weight = .zeros(shape)
      members[i].linear!.bias = logits
    }
  }

  /// The mean of the members' losses.
  func loss(_ input: InputBatch, _ context: Context, _ loss: (Tensor) -> Tensor) -> Tensor {
    let losses = members.map { loss($0(input, context)) }
    return losses.dropFirst().reduce(losses[0]) { $0 + $1 } / Float(losses.count)
  }

  /// Half the sum of the squared weights that stand at a row of inputs, the mean over the members.
  func inputPenalty() -> Tensor? {
    let weights = members.flatMap { member in
      [
        member.linear?.weight,
        member.shape.isRow && member.recurrent == nil && member.convolution == nil
          ? member.head?.layers.first?.weight : nil,
      ].compactMap { $0 }
    }
    guard let first = weights.first else { return nil }
    let sum = weights.dropFirst().reduce(first.squared().sum()) { $0 + $1.squared().sum() }
    return sum * (0.5 / Float(members.count))
  }

  /// Probabilities of classes, those of labels, or scaled values: `[N, K]`, or `[sum of L, K]`.
  func predict(_ input: InputBatch, _ target: Target) -> Tensor {
    let input = input.sharingEqualSteps()
    let outputs = members.map { member in
      let logits = member(input, .inference)
      return switch target {
      case .classes, .residues: logits.softmax()
      case .labels: logits.sigmoid()
      case .values: logits
      }
    }
    return outputs.dropFirst().reduce(outputs[0]) { $0 + $1 } / Float(outputs.count)
  }

  /// Visits the parameters under their names.
  public mutating func visitParameters(_ visit: ParameterVisitor) { visit("members", &members) }
}
