extension VCF {
  /// The header of a VCF file: its original lines, and the definitions in them.
  ///
  /// ```swift
  /// let header = VCF.Header(samples: ["NA12878"])
  ///   .adding(info: "SCORE", number: .perAlternate, type: .float, description: "Score of each allele")
  /// ```
  public struct Header: Equatable, Sendable {
    /// The lines that begin with `##`, in their order, without those two bytes.
    package private(set) var lines: [String] = []
    /// The version, `VCFv4.3`; nil where the first line does not state it.
    public private(set) var version: String?
    /// The defined fields of INFO, by key.
    package private(set) var info: [String: FieldDefinition] = [:]
    /// The defined fields of FORMAT, by key.
    package private(set) var format: [String: FieldDefinition] = [:]
    /// The descriptions of the defined filters.
    package private(set) var filters: [String: String] = [:]
    /// The declared contigs, in their order.
    public private(set) var contigs: [Contig] = []
    /// The names of the samples.
    public internal(set) var samples: [String] = []
    /// The original bytes of the lines, which may not be valid text.
    var rawLines: [[UInt8]] = []
    /// Whether there is a column FORMAT, which may be present without samples.
    var hasFormatColumn = false
    /// Warnings about malformed input, one for each class.
    var warnings: [Warning] = []

    /// Creates a header without any line.
    package init() {}

    /// Adds a line of a file, given as bytes without its `##`; tabs at its end are ignored with a warning.
    mutating func add(_ line: UnsafeBufferPointer<UInt8>, number: Int) {
      let tabs = line.reversed().prefix { $0 == 0x09 }.count
      if tabs > 0 {
        warnings.note(
          "header-tab", line: number, "found a tab at the end of a header line, which was ignored")
      }
      add(line.dropLast(tabs))
    }

    /// Adds a line, given as bytes without its `##`.
    mutating func add(_ line: some Collection<UInt8>) {
      rawLines.append(Array(line))
      add(String(decoding: line, as: UTF8.self))
    }

    /// Adds a line without its `##`; lines of unknown form are kept unchanged.
    private mutating func add(_ line: String) {
      lines.append(line)
      guard let equals = line.firstIndex(of: "=") else { return }
      let key = line[..<equals]
      let value = line[line.index(after: equals)...]
      if key == "fileformat" { version = String(value) }
      guard value.hasPrefix("<"), value.hasSuffix(">") else { return }
      let fields = Header.fields(of: value.dropFirst().dropLast())
      guard let id = fields["ID"] else { return }
      switch key {
      case "INFO", "FORMAT":
        let definition = FieldDefinition(
          id: id, number: Number(fields["Number"] ?? "."),
          type: ValueType(rawValue: fields["Type"] ?? "") ?? .string,
          description: fields["Description"] ?? "")
        if key == "INFO" { info[id] = definition } else { format[id] = definition }
      case "FILTER": filters[id] = fields["Description"] ?? ""
      case "contig": contigs.append(Contig(id: id, length: fields["length"].flatMap { Int($0) }))
      default: break
      }
    }

    /// Sets the samples from the line that begins with `#CHROM`.
    mutating func setColumns(_ line: UnsafeBufferPointer<UInt8>, path: String, number: Int) throws {
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      if fields.count > 8, let empty = fields.indices.dropFirst(8).first(where: { fields[$0].isEmpty }) {
        let isLast = fields[empty...].allSatisfy(\.isEmpty)
        throw FormatError(
          .badData, path: path, line: number, column: empty + 1,
          isLast
            ? "found a tab at the end of the line #CHROM, expected the name of a sample behind it or no tab"
            : "found an empty field in the line #CHROM, expected the name of a sample")
      }
      let expected = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
      guard fields.count >= 8, Array(fields[..<8]) == expected, fields.count < 9 || fields[8] == "FORMAT"
      else {
        throw FormatError(
          .badData, path: path, line: number,
          "found \(FormatError.quoted(line)), expected the tab-separated columns #CHROM POS ID REF ALT QUAL FILTER INFO"
        )
      }
      samples = Array(fields.dropFirst(9))
      hasFormatColumn = fields.count > 8
      var seen: Set<String> = []
      if let twice = samples.first(where: { !seen.insert($0).inserted }) {
        throw FormatError(
          .badData, path: path, line: number,
          "found sample \(FormatError.quoted(twice)) twice, expected unique names")
      }
    }

    /// Returns `key=value,key="quoted, value"` as a dictionary; backslashes escape within quotes.
    static func fields(of text: Substring) -> [String: String] {
      var fields: [String: String] = [:]
      var key = ""
      var value = ""
      var (inValue, inQuotes, isEscaped) = (false, false, false)
      func end() {
        if !key.isEmpty && fields[key] == nil { fields[key] = value }
        (key, value, inValue) = ("", "", false)
      }
      for character in text {
        if isEscaped {
          value.append(character)
          isEscaped = false
        } else if inQuotes && character == "\\" {
          isEscaped = true
        } else if inValue && character == "\"" {
          inQuotes.toggle()
        } else if character == "," && !inQuotes {
          end()
        } else if character == "=" && !inValue {
          inValue = true
        } else if inValue {
          value.append(character)
        } else {
          key.append(character)
        }
      }
      end()
      return fields
    }
  }
}
