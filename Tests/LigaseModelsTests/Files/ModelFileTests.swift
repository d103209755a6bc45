import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct ModelFileTests {
  private let folder = TemporaryFolder()
  private let model: Model
  private let bytes: [UInt8]

  init() throws {
    let simulated = try SimulatedTraining { line, _ in
      line < 22 ? .train : line < 26 ? .validation : .test
    }
    var options = simulated.options(for: .newCellLines, epochs: 1)
    options.blend = [BlendOptions("gaussian-process", share: 0.25)]
    model = try simulated.trained(options).model
    bytes = try SimulatedTraining.bytes(model)
  }

  private func read(_ bytes: [UInt8]) throws -> Model {
    try Model(contentsOf: folder.write(bytes, to: "m.safetensors"))
  }

  /// The file with its manifest or tensors changed.
  private func changed(
    manifest: (inout String) -> Void = { _ in },
    tensors: (inout [(name: String, tensor: Tensor)]) -> Void = { _ in }
  ) throws -> [UInt8] {
    let file = try Safetensors(decoding: bytes)
    var (metadata, all) = (file.metadata, model.namedTensors + model.facts)
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
    #expect(try SimulatedTraining.bytes(again) == bytes && again.predictors.count == 1)
    #expect(
      again.summary == model.summary
        && model.summary.hasPrefix("task\tdrug-response\nsetting\tnew-cell-lines\ntarget\tvalue, "))
  }

  /// In format 4 the number of recurrent layers was called `layers`.
  @Test func format4IsConverted() throws {
    let old = try changed(manifest: {
      #expect($0.contains("\"format\":6,"))
      $0.replace("\"format\":6,", with: "\"format\":4,")
      $0.replace("\"layers\":[],", with: "")
      #expect($0.contains(",\"window\":0"))
      $0.replace(",\"window\":0", with: "")
      $0.replace("\"recurrentLayers\":1", with: "\"layers\":1")
      rename(&$0)
    })
    #expect(refusal(of: old) == nil)
    #expect(try read(old).manifest == model.manifest)
  }

  /// In format 5 the prediction setting and the number of networks had other names.
  @Test func format5IsConverted() throws {
    let old = try changed(manifest: {
      $0.replace("\"format\":6,", with: "\"format\":5,")
      rename(&$0)
    })
    #expect(refusal(of: old) == nil)
    #expect(try read(old).manifest == model.manifest)
  }

  private func rename(_ manifest: inout String) {
    for (new, old) in [
      ("\"ensemble\":", "\"members\":"),
      ("\"setting\":\"new-cell-lines\"", "\"purpose\":\"new-lines\""),
    ] {
      #expect(manifest.contains(new))
      manifest.replace(new, with: old)
    }
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
          $0 = "{\"format\":7,\"task\":\"drug-response\",\"ligase\":\"7.3.0\",\"content\":{}}"
        }),
        "found model format 7, written by Ligase 7.3.0, expected 3 to 6: a newer Ligase reads it"
      ),
      (
        try changed(manifest: {
          $0 = "{\"format\":2,\"task\":\"drug-response\",\"ligase\":\"0.1.0\",\"content\":{}}"
        }),
        "found model format 2, written by Ligase 0.1.0, expected 3 to 6: train it again"
      ),
      (
        try changed(manifest: {
          $0 = "{\"format\":4,\"task\":\"variants\",\"ligase\":\"0.1.0\",\"content\":{}}"
        }),
        "the manifest of the model does not describe a variants model"
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
      try Model(contentsOf: folder.file("absent"))
    }
    #expect(absent?.kind == .noInput)
  }

  @Test func tensorsMustAgreeWithTheManifest() throws {
    let name = "shared.smiles.embedding.weight"
    let place = model.namedTensors.firstIndex { $0.name == name }!
    let shape = model.namedTensors[place].tensor.shape
    func moved(_ old: String, _ new: String) throws -> [UInt8] {
      try changed(manifest: {
        #expect($0.contains(old), "\(old)")
        $0.replace(old, with: new)
      })
    }
    func tensors(_ body: (inout [(name: String, tensor: Tensor)]) -> Void) throws -> [UInt8] {
      try changed(tensors: body)
    }
    for (bytes, message) in [
      (try tensors { $0.remove(at: place) }, "'\(name)' is missing"),
      (
        try tensors { $0[place].tensor = .zeros([shape[0], shape[1] + 1]) },
        "has the shape [\(shape[0]), \(shape[1] + 1)], expected \(shape)"
      ),
      (try tensors { $0.append(("network.extra", .zeros([2]))) }, "'network.extra' is not part of the model"),
      (
        try tensors { $0.append(("predictors.x.y", .zeros([2]))) },
        "'predictors.x.y' is not part of the model"
      ),
      (
        try tensors { $0[place].tensor = $0[place].tensor / Float(0) },
        "'\(name)' holds a number that is not finite"
      ),
      (try moved("\"sizes\":[26,", "\"sizes\":[0,"), "the tensors disagree with the manifest"),
      (try moved("\"sizes\":[26,", "\"sizes\":[16000000,"), "the tensors disagree with the manifest"),
      (try moved("\"sizes\":[26,", "\"sizes\":[-1,"), "found the sizes"),
      (try moved("\"known\":[\"D0\",", "\"known\":["), "found 10 effects of the records of smiles"),
      (try moved(",0,1]}]", ",1,0]}]"), "found the sizes"),
      (try moved(",0,1]}]", ",0,-1]}]"), "found the sizes"),
      (try moved("\"size\":4", "\"size\":65536"), "the tensors disagree with the manifest"),
      (
        try moved("\"hiddenSize\":4", "\"hiddenSize\":65536"), "hiddenSize must be from 1 to 8192 (got 65536)"
      ),
      (
        try moved("\"embeddingSize\":4", "\"embeddingSize\":0"),
        "embeddingSize must be from 1 to 4096 (got 0)"
      ),
    ] as [([UInt8], String)] {
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
