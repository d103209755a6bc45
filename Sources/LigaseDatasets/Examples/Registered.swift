/// A registry of named kinds of values, such as modalities, for values in files.
package protocol Registry {
  /// The protocol of the registered types: `any Modality`.
  associatedtype Base: Sendable
  /// The key in a file for the name of a value's kind; its `settings` are next to it.
  static var tag: String { get }
  /// Returns the name of a value's kind.
  static func name(of base: Base) -> String
  /// Returns the type of a kind; nil for an unknown name.
  static func kind(named name: String) -> (any Decodable.Type)?
}

/// A value of a registered kind, encoded with the name of its kind:
/// `{"modality": "sequence", "settings": {"alphabet": "dna", …}}`.
package struct Registered<Kinds: Registry>: Codable, Hashable, Sendable {
  /// The value; it is `Codable` and `Hashable`.
  package var base: Kinds.Base

  package init(_ base: Kinds.Base) { self.base = base }

  /// The name of the value's kind.
  package var name: String { Kinds.name(of: base) }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    static var kind: Key { Key(stringValue: Kinds.tag) }
    static var settings: Key { Key(stringValue: "settings") }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .kind)
    func value<T: Decodable>(_: T.Type) throws -> Any { try container.decode(T.self, forKey: .settings) }
    guard let kind = Kinds.kind(named: name), let base = try value(kind) as? Kinds.Base else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: container.codingPath, debugDescription: "found the \(Kinds.tag) '\(name)'"))
    }
    self.base = base
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .kind)
    func encode(_ value: some Encodable) throws { try container.encode(value, forKey: .settings) }
    let value = base as! any Encodable
    try encode(value)
  }

  private var hashable: AnyHashable {
    func erased(_ value: some Hashable) -> AnyHashable { AnyHashable(value) }
    let value = base as! any Hashable
    return erased(value)
  }

  package static func == (a: Self, b: Self) -> Bool { a.hashable == b.hashable }
  package func hash(into hasher: inout Hasher) { hashable.hash(into: &hasher) }
}
