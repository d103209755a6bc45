import LigaseFormats
import LigaseNetworks
import LigaseTensors

extension Module {
  /// Writes the module as a safetensors file: every parameter and buffer under its dotted name.
  ///
  /// ```swift
  /// let layer = Linear(4, 2, from: .drawing(seed: 1))
  /// try layer.write(to: "layer.safetensors", overwrite: true)
  /// var other = Linear(4, 2, from: .drawing(seed: 2))
  /// try other.load(contentsOf: "layer.safetensors")
  /// ```
  public func write(to path: String, overwrite: Bool = false) throws {
    let output = try OutputFile(path, overwrite: overwrite, compression: Compression.none)
    try output.write(Safetensors.encode(namedTensors.map { ($0.name, $0.tensor) }, metadata: [:]))
    try output.close()
  }

  /// Replaces every parameter and buffer by those of a safetensors file.
  ///
  /// - Throws: `FormatError` for a file that is not safetensors; `ModuleLoadingError` when a tensor is
  ///   missing or has another shape. The module is then unchanged.
  public mutating func load(contentsOf path: String) throws {
    let reader = try ByteReader(contentsOf: path, content: .binary)
    let tensors: Safetensors
    do { tensors = try Safetensors(decoding: try reader.readAll()) } catch let error as SafetensorsError {
      throw FormatError(
        error.isTruncation ? .inputOutput : .badData, path: reader.path, "no safetensors: \(error)")
    }
    try load { tensors.tensor($0) }
  }
}
