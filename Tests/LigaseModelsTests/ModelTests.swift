import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct ModelTests {
  private let folder = TemporaryFolder()
  private let data = SimulatedExamples.sequences()
  private let model: Model
  private let bytes: [UInt8]

  init() throws {
    model = try SimulatedExamples.trained(data, SimulatedExamples.options(.cnnLSTM, data, epochs: 1)).model
    bytes = try SimulatedExamples.bytes(model)
  }

  private var tensors: [(name: String, tensor: Tensor)] {
    model.namedTensors + model.facts
  }

  /// The file with its manifest or tensors changed.
  private func changed(
    manifest: (inout String) -> Void = { _ in },
    tensors change: (inout [(name: String, tensor: Tensor)]) -> Void = { _ in }
  ) throws -> [UInt8] {
    var metadata = try Safetensors(decoding: bytes).metadata
    var all = tensors
    manifest(&metadata["ligase", default: ""])
    change(&all)
    return Safetensors.encode(all, metadata: metadata)
  }

  private func refusal(of bytes: [UInt8]) -> FormatError? {
    do {
      _ = try Model(contentsOf: folder.write(bytes, to: "m.safetensors"))
      return nil
    } catch {
      #expect(!"\(error)".contains("\n"))
      return error as? FormatError
    }
  }

  @Test func aRoundTripKeepsTheModel() throws {
    for data in [
      data, SimulatedExamples.values(), SimulatedExamples.labels(), SimulatedExamples.residues(),
      SimulatedExamples.expression(),
      SimulatedExamples.sequences(lengths: 12...20, tokenLength: 3),
    ] {
      let model = try SimulatedExamples.trained(data, SimulatedExamples.options(.gru, data, epochs: 1)).model
      let bytes = try SimulatedExamples.bytes(model)
      let again = try Model(contentsOf: folder.write(bytes, to: "again"))
      #expect(again.manifest == model.manifest && again.summary == model.summary)
      #expect(try SimulatedExamples.bytes(again) == bytes)
      #expect(SimulatedExamples.predictions(again, data) == SimulatedExamples.predictions(model, data))
    }
    #expect(
      model.summary.hasPrefix(
        "task\tsequence\ntarget\t2 classes: no, yes\nencoder\tcnn-lstm\nalphabet\tdna\n"))
    #expect(
      model.summary.contains("\nlength\t16\n")
        && model.summary.contains("members.0.inputs.sequence.encoder.convolution.weight\t6x4x5\t120\n"))
  }

  @Test func everyTruncationIsSaid() throws {
    for count in stride(from: 0, to: bytes.count, by: 53) {
      let error = refusal(of: Array(bytes[..<count]))
      #expect(error?.kind == .inputOutput || error?.kind == .badData, "\(count): \(error as Any)")
    }
  }

  /// Any bytes give an error or a model, and never a trap.
  @Test func brokenBytesAreRefusedOrRead() throws {
    var random = SeededGenerator(seed: 2)
    let header = bytes[..<8].enumerated().reduce(0) { $0 + Int($1.element) << ($1.offset * 8) } + 8
    var refused = 0
    for i in 0..<1200 {
      var broken = bytes
      let place = Int(random.next(upperBound: UInt64(i % 4 == 0 ? broken.count : header)))
      if i % 2 == 0 {
        broken[place] ^= 1 << UInt8(random.next(upperBound: UInt64(8)))
      } else {
        broken[place] = Array("09-}\"e,".utf8)[Int(random.next(upperBound: UInt64(7)))]
      }
      if let error = refusal(of: broken) {
        refused += 1
        #expect(error.kind == .badData || error.kind == .inputOutput)
      }
    }
    #expect(refused > 200)
  }

  @Test func contradictingManifestsAreRefused() throws {
    for (found, put, message) in [
      ("\"content\":", "\"contents\":", "manifest"),
      ("\"modality\":\"sequence\"", "\"modality\":\"images\"", "manifest"),
      ("\"objective\":\"classes\"", "\"objective\":\"ranks\"", "manifest"),
      ("\"objective\":\"classes\"", "\"objective\":\"values\"", "manifest"),
      ("\"objective\":\"classes\"", "\"objective\":\"steps\"", "the tensors disagree with the manifest"),
      ("\"name\":\"sequence\"", "\"name\":\"reads\"", "the manifest: found inputs [\"reads\"], expected"),
      ("\"kind\":\"cnn-lstm\"", "\"kind\":\"transformer\"", "manifest"),
      ("\"filters\":6", "\"filters\":8000", "the tensors disagree with the manifest"),
      ("\"filters\":6", "\"filters\":0", "the manifest: filters must be from 1 to 8192 (got 0)"),
      ("\"hiddenSize\":5", "\"hiddenSize\":8192", "the tensors disagree with the manifest"),
      ("\"hiddenSize\":5", "\"hiddenSize\":-5", "the manifest: hiddenSize must be from 1 to 8192 (got -5)"),
      ("\"recurrentLayers\":1", "\"recurrentLayers\":2", "is missing"),
      ("\"ensemble\":1", "\"ensemble\":2", "the tensors disagree"),
      ("\"ensemble\":1", "\"ensemble\":65", "the manifest: ensemble must be from 1 to 64 (got 65)"),
      ("\"kernelSize\":5", "\"kernelSize\":1000", "the tensors disagree"),
      ("\"kernelSize\":5", "\"kernelSize\":3", "has the shape"),
      ("\"length\":16", "\"length\":17", "the tensors disagree"),
      ("\"length\":16", "\"length\":200000000", "the tensors disagree"),
      ("\"length\":16", "\"length\":-1", "the manifest: found the length -1"),
      ("\"length\":16,", "", "manifest"),
      ("\"tokenLength\":0", "\"tokenLength\":8", "the tensors disagree"),
      ("\"tokenLength\":0", "\"tokenLength\":60", "the manifest: found tokens of 60 residues"),
      ("\"alphabet\":\"dna\"", "\"alphabet\":\"protein\"", "the tensors disagree"),
      ("\"alphabet\":\"dna\"", "\"alphabet\":\"xna\"", "the manifest"),
      ("[\"no\",\"yes\"]", "[\"no\",\"no\"]", "the manifest: found two outputs of one name"),
      ("[\"no\",\"yes\"]", "[\"no\"]", "the manifest: found 1 classes"),
      ("[\"no\",\"yes\"]", "[\"no\",\"yes\",\"maybe\"]", "has the shape"),
      (
        "\"dropout\":0.5", "\"dropout\":1.5", "the manifest: dropout must be at least 0 and below 1 (got 1.5)"
      ),
    ] {
      var isThere = false
      let bytes = try changed(manifest: {
        isThere = $0.contains(found)
        $0.replace(found, with: put)
      })
      #expect(isThere, "\(found) is not in the manifest")
      let error = refusal(of: bytes)
      #expect(error?.kind == .badData && error?.message.contains(message) == true, "\(put): \(error as Any)")
    }
  }

  @Test func tensorsMustAgreeWithTheManifest() throws {
    let name = "members.0.inputs.sequence.encoder.convolution.weight"
    let place = try #require(tensors.firstIndex { $0.name == name })
    for (bytes, message) in [
      (
        try changed(tensors: { $0[place].name = "members.0.inputs.sequence.encoder.convolution.weights" }),
        "'\(name)' is missing"
      ),
      (
        try changed(tensors: { $0[place].tensor = .zeros([6, 5, 4]) }),
        "has the shape [6, 5, 4], expected [6, 4, 5]"
      ),
      (
        try changed(tensors: { $0.append(("members.1.x", .zeros([2]))) }),
        "'members.1.x' is not part of the model"
      ),
      (
        try changed(tensors: { $0[place].tensor = $0[place].tensor / Float(0) }),
        "holds a number that is not finite"
      ),
    ] {
      let error = refusal(of: bytes)
      #expect(
        error?.kind == .badData && error?.message.contains(message) == true, "\(message): \(error as Any)")
    }
  }

  @Test func valuesWithoutAScaleAreRefused() throws {
    let data = SimulatedExamples.values()
    let model = try SimulatedExamples.trained(data, SimulatedExamples.options(.linear, data, epochs: 1)).model
    var broken = model
    broken.manifest.objective = AnyObjective(
      ValuesObjective(scales: [
        .init(name: "g", mean: 0, deviation: 0), .init(name: "first", mean: 0, deviation: 1),
      ]))
    let error = refusal(of: try SimulatedExamples.bytes(broken))
    #expect(error?.message == "the manifest: found the deviation 0.0 of 'g', expected more than 0")
  }

  @Test func bothStrandsAreTheMeanOfEach() throws {
    var options = SimulatedExamples.options(.cnn, data)
    options.sequence.usesBothStrands = true
    let both = try SimulatedExamples.trained(data, options).model
    var one = both
    one.manifest.inputs[0].preparation = AnyPreparation(
      SequencePreparation(encoding: both.manifest.sequence!.encoding, usesBothStrands: false))
    func predict(_ model: Model, _ text: String) -> [Float] {
      model.predict(sequences: [Array(text.utf8)])
    }
    let (forward, turned) = (predict(one, "AACCGGTTGCATTTTT"), predict(one, "AAAAATGCAACCGGTT"))
    let mean = predict(both, "AACCGGTTGCATTTTT")
    #expect(forward != turned && mean == zip(forward, turned).map { ($0 + $1) / 2 })
    #expect(predict(both, "AAAAATGCAACCGGTT") == mean && abs(mean[0] + mean[1] - 1) < 1e-6)
  }

  /// Neighbours in a batch, lengths and threads do not change predictions.
  @Test func predictionsDoNotDependOnTheirCompany() throws {
    let data = SimulatedExamples.sequences(300, lengths: 12...90)
    let model = try SimulatedExamples.trained(data, SimulatedExamples.options(.lstm, data, epochs: 1)).model
    let inputs = PreparedExamples(data.examples, as: model.manifest.inputs).inputs
    let all = model.predict(data.examples)
    for threads in [1, 2, 3] { #expect(Compute.withThreads(threads) { model.predict(data.examples) } == all) }
    for row in stride(from: 0, to: 300, by: 37) {
      #expect(model.predict(inputs, rows: [row]) == Array(all[(row * 2)..<(row * 2 + 2)]), "row \(row)")
    }
  }

  @Test func sequencesThatCannotBeReadAreSaid() throws {
    func refusal(_ model: Model, _ text: String) -> String {
      do {
        try model.check(Array(text.utf8), id: "x", path: "f.fa", line: 3)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(refusal(model, "ACGTACGTACGTACGT") == "no error")
    #expect(
      refusal(model, "ACGTACGTACGTACG")
        == "f.fa:3: found 15 residues in 'x', expected 16: the model was trained on sequences of that length "
        + "(hasLinearPath false trains one for any)")
    #expect(
      refusal(model, "ACGTACGTACGTACGE") == "f.fa:3: found 'E' at residue 16 of 'x', expected letters of dna")
    let free = SimulatedExamples.sequences(lengths: 12...20)
    let any = try SimulatedExamples.trained(free, SimulatedExamples.options(.lstm, free, epochs: 1)).model
    #expect(
      refusal(any, "A") == "no error"
        && refusal(any, "") == "f.fa:3: found no residue in 'x', expected a sequence")
  }
}
