import LigaseRuntime

extension MatrixText {
  /// Returns the values row-major as in the file, or transposed so that the file's columns are rows.
  ///
  /// The tiles are released during the assembly, block by block, so that hardly more than one matrix is in
  /// memory.
  mutating func assemble(turned: Bool, threads: Int) -> [Float] {
    let tiles = self.tiles
    self.tiles = []
    let rows = tiles.reduce(0) { $0 + $1.rowCount }
    let columns = columnNames.count
    return [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      count = rows * columns
      guard count > 0, let base = buffer.baseAddress else { return }
      let job = Assembly(tiles: tiles, target: base, rows: rows, columns: columns)
      if turned {
        ThreadTeam.current.forEach(job.blocks.count, threads: threads) { job.turn(block: $0) }
      } else {
        ThreadTeam.current.forEach(tiles.count, threads: threads) { job.copy(tile: $0) }
      }
    }
  }

  private struct Assembly: @unchecked Sendable {
    let tiles: [MatrixTile]
    let firstRows: [Int]
    let target: UnsafeMutablePointer<Float>
    let rows: Int
    let columns: Int
    let blocks: ColumnBlocks

    init(tiles: [MatrixTile], target: UnsafeMutablePointer<Float>, rows: Int, columns: Int) {
      self.tiles = tiles
      self.target = target
      self.rows = rows
      self.columns = columns
      blocks = ColumnBlocks(columnCount: columns)
      var first = 0
      var firstRows: [Int] = []
      for tile in tiles {
        firstRows.append(first)
        first += tile.rowCount
      }
      self.firstRows = firstRows
    }

    /// Copies one tile to its rows.
    func copy(tile index: Int) {
      let tile = tiles[index]
      for block in 0..<blocks.count {
        let range = blocks.columns(ofBlock: block)
        let source = tile.values(ofBlock: block)
        for row in 0..<tile.rowCount {
          (target + (firstRows[index] + row) * columns + range.lowerBound).update(
            from: source + row * range.count, count: range.count)
        }
        tile.release(block: block)
      }
    }

    /// Writes the rows of the transposed matrix from one block of columns, in squares that fit in the cache.
    func turn(block: Int) {
      let range = blocks.columns(ofBlock: block)
      let width = range.count
      for (index, tile) in tiles.enumerated() {
        let source = tile.values(ofBlock: block)
        for firstRow in stride(from: 0, to: tile.rowCount, by: 32) {
          let lastRow = min(tile.rowCount, firstRow + 32)
          for column in 0..<width {
            let to = target + (range.lowerBound + column) * rows + firstRows[index]
            for row in firstRow..<lastRow { to[row] = source[row &* width &+ column] }
          }
        }
        tile.release(block: block)
      }
    }
  }
}
