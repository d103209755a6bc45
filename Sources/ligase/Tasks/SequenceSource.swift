import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// Alphabet and encoding of sequences, for all commands that train on them.
struct SequenceEncodingOptions: ParsableArguments {
  @Option(help: "Alphabet (default: detected automatically).")
  var alphabet: SequenceAlphabet?
  @Option(
    help: ArgumentHelp(
      "One-hot channels, a learned embedding of residues, or a learned embedding of k-mers.",
      valueName: "one-hot|embedding|kmer:K"),
    transform: { text in
      if text == "one-hot" { return 0 }
      if text == "embedding" { return 1 }
      if text.hasPrefix("kmer:"), let k = Int(text.dropFirst(5)), 1...8 ~= k { return k }
      throw ValidationError("--encoding must be one-hot, embedding or kmer:1 to kmer:8 (got '\(text)')")
    })
  var encoding = 0
}

/// Sequences and their labels.
struct SequenceSource: TaskSource {
  typealias Preset = SequenceTask
  static let abstract = "Learn classes, labels or values from DNA, RNA or protein sequences."
  static let example = "train.tsv --sequence seq --label class --architecture lstm"
  static let discussion = """
    Sequences come from FASTA, FASTQ, a table, or BED intervals with an indexed FASTA. Labels come from a column \
    (--label), another table (--labels), the headers (--label-pattern), one file per class (--class NAME=FILE), or \
    from shuffling (--negatives). Identical sequences are always in the same subset.
    """

  @Argument(help: "FASTA, FASTQ or table of sequences; `-` or nothing is standard input.")
  var input: String?
  @Option(
    help: ArgumentHelp("Column of sequences in a table (default: sequence or seq).", valueName: "column"))
  var sequence: String?
  @Option(
    help: ArgumentHelp("Column of ids (default: the first column with unique values).", valueName: "column"))
  var id: String?
  @OptionGroup var targets: LabelOptions
  @Flag(help: "The first line of a table is data, not a header; columns are named column1, column2, ….")
  var noHeader = false
  @Option(help: ArgumentHelp("Table of ids and labels, if the input has no labels.", valueName: "file"))
  var labels: String?
  @Option(
    help: ArgumentHelp(
      "Regular expression for the headers; its first group is the label.", valueName: "regex"))
  var labelPattern: String?
  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("File with the sequences of one class (repeatable).", valueName: "name=file"))
  var classFiles: [String] = []
  @Option(
    help: ArgumentHelp("BED intervals; their sequences in --reference are the examples.", valueName: "file"))
  var bed: String?
  @Option(help: ArgumentHelp("Reference FASTA for --bed.", valueName: "file"))
  var reference: String?
  @Option(help: ArgumentHelp("Width of the window around the middle of each --bed interval.", valueName: "n"))
  var width: Int?
  @Option(help: "Add one shuffled negative for each sequence: the classes are 1 and 0.")
  var negatives: LabelledSequences.Negatives?
  @Flag(help: "Keep one of identical sequences; drop them all if their labels differ.")
  var dropDuplicates = false
  @OptionGroup var letters: SequenceEncodingOptions
  @Option(
    help:
      "Use both strands: reverse-complement augmentation in training, average over strands in prediction (default: both with --bed or --negatives, otherwise one)."
  )
  var strands: Strands?
  @Option(help: ArgumentHelp("Shift training sequences at random by up to N residues.", valueName: "n"))
  var shift: Int?

  var files: [String?] { [input, labels, bed, reference] }

  enum Strands: String, ExpressibleByArgument, CaseIterable { case one, both }

  func validate() throws {
    if (bed == nil) != (reference == nil) { throw ValidationError("--bed and --reference need each other") }
    if bed != nil, input != nil {
      throw ValidationError("give sequences either as an input or with --bed, not both")
    }
    if !classFiles.isEmpty, input != nil || bed != nil {
      throw ValidationError("give sequences either as an input or with --class, not both")
    }
    for pair in classFiles where !pair.contains("=") {
      throw ValidationError("--class must be NAME=FILE (got '\(pair)')")
    }
    if let width, width < 1 { throw ValidationError("--width must be at least 1 (got \(width))") }
  }

  func read(_ context: ReadingContext) throws -> TrainingData {
    let (seed, threads, report) = (context.seed, context.threads, context.report)
    var options = LabelledSequences.Options()
    (options.alphabet, options.tokenLength) = (letters.alphabet, letters.encoding)
    (options.sequenceColumn, options.idColumn, options.labelColumns) = (sequence, id, targets.columns)
    (options.reading, options.labelTable, options.labelPattern) = (targets.reading, labels, labelPattern)
    (options.negatives, options.dropsDuplicates) = (negatives, dropDuplicates)
    (options.hasHeader, options.usesBothStrands) = (!noHeader, usesBothStrands)
    var sequences = LabelledSequences(options)
    if let bed, let reference {
      try sequences.add(bed: bed, reference: reference, width: width, threads: threads)
    } else if classFiles.isEmpty {
      try sequences.add(contentsOf: input, threads: threads)
    }
    for pair in classFiles {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      try sequences.add(contentsOf: String(parts[1]), label: String(parts[0]), threads: threads)
    }
    let examples = try sequences.examples(seed: seed)
    if strands == .both, let modality = examples.inputs[0].modality.base as? SequenceModality,
      !modality.alphabet.isNucleic
    {
      throw ValidationError(
        "--strands both has no effect: the sequences are \(modality.alphabet.rawValue)")
    }
    examples.notes.forEach { report.note($0) }
    var data = TrainingData(task: Preset.name, unit: Preset.unit, examples: examples)
    data.recordColumn = sequences.sequenceColumn
    return data
  }

  func requireInputs() throws {
    if let strands, strands == .both, letters.alphabet == .protein {
      throw ValidationError("--strands both has no effect on proteins")
    }
  }

  func nominalExamples() -> Examples {
    let alphabet = letters.alphabet ?? .dna, letter = UInt8(ascii: "A")
    return .nominal(
      1000, SequenceRecords((0..<1000).map { _ in [UInt8](repeating: letter, count: 100) }),
      SequenceModality(SequenceEncoding(alphabet: alphabet, tokenLength: letters.encoding)), targets.target,
      time: targets.time)
  }

  private var usesBothStrands: Bool { strands.map { $0 == .both } ?? (negatives != nil || bed != nil) }

  func adjust(_ options: inout ModelOptions) {
    let name = Preset.mainInput
    guard var modality = options.inputs[name]?.preparation.base as? SequenceModality else { return }
    modality.usesBothStrands = usesBothStrands
    if let shift { modality.shift = shift }
    options.inputs[name]!.preparation = AnyModality(modality)
  }

  static let predictionOptions: Set<PredictionOptionGroup> = [.sequences]
  static let inputWords = "sequences (FASTA, FASTQ or a table)"

  /// Reads sequences batch by batch, in constant memory for FASTA or FASTQ.
  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
  ) throws {
    let input = try SequenceInput(
      contentsOf: file, hasHeader: !inputs.matrix.noHeader, threads: inputs.threads.count)
    switch input {
    case .records(let reader): try read(reader, for: model, batch: 1024, body)
    case .table(let table): try body(try read(table, for: model, inputs))
    }
  }

  /// Reads sequences of a reader, `batch` at a time.
  static func read(
    _ reader: SequenceReader, for model: Model, batch: Int, _ body: (Examples) throws -> Void
  ) throws {
    var (ids, sequences): ([String], [[UInt8]]) = ([], [])
    var isMore = true
    while isMore {
      if let record = try reader.next() {
        try model.check(record.sequence, id: record.name, path: reader.path, line: record.line)
        ids.append(record.name)
        sequences.append(record.sequence)
      } else {
        isMore = false
      }
      guard ids.count == batch || !isMore else { continue }
      try body(model.examples(idColumn: "id", ids: ids, records: SequenceRecords(sequences)))
      ids.removeAll(keepingCapacity: true)
      sequences.removeAll(keepingCapacity: true)
    }
  }

  private static func read(_ table: Table, for model: Model, _ inputs: ExampleOptions) throws -> Examples {
    let column = model.manifest.recordColumn.flatMap { table.hasColumn($0) ? $0 : nil }
    let name = try LabelledSequences.sequenceColumn(of: table, named: inputs.sequences.sequence ?? column)
    let known = model.manifest.keyColumns[0]
    let id = try LabelledSequences.idColumn(
      of: table, named: inputs.sequences.id ?? (table.hasColumn(known) ? known : nil),
      besides: [name] + model.outputNames)
    let ids = try id.map { try table.strings($0) } ?? (1...max(table.rowCount, 1)).map { "\($0)" }
    let sequences = try table.strings(name).map { Array($0.utf8.filter { $0 > 0x20 }) }
    for (row, sequence) in sequences.enumerated() {
      try model.check(sequence, id: ids[row], path: table.path, line: table.line(ofRow: row))
    }
    let found = sequences.isEmpty ? [] : ids
    return model.examples(idColumn: id ?? "row", ids: found, records: SequenceRecords(sequences))
  }
}

extension SequenceAlphabet: ExpressibleByArgument {}
extension LabelledSequences.Negatives: ExpressibleByArgument {}
