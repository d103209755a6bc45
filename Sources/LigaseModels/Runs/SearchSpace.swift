internal import FoundationEssentials
internal import Glibc
import LigaseFormats
import LigaseTensors

/// The options that a search draws: dotted names of the JSON form, each with its choices or its range.
///
///     { "architecture.hiddenSize": [32, 64, 128],
///       "training.learningRate": { "low": 0.0003, "high": 0.01, "log": true } }
package struct SearchSpace: Sendable {
  private enum Values: Decodable, Sendable {
    case choices([JSONValue])
    case range(low: Double, high: Double, isLogarithmic: Bool, isWhole: Bool)

    private enum CodingKeys: String, CodingKey { case low, high, log, whole }

    init(from decoder: any Decoder) throws {
      if let choices = try? decoder.singleValueContainer().decode([JSONValue].self) {
        self = .choices(choices)
        return
      }
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self = .range(
        low: try container.decode(Double.self, forKey: .low),
        high: try container.decode(Double.self, forKey: .high),
        isLogarithmic: try container.decodeIfPresent(Bool.self, forKey: .log) ?? false,
        isWhole: try container.decodeIfPresent(Bool.self, forKey: .whole) ?? false)
    }
  }

  private var dimensions: [(name: String, values: Values)]

  /// The names of the options, in order of drawing.
  package var names: [String] { dimensions.map(\.name) }

  /// Reads a space.
  ///
  /// - Throws: `FormatError` for a file that is not JSON, an unknown option, an empty choice, or an invalid
  ///   range.
  package init(contentsOf path: String, for options: ModelOptions) throws {
    let reader = try ByteReader(contentsOf: path)
    let read: [String: Values]
    do {
      read = try JSONDecoder().decode([String: Values].self, from: Data(try reader.readAll()))
    } catch is DecodingError {
      throw FormatError(
        .badData, path: reader.path,
        "found text that is not a search space, expected an object of options with arrays of choices or "
          + "{\"low\": x, \"high\": y, \"log\": true}")
    }
    dimensions = read.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    if dimensions.isEmpty { throw FormatError(.badData, path: reader.path, "found no option to search") }
    for (place, (name, values)) in dimensions.enumerated() {
      switch values {
      case .choices(let choices):
        if choices.isEmpty { throw FormatError(.badData, path: reader.path, "found no choice for '\(name)'") }
        for choice in choices where try options.setting([(name, choice)]) == nil {
          throw FormatError(
            .badData, path: reader.path,
            "found '\(choice.text)' for the option '\(name)', which does not allow it")
        }
      case .range(let low, let high, let isLogarithmic, let isWhole):
        guard low.isFinite, high.isFinite, low <= high, !isLogarithmic || low > 0 else {
          throw FormatError(.badData, path: reader.path, "found the range \(low) to \(high) for '\(name)'")
        }
        for end in [low, high] where try options.setting([(name, .number(end))]) == nil {
          throw FormatError(
            .badData, path: reader.path, "found \(end) for the option '\(name)', which does not allow it")
        }
        // An integer option accepts whole numbers only.
        let between = low + (high - low) * 0.414
        if !isWhole, try options.setting([(name, .number(between))]) == nil {
          dimensions[place].values = .range(low: low, high: high, isLogarithmic: isLogarithmic, isWhole: true)
        }
      }
    }
  }

  /// Creates the default space: for one encoder over steps, for one over rows, or for the product of several.
  ///
  /// - Parameter input: the input whose encoder is varied; where a task has none of its own, the first that is no linear layer.
  package init(for options: ModelOptions, input: String) {
    func numbers(_ values: [Double]) -> Values { .choices(values.map { .number($0) }) }
    let rate = Values.range(low: 5e-4, high: 1e-2, isLogarithmic: true, isWhole: false)
    let decay = Values.range(low: 1e-3, high: 0.3, isLogarithmic: true, isWhole: false)
    let names = options.inputs.keys.sorted()
    let varied =
      names.contains(input) ? input : names.first { options.inputs[$0]!.encoder.kind != .linear } ?? names[0]
    let encoder = "inputs.\(varied).encoder."
    let isLinear = options.inputs.values.allSatisfy { $0.encoder.kind == .linear }
    if isLinear, names.count > 1 || options.training.choosesPenalties == true {
      // Inner folds choose the penalties.
      dimensions = [("training.learningRate", rate)]
      if options.training.choosesPenalties != true {
        dimensions.append(
          ("training.inputPenalty", .range(low: 1e-3, high: 1, isLogarithmic: true, isWhole: false)))
      }
    } else if names.count > 1, options.fusion.kind != .product {
      dimensions = [
        ("fusion.dropout", .range(low: 0, high: 0.5, isLogarithmic: false, isWhole: false)),
        ("head.dropout", .range(low: 0, high: 0.6, isLogarithmic: false, isWhole: false)),
        (encoder + "hiddenSize", numbers([32, 64, 128])), ("training.learningRate", rate),
        ("training.weightDecay", decay),
      ]
    } else if names.count > 1 {
      dimensions = [
        ("fusion.dropout", .range(low: 0, high: 0.5, isLogarithmic: false, isWhole: false)),
        ("fusion.size", numbers([16, 32, 64, 128])), (encoder + "hiddenSize", numbers([32, 64, 128])),
        ("training.learningRate", rate), ("training.weightDecay", decay),
      ]
    } else if options.inputs[varied]!.encoder.kind.isDense {
      dimensions = [
        ("head.dropout", .range(low: 0, high: 0.6, isLogarithmic: false, isWhole: false)),
        (
          "head.hidden",
          .choices([.array([]), .array([.number(64)]), .array([.number(128)]), .array([.number(256)])])
        ),
        ("training.inputPenalty", .range(low: 1e-3, high: 1, isLogarithmic: true, isWhole: false)),
        ("training.learningRate", rate),
      ]
    } else {
      dimensions = [
        (encoder + "dropout", .range(low: 0, high: 0.5, isLogarithmic: false, isWhole: false)),
        (encoder + "filters", numbers([32, 64, 128])), (encoder + "hiddenSize", numbers([32, 64, 128])),
        (encoder + "kernelSize", numbers([7, 11, 15, 19])), ("training.learningRate", rate),
        ("training.weightDecay", decay),
      ]
    }
  }

  /// Returns the options of a trial; trial 0 has the options unchanged.
  func draw(_ trial: Int, from options: ModelOptions, seed: UInt64) throws -> (
    options: ModelOptions, texts: [String]
  ) {
    var random = SeededGenerator(seed: seed, stream: "trial", step: trial)
    var drawn: [(String, JSONValue)] = []
    for (name, values) in dimensions {
      switch values {
      case .choices(let choices): drawn.append((name, choices[random.next(below: choices.count)]))
      case .range(let low, let high, let isLogarithmic, let isWhole):
        let u = random.nextUniform()
        let value = isLogarithmic ? exp(log(low) + u * (log(high) - log(low))) : low + u * (high - low)
        // Rounded to four digits, so that the table shows the exact value.
        let scale = pow(10, 3 - (value == 0 ? 0 : log10(abs(value)).rounded(.down)))
        let rounded = isWhole ? value.rounded() : (value * scale).rounded() / scale
        drawn.append((name, .number(min(max(rounded, low), high))))
      }
    }
    if trial == 0 { drawn = try dimensions.map { ($0.name, try options.value($0.name)) } }
    guard let changed = trial == 0 ? options : try options.setting(drawn) else {
      preconditionFailure("SearchSpace: values that were checked")
    }
    return (changed, drawn.map { $0.1.text })
  }
}

extension ModelOptions {
  /// Returns the options with values under dotted names replaced; nil where a name or value does not fit.
  func setting(_ values: [(String, JSONValue)]) throws -> ModelOptions? {
    var tree = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(self))
    for (name, value) in values {
      guard let changed = tree.setting(name, to: value) else { return nil }
      tree = changed
    }
    guard let options = try? JSONDecoder().decode(ModelOptions.self, from: JSONEncoder().encode(tree)),
      options.problem == nil
    else { return nil }
    return options
  }

  /// Returns the value under a dotted name.
  fileprivate func value(_ name: String) throws -> JSONValue {
    var tree = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(self))
    for part in name.split(separator: ".") {
      guard case .object(let fields) = tree, let next = fields[String(part)] else { return .null }
      tree = next
    }
    return tree
  }
}
