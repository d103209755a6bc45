/// Writes small DICOM files of our own making.
struct DICOMBuilder {
  var isExplicit = true
  var isBigEndian = false
  private(set) var bytes: [UInt8] = []

  init(explicit: Bool = true, bigEndian: Bool = false) {
    (isExplicit, isBigEndian) = (explicit, bigEndian)
  }

  func number<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
  }

  /// Appends an element; `length` overrides that of the value.
  mutating func add(
    _ group: UInt16, _ element: UInt16, _ code: String, _ value: [UInt8], length: UInt32? = nil
  ) {
    let padded = value.count % 2 == 0 ? value : value + [code == "UI" || code == "OB" ? 0 : 0x20]
    let size = length ?? UInt32(padded.count)
    bytes += number(group) + number(element)
    if !isExplicit {
      bytes += number(size)
    } else if ["OB", "OW", "SQ", "UN", "OF", "OD"].contains(code) {
      bytes += Array(code.utf8) + [0, 0] + number(size)
    } else {
      bytes += Array(code.utf8) + number(UInt16(truncatingIfNeeded: size))
    }
    bytes += padded
  }

  mutating func add(_ group: UInt16, _ element: UInt16, _ code: String, _ text: String) {
    add(group, element, code, Array(text.utf8))
  }

  mutating func add(_ group: UInt16, _ element: UInt16, _ value: Int) {
    add(group, element, "US", number(UInt16(value)))
  }

  /// Appends a sequence of items, each an encoded data set; lengths are undefined if `isOpen`.
  mutating func add(_ group: UInt16, _ element: UInt16, items: [[UInt8]], isOpen: Bool) {
    var content: [UInt8] = []
    for item in items {
      content += number(UInt16(0xFFFE)) + number(UInt16(0xE000))
      content += number(isOpen ? UInt32.max : UInt32(item.count)) + item
      if isOpen { content += number(UInt16(0xFFFE)) + number(UInt16(0xE00D)) + number(UInt32(0)) }
    }
    if isOpen { content += number(UInt16(0xFFFE)) + number(UInt16(0xE0DD)) + number(UInt32(0)) }
    add(group, element, "SQ", content, length: isOpen ? UInt32.max : nil)
  }

  /// Appends pixels in fragments after an empty table of offsets.
  mutating func add(fragments: [[UInt8]]) {
    add(0x7FE0, 0x0010, "OB", [], length: .max)
    for fragment in [[]] + fragments {
      let padded = fragment.count % 2 == 0 ? fragment : fragment + [0]
      bytes += number(UInt16(0xFFFE)) + number(UInt16(0xE000)) + number(UInt32(padded.count)) + padded
    }
    bytes += number(UInt16(0xFFFE)) + number(UInt16(0xE0DD)) + number(UInt32(0))
  }

  /// Appends the description of pixels.
  mutating func addLayout(
    rows: Int, columns: Int, samples: Int = 1, photometric: String = "MONOCHROME2", bits: Int = 16,
    stored: Int? = nil, highBit: Int? = nil, signed: Int = 0, planar: Int? = nil, frames: Int? = nil
  ) {
    add(0x0028, 0x0002, samples)
    add(0x0028, 0x0004, "CS", photometric)
    if let planar { add(0x0028, 0x0006, planar) }
    if let frames { add(0x0028, 0x0008, "IS", "\(frames)") }
    add(0x0028, 0x0010, rows)
    add(0x0028, 0x0011, columns)
    add(0x0028, 0x0100, bits)
    add(0x0028, 0x0101, stored ?? bits)
    add(0x0028, 0x0102, highBit ?? (stored ?? bits) - 1)
    add(0x0028, 0x0103, signed)
  }

  /// Appends the place of a slice: its position, axial unless `orientation` says otherwise, and pixels of 1 x 2 mm.
  mutating func addPlace(_ position: String, orientation: String = "1\\0\\0\\0\\1\\0") {
    add(0x0020, 0x0032, "DS", position)
    add(0x0020, 0x0037, "DS", orientation)
    add(0x0028, 0x0030, "DS", "1\\2")
  }

  /// Returns a file with a preamble, of the transfer syntax of elements unless another one is given.
  func file(syntax: String? = nil) -> [UInt8] {
    var meta = DICOMBuilder()
    let own = isBigEndian ? "1.2.840.10008.1.2.2" : isExplicit ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2"
    meta.add(0x0002, 0x0010, "UI", syntax ?? own)
    return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + meta.bytes + bytes
  }

  /// A slice of 2 rows and 3 columns whose pixels are `first`, `first` + 1, …
  static func slice(
    at position: String, first: Int = 0, series: String = "1.2.3", orientation: String = "1\\0\\0\\0\\1\\0",
    columns: Int = 3
  ) -> [UInt8] {
    var builder = DICOMBuilder()
    builder.add(0x0008, 0x0060, "CS", "CT")
    builder.add(0x0010, 0x0010, "PN", "Doe^Jane")
    builder.add(0x0020, 0x000E, "UI", series)
    // Numbers of instances and thickness that are wrong must not matter.
    builder.add(0x0020, 0x0013, "IS", "\(1000 - first)")
    builder.add(0x0018, 0x0050, "DS", "99")
    builder.addPlace(position, orientation: orientation)
    builder.addLayout(rows: 2, columns: columns)
    builder.add(0x0028, 0x1052, "DS", "-1000")
    builder.add(0x0028, 0x1053, "DS", "2")
    builder.add(0x7FE0, 0x0010, "OW", (0..<2 * columns).flatMap { builder.number(UInt16(first + $0)) })
    return builder.file()
  }
}
