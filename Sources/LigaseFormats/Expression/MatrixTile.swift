import LigaseRuntime

/// Some rows of a matrix that is being read, in memory that goes back to the system block by block.
///
/// The columns are cut into blocks that begin on a page each, so that a matrix can be put together (and
/// turned) while the tiles it comes from are given up: the peak stays close to one matrix.
final class MatrixTile: @unchecked Sendable {
  /// How many rows there are, and for how many there is room.
  var rowCount = 0
  let capacity: Int
  let blocks: ColumnBlocks
  private let base: UnsafeMutableRawPointer
  private let byteCount: Int
  /// The names of the rows.
  var names: [String] = []
  /// Where the first missing value stands, and how many there are.
  var firstMissing: (line: Int, column: Int)?
  var missingCount = 0
  /// The line of a blank line that ends the tile, if there is one.
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

  /// The values of one block: `rowCount` rows of the block's width.
  func values(ofBlock block: Int) -> UnsafeMutablePointer<Float> {
    (base + blocks.offset(ofBlock: block, capacity: capacity)).assumingMemoryBound(to: Float.self)
  }

  /// Gives the memory of one block back to the system; its values are gone.
  func release(block: Int) {
    let start = blocks.offset(ofBlock: block, capacity: capacity)
    madvise(base + start, blocks.offset(ofBlock: block + 1, capacity: capacity) - start, Int32(MADV_DONTNEED))
  }
}

/// How the columns of a matrix are cut into blocks of equal width (the last may be narrower).
struct ColumnBlocks: Sendable {
  let columnCount: Int
  let width: Int

  /// At most sixteen blocks, none narrower than 64 columns.
  init(columnCount: Int) {
    self.columnCount = columnCount
    width = max(64, (columnCount + 15) / 16)
  }

  var count: Int { max(1, (columnCount + width - 1) / width) }

  /// The columns of a block.
  func columns(ofBlock block: Int) -> Range<Int> {
    min(columnCount, block * width)..<min(columnCount, (block + 1) * width)
  }

  /// The byte of a tile for `capacity` rows where a block begins.
  func offset(ofBlock block: Int, capacity: Int) -> Int {
    let page = 4096
    let full = (capacity * width * 4 + page - 1) / page * page
    if block < count { return block * full }
    let last = columns(ofBlock: count - 1).count
    return (count - 1) * full + (capacity * last * 4 + page - 1) / page * page
  }
}
