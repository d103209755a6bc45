import LigaseRuntime

/// Counts the residues of a FASTA text in arbitrary pieces, with several threads.
struct FASTAScan {
  private let window: TextWindow
  private let reader: ByteReader
  private let threads: Int

  init(_ window: TextWindow, _ reader: ByteReader, threads: Int) {
    self.window = window
    self.reader = reader
    self.threads = threads
  }

  /// A piece of the text and its counts.
  private final class Piece: @unchecked Sendable {
    static let capacity = 1 << 20
    let base = UnsafeMutablePointer<UInt8>.allocate(capacity: Piece.capacity)
    var count = 0
    var startsInHeader = false
    var startsLine = true
    /// The residues before the first header, and whether there is a header.
    var open = 0
    /// The lengths of the sequences whose headers are in the piece.
    var lengths: [Int] = []
    var residues = ResidueCounts()
    /// Whether a `>` follows a CR that is not part of a line end.
    var hasMacLineEnd = false
    let done = BoundedQueue<Bool>(capacity: 1)

    deinit { base.deallocate() }
  }

  /// Counts the rest of the text.
  mutating func run(_ statistics: inout SequenceStatistics) throws {
    let queue = BoundedQueue<Piece>(capacity: threads + 2)
    let workers =
      threads > 1
      ? Threads(threads) {
        while let piece = queue.pop() {
          FASTAScan.count(piece)
          piece.done.push(true)
        }
      } : .init()
    defer {
      queue.close()
      workers.wait()
    }
    var pending: [Piece] = []
    var free: [Piece] = []
    var state = (inHeader: false, atLine: true)
    var length: Int?
    func collect(_ piece: Piece) throws {
      if workers.count > 0 { _ = piece.done.pop() }
      statistics.residues += piece.residues
      if piece.hasMacLineEnd { throw FASTA.macLineEnd(reader.path, line: nil) }
      if length == nil && piece.open > 0 {
        throw FormatError(
          .badData, path: reader.path,
          "found text before the first header, expected a line that begins with '>'")
      }
      length = length.map { $0 + piece.open }
      for next in piece.lengths {
        if let length { statistics.lengths.add(length) }
        length = next
      }
    }
    while true {
      let piece = free.popLast() ?? Piece()
      try fill(piece)
      if piece.count == 0 { break }
      piece.startsInHeader = state.inHeader
      piece.startsLine = state.atLine
      state = FASTAScan.stateAfter(piece)
      pending.append(piece)
      if workers.count > 0 { queue.push(piece) } else { FASTAScan.count(piece) }
      if pending.count > threads + 2 || workers.count == 0 {
        let first = pending.removeFirst()
        try collect(first)
        free.append(first)
      }
    }
    for piece in pending { try collect(piece) }
    if let length { statistics.lengths.add(length) }
  }

  private func fill(_ piece: Piece) throws {
    piece.count = min(window.end - window.start, Piece.capacity)
    memcpy(piece.base, window.base + window.start, piece.count)
    window.take(piece.count)
    while piece.count < Piece.capacity {
      let rest = UnsafeMutableRawBufferPointer(
        start: piece.base + piece.count, count: Piece.capacity - piece.count)
      let count = try reader.read(into: rest)
      if count == 0 { break }
      piece.count += count
    }
  }

  /// Returns whether the text after a piece continues a header (or comment), and whether it begins a line.
  private static func stateAfter(_ piece: Piece) -> (inHeader: Bool, atLine: Bool) {
    var i = piece.count
    while i > 0, piece.base[i - 1] != 0x0A { i -= 1 }
    if i == piece.count { return (false, true) }
    if i == 0 && !piece.startsLine { return (piece.startsInHeader, false) }
    return (isHeader(piece.base[i]), false)
  }

  private static func isHeader(_ byte: UInt8) -> Bool { byte == 0x3E || byte == 0x3B }

  /// The inner loop: searches headers with the C library and counts the residues between them.
  private static func count(_ piece: Piece) {
    piece.lengths.removeAll(keepingCapacity: true)
    piece.residues = ResidueCounts()
    piece.open = 0
    piece.hasMacLineEnd = false
    let base = piece.base
    let end = piece.count
    let comments = memchr(base, 0x3B, end) != nil
    var position = 0
    if piece.startsInHeader { position = lineEnd(base, 0, end) }
    while position < end {
      var next = position
      while true {
        next = header(base, next, end, comments)
        if next == end || (next == 0 ? piece.startsLine : base[next - 1] == 0x0A) { break }
        if next > 0, base[next - 1] == 0x0D || followsBlanks(base, next, piece.startsLine) {
          piece.hasMacLineEnd = true
        }
        next += 1
      }
      let added = piece.residues.add(UnsafeBufferPointer(start: base + position, count: next - position))
      if piece.lengths.isEmpty {
        piece.open += added
      } else {
        piece.lengths[piece.lengths.count - 1] += added
      }
      if next == end { break }
      position = lineEnd(base, next, end)
      if base[next] == 0x3E {
        piece.lengths.append(0)
        var last = position
        while last > next, base[last &- 1] == 0x0A || base[last &- 1] == 0x0D { last &-= 1 }
        if memchr(base + next, 0x0D, last - next) != nil { piece.hasMacLineEnd = true }
      }
    }
  }

  /// Returns the next byte that could begin a header or, if allowed, a comment.
  private static func header(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, _ comments: Bool) -> Int {
    let greater = memchr(base + from, 0x3E, end - from)
    var next = greater.map { UnsafeRawPointer(base).distance(to: $0) } ?? end
    if comments, let comment = memchr(base + from, 0x3B, next - from) {
      next = UnsafeRawPointer(base).distance(to: comment)
    }
    return next
  }

  /// Returns whether only white space precedes a byte in its line.
  private static func followsBlanks(_ base: UnsafePointer<UInt8>, _ place: Int, _ startsLine: Bool) -> Bool {
    var i = place
    while i > 0, base[i &- 1] == 0x20 || base[i &- 1] == 0x09 { i &-= 1 }
    return i < place && (i == 0 ? startsLine : base[i &- 1] == 0x0A)
  }

  private static func lineEnd(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
    guard let newline = memchr(base + from, 0x0A, end - from) else { return end }
    return UnsafeRawPointer(base).distance(to: newline) + 1
  }
}
