/// Splits records with several alternate alleles into records with one each, like `bcftools norm -m-`.
///
/// From fields with `Number=A`, `R` and `G` each record gets the values of its own allele (and of the
/// reference), and from values for each genotype, of any ploidy, those of the genotypes of these two alleles.
/// From fields of local alleles (4.5) it gets the values of its allele in LAA, and LAA becomes 1, or missing.
/// In GT its allele becomes 1, and the other alternate alleles become 0. A field with another number of
/// values than its definition requires stays unchanged, and is counted.
package struct VariantSplitter {
  private let info: [String: VCF.Number]
  private let format: [String: VCF.Number]
  /// The number of fields with another number of values than the header defines.
  package private(set) var malformedFields = 0
  /// The number of split records.
  package private(set) var splitRecords = 0

  /// Creates a splitter of records of a header.
  package init(_ header: VCF.Header) {
    info = header.info.mapValues(\.number)
    format = header.format.mapValues(\.number)
  }

  /// Returns the records of each alternate allele; a record with one or none is unchanged.
  package mutating func split(_ record: VCF.Record) -> [VCF.Record] {
    let alternates = record.alternateRanges
    if alternates.count < 2 { return [record] }
    splitRecords += 1
    let entries = infoEntries(record)
    let keys = record.formatKeys
    let numbers = keys.map { format[$0] ?? .any }
    let isGenotype = keys.map { $0 == "GT" }
    let local = LocalAlleleFields(keys)
    var results: [VCF.Record] = []
    for allele in 1...alternates.count {
      var result = VCF.Record()
      (result.line, result.position) = (record.line, record.position)
      var text = Array(record.text[..<record.range(4).lowerBound])
      result.ends = Array(record.ends[..<4])
      text += record.text[alternates[allele - 1]]
      result.ends.append(text.count)
      for field in 5...6 {
        text.append(0x09)
        text += record.bytes(field)
        result.ends.append(text.count)
      }
      text.append(0x09)
      for (i, entry) in entries.enumerated() {
        if i > 0 { text.append(0x3B) }
        append(entry, allele, alternates.count, record, to: &text)
      }
      result.ends.append(text.count)
      if record.ends.count == 9 {
        text.append(0x09)
        text += record.bytes(8)
        result.ends.append(text.count)
        let kinds = SampleFields(numbers: numbers, isGenotype: isGenotype, local: local)
        appendSamples(record, allele, alternates.count, kinds, to: &text)
      }
      result.text = text
      results.append(result)
    }
    return results
  }

  /// An entry of INFO: its text, and the start of its value if it has one for each allele or genotype.
  private struct Entry {
    var range: Range<Int>
    var value: Int?
    var number: VCF.Number
  }

  private func infoEntries(_ record: VCF.Record) -> [Entry] {
    record.split(record.range(7), at: 0x3B).map { range in
      guard let equals = record.text[range].firstIndex(of: 0x3D) else {
        return Entry(range: range, value: nil, number: .any)
      }
      let key = String(decoding: record.text[range.lowerBound..<equals], as: UTF8.self)
      return Entry(range: range, value: equals + 1, number: info[key] ?? .any)
    }
  }

  private mutating func append(
    _ entry: Entry, _ allele: Int, _ alternateCount: Int, _ record: VCF.Record, to text: inout [UInt8]
  ) {
    guard let value = entry.value else { return text.append(contentsOf: record.text[entry.range]) }
    text += record.text[entry.range.lowerBound..<value]
    appendValues(
      value..<entry.range.upperBound, entry.number, allele, alternateCount, record, to: &text)
  }

  /// Appends the values that belong to an allele.
  private mutating func appendValues(
    _ range: Range<Int>, _ number: VCF.Number, _ allele: Int, _ alternateCount: Int, _ record: VCF.Record,
    to text: inout [UInt8]
  ) {
    let isMissing = range.count == 1 && record.text[range.lowerBound] == 0x2E
    switch number {
    case .perAlternate, .perAllele, .perGenotype: if !isMissing { break } else { fallthrough }
    default: return text.append(contentsOf: record.text[range])
    }
    let values = record.split(range, at: 0x2C)
    let alleleCount = alternateCount + 1
    let chosen: [Int]
    switch number {
    case .perAlternate where values.count == alternateCount: chosen = [allele - 1]
    case .perAllele where values.count == alleleCount: chosen = [0, allele]
    case .perGenotype where GenotypeOrder.ploidy(alleles: alleleCount, genotypes: values.count) != nil:
      chosen = GenotypeOrder.places(
        of: allele, ploidy: GenotypeOrder.ploidy(alleles: alleleCount, genotypes: values.count) ?? 0)
    default:
      if allele == 1 { malformedFields += 1 }
      return text.append(contentsOf: record.text[range])
    }
    for (i, value) in chosen.enumerated() {
      if i > 0 { text.append(0x2C) }
      text += record.text[values[value]]
    }
  }

  /// The required values of the keys of FORMAT.
  private struct SampleFields {
    var numbers: [VCF.Number]
    var isGenotype: [Bool]
    var local: LocalAlleleFields?
  }

  private mutating func appendSamples(
    _ record: VCF.Record, _ allele: Int, _ alternateCount: Int, _ fields: SampleFields, to text: inout [UInt8]
  ) {
    var i = record.ends[8]
    var field = -1
    let count = record.text.count
    var locals: [Int] = []
    while i < count {
      // A tab starts a sample, and a colon its next field.
      field = record.text[i] == 0x09 ? 0 : field + 1
      if field == 0, let local = fields.local { locals = local.alleles(record, sampleFields(record, i + 1)) }
      text.append(record.text[i])
      var end = i + 1
      while end < count, record.text[end] != 0x3A, record.text[end] != 0x09 { end += 1 }
      if let local = fields.local, local.holds(field) {
        let value = local.value(field, i + 1..<end, of: record, local: locals, allele: allele)
        if value == nil, allele == 1 { malformedFields += 1 }
        text += value ?? Array(record.text[i + 1..<end])
      } else if field < fields.numbers.count {
        if fields.isGenotype[field] {
          VariantSplitter.appendGenotype(record.text[i + 1..<end], allele, to: &text)
        } else {
          appendValues(i + 1..<end, fields.numbers[field], allele, alternateCount, record, to: &text)
        }
      } else {
        text += record.text[i + 1..<end]
      }
      i = end
    }
  }

  /// Returns the fields of the sample that begins at `start`.
  private func sampleFields(_ record: VCF.Record, _ start: Int) -> [Range<Int>] {
    let end = record.text[start...].firstIndex(of: 0x09) ?? record.text.count
    return record.split(start..<end, at: 0x3A)
  }

  /// Appends a genotype in which one allele becomes 1 and the other alternates 0.
  private static func appendGenotype(_ genotype: ArraySlice<UInt8>, _ allele: Int, to text: inout [UInt8]) {
    var value: Int?
    func end() {
      if let number = value { text.append(number == allele ? 0x31 : 0x30) }
      value = nil
    }
    for byte in genotype {
      if byte >= 0x30, byte <= 0x39 {
        value = min(1_000_000, (value ?? 0) * 10 + Int(byte) - 0x30)
      } else {
        end()
        text.append(byte)
      }
    }
    end()
  }
}
