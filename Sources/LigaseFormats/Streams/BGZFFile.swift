import LigaseRuntime

/// A BGZF file with random access to its blocks.
final class BGZFFile {
  /// The file as the user named it.
  let path: String
  /// The size of the file.
  let size: Int
  private let descriptor: Int32
  private let inflater = BlockCodec()

  init(contentsOf path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FormatError(.noInput, path: path, "cannot open: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Returns whether a BGZF block begins at a byte of the file.
  func beginsBlock(at offset: Int) -> Bool {
    guard let header = try? read(offset..<offset + 12), header[0] == 0x1F, header[1] == 0x8B,
      let extra = try? read(offset + 12..<offset + 12 + Int(header[10]) + Int(header[11]) * 256)
    else { return false }
    return (header + extra).withUnsafeBufferPointer { BGZF.blockSize(header: $0) } != nil
  }

  /// Returns the content of the block at a byte of the file, and its size in the file.
  func block(at offset: Int) throws -> (content: [UInt8], size: Int) {
    func corrupt(_ reason: String) -> FormatError {
      FormatError(.inputOutput, path: path, offset: offset, "corrupt gzip stream: \(reason)")
    }
    var header = try read(offset..<offset + 12)
    header += try read(offset + 12..<offset + 12 + Int(header[10]) + Int(header[11]) * 256)
    guard header[0] == 0x1F, header[1] == 0x8B,
      let size = header.withUnsafeBufferPointer({ BGZF.blockSize(header: $0) }), size >= 26
    else {
      var error = corrupt("found no BGZF block here, or the index is of another file")
      error.remedy = .rebuildIndex
      throw error
    }
    let bytes = try read(offset..<offset + size)
    let length = (0..<4).reduce(0) { $0 | Int(bytes[size - 4 + $1]) << (8 * $1) }
    guard length <= 1 << 16 else { throw corrupt("a BGZF block of \(length) bytes") }
    var content = [UInt8](repeating: 0, count: length)
    let reason = content.withUnsafeMutableBufferPointer { target in
      bytes.withUnsafeBufferPointer { inflater.inflate($0, into: target) }
    }
    if let reason { throw corrupt(reason) }
    return (content, size)
  }

  /// Returns bytes of the file as on disk; a file that ends before throws.
  func read(_ range: Range<Int>) throws -> [UInt8] {
    let truncated = FormatError(
      .inputOutput, path: path, offset: range.upperBound,
      "truncated: the file ends before this byte, or its index is of another file", remedy: .rebuildIndex)
    guard range.lowerBound >= 0, range.upperBound <= size else { throw truncated }
    var filled = 0
    return try [UInt8](unsafeUninitializedCapacity: range.count) { target, count in
      while filled < range.count {
        let got = pread(
          descriptor, target.baseAddress! + filled, range.count - filled, off_t(range.lowerBound + filled))
        if got < 0 && errno == EINTR { continue }
        if got < 0 {
          throw FormatError(.inputOutput, path: path, "cannot read: \(String(cString: strerror(errno)))")
        }
        if got == 0 { throw truncated }
        filled += got
      }
      count = filled
    }
  }
}

/// A position in a BGZF file for reading lines and bytes. Its virtual offset is the offset of the block in
/// the file times 2^16, plus the offset in the block's content (SAM specification, section 4.1.1).
final class BGZFCursor {
  let file: BGZFFile
  private var content: [UInt8] = []
  private var place = 0
  private var blockStart = 0
  private var blockEnd = 0
  private var line: [UInt8] = []

  init(contentsOf path: String) throws { file = try BGZFFile(contentsOf: path) }

  /// The virtual offset of the next byte; at the end of a block it is the start of the next block.
  var offset: UInt64 {
    place < content.count
      ? UInt64(blockStart) << 16 | UInt64(place) : UInt64(blockEnd) << 16
  }

  /// Whether this is the start of a line, as far as the block shows.
  var isAtLineStart: Bool { place == 0 || content[place - 1] == 0x0A }

  /// Moves to a virtual offset; one beyond its block or the file throws.
  func seek(to offset: UInt64) throws {
    let (start, within) = (Int(offset >> 16), Int(offset & 0xFFFF))
    if start != blockStart || blockEnd == 0 {
      (blockStart, blockEnd, content, place) = (start, start, [], 0)
      if start < file.size { try load() } else if within > 0 || start > file.size { throw beyond(start) }
    }
    guard within <= content.count else { throw beyond(start) }
    place = within
  }

  private func beyond(_ start: Int) -> FormatError {
    FormatError(
      .badData, path: file.path, offset: start,
      "the index points beyond the file or one of its blocks, so it is of another file", remedy: .rebuildIndex
    )
  }

  private func load() throws {
    let block = try file.block(at: blockEnd)
    blockStart = blockEnd
    blockEnd += block.size
    content = block.content
    place = 0
  }

  /// Appends the next `count` bytes, fewer only at the end of the file. Memory grows with the bytes that are
  /// read.
  func take(_ count: Int, into bytes: inout [UInt8]) throws {
    var left = count
    while left > 0 {
      if place == content.count {
        if blockEnd >= file.size { return }
        try load()
        continue
      }
      let taken = min(left, content.count - place)
      bytes.append(contentsOf: content[place..<place + taken])
      place += taken
      left -= taken
    }
  }

  /// Calls `body` with the next line, without its end; returns nil at the end of the file.
  func nextLine<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) throws -> Result? {
    line.removeAll(keepingCapacity: true)
    var isWhole = false
    var hasBytes = false
    while !isWhole {
      if place == content.count {
        if blockEnd >= file.size { break }
        try load()
        continue
      }
      hasBytes = true
      content.withUnsafeBufferPointer { bytes in
        let start = bytes.baseAddress! + place
        let newline = memchr(start, 0x0A, bytes.count - place)
        let count = newline.map { UnsafeRawPointer(start).distance(to: $0) } ?? bytes.count - place
        line.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
        place += count + (newline == nil ? 0 : 1)
        isWhole = newline != nil
      }
    }
    guard hasBytes else { return nil }
    while line.last == 0x0D { line.removeLast() }
    return try line.withUnsafeBufferPointer(body)
  }
}
