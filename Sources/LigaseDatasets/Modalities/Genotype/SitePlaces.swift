import LigaseFormats
import LigaseGenomics

/// The index of the distinct sites of a file.
struct SitePlaces {
  /// The identity of a site: the contig without `chr`, the position, and the alleles in upper case.
  struct Key: Hashable {
    let contig: String
    let position: Int
    let reference, alternate: String

    init(_ contig: String, _ position: Int, _ reference: String, _ alternate: String) {
      self.contig = ContigAliases.plain(contig)
      self.position = position
      (self.reference, self.alternate) = (Key.upper(reference), Key.upper(alternate))
    }

    init(_ site: VariantSite) { self.init(site.contig, site.position, site.reference, site.alternate) }

    init(_ variant: DosageMatrix.Variant) {
      self.init(variant.contig, variant.position, variant.reference, variant.alternate)
    }

    /// Returns an allele in upper case, if it consists of letters only.
    static func upper(_ allele: String) -> String {
      allele.utf8.allSatisfy({ 0x41...0x5A ~= $0 & 0xDF }) ? allele.uppercased() : allele
    }
  }

  private var asTheyAre: [Key: Int] = [:], exchanged: [Key: Int] = [:]
  private var ids: [String: [Int]] = [:]
  private let variants: [DosageMatrix.Variant]

  /// Creates the index of the variants of a file.
  ///
  /// - Throws: `FormatError` for a duplicate site, with both line numbers.
  init(_ matrix: DosageMatrix, path: String?) throws {
    variants = matrix.variants
    for (i, variant) in variants.enumerated() {
      if variant.isExchanged {
        exchanged[Key(variant)] = i
      } else if let first = asTheyAre.updateValue(i, forKey: Key(variant)) {
        throw SitePlaces.repetition(variant.key, line: matrix.lines[i], first: matrix.lines[first], path)
      }
      if let id = variant.id { ids[id, default: []].append(i) }
    }
  }

  /// Returns the error for a duplicate site.
  static func repetition(_ name: String, line: Int, first: Int, _ path: String?) -> FormatError {
    FormatError(
      .badData, path: path ?? "-", line: line > 0 ? line : nil,
      "found the site \(FormatError.quoted(name)) again"
        + (first > 0 ? ", which line \(first) has" : "") + ": expected each position with its alleles once")
  }

  /// Returns the index of a site by contig, position and alleles, or of the exchanged site where it is
  /// missing.
  func byAlleles(_ site: VariantSite) -> Int? {
    let key = Key(site)
    return asTheyAre[key] ?? exchanged[key]
  }

  /// Returns the index of a site by its id and alleles.
  func byID(_ site: VariantSite) -> Int? {
    if site.id.isEmpty { return nil }
    let key = Key(site)
    return ids[site.id, default: []].first {
      Key.upper(variants[$0].reference) == key.reference && Key.upper(variants[$0].alternate) == key.alternate
    }
  }
}
