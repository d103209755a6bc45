/// The fields that the specification reserves, by version (VCF 4.1 to 4.5, tables of reserved INFO and
/// genotype keys, and the keys for structural variants).
enum VCFReservedFields {
  /// A reserved key.
  struct Field {
    var key: String
    /// The texts of `Number=` and `Type=`.
    var number: String
    var type: VCF.ValueType
    var extent = VCFFieldRule.Extent.any
    /// The first minor version that reserves it.
    var since = 1
    /// The minor version from which on a different definition is an error. Later tables differ from earlier
    /// ones for structural variants, so a difference is only a warning there.
    var numberBindsSince = 1
    var typeBindsSince = 1
  }

  private static let never = Int.max

  /// The keys of INFO.
  static let info: [Field] = [
    Field(key: "AA", number: "1", type: .string),
    Field(key: "AC", number: "A", type: .integer, extent: .notNegative),
    Field(key: "AD", number: "R", type: .integer, extent: .notNegative, since: 3),
    Field(key: "ADF", number: "R", type: .integer, extent: .notNegative, since: 3),
    Field(key: "ADR", number: "R", type: .integer, extent: .notNegative, since: 3),
    Field(key: "AF", number: "A", type: .float, extent: .fraction),
    Field(key: "AN", number: "1", type: .integer, extent: .notNegative),
    Field(key: "BQ", number: "1", type: .float),
    Field(key: "CIGAR", number: "A", type: .string, extent: .cigar),
    Field(key: "DB", number: "0", type: .flag),
    Field(key: "DP", number: "1", type: .integer, extent: .notNegative),
    Field(key: "END", number: "1", type: .integer, extent: .end),
    Field(key: "H2", number: "0", type: .flag),
    Field(key: "H3", number: "0", type: .flag),
    Field(key: "MQ", number: "1", type: .float, typeBindsSince: 3),
    Field(key: "MQ0", number: "1", type: .integer, extent: .notNegative),
    Field(key: "NS", number: "1", type: .integer, extent: .notNegative),
    Field(key: "SB", number: "4", type: .integer, since: 3),
    Field(key: "SOMATIC", number: "0", type: .flag),
    Field(key: "VALIDATED", number: "0", type: .flag),
    Field(key: "1000G", number: "0", type: .flag),
    Field(key: "IMPRECISE", number: "0", type: .flag),
    Field(key: "NOVEL", number: "0", type: .flag),
    Field(key: "SVTYPE", number: "1", type: .string),
    Field(key: "CIPOS", number: "2", type: .integer),
    Field(key: "CIEND", number: "2", type: .integer),
    variant("CIPOS", ".", .integer, since: 4), variant("CIEND", ".", .integer, since: 4),
    variant("BKPTID", ".", .string), variant("MEINFO", "4", .string), variant("METRANS", "4", .string),
    variant("BKPTID", "A", .string, since: 4), variant("MEINFO", ".", .string, since: 4),
    variant("METRANS", ".", .string, since: 4),
    variant("SVLEN", ".", .integer), variant("SVLEN", "A", .integer, since: 4),
    Field(key: "SVCLAIM", number: "A", type: .string, since: 4),
    Field(key: "EVENTTYPE", number: "A", type: .string, since: 4),
    variant("CILEN", ".", .integer, since: 4), variant("CN", "A", .float, since: 4),
    variant("CICN", ".", .float, since: 4),
    Field(key: "RN", number: "A", type: .integer, extent: .notNegative, since: 4),
    Field(key: "RUS", number: ".", type: .string, since: 4),
    Field(key: "RUL", number: ".", type: .integer, extent: .notNegative, since: 4),
    Field(key: "RUC", number: ".", type: .float, since: 4),
    Field(key: "RB", number: ".", type: .integer, extent: .notNegative, since: 4),
    Field(key: "CIRUC", number: ".", type: .float, since: 4),
    Field(key: "CIRB", number: ".", type: .integer, since: 4),
    Field(key: "RUB", number: ".", type: .integer, extent: .notNegative, since: 4),
  ]

  /// The keys of FORMAT.
  static let format: [Field] = [
    Field(key: "AD", number: "R", type: .integer, extent: .notNegative, since: 3),
    Field(key: "ADF", number: "R", type: .integer, extent: .notNegative, since: 3),
    Field(key: "ADR", number: "R", type: .integer, extent: .notNegative, since: 3),
    Field(key: "DP", number: "1", type: .integer, extent: .notNegative),
    Field(key: "EC", number: "A", type: .integer),
    Field(key: "FT", number: "1", type: .string),
    Field(key: "GL", number: "G", type: .float),
    Field(key: "GLE", number: "G", type: .string),
    Field(key: "GP", number: "G", type: .float),
    Field(key: "GP", number: "G", type: .float, extent: .fraction, since: 3),
    Field(key: "GQ", number: "1", type: .integer),
    Field(key: "GT", number: "1", type: .string),
    Field(key: "HQ", number: "2", type: .integer),
    Field(key: "MQ", number: "1", type: .integer),
    Field(key: "PL", number: "G", type: .integer),
    Field(key: "PP", number: "G", type: .integer, since: 3),
    Field(key: "PQ", number: "1", type: .integer),
    Field(key: "PS", number: "1", type: .integer),
    Field(key: "PS", number: "1", type: .integer, extent: .notNegative, since: 3),
    Field(key: "LEN", number: "1", type: .integer, extent: .notNegative, since: 4),
    variant("CN", "1", .float, since: 4), Field(key: "CICN", number: "2", type: .float, since: 4),
    Field(key: "PSL", number: "P", type: .string, since: 4),
    Field(key: "PSO", number: "P", type: .integer, since: 4),
    Field(key: "PSQ", number: "P", type: .integer, since: 4),
    Field(key: "LAA", number: ".", type: .integer, extent: .localAlleles, since: 5),
    Field(key: "LAD", number: "LR", type: .integer, extent: .notNegative, since: 5),
    Field(key: "LADF", number: "LR", type: .integer, extent: .notNegative, since: 5),
    Field(key: "LADR", number: "LR", type: .integer, extent: .notNegative, since: 5),
    Field(key: "LEC", number: "LA", type: .integer, since: 5),
    Field(key: "LGL", number: "LG", type: .float, since: 5, typeBindsSince: never),
    Field(key: "LGP", number: "LG", type: .float, since: 5, typeBindsSince: never),
    Field(key: "LPL", number: "LG", type: .integer, since: 5),
    Field(key: "LPP", number: "LG", type: .integer, since: 5),
  ]

  /// Returns the reserved field `key` of version 4.`minor`.
  static func field(_ key: String, in fields: [Field], minor: Int) -> Field? {
    fields.last { $0.key == key && $0.since <= max(1, minor) }
  }

  /// Returns the rules for fields without a header line. Fields of structural variants are unrestricted
  /// unless defined, and SB had any number of values before it had four.
  static func rules(_ fields: [Field], minor: Int) -> [(key: [UInt8], rule: VCFFieldRule)] {
    Set(fields.map(\.key)).sorted().compactMap { field($0, in: fields, minor: minor) }.filter {
      $0.numberBindsSince <= max(1, minor) && $0.key != "SB"
    }.map {
      let isFormat = $0.number.hasPrefix("L") || $0.number == "P"
      // The likelihoods in GLE name their genotypes, so there may be fewer.
      let isListed = $0.key == "GLE"
      let count = isListed ? .any : VCFFieldRule.Count($0.number, isFormat: isFormat, minor: 5) ?? .any
      let type = $0.typeBindsSince <= max(1, minor) ? $0.type : .float
      return (
        Array($0.key.utf8), VCFFieldRule(count: count, type: type, extent: $0.extent, isKnown: true)
      )
    }
  }

  private static func variant(
    _ key: String, _ number: String, _ type: VCF.ValueType, since: Int = 1
  ) -> Field {
    Field(
      key: key, number: number, type: type, since: since, numberBindsSince: never, typeBindsSince: never)
  }
}
