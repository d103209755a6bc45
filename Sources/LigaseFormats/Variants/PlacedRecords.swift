/// The records of a BGZF file of variants, read one by one from any virtual offset.
enum PlacedRecords {
  case text(BGZFCursor)
  case binary(BGZFCursor, BCFText)

  /// Opens VCF or BCF and moves to the first record of BCF, or the first line of VCF.
  init(contentsOf path: String) throws {
    let cursor = try BGZFCursor(contentsOf: path)
    try cursor.seek(to: 0)
    var magic: [UInt8] = []
    try cursor.take(BCFText.magic.count, into: &magic)
    if BCFText.isMagic(magic) {
      self = .binary(cursor, try BCFText(path: path) { try cursor.take($0, into: &$1) })
    } else {
      try cursor.seek(to: 0)
      self = .text(cursor)
    }
  }

  private var cursor: BGZFCursor {
    switch self {
    case .text(let cursor), .binary(let cursor, _): cursor
    }
  }

  /// The virtual offset of the next record.
  var offset: UInt64 { cursor.offset }

  /// Moves to a virtual offset; one beyond its block or the file throws.
  func seek(to offset: UInt64) throws { try cursor.seek(to: offset) }

  /// Whether this is the start of a line; always true for BCF.
  var isAtLineStart: Bool {
    if case .text(let cursor) = self { return cursor.isAtLineStart }
    return true
  }

  /// Calls `body` with the next record as a line, without its end; returns nil at the end of the file.
  func next<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) throws -> Result? {
    switch self {
    case .text(let cursor): return try cursor.nextLine(body)
    case .binary(let cursor, let records):
      guard try records.readRecord({ try cursor.take($0, into: &$1) }) else { return nil }
      var line: [UInt8] = []
      try records.appendRecord(to: &line)
      if line.last == 0x0A { line.removeLast() }
      return try line.withUnsafeBufferPointer(body)
    }
  }
}
