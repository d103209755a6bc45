internal import FoundationEssentials
import LigaseFormats

/// Options read from a JSON file: it names what it changes, and every key must be one that exists.
package struct Configuration: Sendable {
  private let changes: JSONValue
  private let path: String

  /// Reads a file.
  ///
  /// - Throws: `FormatError` for JSON that does not parse.
  package init(contentsOf path: String) throws {
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
  package func laid<Options: Codable>(over defaults: Options) throws -> Options {
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
