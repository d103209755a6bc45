/// The observation of each example.
package struct Observations: Sendable {
  /// N × `width`, row-major, not-a-number where nothing is known: the number of a class, 1 or 0 for each label, values, or of
  /// the time to an event the time and 1 or 0.
  package var numbers: [Float] = []
  /// The number of numbers for each example.
  package var width = 0
  /// The class index of each step of each example, -1 where unknown; empty where examples are labelled as a
  /// whole.
  package var steps: [[Int32]] = []

  /// The label of each place of each example; nil where examples are labelled as a whole or in steps.
  package var maps: LabelMaps?

  package init(maps: LabelMaps) { self.maps = maps }
  package init(numbers: [Float], width: Int) { (self.numbers, self.width) = (numbers, width) }
  package init(steps: [[Int32]]) { self.steps = steps }

  /// The observations of some examples.
  package func selecting(_ rows: [Int]) -> Observations {
    var chosen = Observations(numbers: numbers.isEmpty ? [] : numbers(of: rows), width: width)
    chosen.maps = maps?.selecting(rows)
    chosen.steps = steps.isEmpty ? [] : rows.map { steps[$0] }
    return chosen
  }

  /// Returns the mean of each number over some examples, of those that are known; 0 where none is.
  package func means(rows: [Int]) -> [Float] {
    (0..<width).map { k in
      let known = rows.lazy.map { numbers[$0 * width + k] }.filter { !$0.isNaN }
      return Float(known.reduce(0.0) { $0 + Double($1) } / Double(max(1, known.count)))
    }
  }

  /// Returns the numbers of some examples, one after the other.
  package func numbers(of rows: [Int]) -> [Float] {
    rows.flatMap { numbers[($0 * width)..<(($0 + 1) * width)] }
  }
}

/// The meaning of observations before anything is fitted.
package struct TargetDescription: Hashable, Sendable {
  /// The name of the objective: `classes`, `labels`, `values`, `survival` or `steps`.
  package var objective: String
  /// The names of the outputs: classes, labels, or columns of values.
  package var names: [String]
  /// The columns of labels; empty where labels are not in a table.
  package var columns: [String]
  /// Times at which survival is predicted; empty for other objectives.
  package var times: [Float] = []
  /// The channel of the first input, a series, whose values after its end are the target; nil unless it is a forecast.
  package var forecastChannel: Int?

  package init(_ objective: String, _ names: [String], columns: [String] = []) {
    (self.objective, self.names, self.columns) = (objective, names, columns)
  }
}
