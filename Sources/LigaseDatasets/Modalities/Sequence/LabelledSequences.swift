import LigaseFormats
import LigaseGenomics
import LigaseTensors
import LigaseRuntime

/// Sequences with labels from FASTA, tables or intervals, to be read as training examples.
package struct LabelledSequences {
  /// The options of reading and labelling training sequences.
  package struct Options: Sendable {
    /// The alphabet; nil detects it automatically.
    package var alphabet: SequenceAlphabet?
    /// 0 for one-hot encoding, k for tokens of k residues.
    package var tokenLength = 0
    /// Whether the first line of a table contains column names; without it columns are called `column1` and
    /// so on.
    package var hasHeader = true
    /// The column of sequences in a table; nil uses one named `sequence` or `seq`.
    package var sequenceColumn: String?
    /// The column of ids; nil uses the first with distinct values.
    package var idColumn: String?
    /// The columns of labels, in the table of sequences or in `labelTable`.
    package var labelColumns: [String] = []
    /// The interpretation of labels.
    package var reading = Labels.Reading()
    /// A table of labels with ids in its first column, or in the column named as in the data.
    package var labelTable: String?
    /// A regular expression over FASTA headers whose first group is the label.
    package var labelPattern: String?
    /// The shuffling that creates a negative from each sequence.
    package var negatives: Negatives?
    /// Whether both strands are used: augmentation in training, averages in prediction.
    package var usesBothStrands = false
    /// Whether only the first of identical sequences is kept; if their labels differ, all are dropped.
    package var dropsDuplicates = false

    /// Creates the default options: labels are detected automatically, one strand, no negatives.
    package init() {}
  }

  /// The shuffling of a sequence into a negative.
  package enum Negatives: String, CaseIterable, Sendable {
    /// Keeps the counts of dinucleotides.
    case dinucleotideShuffle = "dinucleotide-shuffle"
    /// Keeps the counts of residues.
    case mononucleotideShuffle = "mononucleotide-shuffle"
  }

  var idColumn = "id"
  var ids: [String] = []
  var headers: [String] = []
  var sequences: [[UInt8]] = []
  /// The labels read with the sequences, by column.
  var labels: [(name: String, values: [String])] = []
  var notes: [String] = []
  /// The column of sequences in the table that was read.
  package private(set) var sequenceColumn: String?
  private let options: Options

  /// Creates a reader without sequences.
  package init(_ options: Options) { self.options = options }

  /// Adds the sequences of a file.
  ///
  /// - Parameter label: the class of all sequences, where each class has its own file.
  package mutating func add(contentsOf path: String?, label: String? = nil, threads: Int = 1) throws {
    switch try SequenceInput(contentsOf: path, hasHeader: options.hasHeader, threads: threads) {
    case .records(let reader):
      while let record = try reader.next() {
        add(
          id: record.name, header: String(decoding: record.header, as: UTF8.self), record.sequence,
          label: label
        )
      }
    case .table(let table):
      notes += table.notices.map { "\(table.path): \($0)" }
      try add(table, label: label)
    }
  }

  /// Adds one sequence.
  package mutating func add(id: String, header: String, _ sequence: [UInt8], label: String? = nil) {
    ids.append(id)
    headers.append(header)
    sequences.append(sequence)
    if let label {
      if labels.isEmpty { labels = [("class", [])] }
      labels[0].values.append(label)
    }
  }

  private mutating func add(_ table: Table, label: String?) throws {
    try table.requireRows()
    let name = try Self.sequenceColumn(of: table, named: options.sequenceColumn)
    sequenceColumn = name
    let id = try Self.idColumn(of: table, named: options.idColumn, besides: [name] + options.labelColumns)
    idColumn = id ?? "row"
    let values = try table.strings(name).map { Array($0.utf8.filter { $0 > 0x20 }) }
    let names = try id.map { try table.strings($0) } ?? (1...max(table.rowCount, 1)).map { "\($0)" }
    for (row, sequence) in values.enumerated() {
      add(id: names[row], header: names[row], sequence, label: label)
    }
    if label == nil, options.labelTable == nil {
      labels = try options.labelColumns.map { ($0, try table.strings($0)) }
    }
  }

  /// Returns the column of sequences: the named one, or one called `sequence` or `seq`.
  package static func sequenceColumn(of table: Table, named: String?) throws -> String {
    if let named {
      _ = try table.index(ofColumn: named)
      return named
    }
    for name in table.columnNames where ["sequence", "seq"].contains(name.lowercased()) { return name }
    throw FormatError(
      .badData, path: table.path,
      "found no column 'sequence' or 'seq', expected one of: \(FormatError.list(table.columnNames))",
      remedy: .nameSequenceColumn)
  }

  /// Returns the column of ids: the named one, or the first with distinct values; nil where there is none.
  package static func idColumn(of table: Table, named: String?, besides others: [String]) throws -> String? {
    if let named {
      _ = try table.index(ofColumn: named)
      return named
    }
    return try table.columnNames.first { name in
      try !others.contains(name) && Set(table.strings(name)).count == table.rowCount
    }
  }

  // MARK: - Examples

  /// Returns the examples, with joined labels, checked letters and added negatives.
  ///
  /// - Throws: `JoinError` for labels without sequences and the reverse, unknown letters, or data that cannot
  ///   be learned from.
  package func examples(seed: UInt64) throws -> Examples {
    var read = self
    guard !read.sequences.isEmpty else { throw JoinError("found no sequence") }
    if let table = options.labelTable { try read.joinLabels(Table(contentsOf: table)) }
    if let pattern = options.labelPattern { try read.readLabels(pattern) }
    if read.labels.isEmpty, options.negatives != nil {
      read.labels = [("class", [String](repeating: "1", count: read.ids.count))]
    }
    guard let first = read.labels.first, first.values.count == read.ids.count else {
      throw JoinError("found no labels, expected one for each sequence", remedy: .giveLabels)
    }
    try read.keepLabelled()
    let alphabet = options.alphabet ?? SequenceAlphabet(guessing: read.sequences)
    try read.check(alphabet)
    if options.dropsDuplicates { read.dropDuplicates(alphabet) }
    if let negatives = options.negatives { try read.shuffle(negatives, alphabet, seed: seed) }
    let (ids, groups) = (read.ids, read.duplicateGroups(alphabet))
    let (target, observations, note) = try Labels.target(read.labels, options.reading) { "'\(ids[$0])'" }
    var examples = Examples(
      idColumn: read.idColumn, ids: ids, records: SequenceRecords(read.sequences),
      modality: SequenceModality(SequenceEncoding(alphabet: alphabet, tokenLength: options.tokenLength)),
      target: target, observations: observations, groups: groups)
    examples.notes =
      ["\(ids.count) sequences (\(alphabet.rawValue)), \(Self.lengths(read.sequences))", note] + read.notes
    return examples
  }

  private static func lengths(_ sequences: [[UInt8]]) -> String {
    let (least, most) = (sequences.map(\.count).min() ?? 0, sequences.map(\.count).max() ?? 0)
    return least == most ? "all of \(least) residues" : "of \(least) to \(most) residues"
  }

  private mutating func joinLabels(_ table: Table) throws {
    let names = options.labelColumns
    let id =
      table.hasColumn(idColumn)
      ? idColumn : table.columnNames.first { !names.contains($0) } ?? table.columnNames[0]
    let columns = try LabelTable.labelColumns(names, of: table, besides: id)
    let join = IDJoin(column: id, values: try table.strings(id), ids: ids)
    guard join.matchedRows > 0 else {
      throw JoinError(
        "no label has a sequence: \(table.path) names \(join.unknown.prefix(3).joined(separator: ", ")), the sequences are "
          + "\(ids.prefix(3).joined(separator: ", "))")
    }
    let values = try columns.map { try table.strings($0) }
    let rowOf = try LabelTable.rows(of: try table.strings(id), values, in: table)
    let rows = ids.map { rowOf[$0] }
    notes.append(join.line(against: "sequences"))
    let kept = rows.indices.filter { rows[$0] != nil }
    select(kept)
    labels = zip(columns, values).map { name, values in (name, kept.map { values[rows[$0]!] }) }
  }

  /// Removes the sequences without a label.
  private mutating func keepLabelled() throws {
    let kept = Labels.labelled(labels, options.reading)
    guard kept.count < ids.count else { return }
    guard !kept.isEmpty else {
      throw JoinError("no sequence has a label in \(labels.map(\.name).joined(separator: ", "))")
    }
    notes.append("skipped \(Labels.number(ids.count - kept.count, "sequence")) without a label")
    select(kept)
  }

  private mutating func readLabels(_ pattern: String) throws {
    let pattern = try HeaderPattern(pattern)
    let values = try headers.map { try pattern.label(of: $0) }
    labels = [("class", values)]
  }

  private func check(_ alphabet: SequenceAlphabet) throws {
    for (i, sequence) in sequences.enumerated() {
      if sequence.isEmpty { throw JoinError("found no residue in '\(ids[i])', expected a sequence") }
      if let (position, byte) = alphabet.firstUnknown(in: sequence) {
        throw JoinError(
          "found \(FormatError.quoted([byte])) at residue \(position + 1) of '\(ids[i])', expected letters of "
            + "\(alphabet.rawValue)", remedy: .nameAlphabet)
      }
    }
  }

  private mutating func select(_ rows: [Int]) {
    (ids, headers) = (rows.map { ids[$0] }, rows.map { headers[$0] })
    sequences = rows.map { sequences[$0] }
    for i in labels.indices { labels[i].values = rows.map { labels[i].values[$0] } }
  }

  private mutating func dropDuplicates(_ alphabet: SequenceAlphabet) {
    let groups = duplicateGroups(alphabet, says: false)
    var first: [Int: Int] = [:]
    var conflicting: Set<Int> = []
    func text(_ row: Int) -> [String] { labels.map { $0.values[row] } }
    for (row, group) in groups.enumerated() {
      if let other = first[group] {
        if text(other) != text(row) { conflicting.insert(group) }
      } else {
        first[group] = row
      }
    }
    let kept = groups.indices.filter { first[groups[$0]] == $0 && !conflicting.contains(groups[$0]) }
    notes.append(
      "skipped \(Labels.number(ids.count - kept.count, "duplicate"))"
        + (conflicting.isEmpty
          ? ""
          : ", including all copies of \(Labels.number(conflicting.count, "sequence")) with different labels")
    )
    select(kept)
  }

  private mutating func shuffle(_ kind: Negatives, _ alphabet: SequenceAlphabet, seed: UInt64) throws {
    guard labels.count == 1, Set(labels[0].values).count == 1, labels[0].values[0] != "0" else {
      throw JoinError(
        "shuffled negatives are class 0; the sequences must be of one other class",
        remedy: .giveOneClass)
    }
    for i in ids.indices {
      var random = SeededGenerator(seed: seed, stream: "negatives", step: i)
      ids.append("\(ids[i])_shuffled")
      headers.append("")
      sequences.append(
        kind == .dinucleotideShuffle
          ? SequenceShuffle.dinucleotides(Self.upperCase(sequences[i]), using: &random)
          : SequenceShuffle.mononucleotides(Self.upperCase(sequences[i]), using: &random))
      labels[0].values.append("0")
    }
    notes.append("added \((ids.count / 2).counted("negative")) (\(kind.rawValue))")
  }

  /// Returns letters in upper case; gaps and stops are unchanged.
  private static func upperCase(_ sequence: [UInt8]) -> [UInt8] {
    sequence.map { $0 >= 0x61 ? $0 & 0xDF : $0 }
  }

  /// Returns the sequence as a model reads it: letters in upper case, U as T, and where both strands are used
  /// the one that comes first by its bytes.
  private func meaning(of sequence: [UInt8], _ alphabet: SequenceAlphabet) -> [UInt8] {
    let letters = Self.upperCase(sequence)
    guard alphabet.isNucleic else { return letters }
    let bases = letters.map { $0 == 0x55 ? 0x54 : $0 }
    guard options.usesBothStrands else { return bases }
    let other = Nucleotide.reverseComplement(bases)
    return bases.lexicographicallyPrecedes(other) ? bases : other
  }

  /// Returns the same number for sequences that a model cannot distinguish.
  private mutating func duplicateGroups(_ alphabet: SequenceAlphabet, says: Bool = true) -> [Int] {
    var numbers: [[UInt8]: Int] = [:]
    let groups = sequences.map { sequence -> Int in
      let key = meaning(of: sequence, alphabet)
      if let number = numbers[key] { return number }
      numbers[key] = numbers.count
      return numbers.count - 1
    }
    if says, numbers.count < groups.count {
      notes.append(
        "\(Labels.number(groups.count - numbers.count, "sequence")) \(groups.count - numbers.count == 1 ? "repeats another" : "repeat others"); splits keep "
          + "them together")
    }
    return groups
  }
}
