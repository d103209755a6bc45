/// An archive of NumPy arrays (`.npz`).
package final class NPZ {
  /// The file as the user named it.
  package var path: String { archive.path }
  /// The names of the arrays, without `.npy`, in the order of the archive.
  package let names: [String]
  private let archive: ZipArchive
  private let members: [String: ZipArchive.Member]

  /// Opens an archive; nil is standard input.
  package init(contentsOf path: String?) throws {
    archive = try ZipArchive(contentsOf: path)
    var (names, members) = ([String](), [String: ZipArchive.Member]())
    for member in archive.members where member.name.hasSuffix(".npy") {
      let name = String(member.name.dropLast(4))
      guard members.updateValue(member, forKey: name) == nil else {
        throw FormatError(.badData, path: archive.path, "found two arrays called \(FormatError.quoted(name))")
      }
      names.append(name)
    }
    guard !names.isEmpty || archive.members.isEmpty else {
      throw FormatError(
        .badData, path: archive.path,
        "found the members \(FormatError.list(archive.members.map(\.name), limit: 4)), expected arrays, which end in .npy"
      )
    }
    (self.names, self.members) = (names, members)
  }

  /// Whether there is an array of a name.
  package func has(_ name: String) -> Bool { members[name] != nil }

  /// Starts to read an array.
  package func array(_ name: String) throws -> NPYReader {
    guard let member = members[name] else {
      throw FormatError(
        .badData, path: path,
        "found no array \(FormatError.quoted(name)), expected one of \(FormatError.list(names, limit: 8))")
    }
    let reader = try archive.open(member)
    return try NPYReader(name, path: path, available: member.size) { try reader.read($0) }
  }
}
