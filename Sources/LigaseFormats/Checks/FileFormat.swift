/// The formats that a file is known by, by its first bytes.
public enum FileFormat: String, CaseIterable, Sendable {
  /// Named sequences.
  case fasta
  /// Reads with qualities.
  case fastq

  /// The format of the text in `window`, nil if it begins like none of them.
  static func detected(_ window: TextWindow) throws -> FileFormat? {
    var i = 0
    while true {
      while i < window.end - window.start {
        let byte = window.base[window.start + i]
        switch byte {
        case 0x3E, 0x3B: return .fasta
        case 0x40: return .fastq
        case 0...0x20: i += 1
        default: return nil
        }
      }
      if try !window.fill() { return nil }
    }
  }
}

/// The strict reading of a file of any known format.
public enum FileCheck {
  /// Reads `path` to its end and lists what is wrong; only a stream that cannot be read, or that is of no known
  /// format, throws. Returns the format.
  ///
  /// - Parameter format: nil tells the format by the first bytes.
  public static func run(
    contentsOf path: String?, format: FileFormat? = nil, threads: Int = 1, into problems: inout ProblemList
  ) throws -> FileFormat {
    let reader = try ByteReader(contentsOf: path, threads: threads)
    let window = TextWindow(reader)
    let known = try format ?? FileFormat.detected(window)
    guard let known else {
      let line = try window.nextLine()
      throw FormatError(
        .badData, path: reader.path, line: line == nil ? nil : 1,
        line.map { "found \(FormatError.quoted($0)), which begins no known format (--format names one)" }
          ?? "found an empty file, expected one of a known format")
    }
    switch known {
    case .fasta: try FASTACheck.run(window, into: &problems)
    case .fastq: try FASTQCheck.run(window, into: &problems)
    }
    return known
  }
}
