import Crypto
import FoundationEssentials
import TestSupport

/// A JSON value.
enum JSONValue: Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

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

  subscript(_ key: String) -> JSONValue? {
    if case .object(let values) = self { values[key] } else { nil }
  }

  /// The text of a string.
  var text: String? { if case .string(let value) = self { value } else { nil } }

  /// The number, also where it is written as a string (`nan`).
  var number: Double? {
    switch self {
    case .number(let value): value
    case .string(let value): Double(value)
    default: nil
    }
  }

  /// The elements of an array.
  var elements: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  /// The numbers of an array of numbers, in the order of rows where it is nested.
  var numbers: [Double] { elements.map { $0.flatMap(\.numbers) } ?? number.map { [$0] } ?? [] }
}

/// The files of one index of conformance specimens: what a reference reader makes of each.
struct Specimens {
  /// One file.
  struct Specimen {
    let name: String
    let path: String
    /// `valid`, `invalid`, `needs-force`, ….
    let expectation: String
    let entry: JSONValue
  }

  let files: [Specimen]

  /// Reads `conformance/SET/index.json` of the data; nil where it is absent.
  init?(_ set: String) {
    guard let root = RealData.folder,
      let bytes = TemporaryFolder.contents(of: "\(root)/conformance/\(set)/index.json"),
      let entries = try? JSONDecoder().decode([JSONValue].self, from: Data(bytes))
    else { return nil }
    files = entries.compactMap { entry in
      guard let name = entry["file"]?.text, let expectation = entry["expect"]?.text else { return nil }
      return Specimen(
        name: name, path: "\(root)/conformance/\(set)/\(name)", expectation: expectation, entry: entry)
    }
  }
}

/// Returns the SHA-256 of bytes in hexadecimal digits.
func sha256(_ bytes: [UInt8]) -> String {
  SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Returns numbers as little-endian bytes of an integer type.
func littleEndian<T: FixedWidthInteger>(_ values: some Sequence<T>) -> [UInt8] {
  values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}
