import LigaseRuntime

/// What the output of a shard says about itself, in a file beside it: which part it is of what command, and how many bytes it has.
///
///     ligase-shard  1
///     shard         2/7
///     records       1000  2000  7000        the first, the end and the total, numbered from 0
///     version       0.1.0
///     command       predict
///     argument      --top
///     file          m.safetensors  48213  9f86d081…
///     content       51234  1a2b3c4d          bytes before compression, and their CRC-32
///
/// Fields are separated by tabs. A file that an argument names is described by its size and digest, so that its folder may differ
/// between machines.
package struct ShardManifest: Equatable, Sendable {
  /// An argument of the command.
  package enum Argument: Hashable, Sendable {
    case text(String)
    /// A file, with its name, size and digest.
    case file(name: String, bytes: Int, digest: String)
  }

  /// Bytes of an output before compression.
  package struct Content: Hashable, Sendable {
    package private(set) var bytes = 0
    package private(set) var crc: UInt32 = 0

    package init() {}

    fileprivate init(bytes: Int, crc: UInt32) { (self.bytes, self.crc) = (bytes, crc) }

    /// Adds bytes.
    package mutating func add(_ part: UnsafeRawBufferPointer) {
      bytes += part.count
      crc = BlockFrame.check(of: part, after: crc)
    }
  }

  /// The part.
  package var shard: Shard
  /// Its records, and the number of all.
  package var records: Range<Int>
  package var total: Int
  /// The version of the program.
  package var version: String
  /// The command, such as `seq revcomp`, and its arguments without those that change no byte of the whole.
  package var command: String
  package var arguments: [Argument]
  /// The content of the part.
  package var content = Content()

  package init(
    _ shard: Shard, of total: Int, version: String, command: String, arguments: [Argument]
  ) {
    self.shard = shard
    (records, self.total) = (shard.range(of: total), total)
    (self.version, self.command, self.arguments) = (version, command, arguments)
  }

  /// The file beside an output.
  package static func path(of output: String) -> String { output + ".shard" }
}

extension ShardManifest {
  /// The text of the file.
  package var text: String {
    var lines = [
      ["ligase-shard", "1"], ["shard", "\(shard)"],
      ["records", "\(records.lowerBound)", "\(records.upperBound)", "\(total)"], ["version", version],
      ["command", command],
    ]
    for argument in arguments {
      switch argument {
      case .text(let text): lines.append(["argument", text])
      case .file(let name, let bytes, let digest): lines.append(["file", name, "\(bytes)", digest])
      }
    }
    lines.append(["content", "\(content.bytes)", String(content.crc, radix: 16)])
    return lines.map { $0.map(Self.escaped).joined(separator: "\t") + "\n" }.joined()
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\t", with: "\\t").replacing("\n", with: "\\n")
      .replacing("\r", with: "\\r")
  }

  private static func unescaped(_ text: Substring) -> String {
    var found = "", isEscaped = false
    for letter in text.unicodeScalars {
      if isEscaped {
        found.unicodeScalars.append(
          letter == "t" ? "\t" : letter == "n" ? "\n" : letter == "r" ? "\r" : letter)
        isEscaped = false
      } else if letter == "\\" {
        isEscaped = true
      } else {
        found.unicodeScalars.append(letter)
      }
    }
    return found
  }

  /// Reads the file beside an output.
  ///
  /// - Throws: `FormatError` where there is none, or where it is not of this form.
  package init(of output: String) throws {
    let path = Self.path(of: output)
    guard access(output, R_OK) == 0 else {
      throw FormatError(.noInput, path: output, "cannot open: \(String(cString: strerror(errno)))")
    }
    guard access(path, F_OK) == 0 else {
      throw FormatError(
        .badData, path: output,
        "found no \(path) beside it, which a finished part of a sharded run has")
    }
    let window = TextWindow(try ByteReader(contentsOf: path))
    var lines: [(number: Int, fields: [String])] = []
    while true {
      let number = window.line
      guard let line = try window.nextLine() else { break }
      let text = String(decoding: line, as: UTF8.self)
      lines.append(
        (number, text.split(separator: "\t", omittingEmptySubsequences: false).map(Self.unescaped)))
      guard lines.count <= 100_000 else { break }
    }
    func invalid(_ line: Int?, _ expected: String) -> FormatError {
      FormatError(
        .badData, path: path, line: line, "found no \(expected), expected the description of a part")
    }
    guard lines.first?.fields == ["ligase-shard", "1"] else { throw invalid(1, "line 'ligase-shard 1'") }
    func values(_ key: String, _ count: Int) throws -> (line: Int, values: [String]) {
      guard let found = lines.first(where: { $0.fields[0] == key }), found.fields.count == count + 1 else {
        throw invalid(nil, "line '\(key)'")
      }
      return (found.number, Array(found.fields.dropFirst()))
    }
    func number(_ text: String, _ line: Int, _ what: String) throws -> Int {
      guard let value = Int(text), value >= 0 else { throw invalid(line, what) }
      return value
    }
    let named = try values("shard", 1), records = try values("records", 3), content = try values("content", 2)
    guard let shard = Shard(named.values[0]) else { throw invalid(named.line, "part i/n") }
    let counts = try records.values.map { try number($0, records.line, "numbers of records") }
    self.init(
      shard, of: counts[2], version: try values("version", 1).values[0],
      command: try values("command", 1).values[0], arguments: [])
    guard counts[0] <= counts[1], counts[0]..<counts[1] == self.records else {
      throw invalid(records.line, "records of the part \(shard) of \(counts[2])")
    }
    for (line, fields) in lines {
      switch (fields[0], fields.count) {
      case ("argument", 2): arguments.append(.text(fields[1]))
      case ("file", 4):
        arguments.append(
          .file(name: fields[1], bytes: try number(fields[2], line, "size"), digest: fields[3]))
      default: continue
      }
    }
    guard let crc = UInt32(content.values[1], radix: 16) else { throw invalid(content.line, "CRC-32") }
    self.content = Content(bytes: try number(content.values[0], content.line, "size"), crc: crc)
  }

  /// How the run of this part differs from that of another, which a file holds; nil where both are of one run.
  package func difference(from other: ShardManifest, in file: String) -> String? {
    if command != other.command { return "of `\(command)`, where \(file) is of `\(other.command)`" }
    if version != other.version {
      return "made by version \(version), where \(file) was made by \(other.version)"
    }
    if shard.count != other.shard.count {
      return "\(shard) of \(shard.count.counted("part")), where \(file) is one of \(other.shard.count)"
    }
    for (own, others) in zip(arguments, other.arguments) where own != others {
      return "made with \(own.words), where \(file) was made with \(others.words)"
    }
    if arguments.count != other.arguments.count {
      let isLonger = arguments.count > other.arguments.count
      let further = (isLonger ? arguments : other.arguments)[min(arguments.count, other.arguments.count)]
        .words
      return isLonger
        ? "made with \(further), where \(file) was made without it"
        : "made without \(further), where \(file) was made with it"
    }
    return total == other.total
      ? nil : "of \(total.counted("record")), where \(file) is of \(other.total)"
  }
}

extension ShardManifest.Argument {
  fileprivate var words: String {
    switch self {
    case .text(let text): "'\(text)'"
    case .file(let name, let bytes, let digest): "\(name) of \(bytes) bytes (SHA-256 \(digest.prefix(8))…)"
    }
  }
}
