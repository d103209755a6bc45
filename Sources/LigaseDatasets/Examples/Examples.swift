import LigaseFormats

/// Examples for a supervised model: ids, what the model reads and what was observed.
public struct Examples: Sendable {
  /// The name of the column of ids.
  public var idColumn: String
  /// The id of each example.
  public var ids: [String]
  /// What the model reads.
  public var inputs: RawInputs
  /// The meaning of the observations; the scales of numbers are not fitted yet.
  public var target: Target
  /// What was observed.
  public var observations: Observations
  /// Examples with the same number are never parted by a split: identical sequences, or a group the user named.
  public var groups: [Int]
  /// What people are told about the reading.
  public var notes: [String] = []

  /// Joins the parts.
  public init(
    idColumn: String, ids: [String], inputs: RawInputs, target: Target, observations: Observations,
    groups: [Int]
  ) {
    self.idColumn = idColumn
    self.ids = ids
    self.inputs = inputs
    self.target = target
    self.observations = observations
    self.groups = groups
  }

  /// The number of examples.
  public var count: Int { ids.count }

  /// The class of each example and the number of classes, where these were observed.
  public var classes: (of: [Int32], count: Int)? {
    if case .classes(let all) = observations { (all, target.count) } else { nil }
  }
}

/// What a model reads for each example, before anything is fitted.
public enum RawInputs: Sendable {
  /// Residues.
  case sequences([[UInt8]])
  /// Numbers under names: genes of samples, or allele counts at sites.
  case features(FeatureTable)
}

/// Numbers under names: examples × features, row-major. A missing number is not-a-number.
public struct FeatureTable: Sendable {
  /// The names of the features.
  public var names: [String]
  /// The numbers of each example, one after the other.
  public var values: [Float]

  /// Joins names and numbers.
  public init(names: [String], values: [Float]) {
    precondition(
      names.isEmpty ? values.isEmpty : values.count % names.count == 0,
      "FeatureTable: \(values.count) numbers under \(names.count) names")
    self.names = names
    self.values = values
  }
}

extension Examples {
  /// The chosen examples; all of what was fitted or found over the whole stays.
  public func selecting(_ rows: [Int]) -> Examples {
    var chosen = self
    chosen.ids = rows.map { ids[$0] }
    chosen.groups = rows.map { groups[$0] }
    func pick(_ values: [Float], _ width: Int) -> [Float] {
      rows.flatMap { values[($0 * width)..<(($0 + 1) * width)] }
    }
    switch inputs {
    case .sequences(let all): chosen.inputs = .sequences(rows.map { all[$0] })
    case .features(let table):
      chosen.inputs = .features(
        FeatureTable(names: table.names, values: pick(table.values, table.names.count)))
    }
    switch observations {
    case .classes(let all): chosen.observations = .classes(rows.map { all[$0] })
    case .labels(let all): chosen.observations = .labels(pick(all, target.count))
    case .values(let all): chosen.observations = .values(pick(all, target.count))
    case .residues(let all): chosen.observations = .residues(rows.map { all[$0] })
    }
    return chosen
  }

  /// The class of each example for a stratified split; nil where examples have none.
  public var strata: [Int]? {
    if case .classes(let classes) = observations { return classes.map { Int($0) } }
    return nil
  }
}
