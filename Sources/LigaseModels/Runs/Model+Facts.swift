internal import Glibc
import LigaseDatasets
import LigaseNetworks
import LigaseTensors

extension Model {
  /// Stores the facts about the training that are needed later.
  ///
  /// - Parameters:
  ///   - rows: the training examples.
  ///   - validation: the validation examples.
  ///   - held: the validation and the test examples that are not training examples.
  ///   - background: whether the means of the training inputs are stored.
  mutating func noteFacts(
    _ prepared: PreparedExamples, rows: [Int], validation: [Int], held: (validation: [Int], test: [Int]),
    background: Bool
  ) {
    var noted = ModelManifest.TrainingFacts()
    facts = []
    func keep(_ name: String, _ tensor: Tensor) { facts.append((Self.factPrefix + name, tensor)) }
    // Quantiles of some thousands of evenly spaced examples are precise enough.
    let every = max(1, rows.count / 4096),
      sample = stride(from: 0, to: rows.count, by: every).map { rows[$0] }
    // Outputs of every place of large volumes are not kept.
    let isWhole = !manifest.objective.base.readsSegments
    let outputs = isWhole ? predict(prepared.inputs, rows: sample) : [],
      k = manifest.objective.base.outputCount
    noted.quantiles = (0..<manifest.objective.base.count).map { t in
      let sorted = stride(from: t, to: outputs.count, by: k).map { outputs[$0] }.sorted()
      return sorted.isEmpty ? [] : (0...20).map { sorted[$0 * (sorted.count - 1) / 20] }
    }
    let salt = DataDigest.of(["\(manifest.provenance.seed)"] + manifest.provenance.digests.values.sorted())
    noted.salt = String(salt.prefix(16))
    for (name, rows) in [("rows", rows), ("rows.val", held.validation), ("rows.test", held.test)]
    where name == "rows" || !rows.isEmpty {
      keep(name, Self.rowHashes(prepared.examples, rows: rows, salt: noted.salt!))
    }
    if background {
      for (input, name) in zip(prepared.inputs.inputs, manifest.inputs.map(\.name)) {
        guard let features = input.encoded as? EncodedRows else { continue }
        let records = input.distinctRecords(of: rows).records
        noted.hasBackground = true
        keep(
          "background.\(name)",
          features.values.gatheredRows(records.map { Int32($0) }).mean(alongAxis: 0).reshaped([
            features.values.shape[1]
          ]))
      }
    }
    if let (mean, covariance) = network.domain(prepared.inputs, rows: sample) {
      noted.hasDomain = true
      keep("domain.mean", mean)
      keep("domain.covariance", covariance)
    }
    noted.censoring = manifest.objective.base.censoring(prepared.examples.observations, rows: rows)
    noted.temperature = manifest.facts.temperature ?? temperature(prepared, rows: validation)
    facts.sort { $0.name < $1.name }
    manifest.facts = noted
  }

  /// Returns the inverse temperature 1/T with which the class probabilities of the validation examples fit
  /// best, by golden-section search between 1/8 and 8 (Guo et al., 2017).
  func temperature(_ prepared: PreparedExamples, rows: [Int]) -> Double? {
    guard let classes = manifest.objective.base as? ClassesObjective, rows.count >= 10 else { return nil }
    let outputs = predict(prepared.inputs, rows: rows), k = classes.count
    let labels = rows.map { Int(prepared.examples.observations.numbers[$0]) }
    func loss(_ logarithm: Double) -> Double {
      let power = exp(-logarithm)
      return labels.indices.reduce(0.0) { sum, i in
        let logs = (0..<k).map { power * log(Double(max(outputs[i * k + $0], 1e-12))) }
        let most = logs.max()!
        return sum + most + log(logs.reduce(0) { $0 + exp($1 - most) }) - logs[labels[i]]
      }
    }
    var (low, high) = (-log(8.0), log(8.0))
    let ratio = (5.0.squareRoot() - 1) / 2
    for _ in 0..<30 {
      let (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
      if loss(a) < loss(b) { high = b } else { low = a }
    }
    return exp((low + high) / 2)
  }

  /// Returns two numbers below 2^24 for each row: 48 bits of the SHA-256 of the salt and the identity of the
  /// row, which is the sequence for a model of sequences alone, else the row's keys.
  package static func rowHashes(_ examples: Examples, rows: [Int], salt: String) -> Tensor {
    let keys = examples.keys, records = examples.inputs.count == 1 ? examples.inputs[0].records : nil
    return Tensor(
      rows.flatMap { row -> [Float] in
        let names = records?.content(of: row).map { [$0] } ?? keys.columns.map { $0[row] }
        let digest = DataDigest.of([salt] + names)
        return [digest.prefix(6), digest.dropFirst(6).prefix(6)].map { Float(Int($0, radix: 16) ?? 0) }
      }, shape: [rows.count, 2])
  }
}

extension ModelNetwork {
  /// Returns mean and covariance of the inputs of the first network's head over some examples; nil for models
  /// of steps, and for more than 256 channels.
  func domain(_ inputs: PreparedInputs, rows: [Int]) -> (mean: Tensor, covariance: Tensor)? {
    guard !plan.isOfSteps, members[0].head != nil, rows.count > 1 else { return nil }
    let batches = Self.batches(rows.count, most: 256) { place in
      inputs.inputs.reduce(0) { $0 + ($1.index == nil ? $1.encoded.weight(of: rows[place]) : 1) }
    }
    let parts = Self.forEach(batches) { range -> Tensor? in
      let chunk = Array(rows[range])
      let branches = inputs.inputs.enumerated().map { i, input in
        let (records, places) = input.distinctRecords(of: chunk)
        let encoded = encode(
          input.encoded.batch(records, view: 0), input: i, known: records.map { input.known[$0] },
          .prediction)[0]
        return places.map { members[0].branches[i].gathered(encoded, $0) } ?? encoded
      }
      return members[0].fused(branches, .prediction).flatMap { $0.shape[1] <= 256 ? $0 : nil }
    }.compactMap { $0 }
    guard parts.count == batches.count else { return nil }
    let all = Tensor.concatenatedRows(parts), mean = all.mean(alongAxis: 0)
    let centred = all - mean
    return (
      mean.reshaped([all.shape[1]]),
      centred.transposed().matmul(centred) / Float(rows.count - 1)
    )
  }
}

extension NetworkMember {
  /// Returns the input of the head.
  func fused(_ x: [BranchOutput], _ context: Context) -> Tensor? {
    fusion(x.compactMap(\.representation), hasHead: true, context).fused
  }
}

extension DataDigest {
  /// Returns the digest of some names.
  static func of(_ names: [String]) -> String {
    var digest = DataDigest()
    digest.add(names)
    return digest.hexadecimal
  }
}
