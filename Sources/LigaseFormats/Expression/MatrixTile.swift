import LigaseRuntime

/// Some rows of a matrix during reading, in memory that can be released block by block.
///
/// The columns are divided into blocks that each start on a memory page, so that a matrix can be assembled
/// (and transposed) while its tiles are released: the peak is close to one matrix.
final class MatrixTile: @unchecked Sendable {
  /// The number of rows, and the capacity in rows.
  var rowCount = 0
  let capacity: Int
  let blocks: ColumnBlocks
  private let base: UnsafeMutableRawPointer
  private let byteCount: Int
  /// The names of the rows.
  var names: [String] = []
  /// The position of the first missing value, and the number of missing values.
  var firstMissing: (line: Int, column: Int)?
  var missingCount = 0
  /// The line number of a blank line at the end of the tile, if there is one.
  var blankLine: Int?
  /// Whether the last line of a GEO series matrix ends the tile.
  var endsTable = false

  init?(capacity: Int, blocks: ColumnBlocks) {
    self.capacity = capacity
    self.blocks = blocks
    byteCount = max(1, blocks.offset(ofBlock: blocks.count, capacity: capacity))
    let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    base = memory
  }

  deinit { munmap(base, byteCount) }

  /// Returns the values of one block: `rowCount` rows of the block's width.
  func values(ofBlock block: Int) -> UnsafeMutablePointer<Float> {
    (base + blocks.offset(ofBlock: block, capacity: capacity)).assumingMemoryBound(to: Float.self)
  }

  /// Releases the memory of one block and its values.
  func release(block: Int) {
    let start = blocks.offset(ofBlock: block, capacity: capacity)
    madvise(base + start, blocks.offset(ofBlock: block + 1, capacity: capacity) - start, Int32(MADV_DONTNEED))
  }
}

/// The division of the columns of a matrix into blocks of equal width (the last may be narrower).
struct ColumnBlocks: Sendable {
  let columnCount: Int
  let width: Int

  /// Creates at most sixteen blocks, none narrower than 64 columns.
  init(columnCount: Int) {
    self.columnCount = columnCount
    width = max(64, (columnCount + 15) / 16)
  }

  var count: Int { max(1, (columnCount + width - 1) / width) }

  /// Returns the columns of a block.
  func columns(ofBlock block: Int) -> Range<Int> {
    min(columnCount, block * width)..<min(columnCount, (block + 1) * width)
  }

  /// Returns the byte offset of a block in a tile of `capacity` rows.
  func offset(ofBlock block: Int, capacity: Int) -> Int {
    let page = 4096
    let full = (capacity * width * 4 + page - 1) / page * page
    if block < count { return block * full }
    let last = columns(ofBlock: count - 1).count
    return (count - 1) * full + (capacity * last * 4 + page - 1) / page * page
  }
}
