/// Strict validation of VCF 4.0 to 4.5, and of BCF in its text form.
///
/// The classes of problems, and the reasons for warnings, are in `docs/conformance.md`. Memory does not grow
/// with the file: of earlier records only the contigs and the alleles that later positions may repeat are
/// stored.
package enum VCFCheck {
  /// Reads `path` to its end and lists the problems; only a stream that cannot be read throws.
  package static func run(contentsOf path: String?, threads: Int = 1, into problems: inout ProblemList) throws
  {
    try run(TextWindow(try ByteReader(variants: path, threads: threads)), into: &problems)
  }

  static func run(_ window: TextWindow, into problems: inout ProblemList) throws {
    var reading = VCFStrictReading(problems)
    defer { problems = reading.problems }
    var endsInNewline = true
    while true {
      let line = window.line
      var width = 0
      guard reading.problems.begin(line) else { return }
      guard let text = try window.nextLine(width: &width) else { break }
      endsInNewline = width > text.count
      reading.line = line
      reading.take(text)
    }
    reading.finish(endsInNewline: endsInNewline)
  }
}

/// The state of a strict validation of VCF.
struct VCFStrictReading {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// The kind of line that is expected next.
  enum Part {
    case header, records
  }

  var problems: ProblemList
  /// The current line, counted from 1.
  var line = 0
  var part = Part.header
  /// The n of version 4.n.
  var minor = 5
  /// The number of samples in the column line, nil where it has no FORMAT.
  var sampleCount: Int?
  /// The rules of the fields, defined or reserved.
  var infoRules = VCFRuleTable()
  var formatRules = VCFRuleTable()
  /// The defined IDs, by kind.
  var defined: [String: Set<String>] = [:]
  /// The lengths of the contigs that the header declares.
  var contigLengths: [String: Int?] = [:]
  /// The names used without a definition that have been reported, by kind.
  var reported: [String: Set<String>] = [:]
  var blankLine = 0
  var hasHeaderTab = false

  // The current record.
  var position = 0
  var alternateCount = 0
  var hasAlternates = false
  var contig: [UInt8] = []
  var contigLength: Int?
  var lastPosition = 0
  var finishedContigs: Set<[UInt8]> = []
  var alleles = VCFAlleleHistory()
  /// The text of FORMAT from which `formatFields` was parsed, and the rules' indices.
  var formatText: [UInt8] = []
  var formatFields: [Int] = []
  var repeatsGenotype = false
  var isFormatMissing = false
  /// The positions of phase sets of each allele in FORMAT.
  var phaseFields: PhaseFields?
  /// Whether an alternate allele is more than bases, and the INFO values of such alleles (4.4 on).
  var hasOtherAllele = false
  var structuralValues = [Bytes?](repeating: nil, count: VCFStructuralKey.allCases.count)
  var hasStructuralValue = false
  /// Whether INFO has END, FORMAT has the copy number, and alleles with copy numbers have different lengths.
  var hasEnd = false
  var hasCopyNumber = false
  var mixesLengths = false

  init(_ problems: ProblemList) { self.problems = problems }

  /// Checks one line without its end.
  mutating func take(_ text: Bytes) {
    if text.isEmpty || text.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
      if line == 1 {
        add("fileformat", "found a blank line, expected ##fileformat=VCFv4.5 or an earlier version")
      }
      if blankLine == 0 { blankLine = line }
      return
    }
    if blankLine > 1 || blankLine == 1 && line > 2 {
      problems.add("blank-line", line: blankLine, "found a blank line, expected a header line or a record")
    }
    blankLine = 0
    if problems.isActive || part == .header { checkBytes(text) }
    switch part {
    case .header: takeHeader(text)
    case .records: takeRecord(text)
    }
  }

  /// Checks conditions that are only known at the end.
  mutating func finish(endsInNewline: Bool) {
    if blankLine > 0 {
      problems.add(
        "blank-line-at-end", .warning, line: blankLine, "found a blank line at the end of the file")
    }
    if part == .header {
      problems.add(
        "no-column-line", line: line,
        "found the end of the file, expected the line #CHROM POS ID REF ALT QUAL FILTER INFO")
    } else if !endsInNewline {
      problems.add("no-newline-at-end", .warning, line: line, "found no line break at the end of the file")
    }
  }

  mutating func add(_ name: String, column: Int? = nil, _ message: @autoclosure () -> String) {
    problems.add(name, line: line, column: column, message())
  }

  mutating func add(
    _ name: String, _ severity: Problem.Severity, column: Int? = nil, _ message: @autoclosure () -> String
  ) {
    problems.add(name, severity, line: line, column: column, message())
  }

  /// Reports a name that is used without a definition, once.
  mutating func addUndefined(_ name: String, _ text: Bytes, _ message: (String) -> String) {
    if reported[name, default: []].count >= 100_000 { return }
    let value = String(decoding: text, as: UTF8.self)
    if reported[name, default: []].insert(value).inserted {
      problems.add(name, .warning, line: line, once: value, message(FormatError.quoted(value)))
    }
  }

  /// Reports control characters and bytes that are not UTF-8.
  private mutating func checkBytes(_ text: Bytes) {
    var (controls, high) = (0, UInt8(0))
    for byte in text {
      controls &+= byte < 0x20 && byte != 0x09 || byte == 0x7F ? 1 : 0
      high |= byte
    }
    if controls > 0, let index = text.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
      add("control-character", column: index + 1, "found \(FormatError.quoted([text[index]])), expected text")
    }
    if high >= 0x80, let index = UTF8Scan.firstInvalid(text) {
      // UTF-8 is required from 4.3 on; earlier versions do not specify an encoding.
      add("not-utf8", minor >= 3 ? .error : .warning, column: index + 1, "found bytes that are not UTF-8")
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Returns the bytes of a range, counted from 0.
  @inline(__always)
  func part(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: baseAddress! + start, count: end &- start)
  }

  /// Returns whether the bytes are those of a literal.
  @inline(__always)
  func spells(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for i in 0..<count where self[i] != text.utf8Start[i] { return false }
    return true
  }

  /// Whether the bytes contain a space.
  @inline(__always)
  var hasBlank: Bool {
    for byte in self where byte == 0x20 { return true }
    return false
  }
}
