import ArgumentParser
import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// What a source needs to read its data.
struct ReadingContext {
  /// The seed of all randomness.
  let seed: UInt64
  /// Threads that decompress.
  let threads: Int
  /// Where notes go.
  let report: ReportOptions
  /// The kinds of columns of tables that the user gives.
  var kinds: [String: ColumnKind] = [:]
  /// Columns that are never features: the group and the split.
  var excluded: Set<String> = []
}

/// Which examples stay together, and further inputs; the same for `train`, `cv` and `tune`.
struct InputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Further input, joined by a key column (repeatable).", valueName: "name:modality=file[@key]"))
  var input: [String] = []
  @Option(
    help:
      "Examples without a record in an input: drop them, or keep them and learn a vector that stands for the input."
  )
  var missingInput: MissingInput = .drop
  @Option(
    help: ArgumentHelp(
      "Kind of a table's column: number, boolean, category, skip, or ordered:low<middle<high (repeatable).",
      valueName: "column=kind"))
  var columnType: [String] = []
  @Option(
    help: ArgumentHelp(
      "Column whose values stay together: in validation, and in the folds of cv.", valueName: "column"))
  var group: String?

  enum MissingInput: String, ExpressibleByArgument, CaseIterable { case drop, learn }

  func validate() throws {
    _ = try kinds()
    var names: Set<String> = []
    for text in input {
      let spec = try InputSpecification(text, needsModality: true)
      guard names.insert(spec.name).inserted else {
        throw ValidationError("--input has the name '\(spec.name)' twice")
      }
    }
  }

  /// The files of the inputs that are standard input.
  var files: [String?] {
    input.map { text in
      text.hasSuffix("=-") || text.contains("=-@") ? "-" : nil
    }
  }

  /// What the sources need.
  func context(_ seed: UInt64, _ threads: Int, _ report: ReportOptions, split: String? = nil) throws
    -> ReadingContext
  {
    ReadingContext(
      seed: seed, threads: threads, report: report, kinds: try kinds(),
      excluded: Set([group].compactMap { $0 } + (split == nil ? [] : ["split", "fold"])))
  }

  private func kinds() throws -> [String: ColumnKind] {
    var kinds: [String: ColumnKind] = [:]
    for text in columnType {
      guard let cut = text.firstIndex(of: "="), cut > text.startIndex,
        let kind = ColumnKind(String(text[text.index(after: cut)...]))
      else {
        throw ValidationError(
          "--column-type must be COLUMN=KIND with number, boolean, category, skip or ordered:low<middle<high (got '\(text)')"
        )
      }
      kinds[String(text[..<cut])] = kind
    }
    return kinds
  }

  /// Adds the further inputs, and groups the examples.
  func complete(_ data: inout TrainingData, _ context: ReadingContext) throws {
    var excluded = context.excluded.union(data.examples.target.columns)
    for text in input {
      let spec = try InputSpecification(text, needsModality: true)
      if data.examples.target.forecastChannel != nil, spec.modality == SeriesModality.name {
        throw ValidationError(
          "--input \(spec.name) is of series, whose later steps a forecast must not read; give all channels in one long table"
        )
      }
      let columns = data.examples.keys.columns + data.columns
      let (read, key) = try spec.read(columns, excluded, context, as: nil)
      read.notes.forEach { context.report.note("input \(spec.name): \($0)") }
      if data.examples.inputs.contains(where: { $0.name == spec.name }) {
        throw ValidationError("--input cannot be called '\(spec.name)': the task has an input of that name")
      }
      let join = try data.examples.add(spec.name, read, columns: columns, key: key)
      context.report.note(join)
    }
    guard !data.examples.inputs.isEmpty else {
      throw ValidationError("no inputs; give at least one --input NAME:MODALITY=FILE")
    }
    excluded.formUnion(data.examples.keys.names)
    let removed = try data.examples.removeFeatures(excluded)
    if !removed.isEmpty { context.report.note("not features: \(FormatError.list(removed))") }
    try handleMissing(&data, context.report)
    if group == nil { warnOfGroups(data, context.report) }
    try applyGroup(&data)
  }

  private func handleMissing(_ data: inout TrainingData, _ report: ReportOptions) throws {
    let complete = data.examples.complete, lacking = data.examples.count - complete.count
    guard lacking > 0 else { return }
    if missingInput == .learn {
      data.learnsMissing = true
      return report.note(
        "\(lacking) of \(data.examples.count) \(data.unit) lack an input; a learned vector stands for it")
    }
    guard !complete.isEmpty else {
      throw JoinError(
        "no example has a record in every input; --missing-input learn keeps those that lack some")
    }
    data.examples = data.examples.selecting(complete)
    data.columns = data.columns.map { $0.selecting(complete) }
    data.division = data.division.selecting(complete)
    report.note(
      "skipped \(lacking) \(data.unit) that lack an input (--missing-input learn keeps them); \(complete.count) are left"
    )
  }

  /// Words in the names of columns whose equal values are of one person, scan or experiment.
  private static let groupWords: Set<String> = [
    "patient", "subject", "person", "donor", "individual", "family", "exam", "study", "scan", "series",
    "case", "candidate",
    "slide", "nodule", "specimen", "hospital", "batch", "plate",
  ]

  /// Warns where a column looks as if its equal values belong together, and examples are drawn one by one.
  private func warnOfGroups(_ data: TrainingData, _ report: ReportOptions) {
    guard data.division.validation.isEmpty, data.division.test.isEmpty, data.examples.keys.columns.count == 1
    else { return }
    let names = data.examples.target.columns
    let found = data.columns.first { column in
      let words = column.name.lowercased().split { !$0.isLetter }.map(String.init)
      return !names.contains(column.name) && words.contains(where: Self.groupWords.contains)
        && column.ids.count > 1 && column.ids.count < column.codes.count
    }
    guard let found else { return }
    report.warn(
      "column \(found.name) has \(found.ids.count.grouped) values for \(found.codes.count.grouped) \(data.unit), which may be on both sides of a split; --group \(found.name) keeps equal ones together"
    )
  }

  private func applyGroup(_ data: inout TrainingData) throws {
    guard let group, data.examples.keys.columns.count == 1 else { return }
    let columns = data.examples.keys.columns + data.columns
    guard let column = columns.first(where: { $0.name == group }) else {
      throw JoinError(
        "found no column '\(group)' to group by, expected one of "
          + FormatError.list(columns.map(\.name), limit: 8))
    }
    data.examples.groups = column.codes.map { Int($0) }
  }
}

/// An input on the command line: `NAME:MODALITY=FILE[@KEY]`, or `NAME=FILE[@KEY]` for an input that a model has.
struct InputSpecification {
  /// The name of the input.
  let name: String
  /// The name of its modality; nil where the model knows it.
  let modality: String?
  /// The file, and the key where one is named.
  private let place: String

  init(_ text: String, needsModality: Bool) throws {
    let form = needsModality ? "NAME:MODALITY=FILE[@KEY]" : "NAME=FILE[@KEY]"
    guard let cut = text.firstIndex(of: "=") else {
      throw ValidationError("--input must be \(form) (got '\(text)')")
    }
    let head = text[..<cut].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    guard head.count == (needsModality ? 2 : 1) else {
      throw ValidationError("--input must be \(form) (got '\(text)')")
    }
    name = head[0]
    modality = needsModality ? head[1] : nil
    place = String(text[text.index(after: cut)...])
    guard !name.isEmpty,
      name.utf8.allSatisfy({
        $0 == 0x5F || $0 == 0x2D || (0x30...0x39 ~= $0) || (0x41...0x5A ~= $0) || (0x61...0x7A ~= $0)
      })
    else {
      throw ValidationError("--input needs a name of letters, digits, - and _ (got '\(name)')")
    }
    if let modality, Modalities.named(modality) == nil {
      throw ValidationError(
        "--input \(name) has the modality '\(modality)', expected one of \(FormatError.list(Modalities.names))"
      )
    }
    if place.isEmpty { throw ValidationError("--input \(name) names no file") }
  }

  /// Reads the records.
  ///
  /// - Parameters:
  ///   - columns: the columns of the examples that can name records.
  ///   - excluded: columns that are never features.
  ///   - manifest: the input of the model that is to read them; nil for training.
  /// - Returns: the records, and the column that names them, where the user named one.
  func read(
    _ columns: [KeyColumn], _ excluded: Set<String>, _ context: ReadingContext, as manifest: InputManifest?
  ) throws -> (read: ReadInput, key: String?) {
    let (path, key) = try split(columns)
    var file = InputFile(path: path == "-" ? nil : path, key: key)
    (file.excluded, file.kinds, file.threads) = (excluded, context.kinds, context.threads)
    let named = columns.filter { $0.name == key }
    file.possibleIDs = (named.isEmpty ? columns : named).flatMap(\.ids)
    let kind = Modalities.named(modality ?? manifest?.preparation.modality ?? "")!
    return (try kind.read(file, as: manifest?.preparation.base), key)
  }

  /// The file and the key. What follows the last `@` is the key if the file, or the examples, have such a column.
  private func split(_ columns: [KeyColumn]) throws -> (path: String, key: String?) {
    guard let at = place.lastIndex(of: "@"), at > place.startIndex else { return (place, nil) }
    let (path, key) = (String(place[..<at]), String(place[place.index(after: at)...]))
    if columns.contains(where: { $0.name == key }) { return (path, key) }
    if access(place, F_OK) == 0 { return (place, nil) }
    if path != "-", let table = try? TableStream(contentsOf: path) {
      guard table.columnNames.contains(key) else {
        throw FormatError(
          .badData, path: path,
          "found no column '\(key)' (--input \(name)), expected one of \(FormatError.list(table.columnNames, limit: 8))"
        )
      }
    }
    return (path, key)
  }
}
