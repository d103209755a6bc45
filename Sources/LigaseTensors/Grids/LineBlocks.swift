/// Adjacent lines of one example: some lines of one plane, or whole planes. A line is the last spatial axis.
struct LineBlock {
  let example: Int
  let depths, heights: Range<Int>
  /// The first row of the block in the values of the batch.
  let row: Int
}

/// The lines of a batch in blocks, and the blocks in shares: both depend on the layout and the channels alone.
struct LineShares {
  let blocks: [LineBlock]
  /// The blocks of each share.
  let shares: [Range<Int>]

  /// The number of floats of a block, about half of a second-level cache.
  private static let blockSize = 1 << 17

  /// Divides the lines of a layout. A sequence is one line, so a share then has whole examples.
  ///
  /// - Parameters:
  ///   - layout: the layout of the results.
  ///   - channels: the number of channels that are read for a position.
  ///   - most: the largest number of shares.
  init(_ layout: GridLayout, channels: Int, most: Int = 16) {
    let rows = layout.rowCount
    let wanted = max(1, min(most, rows / 256))
    let target = min((rows + wanted - 1) / wanted, max(1, LineShares.blockSize / max(channels, 1)))
    var blocks: [LineBlock] = []
    for s in 0..<layout.count where layout.lengths[s] > 0 {
      let space = layout.space(of: s), lines = max(1, target / space.width)
      // Whole planes where a plane has fewer lines, otherwise pieces of each plane, all about equally large.
      let planes = max(1, lines / space.height)
      let (stacks, pieces) = (pieceCount(space.depth, planes), pieceCount(space.height, lines))
      for i in 0..<stacks {
        let depths = piece(i, of: stacks, space.depth)
        for j in 0..<pieces {
          let heights = piece(j, of: pieces, space.height)
          let line = depths.lowerBound * space.height + heights.lowerBound
          blocks.append(
            LineBlock(
              example: s, depths: depths, heights: heights, row: layout.offsets[s] + line * space.width))
        }
      }
    }
    var bounds = [0]
    for (i, block) in blocks.enumerated().dropFirst() where block.row * wanted / rows >= bounds.count {
      bounds.append(i)
    }
    self.blocks = blocks
    shares = blocks.isEmpty ? [] : zip(bounds, bounds.dropFirst() + [blocks.count]).map { $0..<$1 }
  }

  /// Calls `body` with every block, the shares in all threads.
  func forEachBlock(_ body: @Sendable (_ share: Int, LineBlock) -> Void) {
    ThreadTeam.current.forEachShare(shares.count) { share in
      for block in blocks[shares[share]] { body(share, block) }
    }
  }
}

private func pieceCount(_ extent: Int, _ most: Int) -> Int { (extent + most - 1) / most }

private func piece(_ index: Int, of count: Int, _ extent: Int) -> Range<Int> {
  (index * extent / count)..<((index + 1) * extent / count)
}
