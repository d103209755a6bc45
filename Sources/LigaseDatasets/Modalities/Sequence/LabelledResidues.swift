import LigaseFormats

/// Proteins (or other sequences) with a class for every residue, from FASTA files joined by id.
package enum LabelledResidues {
  /// The sequences and labels.
  package struct Reading: Sendable {
    /// The examples.
    package var examples: Examples
    /// The subset of each example, where the headers of the labels name it (`SET=train VALIDATION=False`).
    package var parts: [Split.Subset?]
  }

  /// Reads sequences, their labels and a mask, and joins them by id.
  ///
  /// Labels have one letter for each residue; `-`, `.` and `?` are unknown. Only residues with `1` in the
  /// mask are used. Labels and mask have the length of their sequence.
  ///
  /// - Throws: `FormatError` with file and id for other lengths or letters, and for duplicate ids;
  ///   `JoinError` where no id is in both files.
  package static func read(
    sequences path: String?, labels: String, mask: String?, alphabet: SequenceAlphabet?, tokenLength: Int,
    threads: Int = 1
  ) throws -> Reading {
    let proteins = try records(path, threads)
    let structures = try records(labels, threads)
    let masks = try mask.map { try records($0, threads) }
    var notes: [String] = []
    let join = IDJoin(column: "id", values: proteins.ids, ids: structures.ids)
    guard join.matchedRows > 0 else {
      throw JoinError(
        "no sequence has labels: \(proteins.path) names \(proteins.ids.prefix(3).joined(separator: ", ")), \(labels) "
          + structures.ids.prefix(3).joined(separator: ", "))
    }
    notes.append(join.line(against: "labels"))
    let rows = proteins.ids.indices.filter { join.indices[$0] >= 0 }
    let kept = rows.map { proteins.records[$0] }
    let alphabet = alphabet ?? SequenceAlphabet(guessing: kept.map(\.sequence))
    for record in kept {
      if let (position, byte) = alphabet.firstUnknown(in: record.sequence) {
        throw FormatError(
          .badData, path: proteins.path, line: record.line,
          "found \(FormatError.quoted([byte])) at residue \(position + 1) of '\(record.name)', expected letters of "
            + alphabet.rawValue)
      }
    }
    let texts = try zip(rows, kept).map { row, record -> [UInt8] in
      let label = structures.records[Int(join.indices[row])]
      try requireLength(label, record, "labels", in: structures.path)
      return try masked(label.sequence, of: record, in: proteins.path, by: masks)
    }
    let letters = Set(texts.joined()).subtracting(unknown).sorted()
    guard letters.count >= 2 else {
      throw JoinError("found \(letters.count) kinds of labels, expected two or more")
    }
    guard letters.count <= 64 else {
      throw JoinError("found \(letters.count) kinds of labels, expected at most 64")
    }
    var number = [Int32](repeating: -1, count: 256)
    for (i, letter) in letters.enumerated() { number[Int(letter)] = Int32(i) }
    var groups: [[UInt8]: Int] = [:]
    var examples = Examples(
      idColumn: "id", ids: kept.map(\.name), records: SequenceRecords(kept.map(\.sequence)),
      modality: SequenceModality(SequenceEncoding(alphabet: alphabet, tokenLength: tokenLength)),
      target: TargetDescription("steps", letters.map { String(UnicodeScalar($0)) }),
      observations: Observations(steps: texts.map { $0.map { number[Int($0)] } }),
      groups: kept.map { record in
        let next = groups.count
        return {
          groups[record.sequence] = $0; return $0
        }(groups[record.sequence] ?? next)
      })
    let known = texts.reduce(0) { $0 + $1.count { number[Int($0)] >= 0 } }
    let all = texts.reduce(0) { $0 + $1.count }
    examples.notes =
      [
        "\(kept.count) sequences (\(alphabet.rawValue)), \(all) residues, \(known) with a label; "
          + "classes \(letters.map { String(UnicodeScalar($0)) }.joined(separator: ", "))"
      ] + notes
    return Reading(
      examples: examples,
      parts: rows.map { part(of: structures.records[Int(join.indices[$0])]) })
  }

  /// Returns the labels of a FASTA file by id, 0 where one is unknown or masked.
  package static func labels(_ path: String, mask: String?) throws -> (
    ids: [String], labels: [String: [UInt8]]
  ) {
    let structures = try records(path, 1)
    let masks = try mask.map { try records($0, 1) }
    var found: [String: [UInt8]] = [:]
    for record in structures.records {
      let text = try masked(record.sequence, of: record, in: structures.path, by: masks)
      found[record.name] = text.map { unknown.contains($0) ? 0 : $0 }
    }
    return (structures.ids, found)
  }

  /// Returns labels in which the masked residues are unknown.
  private static func masked(
    _ labels: [UInt8], of record: SequenceRecord, in path: String, by masks: Records?
  ) throws -> [UInt8] {
    guard let masks else { return labels }
    guard let number = masks.index[record.name] else {
      throw FormatError(.badData, path: masks.path, "found no mask of '\(record.name)', expected one")
    }
    let mask = masks.records[number]
    try requireLength(mask, record, "mask letters", in: masks.path)
    var text = labels
    for i in text.indices {
      switch mask.sequence[i] {
      case UInt8(ascii: "0"): text[i] = unknown[0]
      case UInt8(ascii: "1"): break
      case let byte:
        throw FormatError(
          .badData, path: masks.path, line: mask.line,
          "found \(FormatError.quoted([byte])) at residue \(i + 1) of '\(record.name)', expected 0 or 1")
      }
    }
    return text
  }

  private static let unknown = Array("-.?".utf8)

  private struct Records {
    var path: String
    var records: [SequenceRecord] = []
    var ids: [String] = []
    var index: [String: Int] = [:]
  }

  private static func records(_ path: String?, _ threads: Int) throws -> Records {
    let reader = try SequenceReader(contentsOf: path, threads: threads)
    var all = Records(path: reader.path)
    while let record = try reader.next() {
      let id = record.name
      guard all.index.updateValue(all.ids.count, forKey: id) == nil else {
        throw FormatError(
          .badData, path: reader.path, line: record.line, "found '\(id)' a second time, expected each id once"
        )
      }
      all.records.append(record)
      all.ids.append(id)
    }
    if all.ids.isEmpty { throw FormatError(.badData, path: reader.path, "found no sequence") }
    return all
  }

  private static func requireLength(
    _ other: SequenceRecord, _ record: SequenceRecord, _ what: String, in path: String
  ) throws {
    guard other.sequence.count == record.sequence.count, !record.sequence.isEmpty else {
      throw FormatError(
        .badData, path: path, line: other.line,
        "found \(other.sequence.count) \(what) of '\(record.name)', expected \(record.sequence.count), the length of its "
          + "sequence")
    }
  }

  private static func part(of record: SequenceRecord) -> Split.Subset? {
    let words = record.description.split(separator: " ")
    guard let set = words.first(where: { $0.hasPrefix("SET=") }),
      let part = Split.Subset(name: String(set.dropFirst(4)))
    else { return nil }
    return part == .train && words.contains("VALIDATION=True") ? .validation : part
  }
}
