import LigaseRuntime

/// Summary statistics of a file of sequences.
package struct SequenceStatistics: Equatable, Sendable {
  /// The kind of file.
  package enum Format: String, Sendable {
    /// Sequences.
    case fasta
    /// Reads with qualities.
    case fastq
  }

  /// The kind of file.
  package var format: Format
  /// The lengths of the sequences.
  package var lengths = LengthDistribution()
  /// The residues of all sequences.
  package var residues = ResidueCounts()
  /// The number of FASTQ bases with a Phred quality (offset 33) of at least 20.
  package var q20 = 0
  /// The number of FASTQ bases with a Phred quality of at least 30.
  package var q30 = 0

  /// Whether the residues look like nucleotides: more than nine in ten, ignoring gaps, are A, C, G, T, U, N
  /// and the like.
  package var isNucleic: Bool {
    let known = residues.gc + residues.at + residues.n
    return residues.letters > 0 && Double(known) > 0.9 * Double(residues.letters)
  }

  /// Reads `path` (`-` or nil is standard input) in constant memory; the first byte distinguishes
  /// FASTA and FASTQ.
  package init(contentsOf path: String?, threads: Int = 1) throws {
    try self.init(ByteReader(contentsOf: path, threads: threads), threads: threads)
  }

  init(_ reader: ByteReader, threads: Int) throws {
    let window = TextWindow(reader)
    format = try FileFormat.sequences(window)
    switch format {
    case .fastq: try addReads(window)
    case .fasta:
      var scan = FASTAScan(window, reader, threads: threads)
      try scan.run(&self)
    }
  }

  private mutating func addReads(_ window: TextWindow) throws {
    let reader = FASTQ.Reader(window)
    var record = SequenceRecord()
    while try reader.next(into: &record) {
      record.sequence.withUnsafeBufferPointer { _ = residues.add($0) }
      lengths.add(record.sequence.count)
      var (good, better) = (0, 0)
      record.qualities.withUnsafeBufferPointer { qualities in
        for quality in qualities {
          good &+= quality >= 53 ? 1 : 0
          better &+= quality >= 63 ? 1 : 0
        }
      }
      q20 += good
      q30 += better
    }
  }
}
