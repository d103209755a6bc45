import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase seq filter`.
struct SeqFilter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter",
    abstract: "Keep sequences by length or name.",
    discussion: "Example:  ligase seq filter contigs.fa --min-length 1000 --names wanted.txt > kept.fa")

  @Option(help: ArgumentHelp("Keep sequences of at least N residues.", valueName: "n"))
  var minLength: Int?

  @Option(help: ArgumentHelp("Keep sequences of at most N residues.", valueName: "n"))
  var maxLength: Int?

  @Option(help: ArgumentHelp("Keep sequences named in FILE, one name a line.", valueName: "file"))
  var names: String?

  @Flag(help: "Keep the others instead.")
  var invert = false

  @OptionGroup var sequences: SequenceOptions

  func run() throws {
    let range = (minLength ?? 0)...max(minLength ?? 0, maxLength ?? .max)
    let names = try names.map { Set(try NameList.read(contentsOf: $0)) }
    let invert = invert
    try sequences.run { record, _ in
      let isWanted = range.contains(record.sequence.count) && names?.contains(record.name) != false
      return isWanted != invert
    }
  }

  func validate() throws {
    if let minLength, let maxLength, minLength > maxLength {
      throw ValidationError("found --min-length \(minLength) above --max-length \(maxLength)")
    }
  }
}

/// `ligase seq sample`.
struct SeqSample: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Choose sequences at random: a share of them, or a number.",
    discussion: """
      Example:  ligase seq sample reads.fq.gz --fraction 0.1 --seed 7 > tenth.fq

      A share is taken in constant memory, each sequence by its own draw: two files of mates sampled with one seed \
      stay mates. A number of sequences is kept in memory, and written in the order of the file.
      """)

  @Option(help: ArgumentHelp("The share of sequences to keep, 0 to 1.", valueName: "p"))
  var fraction: Double?

  @Option(help: ArgumentHelp("The number of sequences to keep.", valueName: "n"))
  var count: Int?

  @OptionGroup var seed: SeedOptions
  @OptionGroup var sequences: SequenceOptions

  func validate() throws {
    if (fraction == nil) == (count == nil) { throw ValidationError("expected either --fraction or --count") }
    if let fraction, !(0...1 ~= fraction) {
      throw ValidationError("found --fraction \(fraction), expected a share from 0 to 1")
    }
    if let count, count < 0 { throw ValidationError("found --count \(count), expected a number from 0 up") }
  }

  func run() throws {
    let seed = seed.seed
    if let fraction {
      return try sequences.run { _, index in
        var random = SeededGenerator(seed: seed, stream: "sample", step: index)
        return random.nextUniform() < fraction
      }
    }
    let reader = try sequences.open()
    var reservoir = Reservoir<SequenceRecord>(count: count ?? 0, seed: seed)
    while let record = try reader.next() { reservoir.add(record) }
    try sequences.write(reservoir.inOrder, as: reader.format)
  }
}

/// `ligase seq sort`.
struct SeqSort: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sort",
    abstract: "Sort the sequences by name or length, in memory.",
    discussion: "Example:  ligase seq sort contigs.fa --by length --reverse > longest-first.fa")

  @Option(help: "What to sort by; equal ones stay in their order.")
  var by: Key = .name

  @Flag(help: "The greatest first.")
  var reverse = false

  @OptionGroup var sequences: SequenceOptions

  /// What sequences are sorted by.
  enum Key: String, ExpressibleByArgument, CaseIterable {
    case name, length, sequence
  }

  func run() throws {
    let (records, format) = try sequences.readAll()
    let names = by == .name ? records.map { Array($0.name.utf8) } : []
    func isBefore(_ a: Int, _ b: Int) -> Bool {
      switch by {
      case .name: names[a].lexicographicallyPrecedes(names[b])
      case .length: records[a].sequence.count < records[b].sequence.count
      case .sequence: records[a].sequence.lexicographicallyPrecedes(records[b].sequence)
      }
    }
    let order = records.indices.sorted { a, b in
      let (first, second) = reverse ? (b, a) : (a, b)
      if isBefore(first, second) { return true }
      return isBefore(second, first) ? false : a < b
    }
    try sequences.write(order.lazy.map { records[$0] }, as: format)
  }
}

/// `ligase seq unique`.
struct SeqUnique: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unique",
    abstract: "Keep the first of equal sequences, or of equal names.",
    discussion: "Example:  ligase seq unique peptides.fa --by sequence > distinct.fa")

  @Option(help: "What must not occur twice.")
  var by: Key = .sequence

  @Flag(help: "Upper and lower case are the same.")
  var ignoreCase = false

  @OptionGroup var sequences: SequenceOptions

  /// What makes two sequences equal.
  enum Key: String, ExpressibleByArgument, CaseIterable {
    case name, sequence
  }

  func run() throws {
    let reader = try sequences.open()
    let target = try sequences.output.open()
    var seen = SeenKeys()
    var record = SequenceRecord()
    var text: [UInt8] = []
    var (kept, all) = (0, 0)
    while try reader.next(into: &record) {
      all += 1
      let key = by == .name ? Array(record.name.utf8) : record.sequence
      guard seen.insert(ignoreCase ? key.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 } : key) else { continue }
      kept += 1
      text.removeAll(keepingCapacity: true)
      record.append(to: &text, as: reader.format, lineWidth: sequences.lineWidth)
      try target.write(text)
    }
    try target.close()
    sequences.report.detail("kept \(kept) of \(all)")
  }
}
