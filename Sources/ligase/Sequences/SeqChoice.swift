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

  @Option(help: ArgumentHelp("Keep sequences named in FILE (one name per line).", valueName: "file"))
  var names: String?

  @Flag(help: "Keep only the sequences that do not match.")
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
      throw ValidationError("--min-length \(minLength) is above --max-length \(maxLength)")
    }
  }
}

/// `ligase seq sample`.
struct SeqSample: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw sequences at random: a fraction or a fixed number.",
    discussion: """
      Example:  ligase seq sample reads.fq.gz --fraction 0.1 --seed 7 > tenth.fq

      --fraction needs constant memory and draws for each sequence separately: the same seed keeps the same reads of \
      two paired files. --count keeps the drawn sequences in memory and writes them in the order of the file.
      """)

  @Option(help: ArgumentHelp("Fraction of sequences to keep, 0 to 1.", valueName: "p"))
  var fraction: Double?

  @Option(help: ArgumentHelp("Number of sequences to keep.", valueName: "n"))
  var count: Int?

  @OptionGroup var seed: SeedOptions
  @OptionGroup var sequences: SequenceOptions

  func validate() throws {
    try sequences.shards.refuse("seq sample draws from all records")
    if (fraction == nil) == (count == nil) { throw ValidationError("give either --fraction or --count") }
    if let fraction, !(0...1 ~= fraction) {
      throw ValidationError("--fraction must be from 0 to 1 (got \(fraction))")
    }
    if let count, count < 0 { throw ValidationError("--count must be at least 0 (got \(count))") }
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
    abstract: "Sort sequences by name, length or sequence, in memory.",
    discussion: "Example:  ligase seq sort contigs.fa --by length --reverse > longest-first.fa")

  @Option(help: "Sort key; ties keep their order.")
  var by: Key = .name

  @Flag(help: "Sort in descending order.")
  var reverse = false

  @OptionGroup var sequences: SequenceOptions

  /// The sort key.
  enum Key: String, ExpressibleByArgument, CaseIterable {
    case name, length, sequence
  }

  func validate() throws {
    try sequences.shards.refuse("seq sort orders all records")
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
    abstract: "Remove duplicates by sequence or by name; the first one is kept.",
    discussion: "Example:  ligase seq unique peptides.fa --by sequence > distinct.fa")

  @Option(help: "Compare names or sequences.")
  var by: Key = .sequence

  @Flag(help: "Ignore case.")
  var ignoreCase = false

  @OptionGroup var sequences: SequenceOptions

  /// The part of a record by which duplicates are detected.
  enum Key: String, ExpressibleByArgument, CaseIterable {
    case name, sequence
  }

  func validate() throws {
    try sequences.shards.refuse("seq unique compares all records")
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
    sequences.report.detail("kept \(kept.grouped) of \(all.counted("sequence"))")
  }
}
