internal import FoundationEssentials
import LigaseFormats

/// Options read from a JSON file: it names what it changes, and every key must be one that exists.
public struct Configuration: Sendable {
  private let changes: JSONValue
  private let path: String

  /// Reads a file.
  ///
  /// - Throws: `FormatError` for JSON that does not parse.
  public init(contentsOf path: String) throws {
    let reader = try ByteReader(contentsOf: path)
    self.path = reader.path
    do {
      changes = try JSONDecoder().decode(JSONValue.self, from: Data(try reader.readAll()))
    } catch is DecodingError {
      throw FormatError(
        .badData, path: reader.path, "found text that is not JSON, expected an object of options")
    }
  }

  /// `defaults` with the file's values laid over them.
  ///
  /// - Throws: `FormatError` for an unknown key (naming those that exist) or a value of the wrong type.
  public func laid<Options: Codable>(over defaults: Options) throws -> Options {
    let known = try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(defaults))
    func decoded(_ changes: JSONValue) throws -> Options {
      let merged = try JSONEncoder().encode(known.overlaid(with: changes, at: "", path: path))
      return try JSONDecoder().decode(Options.self, from: merged)
    }
    do { return try decoded(changes) } catch is DecodingError {
      // One value at a time shows which it is.
      let wrong = changes.leaves(at: "").first { (try? decoded($0.alone)) == nil }?.name ?? ""
      throw FormatError(
        .badData, path: path, "the value of '\(wrong)' cannot be used: found another type or choice")
    }
  }
}

/// Any JSON value.
private indirect enum JSONValue: Codable, Sendable {
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

  /// Every value in objects of objects: its dotted name, and the whole with nothing but it.
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
      guard let old = known[key] else {
        throw FormatError(
          .badData, path: path,
          "found the unknown option '\(name)', expected one of "
            + FormatError.list(known.keys.sorted(), limit: 40))
      }
      known[key] = try old.overlaid(with: value, at: name, path: path)
    }
    return .object(known)
  }
}
