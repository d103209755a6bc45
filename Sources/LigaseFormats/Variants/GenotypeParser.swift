import LigaseRuntime
import LigaseGenomics

/// Converts whole lines of VCF to allele counts: the inner loop of reading genotypes.
struct GenotypeParser: Sendable {
  let path: String
  let sampleCount: Int
  let columns: VCF.ColumnCount
  /// Whether lines have numbers; records found by an index are named by their positions.
  let hasLines: Bool
  /// Whether a record with one alternate allele also gives a row with its alleles exchanged.
  let exchangesAlleles: Bool
  /// The requested regions; nil for all records.
  let regions: RegionSet?
  /// Other names of the regions' contigs in the file.
  let aliases: ContigAliases
  /// The requested sites; nil for all.
  var sites: SiteSelection?

  func parse(_ chunk: TextChunk) -> Result<DosageTile, FormatError> {
    guard let base = chunk.base else { preconditionFailure("GenotypeParser: a chunk that was freed") }
    var tile = DosageTile()
    var record = VCF.Record()
    var position = chunk.start
    var line = chunk.line
    do {
      while position < chunk.end {
        let newline = memchr(base + position, 0x0A, chunk.end - position)
        let end = newline.map { UnsafeRawPointer(base).distance(to: $0) } ?? chunk.end
        var last = end
        while last > position, base[last - 1] == 0x0D { last -= 1 }
        let text = UnsafeBufferPointer(start: UnsafePointer(base) + position, count: last - position)
        if text.contains(where: { $0 > 0x20 }) { try parseLine(text, line, &record, &tile) }
        position = end + 1
        line += 1
      }
      return .success(tile)
    } catch let error as FormatError {
      return .failure(error)
    } catch {
      return .failure(FormatError(.badData, path: path, "\(error)"))
    }
  }

  /// Returns whether a record is in the requested regions, if any.
  private func isAsked(
    _ record: VCF.Record, _ text: UnsafeBufferPointer<UInt8>, _ tile: inout DosageTile
  ) -> Bool {
    guard let regions else { return true }
    let name = record.contig
    let asked = aliases.resolve(name, among: { !regions.ranges(of: $0).isEmpty }) ?? name
    let span = record.referenceSpan(in: text)
    span.note(in: &tile.warnings, record)
    return regions.overlaps(asked, span.range)
  }

  private func parseLine(
    _ text: UnsafeBufferPointer<UInt8>, _ line: Int, _ record: inout VCF.Record, _ tile: inout DosageTile
  ) throws {
    // The eight fixed fields and FORMAT, followed by the samples.
    var tabs = 0
    var i = 0
    while i < text.count {
      if text[i] == 0x09 {
        tabs += 1
        if tabs == 9 { break }
      }
      i += 1
    }
    try record.set(UnsafeBufferPointer(rebasing: text[..<i]), path: path, number: line)
    if !isAsked(record, text, &tile) { return try columns.check(text, path: path, number: line) }
    if let sites, !sites.holds(record) {
      tile.skipped.add(record)
      return try columns.check(text, path: path, number: line)
    }
    let alternates = record.alternates
    if alternates.isEmpty { return try columns.check(text, path: path, number: line) }
    let first = tile.variants.count * sampleCount
    let isTwofold = exchangesAlleles && alternates.count == 1
    let added = (alternates.count + (isTwofold ? 1 : 0)) * sampleCount
    let values = try room(for: first + added, of: first, in: &tile, line)
    (values + first).update(repeating: -1, count: added)
    let (contig, reference, id) = (record.contig, record.reference, record.ids.first)
    tile.lines += repeatElement(hasLines ? line : 0, count: alternates.count + (isTwofold ? 1 : 0))
    for alternate in alternates {
      tile.variants.append(
        .init(contig: contig, position: record.position, id: id, reference: reference, alternate: alternate))
    }
    if isTwofold {
      var turned = tile.variants[tile.variants.count - 1]
      (turned.reference, turned.alternate, turned.isExchanged) = (turned.alternate, turned.reference, true)
      tile.variants.append(turned)
    }
    let keys = record.formatKeys
    guard let index = keys.firstIndex(of: "GT") else {
      tile.addWithoutGenotypes(keys, line)
      return try columns.check(text, path: path, number: line)
    }
    tile.recordsWithGenotypes += 1
    guard tabs == 9 else { return try columns.check(text, path: path, number: line) }
    let samples = UnsafeBufferPointer(rebasing: text[(i + 1)...])
    var unknown = 0
    let found = GenotypeParser.count(
      samples, index, alternates.count, isTwofold,
      UnsafeMutableBufferPointer(start: values + first, count: added),
      sampleCount, &unknown)
    switch found {
    case .failure(let fault):
      try columns.check(text, path: path, number: line)
      throw failure(fault, text, line)
    case .success(let count):
      if count != sampleCount || text[text.count - 1] == 0x09 {
        return try columns.check(text, path: path, number: line)
      }
    }
    if unknown > 0 {
      tile.warnings.note(
        "allele-without-alternate", line: line, count: unknown,
        "found a genotype with an allele that ALT lacks, counted as missing")
    }
  }

  /// The reason why the field of a sample gives no count.
  private enum Fault: Error, Equatable {
    /// The field is not a genotype.
    case form(sample: Int)
    /// The genotype has more alleles than can be counted.
    case ploidy(Int, sample: Int)
  }

  private func failure(
    _ fault: Fault, _ text: UnsafeBufferPointer<UInt8>, _ line: Int
  ) -> FormatError {
    let place = hasLines ? "" : " at \(VCF.ColumnCount.place(text))"
    func error(_ sample: Int, _ message: String) -> FormatError {
      FormatError(
        .badData, path: path, line: hasLines ? line : nil, column: hasLines ? 10 + sample : nil, message)
    }
    switch fault {
    case .form(let sample):
      return error(
        sample, "found an invalid genotype\(place), expected alleles separated by '/' or '|'")
    case .ploidy(let ploidy, let sample):
      return error(sample, "found a genotype of \(ploidy) alleles\(place), expected a ploidy of 127 at most")
    }
  }

  /// Returns memory for `count` values, the first `used` of which are present.
  private func room(
    for count: Int, of used: Int, in tile: inout DosageTile, _ line: Int
  ) throws -> UnsafeMutablePointer<Int8> {
    if let values = tile.values, values.count >= count { return values.base }
    // Twice as much as needed is allocated, of which only the used pages need memory.
    guard let larger = PageMemory(count: max(1 << 20, count * 2)) else {
      throw FormatError(
        .inputOutput, path: path, line: hasLines ? line : nil, "no memory for \(count) genotypes")
    }
    if let values = tile.values { larger.base.update(from: values.base, count: used) }
    tile.values = larger
    return larger.base
  }

  /// Writes the counts of each sample, `[alternates, samples]`, and returns the number of samples; genotypes
  /// with an undefined allele are counted in `unknown`.
  private static func count(
    _ text: UnsafeBufferPointer<UInt8>, _ genotypeIndex: Int, _ alternateCount: Int, _ isTwofold: Bool,
    _ counts: UnsafeMutableBufferPointer<Int8>, _ sampleCount: Int, _ unknown: inout Int
  ) -> Result<Int, Fault> {
    guard let base = text.baseAddress else { return .success(1) }
    let digits = min(9, alternateCount)
    let end = text.count
    var i = 0
    var sample = 0
    let isPlain = genotypeIndex == 0 && alternateCount == 1 && !isTwofold
    while true {
      if isPlain {
        pairs(base, &i, end, counts, sampleCount, &sample)
        singles(base, &i, end, counts, sampleCount, &sample)
      }
      // A tab came before, so there is one more column.
      if sample == sampleCount { return .success(sample + 1) }
      // Fast path for a diploid genotype of single digits: three bytes and a separator.
      if genotypeIndex == 0, i &+ 3 <= end, i &+ 3 == end || base[i &+ 3] == 0x09 || base[i &+ 3] == 0x3A {
        let a = Int(base[i]) &- 0x30
        let b = Int(base[i &+ 2]) &- 0x30
        let separator = base[i &+ 1]
        if a >= 0, a <= digits, b >= 0, b <= digits, separator == 0x7C || separator == 0x2F {
          for allele in 1...alternateCount {
            counts[(allele &- 1) &* sampleCount &+ sample] = (a == allele ? 1 : 0) &+ (b == allele ? 1 : 0)
          }
          if isTwofold { counts[sampleCount &+ sample] = (a == 0 ? 1 : 0) &+ (b == 0 ? 1 : 0) }
          i &+= 3
          while i < end, base[i] != 0x09 { i &+= 1 }
          sample &+= 1
          if i >= end { return .success(sample) }
          i &+= 1
          continue
        }
      }
      // An empty field is not a value; a missing one is a dot.
      if i < end, base[i] == 0x09 { return .failure(.form(sample: sample)) }
      var field = 0
      while field < genotypeIndex, i < end, base[i] != 0x09 {
        if base[i] == 0x3A { field += 1 }
        i += 1
      }
      if field == genotypeIndex {
        let ploidy = countSlowly(
          base, &i, end, alternateCount, isTwofold, counts, sampleCount, sample, &unknown)
        if ploidy == 0 { return .failure(.form(sample: sample)) }
        if ploidy > 127 { return .failure(.ploidy(ploidy, sample: sample)) }
      }
      while i < end, base[i] != 0x09 { i += 1 }
      sample += 1
      if i >= end { return .success(sample) }
      i += 1
    }
  }

  /// Processes two samples at a time as long as they are diploid, of alleles 0 and 1, without further fields:
  /// the text `0|1` TAB `1|1` TAB is one word of eight bytes.
  @inline(__always)
  private static func pairs(
    _ base: UnsafePointer<UInt8>, _ i: inout Int, _ end: Int, _ counts: UnsafeMutableBufferPointer<Int8>,
    _ sampleCount: Int, _ sample: inout Int
  ) {
    let raw = UnsafeRawPointer(base)
    while sample &+ 2 <= sampleCount, i &+ 8 <= end {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: i, as: UInt64.self))
      // Digits 0 or 1 around a separator, and a tab: the lowest bit of a digit is the allele.
      guard word & 0xFFFE_00FE_FFFE_00FE == 0x0930_0030_0930_0030 else { return }
      let separators = word & 0x0000_FF00_0000_FF00
      guard separators == 0x0000_7C00_0000_7C00 || separators == 0x0000_2F00_0000_2F00 else { return }
      let alleles = word & 0x0001_0001_0001_0001
      let sums = alleles &+ alleles >> 16
      counts[sample] = Int8(truncatingIfNeeded: sums & 3)
      counts[sample &+ 1] = Int8(truncatingIfNeeded: sums >> 32 & 3)
      sample &+= 2
      i &+= 8
    }
  }

  /// Processes diploid genotypes of the digits 0 and 1, or missing, with any other fields; stops at any other
  /// genotype.
  private static func singles(
    _ base: UnsafePointer<UInt8>, _ i: inout Int, _ end: Int, _ counts: UnsafeMutableBufferPointer<Int8>,
    _ sampleCount: Int, _ sample: inout Int
  ) {
    let raw = UnsafeRawPointer(base)
    while sample < sampleCount, i &+ 8 <= end {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: i, as: UInt64.self))
      let (separator, next) = (word >> 8 & 0xFF, word >> 24 & 0xFF)
      guard separator == 0x7C || separator == 0x2F, next == 0x3A || next == 0x09 else { return }
      if word & 0x00FE_00FE == 0x0030_0030 {
        counts[sample] = Int8(truncatingIfNeeded: (word & 1) &+ (word >> 16 & 1))
      } else if word & 0x00FF_00FF != 0x002E_002E {
        return
      }
      // Finds the lowest byte that is a tab: its top bit is the lowest one set.
      let other = word ^ 0x0909_0909_0909_0909
      let tabs = (other &- 0x0101_0101_0101_0101) & ~other & 0x8080_8080_8080_8080
      sample &+= 1
      if tabs != 0 {
        i &+= tabs.trailingZeroBitCount >> 3 &+ 1
        continue
      }
      i &+= 8
      while i < end, base[i] != 0x09 { i &+= 1 }
      // The last sample of a line has no tab after it: the caller ends the line.
      if i == end {
        sample &-= 1
        while i > 0, base[i &- 1] != 0x09 { i &-= 1 }
        return
      }
      i &+= 1
    }
  }

  /// Counts one genotype of any form; a missing allele makes it missing. Returns the ploidy, 0 if it is not a
  /// genotype.
  private static func countSlowly(
    _ base: UnsafePointer<UInt8>, _ i: inout Int, _ end: Int, _ alternateCount: Int, _ isTwofold: Bool,
    _ counts: UnsafeMutableBufferPointer<Int8>, _ sampleCount: Int, _ sample: Int, _ unknown: inout Int
  ) -> Int {
    var alleles: [Int] = []
    var (digits, value, isMissing, ploidy) = (0, 0, false, 0)
    func endAllele(isLeading: Bool) {
      if digits > 0 { alleles.append(value) } else if !isLeading { isMissing = true }
      if digits > 0 || !isLeading { ploidy += 1 }
      (digits, value) = (0, 0)
    }
    let start = i
    while i < end, base[i] != 0x09, base[i] != 0x3A {
      let byte = base[i]
      if byte == 0x7C || byte == 0x2F {
        endAllele(isLeading: i == start)
      } else if byte >= 0x30, byte <= 0x39 {
        digits += 1
        if value < 1_000_000 { value = value * 10 + Int(byte) - 0x30 }
      } else {
        if byte != 0x2E { return 0 }
        isMissing = true
      }
      i += 1
    }
    endAllele(isLeading: false)
    if isMissing || ploidy > 127 { return ploidy }
    if alleles.contains(where: { $0 > alternateCount }) {
      unknown += 1
      return ploidy
    }
    for allele in 1...alternateCount {
      counts[(allele - 1) * sampleCount + sample] = Int8(alleles.count { $0 == allele })
    }
    if isTwofold { counts[sampleCount + sample] = Int8(alleles.count { $0 == 0 }) }
    return ploidy
  }
}
