import LigaseRuntime

/// Whole lines of a text in their own memory; the last byte is always a newline.
final class TextChunk: @unchecked Sendable {
  /// The number of bytes after the last newline that may be read without meaning, and for a newline that may
  /// be added.
  static let slack = 16
  private(set) var base: UnsafeMutablePointer<UInt8>?
  /// The range of the lines.
  var start = 0
  let end: Int
  /// The number of the first line.
  var line: Int
  private let capacity: Int
  private let pool: ChunkMemory?

  /// Creates a text in memory that is returned to `pool`, or else to the system.
  init(
    _ base: UnsafeMutablePointer<UInt8>, end: Int, line: Int, capacity: Int = 0, pool: ChunkMemory? = nil
  ) {
    self.base = base
    self.end = end
    self.line = line
    (self.capacity, self.pool) = (capacity, pool)
  }

  deinit { free() }

  /// Releases the text.
  func free() {
    guard let base else { return }
    if let pool { pool.give(base, capacity) } else { base.deallocate() }
    self.base = nil
  }
}

/// Memory of released chunks that is reused: fresh pages would cost as much time as reading.
final class ChunkMemory: @unchecked Sendable {
  private let lock = Monitor()
  private var free: [(base: UnsafeMutablePointer<UInt8>, capacity: Int)] = []
  /// The largest number of stored buffers, and the largest size of one.
  private static let (limit, largest) = (8, 4 << 20)

  deinit {
    for buffer in free { buffer.base.deallocate() }
  }

  /// Returns a buffer of at least `capacity` bytes.
  func take(_ capacity: Int) -> (base: UnsafeMutablePointer<UInt8>, capacity: Int) {
    lock.withLock {
      if let index = free.lastIndex(where: { $0.capacity >= capacity }) { return free.remove(at: index) }
      return (.allocate(capacity: capacity), capacity)
    }
  }

  /// Takes a buffer back for reuse.
  func give(_ base: UnsafeMutablePointer<UInt8>, _ capacity: Int) {
    lock.withLock {
      if free.count < ChunkMemory.limit, capacity <= ChunkMemory.largest {
        free.append((base, capacity))
      } else {
        base.deallocate()
      }
    }
  }
}

/// Divides a stream into chunks at the ends of lines that are not inside quotes.
struct TextChunks {
  /// The layout of the lines.
  enum Layout {
    /// A known layout.
    case known(TableLayout)
    /// The layout detected in the first lines, with this delimiter if one is given.
    case found(given: Delimiter?, hasHeader: Bool = true)
  }

  private let reader: ByteReader
  private let wanted: Layout
  /// The layout of the lines; nil until it is detected in the first chunk.
  private(set) var layout: TableLayout?
  private var rest: [UInt8] = []
  private var line = 1
  private var isAtEnd = false
  private var isFirst = true
  private let memory = ChunkMemory()
  /// The largest number of bytes that are read to detect the layout.
  private static let layoutLimit = 1 << 26
  private let size: Int

  init(_ reader: ByteReader, layout: Layout, size: Int = 1 << 20) {
    self.reader = reader
    wanted = layout
    if case .known(let layout) = layout { self.layout = layout }
    // A small file needs no large chunk.
    self.size = min(size, max(4096, reader.knownSize.map { $0 + 1 } ?? size))
  }

  /// Inserts text before the rest of the stream; its first line has this number.
  mutating func begin(with text: UnsafeBufferPointer<UInt8>, line: Int) {
    rest.append(contentsOf: text)
    self.line = line
  }

  /// Returns the next chunk, nil at the end.
  mutating func next() throws -> TextChunk? {
    if isAtEnd { return nil }
    var capacity = max(size, rest.count * 2)
    var (base, room) = memory.take(capacity + TextChunk.slack)
    capacity = room - TextChunk.slack
    var isKept = false
    defer { if !isKept { memory.give(base, room) } }
    base.update(from: rest, count: rest.count)
    var filled = rest.count
    rest.removeAll(keepingCapacity: true)
    while true {
      while filled < capacity {
        let count = try reader.read(
          into: UnsafeMutableRawBufferPointer(start: base + filled, count: capacity - filled))
        if count == 0 { isAtEnd = true }
        filled += count
        if isAtEnd { break }
      }
      if filled == 0 { return nil }
      // The layout is detected in a few rows, however wide they are.
      if layout == nil {
        let isEnough = isAtEnd || filled >= TextChunks.layoutLimit || LineCount.newlines(base, filled) >= 5
        if isEnough { findLayout(base, filled) }
      }
      if isAtEnd {
        if base[filled - 1] != 0x0A {
          base[filled] = 0x0A
          filled += 1
        }
        break
      }
      if layout != nil, let cut = lastLineEnd(base, filled) {
        rest.append(contentsOf: UnsafeBufferPointer(start: base + cut, count: filled - cut))
        filled = cut
        break
      }
      let larger = memory.take(capacity * 2 + TextChunk.slack)
      larger.base.update(from: base, count: filled)
      memory.give(base, room)
      (base, room) = larger
      capacity = room - TextChunk.slack
    }
    let lines = LineCount.newlines(base, filled)
    if layout?.delimiter == .space { filled = Delimiter.normalizeBlanks(base, filled) }
    let chunk = TextChunk(base, end: filled, line: line, capacity: room, pool: memory)
    isKept = true
    if isFirst, let layout {
      for _ in 0..<layout.commentLines {
        chunk.start += TableLayout.firstLine(
          UnsafeBufferPointer(start: base + chunk.start, count: filled - chunk.start))
        chunk.line += 1
      }
    }
    isFirst = false
    line += lines
    return chunk
  }

  private mutating func findLayout(_ base: UnsafePointer<UInt8>, _ count: Int) {
    guard case .found(let given, let hasHeader) = wanted else { return }
    let text = UnsafeBufferPointer(start: base, count: count)
    let length = min(count, max(TableLayout.byteLimit, TableLayout.firstLines(text)))
    layout = TableLayout(
      UnsafeBufferPointer(rebasing: text[..<length]), isWhole: isAtEnd && length == count,
      suffix: Delimiter.named(by: reader.path), given: given, hasHeader: hasHeader)
  }

  /// Returns the index after the last newline outside quotes.
  private func lastLineEnd(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int? {
    if layout?.delimiter.hasQuotes == true, memchr(base, 0x22, count) != nil {
      var isQuoted = false
      var last: Int?
      for i in 0..<count {
        if base[i] == 0x22 { isQuoted.toggle() }
        if base[i] == 0x0A && !isQuoted { last = i + 1 }
      }
      return last
    }
    var end = count
    while end > 0, base[end - 1] != 0x0A { end -= 1 }
    return end == 0 ? nil : end
  }
}
