import LigaseRuntime

/// A file that is written completely or not at all, or standard output.
///
/// The bytes are written to a temporary file in the folder of the target, which `close()` writes to disk and
/// renames; if the object is released before that, or a write fails, the temporary file is removed and the
/// target stays unchanged. An existing target is refused unless `overwrite` is set; a link is followed. Pipes
/// and devices are written directly.
///
/// ```swift
/// let output = try OutputFile("result.tsv.gz", overwrite: true)
/// try output.write("name\tvalue\n")
/// try output.close()                                 // only now is there a file of that name
/// ```
public final class OutputFile {
  /// The file as the user named it; `-` is standard output.
  package let path: String
  private let target: String
  private let temporary: String?
  private let overwrite: Bool
  private var descriptor: Int32
  private let gzip: GzipCompressor?
  private let bgzf: BlockedCompressor?
  /// What the output says about itself, where it is a part of a sharded run.
  private var part: ShardManifest?
  private var buffer: [UInt8] = []
  private var isOpen = true
  private static let bufferSize = 1 << 18

  /// Opens `path` for writing; `-` or nil is standard output.
  ///
  /// - Parameters:
  ///   - path: the file's final name.
  ///   - overwrite: whether an existing target may be replaced.
  ///   - compression: nil compresses by the suffix: `.gz`, `.bgz` and `.bgzf` as blocked gzip, which every
  ///     gzip reader reads and which can be indexed; other files are plain.
  ///   - threads: the number of threads that compress blocked gzip; the output does not depend on it.
  public convenience init(
    _ path: String?, overwrite: Bool = false, compression: Compression? = nil, threads: Int = 1
  ) throws {
    try self.init(path, overwrite: overwrite, compression: compression, threads: threads, part: nil)
  }

  /// Opens `path` for a part of a sharded run, which a file beside it describes once it is complete; standard output has no such file.
  package init(
    _ path: String?, overwrite: Bool = false, compression: Compression? = nil, threads: Int = 1,
    part: ShardManifest?
  ) throws {
    self.path = path ?? "-"
    self.part = part
    self.overwrite = overwrite
    buffer.reserveCapacity(OutputFile.bufferSize + 4096)
    if let path, path != "-" {
      guard !path.isEmpty, !path.utf8.contains(0) else {
        throw FormatError(.cannotCreate, path: path, "found an empty file name, expected a file")
      }
      target = OutputFile.resolved(path)
      var status = stat()
      let exists = stat(target, &status) == 0
      if exists && status.st_mode & S_IFMT == S_IFDIR {
        throw FormatError(.cannotCreate, path: path, "is a directory, expected a file")
      }
      if exists && status.st_mode & S_IFMT != S_IFREG {
        temporary = nil
        descriptor = open(target, O_WRONLY | O_CLOEXEC)
      } else {
        if exists && !overwrite { throw OutputFile.refusal(path) }
        let name = OutputFile.temporaryName(for: target)
        temporary = name
        descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor >= 0 {
          if exists { fchmod(descriptor, status.st_mode & 0o7777) }
          UnfinishedFiles.add(name)
        }
      }
      guard descriptor >= 0 else {
        isOpen = false
        throw FormatError(.cannotCreate, path: path, "cannot create: \(String(cString: strerror(errno)))")
      }
    } else {
      target = "-"
      temporary = nil
      descriptor = 1
    }
    let compression = compression ?? OutputFile.compression(named: self.path)
    gzip = compression == .gzip ? try GzipCompressor(path: self.path) : nil
    bgzf = compression == .bgzf ? BlockedCompressor(path: self.path, threads: threads) : nil
  }

  deinit { discard() }

  /// Returns the compression for the suffix of a name.
  package static func compression(named path: String) -> Compression {
    [".gz", ".bgz", ".bgzf"].contains { path.hasSuffix($0) } ? .bgzf : .none
  }

  /// Appends bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    if bytes.count + buffer.count > OutputFile.bufferSize { try flushBuffer() }
    if bytes.count >= OutputFile.bufferSize { return try pass(bytes) }
    buffer.append(contentsOf: bytes)
  }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Appends text as UTF-8.
  public func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes a header, unless an earlier part of a sharded run has it.
  package func writeHeader(_ bytes: [UInt8]) throws {
    if part?.shard.isFirst ?? true { try write(bytes) }
  }

  /// Writes buffered bytes, so that the reader of a pipe gets them now.
  package func flush() throws { try flushBuffer() }

  /// Writes the rest; a file is written to disk and renamed to its target. Nothing can be written afterwards.
  public func close() throws {
    guard isOpen else { return }
    try flushBuffer()
    try gzip?.finish { try emit($0) }
    try bgzf?.finish { try emit($0) }
    if descriptor == 1 && temporary == nil {
      isOpen = false
      return
    }
    if temporary != nil, fsync(descriptor) != 0 { throw failure("cannot bring to disk") }
    let closed = Glibc.close(descriptor)
    descriptor = -1
    if closed != 0 { throw failure("cannot close") }
    if let temporary {
      // The description first: an output without one would be no part, a description alone is nothing.
      if let part {
        do { try describe(part) } catch {
          discard()
          throw error
        }
      }
      try install(temporary)
    }
    isOpen = false
  }

  /// Cancels: the temporary file is removed, and the target stays unchanged.
  package func discard() {
    guard isOpen else { return }
    isOpen = false
    if descriptor > 1 { Glibc.close(descriptor) }
    if let temporary {
      unlink(temporary)
      UnfinishedFiles.remove(temporary)
    }
  }

  // MARK: - On the way to disk

  /// Writes the file that describes a part.
  private func describe(_ part: ShardManifest) throws {
    let manifest = try OutputFile(
      ShardManifest.path(of: path), overwrite: true, compression: Compression.none)
    try manifest.write(part.text)
    try manifest.close()
  }

  private func install(_ temporary: String) throws {
    if overwrite {
      if rename(temporary, target) != 0 { throw failure("cannot rename the finished file") }
    } else if link(temporary, target) == 0 {
      // A link, unlike a rename, never replaces a file that another process has created meanwhile.
      unlink(temporary)
    } else if errno == EEXIST {
      discard()
      throw OutputFile.refusal(path)
    } else if rename(temporary, target) != 0 {
      throw failure("cannot rename the finished file")
    }
    UnfinishedFiles.remove(temporary)
  }

  private func flushBuffer() throws {
    precondition(isOpen, "OutputFile: write after close")
    if buffer.isEmpty { return }
    try buffer.withUnsafeBytes { try pass($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func pass(_ bytes: UnsafeRawBufferPointer) throws {
    part?.content.add(bytes)
    if let gzip { return try gzip.write(bytes) { try emit($0) } }
    if let bgzf { return try bgzf.write(bytes) { try emit($0) } }
    try emit(bytes)
  }

  private func emit(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while rest.count > 0 {
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno != EINTR {
        throw failure("cannot write")
      }
    }
  }

  private func failure(_ action: String) -> FormatError {
    let code = errno
    buffer.removeAll()
    discard()
    let text = "\(action): \(String(cString: strerror(code)))"
    if code == EPIPE { return FormatError(.brokenPipe, path: path, text) }
    return FormatError(.inputOutput, path: path == "-" ? "standard output" : path, text)
  }

  private static func refusal(_ path: String) -> FormatError {
    FormatError(.cannotCreate, path: path, "already exists", remedy: .replaceOutput)
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func temporaryName(for target: String) -> String {
    let slash = target.lastIndex(of: "/").map { target.index(after: $0) } ?? target.startIndex
    var random = SystemRandomNumberGenerator()
    let tag = String(random.next() % 2_176_782_336, radix: 36)
    // The name stays within the limit of 255 bytes of file systems.
    return target[..<slash] + "." + String(target[slash...].prefix(60)) + "." + tag + ".part"
  }
}
