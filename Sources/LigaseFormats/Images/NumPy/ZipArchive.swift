import CZlib

/// The members of a ZIP archive, read one by one: stored or deflated, with ZIP64, without encryption.
///
/// Names, sizes and places come from the directory at the end of the file, and the checksum of each member that is read to its end is
/// compared.
package final class ZipArchive {
  /// A member.
  package struct Member: Sendable {
    package let name: String
    /// Whether the member is deflated; else it is stored.
    let isDeflated: Bool
    let check: UInt32
    /// Bytes in the file and of the content.
    let compressedSize, size: Int
    /// The place of its local header.
    let header: Int
  }

  /// The file as the user named it.
  package let path: String
  /// The members, in the order of the directory.
  package let members: [Member]
  private let source: Source

  /// The bytes of a file, or those of standard input.
  private enum Source {
    case file(BGZFFile)
    case bytes([UInt8])

    var size: Int {
      switch self {
      case .file(let file): file.size
      case .bytes(let bytes): bytes.count
      }
    }

    func read(_ range: Range<Int>) throws -> [UInt8] {
      switch self {
      case .file(let file): try file.read(range)
      case .bytes(let bytes): Array(bytes[range])
      }
    }
  }

  /// The first bytes of an archive.
  package static let magic: [UInt8] = [0x50, 0x4B]

  /// Reads the directory of `path`; nil is standard input, which is kept in memory.
  package init(contentsOf path: String?) throws {
    let name = path ?? "-"
    self.path = name
    source =
      try name == "-"
      ? .bytes(ByteReader(contentsOf: nil, content: .binary).readAll()) : .file(BGZFFile(contentsOf: name))
    members = try Self.directory(source, name)
  }

  private static func directory(_ source: Source, _ path: String) throws -> [Member] {
    func refuse(_ message: String, at offset: Int? = nil) -> FormatError {
      FormatError(.badData, path: path, offset: offset, message)
    }
    let tail = try source.read(max(0, source.size - (1 << 16) - 22)..<source.size),
      base = source.size - tail.count
    guard tail.count >= 22,
      let end = stride(from: tail.count - 22, through: 0, by: -1).first(where: {
        tail[$0...].starts(with: [0x50, 0x4B, 5, 6]) && $0 + 22 + Little.u16(tail, $0 + 20) == tail.count
      })
    else {
      throw FormatError(
        .inputOutput, path: path, "truncated, or no ZIP archive: found no directory at the end of the file")
    }
    var (count, size, start) = (
      Little.u16(tail, end + 10), Little.u32(tail, end + 12), Little.u32(tail, end + 16)
    )
    if Little.u16(tail, end + 4) != 0, Little.u16(tail, end + 4) != 0xFFFF {
      throw refuse("found an archive of several parts, expected one file")
    }
    if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF, end >= 20,
      tail[(end - 20)...].starts(with: [0x50, 0x4B, 6, 7])
    {
      guard let at = Little.u64(tail, end - 12), at >= 0, at <= source.size - 56 else {
        throw refuse("found a directory that begins after the end of the file", at: base + end)
      }
      let long = try source.read(at..<at + 56)
      guard long.starts(with: [0x50, 0x4B, 6, 6]), let n = Little.u64(long, 32), let s = Little.u64(long, 40),
        let o = Little.u64(long, 48)
      else { throw refuse("found no ZIP64 directory", at: at) }
      (count, size, start) = (n, s, o)
    }
    // A directory entry has at least 46 bytes.
    guard start <= base + end, size <= base + end - start, count <= size / 46 else {
      throw refuse(
        "found a directory of \(count) members in \(size) bytes at byte \(start), outside of the file",
        at: base + end)
    }
    let bytes = try source.read(start..<start + size)
    var (members, at) = ([Member](), 0)
    for _ in 0..<count {
      guard at + 46 <= bytes.count, bytes[at...].starts(with: [0x50, 0x4B, 1, 2]) else {
        throw refuse("found no member where the directory should list one", at: start + at)
      }
      let lengths = [28, 30, 32].map { Little.u16(bytes, at + $0) }, next = at + 46 + lengths.reduce(0, +)
      guard next <= bytes.count else {
        throw refuse("found a member that passes the end of the directory", at: start + at)
      }
      let name = String(decoding: bytes[(at + 46)..<(at + 46 + lengths[0])], as: UTF8.self)
      var sizes = [Little.u32(bytes, at + 24), Little.u32(bytes, at + 20), Little.u32(bytes, at + 42)]
      try extend(&sizes, Array(bytes[(at + 46 + lengths[0])..<(at + 46 + lengths[0] + lengths[1])])) {
        refuse("member \(FormatError.quoted(name)): found sizes that do not fit", at: start + at)
      }
      let method = Little.u16(bytes, at + 10)
      guard Little.u16(bytes, at + 8) & 1 == 0 else {
        throw refuse("member \(FormatError.quoted(name)) is encrypted")
      }
      guard method == 0 || method == 8 else {
        throw refuse(
          "member \(FormatError.quoted(name)): found the compression method \(method), expected stored or deflated"
        )
      }
      guard sizes.allSatisfy({ $0 < 1 << 48 }), sizes[1] <= source.size, sizes[2] <= source.size - 30,
        method == 8 ? sizes[0] / 1040 <= sizes[1] + 1 : sizes[0] == sizes[1]
      else { throw refuse("member \(FormatError.quoted(name)): found sizes that cannot be", at: start + at) }
      members.append(
        Member(
          name: name, isDeflated: method == 8, check: UInt32(truncatingIfNeeded: Little.u32(bytes, at + 16)),
          compressedSize: sizes[1], size: sizes[0], header: sizes[2]))
      at = next
    }
    return members
  }

  /// Replaces sizes of 2^32 − 1 by those of the ZIP64 field.
  private static func extend(_ sizes: inout [Int], _ extra: [UInt8], _ problem: () -> FormatError) throws {
    guard sizes.contains(0xFFFF_FFFF) else { return }
    var at = 0
    while at + 4 <= extra.count {
      let (tag, length) = (Little.u16(extra, at), Little.u16(extra, at + 2))
      guard at + 4 + length <= extra.count else { break }
      if tag == 1 {
        var place = at + 4
        for i in sizes.indices where sizes[i] == 0xFFFF_FFFF {
          guard place + 8 <= at + 4 + length, let long = Little.u64(extra, place) else { throw problem() }
          sizes[i] = long
          place += 8
        }
        return
      }
      at += 4 + length
    }
  }

  /// Starts to read a member.
  func open(_ member: Member) throws -> ZipMemberReader {
    let head = try source.read(member.header..<member.header + 30)
    guard head.starts(with: [0x50, 0x4B, 3, 4]) else {
      throw FormatError(
        .badData, path: path, offset: member.header, "found no member here, where the directory lists one")
    }
    let start = member.header + 30 + Little.u16(head, 26) + Little.u16(head, 28)
    guard start <= source.size - member.compressedSize else {
      throw FormatError(
        .inputOutput, path: path,
        "truncated: member \(FormatError.quoted(member.name)) passes the end of the file")
    }
    let source = source
    return ZipMemberReader(member, path: path, from: start) { try source.read($0) }
  }
}

/// Numbers in little-endian bytes.
enum Little {
  static func u16(_ bytes: [UInt8], _ at: Int) -> Int { Int(bytes[at]) | Int(bytes[at + 1]) << 8 }
  static func u32(_ bytes: [UInt8], _ at: Int) -> Int { u16(bytes, at) | u16(bytes, at + 2) << 16 }
  /// A number of eight bytes; nil from 2^48 on.
  static func u64(_ bytes: [UInt8], _ at: Int) -> Int? {
    let high = u32(bytes, at + 4)
    return high < 1 << 16 ? u32(bytes, at) | high << 32 : nil
  }
}

/// The content of a member, in order.
final class ZipMemberReader {
  private let member: ZipArchive.Member
  private let path: String
  private let read: (Range<Int>) throws -> [UInt8]
  private var next: Int
  private let end: Int
  private let stream: UnsafeMutablePointer<z_stream>?
  private var window: [UInt8] = []
  private var used = 0
  private var given = 0
  private var check = crc32(0, nil, 0)
  private static let chunk = 1 << 18

  init(
    _ member: ZipArchive.Member, path: String, from start: Int, read: @escaping (Range<Int>) throws -> [UInt8]
  ) {
    (self.member, self.path, self.read) = (member, path, read)
    (next, end) = (start, start + member.compressedSize)
    guard member.isDeflated else {
      stream = nil
      return
    }
    let made = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    made.initialize(to: z_stream())
    if inflateInit2_(made, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK {
      stream = made
    } else {
      made.deallocate()
      stream = nil
    }
  }

  deinit {
    guard let stream else { return }
    inflateEnd(stream)
    stream.deallocate()
  }

  private func corrupt(_ reason: String) -> FormatError {
    FormatError(.inputOutput, path: path, "member \(FormatError.quoted(member.name)) is corrupt: \(reason)")
  }

  /// Returns the next bytes; fewer where the content ends, where its checksum is compared.
  func read(_ count: Int) throws -> [UInt8] {
    let wanted = min(count, member.size - given)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(wanted, 1 << 24))
    while bytes.count < wanted {
      let part = try more(min(wanted - bytes.count, Self.chunk))
      if part.isEmpty { throw corrupt("it ends after \(given + bytes.count) of \(member.size) bytes") }
      bytes += part
    }
    given += bytes.count
    bytes.withUnsafeBufferPointer { check = crc32_z(check, $0.baseAddress, $0.count) }
    if given == member.size, wanted > 0 || member.size == 0, UInt32(truncatingIfNeeded: check) != member.check
    {
      throw corrupt("incorrect data check")
    }
    return bytes
  }

  /// Returns between one byte and `count`; none at the end.
  private func more(_ count: Int) throws -> [UInt8] {
    guard member.isDeflated else {
      let range = next..<min(end, next + count)
      next = range.upperBound
      return try read(range)
    }
    guard let stream else { throw corrupt("the decompressor cannot be started") }
    while true {
      if used == window.count, next < end {
        window = try read(next..<min(end, next + Self.chunk))
        (used, next) = (0, next + window.count)
      }
      var code = Z_OK
      let part = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
        window.withUnsafeMutableBufferPointer { source in
          var nothing: UInt8 = 0
          withUnsafeMutablePointer(to: &nothing) { nowhere in
            stream.pointee.next_in = source.isEmpty ? nowhere : source.baseAddress! + used
            stream.pointee.avail_in = UInt32(source.count - used)
            stream.pointee.next_out = target.baseAddress!
            stream.pointee.avail_out = UInt32(count)
            code = inflate(stream, Z_NO_FLUSH)
            used = source.count - Int(stream.pointee.avail_in)
            filled = count - Int(stream.pointee.avail_out)
          }
        }
      }
      guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
        throw corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "zlib code \(code)")
      }
      if !part.isEmpty || code == Z_STREAM_END { return part }
      if used == window.count, next == end { return [] }
    }
  }
}
