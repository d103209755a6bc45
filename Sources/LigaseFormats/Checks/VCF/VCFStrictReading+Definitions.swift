extension VCFStrictReading {
  /// Checks `##INFO` and `##FORMAT`.
  mutating func takeDefinition(_ meta: VCFMetaLine) {
    let isFormat = meta.key == "FORMAT"
    guard let id = identifier(of: meta, isUnique: true) else { return }
    var idText = id
    let isKey = idText.withUTF8 { VCFValues.isKey($0) } || !isFormat && id == "1000G"
    if minor >= 3 ? !isKey : id.contains(where: { $0.isWhitespace || ";=,:<>".contains($0) }) {
      add("meta-id", "found \(FormatError.quoted(id)), expected letters, digits, '_' and '.'")
    }
    checkOrder(meta, ["ID", "Number", "Type", "Description"])
    checkDescription(meta)
    let number = meta["Number"]?.value
    let count = number.flatMap { VCFFieldRule.Count($0, isFormat: isFormat, minor: minor) }
    if number == "R", minor < 2 {
      add("later-number", .warning, "found Number=R, which came with version 4.2")
    }
    if let number, count == nil {
      add("meta-number", "found Number=\(FormatError.quoted(number)), expected a number, A, R, G or '.'")
    } else if number == nil {
      add("meta-required", "found no Number in ##\(meta.key), expected one")
    }
    let type = meta["Type"].flatMap { VCF.ValueType(rawValue: $0.value) }
    if let text = meta["Type"]?.value, type == nil || isFormat && type == .flag {
      add(
        "meta-type",
        "found Type=\(FormatError.quoted(text)), expected Integer, Float, \(isFormat ? "" : "Flag, ")Character or String"
      )
    } else if type == nil {
      add("meta-required", "found no Type in ##\(meta.key), expected one")
    }
    if let count, let type, (type == .flag) != (count == .exactly(0)), !(type != .flag && count == .any) {
      if type == .flag || count == .exactly(0) {
        add(
          "flag-number", .warning,
          "found Number=\(number ?? "") of type \(type.rawValue), expected 0 for a flag")
      }
    }
    checkReserved(id, number, type, isFormat)
    let isListed = isFormat && id == "GLE"
    var rule = VCFFieldRule(count: isListed ? .any : count ?? .any, type: type ?? .string, isKnown: true)
    let fields = isFormat ? VCFReservedFields.format : VCFReservedFields.info
    if let reserved = VCFReservedFields.field(id, in: fields, minor: minor), reserved.type == rule.type {
      rule.extent = reserved.extent
    }
    if isFormat { formatRules.set(Array(id.utf8), rule) } else { setInfoRule(Array(id.utf8), rule) }
  }

  private mutating func checkReserved(
    _ id: String, _ number: String?, _ type: VCF.ValueType?, _ isFormat: Bool
  ) {
    let fields = isFormat ? VCFReservedFields.format : VCFReservedFields.info
    guard let reserved = VCFReservedFields.field(id, in: fields, minor: minor) else { return }
    if let number, number != reserved.number {
      let binds = reserved.numberBindsSince <= max(1, minor)
      add(
        binds ? "reserved-number" : "reserved-variant-field", binds ? .error : .warning,
        "found \(id) of Number=\(FormatError.quoted(number)), expected the reserved \(reserved.number)")
    }
    if let type, type != reserved.type {
      let binds = reserved.typeBindsSince <= max(1, minor)
      add(
        binds ? "reserved-type" : "reserved-variant-field", binds ? .error : .warning,
        "found \(id) of Type=\(type.rawValue), expected the reserved \(reserved.type.rawValue)")
    }
  }

  /// Checks the order of entries: it is required before 4.4, and recommended from then on.
  private mutating func checkOrder(_ meta: VCFMetaLine, _ order: [String]) {
    let found = (meta.entries ?? []).map(\.key)
    let known = found.filter { order.contains($0) }
    let expected = order.filter { found.contains($0) }
    if known != expected || !found.starts(with: expected) {
      add(
        "meta-order", minor >= 4 ? .warning : .error,
        "found \(FormatError.list(found)), expected \(expected.joined(separator: ", ")) first and in this order"
      )
    }
  }

  private mutating func checkDescription(_ meta: VCFMetaLine) {
    guard let description = meta["Description"] else {
      return add("meta-required", "found no Description in ##\(meta.key), expected one")
    }
    if !description.isQuoted {
      add(
        "meta-quotes",
        "found Description=\(FormatError.quoted(description.value)), expected it between double quotes")
    }
    for key in ["Source", "Version"] {
      if let entry = meta[key], !entry.isQuoted {
        add(
          "unquoted-entry", .warning,
          "found \(key)=\(FormatError.quoted(entry.value)), expected double quotes")
      }
    }
  }

  /// Checks `##FILTER`.
  mutating func takeFilter(_ meta: VCFMetaLine) {
    guard let id = identifier(of: meta, isUnique: true) else { return }
    if id == "0" || id.contains(where: { $0.isWhitespace || $0 == ";" || $0 == "," }) {
      add(
        "meta-id", "found the filter \(FormatError.quoted(id)), expected a name without blanks that is not 0")
    }
    checkOrder(meta, ["ID", "Description"])
    checkDescription(meta)
  }

  /// Checks `##ALT`.
  mutating func takeAlternate(_ meta: VCFMetaLine) {
    guard let id = identifier(of: meta, isUnique: true) else { return }
    if id.contains(where: { $0.isWhitespace || $0 == "," || $0 == "<" || $0 == ">" }) {
      add("meta-id", "found \(FormatError.quoted(id)), expected no blanks, commas and angle brackets")
    } else {
      checkAlternateType(id)
    }
    checkOrder(meta, ["ID", "Number", "Type", "Description"])
    checkDescription(meta)
    if let number = meta["Number"]?.value, VCFFieldRule.Count(number, isFormat: false, minor: minor) == nil {
      add("meta-number", "found Number=\(FormatError.quoted(number)), expected a number, A, R, G or '.'")
    }
    if let type = meta["Type"]?.value, VCF.ValueType(rawValue: type) == nil {
      add(
        "meta-type",
        "found Type=\(FormatError.quoted(type)), expected Integer, Float, Flag, Character or String")
    }
  }

  /// Checks that the first part of a structural allele's ID is one of the defined types. From 4.4 on other
  /// symbolic alleles may be described too, such as ambiguity codes and contigs of the assembly file.
  private mutating func checkAlternateType(_ id: String) {
    let kind = id.split(separator: ":", omittingEmptySubsequences: false).first ?? ""
    if ["DEL", "INS", "DUP", "INV", "CNV"].contains(kind) || kind == "BND" && minor >= 3 { return }
    if id.count == 1 && "ACGTURYSWKMBDHVN".contains(id) || id == "*" && minor >= 4 { return }
    if ["*", "NON_REF", "X"].contains(id) {
      return add(
        "unspecified-allele", .warning,
        "found ALT \(FormatError.quoted(id)), which some callers use for any other allele")
    }
    if id.hasPrefix("CN"), id.count > 2, id.dropFirst(2).utf8.allSatisfy({ 0x30...0x39 ~= $0 }) {
      return add(
        "copy-number-allele", .warning,
        "found ALT \(FormatError.quoted(id)), as the 1000 Genomes have it, expected CNV first")
    }
    let condition = minor >= 4 ? " if it is a structural variant" : ""
    add(
      "alternate-type", minor >= 4 ? .warning : .error,
      "found ALT \(FormatError.quoted(id)), expected DEL, INS, DUP, INV or CNV first\(condition)")
  }

  /// Checks `##contig`: a second line of one contig may add to the first, but not contradict it.
  mutating func takeContig(_ meta: VCFMetaLine) {
    var length: Int?
    if let text = meta["length"]?.value {
      length = Int(text)
      if length == nil || length! < 0 {
        add("contig-length", "found length=\(FormatError.quoted(text)), expected a number of bases")
        length = nil
      }
    }
    let known = meta["ID"].flatMap { contigLengths[$0.value] }.flatMap { $0 }
    let isContrary = known != nil && length != nil && known != length
    guard var id = identifier(of: meta, isUnique: isContrary) else { return }
    if !id.withUTF8({ VCFValues.isContig($0, minor: minor) }) {
      add("contig-name", "found \(FormatError.quoted(id)), expected the name of a contig")
    }
    contigLengths[id] = .some(known ?? length)
  }

  /// Checks `##SAMPLE`: up to 4.2 genomes and mixtures are required.
  mutating func takeSample(_ meta: VCFMetaLine) {
    guard identifier(of: meta, isUnique: true) != nil, minor < 3 else { return }
    for key in ["Genomes", "Mixture"] {
      guard let entry = meta[key] else {
        add("meta-required", "found no \(key) in ##SAMPLE, expected it")
        continue
      }
      if entry.isQuoted { add("meta-quotes", "found \(key) between quotes, expected it without") }
    }
    checkDescription(meta)
  }

  /// Checks `##PEDIGREE`: up to 4.2 names of genomes, later an ID and its relations.
  mutating func takePedigree(_ meta: VCFMetaLine) {
    if minor >= 3 { _ = identifier(of: meta, isUnique: true) }
    for entry in meta.entries ?? [] where !entry.isQuoted {
      let isName = entry.value.utf8.allSatisfy {
        VCFValues.isLetter($0) || 0x30...0x39 ~= $0 || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E
      }
      if !isName {
        add(
          "pedigree", "found \(FormatError.quoted(entry.value)), expected letters, digits, '_', '-' and '.'")
      }
    }
  }

  /// Checks `##META`, which defines the entries of SAMPLE lines.
  mutating func takeMetaDefinition(_ meta: VCFMetaLine) {
    if minor < 3 { return }
    _ = identifier(of: meta, isUnique: true)
    for key in ["Type", "Number", "Values"] where meta[key] == nil {
      add("meta-required", "found no \(key) in ##META, expected it")
    }
    if let number = meta["Number"]?.value, VCFFieldRule.Count(number, isFormat: false, minor: minor) == nil {
      add("meta-number", "found Number=\(FormatError.quoted(number)), expected a number, A, R, G or '.'")
    }
    if let type = meta["Type"]?.value, VCF.ValueType(rawValue: type) == nil {
      add("meta-type", "found Type=\(FormatError.quoted(type)), expected Integer, Float, Character or String")
    }
    if let values = meta["Values"]?.value, !values.hasPrefix("[") {
      add("meta-structure", "found Values=\(FormatError.quoted(values)), expected [value, value]")
    }
  }

  /// Checks `##assembly` and `##pedigreeDB`.
  mutating func takeAddress(_ meta: VCFMetaLine) {
    var value = meta.value
    if value.hasPrefix("<"), value.hasSuffix(">") { value = String(value.dropFirst().dropLast()) }
    if VCFValues.isURL(value) { return }
    if value.contains("://") || value.isEmpty {
      add("url", "found \(FormatError.quoted(value)), expected scheme://host/path")
    } else {
      add("relative-url", .warning, "found \(FormatError.quoted(value)), expected scheme://host/path")
    }
  }
}
