import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

/// RNN, GRU and LSTM in one and two directions and layers, equal and ragged, against PyTorch.
@Suite struct RecurrentReferenceTests {
  @Test(arguments: ReferenceCase.all("recurrent.json")) func agreesWithPyTorch(_ one: ReferenceCase) throws {
    let cells: [String: RecurrentCell] = ["tanh": .tanh, "relu": .relu, "gru": .gru, "lstm": .lstm]
    let model = Recurrent(
      cells[one.kind]!, inputSize: one.inputSize!, hiddenSize: one.hiddenSize!, layerCount: one.layers!,
      isBidirectional: one.bidirectional!, bias: one.bias!, from: .drawing(seed: 1))
    let layout = GridLayout(lengths: one.lengths!)
    try one.check(model) { model, x, context in
      let (output, final) = model(Grids(values: x, layout: layout), initial: nil, context)
      let hidden = Tensor.concatenatedRows(final.map(\.hidden))
      var loss = squaredError(output.values, one.target!.tensor) + (hidden * one.hiddenWeights!.tensor).sum()
      var outputs = ["output": output.values, "hidden": hidden]
      if one.kind == "lstm" {
        let cell = Tensor.concatenatedRows(final.map { $0.cell! })
        loss = loss + (cell * one.cellWeights!.tensor).sum()
        outputs["cell"] = cell
      }
      return (loss, outputs)
    }
  }

  @Test(arguments: ReferenceCase.all("recurrent.json")) func withoutStatesTheOutputsAreTheSame(
    _ one: ReferenceCase
  ) throws {
    let cells: [String: RecurrentCell] = ["tanh": .tanh, "relu": .relu, "gru": .gru, "lstm": .lstm]
    var model = Recurrent(
      cells[one.kind]!, inputSize: one.inputSize!, hiddenSize: one.hiddenSize!, layerCount: one.layers!,
      isBidirectional: one.bidirectional!, bias: one.bias!, from: .drawing(seed: 1))
    try model.load { one.parameters![$0]?.tensor }
    let input = Grids(values: one.input!.tensor, layout: GridLayout(lengths: one.lengths!))
    one.expectClose(model(input, .inference).values, one.outputs!["output"]!, "output")
  }
}
