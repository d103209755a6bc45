import LigaseRuntime

/// A sliding window over a text: the bytes that have been read but not consumed, refilled on demand, with
/// line numbers.
final class TextWindow {
  let path: String
  private let reader: ByteReader
  private(set) var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// The range of the bytes that are not yet consumed.
  private(set) var start = 0
  private(set) var end = 0
  private(set) var isAtEnd = false
  /// The line number at `start`, as long as lines are read one by one.
  var line = 1

  init(_ reader: ByteReader, capacity: Int = 1 << 18) {
    self.reader = reader
    path = reader.path
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// The largest possible size of the text, nil for a pipe.
  var sizeBound: Int? { reader.sizeBound }

  /// Reads more bytes after the present ones; a full window grows. Returns false at the end of the text.
  func fill() throws -> Bool {
    if isAtEnd { return false }
    if start > 0 {
      memmove(base, base + start, end - start)
      end -= start
      start = 0
    }
    if end == capacity {
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
      memcpy(larger, base, end)
      base.deallocate()
      base = larger
      capacity *= 2
    }
    let count = try reader.read(into: UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end))
    if count == 0 { isAtEnd = true }
    end += count
    return count > 0
  }

  /// Consumes `count` bytes of the window.
  @inline(__always)
  func take(_ count: Int) { start &+= count }

  /// Returns the next byte without consuming it; nil at the end.
  func peek() throws -> UInt8? {
    while start == end { if try !fill() { return nil } }
    return base[start]
  }

  /// Returns the next line without its end (LF or CRLF), valid until the window is used again; nil at the
  /// end.
  func nextLine() throws -> UnsafeBufferPointer<UInt8>? {
    var width = 0
    return try nextLine(width: &width)
  }

  /// Returns the next line, and its number of bytes including the end.
  func nextLine(width: inout Int) throws -> UnsafeBufferPointer<UInt8>? {
    var searched = 0
    while true {
      if let newline = memchr(base + start + searched, 0x0A, end - start - searched) {
        width = UnsafeRawPointer(base + start).distance(to: newline) + 1
        break
      }
      searched = end - start
      if try !fill() {
        if start == end { return nil }
        width = end - start
        break
      }
    }
    let lineStart = start
    start += width
    line += 1
    var length = width
    if base[lineStart + length - 1] == 0x0A { length -= 1 }
    while length > 0, base[lineStart + length - 1] == 0x0D { length -= 1 }
    return UnsafeBufferPointer(start: base + lineStart, count: length)
  }
}

/// White space in sequence text: every byte up to 0x20.
enum Blanks {
  /// Returns the index of the first byte up to 0x20, or `count`.
  @inline(__always)
  static func first(_ base: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var i = 0
    let raw = UnsafeRawPointer(base)
    while i &+ 8 <= count {
      let word = raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)
      let isAbove = ((word & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x5F5F_5F5F_5F5F_5F5F) | word
      if isAbove & 0x8080_8080_8080_8080 != 0x8080_8080_8080_8080 { break }
      i &+= 8
    }
    while i < count, base[i] > 0x20 { i &+= 1 }
    return i
  }

  /// Appends the bytes that are not white space. Returns false where `>` follows a CR, because a line of old
  /// Mac text has ended there, or follows white space at the beginning.
  @discardableResult
  static func append(_ text: UnsafeBufferPointer<UInt8>, to target: inout [UInt8]) -> Bool {
    guard let base = text.baseAddress else { return true }
    var i = 0
    let firstVisible = text.count > 0 && base[0] <= 0x20 ? text.firstIndex { $0 > 0x20 } ?? -1 : -1
    while i < text.count {
      let length = first(base + i, text.count - i)
      target.append(contentsOf: UnsafeBufferPointer(start: base + i, count: length))
      i += length
      while i < text.count, base[i] <= 0x20 { i += 1 }
      if i > 0, i < text.count, base[i] == 0x3E, base[i - 1] == 0x0D || i == firstVisible { return false }
    }
    return true
  }
}
