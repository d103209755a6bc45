/// The observation of each example.
package struct Observations: Sendable {
  /// N × `width`, row-major, not-a-number where nothing is known: the number of a class, 1 or 0 for each label, or values.
  package var numbers: [Float] = []
  /// Numbers an example.
  package var width = 0
  /// For each example the number of each step's class, -1 where it is not known; empty where examples are labelled whole.
  package var steps: [[Int32]] = []

  package init(numbers: [Float], width: Int) { (self.numbers, self.width) = (numbers, width) }
  package init(steps: [[Int32]]) { self.steps = steps }

  /// The numbers of some examples, one after the other.
  package func numbers(of rows: [Int]) -> [Float] {
    rows.flatMap { numbers[($0 * width)..<(($0 + 1) * width)] }
  }
}

/// The meaning of observations before anything is fitted.
package struct TargetDescription: Hashable, Sendable {
  /// The name of the objective: `classes`, `labels`, `values` or `steps`.
  package var objective: String
  /// The names of the outputs: classes, labels, or columns of values.
  package var names: [String]
  /// The columns of labels; empty where labels do not stand in a table.
  package var columns: [String]

  package init(_ objective: String, _ names: [String], columns: [String] = []) {
    (self.objective, self.names, self.columns) = (objective, names, columns)
  }
}
