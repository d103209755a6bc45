import LigaseRuntime

/// The raw bytes of a file or of standard input, before decompression, with a window for lookahead.
final class FileInput {
  let path: String
  /// Its size, if it is a regular file.
  let size: Int?
  private let descriptor: Int32
  private let closesDescriptor: Bool
  private let buffer: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var start = 0
  private var end = 0
  private(set) var isAtEnd = false
  /// The offset in the file of the first byte not yet consumed.
  private(set) var offset = 0

  /// Opens `path`; `-` or nil is standard input.
  init(_ path: String?, capacity: Int = 1 << 18) throws {
    self.path = path ?? "-"
    self.capacity = capacity
    if let path, path != "-" {
      guard !path.isEmpty, !path.utf8.contains(0) else {
        throw FormatError(.noInput, path: path, "found an empty file name, expected a file")
      }
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw FormatError(.noInput, path: path, "cannot open: \(String(cString: strerror(errno)))")
      }
      closesDescriptor = true
    } else {
      descriptor = 0
      closesDescriptor = false
    }
    var status = stat()
    let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    size = isRegular ? Int(status.st_size) : nil
    buffer = .allocate(capacity: capacity)
  }

  deinit {
    buffer.deallocate()
    if closesDescriptor { close(descriptor) }
  }

  /// The bytes in the window that are not yet consumed.
  var window: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: buffer + start, count: end - start)
  }

  /// Consumes `count` bytes of the window.
  func consume(_ count: Int) {
    start += count
    offset += count
  }

  /// Reads until the window has `count` bytes or the file ends; `count` is at most the capacity.
  func require(_ count: Int) throws {
    while end - start < count && !isAtEnd {
      if start > 0 {
        memmove(buffer, buffer + start, end - start)
        end -= start
        start = 0
      }
      let got = try readBytes(UnsafeMutableRawBufferPointer(start: buffer + end, count: capacity - end))
      if got == 0 { isAtEnd = true }
      end += got
    }
  }

  /// Moves bytes into `target`: those of the window first, else directly from the file. Returns 0 at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let base = target.baseAddress, target.count > 0 else { return 0 }
    if start < end {
      let count = min(end - start, target.count)
      memcpy(base, buffer + start, count)
      consume(count)
      return count
    }
    if isAtEnd { return 0 }
    let got = try readBytes(target)
    if got == 0 { isAtEnd = true }
    offset += got
    return got
  }

  private func readBytes(_ target: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let got = Glibc.read(descriptor, target.baseAddress, min(target.count, 1 << 30))
      if got >= 0 { return got }
      if errno == EINTR { continue }
      let reason = String(cString: strerror(errno))
      throw FormatError(errno == EISDIR ? .noInput : .inputOutput, path: path, "cannot read: \(reason)")
    }
  }
}
