import CZlib
import LigaseFormats
import TestSupport
import Testing

/// One gzip member, as the C library makes it.
func gzipMember(_ bytes: [UInt8], windowBits: Int32 = 31) -> [UInt8] {
  var stream = z_stream()
  var output = [UInt8](repeating: 0, count: bytes.count + 1024)
  var input = bytes
  let count = output.withUnsafeMutableBufferPointer { output in
    input.withUnsafeMutableBufferPointer { input in
      deflateInit2_(
        &stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      deflate(&stream, Z_FINISH)
      deflateEnd(&stream)
      return output.count - Int(stream.avail_out)
    }
  }
  return Array(output[..<count])
}

/// Returns the content that is read from a file with these bytes.
func content(of bytes: [UInt8], _ name: String = "x") throws -> [UInt8] {
  let folder = TemporaryFolder()
  return try ByteReader(contentsOf: folder.write(bytes, to: name), content: .binary).readAll()
}

private func kind(_ bytes: [UInt8], _ name: String = "x") -> FormatError.Kind? {
  do {
    _ = try content(of: bytes, name)
    return nil
  } catch {
    return (error as? FormatError)?.kind
  }
}

@Suite struct ByteReaderTests {
  private let text = Array("id\tvalue\na\t1\nb\t2\n".utf8)

  /// The bytes of a BGZF file with these contents, as the project's own writer makes it.
  private func blocked(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = TemporaryFolder()
    let output = try OutputFile(folder.file("x.bgz"))
    try output.write(bytes)
    try output.close()
    return TemporaryFolder.contents(of: folder.file("x.bgz"))!
  }

  @Test func plain() throws {
    #expect(try content(of: text) == text)
    #expect(try content(of: []) == [])
    let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(try content(of: large) == large)
  }

  @Test func anyNumberOfMembers() throws {
    let member = gzipMember(text)
    #expect(try content(of: member) == text)
    #expect(try content(of: member + member + member) == text + text + text)
    #expect(try content(of: gzipMember([]) + member + gzipMember([]) + member) == text + text)
    let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
    #expect(try content(of: gzipMember(large) + member) == large + text)
  }

  @Test func paddingAndGarbage() throws {
    let member = gzipMember(text)
    #expect(try content(of: member + [UInt8](repeating: 0, count: 1000)) == text)
    #expect(try content(of: gzipMember([]) + [0]) == [])
    #expect(kind(member + [1]) == .inputOutput)
    #expect(kind(member + Array("garbage".utf8)) == .inputOutput)
    #expect(kind(member + [0, 0, 0x1F, 0x8B]) == .inputOutput)
  }

  /// A gzip stream truncated at any byte fails; it is never read as a shorter file.
  @Test func truncatedAtEveryByte() throws {
    let one = gzipMember(text)
    for bytes in [one, one + one] {
      for length in 1..<bytes.count where length != one.count {
        #expect(kind(Array(bytes[..<length])) == .inputOutput, "cut at \(length)")
      }
    }
    #expect(kind([], "empty.gz") == .inputOutput)
  }

  @Test func blockedTruncatedAtEveryByte() throws {
    let whole = try blocked(text)
    #expect(try content(of: whole) == text)
    for length in 1..<whole.count {
      #expect(kind(Array(whole[..<length])) == .inputOutput, "cut at \(length)")
    }
    // An end block in the middle, from concatenated files, does not end the content.
    #expect(try content(of: whole + whole) == text + text)
    let withoutEnd = Array(whole[..<(whole.count - BGZF.endBlock.count)])
    #expect(kind(whole + withoutEnd) == .inputOutput)
    #expect(try content(of: withoutEnd + gzipMember(text)) == text + text)
  }

  @Test func blockedLarge() throws {
    var random = SplitMix(state: 1)
    let large = (0..<700_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    #expect(try content(of: blocked(large)) == large)
    let soft = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 / 1000) }
    #expect(try content(of: blocked(soft)) == soft)
  }

  /// A changed byte of a gzip stream is detected, except for unused bytes of the header.
  @Test func corruption() throws {
    let member = gzipMember(text)
    for at in member.indices {
      for bit in 0..<8 {
        var bytes = member
        bytes[at] ^= 1 << UInt8(bit)
        guard let read = try? content(of: bytes) else { continue }
        // No longer gzip (magic), or unused bits: in the header, and after the last code.
        #expect(at < 2 || read == text, "byte \(at), bit \(bit)")
      }
    }
    var wrong = try blocked(text)
    wrong[16] ^= 1
    #expect(kind(wrong) == .inputOutput)
  }

  @Test func randomDamageNeverTraps() throws {
    var random = SplitMix(state: 5)
    let seeds = [
      gzipMember(text) + gzipMember(text), try blocked(text), try blocked(text) + gzipMember(text),
    ]
    var failures = 0
    for i in 0..<1_500 {
      var bytes = seeds[i % seeds.count]
      for _ in 0..<(1 + Int(random.next() % 4)) {
        let at = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes.remove(at: at)
        case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
        default: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      if kind(bytes) != nil { failures += 1 }
    }
    #expect(failures > 1_000)
  }

  @Test func missingInput() throws {
    let folder = TemporaryFolder()
    for path in [folder.file("absent"), folder.path, ""] {
      do {
        _ = try ByteReader(contentsOf: path).readAll()
        Issue.record("\(path) was read")
      } catch {
        #expect((error as? FormatError)?.exitCode == 66)
      }
    }
  }
}
