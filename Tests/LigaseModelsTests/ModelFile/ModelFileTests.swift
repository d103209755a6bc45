import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct ModelFileTests {
  private let folder = TemporaryFolder()
  private let model: DrugResponseModel
  private let bytes: [UInt8]

  init() throws {
    var options = SimulatedTraining.options(for: .newLines, epochs: 1)
    options.training.kernelShare = 0.25
    model = try SimulatedTraining { line, _ in line < 22 ? .train : line < 26 ? .validation : .test }
      .trained(options).model
    bytes = try SimulatedTraining.bytes(model)
  }

  private func read(_ bytes: [UInt8]) throws -> DrugResponseModel {
    try DrugResponseModel(contentsOf: folder.write(bytes, to: "m.safetensors"))
  }

  /// The file with its manifest or tensors changed.
  private func changed(
    manifest: (inout String) -> Void = { _ in },
    tensors: (inout [(name: String, tensor: Tensor)]) -> Void = { _ in }
  ) throws -> [UInt8] {
    let file = try Safetensors(decoding: bytes)
    var (metadata, all) = (file.metadata, model.namedTensors)
    manifest(&metadata["ligase", default: ""])
    tensors(&all)
    return Safetensors.encode(all, metadata: metadata)
  }

  private func refusal(of bytes: [UInt8]) -> FormatError? {
    do {
      _ = try read(bytes)
      return nil
    } catch {
      #expect(!"\(error)".contains("\n"))
      return error as? FormatError
    }
  }

  @Test func aRoundTripKeepsTheModel() throws {
    let again = try read(bytes)
    #expect(again.manifest == model.manifest)
    #expect(again.namedTensors.map(\.name) == model.namedTensors.map(\.name))
    for (a, b) in zip(again.namedTensors, model.namedTensors) {
      #expect(a.tensor.scalars == b.tensor.scalars)
    }
    #expect(try SimulatedTraining.bytes(again) == bytes && again.kernel != nil)
    #expect(again.summary == model.summary && model.summary.hasPrefix("task\tdrug-response\ntarget\tvalue\n"))
  }

  @Test func everyTruncationIsSaid() throws {
    var counts = Array(0..<64) + Array((bytes.count - 64)..<bytes.count)
    counts += stride(from: 64, to: bytes.count - 64, by: 97)
    for count in counts {
      let error = refusal(of: Array(bytes[..<count]))
      #expect(error?.kind == .inputOutput, "\(count) bytes: \(error.map { "\($0)" } ?? "accepted")")
      #expect(error?.path.hasSuffix("m.safetensors") == true)
    }
  }

  @Test func changedBytesNeverTrap() throws {
    var random = SeededGenerator(seed: 3), refused = 0
    let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8 + Int(bytes[2]) << 16
    for i in 0..<1500 {
      var broken = bytes
      let place = random.next(below: i % 4 == 0 ? broken.count : header)
      if i % 2 == 0 {
        broken[place] ^= 1 << UInt8(random.next(below: 8))
      } else {
        broken[place] = UInt8(ascii: ["0", "9", "-", "}", "\"", "e", ","][random.next(below: 7)])
      }
      if let error = refusal(of: broken) {
        refused += 1
        #expect(error.kind == .badData || error.kind == .inputOutput)
      }
    }
    #expect(refused > 300)
  }

  @Test func otherFilesAreRefused() throws {
    for (bytes, message) in [
      (Array("line,drug,value\n".utf8), "not a model file: byte 0: found a header of"),
      (Safetensors.encode(model.namedTensors, metadata: [:]), "found safetensors without a Ligase manifest"),
      (try changed(manifest: { $0 = "{}" }), "the manifest of the model cannot be read"),
      (
        try changed(manifest: {
          $0 = "{\"format\":4,\"task\":\"drug-response\",\"ligase\":\"7.3.0\",\"content\":{}}"
        }),
        "found model format 4, written by Ligase 7.3.0, expected 3: a newer Ligase reads it"
      ),
      (
        try changed(manifest: {
          $0 = "{\"format\":2,\"task\":\"drug-response\",\"ligase\":\"0.1.0\",\"content\":{}}"
        }),
        "found model format 2, written by Ligase 0.1.0, expected 3: train it again"
      ),
      (
        try changed(manifest: {
          $0 = "{\"format\":3,\"task\":\"variants\",\"ligase\":\"0.1.0\",\"content\":{}}"
        }),
        "found a model for variants, expected one for drug-response"
      ),
      (
        try changed(manifest: {
          $0 = "{\"format\":3,\"task\":\"drug-response\",\"ligase\":\"0.1.0\",\"content\":{}}"
        }),
        "the manifest of the model does not describe a drug-response model"
      ),
    ] {
      let error = refusal(of: bytes)
      #expect(
        error?.kind == .badData && error?.message.hasPrefix(message) == true, "\(message): \(error as Any)")
    }
    let absent = #expect(throws: FormatError.self) {
      try DrugResponseModel(contentsOf: folder.file("absent"))
    }
    #expect(absent?.kind == .noInput)
  }

  @Test func tensorsMustAgreeWithTheManifest() throws {
    let name = "network.smiles_encoder.embedding.weight"
    let place = model.namedTensors.firstIndex { $0.name == name }!
    let shape = model.namedTensors[place].tensor.shape
    for (bytes, message) in [
      (try changed(tensors: { $0.remove(at: place) }), "'smiles_encoder.embedding.weight' is missing"),
      (
        try changed(tensors: { $0[place].tensor = .zeros([shape[0], shape[1] + 1]) }),
        "has the shape [\(shape[0]), \(shape[1] + 1)], expected \(shape)"
      ),
      (
        try changed(tensors: { $0[place].tensor = $0[place].tensor.reshaped([shape[1], shape[0]]) }),
        "has the shape [\(shape[1]), \(shape[0])], expected \(shape)"
      ),
      (
        try changed(tensors: { $0.append(("network.extra", .zeros([2]))) }),
        "'network.extra' is not part of the model"
      ),
      (
        try changed(tensors: { $0.append(("profile_kernel.x", .zeros([2]))) }),
        "'profile_kernel.x' is not part"
      ),
      (
        try changed(tensors: { $0.append(("something", .zeros([2]))) }),
        "'something' is not part of the model"
      ),
      (
        try changed(tensors: { $0[place].tensor = $0[place].tensor / Float(0) }),
        "'smiles_encoder.embedding.weight' holds a number that is not finite"
      ),
      (
        try changed(manifest: { $0.replace("\"kernelLines\":26", with: "\"kernelLines\":0") }),
        "is not part of the model"
      ),
      (
        try changed(manifest: { $0.replace("\"latentSize\":4", with: "\"latentSize\":65536") }),
        "the manifest"
      ),
      (
        try changed(manifest: { $0.replace("\"drugHidden\":4", with: "\"drugHidden\":65536") }),
        "the manifest"
      ),
      (
        try changed(manifest: { $0.replace("\"kernelLines\":26", with: "\"kernelLines\":16000000") }),
        "the manifest"
      ),
      (
        try changed(manifest: { $0.replace("\"tokenSize\":4", with: "\"tokenSize\":0") }), "found a size of 0"
      ),
    ] {
      let error = refusal(of: bytes)
      #expect(
        error?.kind == .badData && error?.message.contains(message) == true, "\(message): \(error as Any)")
    }
  }

  @Test func nothingIsReplacedUnasked() throws {
    let path = folder.write("mine", to: "taken")
    let error = #expect(throws: FormatError.self) { try model.write(to: path) }
    #expect(error?.kind == .cannotCreate && TemporaryFolder.contents(of: path) == Array("mine".utf8))
    try model.write(to: path, overwrite: true)
    #expect(TemporaryFolder.contents(of: path) == bytes)
    #expect(folder.names == ["taken"])
  }
}
