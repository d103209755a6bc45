import LigaseFormats

/// Examples: their keys, their inputs, and their observations.
package struct Examples: Sendable {
  /// The key columns, with a row for each example.
  package var keys: KeyColumns
  /// The inputs.
  package var inputs: [ExampleInput]
  /// The meaning of the observations.
  package var target: TargetDescription
  /// The observations.
  package var observations: Observations
  /// The group of each example; a split keeps groups together. A group is a set of identical sequences, or
  /// one that the user named.
  package var groups: [Int]
  /// Notes about the reading, one line each.
  package var notes: [String] = []

  /// Creates examples; keys, inputs and observations have one row for each example.
  package init(
    keys: KeyColumns, inputs: [ExampleInput], target: TargetDescription, observations: Observations,
    groups: [Int]
  ) {
    self.keys = keys
    self.inputs = inputs
    self.target = target
    self.observations = observations
    self.groups = groups
  }

  /// Creates examples of one input, in which each record is one example.
  package init(
    idColumn: String, ids: [String], records: any Records, modality: any Modality, target: TargetDescription,
    observations: Observations, groups: [Int]? = nil
  ) {
    self.init(
      keys: KeyColumns([KeyColumn(idColumn, ids)]),
      inputs: [ExampleInput(AnyModality(modality).name, modality, records, ids: ids, keyColumn: idColumn)],
      target: target, observations: observations, groups: groups ?? Array(ids.indices))
  }

  /// The number of examples.
  package var count: Int { keys.rowCount }

  /// The class of each example; nil where examples have none.
  package var classes: [Int]? {
    target.objective == "classes" ? observations.numbers.map { Int($0) } : nil
  }

  /// The stratum of each example in a stratified split: its class, or whether its event was observed; nil where examples have
  /// none.
  package var strata: [Int]? {
    guard target.objective == "survival" else { return classes }
    return stride(from: 1, to: observations.numbers.count, by: 2).map { Int(observations.numbers[$0]) }
  }
}

/// One input of examples: its records, and the record of each example.
package struct ExampleInput: Sendable {
  /// The name in options and model files.
  package var name: String
  /// The modality, with its options.
  package var modality: AnyModality
  /// The records.
  package var records: any Records
  /// The name of each record.
  package var ids: [String]
  /// The record of each example, -1 for an example without one; nil where example i has record i.
  package var index: [Int32]?
  /// The key column that names the record of an example.
  package var keyColumn: String

  /// Creates an input of records and their ids; `index` has the record of each example.
  package init(
    _ name: String, _ modality: any Modality, _ records: any Records, ids: [String], index: [Int32]? = nil,
    keyColumn: String
  ) {
    precondition(ids.count == records.count, "ExampleInput: \(ids.count) names of \(records.count) records")
    self.name = name
    self.modality = AnyModality(modality)
    self.records = records
    self.ids = ids
    self.index = index
    self.keyColumn = keyColumn
  }

  /// The record of an example, or -1.
  package func record(of example: Int) -> Int { index.map { Int($0[example]) } ?? example }

  /// Returns the number of steps of an example.
  package func stepCount(of example: Int) -> Int { records.stepCount(of: record(of: example)) }

  /// Returns the fields that name a step of an example.
  package func stepFields(of example: Int, step: Int) -> [String] {
    records.stepFields(of: record(of: example), step: step)
  }

  /// Returns the distinct records of some examples, ascending.
  package func records(of examples: [Int]) -> [Int] {
    guard let index else { return examples }
    return Set(examples.map { Int(index[$0]) }.filter { $0 >= 0 }).sorted()
  }
}
