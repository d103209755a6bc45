extension VCF {
  /// One line of a VCF file; its text is stored, and its fields are parsed on access.
  ///
  /// ```swift
  /// let record = try VCF.Record("chr1\t100\trs1\tA\tG,T\t50\tPASS\tAF=0.2,0.1")
  /// print(record.position, record.alternates, record.info("AF") ?? ".")  // 100 ["G", "T"] 0.2,0.1
  /// ```
  public struct Record: Sendable {
    /// The line number, counted from 1.
    package internal(set) var line = 0
    /// The position of the first reference base, counted from 1 (0 is before the contig).
    public internal(set) var position = 0
    /// The line without its end.
    var text: [UInt8] = []
    /// The ends of the first nine fields, fewer if the line has no samples.
    var ends: [Int] = []

    /// Creates an empty record.
    package init() {}

    mutating func set(_ line: UnsafeBufferPointer<UInt8>, path: String, number: Int) throws {
      self.line = number
      text.removeAll(keepingCapacity: true)
      text.append(contentsOf: line)
      ends.removeAll(keepingCapacity: true)
      var i = 0
      while i <= line.count && ends.count < 9 {
        if i == line.count || line[i] == 0x09 { ends.append(i) }
        i += 1
      }
      guard ends.count >= 8 else {
        throw FormatError(
          .badData, path: path, line: number,
          "found \(ends.count) fields, expected eight at least, separated by tabs")
      }
      position = VCF.Record.leadingNumber(bytes(1))
    }

    /// Returns the range of a field in the line; 0 is the contig, 8 FORMAT.
    func range(_ field: Int) -> Range<Int> { (field == 0 ? 0 : ends[field - 1] + 1)..<ends[field] }

    func bytes(_ field: Int) -> ArraySlice<UInt8> { text[range(field)] }

    func string(_ field: Int) -> String { String(decoding: bytes(field), as: UTF8.self) }

    /// The contig's name.
    public var contig: String { string(0) }
    /// The identifiers; none if the field is `.`.
    public var ids: [String] { list(2, separator: 0x3B) }
    /// The reference allele.
    public var reference: String { string(3) }
    /// The alternate alleles; none if the field is `.`.
    public var alternates: [String] { list(4, separator: 0x2C) }
    /// The quality, which may be infinite; nil if it is missing or not a number.
    public var quality: Double? {
      let value = text.withUnsafeBufferPointer { $0.number(in: range(5)) }
      return value.isNaN ? nil : value
    }
    /// The filters that failed; empty for `PASS`, nil if no filter was applied (`.`).
    public var failedFilters: [String]? {
      let filters = list(6, separator: 0x3B)
      return filters.isEmpty ? nil : filters == ["PASS"] ? [] : filters
    }

    private func list(_ field: Int, separator: UInt8) -> [String] {
      let bytes = bytes(field)
      if bytes.elementsEqual([0x2E]) || bytes.isEmpty { return [] }
      return bytes.split(separator: separator).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The fields of INFO in their order, with percent-decoded values; a flag has an empty value.
    package var info: [(key: String, value: String)] {
      list(7, separator: 0x3B).map { entry in
        guard let equals = entry.firstIndex(of: "=") else { return (entry, "") }
        return (String(entry[..<equals]), PercentEncoding.decoded(entry[entry.index(after: equals)...]))
      }
    }

    /// Returns the value of one field of INFO as written; nil if it is absent, empty for a flag.
    public func info(_ key: String) -> String? {
      let key = Array(key.utf8)
      for entry in bytes(7).split(separator: 0x3B) where entry.starts(with: key) {
        let rest = entry.dropFirst(key.count)
        if rest.isEmpty { return "" }
        if rest.first == 0x3D {
          return PercentEncoding.decoded(String(decoding: rest.dropFirst(), as: UTF8.self)[...])
        }
      }
      return nil
    }

    /// Returns one field of INFO for a table: `1` for a flag, otherwise the values as written,
    /// percent-decoded; nil if it is absent, has no value, or all its values are missing.
    package func infoCell(_ key: String, definedBy header: Header) -> String? {
      guard let text = rawInfo(key) else { return nil }
      if text.isEmpty {
        let isFlag = header.info[key].map { $0.type == .flag } ?? true
        return isFlag && infoValue(of: Array(key.utf8)) == nil ? "1" : nil
      }
      if text.utf8.allSatisfy({ $0 == 0x2E || $0 == 0x2C }) { return nil }
      return PercentEncoding.decoded(text[...])
    }

    /// Returns whether INFO has a key.
    package func hasInfo(_ key: String) -> Bool { infoRange(of: Array(key.utf8)) != nil }

    /// The keys of the samples' fields.
    package var formatKeys: [String] {
      ends.count < 9 ? [] : bytes(8).split(separator: 0x3A).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The samples' fields as written.
    public var samples: [String] {
      guard ends.count == 9, ends[8] < text.count else { return [] }
      return text[(ends[8] + 1)...].split(separator: 0x09, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
    }

    /// The genotypes of the samples, in their order; empty where the record has no GT.
    public var genotypes: [Genotype] {
      guard let index = formatKeys.firstIndex(of: "GT") else { return [] }
      return samples.map { sample in
        let fields = sample.split(separator: ":", maxSplits: index + 1, omittingEmptySubsequences: false)
        return Genotype(fields.count > index ? fields[index] : ".")
      }
    }
  }

  /// The alleles that one sample has at a site.
  ///
  /// ```swift
  /// let reader = try VCF.Reader(contentsOf: "cohort.vcf.gz")
  /// while let record = try reader.next() {
  ///   let copies = record.genotypes.map { $0.alleles.count { $0 == 1 } }
  ///   print(record.position, zip(reader.header.samples, copies).map { "\($0)=\($1)" })
  /// }
  /// ```
  public struct Genotype: Equatable, Sendable {
    /// The alleles: 0 is the reference, 1 and up are the alternates, nil is missing. One for a haploid call.
    public var alleles: [Int?]
    /// Whether each allele is phased with the one before it (the first: by the leading mark of 4.4, or like
    /// the others).
    package var phases: [Bool]

    /// Reads `0|1`, `./.`, `1`, `0/1/1`, `|0|1`; an allele that is not a number is missing.
    package init(_ text: some StringProtocol) {
      alleles = []
      phases = []
      var leading: Bool?
      var digits = ""
      for (i, character) in text.enumerated() {
        if character == "|" || character == "/" {
          if i == 0 {
            leading = character == "|"
            continue
          }
          alleles.append(Int(digits))
          phases.append(character == "|")
          digits = ""
        } else {
          digits.append(character)
        }
      }
      alleles.append(Int(digits))
      phases.insert(leading ?? (phases.isEmpty ? true : phases.allSatisfy { $0 }), at: 0)
    }

    /// Whether every allele is phased.
    public var isPhased: Bool { phases.allSatisfy { $0 } }
  }
}

/// Percent-encoding, `%3A` and the like, for characters with a special meaning in VCF 4.3.
enum PercentEncoding {
  /// Returns the text with its escapes resolved; a `%` that does not begin an escape stays unchanged.
  static func decoded(_ text: Substring) -> String {
    guard text.utf8.contains(0x25) else { return String(text) }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var i = 0
    while i < bytes.count {
      if bytes[i] == 0x25, i + 2 < bytes.count,
        let value = UInt8(String(decoding: bytes[(i + 1)...(i + 2)], as: UTF8.self), radix: 16)
      {
        result.append(value)
        i += 3
      } else {
        result.append(bytes[i])
        i += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
