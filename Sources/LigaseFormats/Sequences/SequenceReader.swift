import LigaseRuntime

/// Reads records of FASTA or FASTQ, detected by the first byte, from one file or from several in order.
///
///     let reader = try SequenceReader(contentsOf: ["lane1.fq.gz", "lane2.fq.gz"])
///     while let read = try reader.next() { print(read.name) }
package final class SequenceReader {
  /// The kind of file; an empty file counts as FASTA.
  package let format: SequenceStatistics.Format
  /// The current file as the user named it; `-` is standard input.
  package var path: String { source.path }
  /// The records to read.
  package var selection = RecordSelection()
  private var source: Source
  private var rest: [String]
  private let threads: Int

  /// One file.
  private struct Source {
    let path: String
    let format: SequenceStatistics.Format
    /// Whether there is no record, so that the format is unknown.
    let isEmpty: Bool
    let fasta: FASTA.Reader
    let fastq: FASTQ.Reader

    init(_ window: TextWindow) throws {
      path = window.path
      format = try FileFormat.sequences(window)
      isEmpty = try window.peek() == nil
      fasta = FASTA.Reader(window)
      fastq = FASTQ.Reader(window)
    }
  }

  /// Opens `path`; `-` or nil is standard input. Threads decompress where the file is blocked gzip.
  package convenience init(contentsOf path: String?, threads: Int = 1) throws {
    try self.init(contentsOf: path.map { [$0] } ?? [], threads: threads)
  }

  /// Opens the first of several files, which must all have one format; an empty list is standard input.
  package convenience init(contentsOf paths: [String], threads: Int = 1) throws {
    try self.init(
      TextWindow(try ByteReader(contentsOf: paths.first, threads: threads)), then: Array(paths.dropFirst()),
      threads: threads)
  }

  init(_ window: TextWindow, then rest: [String] = [], threads: Int = 1) throws {
    source = try Source(window)
    self.rest = rest
    self.threads = threads
    format = source.format
  }

  /// Returns the next record, nil at the end.
  package func next() throws -> SequenceRecord? {
    var record = SequenceRecord()
    return try next(into: &record) ? record : nil
  }

  /// Reads the next record into `record`, reusing its memory; returns false at the end.
  package func next(into record: inout SequenceRecord) throws -> Bool {
    try selection.next { try nextOfFiles(into: &record) }
  }

  /// Returns the number of records of files.
  package static func recordCount(of paths: [String], threads: Int = 1) throws -> Int {
    let reader = try SequenceReader(contentsOf: paths, threads: threads)
    var record = SequenceRecord()
    return try RecordSelection.count { try reader.next(into: &record) }
  }

  private func nextOfFiles(into record: inout SequenceRecord) throws -> Bool {
    while true {
      if try nextOfSource(into: &record) { return true }
      if rest.isEmpty { return false }
      source = try Source(TextWindow(ByteReader(contentsOf: rest.removeFirst(), threads: threads)))
      if source.format != format && !source.isEmpty {
        throw FormatError(
          .badData, path: source.path,
          "found \(source.format.rawValue.uppercased()), expected \(format.rawValue.uppercased()) as in the first file"
        )
      }
    }
  }

  private func nextOfSource(into record: inout SequenceRecord) throws -> Bool {
    switch source.format {
    case .fasta:
      guard try source.fasta.nextHeader(into: &record.header, line: &record.line) else { return false }
      try source.fasta.nextSequence(into: &record.sequence)
      return true
    case .fastq: return try source.fastq.next(into: &record)
    }
  }
}
