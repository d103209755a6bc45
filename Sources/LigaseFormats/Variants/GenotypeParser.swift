import Glibc
import LigaseGenomics

/// Whole lines of VCF to allele counts: the inner loop of reading genotypes.
struct GenotypeParser: Sendable {
  let path: String
  let sampleCount: Int
  /// Whether a record with one alternate allele gives a second row, with its alleles exchanged.
  let exchangesAlleles: Bool
  /// Which records count; nil all.
  let regions: RegionSet?
  /// Other names under which the file may have the regions' contigs.
  let aliases: ContigAliases

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
        if last > position, base[last - 1] == 0x0D { last -= 1 }
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

  private func parseLine(
    _ text: UnsafeBufferPointer<UInt8>, _ line: Int, _ record: inout VCF.Record, _ tile: inout DosageTile
  ) throws {
    // The eight fixed fields and FORMAT, then the samples.
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
    if let regions {
      let name = record.contig
      let asked = aliases.resolve(name, among: { !regions.ranges(of: $0).isEmpty }) ?? name
      if !regions.overlaps(asked, record.referenceRange) { return }
    }
    let alternates = record.alternates
    if alternates.isEmpty { return }
    let first = tile.variants.count * sampleCount
    let isTwofold = exchangesAlleles && alternates.count == 1
    let added = (alternates.count + (isTwofold ? 1 : 0)) * sampleCount
    let values = try room(for: first + added, of: first, in: &tile, line)
    (values + first).update(repeating: -1, count: added)
    let (contig, reference, id) = (record.contig, record.reference, record.ids.first)
    for alternate in alternates {
      tile.variants.append(
        .init(contig: contig, position: record.position, id: id, reference: reference, alternate: alternate))
    }
    if isTwofold {
      var turned = tile.variants[tile.variants.count - 1]
      (turned.reference, turned.alternate, turned.isExchanged) = (turned.alternate, turned.reference, true)
      tile.variants.append(turned)
    }
    guard let index = record.formatKeys.firstIndex(of: "GT") else { return }
    guard tabs == 9 else { throw wrongCount(0, line) }
    let samples = UnsafeBufferPointer(rebasing: text[(i + 1)...])
    let found = GenotypeParser.count(
      samples, index, alternates.count, isTwofold,
      UnsafeMutableBufferPointer(start: values + first, count: added),
      sampleCount)
    if found < 0 {
      throw FormatError(
        .badData, path: path, line: line, column: 9 - found,
        "found a genotype that is none, expected alleles separated by '/' or '|'")
    }
    if found != sampleCount { throw wrongCount(found, line) }
  }

  /// Memory for `count` values, the first `used` of which are those that are there.
  private func room(
    for count: Int, of used: Int, in tile: inout DosageTile, _ line: Int
  ) throws -> UnsafeMutablePointer<Int8> {
    if let values = tile.values, values.count >= count { return values.base }
    // Twice as much as needed, of which only what is used is touched.
    guard let larger = PageMemory(count: max(1 << 20, count * 2)) else {
      throw FormatError(.inputOutput, path: path, line: line, "no memory for \(count) genotypes")
    }
    if let values = tile.values { larger.base.update(from: values.base, count: used) }
    tile.values = larger
    return larger.base
  }

  private func wrongCount(_ found: Int, _ line: Int) -> FormatError {
    FormatError(
      .badData, path: path, line: line,
      "found the fields of \(found) samples, expected \(sampleCount) as in the header")
  }

  /// Writes the counts of each sample, `[alternates, samples]`, and returns how many samples there were, or -n
  /// if the genotype of the nth is none.
  private static func count(
    _ text: UnsafeBufferPointer<UInt8>, _ genotypeIndex: Int, _ alternateCount: Int, _ isTwofold: Bool,
    _ counts: UnsafeMutableBufferPointer<Int8>, _ sampleCount: Int
  ) -> Int {
    guard let base = text.baseAddress else { return sampleCount == 1 ? 1 : 0 }
    let end = text.count
    var i = 0
    var sample = 0
    let isPlain = genotypeIndex == 0 && alternateCount == 1 && !isTwofold
    while true {
      if isPlain { pairs(base, &i, end, counts, sampleCount, &sample) }
      if sample == sampleCount {
        return i >= end ? sample : base[i..<end].allSatisfyTab ? sample : sample + 1
      }
      // The usual diploid genotype of single digits: three bytes and a separator.
      if genotypeIndex == 0, i &+ 3 <= end, i &+ 3 == end || base[i &+ 3] == 0x09 || base[i &+ 3] == 0x3A {
        let a = Int(base[i]) &- 0x30
        let b = Int(base[i &+ 2]) &- 0x30
        let separator = base[i &+ 1]
        if a >= 0, a <= 9, b >= 0, b <= 9, separator == 0x7C || separator == 0x2F {
          for allele in 1...alternateCount {
            counts[(allele &- 1) &* sampleCount &+ sample] = (a == allele ? 1 : 0) &+ (b == allele ? 1 : 0)
          }
          if isTwofold { counts[sampleCount &+ sample] = (a == 0 ? 1 : 0) &+ (b == 0 ? 1 : 0) }
          i &+= 3
          while i < end, base[i] != 0x09 { i &+= 1 }
          sample &+= 1
          if i >= end { return sample }
          i &+= 1
          continue
        }
      }
      var field = 0
      while field < genotypeIndex, i < end, base[i] != 0x09 {
        if base[i] == 0x3A { field += 1 }
        i += 1
      }
      if field == genotypeIndex {
        let isGenotype = countSlowly(base, &i, end, alternateCount, isTwofold, counts, sampleCount, sample)
        if !isGenotype { return -1 - sample }
      }
      while i < end, base[i] != 0x09 { i += 1 }
      sample += 1
      if i >= end { return sample }
      i += 1
    }
  }

  /// Two samples at a time as long as they are diploid, of alleles 0 and 1, with nothing behind the genotype: the usual
  /// text `0|1` TAB `1|1` TAB is one word of eight bytes.
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

  /// One genotype of any form and ploidy; a missing allele leaves it missing. False if it is none.
  private static func countSlowly(
    _ base: UnsafePointer<UInt8>, _ i: inout Int, _ end: Int, _ alternateCount: Int, _ isTwofold: Bool,
    _ counts: UnsafeMutableBufferPointer<Int8>, _ sampleCount: Int, _ sample: Int
  ) -> Bool {
    var alleles: [Int] = []
    var (digits, value, isMissing) = (0, 0, false)
    func endAllele(isLeading: Bool) {
      if digits > 0 { alleles.append(value) } else if !isLeading { isMissing = true }
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
        if byte != 0x2E { return false }
        isMissing = true
      }
      i += 1
    }
    endAllele(isLeading: false)
    if isMissing || alleles.contains(where: { $0 > alternateCount }) || alleles.count > 127 { return true }
    for allele in 1...alternateCount {
      counts[(allele - 1) * sampleCount + sample] = Int8(alleles.count { $0 == allele })
    }
    if isTwofold { counts[sampleCount + sample] = Int8(alleles.count { $0 == 0 }) }
    return true
  }
}

extension UnsafePointer<UInt8> {
  /// The bytes of a range.
  fileprivate subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: self + range.lowerBound, count: range.count)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether there is nothing but tabs.
  fileprivate var allSatisfyTab: Bool { allSatisfy { $0 == 0x09 } }
}
