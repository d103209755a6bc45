import ArgumentParser
import LigaseFormats

/// `ligase seq grep`.
struct SeqGrep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grep",
    abstract: "Keep sequences by name or by motif.",
    discussion: """
      Example:  ligase seq grep genome.fa --name chr1 --name chrM > two.fa
                ligase seq grep reads.fq.gz --motif TATAWAW --strand both | ligase stats

      A sequence is kept if its name is one of --name or --names, or matches a --regex, or if it holds a --motif. Motifs \
      are IUPAC letters; a residue matches if all that it may stand for does, so N in a sequence matches N alone.
      """)

  @Option(
    name: [.customShort("p"), .long],
    help: ArgumentHelp("Keep the sequence of this name (repeatable).", valueName: "name"))
  var name: [String] = []

  @Option(
    name: [.customShort("f"), .long],
    help: ArgumentHelp("Keep sequences named in FILE, one name a line.", valueName: "file"))
  var names: String?

  @Option(
    name: [.customShort("r"), .long],
    help: ArgumentHelp(
      "Keep sequences in whose name this regular expression is found (repeatable).", valueName: "regex"))
  var regex: [String] = []

  @Option(
    name: [.customShort("m"), .long],
    help: ArgumentHelp("Keep sequences that hold this motif (repeatable).", valueName: "motif"))
  var motif: [String] = []

  @Flag(help: "Search the whole header with --regex, not the name alone.")
  var byHeader = false

  @Option(help: "Strands that --motif is searched on.")
  var strand: Strand = .both

  @Option(help: "The letters of --motif.")
  var alphabet: SequenceMotif.Alphabet = .nucleotides

  @Flag(
    name: [.customShort("i"), .long],
    help: "Upper and lower case of names are the same (those of residues always are).")
  var ignoreCase = false

  @Flag(help: "Keep the others instead.")
  var invert = false

  @Flag(help: "Print the number of sequences instead of them.")
  var count = false

  @OptionGroup var sequences: SequenceOptions

  /// Which strands are searched.
  enum Strand: String, ExpressibleByArgument, CaseIterable {
    case both, forward
  }

  func validate() throws {
    if name.isEmpty, names == nil, regex.isEmpty, motif.isEmpty {
      throw ValidationError("expected --name, --names, --regex or --motif")
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
        "\(missing.count) of \(selection.names.count) names were not found: \(FormatError.list(missing, limit: 5))"
      )
    }
  }

  private func selection() throws -> SequenceSelection {
    var selection = SequenceSelection()
    selection.names = Set(name)
    (selection.ignoresCase, selection.searchesHeader) = (ignoreCase, byHeader)
    for text in regex {
      guard let pattern = SequenceSelection.Pattern(text, ignoresCase: ignoreCase) else {
        throw ValidationError("found --regex '\(text)', expected a regular expression")
      }
      selection.patterns.append(pattern)
    }
    for text in motif {
      guard let motif = SequenceMotif(text, alphabet: alphabet, bothStrands: strand == .both) else {
        throw ValidationError(
          "found --motif '\(text)', expected "
            + (alphabet == .nucleotides
              ? "IUPAC letters of nucleotides (--alphabet protein for others)" : "letters"))
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
    abstract: "Keep the first sequences; what is behind them is not read.",
    discussion: "Example:  ligase seq head reads.fq.gz -n 1000 > first.fq")

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many.", valueName: "n"))
  var count = 10

  @OptionGroup var sequences: SequenceOptions

  func validate() throws {
    if count < 0 { throw ValidationError("found --count \(count), expected a number from 0 up") }
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
    abstract: "Keep the sequences from one number to another, counted from 1, or from the end.",
    discussion: """
      Example:  ligase seq range reads.fq.gz -r 101:200 > second_hundred.fq
                ligase seq range contigs.fa -r -5:-1 > last_five.fa

      Counted from the end, as many sequences as reach back are kept in memory.
      """)

  @Option(
    name: [.customShort("r"), .long], parsing: .unconditional,
    help: ArgumentHelp("First and last number, both kept; -1 is the last sequence.", valueName: "first:last"))
  var range: String

  @OptionGroup var sequences: SequenceOptions

  func validate() throws { _ = try bounds() }

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
        "found --range '\(range)', expected first:last, such as 1:10, 11:-1 or -10:-1")
    }
    return (first, last)
  }
}

extension SequenceMotif.Alphabet: ExpressibleByArgument {}
