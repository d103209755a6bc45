import LigaseFormats
import LigaseRuntime

extension LabelledSequences {
  /// Adds the windows of BED intervals over an indexed FASTA, reverse-complemented on `-`. Ids are the names
  /// of the intervals if they are distinct, else `contig:start-end(strand)`.
  ///
  /// - Parameter width: the number of residues around the middle of each interval; nil uses the intervals
  ///   unchanged.
  package mutating func add(bed: String, reference: String, width: Int?, threads: Int = 1) throws {
    let genome = try IndexedFASTA(contentsOf: reference, threads: threads)
    let reader = try BED.Reader(contentsOf: bed)
    var beyond = 0
    var (names, places): ([String?], [String]) = ([], [])
    var records: [FASTA.Record] = []
    while let interval = try reader.next() {
      let record = try width.map { try genome.window(of: interval, width: $0) } ?? genome.record(of: interval)
      guard let record else {
        beyond += 1
        continue
      }
      let strand = interval.isReverse.map { $0 ? "(-)" : "(+)" } ?? ""
      names.append(interval.name)
      places.append("\(interval.contig):\(interval.start + 1)-\(interval.end)\(strand)")
      records.append(record)
    }
    let ids = Set(names.compactMap { $0 }).count == names.count ? names.map { $0! } : places
    for (id, record) in zip(ids, records) {
      add(id: id, header: "\(record.name) \(record.description)", record.sequence)
    }
    if beyond > 0 { notes.append("skipped \(beyond.counted("window")) beyond the ends of their contigs") }
  }
}
