internal import FoundationEssentials

/// Named tensors and text in the safetensors format.
///
/// A file is `u64 n` (little-endian), `n` bytes of JSON, and the tensors' bytes. The JSON maps each name to
/// `{"dtype": …, "shape": […], "data_offsets": [begin, end]}`, and `__metadata__` to a map of strings. The
/// tensors cover the bytes after the header exactly once: without gaps, overlaps or remaining bytes.
///
/// Source: the safetensors format page, version 0.x; limits as in the reference implementation.
///
/// ```swift
/// let bytes = Safetensors.encode([("weight", Tensor.ones([2, 3]))], metadata: ["made by": "me"])
/// let file = try Safetensors(decoding: bytes)
/// print(file.names, file.tensor("weight")!.shape, file.metadata)
/// ```
public struct Safetensors: Sendable {
  /// The text under `__metadata__`.
  public var metadata: [String: String]
  private var entries: [String: Entry]
  private var bytes: [UInt8]
  private var payload: Int

  /// The largest header that is accepted, in bytes.
  package static let headerLimit = 100_000_000

  struct Entry: Sendable {
    var dtype: ElementType
    var shape: [Int]
    var range: Range<Int>
  }

  /// The names of the tensors, sorted.
  public var names: [String] { entries.keys.sorted() }

  /// Returns the shape of a tensor, or nil when there is none of this name.
  package func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// Returns the type of a tensor's elements as named in the file: `F32`.
  package func elementType(of name: String) -> String? { entries[name]?.dtype.rawValue }

  /// Returns a tensor's numbers in row-major order, exact except for 64-bit integers beyond 2^53; nil when
  /// there is no such name.
  package func scalars(of name: String) -> [Double]? {
    entries[name].map { entry in
      let start = payload + entry.range.lowerBound
      return bytes.withUnsafeBytes { raw in
        entry.dtype.decode(UnsafeRawBufferPointer(rebasing: raw[start..<(payload + entry.range.upperBound)]))
      }
    }
  }

  /// Returns a tensor rounded to `Float`; nil when there is none of this name.
  public func tensor(_ name: String) -> Tensor? {
    guard let entry = entries[name] else { return nil }
    guard entry.dtype == .f32 else { return Tensor(scalars(of: name)!.map { Float($0) }, shape: entry.shape) }
    let start = payload + entry.range.lowerBound
    return Tensor(shape: entry.shape) { out in
      bytes.withUnsafeBytes { raw in
        UnsafeMutableRawBufferPointer(out).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: raw[start..<(start + entry.range.count)]))
      }
    }
  }
}

/// The reason why bytes are not a safetensors file.
public struct SafetensorsError: Error, CustomStringConvertible, Sendable {
  /// The problem: the value found and the value expected.
  public let description: String
  /// Whether bytes are missing at the end.
  package var isTruncation = false
}

// MARK: Writing

extension Safetensors {
  /// Encodes tensors as `F32` in the given order, with text under `__metadata__`.
  ///
  /// The tensors' bytes start at a multiple of 8. The same input gives the same bytes.
  public static func encode(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String])
    -> [UInt8]
  {
    require(
      Set(tensors.map(\.name)).count == tensors.count && !tensors.contains { $0.name == "__metadata__" },
      "Safetensors.encode: names repeat, or one is __metadata__")
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + tensor.count * 4
      fields.append(
        "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(tensor.shape.map(String.init).joined(separator: ","))],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + offset)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: header)
    for (_, tensor) in tensors {
      tensor.withUnsafeBufferPointer { bytes.append(contentsOf: UnsafeRawBufferPointer($0)) }
    }
    return bytes
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

// MARK: Reading

extension Safetensors {
  /// Reads a whole file's bytes and checks every rule of the format before any tensor is created.
  public init(decoding bytes: [UInt8]) throws {
    guard bytes.count >= 8 else {
      throw SafetensorsError(
        description: "found \(bytes.count) bytes, expected at least the 8 of the header's length",
        isTruncation: true)
    }
    let length = bytes.prefix(8).enumerated().reduce(UInt64(0)) {
      $0 | UInt64($1.element) << (8 * UInt64($1.offset))
    }
    guard length <= UInt64(Safetensors.headerLimit) else {
      throw SafetensorsError(
        description: "byte 0: found a header of \(length) bytes, expected at most \(Safetensors.headerLimit)")
    }
    let end = 8 + Int(length)
    guard end <= bytes.count else {
      throw SafetensorsError(
        description: "truncated: the header needs \(end) bytes, the file holds \(bytes.count)",
        isTruncation: true)
    }
    let text = Array(bytes[8..<end])
    guard String(validating: text, as: UTF8.self) != nil else {
      throw SafetensorsError(description: "the header is not UTF-8")
    }
    let header: Header
    do { header = try JSONDecoder().decode(Header.self, from: Data(text)) } catch {
      throw SafetensorsError(
        description: "the header is not the JSON that was expected: \(Header.reason(error))")
    }
    if let name = Header.repeatedName(in: text) {
      throw SafetensorsError(description: "the tensor name '\(name)' appears twice")
    }
    self.bytes = bytes
    metadata = header.metadata
    payload = end
    entries = [:]
    var expected = 0
    for (name, raw) in header.tensors.sorted(by: { ($0.1.data_offsets, $0.0) < ($1.1.data_offsets, $1.0) }) {
      let entry = try raw.checked(name)
      guard entry.range.lowerBound == expected else {
        let what =
          entry.range.lowerBound < expected ? "overlaps the tensor before it" : "leaves a hole before it"
        throw SafetensorsError(
          description:
            "tensor '\(name)' \(what): it begins at \(entry.range.lowerBound), expected \(expected)")
      }
      expected = entry.range.upperBound
      entries[name] = entry
    }
    guard expected == bytes.count - end else {
      let found = bytes.count - end
      throw SafetensorsError(
        description: found < expected
          ? "truncated: the tensors need \(expected) bytes, the file holds \(found)"
          : "\(found - expected) bytes follow the last tensor, expected none", isTruncation: found < expected)
    }
  }
}

/// The JSON header of the file.
private struct Header: Decodable {
  var metadata: [String: String] = [:]
  var tensors: [(String, RawEntry)] = []

  struct RawEntry: Decodable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]

    func checked(_ name: String) throws -> Safetensors.Entry {
      guard let type = ElementType(rawValue: dtype) else {
        throw SafetensorsError(
          description: "tensor '\(name)' has the type '\(dtype)', expected one of "
            + ElementType.allCases.map(\.rawValue).joined(separator: " "))
      }
      var size = type.size
      for extent in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else {
          throw SafetensorsError(description: "tensor '\(name)' has the impossible shape \(shape)")
        }
        size = product
      }
      guard data_offsets.count == 2, data_offsets[0] >= 0, data_offsets[1] >= data_offsets[0] else {
        throw SafetensorsError(
          description: "tensor '\(name)' has the offsets \(data_offsets), expected [begin, end]")
      }
      guard data_offsets[1] - data_offsets[0] == size else {
        throw SafetensorsError(
          description: "tensor '\(name)' spans \(data_offsets[1] - data_offsets[0]) bytes, "
            + "expected \(size) for \(dtype) \(shape)")
      }
      return Safetensors.Entry(dtype: type, shape: shape, range: data_offsets[0]..<data_offsets[1])
    }
  }

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        tensors.append((key.stringValue, try container.decode(RawEntry.self, forKey: key)))
      }
    }
  }

  static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      "'\(key.stringValue)' is missing under '\(path(context))'"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(path(context))' has the wrong type"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "'\(path(context))' cannot be read"
    default: "it does not parse"
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map(\.stringValue).joined(separator: ".")
  }

  /// Returns the first top-level key of valid JSON text that occurs twice.
  static func repeatedName(in text: [UInt8]) -> String? {
    var seen: Set<[UInt8]> = []
    var (depth, i, expectsKey) = (0, 0, false)
    while i < text.count {
      switch text[i] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        expectsKey = depth == 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ","): expectsKey = depth == 1
      case UInt8(ascii: "\""):
        let start = i + 1
        i = start
        while i < text.count, text[i] != UInt8(ascii: "\"") { i += text[i] == UInt8(ascii: "\\") ? 2 : 1 }
        if expectsKey, i <= text.count, !seen.insert(Array(text[start..<i])).inserted {
          return String(decoding: text[start..<i], as: UTF8.self)
        }
        expectsKey = false
      default: break
      }
      i += 1
    }
    return nil
  }
}

private func < (a: ([Int], String), b: ([Int], String)) -> Bool {
  a.0 == b.0 ? a.1 < b.1 : a.0.lexicographicallyPrecedes(b.0)
}
