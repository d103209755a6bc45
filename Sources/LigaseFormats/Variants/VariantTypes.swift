/// The kinds of variants of the alternate alleles of a record, as in bcftools.
package struct VariantTypes: OptionSet, Sendable {
  /// The bits, one for each kind.
  package let rawValue: UInt8

  /// Creates a set from bits.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// No alternate allele, one that equals the reference, or `<*>`.
  package static let reference = VariantTypes(rawValue: 1)
  /// One base for another.
  package static let snp = VariantTypes(rawValue: 2)
  /// Several bases for as many others.
  package static let mnp = VariantTypes(rawValue: 4)
  /// Bases inserted or deleted at one position.
  package static let indel = VariantTypes(rawValue: 8)
  /// Symbolic, or several changes at once.
  package static let other = VariantTypes(rawValue: 16)
  /// A breakend.
  package static let breakend = VariantTypes(rawValue: 32)
  /// `*`, a deletion that began earlier.
  package static let overlap = VariantTypes(rawValue: 64)

  private static let named: [(String, VariantTypes)] = [
    ("ref", .reference), ("snp", .snp), ("mnp", .mnp), ("indel", .indel), ("other", .other),
    ("bnd", .breakend),
    ("overlap", .overlap),
  ]

  /// The names that filters use.
  static var names: String { named.map(\.0).joined(separator: ", ") }

  /// Creates the kind of this name: ref, snp, mnp, indel, other, bnd or overlap, or the plural.
  package init?(named name: String) {
    guard let found = VariantTypes.named.first(where: { name == $0.0 || name == $0.0 + "s" }) else {
      return nil
    }
    self = found.1
  }

  /// Creates the kind of one alternate allele.
  init(_ reference: UnsafeBufferPointer<UInt8>, _ alternate: UnsafeBufferPointer<UInt8>) {
    func upper(_ byte: UInt8) -> UInt8 { byte >= 0x61 && byte <= 0x7A ? byte - 32 : byte }
    guard let first = alternate.first else {
      self = .reference
      return
    }
    if first == 0x3C {
      self =
        alternate.elementsEqual("<*>".utf8) || alternate.elementsEqual("<NON_REF>".utf8) ? .reference : .other
      return
    }
    if alternate.contains(where: { $0 == 0x5B || $0 == 0x5D }) {
      self = .breakend
      return
    }
    if alternate.count == 1, first == 0x2A || first == 0x2E {
      self = first == 0x2A ? .overlap : .reference
      return
    }
    if alternate.count > 1, first == 0x2E || alternate.last == 0x2E {
      self = .breakend
      return
    }
    let shorter = min(reference.count, alternate.count)
    var prefix = 0
    while prefix < shorter, upper(reference[prefix]) == upper(alternate[prefix]) { prefix += 1 }
    if prefix == shorter {
      self = reference.count == alternate.count ? .reference : .indel
      return
    }
    var suffix = 0
    while suffix < shorter - prefix,
      upper(reference[reference.count - 1 - suffix]) == upper(alternate[alternate.count - 1 - suffix])
    {
      suffix += 1
    }
    let changed = (reference.count - prefix - suffix, alternate.count - prefix - suffix)
    if changed.0 == changed.1 {
      self = changed.0 == 1 ? .snp : .mnp
    } else {
      self = min(changed.0, changed.1) == 0 ? .indel : .other
    }
  }
}

extension VCF.Record {
  /// The kinds of variants of the record.
  package var types: VariantTypes {
    text.withUnsafeBufferPointer { text in
      let reference = UnsafeBufferPointer(rebasing: text[range(3)])
      var types: VariantTypes = []
      for alternate in alternateRanges {
        types.formUnion(VariantTypes(reference, UnsafeBufferPointer(rebasing: text[alternate])))
      }
      return types.isEmpty ? .reference : types
    }
  }

  /// The ranges of the alternate alleles in the line; none if the field is `.`.
  var alternateRanges: [Range<Int>] {
    let field = range(4)
    return field.count == 1 && text[field.lowerBound] == 0x2E || field.isEmpty
      ? [] : split(field, at: 0x2C)
  }

  /// Returns the parts of a range of the line between separators; always at least one.
  func split(_ stretch: Range<Int>, at separator: UInt8) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = stretch.lowerBound
    for i in stretch where text[i] == separator {
      parts.append(start..<i)
      start = i + 1
    }
    parts.append(start..<stretch.upperBound)
    return parts
  }
}
