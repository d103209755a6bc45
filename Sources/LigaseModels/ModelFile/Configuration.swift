internal import FoundationEssentials
import LigaseFormats

/// Options read from a JSON file: it names what it changes, and every key must be one that exists.
public enum Configuration {
  /// `defaults` with the values of a JSON file laid over them.
  ///
  /// - Throws: `FormatError` for JSON that does not parse, an unknown key (naming those that exist) or a value of the
  ///   wrong type.
  public static func read<Options: Codable>(_ path: String, over defaults: Options) throws -> Options {
    let reader = try ByteReader(contentsOf: path)
    let bytes = try reader.readAll()
    let changes: JSONValue
    do { changes = try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) } catch {
      throw FormatError(
        .badData, path: reader.path, "found text that is not JSON, expected an object of options")
    }
    let known = try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(defaults))
    let merged = try known.overlaid(with: changes, at: "", path: reader.path)
    do { return try JSONDecoder().decode(Options.self, from: try JSONEncoder().encode(merged)) } catch {
      let place = (error as? DecodingError).map(Self.place) ?? ""
      throw FormatError(
        .badData, path: reader.path, "the value of '\(place)' cannot be used: found another type or choice")
    }
  }

  private static func place(_ error: DecodingError) -> String {
    switch error {
    case .dataCorrupted(let c), .keyNotFound(_, let c), .typeMismatch(_, let c), .valueNotFound(_, let c):
      c.codingPath.map(\.stringValue).joined(separator: ".")
    @unknown default: ""
    }
  }
}

/// Any JSON value.
private indirect enum JSONValue: Codable {
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
