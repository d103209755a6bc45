/// One record of BCF as a line of VCF.
struct BCFRecordText {
  let header: BCFHeader
  /// The number of bytes of the shared fields.
  let sharedCount: Int
  let bytes: UnsafeBufferPointer<UInt8>
  private var i = 0
  private var end = 0

  init(header: BCFHeader, sharedCount: Int, bytes: UnsafeBufferPointer<UInt8>) {
    self.header = header
    self.sharedCount = sharedCount
    self.bytes = bytes
    end = sharedCount
  }

  /// The type of the elements of a typed value.
  private enum Atom: UInt8 {
    case none = 0
    case int8 = 1
    case int16 = 2
    case int32 = 3
    case float = 5
    case character = 7

    var size: Int {
      switch self {
      case .none: 0
      case .int8, .character: 1
      case .int16: 2
      case .int32, .float: 4
      }
    }
  }

  /// Appends the line.
  mutating func write(to text: inout [UInt8]) throws {
    let contig = Int(Int32(truncatingIfNeeded: word(0)))
    let position = Int(Int32(truncatingIfNeeded: word(4)))
    guard let name = header.contigs[contig] else {
      throw BCFFault(message: "found contig number \(contig) without a ##contig line in the header")
    }
    if position < -1 || position == Int(Int32.max) {
      throw BCFFault(message: "found position \(position), expected one from -1 up")
    }
    let quality = UInt32(truncatingIfNeeded: word(12))
    let (infoCount, alleleCount) = (word(16) & 0xFFFF, word(16) >> 16)
    let (sampleCount, fieldCount) = (word(20) & 0xFF_FFFF, word(20) >> 24)
    i = 24
    text.append(contentsOf: name)
    text.append(0x09)
    DecimalText.append(position + 1, to: &text)
    text.append(0x09)
    try appendString(&text)
    text.append(0x09)
    if alleleCount == 0 { text.append(0x2E) }
    for allele in 0..<alleleCount {
      if allele > 0 { text.append(allele == 1 ? 0x09 : 0x2C) }
      try appendString(&text)
    }
    if alleleCount < 2 { text.append(contentsOf: [0x09, 0x2E]) }
    text.append(0x09)
    BCFNumberText.append(quality, to: &text)
    text.append(0x09)
    try appendFilters(&text)
    text.append(0x09)
    if infoCount == 0 { text.append(0x2E) }
    for entry in 0..<infoCount {
      if entry > 0 { text.append(0x3B) }
      try appendKey(&text)
      try appendInfo(&text)
    }
    guard sampleCount == header.sampleCount else {
      throw BCFFault(message: "found \(sampleCount) samples, expected \(header.sampleCount) as in the header")
    }
    if sampleCount > 0 { try appendSamples(sampleCount, fieldCount, &text) }
    text.append(0x0A)
  }

  // MARK: - Shared fields

  private mutating func appendFilters(_ text: inout [UInt8]) throws {
    let (atom, count) = try descriptor()
    try require(count, atom)
    if count == 0 || atom == .none { text.append(0x2E) }
    for k in 0..<(atom == .none ? 0 : count) {
      if k > 0 { text.append(0x3B) }
      text.append(contentsOf: try name(try integer(atom)))
    }
  }

  private mutating func appendInfo(_ text: inout [UInt8]) throws {
    let (atom, count) = try descriptor()
    try require(count, atom)
    if count == 0 || atom == .none { return }
    text.append(0x3D)
    appendArray(atom, count, i, &text)
    i += count * atom.size
  }

  private mutating func appendKey(_ text: inout [UInt8]) throws {
    text.append(contentsOf: try name(try typedInteger()))
  }

  private mutating func appendString(_ text: inout [UInt8]) throws {
    let (atom, count) = try descriptor()
    try require(count, atom)
    guard atom == .character || atom == .none else {
      throw BCFFault(message: "found numbers where text is expected")
    }
    let size = count * atom.size
    let written = bytes.part(i, i + size).prefix { $0 != 0 }
    // A tab or a line break would change the structure of the line.
    if written.contains(where: { $0 == 0x09 || $0 == 0x0A }) {
      throw BCFFault(message: "found a tab or a line break in \(FormatError.quoted(written))")
    }
    if written.isEmpty || written.count == 1 && written[written.startIndex] == 7 {
      text.append(0x2E)
    } else {
      text.append(contentsOf: written)
    }
    i += size
  }

  // MARK: - Samples

  private struct Field {
    var atom: Atom
    var count: Int
    var start: Int
    var isGenotype: Bool
  }

  private mutating func appendSamples(_ sampleCount: Int, _ fieldCount: Int, _ text: inout [UInt8]) throws {
    (i, end) = (sharedCount, bytes.count)
    var fields: [Field] = []
    text.append(0x09)
    for k in 0..<fieldCount {
      if k > 0 { text.append(0x3A) }
      let key = try name(try typedInteger())
      text.append(contentsOf: key)
      let (atom, count) = try descriptor()
      let size = count * atom.size * sampleCount
      guard size <= end - i else { throw short() }
      fields.append(Field(atom: atom, count: count, start: i, isGenotype: key == [0x47, 0x54]))
      i += size
    }
    if fieldCount == 0 { text.append(0x2E) }
    for sample in 0..<sampleCount {
      text.append(0x09)
      if fieldCount == 0 { text.append(0x2E) }
      for (k, field) in fields.enumerated() {
        if k > 0 { text.append(0x3A) }
        let start = field.start + sample * field.count * field.atom.size
        if field.count == 0 || field.atom == .none {
          text.append(0x2E)
        } else if field.isGenotype, field.atom != .character, field.atom != .float {
          appendGenotype(field, start, &text)
        } else {
          appendArray(field.atom, field.count, start, &text)
        }
      }
    }
  }

  /// Appends a genotype, in which each allele is (number + 1) << 1 with the phase in the lowest bit.
  ///
  /// From 4.4 on the first allele has its own phase. It is written where the others do not imply it: a
  /// genotype is phased if all its other alleles are, and so is a single known allele.
  private func appendGenotype(_ field: Field, _ start: Int, _ text: inout [UInt8]) {
    if header.hasFirstPhase, let mark = firstPhase(field, start) { text.append(mark) }
    for k in 0..<field.count {
      let value = rawInteger(field.atom, start + k * field.atom.size)
      if value == BCFNumberText.endOfVector(size: field.atom.size) {
        if k == 0 { text.append(0x2E) }
        return
      }
      if k > 0 { text.append(value & 1 == 1 ? 0x7C : 0x2F) }
      let allele = value >> 1
      if allele <= 0 { text.append(0x2E) } else { DecimalText.append(digits: allele - 1, to: &text) }
    }
  }

  /// Returns the mark before the first allele, nil where it is implied.
  private func firstPhase(_ field: Field, _ start: Int) -> UInt8? {
    let end = BCFNumberText.endOfVector(size: field.atom.size)
    let first = rawInteger(field.atom, start)
    if first == end || first == end - 1 { return nil }
    var isPhased = first >> 1 > 0
    for k in 1..<max(1, field.count) {
      let value = rawInteger(field.atom, start + k * field.atom.size)
      if value == end { break }
      if k == 1 { isPhased = true }
      if value & 1 == 0 { isPhased = false }
    }
    return (first & 1 == 1) == isPhased ? nil : first & 1 == 1 ? 0x7C : 0x2F
  }

  /// Appends comma-separated values, up to the end of the vector.
  private func appendArray(_ atom: Atom, _ count: Int, _ start: Int, _ text: inout [UInt8]) {
    switch atom {
    case .none: text.append(0x2E)
    case .character:
      for byte in bytes.part(start, start + count) {
        if byte == 0 { break }
        // Characters that would break the line are replaced by spaces.
        text.append(byte == 7 ? 0x2E : byte == 0x09 || byte == 0x0A ? 0x20 : byte)
      }
    case .float:
      for k in 0..<count {
        let bits = UInt32(truncatingIfNeeded: word(start + 4 * k))
        if bits == BCFNumberText.endOfFloats {
          if k == 0 { text.append(0x2E) }
          return
        }
        if k > 0 { text.append(0x2C) }
        BCFNumberText.append(bits, to: &text)
      }
    case .int8, .int16, .int32:
      let missing = BCFNumberText.endOfVector(size: atom.size) - 1
      for k in 0..<count {
        let value = rawInteger(atom, start + k * atom.size)
        if value == missing + 1 {
          if k == 0 { text.append(0x2E) }
          return
        }
        if k > 0 { text.append(0x2C) }
        if value == missing { text.append(0x2E) } else { DecimalText.append(digits: value, to: &text) }
      }
    }
  }

  // MARK: - Typed values

  private func short() -> BCFFault { BCFFault(message: "found a value that is longer than its record") }

  private func require(_ count: Int, _ atom: Atom) throws {
    if count * atom.size > end - i { throw short() }
  }

  /// Reads the type and the number of the following values.
  private mutating func descriptor() throws -> (Atom, Int) {
    guard i < end else { throw short() }
    let byte = bytes[i]
    i += 1
    guard let atom = Atom(rawValue: byte & 15) else {
      throw BCFFault(message: "found type \(byte & 15), expected 0, 1, 2, 3, 5 or 7")
    }
    var count = Int(byte >> 4)
    if count == 15 {
      count = try typedInteger()
      if count < 0 { throw BCFFault(message: "found \(count) values, expected a number of at least 0") }
    }
    return (atom, count)
  }

  private mutating func typedInteger() throws -> Int {
    guard i < end else { throw short() }
    let byte = bytes[i]
    i += 1
    guard byte >> 4 == 1, let atom = Atom(rawValue: byte & 15) else {
      throw BCFFault(message: "found a value of type \(byte), expected one whole number")
    }
    return try integer(atom)
  }

  private mutating func integer(_ atom: Atom) throws -> Int {
    guard atom == .int8 || atom == .int16 || atom == .int32 else {
      throw BCFFault(message: "found a value that is not the expected whole number")
    }
    try require(1, atom)
    let value = rawInteger(atom, i)
    i += atom.size
    return value
  }

  private func name(_ number: Int) throws -> [UInt8] {
    guard let name = header.names[number] else {
      throw BCFFault(message: "found the field number \(number), which the header does not define")
    }
    return name
  }

  @inline(__always)
  private func rawInteger(_ atom: Atom, _ i: Int) -> Int {
    switch atom {
    case .int8: Int(Int8(bitPattern: bytes[i]))
    case .int16: Int(Int16(truncatingIfNeeded: Int(bytes[i]) | Int(bytes[i &+ 1]) << 8))
    default: Int(Int32(truncatingIfNeeded: word(i)))
    }
  }

  @inline(__always)
  private func word(_ i: Int) -> Int {
    Int(UInt32(littleEndian: UnsafeRawPointer(bytes.baseAddress! + i).loadUnaligned(as: UInt32.self)))
  }
}
