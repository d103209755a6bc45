/// The fields of samples for the alleles in LAA (VCF 4.5), and their values for one allele.
struct LocalAlleleFields {
  /// The number of values of a field.
  private enum Count { case alternates, alleles, genotypes }

  /// The index of LAA in FORMAT, and the required counts of the other keys.
  let place: Int
  private let counts: [Count?]

  private static let counts: [String: Count] = [
    "LEC": .alternates, "LAD": .alleles, "LADF": .alleles, "LADR": .alleles, "LGL": .genotypes,
    "LGP": .genotypes,
    "LPL": .genotypes, "LPP": .genotypes,
  ]

  /// Creates the fields of a FORMAT; nil where it has no LAA.
  init?(_ keys: [String]) {
    guard let place = keys.firstIndex(of: "LAA") else { return nil }
    self.place = place
    counts = keys.map { LocalAlleleFields.counts[$0] }
  }

  /// Returns whether a field is one of these.
  func holds(_ field: Int) -> Bool { field == place || field < counts.count && counts[field] != nil }

  /// Returns the local alternate alleles of a sample, in their order; empty where LAA is missing or empty.
  func alleles(_ record: VCF.Record, _ fields: [Range<Int>]) -> [Int] {
    guard place < fields.count, !record.isMissing(fields[place]) else { return [] }
    return record.split(fields[place], at: 0x2C).map { VCF.Record.leadingNumber(record.text[$0]) }
  }

  /// Returns the value of a field of a sample in the record of one allele; nil where its number of values
  /// disagrees with the local alleles.
  func value(
    _ field: Int, _ range: Range<Int>, of record: VCF.Record, local: [Int], allele: Int
  ) -> [UInt8]? {
    // The index of the allele among the local alleles, of which the reference is the first.
    let own = local.firstIndex(of: allele).map { $0 + 1 }
    if field == place { return own == nil ? [0x2E] : [0x31] }
    guard let count = counts[field], !record.isMissing(range) else { return Array(record.text[range]) }
    let values = record.split(range, at: 0x2C)
    var chosen: [Int]
    switch count {
    case .alternates:
      guard values.count == local.count else { return nil }
      chosen = own.map { [$0 - 1] } ?? []
    case .alleles:
      guard values.count == local.count + 1 else { return nil }
      chosen = [0] + (own.map { [$0] } ?? [])
    case .genotypes:
      if local.isEmpty, values.count == 1 { return Array(record.text[range]) }
      guard let ploidy = GenotypeOrder.ploidy(alleles: local.count + 1, genotypes: values.count) else {
        return nil
      }
      chosen = own.map { GenotypeOrder.places(of: $0, ploidy: ploidy) } ?? [0]
    }
    return chosen.isEmpty ? [0x2E] : Array(chosen.map { record.text[values[$0]] }.joined(separator: [0x2C]))
  }
}
