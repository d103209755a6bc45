internal import FoundationEssentials
import LigaseFormats

/// Any JSON value.
indirect enum JSONValue: Codable, Hashable, Sendable {
  case object([String: JSONValue])
  case array([JSONValue])
  case string(String)
  case number(Double)
  case bool(Bool)
  case null

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .object(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .number(let value):
      if let whole = Int(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
    case .bool(let value): try container.encode(value)
    case .null: try container.encodeNil()
    }
  }

  /// Creates the JSON value that encodes another value.
  init(encoding value: some Encodable) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(value))
  }

  /// Returns the value that the JSON encodes.
  func decoded<Value: Decodable>(_: Value.Type) throws -> Value {
    try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(self))
  }

  /// Every value in nested objects: its dotted name, and the object that contains nothing else.
  func leaves(at place: String) -> [(name: String, alone: JSONValue)] {
    guard case .object(let fields) = self else { return [(place, self)] }
    return fields.sorted { $0.key < $1.key }.flatMap { key, value in
      value.leaves(at: place.isEmpty ? key : "\(place).\(key)").map { ($0.name, .object([key: $0.alone])) }
    }
  }

  func overlaid(with changes: JSONValue, at place: String, path: String) throws -> JSONValue {
    guard case .object(var known) = self else { return changes }
    guard case .object(let changes) = changes else {
      throw FormatError(
        .badData, path: path, "found a single value under '\(place)', expected an object of options")
    }
    for (key, value) in changes.sorted(by: { $0.key < $1.key }) {
      let name = place.isEmpty ? key : "\(place).\(key)"
      if key == "*" {
        // The value applies to every option of the object, such as every input.
        for (other, old) in known {
          known[other] = try old.overlaid(with: value, at: "\(place).\(other)", path: path)
        }
        continue
      }
      guard let old = known[key] else {
        throw FormatError(
          .badData, path: path,
          Configuration.renamedKeys[name].map { "found the option '\(name)', which is now called '\($0)'" }
            ?? "found the unknown option '\(name)', expected one of "
            + FormatError.list(known.keys.sorted(), limit: 40))
      }
      known[key] = try old.overlaid(with: value, at: name, path: path)
    }
    return .object(known)
  }

  /// Returns the object with the value under a dotted name replaced; nil without such a name.
  func setting(_ name: String, to value: JSONValue) -> JSONValue? {
    guard case .object(var fields) = self else { return nil }
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard let first = parts.first, let old = fields[first] else { return nil }
    if parts.count == 1 {
      fields[first] = value
    } else {
      guard let changed = old.setting(parts[1], to: value) else { return nil }
      fields[first] = changed
    }
    return .object(fields)
  }

  /// Changes the object at a path of keys, if it exists; `*` matches every key.
  mutating func change(at path: ArraySlice<String>, _ body: (inout [String: JSONValue]) -> Void) {
    guard case .object(var fields) = self else { return }
    if let key = path.first {
      for name in key == "*" ? Array(fields.keys) : [key] {
        fields[name]?.change(at: path.dropFirst(), body)
      }
    } else {
      body(&fields)
    }
    self = .object(fields)
  }

  /// The value as text in a table.
  var text: String {
    switch self {
    case .string(let text): text
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .bool(let value): "\(value)"
    case .null: "null"
    case .array(let values): values.map(\.text).joined(separator: ",")
    case .object: "{}"
    }
  }
}
