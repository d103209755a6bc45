import Glibc
import LigaseDatasets
import LigaseModels
import LigaseNetworks
import LigaseTensors
import TestSupport
import Testing

@Suite struct PredictorTests {
  private func prepared(
    _ modality: any Modality, _ records: any Records, _ target: TargetDescription, _ numbers: [Float],
    train: [Int]
  ) -> PreparedExamples {
    let name = AnyModality(modality).name
    return PreparedExamples(
      Examples(
        idColumn: "id", ids: (0..<records.count).map { "\($0)" }, records: records, modality: modality,
        target: target,
        observations: Observations(
          numbers: numbers, width: target.objective == "values" ? target.names.count : 1)),
      options: ModelOptions(inputs: [name: .init(AnyModality(modality), EncoderOptions(.mlp))]), train: train)
  }

  private func predictions(
    _ type: any Predictor.Type, _ examples: PreparedExamples, train: [Int], rows: [Int]
  ) -> [Float]? {
    type.fit(examples, rows: train)?.predict(examples.inputs, rows: rows)
  }

  private var unscaled: ExpressionModality {
    var modality = ExpressionModality()
    modality.zscore = false
    return modality
  }
  private let table = FeatureTable(
    names: ["a", "b"], values: [0, 0, 2, 0, 10, 10, 12, 10, 3, 3, 9, 8])

  @Test func thePriorIsTheShareOrTheMean() {
    let train = [0, 1, 2, 3]
    let classes = prepared(
      unscaled, table, TargetDescription("classes", ["x", "y"]), [0, 0, 0, 1, 1, 1], train: train)
    #expect(predictions(Prior.self, classes, train: train, rows: [4, 5]) == [0.75, 0.25, 0.75, 0.25])
    let values = prepared(
      unscaled, table, TargetDescription("values", ["v", "w"]),
      [1, .nan, 3, .nan, .nan, .nan, 8, 5, 0, 0, 0, 0], train: train)
    #expect(predictions(Prior.self, values, train: train, rows: [5]) == [4, 5])
  }

  /// The prior of residues is repeated for each residue.
  @Test func thePriorOfResidues() throws {
    let data = SimulatedExamples.residues(4)
    let examples = PreparedExamples(
      data.examples, options: SimulatedExamples.options(.cnn, data), train: [0, 1])
    var counts = [Float](repeating: 0, count: 3)
    for label in data.examples.observations.steps[..<2].joined() where label >= 0 { counts[Int(label)] += 1 }
    let shares = counts.map { $0 / counts.reduce(0, +) }
    #expect(
      predictions(Prior.self, examples, train: [0, 1], rows: [3])
        == data.sequences[3].flatMap { _ in shares })
  }

  @Test func theNearestCentroid() {
    let train = [0, 1, 2, 3]
    let classes = prepared(
      unscaled, table, TargetDescription("classes", ["x", "y", "z"]), [0, 0, 1, 1, 2, 2], train: train)
    // Centroids (1, 0) and (11, 10); no training example is of z.
    #expect(predictions(NearestCentroid.self, classes, train: train, rows: [4, 5]) == [1, 0, 0, 0, 1, 0])
    // Scales come from the training rows: b is constant there, a alone decides.
    let scaled = prepared(
      ExpressionModality(), FeatureTable(names: ["a", "b"], values: [0, 5, 10, 5, 1, 500]),
      TargetDescription("classes", ["x", "y"]), [0, 1, 1], train: [0, 1])
    #expect(predictions(NearestCentroid.self, scaled, train: [0, 1], rows: [2]) == [1, 0])
  }

  @Test func theNearestSample() {
    let sites = (1...3).map { VariantSite(contig: "1", position: $0, reference: "A", alternate: "G", id: "") }
    let genotypes = prepared(
      GenotypeModality(),
      GenotypeRecords(
        sites: sites,
        table: FeatureTable(
          names: sites.map(\.name), values: [0, 0, 0, 2, 2, .nan, 2, 1, 2, .nan, .nan, 1])),
      TargetDescription("classes", ["x", "y"]), [0, 1, 0, 0], train: [0, 1])
    // (2, 1, 2) has a distance of 5 over 3 sites to the first, and of 1 over 2 known sites to the second.
    #expect(predictions(NearestSample.self, genotypes, train: [0, 1], rows: [2, 3]) == [0, 1, 1, 0])
  }

  /// K-mer counts predict what a linear model of them can, and the penalty shrinks towards the mean.
  @Test func theRidgeOfWords() throws {
    let texts = ["AAAAAAAA", "CCCCCCCC", "AAAAAAAA", "CCCCCCCC"].map { Array($0.utf8) }
    let sequences = prepared(
      SequenceModality(SequenceEncoding(alphabet: .dna)), SequenceRecords(texts),
      TargetDescription("values", ["v"]), [1, 3, 0, 0], train: [0, 1])
    // Five k-mers each: two features, centred to ± ln 6 / 2, whose sums of products have the eigenvalue s =
    // (ln 6)²: a penalty of 1 leaves s / (1 + s) of the effect.
    let s = log(6.0) * log(6.0), way = Float(s / (1 + s))
    let found = try #require(predictions(KMerRidge.self, sequences, train: [0, 1], rows: [2, 3]))
    #expect(found.count == 2 && abs(found[0] - 2 + way) < 1e-6 && abs(found[1] - 2 - way) < 1e-6, "\(found)")
  }

  @Test func whichSuitWhat() throws {
    func names(_ data: TrainingData, _ options: ModelOptions, besides: [String] = []) -> [String] {
      let rows = Array(0..<data.examples.count)
      let examples = PreparedExamples(data.examples, options: options, train: rows)
      return Predictors.baselines(examples, rows: rows, besides: besides).map(\.name)
    }
    func names(_ data: TrainingData) -> [String] { names(data, SimulatedExamples.options(.linear, data)) }
    #expect(names(SimulatedExamples.sequences()) == ["prior", "kmer_ridge"])
    #expect(names(SimulatedExamples.residues()) == ["prior"])
    #expect(names(SimulatedExamples.expression()) == ["prior", "ridge", "nearest_centroid"])
    #expect(names(SimulatedExamples.genotypes(20)) == ["prior", "ridge", "nearest_sample"])
    var values = SimulatedExamples.expression()
    values.examples.target = TargetDescription("values", ["v"])
    #expect(names(values) == ["prior", "ridge", "gaussian-process"])
    let pairs = try SimulatedTraining()
    #expect(names(pairs.data, pairs.options()) == ["prior", "key_means", "low_rank", "gaussian-process"])
    #expect(
      names(pairs.data, pairs.options(), besides: ["prior"]) == ["key_means", "low_rank", "gaussian-process"])
  }

  /// Effects of both keys, and of the one that is known where the other is not.
  @Test func theMeansOfKeys() throws {
    let simulated = try SimulatedTraining { line, _ in line < 20 ? .train : .test }
    let data = simulated.data, train = (data.division.train + data.division.validation).sorted()
    let examples = PreparedExamples(data.examples, options: simulated.options(), train: train)
    let found = try #require(predictions(KeyMeans.self, examples, train: train, rows: data.division.test))
    // Cell lines of the test are unknown, so each drug has one number.
    var said: [String: Set<Float>] = [:]
    for (row, value) in zip(data.division.test, found) {
      said[data.examples.keys.columns[1][row], default: []].insert(value)
    }
    #expect(said.count == 10 && said.values.allSatisfy { $0.count == 1 } && Set(said.values).count == 10)
  }

  /// The tasks of a process are the records of the other input, or the columns: the same numbers give the
  /// same predictions.
  @Test func aProcessOfPairsIsOneOfColumns() throws {
    let (n, m) = (12, 3)
    let profiles = FeatureTable(names: (0..<5).map { "G\($0)" }, values: Tensor.draws([n, 5]).scalars)
    let values = (0..<n * m).map { profiles.values[$0 / m * 5 + $0 % m] + Float($0 % m) }
    let train = Array(0..<9)
    let columns = prepared(
      ExpressionModality(), profiles, TargetDescription("values", ["x", "y", "z"]), values, train: train)
    let lines = (0..<n).map { "L\($0)" }, drugs = (0..<m).map { "D\($0)" }
    let places = (0..<n * m).map { ($0 / m, $0 % m) }
    let examples = Examples(
      keys: KeyColumns([
        KeyColumn("line", places.map { lines[$0.0] }), KeyColumn("drug", places.map { drugs[$0.1] }),
      ]),
      inputs: [
        ExampleInput(
          "expression", ExpressionModality(), profiles, ids: lines, index: places.map { Int32($0.0) },
          keyColumn: "line"),
        ExampleInput(
          "sequence", SequenceModality(), SequenceRecords(drugs.map { _ in Array("ACG".utf8) }), ids: drugs,
          index: places.map { Int32($0.1) }, keyColumn: "drug"),
      ], target: TargetDescription("values", ["v"]), observations: Observations(numbers: values, width: 1),
      groups: Array(0..<n * m))
    let pairTrain = Array(0..<9 * m)
    let pairs = PreparedExamples(
      examples,
      options: ModelOptions(inputs: [
        "expression": .init(AnyModality(ExpressionModality()), EncoderOptions(.mlp)),
        "sequence": .init(AnyModality(SequenceModality()), EncoderOptions(.lstm)),
      ]), train: pairTrain)
    let one = try #require(GaussianProcess.fit(columns, rows: train))
    let other = try #require(GaussianProcess.fit(pairs, rows: pairTrain))
    #expect(one.sizes == [9, 5, 3, 0, -1] && other.sizes == [9, 5, 3, 0, 1])
    let said = one.predict(columns.inputs, rows: Array(0..<n))
    #expect(said == other.predict(pairs.inputs, rows: Array(0..<n * m)) && said.allSatisfy(\.isFinite))
    // It is rebuilt from its sizes and numbers.
    let tensors = Dictionary(uniqueKeysWithValues: other.namedTensors.map { ($0.name, $0.tensor) })
    func built(_ sizes: [Int]) -> GaussianProcess? {
      GaussianProcess(
        sizes: sizes, inputs: pairs.manifests, objective: ValuesObjective(names: ["value"]),
        from: .loading { tensors[$0] })
    }
    let again = try #require(built(other.sizes))
    #expect(again.predict(pairs.inputs, rows: [30, 4]) == [said[30], said[4]])
    #expect(built([9, 5, 3, 0]) == nil)
    // There is no prediction for a drug that is not in training.
    let fewer = PreparedExamples(
      examples,
      options: ModelOptions(inputs: [
        "expression": .init(AnyModality(ExpressionModality()), EncoderOptions(.mlp)),
        "sequence": .init(AnyModality(SequenceModality()), EncoderOptions(.lstm)),
      ]), train: pairTrain.filter { $0 % m > 0 })
    let third = try #require(GaussianProcess.fit(fewer, rows: pairTrain.filter { $0 % m > 0 }))
    let unknown = third.predict(fewer.inputs, rows: [33, 34])
    #expect(unknown[0].isNaN && unknown[1].isFinite)
  }

  /// The weights solve the normal equations, with the penalty of the smallest leave-one-out error, computed
  /// by fits without each example; with more features than samples, and with fewer.
  @Test(arguments: [(12, 5), (8, 20)]) func theRidgeOfFeatures(_ size: (samples: Int, features: Int)) throws {
    let (n, f) = (size.samples, size.features), train = Array(0..<n)
    let x = Tensor.draws([n + 3, f], seed: 5).scalars
    let y = (0..<(n + 3)).map { x[$0 * f] * 2 - x[$0 * f + 1] + Float($0 % 3) * 0.3 }
    let examples = prepared(
      unscaled, FeatureTable(names: (0..<f).map { "g\($0)" }, values: x), TargetDescription("values", ["v"]),
      y,
      train: train)
    // The preparation may scale features; the ridge uses the scaled ones.
    let features = try #require(examples.inputs.inputs[0].encoded as? EncodedRows).values
    func fit(_ rows: [Int], _ penalty: Double) -> (Int) -> Double {
      let means = (0..<f).map { c in rows.reduce(0.0) { $0 + Double(features[$1, c]) } / Double(rows.count) }
      let mean = rows.reduce(0.0) { $0 + Double(y[$1]) } / Double(rows.count)
      func row(_ i: Int) -> [Double] { (0..<f).map { Double(features[i, $0]) - means[$0] } }
      // Gaussian elimination of (X'X + penalty I) w = X'y.
      var system = (0..<f).map { a in
        (0..<f).map { b in rows.reduce(a == b ? penalty : 0) { $0 + row($1)[a] * row($1)[b] } }
          + [rows.reduce(0.0) { $0 + row($1)[a] * (Double(y[$1]) - mean) }]
      }
      for a in 0..<f {
        for b in 0..<f where b != a {
          let factor = system[b][a] / system[a][a]
          for c in a...f { system[b][c] -= factor * system[a][c] }
        }
      }
      let weights = (0..<f).map { system[$0][f] / system[$0][$0] }
      return { i in mean + zip(weights, row(i)).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    let means = (0..<f).map { c in train.reduce(0.0) { $0 + Double(features[$1, c]) } / Double(n) }
    let trace = train.reduce(0.0) { sum, i in
      sum + (0..<f).reduce(0.0) { $0 + pow(Double(features[i, $1]) - means[$1], 2) }
    }
    let best = (-8...8).map { trace / Double(n) * pow(10, Double($0) / 2) }.min { a, b in
      func error(_ penalty: Double) -> Double {
        train.reduce(0.0) { sum, i in
          sum + pow(Double(y[i]) - fit(train.filter { $0 != i }, penalty)(i), 2)
        }
      }
      return error(a) < error(b)
    }!
    let found = try #require(predictions(Ridge.self, examples, train: train, rows: [n, n + 1, n + 2]))
    let expected = [n, n + 1, n + 2].map(fit(train, best))
    #expect(mismatch(found, expected, tolerance: 1e-3, floor: 1e-3) == nil)
  }

  @Test func theRidgeOfClasses() throws {
    let train = [0, 1, 2, 3]
    let classes = prepared(
      unscaled, table, TargetDescription("classes", ["x", "y"]), [0, 0, 1, 1, 0, 1], train: train)
    let found = try #require(predictions(Ridge.self, classes, train: train, rows: [4, 5]))
    #expect(found.allSatisfy { $0 >= 0 && $0 <= 1 } && abs(found[0] + found[1] - 1) < 1e-6)
    #expect(found[0] > 0.6 && found[3] > 0.6)
  }

  /// The factors of known pairs, the effects of one where the other is not known.
  @Test func theLowRankOfPairs() throws {
    let simulated = try SimulatedTraining()
    let options = simulated.options(for: .known, epochs: 1)
    let data = simulated.data, train = data.division.train
    let prepared = PreparedExamples(data.examples, options: options, train: train)
    let low = try #require(LowRank.fit(prepared, rows: train))
    let rows = Array(0..<data.examples.count)
    let found = low.predict(prepared.inputs, rows: rows)
    let truth = data.examples.observations.numbers
    func error(_ predicted: [Float]) -> Double {
      train.reduce(0) { $0 + pow(Double(predicted[$1] - truth[$1]), 2) } / Double(train.count)
    }
    let effects = try #require(KeyMeans.fit(prepared, rows: train)).predict(prepared.inputs, rows: rows)
    #expect(found.allSatisfy { $0.isFinite } && error(found) < error(effects))
  }

  /// Either can have a weight in a model, which stores it.
  @Test func theRidgeOfABlendIsKept() throws {
    let data = SimulatedExamples.expression()
    var options = SimulatedExamples.options(.mlp, data)
    options.blend = [BlendOptions("ridge", share: 0.5)]
    let model = try SimulatedExamples.trained(data, options).model
    let folder = TemporaryFolder(), path = folder.file("m.safetensors")
    try model.write(to: path)
    let again = try Model(contentsOf: path)
    #expect(again.predict(data.examples) == model.predict(data.examples))
    #expect(again.predictors.count == 1)
  }
}
