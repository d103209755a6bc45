/// Reads the elements of a data set of DICOM (PS3.5, section 7).
///
///     element = tag:uint16,uint16 [ VR:2 letters ] length value
///
/// With explicit value representations (VR) the length has two bytes, or two reserved ones and four. A length of
/// 2^32 - 1 is undefined: the items of a sequence, or fragments of pixels, follow up to a delimiter. A file that ends
/// within an element gives what precedes it, and says where it ends.
struct DICOMParser {
  let path: String
  let bytes: [UInt8]
  /// The byte of the next element.
  private(set) var at: Int
  /// The byte at which a truncated file ends within an element.
  private(set) var truncation: Int?
  /// Bytes after the pixels that are too few for an element.
  private(set) var surplus = 0
  /// The deepest nesting of sequences.
  private static let depthLimit = 32
  private static let undefined = 0xFFFF_FFFF
  private static let longCodes: Set<String> = [
    "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV",
  ]

  /// How elements are encoded.
  struct Encoding {
    var isExplicit: Bool
    var isBigEndian: Bool
  }

  private struct Head {
    var tag: UInt32
    var code: String?
    var length: Int
  }

  init(_ bytes: [UInt8], at start: Int, path: String) {
    (self.bytes, at, self.path) = (bytes, start, path)
  }

  /// Reads elements up to the end of the file, or while `isWanted` holds for their tag.
  mutating func dataset(_ encoding: Encoding, while isWanted: (UInt32) -> Bool = { _ in true }) throws
    -> DICOMDataset
  {
    try dataset(encoding, end: bytes.count, isOpen: false, depth: 0, while: isWanted)
  }

  /// Reads the elements of an item that ends at a byte, or at its delimiter if it is open.
  private mutating func dataset(
    _ encoding: Encoding, end: Int, isOpen: Bool, depth: Int, while isWanted: (UInt32) -> Bool = { _ in true }
  ) throws -> DICOMDataset {
    guard depth <= DICOMParser.depthLimit else {
      throw bad("found sequences nested more than \(DICOMParser.depthLimit) deep")
    }
    var dataset = DICOMDataset(
      fields: BinaryFields(bytes: bytes, isBigEndian: encoding.isBigEndian), path: path)
    while at < end, truncation == nil {
      let start = at
      guard let head = head(encoding) else {
        if depth == 0, bytes.count - start < 8, dataset[.pixelData] != nil {
          (surplus, at) = (bytes.count - start, end)
        } else {
          truncation = start
        }
        break
      }
      if head.tag == 0xFFFE_E00D, isOpen { return dataset }
      // Zeros at the end of a file pad it.
      if depth == 0, head.tag == 0, bytes[start...].allSatisfy({ $0 == 0 }) {
        at = end
        break
      }
      if head.tag >> 16 == 0xFFFE {
        throw bad("found the delimiter \(DICOMTag.shown(head.tag)) outside a sequence", at: start)
      }
      if !isWanted(head.tag) {
        at = start
        break
      }
      if let element = try element(head, encoding, end: end, depth: depth) {
        // The first of elements with the same tag counts.
        if dataset.elements[head.tag] == nil { dataset.elements[head.tag] = element }
      }
    }
    return dataset
  }

  /// Reads the value of an element; nil where the file ends within it.
  private mutating func element(
    _ head: Head, _ encoding: Encoding, end: Int, depth: Int
  ) throws -> DICOMDataset.Element? {
    let start = at
    if head.length == DICOMParser.undefined {
      if head.tag == DICOMTag.pixelData.number {
        let fragments = try fragments(encoding)
        return truncation == nil
          ? DICOMDataset.Element(code: head.code, value: start..<start, fragments: fragments) : nil
      }
      // The items of a sequence of unknown representation have implicit ones (PS3.5, section 6.2.2).
      let inner = head.code == "UN" ? Encoding(isExplicit: false, isBigEndian: false) : encoding
      let items = try items(inner, end: end, isOpen: true, depth: depth)
      return DICOMDataset.Element(code: head.code, value: start..<start, items: items)
    }
    guard head.length <= bytes.count - start else {
      truncation = start
      return nil
    }
    let stop = start + head.length
    guard stop <= end else {
      throw bad(
        "found \(DICOMTag.shown(head.tag)) of \(head.length) bytes, expected at most \(end - start) within its item",
        at: start)
    }
    var items: [DICOMDataset] = []
    let isSequence =
      head.code == "SQ"
      || (head.code == nil || head.code == "UN") && DICOMTag.sequences.contains(head.tag)
    if isSequence {
      let inner = head.code == "UN" ? Encoding(isExplicit: false, isBigEndian: false) : encoding
      items = try self.items(inner, end: stop, isOpen: false, depth: depth)
    }
    at = stop
    return DICOMDataset.Element(code: head.code, value: start..<stop, items: items)
  }

  /// Reads the items of a sequence up to a byte, or up to its delimiter if it is open.
  private mutating func items(
    _ encoding: Encoding, end: Int, isOpen: Bool, depth: Int
  ) throws -> [DICOMDataset] {
    var items: [DICOMDataset] = []
    while truncation == nil, at < end {
      let start = at
      guard let head = itemHead(encoding) else {
        truncation = start
        break
      }
      if head.tag == 0xFFFE_E0DD, isOpen { return items }
      guard head.tag == 0xFFFE_E000 else {
        throw bad("found \(DICOMTag.shown(head.tag)) in a sequence, expected an item (FFFE,E000)", at: start)
      }
      if head.length == DICOMParser.undefined {
        items.append(try dataset(encoding, end: end, isOpen: true, depth: depth + 1))
        continue
      }
      guard head.length <= bytes.count - at else {
        truncation = start
        break
      }
      guard head.length <= end - at else {
        throw bad(
          "found an item of \(head.length) bytes, expected at most \(end - at) within its sequence", at: start
        )
      }
      let stop = at + head.length
      items.append(try dataset(encoding, end: stop, isOpen: false, depth: depth + 1))
      if truncation == nil { at = stop }
    }
    if isOpen, truncation == nil { truncation = end == bytes.count ? at : nil }
    return items
  }

  /// Reads the fragments of encapsulated pixels up to their delimiter.
  private mutating func fragments(_ encoding: Encoding) throws -> [Range<Int>] {
    var fragments: [Range<Int>] = []
    while true {
      let start = at
      guard let head = itemHead(encoding) else {
        truncation = start
        return fragments
      }
      if head.tag == 0xFFFE_E0DD { return fragments }
      guard head.tag == 0xFFFE_E000 else {
        throw bad("found \(DICOMTag.shown(head.tag)) in pixels, expected a fragment (FFFE,E000)", at: start)
      }
      guard head.length <= bytes.count - at else {
        truncation = start
        return fragments
      }
      fragments.append(at..<at + head.length)
      at += head.length
    }
  }

  /// Reads the tag and the length of an item or a delimiter; nil where the file ends.
  private mutating func itemHead(_ encoding: Encoding) -> Head? {
    guard at <= bytes.count - 8 else { return nil }
    defer { at += 8 }
    return Head(tag: tag(encoding), code: nil, length: Int(word(at + 4, encoding)))
  }

  /// Reads the tag, representation and length of an element; nil where the file ends.
  private mutating func head(_ encoding: Encoding) -> Head? {
    guard at <= bytes.count - 8 else { return nil }
    let tag = tag(encoding)
    let letters = bytes[at + 4..<at + 6]
    // Delimiters have no representation, and some writers leave it out of single elements.
    guard encoding.isExplicit, tag >> 16 != 0xFFFE, letters.allSatisfy({ 0x41...0x5A ~= $0 }) else {
      defer { at += 8 }
      return Head(tag: tag, code: nil, length: Int(word(at + 4, encoding)))
    }
    let code = String(decoding: letters, as: UTF8.self)
    if DICOMParser.longCodes.contains(code) {
      guard at <= bytes.count - 12 else { return nil }
      defer { at += 12 }
      return Head(tag: tag, code: code, length: Int(word(at + 8, encoding)))
    }
    defer { at += 8 }
    return Head(tag: tag, code: code, length: half(at + 6, encoding))
  }

  private func half(_ offset: Int, _ encoding: Encoding) -> Int {
    let (a, b) = (Int(bytes[offset]), Int(bytes[offset + 1]))
    return encoding.isBigEndian ? a << 8 | b : b << 8 | a
  }

  private func word(_ offset: Int, _ encoding: Encoding) -> UInt32 {
    let (a, b) = (half(offset, encoding), half(offset + 2, encoding))
    return UInt32(encoding.isBigEndian ? a << 16 | b : b << 16 | a)
  }

  private func tag(_ encoding: Encoding) -> UInt32 {
    UInt32(half(at, encoding) << 16 | half(at + 2, encoding))
  }

  private func bad(_ message: String, at offset: Int? = nil) -> FormatError {
    FormatError(.badData, path: path, offset: offset ?? at, message)
  }
}
