extension VCF.Number: CustomStringConvertible {
  /// The text of `Number=`.
  public var description: String {
    switch self {
    case .exactly(let count): "\(count)"
    case .perAlternate: "A"
    case .perAllele: "R"
    case .perGenotype: "G"
    case .any: "."
    }
  }
}

extension VCF.FieldDefinition {
  /// Returns the header line that defines the field, without its `##`; `kind` is `INFO` or `FORMAT`.
  func line(_ kind: String) -> String {
    "\(kind)=<ID=\(id),Number=\(number),Type=\(type.rawValue),Description=\"\(VCF.Header.escaped(description))\">"
  }
}

extension VCF.Header {
  /// Creates a header for a new file.
  public init(version: String = "VCFv4.3", contigs: [VCF.Contig] = [], samples: [String] = []) {
    self.init()
    add("fileformat=\(version)".utf8)
    for contig in contigs { self = adding(contig: contig) }
    self.samples = samples
    hasFormatColumn = !samples.isEmpty
  }

  /// Returns the header with a field of INFO defined: after the other definitions of INFO, or in place of the
  /// one with this key.
  public func adding(
    info id: String, number: VCF.Number, type: VCF.ValueType, description: String
  ) -> VCF.Header {
    let definition = VCF.FieldDefinition(id: id, number: number, type: type, description: description)
    return inserting(definition.line("INFO"), kind: "INFO", id: id)
  }

  /// Returns the header with a field of FORMAT defined, as in `adding(info:number:type:description:)`.
  package func adding(
    format id: String, number: VCF.Number, type: VCF.ValueType, description: String
  ) -> VCF.Header {
    let definition = VCF.FieldDefinition(id: id, number: number, type: type, description: description)
    return inserting(definition.line("FORMAT"), kind: "FORMAT", id: id)
  }

  /// Returns the header with a filter defined.
  package func adding(filter id: String, description: String) -> VCF.Header {
    inserting(
      "FILTER=<ID=\(id),Description=\"\(VCF.Header.escaped(description))\">", kind: "FILTER", id: id)
  }

  /// Returns the header with a contig declared.
  package func adding(contig: VCF.Contig) -> VCF.Header {
    let length = contig.length.map { ",length=\($0)" } ?? ""
    return inserting("contig=<ID=\(contig.id)\(length)>", kind: "contig", id: contig.id)
  }

  /// Returns the header with a line `##key=value` at the end.
  ///
  /// - Precondition: neither contains a line break.
  package func adding(line key: String, value: String) -> VCF.Header {
    precondition(
      !(key + value).utf8.contains { $0 == 0x0A || $0 == 0x0D }, "VCF.Header: a line break in a line")
    var header = self
    header.add("\(key)=\(value)".utf8)
    return header
  }

  /// Returns the header with only these samples, in this order; a column FORMAT stays.
  package func selecting(samples: [String]) -> VCF.Header {
    var header = self
    header.samples = samples
    return header
  }

  /// The bytes of the header, up to the end of the line `#CHROM`.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for line in rawLines {
      bytes += [0x23, 0x23]
      bytes += line
      bytes.append(0x0A)
    }
    let columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
    bytes += columns.joined(separator: "\t").utf8
    if hasFormatColumn { for name in ["FORMAT"] + samples { bytes += "\t\(name)".utf8 } }
    bytes.append(0x0A)
    return bytes
  }

  /// Returns the header with one more line, in place of the definition it replaces.
  private func inserting(_ line: String, kind: String, id: String) -> VCF.Header {
    precondition(!line.utf8.contains { $0 == 0x0A || $0 == 0x0D }, "VCF.Header: a line break in a definition")
    var lines = rawLines
    let new = Array(line.utf8)
    let start = Array("\(kind)=<".utf8)
    let own = lines.firstIndex { line in
      line.starts(with: start) && line.last == 0x3E
        && VCF.Header.fields(
          of: String(decoding: line.dropFirst(start.count).dropLast(), as: UTF8.self)[...])["ID"]
          == id
    }
    if let own {
      lines[own] = new
    } else {
      lines.insert(new, at: (lines.lastIndex { $0.starts(with: start) } ?? lines.count - 1) + 1)
    }
    var header = VCF.Header()
    for line in lines { header.add(line) }
    (header.samples, header.hasFormatColumn) = (samples, hasFormatColumn)
    return header
  }

  /// Returns text for use in quotes, with quotes and backslashes escaped by a backslash.
  static func escaped(_ text: String) -> String {
    String(text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] })
  }
}
