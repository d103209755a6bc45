import LigaseGenomics

extension IndexedFASTA {
  /// Returns the residues of an interval, reverse-complemented on the reverse strand, with the interval's
  /// name, or `contig:start-end` counted from 1, with the strand if there is one.
  package func record(of interval: BED.Record) throws -> FASTA.Record {
    let region = Region(contig: interval.contig, start: interval.start + 1, end: interval.end)
    let residues = try sequence(of: region)
    let strand = interval.isReverse.map { $0 ? "(-)" : "(+)" } ?? ""
    let place = "\(region)\(strand)"
    return FASTA.Record(
      name: interval.name ?? place, description: interval.name == nil ? "" : place,
      sequence: interval.isReverse == true ? Nucleotide.reverseComplement(residues) : residues)
  }

  /// Returns the window of `width` residues around the middle of an interval, nil if it would extend beyond
  /// the contig.
  ///
  /// The middle is position (start + end) / 2 counted from 0, at residue width / 2 of the window.
  package func window(of interval: BED.Record, width: Int) throws -> FASTA.Record? {
    let start = interval.start + (interval.end - interval.start) / 2 - width / 2
    let entry = try entry(of: interval.contig)
    if start < 0 || start + width > entry.length { return nil }
    var window = interval
    (window.start, window.end) = (start, start + width)
    return try record(of: window)
  }
}

extension FASTA.Record {
  /// Returns windows of `width` residues, each `step` after the previous one, named `name:start-end` counted
  /// from 1; remaining residues at the end are ignored.
  package func windows(width: Int, step: Int) -> some Sequence<FASTA.Record> {
    precondition(width > 0 && step > 0, "FASTA.Record.windows: width \(width), step \(step)")
    return stride(from: 0, through: sequence.count - width, by: step).lazy.map { start in
      FASTA.Record(
        name: "\(name):\(start + 1)-\(start + width)", sequence: Array(sequence[start..<start + width]))
    }
  }
}
