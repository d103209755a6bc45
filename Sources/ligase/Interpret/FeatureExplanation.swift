import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseReports
import LigaseRuntime

/// Attributions of features as a table.
struct FeatureExplanation {
  let model: Model
  let method: ExplanationMethod
  let options: Explain

  func write() throws {
    let source = try TaskSources.source(of: model, path: options.examples.model)
    try options.examples.check(model, source)
    var motifs = try MotifReport(
      options.motifs, model, overwrite: options.examples.output.overwrite, seed: options.features.seed)
    for path in [options.features.bars, options.features.heatMap] {
      if let path { try FileArguments.refuseExisting(path, overwrite: options.examples.output.overwrite) }
    }
    var explainer = try explainer(source)
    if motifs != nil, options.features.window != nil {
      throw ValidationError("--window cannot be combined with motifs, which need a number for each residue")
    }
    explainer.letters = motifs?.letters ?? []
    noteWhatIsLeftOut()
    let selection = try ExampleSelection(options.examples, model, source)
    let file = try options.examples.output.open(threads: options.examples.threads.count, part: selection.part)
    let table = try ExplanationTable(
      explainer, isSummary: options.features.summary, top: options.features.top, to: file)
    var progress = Progress(options.examples.report), count = 0
    try selection.read { examples in
      if let sets = try geneSets(for: examples) { explainer.grouping = sets }
      try explainer.explain(examples) { row, one in
        try table.write(one, keys: examples.keys, row: row)
        if let sequences = examples.inputs[0].records as? SequenceRecords {
          motifs?.add(examples.keys.columns[0][row], sequences.sequences[row], one)
        }
        count += 1
        progress.show("\(count.counted("example"))", json: "{\"examples\":\(count)}")
      }
    }
    progress.clear()
    try table.finish()
    try file.close()
    try writeFigures(table.means)
    let lines = try table.notes + (explainer.check?.lines ?? []) + (motifs?.finish() ?? [])
    lines.forEach { options.examples.report.note($0) }
  }

  /// Reports parts of predictions that no attribution has, and a background of one example.
  private func noteWhatIsLeftOut() {
    let offsets = model.manifest.options.training.offsets.filter { name in
      model.manifest.inputs.contains { $0.name == name && !$0.known.isEmpty }
    }
    if !offsets.isEmpty {
      options.examples.report.note(
        "predictions contain the learned effects of \(FormatError.list(offsets)) by name; they are part of the baseline and of no attribution"
      )
    }
    if case .gradient(.expectedGradients) = method, options.features.background == nil,
      options.features.baseline == .auto,
      !model.manifest.inputs.contains(where: { $0.preparation.base is SequencePreparation })
    {
      options.examples.report.note(
        "expected gradients use the baseline of the model file alone; --background FILE gives several")
    }
  }

  /// Features of a figure.
  private static let mostBars = 20

  /// Draws the largest features of a summary: bars of the output with the most examples, a heat map of all outputs.
  private func writeFigures(_ means: [ExplanationTable.Mean]) throws {
    let features = options.features, outputs = Set(means.map(\.output)).sorted(), names = model.outputNames
    if let path = features.bars {
      // One output: the one that the user named, or the first.
      let shown = means.filter { $0.output == outputs.first }.prefix(Self.mostBars)
      let bars = shown.map { mean in
        BarChart.Bar(mean.label, mean.mean, interval: mean.low.isFinite ? mean.low...mean.high : nil)
      }
      let chart = BarChart(
        title: "\(outputs.first.map { names[$0] } ?? ""): \(method.rawValue)",
        axisTitle: "mean absolute attribution",
        bars: Array(bars))
      try SVGFile.write(chart.svg, to: path, overwrite: options.examples.output.overwrite)
    }
    if let path = features.heatMap {
      var labels: [String] = []
      for output in outputs {
        for mean in means.filter({ $0.output == output }).prefix(Self.mostBars)
        where !labels.contains(mean.label) {
          labels.append(mean.label)
        }
      }
      var values = [Double](repeating: 0, count: outputs.count * labels.count)
      for mean in means {
        if let row = outputs.firstIndex(of: mean.output), let column = labels.firstIndex(of: mean.label) {
          values[row * labels.count + column] = mean.mean
        }
      }
      let map = HeatMap(
        title: method.rawValue, rowLabels: outputs.map { names[$0] }, columnLabels: labels, values: values,
        scale: .sequential, legendTitle: "mean absolute attribution")
      try SVGFile.write(map.svg, to: path, overwrite: options.examples.output.overwrite)
    }
  }

  func explainer(_ source: any TaskSource.Type) throws -> Explainer {
    let features = options.features
    var explainer = Explainer(model, method)
    explainer.output = try options.chosenOutput(of: model)
    explainer.isProbability = features.of == .probability
    if explainer.isProbability, !model.hasProbabilities {
      throw ValidationError("--of probability does not apply: \(model.spokenKind) without classes or labels")
    }
    let isOfSteps = model.manifest.objective.base.isOfSteps
    if isOfSteps != (features.position != nil) {
      throw ValidationError(
        isOfSteps
          ? "\(model.spokenKind) with an output for every residue or step; name the one to explain with --position"
          : "--position does not apply: \(model.spokenKind) with one output for each example")
    }
    explainer.position = features.position
    if features.check { explainer.check = FaithfulnessCheck() }
    explainer.gradient.steps = features.steps ?? explainer.gradient.steps
    explainer.gradient.seed = features.seed
    if let samples = features.samples {
      (explainer.gradient.samples, explainer.orders, explainer.coalitions, explainer.lime.samples) = (
        samples, samples, samples, samples
      )
    }
    switch features.baseline {
    case .auto: break
    case .zeros: explainer.baseline = .zeros
    case .shuffle: explainer.baseline = .shuffles(ExplanationBaseline.usualShuffles)
    }
    if let background = features.background { explainer.baseline = .examples(try read(background, source)) }
    if let window = features.window?.steps {
      explainer.grouping = .windows(size: window, stride: features.stride?.steps ?? window)
    } else if features.byInput {
      explainer.grouping = .inputs
    }
    return explainer
  }

  /// Reads the examples of a background, as the inputs are read.
  private func read(_ file: String, _ source: any TaskSource.Type) throws -> Examples {
    var found: Examples?
    try source.read(file, for: model, options.examples) { read in
      guard read.inputs.count == model.manifest.inputs.count else {
        throw ValidationError("--background needs a model of one input; \(model.spokenKind) of several")
      }
      if found == nil { found = read }
    }
    guard let found, found.count > 0 else {
      throw FormatError(.badData, path: file, "found no example, expected a background")
    }
    return found.count > Self.mostBackground ? found.selecting(Array(0..<Self.mostBackground)) : found
  }

  /// The most examples of a background: more change attributions little, and each costs a prediction for every coalition.
  private static let mostBackground = 100

  /// The sets of genes that the model reads.
  private func geneSets(for examples: Examples) throws -> FeatureGrouping? {
    guard let path = options.features.geneSets else { return nil }
    let sets = try GeneSets(contentsOf: path).sets
    guard examples.inputs.contains(where: { !($0.records is SequenceRecords) }) else {
      throw ValidationError("--gene-sets does not apply: \(model.spokenKind), without genes")
    }
    let names = Set(model.manifest.inputs.flatMap { $0.preparation.base.channelNames })
    let used = sets.map { (name: $0.name, members: names.intersection($0.genes)) }.filter {
      !$0.members.isEmpty
    }
    guard !used.isEmpty else {
      throw FormatError(
        .badData, path: path,
        "found none of the model's \(names.count.counted("feature")) in \(sets.count.counted("set")), such as \(FormatError.list(names.sorted(), limit: 3))"
      )
    }
    let covered = used.reduce(into: Set<String>()) { $0.formUnion($1.members) }
    options.examples.report.note(
      "gene sets: \(used.count) of \(sets.count) have features of the model; \(covered.count) of \(names.count) features are in a set"
    )
    return .sets(used)
  }
}
