import LigaseFormats
import TestSupport
import Testing

@Suite struct ShardTests {
  private let folder = TemporaryFolder()

  private func text(_ name: String) -> String {
    String(decoding: TemporaryFolder.contents(of: folder.path + "/" + name) ?? [], as: UTF8.self)
  }

  @Test func partsAreReadStrictly() {
    #expect(Shard("2/7").map { [$0.number, $0.count] } == [2, 7] && Shard("2/7")?.description == "2/7")
    for text in [
      "0/3", "4/3", "1/0", "", "/", "1/", "/2", "1/2/3", "-1/2", "+1/2", "1/ 2", "a/b", "1/1000001",
      "1/99999999999999999999",
    ] {
      #expect(Shard(text) == nil, "\(text)")
    }
  }

  @Test func rangesCoverAllRecordsOnceAndEvenly() {
    for total in [0, 1, 2, 6, 7, 128, 1001, Int.max] {
      for count in [1, 2, 3, 7, 40, 1_000_000] where count <= 40 || total == Int.max {
        let ranges = [1, 2, count / 2, count - 1, count].filter { $0 > 0 && $0 <= count }.map {
          Shard("\($0)/\(count)")!.range(of: total)
        }
        let widths = ranges.map(\.count)
        #expect(ranges[0].lowerBound == 0 && ranges.last!.upperBound == total)
        #expect(widths.max()! - widths.min()! <= 1, "\(total) in \(count): \(widths)")
        if count <= 40 {
          let all = (1...count).map { Shard("\($0)/\(count)")!.range(of: total) }
          #expect(zip(all, all.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        }
      }
    }
  }

  @Test func aSelectionReadsNoFurtherThanItsRange() throws {
    var reads = 0
    func records(_ range: Range<Int>?, of count: Int) throws -> [Int] {
      reads = 0
      var selection = RecordSelection(range), found: [Int] = []
      while try selection.next({
        guard reads < count else { return false }
        reads += 1
        return true
      }) { found.append(reads - 1) }
      return found
    }
    #expect(try records(3..<6, of: 10) == [3, 4, 5] && reads == 6)
    #expect(try records(nil, of: 4) == [0, 1, 2, 3])
    #expect(try records(3..<6, of: 2) == [] && reads == 2)
    #expect(try records(0..<0, of: 2) == [] && reads == 0)
  }

  private func manifest(_ part: String, _ arguments: [ShardManifest.Argument] = [.text("a\tb\\n")])
    -> ShardManifest
  {
    ShardManifest(Shard(part)!, of: 10, version: "1", command: "seq wrap", arguments: arguments)
  }

  /// Writes a part of 10 records and returns its path.
  private func write(_ text: String, _ name: String, _ manifest: ShardManifest) throws -> String {
    let path = folder.path + "/" + name
    let output = try OutputFile(path, overwrite: true, part: manifest)
    try output.writeHeader(Array("head\n".utf8))
    try output.write(text)
    try output.close()
    return path
  }

  @Test func aDescriptionIsReadAsItWasWritten() throws {
    let file = ShardManifest.Argument.file(name: "m.st", bytes: 12, digest: "abc")
    let path = try write("x\n", "p", manifest("2/3", [.text("a\tb\\n\n"), file, .text("")]))
    let read = try ShardManifest(of: path)
    #expect(read.shard == Shard("2/3")! && read.records == 3..<6 && read.total == 10)
    #expect(read.arguments == [.text("a\tb\\n\n"), file, .text("")] && read.command == "seq wrap")
    // The second part has no header.
    #expect(read.content.bytes == 2 && text("p") == "x\n")
  }

  private func refusal(_ paths: [String]) -> String {
    do {
      let merge = try ShardMerge(paths)
      let output = try OutputFile(folder.path + "/merged", overwrite: true)
      try merge.write(to: output)
      try output.close()
      return "no error"
    } catch { return "\(error)".replacing(folder.path + "/", with: "") }
  }

  @Test func partsAreJoinedInTheirOrder() throws {
    let parts = try (1...3).map { try write("\($0)\n", "p\($0)\($0 == 2 ? ".gz" : "")", manifest("\($0)/3")) }
    #expect(refusal([parts[2], parts[0], parts[1]]) == "no error")
    #expect(text("merged") == "head\n1\n2\n3\n")
    // More parts than records: some are empty.
    let many = try (1...3).map { try write($0 == 2 ? "" : "\($0)\n", "q\($0).gz", manifest("\($0)/3")) }
    #expect(refusal(many) == "no error" && text("merged") == "head\n1\n3\n")
  }

  @Test func otherPartsAreRefused() throws {
    let file = ShardManifest.Argument.file(name: "m.st", bytes: 12, digest: "abcdefghijk")
    let other = ShardManifest.Argument.file(name: "n.st", bytes: 13, digest: "cbaabcdefgh")
    let first = try write("1\n", "p1", manifest("1/2", [file]))
    #expect(refusal([first]) == "p1: found 1 of 2 parts, missing 2/2")
    #expect(refusal([first, first]) == "p1: found the part 1/2 again, which p1 is, too")
    for (name, part, words) in [
      (
        "p2", manifest("2/2", [other]),
        "made with n.st of 13 bytes (SHA-256 cbaabcde…), where p1 was made with m.st of 12 bytes (SHA-256 abcdefgh…)"
      ),
      ("p3", manifest("2/2", [file, .text("--top")]), "made with '--top', where p1 was made without it"),
      (
        "p4", manifest("2/2", []),
        "made without m.st of 12 bytes (SHA-256 abcdefgh…), where p1 was made with it"
      ),
      ("p5", manifest("2/3", [file]), "2/3 of 3 parts, where p1 is one of 2"),
      (
        "p6", ShardManifest(Shard("2/2")!, of: 9, version: "1", command: "seq wrap", arguments: [file]),
        "of 9 records, where p1 is of 10"
      ),
      (
        "p7", ShardManifest(Shard("2/2")!, of: 10, version: "2", command: "seq wrap", arguments: [file]),
        "made by version 2, where p1 was made by 1"
      ),
      (
        "p8", ShardManifest(Shard("2/2")!, of: 10, version: "1", command: "predict", arguments: [file]),
        "of `predict`, where p1 is of `seq wrap`"
      ),
    ] {
      #expect(
        refusal([first, try write("2\n", name, part)])
          == "\(name): found a part \(words): parts of several runs")
    }
  }

  @Test func damageIsSeen() throws {
    let parts = try (1...2).map { try write("\($0)\n", "p\($0)", manifest("\($0)/2")) }
    folder.write("", to: "p2")
    #expect(
      refusal(parts)
        == "p2: found 0 bytes (CRC-32 0) in the part 2/2, expected 2 (\(String(try ShardManifest(of: parts[1]).content.crc, radix: 16))): it was changed or cut off"
    )
    #expect(!folder.names.contains("merged"))
    folder.write("3\n", to: "p2")
    #expect(refusal(parts).hasPrefix("p2: found 2 bytes"))
    folder.write("x", to: "alone")
    #expect(
      refusal([folder.path + "/alone"])
        == "alone: found no alone.shard beside it, which a finished part of a sharded run has")
    #expect(refusal([folder.path + "/absent"]).hasPrefix("absent: cannot open: "))
    let text = text("p1.shard")
    for (old, new) in [
      ("ligase-shard\t1", "ligase-shard\t2"), ("shard\t1/2", "shard\t3/2"), ("records\t0", "records\t1"),
      ("content\t", "contents\t"), ("records\t0\t5\t10", "records\t0\t5"), ("content\t7", "content\t-7"),
    ] {
      #expect(text.contains(old))
      folder.write(text.replacing(old, with: new), to: "p1.shard")
      #expect(refusal(parts).hasPrefix("p1.shard:"), "\(new): \(refusal(parts))")
    }
  }
}
