import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase seq revcomp`.
struct SeqReverseComplement: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revcomp",
    abstract: "Reverse-complement sequences; IUPAC codes and case are kept, qualities are reversed.",
    discussion: "Example:  ligase seq revcomp genome.fa.gz > reverse.fa")

  @Flag(help: "The sequences are RNA: A becomes U.")
  var rna = false

  @OptionGroup var sequences: SequenceOptions

  func run() throws {
    let isRNA = rna
    try sequences.run { record, _ in
      Nucleotide.reverseComplement(inPlace: &record.sequence, isRNA: isRNA)
      record.qualities.reverse()
      return true
    }
  }
}

/// `ligase seq translate`.
struct SeqTranslate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Translate nucleotides to protein with an NCBI genetic code.",
    discussion: """
      Example:  ligase seq translate transcripts.fa --code 11 --frame 2 > proteins.fa

      Stop codons become `*`. A codon becomes X if its ambiguous bases allow several amino acids.
      """)

  @Option(help: ArgumentHelp("NCBI number of the genetic code.", valueName: "n"))
  var code = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Reading frame: 1, 2, 3, or -1, -2, -3 of the reverse complement.", valueName: "n"))
  var frame = 1

  @Flag(help: "End each protein before its first stop codon.")
  var toStop = false

  @OptionGroup var sequences: SequenceOptions

  func validate() throws {
    if GeneticCode(number: code) == nil {
      let numbers = GeneticCode.numbers.map(String.init).joined(separator: ", ")
      throw ValidationError("--code must be one of \(numbers) (got \(code))")
    }
    if ![1, 2, 3, -1, -2, -3].contains(frame) {
      throw ValidationError("--frame must be 1, 2, 3, -1, -2 or -3 (got \(frame))")
    }
  }

  func run() throws {
    guard let code = GeneticCode(number: code) else { return }
    let (frame, toStop) = (frame, toStop)
    try sequences.run(asFASTA: true) { record, _ in
      let strand = frame < 0 ? Nucleotide.reverseComplement(record.sequence) : record.sequence
      record.sequence = code.translate(Array(strand.dropFirst(abs(frame) - 1)))
      if toStop, let stop = record.sequence.firstIndex(of: 0x2A) { record.sequence.removeSubrange(stop...) }
      return true
    }
  }
}

/// `ligase seq shuffle`.
struct SeqShuffle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shuffle",
    abstract: "Shuffle each sequence, preserving mononucleotide or dinucleotide counts.",
    discussion: """
      Example:  ligase seq shuffle peaks.fa --keep dinucleotides --seed 1 > negatives.fa

      The result depends only on the seed and on the position of the sequence in the file. Qualities are dropped.
      """)

  @Option(help: "Counts to preserve: mononucleotides or dinucleotides.")
  var keep: Kept = .dinucleotides

  @OptionGroup var seed: SeedOptions
  @OptionGroup var sequences: SequenceOptions

  /// The counts that a shuffle preserves.
  enum Kept: String, ExpressibleByArgument, CaseIterable {
    case mononucleotides, dinucleotides
  }

  func run() throws {
    let (keep, seed) = (keep, seed.seed)
    try sequences.run(asFASTA: true) { record, index in
      var random = SeededGenerator(seed: seed, stream: "shuffle", step: index)
      record.sequence =
        keep == .mononucleotides
        ? SequenceShuffle.mononucleotides(record.sequence, using: &random)
        : SequenceShuffle.dinucleotides(record.sequence, using: &random)
      return true
    }
  }
}

/// `ligase seq rename`.
struct SeqRename: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Rename sequences to PREFIX1, PREFIX2, …; descriptions are kept.",
    discussion: "Example:  ligase seq rename contigs.fa --prefix contig_ > renamed.fa")

  @Option(help: ArgumentHelp("Text before the number.", valueName: "text"))
  var prefix = "seq"

  @Flag(help: "Keep the old name as the first word of the description.")
  var keepName = false

  @OptionGroup var sequences: SequenceOptions

  func run() throws {
    let (prefix, keepName) = (prefix, keepName)
    try sequences.run { record, index in
      let name = "\(prefix)\(index + 1)"
      if keepName && !record.name.isEmpty {
        record.header = Array("\(name) ".utf8) + record.header.drop { $0 <= 0x20 }
      } else {
        record.rename(name)
      }
      return true
    }
  }
}

/// `ligase seq wrap`.
struct SeqWrap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wrap",
    abstract: "Rewrap sequences to lines of equal length and remove blanks.",
    discussion: "Example:  ligase seq wrap uneven.fa --line-width 80 > even.fa && ligase index even.fa")

  @Flag(help: "Drop the qualities of FASTQ and write FASTA.")
  var fasta = false

  @OptionGroup var sequences: SequenceOptions

  func run() throws { try sequences.run(asFASTA: fasta) { _, _ in true } }
}
