import LigaseGenomics

extension VCF {
  /// Reads the records that overlap regions: through the index where there is one, else by reading all.
  ///
  /// Records come in the order of the file, each once. A record overlaps a region if any position of its
  /// `referenceRange` does.
  package final class RegionReader {
    /// The header.
    package let header: Header
    /// Whether an index is used.
    package let usesIndex: Bool
    /// The contigs that were asked for and that the index has not: without an index this is known at the end.
    package private(set) var mismatch = ContigMismatch()
    /// Contigs that were asked for, that the header has and the index lacks.
    package private(set) var indexGap: VariantIndex.Gap?
    private let path: String
    private var index: VariantIndex?
    /// Whether the next record is the first behind a leap.
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

    /// A range of a contig, and where the range before it ended.
    private struct Step {
      var contig: String
      var range: Range<Int>
      var previousEnd: Int
      var chunks: [VariantIndex.Chunk]
    }

    /// Opens `path`; `-` or nil is standard input, which is always read through.
    ///
    /// - Parameters:
    ///   - regions: nil takes every record.
    ///   - aliases: other names under which the file may have the regions' contigs.
    package convenience init(
      contentsOf path: String?, regions: RegionSet?, aliases: ContigAliases = .init(), threads: Int = 1
    ) throws {
      try self.init(path, regions.map { regions in { _, _ in regions } }, aliases, threads)
    }

    /// Opens `path` for regions whose contigs the file tells; a text that is no region throws a
    /// `RegionQuery.SyntaxError`.
    package convenience init(
      contentsOf path: String?, query: RegionQuery?, aliases: ContigAliases = .init(), threads: Int = 1
    ) throws {
      try self.init(
        path, query.map { query in { try query.resolved(isComplete: $0, among: $1) } }, aliases, threads)
    }

    /// - Parameter regions: the regions, by whether the contigs that are known are all, and which are.
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

    /// What was read although it is not as it should be; where an index is used, lines have no numbers.
    package var warnings: [Warning] { (stream?.warnings ?? leniency?.warnings ?? []) + spanWarnings }

    /// The next record, nil at the end.
    package func next() throws -> Record? {
      var record = Record()
      return try next(into: &record) ? record : nil
    }

    /// Reads the next record into `record`, whose memory is used again; false at the end.
    package func next(into record: inout Record) throws -> Bool {
      guard let stream else { return try nextIndexed(into: &record) }
      guard let regions else { return try stream.next(into: &record) }
      while try stream.next(into: &record) {
        if regions.overlaps(asked(record.contig, regions), range(of: record)) { return true }
      }
      noteUnseen(regions)
      return false
    }

    /// The positions that a record spans; an END that is ignored is noted.
    private func range(of record: Record) -> Range<Int> {
      let span = record.referenceSpan
      span.note(in: &spanWarnings, record)
      return span.range
    }

    /// The name that the regions have for a contig of the file.
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

    /// Takes the next record; the first behind a leap must be one of the contig that the index names.
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
        // Lines have no numbers here.
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
          // What begins before the end of the range before was in that one.
          if range.upperBound > step.range.lowerBound, range.lowerBound >= step.previousEnd { return true }
        }
        steps.removeLast()
      }
      return false
    }
  }
}
