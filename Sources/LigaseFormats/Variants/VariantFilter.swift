import LigaseRuntime

/// An expression over the fields of VCF records, with the syntax of bcftools.
///
/// ```swift
/// let reader = try VCF.Reader(contentsOf: "sites.vcf.gz")
/// let filter = try VariantFilter("QUAL > 20 && INFO/AF[0] < 0.01", header: reader.header)
/// while let record = try reader.next() {
///   if filter.passes(record) { print(record.position) }
/// }
/// ```
///
///     expression = and { ( "||" | "|" ) and }
///     and        = not { ( "&&" | "&" ) not }
///     not        = "!" not | comparison
///     comparison = sum ( "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~" )
///                  ( sum | string | "@" file )
///     sum        = product { ( "+" | "-" ) product }
///     product    = unary { ( "*" | "/" | "%" ) unary }
///     unary      = "-" unary | number | field [ "[" subscript "]" ] | function "(" … ")"
///                | "(" expression ")"
///
/// Fields are CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO/KEY, FORMAT/KEY (FMT/KEY), a bare KEY that only
/// one of the two defines, TYPE, N_ALT, N_SAMPLES, ILEN, and AC, AN, AF, MAF, N_MISSING, F_MISSING, computed
/// from the genotypes where INFO does not define them. A field with several values passes if any of them
/// does. A missing value equals `"."`, differs from all other values, and satisfies no order comparison. `&&`
/// and `||` combine sites, `&` and `|` samples. A field that is `.` as a whole is missing at every subscript,
/// and so is a value after the last one of a field of FORMAT.
public struct VariantFilter {
  /// The expression as written.
  package let text: String
  let condition: Condition

  /// A syntax error of an expression.
  package struct SyntaxError: Error, Equatable, CustomStringConvertible {
    /// The text found, its position, and the expected text.
    public var description: String
  }

  /// Parses an expression over the fields that `header` defines; throws a `SyntaxError`, or a `FormatError`
  /// where a list after `@` cannot be read.
  public init(_ text: String, header: VCF.Header) throws {
    self.text = text
    var parser = try VariantFilterParser(text, header: header)
    condition = try parser.parse()
  }

  /// Returns whether the expression holds for a record.
  public func passes(_ record: VCF.Record) -> Bool { condition.evaluated(record).site }

  /// Returns whether the expression holds for each sample; a condition on the site holds for all or none.
  package func samplesPassing(_ record: VCF.Record) -> [Bool] {
    let truth = condition.evaluated(record)
    return truth.samples ?? Array(repeating: truth.site, count: record.sampleCount)
  }
}

/// The truth of a condition for a record as a whole, and for each sample where the condition applies to
/// samples.
struct Truth {
  var site: Bool
  var samples: [Bool]?

  init(_ site: Bool) { self.site = site }

  init(samples: [Bool]) {
    site = samples.contains(true)
    self.samples = samples
  }
}

/// A part of an expression that is true or false.
indirect enum Condition {
  case and(Condition, Condition, inSample: Bool)
  case or(Condition, Condition, inSample: Bool)
  case not(Condition)
  case numbers(Quantity, Comparison, Quantity)
  case isMissing(Subject, Bool)
  case text(TextField, Set<[UInt8]>, isEqual: Bool)
  case pattern(TextField, Pattern, isMatch: Bool)
  case genotype(GenotypeClass, samples: Subscript, isEqual: Bool)
  case types(VariantTypes, isExact: Bool, isEqual: Bool)
  case filters([[UInt8]], isExact: Bool, isEqual: Bool)
}

/// A value that may be missing.
enum Subject {
  case number(Quantity)
  case text(TextField)
}

/// A relation between numbers.
enum Comparison: String {
  case equal = "="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="

  /// Returns whether the comparison holds; a missing number (NaN) differs from every number.
  @inline(__always)
  func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .equal: a == b
    case .notEqual: a != b && !(a.isNaN && b.isNaN)
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    }
  }
}

/// A part of an expression with numbers as values.
indirect enum Quantity {
  case constant(Double)
  case position
  case quality
  case alternateCount
  case sampleCount
  case indelLengths
  case alleles(AlleleFigure, Subscript)
  case info([UInt8], Subscript)
  case flag([UInt8])
  case format([UInt8], samples: Subscript, values: Subscript)
  case lengths(TextField)
  case arithmetic(UInt8, Quantity, Quantity)
  case magnitude(Quantity)
  case summary(Summary, Quantity, inSample: Bool)
  case passing(Condition, asFraction: Bool)
}

/// A quantity computed from the genotypes of a record.
enum AlleleFigure: String {
  case counts = "AC"
  case number = "AN"
  case frequencies = "AF"
  case minorCounts = "MAC"
  case minorFrequencies = "MAF"
  case missing = "N_MISSING"
  case missingFraction = "F_MISSING"
}

/// A summary of several numbers.
enum Summary: String {
  case maximum = "MAX"
  case minimum = "MIN"
  case mean = "AVG"
  case median = "MEDIAN"
  case sum = "SUM"
  case count = "COUNT"

  /// Returns the summary of the numbers that are not missing; missing if there is none.
  func callAsFunction(_ numbers: [Double]) -> Double {
    if self == .count { return Double(numbers.count) }
    guard let first = numbers.first else { return .nan }
    switch self {
    case .maximum: return numbers.reduce(first, Swift.max)
    case .minimum: return numbers.reduce(first, Swift.min)
    case .sum, .count: return numbers.reduce(0, +)
    case .mean: return numbers.reduce(0, +) / Double(numbers.count)
    case .median:
      let sorted = numbers.sorted()
      let middle = sorted.count / 2
      return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
  }
}

/// A field that contains text.
enum TextField {
  case column(Int)
  case alternates(Subscript)
  case info([UInt8], Subscript)
  case format([UInt8], samples: Subscript, values: Subscript)
}

/// The selected values of a list: all, or those of some ranges counted from 0.
struct Subscript {
  var ranges: [ClosedRange<Int>]?

  static let all = Subscript(ranges: nil)

  /// Returns 1 if it selects values beyond the `count` of a field, which are missing, else 0.
  func missing(beyond count: Int) -> Int {
    guard let ranges else { return 0 }
    let named = ranges.reduce(0) { total, range in
      // A range without an end selects the present values, and its first value.
      let end = range.upperBound >= Subscript.open ? range.lowerBound : range.upperBound
      return total + max(0, min(end - count + 1, end - range.lowerBound + 1))
    }
    return min(named, 1)
  }

  /// The upper end of a range without an end.
  static let open = Int.max - 1

  @inline(__always)
  func contains(_ index: Int) -> Bool { ranges.map { $0.contains { $0.contains(index) } } ?? true }
}

/// A POSIX extended regular expression.
final class Pattern {
  private let expression = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
  private let isReady: Bool

  /// Compiles `text`; nil for an invalid regular expression.
  init?(_ text: String, ignoresCase: Bool) {
    expression.initialize(to: regex_t())
    isReady = regcomp(expression, text, REG_EXTENDED | REG_NOSUB | (ignoresCase ? REG_ICASE : 0)) == 0
    if !isReady { return nil }
  }

  deinit {
    if isReady { regfree(expression) }
    expression.deallocate()
  }

  /// Returns whether the expression matches in some bytes.
  func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var text = [CChar](repeating: 0, count: bytes.count + 1)
    for i in 0..<bytes.count { text[i] = CChar(bitPattern: bytes[i]) }
    return regexec(expression, text, 0, nil, 0) == 0
  }
}
