/// The formats that can be detected by the first bytes of a file.
package enum FileFormat: String, CaseIterable, Sendable {
  /// Named sequences.
  case fasta
  /// Reads with qualities.
  case fastq
  /// Variants, as text or as BCF.
  case vcf
  /// Intervals.
  case bed

  /// Returns the format of a text that begins with `head`, nil if it is none of them.
  static func detected(_ head: [UInt8]) -> FileFormat? {
    let text = head.drop { $0 <= 0x20 }
    let line = text.prefix { $0 != 0x0A }
    let isBrowserLine = Array(line).withUnsafeBufferPointer { BED.isBrowserLine($0) }
    switch text.first {
    case 0x3E, 0x3B: return .fasta
    case 0x40: return .fastq
    case 0x23:
      let isVariants =
        line.starts(with: "#CHROM".utf8) || line.starts(with: "##".utf8) && !line.starts(with: "##gff".utf8)
      return isVariants ? .vcf : nil
    default:
      if isBrowserLine { return .bed }
      let fields = line.split(separator: 0x09, maxSplits: 3, omittingEmptySubsequences: false)
      let hasPlaces =
        fields.count >= 3
        && fields[1...2].allSatisfy { place in
          !place.isEmpty && place.allSatisfy { $0 >= 0x30 && $0 <= 0x39 || $0 == 0x0D }
        }
      return hasPlaces ? .bed : nil
    }
  }

  /// Returns the format of a file by its first bytes; nil for standard input, for unreadable files, and for
  /// other formats.
  package static func detected(inFile path: String?) -> FileFormat? {
    guard let path, path != "-", let reader = try? ByteReader(contentsOf: path),
      let head = try? reader.peek(1 << 16)
    else { return nil }
    return detected(Array(head))
  }

  /// Returns the format of a file name's suffix, ignoring `.gz` or `.bgz`.
  static func named(by path: String) -> FileFormat? {
    var name = path.lowercased()[...]
    for suffix in [".gz", ".bgz"] where name.hasSuffix(suffix) { name = name.dropLast(suffix.count) }
    let suffix = name.split(separator: ".").last.map(String.init) ?? ""
    if ["fa", "fasta", "fna", "faa", "ffn", "frn", "fas", "mfa"].contains(suffix) { return .fasta }
    if ["fq", "fastq"].contains(suffix) { return .fastq }
    if ["bed", "narrowpeak", "broadpeak", "gappedpeak"].contains(suffix) { return .bed }
    return ["vcf", "bcf"].contains(suffix) ? .vcf : nil
  }

  /// Returns FASTA or FASTQ by the first byte; an empty text counts as FASTA, any other text throws.
  static func sequences(_ window: TextWindow) throws -> SequenceStatistics.Format {
    switch try firstVisible(window) {
    case 0x40: return .fastq
    case nil, 0x3E, 0x3B: return .fasta
    default:
      let line = try window.nextLine()
      throw FormatError(
        .badData, path: window.path, line: 1,
        "found \(FormatError.quoted(line ?? .init(start: nil, count: 0))), expected FASTA ('>') or FASTQ ('@')"
      )
    }
  }

  /// Returns the first byte that is not white space, without consuming any.
  private static func firstVisible(_ window: TextWindow) throws -> UInt8? {
    var i = 0
    while true {
      while i < window.end - window.start {
        let byte = window.base[window.start + i]
        if byte > 0x20 { return byte }
        i += 1
      }
      if try !window.fill() { return nil }
    }
  }
}

/// Strict validation of a file of any known format.
package enum FileCheck {
  /// Reads `path` to its end and lists the problems; only a stream that cannot be read, or that is of no
  /// known format, throws. Returns the format.
  ///
  /// - Parameter format: nil detects the format by the first bytes, or else by the file's suffix.
  package static func run(
    contentsOf path: String?, format: FileFormat? = nil, threads: Int = 1, into problems: inout ProblemList
  ) throws -> FileFormat {
    let reader = try ByteReader(variants: path, threads: threads)
    let known = try format ?? FileFormat.detected(reader.peek(1 << 16)) ?? FileFormat.named(by: reader.path)
    let window = TextWindow(reader)
    guard let known else {
      let line = try window.nextLine()
      throw FormatError(
        .badData, path: reader.path, line: line == nil ? nil : 1,
        line.map { "found \(FormatError.quoted($0)), which is the beginning of no known format" }
          ?? "found an empty file, expected one of a known format", remedy: line == nil ? nil : .nameFormat)
    }
    if reader.skippedMark > 0 {
      let isError = known == .vcf
      problems.add(
        "byte-order-mark", isError ? .error : .warning, line: 1,
        isError
          ? "found a byte-order mark, expected ##fileformat as the first bytes"
          : "found a byte-order mark, which many tools take for text")
    }
    switch known {
    case .fasta: try FASTACheck.run(window, into: &problems)
    case .fastq: try FASTQCheck.run(window, into: &problems)
    case .vcf: try VCFCheck.run(window, into: &problems)
    case .bed: try BEDCheck.run(window, into: &problems)
    }
    return known
  }
}
