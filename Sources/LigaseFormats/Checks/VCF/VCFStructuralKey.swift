/// The keys of INFO that describe structural alleles and whose values depend on each other, from 4.4 on.
enum VCFStructuralKey: Int, CaseIterable {
  case length, claim
  case positionInterval, endInterval, lengthInterval, copyInterval
  case mobileElement, transduction
  case repeatCount, unitSequences, unitLengths, unitCounts, repeatLengths, unitCountIntervals,
    repeatLengthIntervals, singleUnitLengths

  /// The text of the key in INFO.
  var name: StaticString {
    switch self {
    case .length: "SVLEN"
    case .claim: "SVCLAIM"
    case .positionInterval: "CIPOS"
    case .endInterval: "CIEND"
    case .lengthInterval: "CILEN"
    case .copyInterval: "CICN"
    case .mobileElement: "MEINFO"
    case .transduction: "METRANS"
    case .repeatCount: "RN"
    case .unitSequences: "RUS"
    case .unitLengths: "RUL"
    case .unitCounts: "RUC"
    case .repeatLengths: "RB"
    case .unitCountIntervals: "CIRUC"
    case .repeatLengthIntervals: "CIRB"
    case .singleUnitLengths: "RUB"
    }
  }

  /// Creates the key of some bytes, nil for any other key.
  init?(_ key: some Collection<UInt8>) {
    let found = VCFStructuralKey.allCases.first { key.elementsEqual(Array("\($0.name)".utf8)) }
    guard let found else { return nil }
    self = found
  }

  /// The keys with a text for each allele, where an empty text between commas is a missing value.
  static let lists: Set<String> = [
    "RUS", "SVCLAIM", "EVENT", "EVENTTYPE", "MATEID", "PARID", "HOMSEQ", "BKPTID", "MEINFO", "METRANS",
    "DGVID",
    "DBVARID", "DBRIPID",
  ]
}

/// The kind of an alternate allele for the rules of structural variants.
enum VCFAlleleKind: Equatable {
  /// Bases, `*`, `<*>` and anything else that is not structural.
  case plain
  case deletion, insertion, duplication, inversion, copyNumber, tandemRepeat
  case breakend

  /// Creates the kind of an allele.
  init(_ allele: UnsafeBufferPointer<UInt8>) {
    guard let first = allele.first, let last = allele.last else {
      self = .plain
      return
    }
    if first == 0x3C {
      let id = allele.dropFirst().dropLast()
      let names = id.split(separator: 0x3A, omittingEmptySubsequences: false)
      switch names.first.map({ String(decoding: $0, as: UTF8.self) }) ?? "" {
      case "DEL": self = .deletion
      case "INS": self = .insertion
      case "DUP": self = .duplication
      case "INV": self = .inversion
      case "CNV": self = names.count > 1 && names[1].elementsEqual("TR".utf8) ? .tandemRepeat : .copyNumber
      default: self = .plain
      }
    } else if allele.contains(where: { $0 == 0x5B || $0 == 0x5D })
      || allele.count > 1 && (first == 0x2E || last == 0x2E)
    {
      self = .breakend
    } else {
      self = .plain
    }
  }

  /// Whether it is a symbolic structural allele, which has a length.
  var isSymbolic: Bool { self != .plain && self != .breakend }

  /// The values of SVCLAIM that are valid for it; none for alleles that are not structural.
  var claims: [String] {
    switch self {
    case .deletion, .duplication: ["D", "J", "DJ"]
    case .copyNumber, .tandemRepeat: ["D"]
    case .insertion, .inversion: ["J", "DJ"]
    case .breakend: ["J"]
    case .plain: []
    }
  }
}
