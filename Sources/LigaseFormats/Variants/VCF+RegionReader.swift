import LigaseGenomics

extension VCF {
  /// Reads the records that overlap regions: with an index if there is one, else by reading all.
  ///
  /// Records are returned in the order of the file, each once. A record overlaps a region if any position of
  /// its `referenceRange` does.
  package final class RegionReader {
    /// The header.
    package let header: Header
    /// Whether an index is used.
    package let usesIndex: Bool
    /// The requested contigs that the index lacks; without an index these are known at the end.
    package private(set) var mismatch = ContigMismatch()
    /// The requested contigs that the header has but the index lacks.
    package private(set) var indexGap: VariantIndex.Gap?
    /// The records to read, of those that overlap the regions.
    package var selection = RecordSelection()
    private let path: String
    private var index: VariantIndex?
    /// Whether the next record is the first after a seek.
    private var hasLeapt = false
    private let regions: RegionSet?
    private var stream: Reader?
    private var records: PlacedRecords?
    private var leniency: Leniency?
    private var spanWarnings: [Warning] = []
    private var steps: [Step] = []
    private var chunks: [VariantIndex.Chunk] = []
    private var seen: Set<String> = []
    private let aliases: ContigAliases
    private var known: [String: String] = [:]

    /// A range of a contig, and the end of the range before it.
    private struct Step {
      var contig: String
      var range: Range<Int>
      var previousEnd: Int
      var chunks: [VariantIndex.Chunk]
    }

    /// Opens `path`; `-` or nil is standard input, which is always read completely.
    ///
    /// - Parameters:
    ///   - regions: nil reads every record.
    ///   - aliases: other names of the regions' contigs in the file.
    package convenience init(
      contentsOf path: String?, regions: RegionSet?, aliases: ContigAliases = .init(), threads: Int = 1
    ) throws {
      try self.init(path, regions.map { regions in { _, _ in regions } }, aliases, threads)
    }

    /// Opens `path` for regions that are interpreted with the contigs of the file; an invalid region throws a
    /// `RegionQuery.SyntaxError`.
    package convenience init(
      contentsOf path: String?, query: RegionQuery?, aliases: ContigAliases = .init(), threads: Int = 1
    ) throws {
      try self.init(
        path, query.map { query in { try query.resolved(isComplete: $0, among: $1) } }, aliases, threads)
    }

    /// - Parameter regions: returns the regions, given whether all contigs are known, and a test for known
    ///   ones.
    private init(
      _ path: String?, _ regions: ((Bool, (String) -> Bool) throws -> RegionSet)?, _ aliases: ContigAliases,
      _ threads: Int
    ) throws {
      self.path = path ?? "-"
      self.aliases = aliases
      if let regions, let path, path != "-", let index = try VariantIndex(beside: path) {
        header = try Reader(contentsOf: path).header
        usesIndex = true
        var mismatch = ContigMismatch()
        let known = Set(index.contigs).union(header.contigs.map(\.id))
        let renamed = try regions(true, known.contains).renamed(
          by: aliases, among: known.contains, &mismatch)
        self.mismatch = mismatch
        self.regions = renamed
        let records = try PlacedRecords(contentsOf: path)
        try index.checkEnd(of: records, path: path)
        (self.records, self.index) = (records, index)
        let declared = Set(header.contigs.map(\.id))
        indexGap = index.gap(of: renamed.contigs.filter(declared.contains), beside: path)
        leniency = Leniency(header: header)
        for contig in index.contigs {
          var end = 0
          for range in renamed.ranges(of: contig) {
            let chunks = index.chunks(of: contig, overlapping: range)
            if !chunks.isEmpty {
              steps.append(Step(contig: contig, range: range, previousEnd: end, chunks: chunks))
            }
            end = range.upperBound
          }
        }
        steps.reverse()
      } else {
        let stream = try Reader(contentsOf: path, threads: threads)
        (self.stream, usesIndex, header) = (stream, false, stream.header)
        let declared = Set(header.contigs.map(\.id))
        self.regions = try regions?(false, declared.contains)
      }
    }

    /// Warnings about malformed records; with an index they have no line numbers.
    package var warnings: [Warning] { (stream?.warnings ?? leniency?.warnings ?? []) + spanWarnings }

    /// Returns the next record, nil at the end.
    package func next() throws -> Record? {
      var record = Record()
      return try next(into: &record) ? record : nil
    }

    /// Reads the next record into `record`, reusing its memory; returns false at the end.
    package func next(into record: inout Record) throws -> Bool {
      try selection.next { try nextOfRegions(into: &record) }
    }

    private func nextOfRegions(into record: inout Record) throws -> Bool {
      guard let stream else { return try nextIndexed(into: &record) }
      guard let regions else { return try stream.next(into: &record) }
      while try stream.next(into: &record) {
        if regions.overlaps(asked(record.contig, regions), range(of: record)) { return true }
      }
      noteUnseen(regions)
      return false
    }

    /// Returns the positions that a record spans; an ignored END is noted.
    private func range(of record: Record) -> Range<Int> {
      let span = record.referenceSpan
      span.note(in: &spanWarnings, record)
      return span.range
    }

    /// Returns the regions' name of a contig of the file.
    private func asked(_ contig: String, _ regions: RegionSet) -> String {
      if let name = known[contig] { return name }
      let name = aliases.resolve(contig, among: { !regions.ranges(of: $0).isEmpty }) ?? contig
      known[contig] = name
      return name
    }

    private func noteUnseen(_ regions: RegionSet) {
      let names = Set(known.keys).union(header.contigs.map(\.id))
      for contig in regions.contigs where mismatch.counts[contig] == nil {
        if aliases.resolve(contig, among: names.contains) == nil,
          !regions.isExcused(contig, among: names.contains)
        {
          mismatch.add(contig, among: names.contains)
        }
      }
    }

    private func leap(to offset: UInt64, _ records: PlacedRecords) throws {
      try records.seek(to: offset)
      hasLeapt = true
      if !records.isAtLineStart, let index {
        throw index.stale(path, "the index points into the middle of a line")
      }
    }

    /// Reads the next record; the first one after a seek must be of the contig in the index.
    private func take(_ record: inout Record, _ records: PlacedRecords, of contig: String) throws -> Bool {
      defer { hasLeapt = false }
      var isOfContig = false
      do {
        let isRecord = try records.next { line -> Bool in
          isOfContig =
            line.count > contig.utf8.count && line.starts(with: contig.utf8)
            && line[contig.utf8.count] == 0x09
          try leniency?.judge(line, path: path, number: 0)
          try record.set(line, path: path, number: 0)
          return true
        }
        guard isRecord == true else { return false }
      } catch var error as FormatError {
        // There are no line numbers here.
        if error.line == 0 { error.line = nil }
        if hasLeapt, !isOfContig, error.kind == .badData, let index {
          throw index.stale(path, "the index points to what is no record (\(error.message))")
        }
        throw error
      }
      if hasLeapt, record.contig != contig, let index {
        throw index.stale(
          path,
          "where the index has a record of \(FormatError.quoted(contig)), the file has one of "
            + FormatError.quoted(record.contig))
      }
      return true
    }

    private func nextIndexed(into record: inout Record) throws -> Bool {
      guard let records else { return false }
      while let step = steps.last {
        if chunks.isEmpty {
          chunks = step.chunks.reversed()
          try leap(to: step.chunks[0].begin, records)
        }
        while let chunk = chunks.last {
          if records.offset < chunk.begin { try leap(to: chunk.begin, records) }
          if records.offset >= chunk.end {
            chunks.removeLast()
            continue
          }
          guard try take(&record, records, of: step.contig) else {
            chunks = []
            break
          }
          let range = range(of: record)
          if range.lowerBound >= step.range.upperBound || record.contig != step.contig {
            if record.contig == step.contig { chunks = [] }
            continue
          }
          // A record that begins before the end of the previous range has been returned for that range.
          if range.upperBound > step.range.lowerBound, range.lowerBound >= step.previousEnd { return true }
        }
        steps.removeLast()
      }
      return false
    }
  }
}
