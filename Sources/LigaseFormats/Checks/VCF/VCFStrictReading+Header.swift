extension VCFStrictReading {
  /// Checks a line of the header.
  mutating func takeHeader(_ line: Bytes) {
    let text = withoutTabs(line)
    if self.line == 1 {
      takeFileFormat(text)
      if text.starts(with: "##".utf8) { return }
    }
    if text.starts(with: "##".utf8) {
      takeMeta(text.part(2, text.count))
    } else if text[0] == 0x23 {
      takeColumns(text)
      part = .records
    } else if text.contains(0x09) {
      // A record without a column line: the rest is checked as if the column line were there.
      add("no-column-line", "found \(FormatError.quoted(text)), expected the line #CHROM POS ID REF ALT …")
      sampleCount = text.reduce(0) { $0 + ($1 == 0x09 ? 1 : 0) } - 8
      if sampleCount! < 0 { sampleCount = nil }
      beginRecords()
      takeRecord(text)
    } else {
      add("header-line", "found \(FormatError.quoted(text)), expected a line that begins with '##'")
    }
  }

  /// Returns a `##` line without tabs at its end, which are reported once.
  private mutating func withoutTabs(_ text: Bytes) -> Bytes {
    guard text.last == 0x09, text.starts(with: "##".utf8) else { return text }
    if !hasHeaderTab {
      add("header-tab", .warning, "found a tab at the end of a header line, which is ignored")
    }
    hasHeaderTab = true
    return text.part(0, text.count - text.reversed().prefix { $0 == 0x09 }.count)
  }

  /// Sets the rule of a field of INFO.
  mutating func setInfoRule(_ key: [UInt8], _ rule: VCFFieldRule) {
    infoRules.set(key, rule.forInfo(key, minor: minor))
  }

  private mutating func takeFileFormat(_ text: Bytes) {
    let prefix = "##fileformat=VCFv4."
    if text.count == prefix.utf8.count + 1, text.starts(with: prefix.utf8),
      let version = text.last, version >= 0x30, version <= 0x35
    {
      minor = Int(version) - 0x30
    } else {
      add(
        "fileformat",
        "found \(FormatError.quoted(text)), expected ##fileformat=VCFv4.0 to VCFv4.5 as the first line")
    }
  }

  private mutating func takeMeta(_ text: Bytes) {
    let meta: VCFMetaLine
    do {
      meta = try VCFMetaLine(text) { !VCFStrictReading.structured.contains($0) }
    } catch let failure as VCFMetaLine.Failure {
      return addFailure(failure, text)
    } catch { return }
    if meta.key.contains(where: { $0.isWhitespace || "<>\",".contains($0) }) {
      add("meta-key", "found the key \(FormatError.quoted(meta.key)), expected one without blanks and quotes")
    }
    if let entries = meta.entries {
      var seen: Set<String> = []
      if let twice = entries.first(where: { !seen.insert($0.key).inserted }) {
        add("meta-entry", "found \(FormatError.quoted(twice.key)) twice in one line")
      }
    } else if VCFStrictReading.structured.contains(meta.key) {
      add("meta-structure", "found \(FormatError.quoted(meta.value)), expected <ID=…>")
      return
    }
    switch meta.key {
    case "fileformat": add("fileformat", "found the version again, expected it in the first line only")
    case "INFO", "FORMAT": takeDefinition(meta)
    case "FILTER": takeFilter(meta)
    case "ALT": takeAlternate(meta)
    case "contig": takeContig(meta)
    case "SAMPLE": takeSample(meta)
    case "PEDIGREE": takePedigree(meta)
    case "META": takeMetaDefinition(meta)
    case "assembly", "pedigreeDB": takeAddress(meta)
    default:
      if meta.entries != nil {
        if minor >= 3 { _ = identifier(of: meta, isUnique: true) }
      } else if meta.value.hasPrefix("<") {
        add(
          "bracketed-text", .warning,
          "found \(FormatError.quoted(meta.value)), expected <key=value> or plain text")
      }
    }
  }

  /// The keys with values in angle brackets.
  static let structured: Set<String> = [
    "INFO", "FORMAT", "FILTER", "ALT", "contig", "SAMPLE", "PEDIGREE", "META",
  ]

  private mutating func addFailure(_ failure: VCFMetaLine.Failure, _ text: Bytes) {
    let found = "found \(FormatError.quoted(text))"
    switch failure {
    case .noKey: add("meta-key", "\(found), expected key=value")
    case .emptyValue: add("meta-value", "\(found), expected a value behind '='")
    case .notClosed: add("meta-structure", "\(found), expected '>' at the end")
    case .quotes: add("meta-quotes", "\(found), expected quotes that are closed, and \\\" within them")
    case .entry: add("meta-structure", "\(found), expected <key=value,key=\"value\">")
    }
  }

  /// Returns the ID of a line, nil (with a problem) if there is none.
  mutating func identifier(of meta: VCFMetaLine, isUnique: Bool) -> String? {
    guard let id = meta["ID"]?.value, !id.isEmpty else {
      add("meta-required", "found no ID in ##\(meta.key), expected one")
      return nil
    }
    if !defined[meta.key, default: []].insert(id).inserted {
      add(
        "duplicate-id", isUnique ? .error : .warning,
        "found ##\(meta.key) of \(FormatError.quoted(id)) again, expected unique IDs")
    }
    return id
  }

  private mutating func takeColumns(_ text: Bytes) {
    let columns = text.split(separator: 0x09, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    let expected = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
    if columns.count < 8 || Array(columns[..<8]) != expected || columns.count > 8 && columns[8] != "FORMAT" {
      add(
        "column-line",
        "found \(FormatError.quoted(text)), expected #CHROM POS ID REF ALT QUAL FILTER INFO [FORMAT samples…]"
      )
    } else if columns.count == 9 {
      add("column-line", "found FORMAT without samples, expected the name of one at least")
    }
    sampleCount = columns.count > 8 ? columns.count - 9 : nil
    var seen: Set<String> = []
    for name in columns.dropFirst(9) {
      if name.isEmpty {
        add("sample-name", "found an empty name (or a tab at the end of the line), expected that of a sample")
      } else if !seen.insert(name).inserted {
        add("duplicate-sample", "found sample \(FormatError.quoted(name)) again, expected unique names")
      }
    }
    beginRecords()
  }

  /// Sets the rules of reserved fields that the header does not define.
  private mutating func beginRecords() {
    part = .records
    for (key, rule) in VCFReservedFields.rules(VCFReservedFields.info, minor: minor) {
      let isDefined = key.withUnsafeBufferPointer { infoRules.index($0) != nil }
      if !isDefined { setInfoRule(key, rule) }
    }
    for (key, rule) in VCFReservedFields.rules(VCFReservedFields.format, minor: minor) {
      let isDefined = key.withUnsafeBufferPointer { formatRules.index($0) != nil }
      if !isDefined { formatRules.set(key, rule) }
    }
  }
}
