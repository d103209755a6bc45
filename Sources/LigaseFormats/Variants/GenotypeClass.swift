/// The classes of genotypes in filters, as in bcftools.
struct GenotypeClass: Equatable, Sendable {
  private enum Kind: String {
    case reference = "ref"
    case alternate = "alt"
    case missing = "mis"
    case homozygous = "hom"
    case heterozygous = "het"
    case haploid = "hap"
    case referenceTwice = "rr"
    case alternateTwice = "aa"
    case referenceAndAlternate = "ra"
    case twoAlternates = "Aa"
    case oneReference = "r"
    case oneAlternate = "a"
  }

  private let kind: Kind

  /// Creates the class ref, alt, mis, hom, het, hap, RR, AA, RA or AR, Aa or aA, R, or A; nil for another
  /// text.
  init?(named name: String) {
    let known: String =
      switch name {
      case "Aa", "aA": "Aa"
      case "AR", "ar": "ra"
      case "missing": "mis"
      default: name.lowercased()
      }
    guard let kind = Kind(rawValue: known) else { return nil }
    self.kind = kind
  }

  /// Returns whether a genotype, the text of GT, belongs to the class.
  func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var (count, value, digits) = (0, 0, 0)
    var (hasMissing, hasReference, hasAlternate, isUniform) = (false, false, false, true)
    var first = -1
    func endAllele() {
      let allele = digits > 0 ? value : -1
      if allele < 0 {
        hasMissing = true
      } else if allele == 0 {
        hasReference = true
      } else {
        hasAlternate = true
      }
      if count == 0 { first = allele } else if allele != first { isUniform = false }
      count += 1
      (value, digits) = (0, 0)
    }
    for (i, byte) in text.enumerated() {
      if byte == 0x2F || byte == 0x7C {
        if i > 0 { endAllele() }
      } else if byte >= 0x30, byte <= 0x39 {
        digits += 1
        if value < 1_000_000 { value = value * 10 + Int(byte) - 0x30 }
      }
    }
    endAllele()
    switch kind {
    case .missing: return hasMissing
    case _ where hasMissing: return false
    case .haploid: return count == 1
    case .reference: return !hasAlternate
    case .alternate: return hasAlternate
    case .homozygous: return count > 1 && isUniform
    case .heterozygous: return count > 1 && !isUniform
    case .referenceTwice: return count > 1 && !hasAlternate
    case .alternateTwice: return count > 1 && !hasReference && isUniform
    case .referenceAndAlternate: return count > 1 && hasReference && hasAlternate
    case .twoAlternates: return count > 1 && !hasReference && !isUniform
    case .oneReference: return count == 1 && hasReference
    case .oneAlternate: return count == 1 && hasAlternate
    }
  }
}
