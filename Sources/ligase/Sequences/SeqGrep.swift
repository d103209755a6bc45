import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase seq grep`.
struct SeqGrep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grep",
    abstract: "Keep sequences by name or by motif.",
    discussion: """
      Example:  ligase seq grep genome.fa --name chr1 --name chrM > two.fa
                ligase seq grep reads.fq.gz --motif TATAWAW --strand both | ligase stats

      A sequence is kept if its name is given by --name or --names, if its name matches a --regex, or if it contains \
      a --motif. Motifs are IUPAC letters. An ambiguous residue matches only if all of its bases match: N in a \
      sequence matches only N in the motif.
      """)

  @Option(
    name: [.customShort("p"), .long],
    help: ArgumentHelp("Keep the sequence with this name (repeatable).", valueName: "name"))
  var name: [String] = []

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp("Keep sequences named in FILE (one name per line).", valueName: "file"))
  var names: String?

  @Option(
    name: [.customShort("r"), .long],
    help: ArgumentHelp(
      "Keep sequences whose name matches this regular expression (repeatable).", valueName: "regex"))
  var regex: [String] = []

  @Option(
    name: [.customShort("m"), .long],
    help: ArgumentHelp("Keep sequences that contain this motif (repeatable).", valueName: "motif"))
  var motif: [String] = []

  @Flag(help: "Match --regex with the whole header instead of the name.")
  var byHeader = false

  @Option(help: "Strands searched for --motif.")
  var strand: Strand = .both

  @Option(help: "Alphabet of --motif.")
  var alphabet: SequenceMotif.Alphabet = .nucleotides

  @Flag(
    name: [.customShort("i"), .long],
    help: "Ignore case in names (motifs always ignore case).")
  var ignoreCase = false

  @Flag(help: "Keep only the sequences that do not match.")
  var invert = false

  @Flag(help: "Print only the number of matching sequences.")
  var count = false

  @OptionGroup var sequences: SequenceOptions

  /// The searched strands.
  enum Strand: String, ExpressibleByArgument, CaseIterable {
    case both, forward
  }

  func validate() throws {
    if count { try sequences.shards.refuse("--count is a number of all records") }
    if name.isEmpty, names == nil, regex.isEmpty, motif.isEmpty {
      throw ValidationError("give --name, --names, --regex or --motif")
    }
    _ = try selection()
  }

  func run() throws {
    var selection = try selection()
    if let names { selection.names.formUnion(try NameList.read(contentsOf: names)) }
    if ignoreCase { selection.names = Set(selection.names.map { $0.lowercased() }) }
    let (invert, chosen) = (invert, selection)
    defer { sayMissing(chosen) }
    if !count { return try sequences.run { record, _ in chosen.matches(record) != invert } }
    let reader = try sequences.open()
    let target = try sequences.output.open()
    var record = SequenceRecord()
    var total = 0
    while try reader.next(into: &record) { if chosen.matches(record) != invert { total += 1 } }
    try target.write("\(total)\n")
    try target.close()
  }

  private func sayMissing(_ selection: SequenceSelection) {
    let missing = selection.namesNotFound
    if !missing.isEmpty {
      sequences.report.note(
        "\(missing.count.grouped) of \(selection.names.count.counted("name")) not found: \(FormatError.list(missing, limit: 5))"
      )
    }
  }

  private func selection() throws -> SequenceSelection {
    var selection = SequenceSelection()
    selection.names = Set(name)
    (selection.ignoresCase, selection.searchesHeader) = (ignoreCase, byHeader)
    for text in regex {
      guard let pattern = SequenceSelection.Pattern(text, ignoresCase: ignoreCase) else {
        throw ValidationError("--regex must be a regular expression (got '\(text)')")
      }
      selection.patterns.append(pattern)
    }
    for text in motif {
      guard let motif = SequenceMotif(text, alphabet: alphabet, bothStrands: strand == .both) else {
        throw ValidationError(
          "--motif must be "
            + (alphabet == .nucleotides
              ? "IUPAC letters of nucleotides, or letters with --alphabet protein" : "letters")
            + " (got '\(text)')")
      }
      selection.motifs.append(motif)
    }
    return selection
  }
}

/// `ligase seq head`.
struct SeqHead: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "head",
    abstract: "Keep the first sequences and stop reading after them.",
    discussion: "Example:  ligase seq head reads.fq.gz -n 1000 > first.fq")

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Number of sequences.", valueName: "n"))
  var count = 10

  @OptionGroup var sequences: SequenceOptions

  func validate() throws {
    try sequences.shards.refuse("seq head counts from the first record")
    if count < 0 { throw ValidationError("--count must be at least 0 (got \(count))") }
  }

  func run() throws {
    let reader = try sequences.open()
    var left = count
    let records = AnyIterator<Result<SequenceRecord, any Error>> {
      guard left > 0 else { return nil }
      left -= 1
      do { return try reader.next().map { .success($0) } } catch { return .failure(error) }
    }
    try sequences.write(records, as: reader.format)
  }
}

/// `ligase seq range`.
struct SeqRange: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "range",
    abstract: "Keep a range of sequences by their number in the file.",
    discussion: """
      Example:  ligase seq range reads.fq.gz -r 101:200 > second_hundred.fq
                ligase seq range contigs.fa -r -5:-1 > last_five.fa

      Numbers count from 1, negative numbers from the end. With negative numbers, that many sequences are kept in \
      memory.
      """)

  @Option(
    name: [.customShort("r"), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "First and last number, both included; -1 is the last sequence.", valueName: "first:last"))
  var range: String

  @OptionGroup var sequences: SequenceOptions

  func validate() throws {
    try sequences.shards.refuse("seq range counts from the first record")
    _ = try bounds()
  }

  func run() throws {
    let (first, last) = try bounds()
    let reader = try sequences.open()
    var window = RecordRange(first: first, last: last)
    let records = AnyIterator<Result<SequenceRecord, any Error>> {
      do { return try window.next(from: reader).map { .success($0) } } catch { return .failure(error) }
    }
    try sequences.write(records, as: reader.format)
  }

  private func bounds() throws -> (Int, Int) {
    let parts = range.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let first = parts[0], let last = parts[1], first != 0, last != 0,
      (first > 0) != (last > 0) || first <= last, !(first < 0 && last > 0)
    else {
      throw ValidationError(
        "--range must be first:last, such as 1:10, 11:-1 or -10:-1 (got '\(range)')")
    }
    return (first, last)
  }
}

extension SequenceMotif.Alphabet: ExpressibleByArgument {}
