import LigaseTensors
import TestSupport
import Testing

@Suite struct TraceTests {
  @Test func aTraceNamesOperationsAndTheirChoices() {
    let x = Grids(values: Tensor.draws([6, 2]).tracked(), layout: GridLayout(lengths: [4, 2]))
    let weight = Tensor.draws([3, 2, 3]).tracked()
    let window = SlidingWindow(size: 3, dilation: 2, padding: .same)
    let y = x.convolved(weight: weight, bias: nil, window: window).mapValues { $0.relu() }.maxOverLength()
    let trace = y.trace
    #expect(trace.map { $0.operation?.name } == [nil, nil, "convolved", "relu", "maxOverLength"])
    #expect(trace.map(\.shape) == [[6, 2], [3, 2, 3], [6, 3], [6, 3], [2, 3]])
    #expect(trace.map(\.inputs) == [[], [], [0, 1], [2], [3]])
    #expect(
      trace[2].operation?.attributes == [
        "size": .integers([3]), "stride": .integers([1]), "dilation": .integers([2]),
        "before": .integers([2]),
        "after": .integers([2]),
      ])
    #expect(Tensor.ones([2]).trace.isEmpty)
  }

  /// Every parameter of an operation is in its trace.
  @Test func choicesAreAttributes() {
    let x = Tensor.draws([4, 6]).tracked()
    let chosen: [(Tensor, String, [String: Operation.Attribute])] = [
      (x.permuted([1, 0]), "permuted", ["order": .integers([1, 0])]),
      (x.sum(alongAxis: 1), "sum", ["axis": .integer(1)]),
      (x.slicedLast(1..<3), "slicedLast", ["range": .integers([1, 3])]),
      (x.slicedFirst(1..<3), "slicedFirst", ["range": .integers([1, 3])]),
      (x * 2, "multiply", ["by": .number(2)]), (x + 2, "add", ["shift": .number(2)]), (x + x, "add", [:]),
      (x.normalizedRows(epsilon: 0.5), "normalizedRows", ["epsilon": .number(0.5)]),
      (x.dropout(probability: 0.5, key: 1), "dropout", ["probability": .number(0.5)]),
      (x.softmax(), "softmax", [:]), (x.reshaped([24]), "reshaped", [:]),
    ]
    for (value, name, attributes) in chosen {
      #expect(value.trace.last?.operation == Operation(name, attributes))
    }
  }
}
