internal import FoundationEssentials
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// A model on disk: one safetensors file with the weights under PyTorch-style names and, under `__metadata__`, a JSON
/// manifest with everything `predict` needs.
///
/// The manifest's outer keys are `format` (the version of this layout), `task`, `ligase` (the version that wrote it)
/// and `content`, a ``ModelManifest``. A checkpoint is the same file with more tensors and a key `training`.
/// Files of formats 3 to 5 are converted.
package struct ModelFile: Sendable {
  /// The version of the layout that this library writes. Format 4 has named inputs, a fusion and an objective
  /// for all models; 5 has lists of layers; 6 has the options `ensemble` and `setting`.
  package static let formatVersion = 6
  /// The version of the library, as `ligase --version` prints it.
  package static let libraryVersion = "0.1.0"

  /// The file as the user named it.
  package private(set) var path: String
  /// The task, as `train` names it.
  package private(set) var task: String
  /// The version of the library that wrote it.
  package private(set) var writtenBy: String
  private var tensors: Safetensors
  private var text: [UInt8]
  /// The name in the file for each current tensor name; nil where they are equal.
  private var names: [String: String]?
  private var converted: ModelManifest?

  private struct Preamble: Codable {
    var format: Int
    var task: String
    var ligase: String
  }

  private struct Envelope: Codable {
    var format: Int
    var task: String
    var ligase: String
    var content: ModelManifest
  }

  /// Reads a model file and checks everything that does not depend on its manifest.
  ///
  /// - Throws: `FormatError`: the file does not exist (66), is truncated (74), or is not a model or has
  ///   another layout (65).
  package init(contentsOf path: String) throws {
    let (path, tensors) = try Self.tensors(in: path, of: "a model file")
    try self.init(path, tensors)
  }

  /// Reads the tensors of a file.
  ///
  /// - Parameter what: the expected kind of file, for errors.
  static func tensors(in path: String, of what: String) throws -> (path: String, tensors: Safetensors) {
    let reader = try ByteReader(contentsOf: path, content: .binary)
    do { return (reader.path, try Safetensors(decoding: try reader.readAll())) } catch let error
      as SafetensorsError
    {
      throw FormatError(
        error.isTruncation ? .inputOutput : .badData, path: reader.path, "not \(what): \(error)")
    }
  }

  private init(_ path: String, _ tensors: Safetensors) throws {
    (self.path, self.tensors) = (path, tensors)
    guard let text = tensors.metadata["ligase"] else {
      throw FormatError(
        .badData, path: path, "found safetensors without a Ligase manifest, expected a model file")
    }
    self.text = Array(text.utf8)
    let preamble: Preamble
    do { preamble = try JSONDecoder().decode(Preamble.self, from: Data(self.text)) } catch {
      throw FormatError(.badData, path: path, "the manifest of the model cannot be read")
    }
    guard 3...Self.formatVersion ~= preamble.format else {
      throw FormatError(
        .badData, path: path,
        "found model format \(preamble.format), written by Ligase \(preamble.ligase), expected "
          + "3 to \(Self.formatVersion): "
          + (preamble.format < Self.formatVersion ? "train it again" : "a newer Ligase reads it"))
    }
    task = preamble.task
    writtenBy = preamble.ligase
    if preamble.format == 3 { try convert() }
    if 4...5 ~= preamble.format { self.text = try Self.converted(self.text, from: preamble.format) }
  }

  /// Opens a model or any other safetensors file for its tensors.
  package init(weightsOf path: String) throws {
    let (path, tensors) = try Self.tensors(in: path, of: "a model file")
    if tensors.metadata["ligase"] != nil {
      self = try ModelFile(path, tensors)
    } else {
      (self.path, self.tensors, task, writtenBy, text) = (path, tensors, "", "", [])
    }
  }

  /// Converts a file of format 3 to the current manifest and names.
  private mutating func convert() throws {
    if tensors.metadata["training"] != nil {
      throw FormatError(
        .badData, path: path, "found a checkpoint of an older version, expected one of this version",
        remedy: .startOver)
    }
    let old: Format3
    do { old = try Format3(text, task: task, path: path) } catch is DecodingError {
      throw unreadable
    }
    converted = old.manifest
    names = Dictionary(tensors.names.map { (old.name($0), $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Converts a manifest of format 4 or 5 to the current one. In format 4 `layers` was a number of recurrent
  /// layers, and there were no
  /// windows; in format 5 `ensemble` was called `members` and `setting` was called `purpose`.
  private static func converted(_ text: [UInt8], from format: Int) throws -> [UInt8] {
    guard var manifest = try? JSONDecoder().decode(JSONValue.self, from: Data(text)) else { return text }
    if format < 5 {
      manifest.change(at: ["content", "options", "inputs", "*", "encoder"]) { encoder in
        encoder["recurrentLayers"] = encoder["recurrentLayers"] ?? encoder["layers"]
        encoder["layers"] = .array([])
      }
      manifest.change(at: ["content", "options", "training"]) { $0["window"] = .number(0) }
    }
    manifest.change(at: ["content", "options"]) { options in
      options["ensemble"] = options.removeValue(forKey: "members")
      options["setting"] = options.removeValue(forKey: "purpose")
      if options["setting"] == .string("new-lines") { options["setting"] = .string("new-cell-lines") }
    }
    return Array(try json(manifest).utf8)
  }

  private var unreadable: FormatError {
    FormatError(.badData, path: path, "the manifest of the model does not describe a \(task) model")
  }

  /// The manifest, not yet validated.
  func manifest() throws -> ModelManifest {
    if let converted { return converted }
    do { return try JSONDecoder().decode(Envelope.self, from: Data(text)).content } catch {
      throw unreadable
    }
  }

  /// The names of the tensors.
  package var tensorNames: [String] { names.map { $0.keys.sorted() } ?? tensors.names }

  /// Returns a tensor, or nil if there is none of this name.
  package func tensor(_ name: String) -> Tensor? {
    guard let names else { return tensors.tensor(name) }
    return names[name].flatMap { tensors.tensor($0) }
  }

  /// Writes tensors and manifest. The file is written whole or not at all, and equal input gives equal bytes.
  static func write(
    _ manifest: ModelManifest, tensors: [(name: String, tensor: Tensor)], extra: [String: String] = [:],
    to path: String, overwrite: Bool
  ) throws {
    let envelope = Envelope(
      format: formatVersion, task: manifest.task, ligase: libraryVersion, content: manifest)
    var metadata = extra
    metadata["ligase"] = try json(envelope)
    let output = try OutputFile(path, overwrite: overwrite, compression: Compression.none)
    try output.write(Safetensors.encode(tensors, metadata: metadata))
    try output.close()
  }

  /// Returns a value as JSON with sorted keys, so that equal values give equal bytes.
  package static func json(_ value: some Encodable, pretty: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Reads a value from JSON text, for instance the `training` key of a checkpoint.
  package func metadata<Value: Decodable>(_ key: String, as _: Value.Type) throws -> Value? {
    guard let text = tensors.metadata[key] else { return nil }
    do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
      throw FormatError(.badData, path: path, "the key '\(key)' of the file cannot be read")
    }
  }
}
