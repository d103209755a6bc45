import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

/// The common functions of both codecs of BGZF blocks.
private protocol Codec {
  init()
  func inflate(_ block: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> String?
  func deflate(_ bytes: UnsafeBufferPointer<UInt8>, appendingTo output: inout [UInt8]) -> Bool
}

extension ZlibBlocks: Codec {}
#if Libdeflate
  extension LibdeflateBlocks: Codec {}
#endif

@Suite struct BlockCodecTests {
  private static var codecs: [any Codec.Type] {
    #if Libdeflate
      [ZlibBlocks.self, LibdeflateBlocks.self]
    #else
      [ZlibBlocks.self]
    #endif
  }

  private static let contents: [[UInt8]] = {
    var random = SeededGenerator(seed: 3)
    return [
      [], [65], Array(String(repeating: "ACGT\n", count: 9_000).utf8),
      // The fullest block there is, of bytes that nothing can compress.
      (0..<BGZF.contentCapacity).map { _ in UInt8(truncatingIfNeeded: random.next()) },
    ]
  }()

  private func inflated(_ block: [UInt8], length: Int, _ codec: any Codec) -> (
    content: [UInt8], fault: String?
  ) {
    var content = [UInt8](repeating: 0, count: length)
    let fault = content.withUnsafeMutableBufferPointer { target in
      block.withUnsafeBufferPointer { codec.inflate($0, into: target) }
    }
    return (content, fault)
  }

  /// Every codec reads the output of every codec.
  @Test func roundTrip() {
    for writer in BlockCodecTests.codecs.map({ $0.init() }) {
      for content in BlockCodecTests.contents {
        var block: [UInt8] = []
        #expect(content.withUnsafeBufferPointer { writer.deflate($0, appendingTo: &block) })
        #expect(block.count <= 1 << 16 && Int(block[16]) + Int(block[17]) << 8 == block.count - 1)
        for reader in BlockCodecTests.codecs.map({ $0.init() }) {
          let found = inflated(block, length: content.count, reader)
          #expect(found.fault == nil && found.content == content)
        }
      }
    }
  }

  /// A wrong CRC, a wrong length, a cut and bytes behind the stream are found.
  @Test func damage() {
    for codec in BlockCodecTests.codecs.map({ $0.init() }) {
      let content = BlockCodecTests.contents[2]
      var block: [UInt8] = []
      #expect(content.withUnsafeBufferPointer { codec.deflate($0, appendingTo: &block) })
      var check = block
      check[block.count - 8] ^= 1
      #expect(inflated(check, length: content.count, codec).fault == "incorrect data check")
      for length in [content.count - 1, content.count + 1] {
        #expect(inflated(block, length: length, codec).fault != nil)
      }
      #expect(inflated(Array(block[..<(block.count / 2)]), length: content.count, codec).fault != nil)
      let behind = block[..<(block.count - 8)] + [0, 0] + block[(block.count - 8)...]
      #expect(inflated(Array(behind), length: content.count, codec).fault != nil)
      #expect(inflated(Array(block[..<20]), length: 0, codec).fault == "a BGZF block that is too short")
    }
  }

  /// Blocks depend on length alone: the bytes do not depend on the number of threads.
  @Test func threads() throws {
    let folder = TemporaryFolder()
    var random = SeededGenerator(seed: 4)
    let content = (0..<2_000_000).map { _ in "ACGTN\n".utf8.randomElement(using: &random)! }
    var files: [[UInt8]] = []
    for threads in 1...3 {
      let path = folder.file("\(threads).gz")
      let output = try OutputFile(path, threads: threads)
      for start in stride(from: 0, to: content.count, by: 33_333) {
        try output.write(Array(content[start..<min(content.count, start + 33_333)]))
      }
      try output.close()
      files.append(TemporaryFolder.contents(of: path) ?? [])
      #expect(try ByteReader(contentsOf: path).readAll() == content)
    }
    #expect(files[0] == files[1] && files[0] == files[2] && files[0].suffix(28).elementsEqual(BGZF.endBlock))
    // If the writing is abandoned, no file stays, and no thread hangs.
    let output = try OutputFile(folder.file("left.gz"), threads: 2)
    try output.write(content)
    output.discard()
    #expect(TemporaryFolder.contents(of: folder.file("left.gz")) == nil)
  }
}
