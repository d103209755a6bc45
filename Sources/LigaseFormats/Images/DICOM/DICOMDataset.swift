/// The elements of a data set of DICOM, by tag.
struct DICOMDataset {
  /// The value of an element.
  struct Element {
    /// The explicit value representation; nil where it is implicit.
    var code: String?
    /// The bytes of the value.
    var value: Range<Int>
    /// The items of a sequence.
    var items: [DICOMDataset] = []
    /// The fragments of encapsulated pixels, the table of offsets first.
    var fragments: [Range<Int>]?
  }

  var elements: [UInt32: Element] = [:]
  /// The bytes that hold the values, in their byte order.
  let fields: BinaryFields
  let path: String

  subscript(_ tag: DICOMTag) -> Element? { elements[tag.number] }

  /// The items of a sequence.
  func items(_ tag: DICOMTag) -> [DICOMDataset] { self[tag]?.items ?? [] }

  /// The bytes of a value.
  func bytes(_ tag: DICOMTag) -> ArraySlice<UInt8>? { self[tag].map { fields.bytes[$0.value] } }

  /// The text of a value without padding, nil where the element is absent or empty.
  func text(_ tag: DICOMTag) -> String? {
    guard let bytes = bytes(tag) else { return nil }
    func isPadding(_ byte: UInt8) -> Bool { byte == 0 || byte == 0x20 }
    var shown = bytes.drop(while: isPadding)
    while let last = shown.last, isPadding(last) { shown.removeLast() }
    return shown.isEmpty ? nil : String(decoding: shown, as: UTF8.self)
  }

  /// The numbers of a value, nil where the element is absent or empty. Throws for text that is no number.
  func numbers(_ tag: DICOMTag, most: Int = 1 << 16) throws -> [Double]? {
    guard let element = self[tag], !element.value.isEmpty else { return nil }
    let kind = element.code.flatMap { DICOMTag.Representation(code: $0) } ?? tag.representation
    let size: Int
    let read: (Int) -> Double?
    switch kind {
    case .uint16: (size, read) = (2, { fields.integer(UInt16.self, at: $0).map(Double.init) })
    case .int16: (size, read) = (2, { fields.integer(Int16.self, at: $0).map(Double.init) })
    case .uint32: (size, read) = (4, { fields.integer(UInt32.self, at: $0).map(Double.init) })
    case .int32: (size, read) = (4, { fields.integer(Int32.self, at: $0).map(Double.init) })
    case .float: (size, read) = (4, { fields.float(at: $0) })
    case .double: (size, read) = (8, { fields.double(at: $0) })
    case .text, .decimal: return try decimals(tag, most: most)
    case .sequence, .bytes: return nil
    }
    return (0..<element.value.count / size).compactMap { read(element.value.lowerBound + $0 * size) }
  }

  private func decimals(_ tag: DICOMTag, most: Int = 1 << 16) throws -> [Double]? {
    guard let text = text(tag) else { return nil }
    return try text.split(separator: "\\", omittingEmptySubsequences: false).prefix(most).map { part in
      let trimmed = part.drop { $0 == " " }.prefix { $0 != " " && $0 != "\0" }
      guard let number = Double(trimmed), number.isFinite else {
        throw FormatError(
          .badData, path: path, "found \(FormatError.quoted(String(part))) as \(tag), expected a number")
      }
      return number
    }
  }

  /// The first number of a value, nil where the element is absent or empty.
  func number(_ tag: DICOMTag) throws -> Double? { try numbers(tag, most: 1)?.first }

  /// A whole number in a range; nil where the element is absent or empty.
  func integer(_ tag: DICOMTag, in range: ClosedRange<Int>) throws -> Int? {
    guard let number = try number(tag) else { return nil }
    guard let value = Int(exactly: number), range.contains(value) else {
      throw FormatError(
        .badData, path: path,
        "found \(number.description.hasSuffix(".0") ? String(number.description.dropLast(2)) : number.description) as "
          + "\(tag), expected \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The words of 16 bits of a value.
  func words(_ tag: DICOMTag) -> [Int]? {
    guard let element = self[tag] else { return nil }
    return (0..<element.value.count / 2).compactMap {
      fields.integer(UInt16.self, at: element.value.lowerBound + 2 * $0).map(Int.init)
    }
  }
}
