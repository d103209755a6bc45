/// A file that holds the records of one input.
package struct InputFile: Sendable {
  /// The file; nil is standard input.
  package var path: String?
  /// The column of the file that names its records; nil takes the modality's usual one.
  package var key: String?
  /// Names that records may have: the examples'.
  package var possibleIDs: [String] = []
  /// Columns that are never features.
  package var excluded: Set<String> = []
  /// The kinds of columns that the user gives.
  package var kinds: [String: ColumnKind] = [:]
  /// The smallest share of a model's genes or sites that must be there.
  package var leastShare = 0.5
  /// Threads that decompress.
  package var threads = 1

  /// A file.
  package init(path: String?, key: String? = nil) { (self.path, self.key) = (path, key) }
}

/// The records of one input, read from a file.
package struct ReadInput {
  /// The name of each record.
  package var ids: [String]
  /// The records.
  package var records: any Records
  /// The modality, with what the file decides.
  package var modality: any Modality
  /// Notes, one line each.
  package var notes: [String] = []

  /// Records with their names.
  package init(ids: [String], _ records: any Records, _ modality: any Modality, notes: [String] = []) {
    (self.ids, self.records, self.modality, self.notes) = (ids, records, modality, notes)
  }
}
