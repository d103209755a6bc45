extension VCF {
  /// A reader of one record at a time; the fields of a record are parsed on access.
  ///
  /// ```swift
  /// let reader = try VCF.Reader(contentsOf: "cohort.vcf.gz")
  /// while let record = try reader.next() { print(record.contig, record.position, record.alternates) }
  /// ```
  ///
  /// Blank lines are skipped. A line with other columns than `#CHROM`, an invalid genotype, and a header
  /// without its column line throw; other malformed input is read and reported in `warnings`. BCF is read as
  /// VCF text.
  public final class Reader {
    /// The header.
    public let header: Header
    private let window: TextWindow
    private var leniency: Leniency

    /// Warnings about malformed input so far, one for each class.
    package var warnings: [Warning] { leniency.warnings }

    /// Opens `path` and reads the header; `-` or nil is standard input.
    public init(contentsOf path: String?, threads: Int = 1) throws {
      let window = TextWindow(try ByteReader(variants: path, threads: threads))
      header = try Reader.readHeader(window)
      leniency = Leniency(header: header)
      self.window = window
    }

    /// The file as the user named it.
    package var path: String { window.path }

    /// Reads the header's lines from a window.
    static func readHeader(_ window: TextWindow) throws -> Header {
      var header = Header()
      while true {
        let number = window.line
        guard let line = try window.nextLine() else {
          throw FormatError(
            .badData, path: window.path, line: number == 1 ? nil : number,
            number == 1
              ? "found an empty file, expected VCF" : "found the end of the file, expected the line #CHROM")
        }
        if line.allSatisfy({ $0 <= 0x20 }) { continue }
        if number == 1, line.starts(with: "##fileformat=".utf8), !line.dropFirst(13).starts(with: "VCF".utf8)
        {
          throw FormatError(
            .badData, path: window.path, line: 1,
            "found \(FormatError.quoted(line)), expected ##fileformat=VCFv4.5 or an earlier version")
        }
        if line.starts(with: "##".utf8) {
          header.add(UnsafeBufferPointer(rebasing: line.dropFirst(2)), number: number)
        } else if line[0] == 0x23 {
          try header.setColumns(line, path: window.path, number: number)
          return header
        } else {
          throw FormatError(
            .badData, path: window.path, line: number,
            "found \(FormatError.quoted(line)), expected a header line that begins with '#'")
        }
      }
    }

    /// Returns the next record, nil at the end.
    public func next() throws -> Record? {
      var record = Record()
      return try next(into: &record) ? record : nil
    }

    /// Reads the next record into `record`, reusing its memory; returns false at the end.
    package func next(into record: inout Record) throws -> Bool {
      while true {
        let number = window.line
        guard let line = try window.nextLine() else { return false }
        if line.allSatisfy({ $0 <= 0x20 }) { continue }
        try leniency.judge(line, path: window.path, number: number)
        try record.set(line, path: window.path, number: number)
        return true
      }
    }
  }

  /// Returns whether a file begins like VCF or BCF, compressed or not.
  package static func recognizesVariants(contentsOf path: String) throws -> Bool {
    try recognizes(ByteReader(variants: path))
  }

  /// Returns whether a text begins like VCF, `##fileformat=VCF` or `#CHROM`; BCF is read as its text.
  static func recognizes(_ reader: ByteReader) throws -> Bool {
    let window = TextWindow(reader)
    guard let line = try window.nextLine() else { return false }
    return reader.isBinaryVariants || line.starts(with: "##fileformat=VCF".utf8)
      || line.starts(with: "#CHROM\t".utf8)
  }
}
