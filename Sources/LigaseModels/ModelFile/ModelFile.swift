internal import FoundationEssentials
import LigaseFormats
import LigaseNetworks
import LigaseTensors

/// A model on disk: one safetensors file with the weights under PyTorch-style names and, under `__metadata__`, a JSON
/// manifest that says everything `predict` needs.
///
/// The manifest's outer keys are `format` (the version of this layout), `task`, `ligase` (the version that wrote it)
/// and `content` (the task's own). A checkpoint is the same file with more tensors and a key `training`.
public struct ModelFile: Sendable {
  /// The version of the layout that this library writes and reads: 2 since kernels of profiles learn how drugs go
  /// together, and architectures say how long the words of a linear path are.
  public static let formatVersion = 3
  /// The version of the library, as `ligase --version` prints it.
  public static let libraryVersion = "0.1.0"

  /// The file as the user named it.
  public let path: String
  /// What the model is for: `drug-response`.
  public let task: String
  /// The version of the library that wrote it.
  public let writtenBy: String
  /// The tensors.
  public let tensors: Safetensors
  private let manifest: [UInt8]

  private struct Preamble: Codable {
    var format: Int
    var task: String
    var ligase: String
  }

  private struct Envelope<Content: Codable>: Codable {
    var format: Int
    var task: String
    var ligase: String
    var content: Content
  }

  /// Reads a model file and checks all that does not depend on its task.
  ///
  /// - Throws: `FormatError`: no such file (66), truncated (74), not a model, or one of a newer layout (65).
  public init(contentsOf path: String) throws {
    let reader = try ByteReader(contentsOf: path, content: .binary)
    self.path = reader.path
    do { tensors = try Safetensors(decoding: try reader.readAll()) } catch let error as SafetensorsError {
      throw FormatError(
        error.isTruncation ? .inputOutput : .badData, path: reader.path, "not a model file: \(error)")
    }
    guard let text = tensors.metadata["ligase"] else {
      throw FormatError(
        .badData, path: reader.path, "found safetensors without a Ligase manifest, expected a model file")
    }
    manifest = Array(text.utf8)
    let preamble: Preamble
    do { preamble = try JSONDecoder().decode(Preamble.self, from: Data(manifest)) } catch {
      throw FormatError(.badData, path: reader.path, "the manifest of the model cannot be read")
    }
    guard preamble.format == Self.formatVersion else {
      throw FormatError(
        .badData, path: reader.path,
        "found model format \(preamble.format), written by Ligase \(preamble.ligase), expected "
          + "\(Self.formatVersion): "
          + (preamble.format < Self.formatVersion ? "train it again" : "a newer Ligase reads it"))
    }
    task = preamble.task
    writtenBy = preamble.ligase
  }

  /// The task's part of the manifest.
  public func content<Content: Codable>(_: Content.Type, of expected: String) throws -> Content {
    guard task == expected else {
      throw FormatError(.badData, path: path, "found a model for \(task), expected one for \(expected)")
    }
    do { return try JSONDecoder().decode(Envelope<Content>.self, from: Data(manifest)).content } catch {
      throw FormatError(
        .badData, path: path, "the manifest of the model does not describe a \(expected) model")
    }
  }

  /// Takes a module's tensors from the file, under names that begin with `prefix`.
  ///
  /// - Throws: `FormatError` when a tensor is missing, has another shape, holds a number that is not finite, or when the
  ///   file holds tensors under the prefix that the module does not have.
  public func load<M: Module>(_ module: inout M, prefix: String = "") throws {
    do { try module.load { tensors.tensor(prefix + $0) } } catch {
      throw FormatError(.badData, path: path, "the tensors disagree with the manifest: \(error)")
    }
    let expected = Set(module.namedTensors.map { prefix + $0.name })
    if let extra = tensors.names.first(where: { $0.hasPrefix(prefix) && !expected.contains($0) }) {
      throw FormatError(
        .badData, path: path, "the tensors disagree with the manifest: '\(extra)' is not part of the model")
    }
    if let broken = module.namedTensors.first(where: { !$0.tensor.isFinite }) {
      throw FormatError(.badData, path: path, "the tensor '\(broken.name)' holds a number that is not finite")
    }
  }

  /// Writes tensors and manifest; the file appears whole or not at all, and the same input gives the same bytes.
  public static func write(
    task: String, content: some Codable, tensors: [(name: String, tensor: Tensor)],
    extra: [String: String] = [:],
    to path: String, overwrite: Bool
  ) throws {
    let envelope = Envelope(format: formatVersion, task: task, ligase: libraryVersion, content: content)
    var metadata = extra
    metadata["ligase"] = try json(envelope)
    let output = try OutputFile(path, overwrite: overwrite, compression: Compression.none)
    try output.write(Safetensors.encode(tensors, metadata: metadata))
    try output.close()
  }

  /// A value as JSON with sorted keys, so that equal values give equal bytes.
  public static func json(_ value: some Encodable, pretty: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Reads a value from JSON text, for instance the `training` key of a checkpoint.
  public func metadata<Value: Decodable>(_ key: String, as _: Value.Type) throws -> Value? {
    guard let text = tensors.metadata[key] else { return nil }
    do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
      throw FormatError(.badData, path: path, "the key '\(key)' of the file cannot be read")
    }
  }
}
