extension VCF.Record {
  /// Reads a record from one line of text, which need not come from a file.
  public init(_ line: String) throws {
    self.init()
    var line = line
    try line.withUTF8 { try set($0, path: "-", number: 0) }
  }

  /// Replaces or appends a field of INFO; the rest stays unchanged.
  ///
  /// The header should define the field (`VCF.Header.adding(info:number:type:description:)`).
  public mutating func setInfo(_ key: String, to value: VCF.Value) {
    precondition(
      !key.isEmpty && !key.utf8.contains { $0 <= 0x20 || $0 == 0x3B || $0 == 0x3D },
      "VCF.Record: key '\(key)'")
    let text = value.text
    setInfoEntry(Array(key.utf8), Array((value == .flag ? key : "\(key)=\(text)").utf8))
  }

  /// Replaces or appends a field of the samples; nil is missing, and so are omitted fields of a sample before
  /// it.
  ///
  /// The header should define the field (`VCF.Header.adding(format:number:type:description:)`).
  package mutating func setFormat(_ key: String, to values: [VCF.Value?]) {
    var (keys, samples) = (formatKeys, samples)
    precondition(
      values.count == samples.count && !samples.isEmpty && !key.isEmpty
        && !key.utf8.contains { $0 <= 0x20 || $0 == 0x3A },
      "VCF.Record: \(values.count) values of '\(key)' for \(samples.count) samples")
    let index = keys.firstIndex(of: key) ?? keys.count
    if index == keys.count { keys.append(key) }
    for (i, value) in values.enumerated() {
      var fields = samples[i].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      while fields.count <= index { fields.append(".") }
      fields[index] = value?.text ?? "."
      samples[i] = fields.joined(separator: ":")
    }
    text.replaceSubrange(
      (ends[7] + 1)..., with: (keys.joined(separator: ":") + "\t" + samples.joined(separator: "\t")).utf8)
    ends[8] = ends[7] + 1 + keys.reduce(keys.count - 1) { $0 + $1.utf8.count }
  }

  /// Removes a field of INFO, if present.
  package mutating func removeInfo(_ key: String) {
    guard let entry = infoRange(of: Array(key.utf8)) else { return }
    let field = range(7)
    if entry == field { return replace(field, in: 7, with: [0x2E]) }
    let lower = entry.lowerBound > field.lowerBound ? entry.lowerBound - 1 : entry.lowerBound
    replace(lower..<(lower == entry.lowerBound ? entry.upperBound + 1 : entry.upperBound), in: 7, with: [])
  }

  /// Replaces the identifiers; an empty list is written as `.`.
  package mutating func setIDs(_ ids: [String]) {
    setField(2, ids.isEmpty ? "." : ids.joined(separator: ";"))
  }

  /// Replaces the filters that failed: empty means `PASS`, nil means that no filter was applied.
  package mutating func setFailedFilters(_ filters: [String]?) {
    setField(6, filters.map { $0.isEmpty ? "PASS" : $0.joined(separator: ";") } ?? ".")
  }

  /// Replaces the quality.
  package mutating func setQuality(_ quality: Double?) {
    var digits: [UInt8] = []
    if let quality, quality.isFinite {
      DecimalText.append(quality, to: &digits)
    } else {
      digits = Array((quality.map { $0.isNaN ? "." : $0 < 0 ? "-inf" : "inf" } ?? ".").utf8)
    }
    replace(range(5), in: 5, with: digits)
  }

  /// Replaces or appends the entry of a key of INFO, given as bytes.
  mutating func setInfoEntry(_ key: [UInt8], _ entry: [UInt8]) {
    let field = range(7)
    if let old = infoRange(of: key) {
      replace(old, in: 7, with: entry)
    } else if field.isEmpty || field.count == 1 && text[field.lowerBound] == 0x2E {
      replace(field, in: 7, with: entry)
    } else {
      replace(field.upperBound..<field.upperBound, in: 7, with: [0x3B] + entry)
    }
  }

  /// Replaces one of the first nine fields.
  mutating func setField(_ field: Int, _ value: String) {
    precondition(!value.utf8.contains { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }, "VCF.Record: '\(value)'")
    replace(range(field), in: field, with: Array(value.utf8))
    if field == 1 { position = Int(value) ?? position }
  }

  /// Replaces bytes within a field.
  mutating func replace(_ range: Range<Int>, in field: Int, with bytes: [UInt8]) {
    text.replaceSubrange(range, with: bytes)
    let shift = bytes.count - range.count
    for i in field..<ends.count { ends[i] += shift }
  }
}
