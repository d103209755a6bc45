import Crypto
internal import Glibc
import LigaseFormats

/// The size and SHA-256 of a file, by which parts of a sharded run recognise the same inputs.
///
/// Files of more than 64 MiB are read at both ends only; a folder has the names and sizes of what it holds.
package struct FileDigest: Hashable, Sendable {
  /// The size in bytes; of a folder that of its files.
  package let bytes: Int
  /// The digest in hexadecimal.
  package let hexadecimal: String
  /// The largest file that is read completely.
  private static let most = 64 << 20

  /// Reads a file or folder; nil where there is none, or where it is a device or a pipe.
  package init?(contentsOf path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    var hash = SHA256()
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      var total = 0
      for name in (try? FilePath.names(in: path)) ?? [] {
        var own = stat()
        guard stat(path + "/" + name, &own) == 0 else { continue }
        total += Int(own.st_size)
        hash.update(data: Array("\(name)\0\(own.st_size)\0".utf8))
      }
      bytes = total
    case S_IFREG:
      bytes = Int(status.st_size)
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      let parts =
        bytes <= Self.most
        ? [0..<bytes] : [0..<(Self.most / 2), (bytes - Self.most / 2)..<bytes]
      var buffer = [UInt8](repeating: 0, count: min(1 << 20, max(bytes, 1)))
      for part in parts {
        var at = part.lowerBound
        while at < part.upperBound {
          let count = pread(descriptor, &buffer, min(buffer.count, part.upperBound - at), off_t(at))
          guard count > 0 else { return nil }
          hash.update(data: buffer[..<count])
          at += count
        }
      }
      hash.update(data: Array("\(bytes)".utf8))
    default: return nil
    }
    hexadecimal = DataDigest.text(of: hash.finalize())
  }
}
