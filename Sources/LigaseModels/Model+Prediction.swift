import LigaseDatasets
import LigaseFormats
import LigaseGenomics
import LigaseNetworks
import LigaseTensors

extension Model {
  /// Predicts examples that are prepared as this model's inputs are: K numbers each, or K for each step. For
  /// classes and labels they are probabilities; values are in the unit of the training data.
  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    predictions(inputs, rows: rows).outputs
  }

  /// Predicts unprepared examples.
  package func predict(_ examples: Examples) -> [Float] {
    let prepared = PreparedExamples(examples, as: manifest.inputs)
    return predict(prepared.inputs, rows: Array(0..<examples.count))
  }

  /// Returns the predictions, and those of each predictor of a blend, the network first.
  package func predictions(_ inputs: PreparedInputs, rows: [Int]) -> (
    outputs: [Float], parts: [(name: String, outputs: [Float])]
  ) {
    let network = network.finished(inputs, rows: rows, manifest.objective.base)
    var (outputs, parts) = (network, [(name: "network", outputs: network)])
    for (part, predictor) in zip(manifest.blend, predictors) {
      let said = predictor.predict(inputs, rows: rows)
      outputs = Self.blend(outputs, said, share: part.share)
      parts.append((part.predictor, Self.blend(network, said, share: 1)))
    }
    return (outputs, parts)
  }

  /// Returns the predictions of each predictor of a blend, the network first.
  package func parts(_ inputs: PreparedInputs, rows: [Int]) -> [(name: String, outputs: [Float])] {
    predictions(inputs, rows: rows).parts
  }

  /// Returns `(1 - share) a + share b`, and a where b is NaN.
  static func blend(_ a: [Float], _ b: [Float], share: Double) -> [Float] {
    zip(a, b).map { $1.isNaN ? $0 : Float((1 - share) * Double($0) + share * Double($1)) }
  }
}

extension ModelNetwork {
  /// Returns the outputs of examples in the unit of the data.
  func finished(_ inputs: PreparedInputs, rows: [Int], _ objective: any Objective) -> [Float] {
    objective.finished(averaged(inputs, rows: rows, objective), inputs, rows: rows)
  }

  /// The mean over members, and over views of the inputs, of linked outputs.
  func averaged(_ inputs: PreparedInputs, rows: [Int], _ objective: any Objective) -> [Float] {
    if plan.window > 0, plan.isOfSteps { return inWindows(inputs.inputs[0].encoded, rows: rows, objective) }
    let views = inputs.inputs.map(\.encoded.viewCount).max() ?? 1
    let all = (0..<views).map { averaged(inputs, rows: rows, objective, view: $0) }
    guard views > 1 else { return all[0] }
    return all[0].indices.map { i in all.reduce(0) { $0 + $1[i] } / Float(views) }
  }

  /// Returns the outputs of every step of sequences read in windows, averaged over the networks.
  private func inWindows(_ records: any EncodedRecords, rows: [Int], _ objective: any Objective) -> [Float] {
    let parts = Self.forEach(rows.indices.map { $0..<($0 + 1) }) { range -> [Float] in
      let row = rows[range.lowerBound], length = records.stepCount(of: row)
      var (outputs, states) = ([Float](), [[RecurrentState]]?.none)
      outputs.reserveCapacity(length * plan.outputs)
      for start in stride(from: 0, to: length, by: plan.window) {
        let steps = start..<min(start + plan.window, length)
        let (found, after) = window(records.window([row], steps: steps), from: states, .inference)
        let linked = found.map(objective.link)
        outputs += (linked.dropFirst().reduce(linked[0], +) / Float(linked.count)).scalars
        states = after
      }
      return outputs
    }
    return Array(parts.joined())
  }

  private func averaged(_ inputs: PreparedInputs, rows: [Int], _ objective: any Objective, view: Int)
    -> [Float]
  {
    // Records that several examples share are encoded once; other records are encoded with their examples.
    let shared = inputs.inputs.indices.map { i -> SharedRecords? in
      inputs.inputs[i].index == nil ? nil : SharedRecords(self, inputs.inputs[i], i, rows: rows, view)
    }
    let own = inputs.inputs.indices.filter { shared[$0] == nil }
    let batches = Self.batches(rows.count, most: own.isEmpty ? 4096 : 256) { place in
      own.reduce(0) { $0 + inputs.inputs[$1].encoded.weight(of: rows[place]) }
    }
    let parts = Self.forEach(batches) { range -> Tensor in
      let chunk = Array(rows[range])
      var (encoded, places) = ([[BranchOutput]](), [[Int32]?]())
      for (i, input) in inputs.inputs.enumerated() {
        if let records = shared[i] {
          encoded.append(records.encoded)
          places.append(Array(records.places[range]))
        } else {
          encoded.append(
            encode(
              input.encoded.batch(chunk, view: min(view, input.encoded.viewCount - 1)), input: i,
              known: chunk.map { input.known[$0] }, .prediction))
          places.append(nil)
        }
      }
      let outputs = self.outputs(encoded, places: places, .prediction).map(objective.link)
      return outputs.dropFirst().reduce(outputs[0], +) / Float(outputs.count)
    }
    return parts.flatMap(\.scalars)
  }

  /// The encoded records of one input that several examples share, and the index of each example's record
  /// among them.
  private struct SharedRecords {
    let encoded: [BranchOutput]
    let places: [Int32]

    init(_ network: ModelNetwork, _ input: PreparedInputs.Input, _ i: Int, rows: [Int], _ view: Int) {
      let (records, places) = input.distinctRecords(of: rows)
      self.places = places ?? []
      let batches = ModelNetwork.batches(records.count, most: 256) { input.encoded.weight(of: records[$0]) }
      let parts = ModelNetwork.forEach(batches) { range in
        let chunk = Array(records[range])
        return network.encode(
          input.encoded.batch(chunk, view: min(view, input.encoded.viewCount - 1)), input: i,
          known: chunk.map { input.known[$0] }, .prediction)
      }
      encoded = network.members.indices.map { m in BranchOutput(joining: parts.map { $0[m] }) }
    }
  }

  /// Returns batches of about equal work; results do not depend on the batches.
  static func batches(_ count: Int, most: Int, _ weight: (Int) -> Int) -> [Range<Int>] {
    var (batches, at) = ([Range<Int>](), 0)
    while at < count {
      var (end, load) = (at, 0)
      while end < count, end - at < most, end == at || load + weight(end) <= 1 << 13 {
        load += weight(end)
        end += 1
      }
      batches.append(at..<end)
      at = end
    }
    return batches
  }

  /// Calls `body` for each batch, each in one thread.
  static func forEach<Result>(_ batches: [Range<Int>], _ body: (Range<Int>) -> Result) -> [Result] {
    var results = [Result?](repeating: nil, count: batches.count)
    nonisolated(unsafe) let body = body
    results.withUnsafeMutableBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      ThreadTeam.current.forEachShare(batches.count) { slots[$0] = body(batches[$0]) }
    }
    return results.map { $0! }
  }
}

extension BranchOutput {
  /// Concatenates the rows of several outputs.
  init(joining parts: [BranchOutput]) {
    func joined(_ tensors: [Tensor?]) -> Tensor? {
      let found = tensors.compactMap { $0 }
      return found.isEmpty ? nil : .concatenatedRows(found)
    }
    self.init(
      representation: joined(parts.map(\.representation)), straight: joined(parts.map(\.straight)))
  }
}

extension Model {
  /// Throws where this model cannot read a sequence: it has another length, or an invalid letter.
  package func check(_ sequence: [UInt8], id: String, path: String, line: Int? = nil) throws {
    guard let encoding = manifest.sequence?.encoding else { return }
    if let (position, byte) = encoding.alphabet.firstUnknown(in: sequence) {
      throw FormatError(
        .badData, path: path, line: line,
        "found \(FormatError.quoted([byte])) at residue \(position + 1) of \(FormatError.quoted(id)), expected "
          + "letters of \(encoding.alphabet.rawValue)")
    }
    if manifest.needsEqualLengths, let length = encoding.length, sequence.count != length {
      let kind = manifest.options.inputs[manifest.inputs[0].name]!.encoder.kind
      throw FormatError(
        .badData, path: path, line: line,
        "found \(sequence.count) residues in \(FormatError.quoted(id)), expected \(length): the model was trained on "
          + "sequences of that length" + (kind.isDense ? "" : " (hasLinearPath false trains one for any)"))
    }
    if sequence.isEmpty {
      throw FormatError(
        .badData, path: path, line: line, "found no residue in \(FormatError.quoted(id)), expected a sequence"
      )
    }
  }

  /// The encoding of a model that reads sequences alone and labels each as a whole.
  package var wholeSequences: SequenceEncoding? {
    manifest.objective.base.isOfSteps ? nil : manifest.sequence?.encoding
  }

  /// Predicts sequences with a model that reads sequences alone.
  package func predict(sequences: [[UInt8]]) -> [Float] {
    let input = manifest.inputs[0]
    let encoded = input.preparation.base.encode(SequenceRecords(sequences))
    return predict(
      PreparedInputs(
        inputs: [
          .init(
            name: input.name, encoded: encoded, index: nil,
            known: [Int32](repeating: -1, count: sequences.count), knownCount: 0)
        ], count: sequences.count), rows: Array(sequences.indices))
  }
}
