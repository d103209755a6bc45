import LigaseRuntime

/// A file whose (decompressed) bytes can be read at any position: a plain file, or BGZF with the table of its
/// blocks.
package final class RandomAccess {
  /// The file as the user named it.
  package let path: String
  private let file: BGZFFile
  private let blocks: BGZFIndex?
  private var cached: (block: Int, content: [UInt8]) = (-1, [])
  /// The size of the content.
  private(set) var size = 0

  /// Opens `path`. For BGZF the blocks are read from `path.gzi`, or found by reading their headers.
  package init(contentsOf path: String) throws {
    self.path = path
    let reader = try ByteReader(contentsOf: path)
    switch reader.compression {
    case .none: blocks = nil
    case .bgzf:
      let isListed = access(path + ".gzi", R_OK) == 0
      blocks = try isListed ? BGZFIndex(contentsOf: path + ".gzi") : BGZFIndex(indexing: path)
    case .gzip:
      throw FormatError(
        .badData, path: path, "found plain gzip, which has no random access, expected a plain file or BGZF")
    }
    file = try BGZFFile(contentsOf: path)
    size = try checkedSize()
  }

  /// The size of the content. Throws where the file does not end after the last block of the table.
  private func checkedSize() throws -> Int {
    guard let blocks, let last = blocks.starts.last else { return file.size }
    let lastBlock = try block(blocks.starts.count - 1, of: blocks)
    let (end, size) = (last.compressed + lastBlock.size, last.content + lastBlock.content.count)
    if end == file.size { return size }
    // The table omits the empty block at the end.
    guard end < file.size, let rest = try? file.block(at: end), rest.content.isEmpty,
      end + rest.size == file.size
    else { throw staleTable(last.compressed) }
    return size
  }

  /// Returns a block of the table, which must have the offset and the content size in the table.
  private func block(_ number: Int, of blocks: BGZFIndex) throws -> (content: [UInt8], size: Int) {
    let start = blocks.starts[number]
    guard file.beginsBlock(at: start.compressed) else { throw staleTable(start.compressed) }
    let block = try file.block(at: start.compressed)
    if number + 1 < blocks.starts.count {
      let next = blocks.starts[number + 1]
      guard next.content - start.content == block.content.count,
        next.compressed - start.compressed == block.size
      else { throw staleTable(start.compressed) }
    }
    return block
  }

  private func staleTable(_ offset: Int) -> FormatError {
    FormatError(
      .badData, path: path + ".gzi",
      "the index does not belong to \(FormatError.printable(path.utf8)): it lists a block at byte \(offset) that is not "
        + "there, or is another", remedy: .rebuildIndex)
  }

  /// Returns the bytes of `range`; a file that ends before it throws.
  package func read(_ range: Range<Int>) throws -> [UInt8] {
    guard let blocks else { return try file.read(range) }
    // No memory is allocated for more than the file can contain: a block has at most 64 KiB of content.
    if range.upperBound > (blocks.starts.last?.content ?? 0) + (1 << 16) { throw truncated(range) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(range.count, 1 << 24))
    var block = blocks.block(holding: range.lowerBound)
    while bytes.count < range.count {
      guard block < blocks.starts.count else { throw truncated(range) }
      if cached.block != block {
        cached = (block, try self.block(block, of: blocks).content)
      }
      let start = range.lowerBound + bytes.count - blocks.starts[block].content
      if start < cached.content.count {
        bytes += cached.content[start..<min(cached.content.count, start + range.count - bytes.count)]
      }
      block += 1
    }
    return bytes
  }

  private func truncated(_ range: Range<Int>) -> FormatError {
    FormatError(
      .inputOutput, path: path, offset: range.upperBound,
      "truncated: the file ends before this byte, or its index is of another file", remedy: .rebuildIndex)
  }
}

/// The offsets of the blocks of a BGZF file, in the file and in its content, as in a `.gzi` file.
///
///     gzi = count:uint64 { compressed:uint64 content:uint64 }        little endian, without the first block
package struct BGZFIndex: Equatable, Sendable {
  /// The offsets of each block; the first is (0, 0).
  package private(set) var starts: [(compressed: Int, content: Int)] = [(0, 0)]

  /// Returns whether all blocks have the same offsets.
  package static func == (a: BGZFIndex, b: BGZFIndex) -> Bool {
    a.starts.elementsEqual(b.starts) { $0 == $1 }
  }

  /// Finds the blocks of `path`, which must be BGZF to its end, without decompressing them.
  package init(indexing path: String) throws {
    let input = try FileInput(path)
    var content = 0
    var lastLength = 0
    starts = []
    while true {
      try input.require(1)
      if input.window.isEmpty { break }
      let size = try BGZF.blockSize(at: input)
      guard let size, size >= 26 else {
        throw FormatError(
          .badData, path: path, offset: input.offset, "found no BGZF block, expected BGZF from end to end")
      }
      try input.require(size)
      guard input.window.count >= size else {
        throw FormatError(
          .inputOutput, path: path, offset: input.offset, "truncated: the file ends within a BGZF block")
      }
      starts.append((input.offset, content))
      lastLength = (0..<4).reduce(0) { $0 | Int(input.window[size - 4 + $1]) << (8 * $1) }
      content += lastLength
      input.consume(size)
    }
    if starts.isEmpty || lastLength > 0 {
      throw FormatError(
        .inputOutput, path: path, offset: input.offset,
        "truncated: the BGZF stream ends without its empty end block")
    }
  }

  /// Reads a `.gzi` file.
  package init(contentsOf path: String) throws {
    let bytes = try ByteReader(contentsOf: path, content: .binary).readAll()
    func number(_ at: Int) -> Int? {
      Int(exactly: (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) })
    }
    guard bytes.count >= 8, let count = number(0), count <= bytes.count / 16, bytes.count == 8 + 16 * count
    else {
      throw FormatError(.badData, path: path, "found \(bytes.count) bytes that are no .gzi index")
    }
    for i in 0..<count {
      guard let compressed = number(8 + 16 * i), let content = number(16 + 16 * i),
        compressed > starts[i].compressed, content >= starts[i].content, compressed < 1 << 60,
        content < 1 << 60
      else { throw FormatError(.badData, path: path, offset: 8 + 16 * i, "found blocks that do not rise") }
      starts.append((compressed, content))
    }
  }

  /// Writes a `.gzi` file.
  package func write(to output: OutputFile) throws {
    var bytes: [UInt8] = []
    // As in bgzip, without the first block and the empty one at the end.
    let listed = starts.dropFirst().dropLast(starts.count > 1 ? 1 : 0)
    for number in [listed.count] + listed.flatMap({ [$0.compressed, $0.content] }) {
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
    }
    try output.write(bytes)
  }

  /// Returns the last block that begins at or before a byte of the content.
  func block(holding byte: Int) -> Int {
    var low = 0
    var high = starts.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if starts[middle].content <= byte { low = middle } else { high = middle }
    }
    return low
  }
}
