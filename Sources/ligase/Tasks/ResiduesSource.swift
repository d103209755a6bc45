import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// Proteins with a class for every residue.
struct ResiduesSource: TaskSource {
  typealias Preset = ResiduesTask
  static let abstract = "Learn a class for every residue, such as secondary structure."
  static let example = "proteins.fa --labels structure.fa --mask resolved.fa"
  static let discussion = """
    Labels are FASTA with the ids and lengths of the sequences, one letter per residue; `-`, `.` and `?` mean \
    unknown. In the mask, residues with 1 are used and residues with 0 ignored.
    """

  @Argument(help: "FASTA of sequences; `-` or nothing is standard input.")
  var input: String?
  @Option(help: ArgumentHelp("FASTA of labels, one letter per residue.", valueName: "file"))
  var labels: String?
  @Option(help: ArgumentHelp("FASTA of 0 and 1: only residues with 1 are used.", valueName: "file"))
  var mask: String?
  @Flag(help: "Take the subsets from the headers of the labels: SET=train|test VALIDATION=True|False.")
  var splitFromHeaders = false
  @OptionGroup var letters: SequenceEncodingOptions

  var files: [String?] { [input, labels, mask] }

  func validate() throws {
    if letters.encoding > 1 {
      throw ValidationError(
        "--encoding must be one-hot or embedding, because every residue has a label (got kmer:\(letters.encoding))"
      )
    }
  }

  var splitOption: String? { splitFromHeaders ? "--split-from-headers" : nil }

  func read(_ context: ReadingContext) throws -> TrainingData {
    guard let labels else { throw ValidationError("no labels; give --labels FILE") }
    let (threads, report) = (context.threads, context.report)
    let reading = try LabelledResidues.read(
      sequences: input, labels: labels, mask: mask, alphabet: letters.alphabet, tokenLength: letters.encoding,
      threads: threads)
    reading.examples.notes.forEach { report.note($0) }
    var data = TrainingData(task: Preset.name, unit: Preset.unit, examples: reading.examples)
    if splitFromHeaders {
      data.division = try Division(
        of: reading.examples, parts: reading.parts, from: "the headers of the labels")
      data.division.report.forEach { report.note($0) }
    }
    return data
  }

  func nominalExamples() -> Examples {
    let sequence = [UInt8](repeating: UInt8(ascii: "A"), count: 100)
    var examples = Examples.nominal(
      1000, SequenceRecords([[UInt8]](repeating: sequence, count: 1000)),
      SequenceModality(
        SequenceEncoding(alphabet: letters.alphabet ?? .protein, tokenLength: letters.encoding)), nil)
    examples.target = TargetDescription("steps", ["C", "E", "H"])
    examples.observations = Observations(
      steps: [[Int32]](repeating: [Int32](repeating: 0, count: 100), count: 1000))
    return examples
  }

  static let predictionOptions: Set<PredictionOptionGroup> = [.sequences]
  static let inputWords = "protein sequences (FASTA)"

  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
  ) throws {
    let reader = try SequenceReader(contentsOf: file, threads: inputs.threads.count)
    try SequenceSource.read(reader, for: model, batch: 64, body)
  }
}
