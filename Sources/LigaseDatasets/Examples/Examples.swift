import LigaseFormats

/// Examples: the keys that name them, what a model reads of each, and what was observed.
package struct Examples: Sendable {
  /// The key columns, a row an example.
  package var keys: KeyColumns
  /// The inputs.
  package var inputs: [ExampleInput]
  /// The meaning of the observations.
  package var target: TargetDescription
  /// The observations.
  package var observations: Observations
  /// Examples with the same number are never parted by a split: identical sequences, or a group the user named.
  package var groups: [Int]
  /// Notes about the reading, one line each.
  package var notes: [String] = []

  /// Examples with their keys, inputs, target and observations; all have one row for each example.
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

  /// Examples of one input, in which each record is one example.
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

  /// The class of each example for a stratified split; nil where examples have none.
  package var strata: [Int]? {
    target.objective == "classes" ? observations.numbers.map { Int($0) } : nil
  }
}

/// One input of examples: its records, and which of them each example has.
package struct ExampleInput: Sendable {
  /// The name in options and model files.
  package var name: String
  /// The modality, with the user's choices.
  package var modality: AnyModality
  /// The records.
  package var records: any Records
  /// The name of each record.
  package var ids: [String]
  /// The record of each example; nil where example i has record i.
  package var index: [Int32]?
  /// The key column that names the record of an example.
  package var keyColumn: String

  /// An input with its records and their ids; `index` gives the record of each example.
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

  /// The record of an example.
  package func record(of example: Int) -> Int { index.map { Int($0[example]) } ?? example }

  /// The distinct records of some examples, ascending.
  package func records(of examples: [Int]) -> [Int] {
    guard let index else { return examples }
    return Set(examples.map { Int(index[$0]) }).sorted()
  }
}
