extension VCF {
  /// The typed values of a field of INFO, or of a field of one sample; nil is a missing value (`.`).
  ///
  /// ```swift
  /// let reader = try VCF.Reader(contentsOf: "sites.vcf.gz")
  /// while let record = try reader.next() {
  ///   if case .floats(let frequencies)? = record.info("AF", definedBy: reader.header) { print(frequencies) }
  /// }
  /// ```
  public enum Value: Equatable, Sendable {
    /// A key without a value.
    case flag
    /// Whole numbers. A value that is not a whole number of 32 bits is missing; a decimal loses its fraction,
    /// as in bcftools.
    case integers([Int?])
    /// Numbers of single precision, including infinities and NaN. A value that is not a number (`NA`) is
    /// missing.
    case floats([Float?])
    /// Text or characters, with percent-encoding resolved.
    case strings([String?])

    /// Reads the text of a field as comma-separated values of `type`; a flag has no text.
    package init(_ text: some StringProtocol, as type: ValueType) {
      let fields = text.split(separator: ",", omittingEmptySubsequences: false)
      switch type {
      case .flag: self = text.isEmpty ? .flag : .strings(fields.map { Value.string(String($0)) })
      case .integer: self = .integers(fields.map { Value.integer(String($0)) })
      case .float: self = .floats(fields.map { Value.float(String($0)) })
      case .character, .string: self = .strings(fields.map { Value.string(String($0)) })
      }
    }

    /// The number of values.
    package var count: Int {
      switch self {
      case .flag: 0
      case .integers(let values): values.count
      case .floats(let values): values.count
      case .strings(let values): values.count
      }
    }

    /// The values in the syntax of VCF; empty for a flag. Characters with a special meaning are
    /// percent-encoded.
    package var text: String {
      switch self {
      case .flag: ""
      case .integers(let values): values.map { $0.map(String.init) ?? "." }.joined(separator: ",")
      case .floats(let values): values.map { $0.map(Value.spelled) ?? "." }.joined(separator: ",")
      case .strings(let values):
        values.map { $0.map(PercentEncoding.encoded) ?? "." }.joined(separator: ",")
      }
    }

    private static func string(_ text: String) -> String? {
      text == "." ? nil : PercentEncoding.decoded(text[...])
    }

    private static func integer(_ text: String) -> Int? {
      if let value = Int(text) { return Int(Int32(exactly: value) ?? .min) == Int(Int32.min) ? nil : value }
      guard let value = float(text), value.isFinite else { return nil }
      return Int32(exactly: value.rounded(.towardZero)).map(Int.init)
    }

    private static func float(_ text: String) -> Float? {
      var text = text
      if case .success(let value) = text.withUTF8({ DecimalNumber.float($0) }) { return value }
      switch text.lowercased().drop(while: { $0 == "+" }) {
      case "inf", "infinity": return .infinity
      case "-inf", "-infinity": return -.infinity
      case "nan", "-nan": return .nan
      default: return nil
      }
    }

    private static func spelled(_ value: Float) -> String {
      if !value.isFinite { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
      var text: [UInt8] = []
      DecimalText.append(value, to: &text)
      return String(decoding: text, as: UTF8.self)
    }
  }
}

extension VCF.Record {
  /// Returns the values of a field of INFO, with the type defined in the header (text where it is undefined);
  /// nil if the field is absent or entirely missing.
  public func info(_ key: String, definedBy header: VCF.Header) -> VCF.Value? {
    guard let text = rawInfo(key), text != "." else { return nil }
    let type = header.info[key]?.type ?? .string
    if text.isEmpty { return .flag }
    return VCF.Value(text, as: type)
  }

  /// Returns the values of one field of FORMAT for each sample, with the type defined in the header; nil
  /// where a sample, or the record, does not have it.
  public func format(_ key: String, definedBy header: VCF.Header) -> [VCF.Value?] {
    let samples = samples
    guard let index = formatKeys.firstIndex(of: key) else { return samples.map { _ in nil } }
    let type = header.format[key]?.type ?? .string
    return samples.map { sample in
      let fields = sample.split(separator: ":", maxSplits: index + 1, omittingEmptySubsequences: false)
      guard fields.count > index, fields[index] != ".", !fields[index].isEmpty else { return nil }
      return VCF.Value(fields[index], as: type == .flag ? .string : type)
    }
  }

  /// Returns the text of a field of INFO as written; nil if it is absent, empty for a flag.
  func rawInfo(_ key: String) -> String? {
    infoRange(of: Array(key.utf8)).map { range in
      let entry = text[range]
      guard let equals = entry.firstIndex(of: 0x3D) else { return "" }
      return String(decoding: entry[(equals + 1)...], as: UTF8.self)
    }
  }

  /// Returns the range of the entry `key` or `key=…` of INFO in the line.
  func infoRange(of key: [UInt8]) -> Range<Int>? {
    let field = range(7)
    var start = field.lowerBound
    while start < field.upperBound {
      let end = text[start..<field.upperBound].firstIndex(of: 0x3B) ?? field.upperBound
      if end - start >= key.count, text[start..<end].starts(with: key),
        end - start == key.count || text[start + key.count] == 0x3D
      {
        return start..<end
      }
      start = end + 1
    }
    return nil
  }
}

extension PercentEncoding {
  /// Returns the text with the characters escaped that have a special meaning in VCF: `:;=%,`, tab and line
  /// breaks.
  static func encoded(_ text: String) -> String {
    let special = Array(":;=%,\t\r\n".utf8)
    guard text.utf8.contains(where: special.contains) else { return text }
    var result: [UInt8] = []
    for byte in text.utf8 {
      if special.contains(byte) {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%\(digits.count < 2 ? "0" : "")\(digits)".utf8
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
