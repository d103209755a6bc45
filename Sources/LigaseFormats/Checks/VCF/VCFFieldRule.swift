/// The rule that a strict validation applies to the values of one field of INFO or FORMAT.
struct VCFFieldRule: Equatable {
  /// The required number of values.
  enum Count: Equatable {
    /// A fixed number of values.
    case exactly(Int)
    /// `A`, `R`, `G`: one for each alternate allele, each allele, each genotype.
    case perAlternate, perAllele, perGenotype
    /// `LA`, `LR`, `LG` (4.5): the same for the alleles in LAA.
    case perLocalAlternate, perLocalAllele, perLocalGenotype
    /// `P` (4.4): one for each allele of GT.
    case perGenotypeAllele
    /// `.`, `M`, and unknown texts.
    case any

    /// Reads the text of `Number=` in version 4.`minor`, nil if it is not valid there.
    init?(_ text: String, isFormat: Bool, minor: Int) {
      switch text {
      case "A": self = .perAlternate
      case "R": self = .perAllele
      case "G": self = .perGenotype
      case ".": self = .any
      case "-1" where minor == 0: self = .any
      case "P" where isFormat && minor >= 4: self = .perGenotypeAllele
      case "LA" where isFormat && minor >= 5: self = .perLocalAlternate
      case "LR" where isFormat && minor >= 5: self = .perLocalAllele
      case "LG" where isFormat && minor >= 5: self = .perLocalGenotype
      case "M" where isFormat && minor >= 5: self = .any
      default:
        guard let number = Int(text), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        self = .exactly(number)
      }
    }
  }

  /// A further restriction of a value.
  enum Extent: Equatable {
    /// Any value of the type.
    case any
    /// Not below zero.
    case notNegative
    /// From 0 to 1.
    case fraction
    /// Lengths and operations of SAM, or `.`.
    case cigar
    /// A position that is not before POS.
    case end
    /// Local alternate alleles, counted from 1.
    case localAlleles
  }

  /// The required number of values.
  var count = Count.any
  /// The type of the values.
  var type = VCF.ValueType.string
  /// The further restriction of the values.
  var extent = Extent.any
  /// Whether an empty text between commas is a missing value.
  var allowsEmpty = false
  /// The meaning of the field for structural alleles, if any.
  var structural: VCFStructuralKey?
  /// Whether the rule restricts anything: fields that are neither defined nor reserved are unrestricted.
  var isKnown = false
}

extension VCFFieldRule {
  /// Returns the rule of a field of INFO in version 4.`minor`, with the meaning of its key for structural
  /// alleles.
  func forInfo(_ key: [UInt8], minor: Int) -> VCFFieldRule {
    if minor < 4 { return self }
    var rule = self
    rule.structural = VCFStructuralKey(key)
    rule.allowsEmpty =
      type == .string && VCFStructuralKey.lists.contains(String(decoding: key, as: UTF8.self))
    return rule
  }
}

/// Rules by the bytes of a field's key, so that a lookup does not create a string.
struct VCFRuleTable {
  /// The rules, in the order in which they were added.
  private(set) var rules: [VCFFieldRule] = []
  /// The record in which each rule was last used.
  var lastRecord: [Int] = []
  private(set) var keys: [[UInt8]] = []
  private var slots = [Int32](repeating: -1, count: 64)

  /// Returns the index of a key's rule, nil if there is none.
  @inline(__always)
  func index(_ key: UnsafeBufferPointer<UInt8>) -> Int? {
    var slot = VCFRuleTable.hash(key) & (slots.count &- 1)
    while true {
      let index = Int(slots[slot])
      if index < 0 { return nil }
      if keys[index].count == key.count, keys[index].elementsEqual(key) { return index }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
  }

  /// Sets the rule of a key and returns its index.
  @discardableResult
  mutating func set(_ key: [UInt8], _ rule: VCFFieldRule) -> Int {
    if let index = key.withUnsafeBufferPointer({ index($0) }) {
      rules[index] = rule
      return index
    }
    rules.append(rule)
    keys.append(key)
    lastRecord.append(0)
    if rules.count * 2 > slots.count {
      slots = [Int32](repeating: -1, count: slots.count * 2)
      for index in keys.indices { place(index) }
    } else {
      place(rules.count - 1)
    }
    return rules.count - 1
  }

  private mutating func place(_ index: Int) {
    var slot = keys[index].withUnsafeBufferPointer { VCFRuleTable.hash($0) } & (slots.count - 1)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Int32(index)
  }

  /// The hash of Fowler, Noll and Vo, with its high bits folded in.
  @inline(__always)
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7FFF_FFFF)
  }
}
