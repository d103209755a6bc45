import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// The inputs of a model that are joined to the examples.
struct PredictionInputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "File of one of the model's inputs, joined by a key column (repeatable).", valueName: "name=file[@key]")
  )
  var input: [String] = []

  func validate() throws {
    let specs = try input.map { try InputSpecification($0, needsModality: false) }
    if let twice = specs.indices.first(where: { i in specs[..<i].contains { $0.name == specs[i].name } }) {
      throw ValidationError("--input has the name '\(specs[twice].name)' twice")
    }
  }

  /// The first of these options that is given.
  var given: String? { input.isEmpty ? nil : "--input" }

  /// The files that are standard input.
  var files: [String?] { input.map { $0.hasSuffix("=-") || $0.contains("=-@") ? "-" : nil } }

  /// Throws a usage error for inputs that a model does not have, and for those that are not given.
  ///
  /// - Parameter read: how many of the model's inputs come from the positional arguments.
  func check(_ model: Model, besides read: Int) throws {
    let wanted = model.manifest.inputs.dropFirst(read).map(\.name)
    let given = try input.map { try InputSpecification($0, needsModality: false).name }
    if let other = given.first(where: { !wanted.contains($0) }) {
      throw ValidationError(
        "--input \(other) does not apply: "
          + (wanted.isEmpty ? model.spokenKind : "the model's inputs are \(FormatError.list(Array(wanted)))"))
    }
    if let missing = wanted.first(where: { !given.contains($0) }) {
      throw ValidationError("the model reads the input '\(missing)'; give it with --input \(missing)=FILE")
    }
  }

  /// Adds the inputs that the examples lack, in the order of the model; examples without a record in an input are skipped,
  /// unless the model has learned to do without it.
  func add(to examples: inout Examples, _ columns: [KeyColumn], _ model: Model, _ predict: ExampleOptions)
    throws
  {
    let context = ReadingContext(seed: 0, threads: predict.threads.count, report: predict.report)
    for manifest in model.manifest.inputs.dropFirst(examples.inputs.count) {
      let spec = try input.map { try InputSpecification($0, needsModality: false) }.first {
        $0.name == manifest.name
      }!
      let (read, key) = try spec.read(columns, [], context, as: manifest)
      read.notes.forEach { predict.report.note("input \(spec.name): \($0)") }
      let join = try examples.add(manifest.name, read, columns: columns, key: key ?? manifest.keyColumn)
      predict.report.note(join)
    }
    let needed = model.manifest.inputs.map {
      model.manifest.options.inputs[$0.name]!.encoder.missingRate == nil
    }
    let kept = (0..<examples.count).filter { row in
      zip(examples.inputs, needed).allSatisfy { input, isNeeded in
        !isNeeded || input.index.map { $0[row] >= 0 } ?? true
      }
    }
    guard kept.count < examples.count else { return }
    guard !kept.isEmpty else { throw JoinError("no example has a record in every input") }
    predict.report.warn(
      "skipped \((examples.count - kept.count).counted("example")) without a record in an input; \(kept.count.grouped) are left"
    )
    examples = examples.selecting(kept)
  }
}
