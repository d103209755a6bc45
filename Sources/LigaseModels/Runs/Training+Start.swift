import LigaseDatasets
import LigaseNetworks
import LigaseTensors

extension Training {
  /// Starts the linear layers of inputs beside a network at the weights that they have alone, and the last layer of the
  /// network at zeros.
  ///
  /// A network overfits few examples within a few epochs, before linear layers that begin at random have converged: the
  /// whole would be stopped early and be worse than its linear part. From this start, it adds to that part what it can.
  static func startLinearInputs(
    _ network: inout ModelNetwork, _ data: TrainingData, _ options: ModelOptions, train: [Int], seed: UInt64
  ) throws {
    let plan = network.plan, names = plan.inputs.filter(plan.isDirect).map(\.name)
    guard !names.isEmpty, !plan.isLinear, plan.head.isUsed, !plan.isOfSteps,
      data.examples.keys.columns.count == 1
    else { return }
    let part = Ablation(name: "", inputs: names)
    var (alone, own) = (part.restricted(data), part.restricted(options))
    (alone.division.train, alone.division.validation, alone.division.test) = (train, [], [])
    (own.training.refits, own.training.choosesPenalties, own.training.choosesEpochs) = (false, nil, nil)
    own.blend = []
    own.ensemble = 1
    var training = try Training(alone, options: own, seed: seed, keepsBackground: false)
    _ = try training.run()
    let found = Dictionary(
      uniqueKeysWithValues: training.trainer.result.namedTensors.map { ($0.name, $0.tensor) })
    let bias = found.first { $0.key.hasSuffix(".bias") && $0.value.shape == [plan.outputs] }?.value
    network.updateTensors { name, _, tensor in
      let rest = name.split(separator: ".", maxSplits: 2)
      guard rest.count == 3, rest[0] == "members" else { return }
      if let start = found["members.0.\(rest[2])"], start.shape == tensor.shape {
        tensor = start
      } else if rest[2] == "head.layers.\(plan.head.hidden.count).weight" {
        tensor = .zeros(tensor.shape)
      } else if let bias, rest[2] == "head.layers.\(plan.head.hidden.count).bias" {
        tensor = bias
      }
    }
  }
}
