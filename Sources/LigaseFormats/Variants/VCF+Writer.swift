extension VCF {
  /// Writes VCF: the header, then record after record, each with its original text except for changes.
  ///
  /// ```swift
  /// let reader = try VCF.Reader(contentsOf: "sites.vcf.gz")
  /// let header = reader.header
  ///   .adding(info: "SCORE", number: .perAlternate, type: .float, description: "…")
  /// let writer = try VCF.Writer(to: "scored.vcf.gz", header: header)
  /// while var record = try reader.next() {
  ///   record.setInfo("SCORE", to: .floats([0.25]))
  ///   try writer.write(record)
  /// }
  /// try writer.close()
  /// ```
  ///
  /// Unchanged records are written with the same bytes, except for CRLF, blank lines, and tabs at the end of
  /// header lines.
  public final class Writer {
    private let output: OutputFile

    /// Writes the header to an opened output, unless an earlier part of a sharded run has it.
    package init(_ output: OutputFile, header: Header) throws {
      self.output = output
      try output.writeHeader(header.bytes)
    }

    /// Creates `path` and writes the header; `-` or nil is standard output.
    ///
    /// - Parameters:
    ///   - path: the file's final name.
    ///   - header: the header to write; records should have its samples.
    ///   - overwrite: whether an existing file may be replaced.
    ///   - compression: nil compresses by the suffix: `.gz` means BGZF, so that the file can be indexed.
    ///   - threads: the number of threads that compress; the output does not depend on it.
    public convenience init(
      to path: String?, header: Header, overwrite: Bool = false, compression: Compression? = nil,
      threads: Int = 1
    ) throws {
      let compression = compression ?? Writer.compression(named: path ?? "-")
      try self.init(
        OutputFile(path, overwrite: overwrite, compression: compression, threads: threads), header: header)
    }

    /// Returns the compression for the suffix of a name: BGZF for `.gz`, `.bgz` and `.bgzf`.
    package static func compression(named path: String) -> Compression {
      OutputFile.compression(named: path) == .none ? .none : .bgzf
    }

    /// Writes a record, which should have the fields of the header's samples.
    public func write(_ record: Record) throws {
      try record.text.withUnsafeBytes { try output.write($0) }
      try Writer.newline.withUnsafeBytes { try output.write($0) }
    }

    /// Finishes the file and renames it to its target.
    public func close() throws { try output.close() }

    private static let newline: [UInt8] = [0x0A]
  }
}
