/// VCF, the variant call format, versions 4.1 to 4.5 (GA4GH hts-specs), read leniently.
///
///     file   = "##fileformat=VCFv4.x" { "##" key "=" value } "#CHROM" TAB … [ TAB "FORMAT" { TAB sample } ] { record }
///     record = CHROM TAB POS TAB ID TAB REF TAB ALT TAB QUAL TAB FILTER TAB INFO [ TAB FORMAT { TAB sample field } ]
public enum VCF {
  /// The number of values of a field of INFO or FORMAT.
  public enum Number: Equatable, Sendable {
    /// A fixed number; 0 for a flag.
    case exactly(Int)
    /// `A`: one for each alternate allele.
    case perAlternate
    /// `R`: one for each allele, the reference first.
    case perAllele
    /// `G`: one for each possible genotype.
    case perGenotype
    /// `.` and any other text: any number.
    case any

    /// Reads the text of `Number=`.
    package init(_ text: some StringProtocol) {
      switch text {
      case "A": self = .perAlternate
      case "R": self = .perAllele
      case "G": self = .perGenotype
      default: self = Int(text).flatMap { $0 >= 0 ? .exactly($0) : nil } ?? .any
      }
    }
  }

  /// The type of the values of a field of INFO or FORMAT.
  public enum ValueType: String, Sendable {
    /// Whole numbers of 32 bits.
    case integer = "Integer"
    /// Numbers of single precision.
    case float = "Float"
    /// No value: only the presence of the key matters.
    case flag = "Flag"
    /// One character.
    case character = "Character"
    /// Text.
    case string = "String"
  }

  /// The definition of a field of INFO or FORMAT in the header.
  package struct FieldDefinition: Equatable, Sendable {
    /// The key.
    public var id: String
    /// The number of values.
    public var number: Number
    /// The type of the values; text where the header states no known type.
    public var type: ValueType
    /// The description.
    public var description: String

    /// Creates a definition.
    public init(id: String, number: Number, type: ValueType, description: String = "") {
      self.id = id
      self.number = number
      self.type = type
      self.description = description
    }
  }

  /// A contig that is declared in the header.
  public struct Contig: Equatable, Sendable {
    /// The name of the contig.
    public var id: String
    /// The length of the contig, if declared.
    package var length: Int?

    /// Creates a contig.
    package init(id: String, length: Int? = nil) {
      self.id = id
      self.length = length
    }
  }
}
