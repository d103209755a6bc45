import LigaseRuntime

/// The parts of a sharded run, checked to be all of one run and each there once.
///
///     let merge = try ShardMerge(["scores.1.vcf.gz", "scores.2.vcf.gz"])
///     let output = try OutputFile("scores.vcf.gz")
///     try merge.write(to: output)
///     try output.close()                                 // the bytes of the run without shards
package struct ShardMerge {
  /// The outputs of the parts in their order.
  package let parts: [(path: String, manifest: ShardManifest)]

  /// Reads the descriptions of parts, which may be named in any order.
  ///
  /// - Throws: `FormatError` for parts that are repeated, missing or of another run.
  package init(_ paths: [String]) throws {
    precondition(!paths.isEmpty, "ShardMerge: no parts")
    var found: [(path: String, manifest: ShardManifest)] = []
    for path in paths {
      let manifest = try ShardManifest(of: path)
      if let first = found.first,
        let difference = manifest.difference(from: first.manifest, in: first.path)
      {
        throw FormatError(.badData, path: path, "found a part \(difference): parts of several runs")
      }
      if let same = found.first(where: { $0.manifest.shard == manifest.shard }) {
        throw FormatError(
          .badData, path: path, "found the part \(manifest.shard) again, which \(same.path) is, too")
      }
      found.append((path, manifest))
    }
    let count = found[0].manifest.shard.count, numbers = Set(found.map(\.manifest.shard.number))
    let missing = (1...count).lazy.filter { !numbers.contains($0) }.prefix(6).map { "\($0)/\(count)" }
    guard numbers.count == count else {
      throw FormatError(
        .badData, path: found[0].path,
        "found \(numbers.count) of \(count.counted("part")), missing \(FormatError.list(Array(missing), limit: 5))"
      )
    }
    parts = found.sorted { $0.manifest.shard.number < $1.manifest.shard.number }
  }

  /// Writes the contents of all parts, decompressed.
  ///
  /// - Parameter threads: the number of threads that decompress blocked gzip.
  /// - Throws: `FormatError` for a part whose content is not what its description says.
  package func write(to output: OutputFile, threads: Int = 1) throws {
    try forEachPiece(threads) { try output.write($0) }
  }

  /// Throws where the content of a part is not what its description says.
  package func verify(threads: Int = 1) throws { try forEachPiece(threads) { _ in } }

  private func forEachPiece(_ threads: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    for (path, manifest) in parts {
      let reader = try ByteReader(contentsOf: path, threads: threads, content: .binary)
      var content = ShardManifest.Content()
      while true {
        let count = try reader.read(into: buffer)
        if count == 0 { break }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        content.add(bytes)
        try body(bytes)
      }
      guard content == manifest.content else {
        throw FormatError(
          .inputOutput, path: path,
          "found \(content.bytes) bytes (CRC-32 \(String(content.crc, radix: 16))) in the part \(manifest.shard), expected \(manifest.content.bytes) (\(String(manifest.content.crc, radix: 16))): it was changed or cut off"
        )
      }
    }
  }
}
