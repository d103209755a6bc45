/// What a model says about an example: the meaning of its outputs, kept with the model.
public enum Target: Codable, Hashable, Sendable {
  /// One of these classes.
  case classes([String])
  /// Any of these labels, each yes or no.
  case labels([String])
  /// Numbers, one for each name; outputs are in units of the deviation from the mean over training examples.
  case values([Scale])
  /// One of these classes for every residue; each is one letter.
  case residues([String])

  /// The scale of a predicted number.
  public struct Scale: Codable, Hashable, Sendable {
    /// The column it came from.
    public var name: String
    /// The mean over training examples.
    public var mean: Float
    /// The standard deviation over them.
    public var deviation: Float

    /// Joins the settings.
    public init(name: String, mean: Float, deviation: Float) {
      self.name = name
      self.mean = mean
      self.deviation = deviation
    }
  }

  /// Whether numbers are predicted.
  public var isOfValues: Bool { if case .values = self { true } else { false } }

  /// Outputs of the network for one example or residue, K.
  public var count: Int {
    switch self {
    case .classes(let names), .labels(let names), .residues(let names): names.count
    case .values(let scales): scales.count
    }
  }

  /// The names of the outputs.
  public var names: [String] {
    switch self {
    case .classes(let names), .labels(let names), .residues(let names): names
    case .values(let scales): scales.map(\.name)
    }
  }

  /// Why it cannot be used, if so.
  public var problem: String? {
    if Set(names).count < count { return "found two outputs of one name" }
    switch self {
    case .classes, .residues: if count < 2 { return "found \(count) classes, expected two or more" }
    case .labels: if count < 1 { return "found no label" }
    case .values(let scales):
      if scales.isEmpty { return "found no value to predict" }
      if let scale = scales.first(where: { !($0.deviation > 0 && $0.deviation.isFinite && $0.mean.isFinite) })
      {
        return "found the deviation \(scale.deviation) of '\(scale.name)', expected more than 0"
      }
    }
    return nil
  }
}

/// What was observed for each example.
public enum Observations: Sendable {
  /// The index of the class.
  case classes([Int32])
  /// 1 or 0 for each label, `[N, K]` row-major; not-a-number where it is not known.
  case labels([Float])
  /// Numbers, `[N, K]` row-major; not-a-number where it is not known.
  case values([Float])
  /// The index of each residue's class; -1 where it is not known.
  case residues([[Int32]])
}
