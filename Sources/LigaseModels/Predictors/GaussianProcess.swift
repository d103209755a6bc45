import LigaseDatasets
import LigaseNetworks
import LigaseTensors
import LigaseRuntime

/// Gaussian-process regression of values on the profiles of similar records; see ``ProfileKernel``.
///
/// Where examples are pairs, each known record of the other input is a task; with one input, each value
/// column is a task.
package struct GaussianProcess: Predictor {
  package static let name = "gaussian-process"
  /// The fitted kernel and its weights.
  package var kernel: ProfileKernel
  /// The index of the input of profiles, and of the input whose records are tasks; the second is -1 where
  /// tasks are columns.
  private let profiles: Int
  private let tasks: Int

  package static func fit(_ examples: PreparedExamples, rows: [Int]) -> GaussianProcess? {
    let inputs = examples.inputs, observed = examples.examples.observations
    guard examples.examples.target.objective == "values",
      let profiles = inputs.inputs.firstIndex(where: { $0.encoded is EncodedRows }),
      let encoded = inputs.inputs[profiles].encoded as? EncodedRows,
      !(examples.manifests[profiles].preparation.base is ClinicalPreparation)
    else { return nil }
    // Further rows of features beside a pair are for the network alone.
    let isOfPairs = inputs.inputs.count > 1
    guard !isOfPairs || observed.width == 1,
      let tasks = isOfPairs ? inputs.inputs.firstIndex(where: { !($0.encoded is EncodedRows) }) : -1
    else { return nil }
    let taskCount = isOfPairs ? inputs.inputs[tasks].knownCount : observed.width
    var (lines, columns, values) = ([Int](), [Int32](), [Float]())
    for row in rows {
      let line = inputs.inputs[profiles].index.map { Int($0[row]) } ?? row
      for t in 0..<observed.width where !observed.numbers[row * observed.width + t].isNaN {
        let task = isOfPairs ? inputs.knownRecord(of: row, input: inputs.inputs[tasks].name) : t
        guard task >= 0 else { continue }
        lines.append(line)
        columns.append(Int32(task))
        values.append(observed.numbers[row * observed.width + t])
      }
    }
    guard !values.isEmpty else { return nil }
    let ids = Set(lines).sorted()
    let place = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, Int32($0)) })
    return GaussianProcess(
      kernel: ProfileKernel(
        fitting: encoded.values.gatheredRows(ids.map { Int32($0) }), lines: lines.map { place[$0]! },
        drugs: columns, responses: values, drugMeans: means(values, columns, taskCount)),
      profiles: profiles, tasks: tasks)
  }

  /// Returns the mean of each task, shrunk towards the overall mean by one example.
  private static func means(_ values: [Float], _ tasks: [Int32], _ count: Int) -> [Double] {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    var (sums, counts) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for (value, task) in zip(values, tasks) {
      sums[Int(task)] += Double(value) - mean
      counts[Int(task)] += 1
    }
    return zip(sums, counts).map { mean + $0 / ($1 + 1) }
  }

  private init(kernel: ProfileKernel, profiles: Int, tasks: Int) {
    (self.kernel, self.profiles, self.tasks) = (kernel, profiles, tasks)
  }

  package init?(
    sizes: [Int], inputs: [InputManifest], objective: any Objective, from weights: WeightBuilder
  ) {
    let outputs = objective.count
    guard sizes.count == 5, 0...(1 << 24) ~= sizes[0], inputs.indices.contains(sizes[3]) else {
      return nil
    }
    let (profiles, tasks) = (sizes[3], sizes[4]), shape = inputs[profiles].preparation.base.shape
    let isOfPairs = inputs.indices.contains(tasks) && tasks != profiles && outputs == 1
    guard shape.isRow, sizes[1] == shape.channels, isOfPairs || inputs.count == 1 && tasks == -1,
      sizes[2] == (isOfPairs ? inputs[tasks].known.count : outputs)
    else { return nil }
    self.init(
      kernel: ProfileKernel(lineCount: sizes[0], geneCount: sizes[1], drugCount: sizes[2], from: weights),
      profiles: profiles, tasks: tasks)
  }

  package var notes: [String] {
    guard kernel.usedLines < kernel.allLines else { return [] }
    return [
      "\(Self.name): fitted on \(kernel.usedLines.grouped) of \(kernel.allLines.counted("training record")), those with the most measurements"
    ]
  }

  /// The weight of the process from inverse squared errors, which is optimal for two predictors with
  /// independent errors (Bates and Granger, 1969). The process has its leave-one-out error. The error of the
  /// network is unknown without validation examples; it is assumed to be that of the task means.
  package var shareWithoutValidation: Double? {
    guard let errors = kernel.errors, errors.ofMeans + errors.leaveOneOut > 0 else { return nil }
    return errors.ofMeans / (errors.ofMeans + errors.leaveOneOut)
  }

  package var sizes: [Int] {
    kernel.profiles.shape + [kernel.weights.shape[1], profiles, tasks]
  }

  package func predict(_ inputs: PreparedInputs, rows: [Int]) -> [Float] {
    guard let encoded = inputs.inputs[profiles].encoded as? EncodedRows else { return [] }
    let (used, places) = inputs.inputs[profiles].distinctRecords(of: rows), count = kernel.weights.shape[1]
    let responses = kernel.responses(encoded.values.gatheredRows(used.map { Int32($0) })).scalars
    return rows.enumerated().flatMap { i, row -> [Float] in
      let line = places.map { Int($0[i]) } ?? i
      guard tasks >= 0 else { return Array(responses[(line * count)..<((line + 1) * count)]) }
      let task = inputs.knownRecord(of: row, input: inputs.inputs[tasks].name)
      return [task < 0 ? .nan : responses[line * count + task]]
    }
  }

  package var dependence: PredictorDependence { .smooth }

  package func answers(_ inputs: PreparedInputs, row: Int) -> Bool {
    tasks < 0 || inputs.knownRecord(of: row, input: inputs.inputs[tasks].name) >= 0
  }

  package func output(
    _ batches: [InputBatch], _ inputs: PreparedInputs, rows: [Int], outputs: [Int]
  ) -> Tensor? {
    guard let x = batches[profiles].rows else { return nil }
    let chosen = zip(rows, outputs).map { row, output in
      tasks < 0 ? output : inputs.knownRecord(of: row, input: inputs.inputs[tasks].name)
    }
    return kernel.responses(x, drugs: chosen)
  }

  package mutating func visitParameters(_ visit: ParameterVisitor) { kernel.visitParameters(visit) }
}
