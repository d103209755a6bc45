import Glibc
import LigaseFormats
import TestSupport
import Testing

@Suite struct OutputFileTests {
  private func exitCode(_ body: () throws -> Void) -> Int32? {
    do {
      try body()
      return nil
    } catch {
      return (error as? FormatError)?.exitCode ?? -1
    }
  }

  @Test func appearsWholeOrNotAtAll() throws {
    let folder = TemporaryFolder()
    let path = folder.file("out.tsv")
    var output: OutputFile? = try OutputFile(path)
    try output?.write("half")
    try output?.flush()
    #expect(folder.names.count == 1 && folder.names != ["out.tsv"])
    output = nil
    #expect(folder.names == [])
    let whole = try OutputFile(path)
    try whole.write("whole\n")
    try whole.write(Array("bytes".utf8))
    try whole.close()
    try whole.close()
    #expect(folder.names == ["out.tsv"])
    #expect(TemporaryFolder.contents(of: path) == Array("whole\nbytes".utf8))
    var status = stat()
    stat(path, &status)
    let mask = umask(0)
    umask(mask)
    #expect(status.st_mode & 0o777 == 0o666 & ~mask)
  }

  @Test func refusesWhatExists() throws {
    let folder = TemporaryFolder()
    let path = folder.write("old", to: "out")
    #expect(exitCode { _ = try OutputFile(path) } == 73)
    chmod(path, 0o640)
    let output = try OutputFile(path, overwrite: true)
    try output.write("new")
    #expect(TemporaryFolder.contents(of: path) == Array("old".utf8))
    try output.close()
    #expect(TemporaryFolder.contents(of: path) == Array("new".utf8))
    var status = stat()
    stat(path, &status)
    #expect(status.st_mode & 0o777 == 0o640)
    // A file that another process created meanwhile is not replaced.
    let late = try OutputFile(folder.file("late"))
    folder.write("theirs", to: "late")
    #expect(exitCode { try late.close() } == 73)
    #expect(TemporaryFolder.contents(of: folder.file("late")) == Array("theirs".utf8))
    #expect(folder.names == ["late", "out"])
  }

  @Test func followsLinks() throws {
    let folder = TemporaryFolder()
    let real = folder.write("old", to: "real")
    symlink(real, folder.file("link"))
    let output = try OutputFile(folder.file("link"), overwrite: true)
    try output.write("new")
    try output.close()
    #expect(TemporaryFolder.contents(of: real) == Array("new".utf8))
    var status = stat()
    lstat(folder.file("link"), &status)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func cannotCreate() throws {
    let folder = TemporaryFolder()
    #expect(exitCode { _ = try OutputFile(folder.file("absent/out")) } == 73)
    #expect(exitCode { _ = try OutputFile(folder.path, overwrite: true) } == 73)
    #expect(exitCode { _ = try OutputFile("") } == 73)
    let long = String(repeating: "n", count: 250)
    let output = try OutputFile(folder.file(long))
    try output.close()
    #expect(folder.names == [long])
  }

  @Test func fullDevice() throws {
    let output = try OutputFile("/dev/full")
    try output.write("x")
    #expect(exitCode { try output.close() } == 74)
  }

  @Test func compressesBySuffix() throws {
    let folder = TemporaryFolder()
    for (name, compression) in [("a.gz", nil), ("a.bgz", nil), ("b.gz", .gzip), ("b", .bgzf)]
      as [(_, Compression?)]
    {
      let output = try OutputFile(folder.file(name), compression: compression)
      for i in 0..<100_000 { try output.write("line \(i)\n") }
      try output.close()
      let reader = try ByteReader(contentsOf: folder.file(name))
      #expect(reader.compression == (compression ?? .bgzf))
      let text = String(decoding: try reader.readAll(), as: UTF8.self)
      #expect(text.split(separator: "\n").count == 100_000)
      #expect(text.hasSuffix("line 99999\n"))
    }
  }

  @Test func strictTables() throws {
    let folder = TemporaryFolder()
    let output = try OutputFile(folder.file("t.tsv"))
    let writer = try TSVWriter(output, columns: ["id", "n", "x", "y", "z"])
    try writer.field("a")
    writer.field(5)
    writer.field(Float(5))
    writer.field(Float(1e-5))
    writer.missing()
    try writer.endRow()
    try writer.field("ü")
    writer.field(-3)
    writer.field(-0.1)
    writer.field(Float.nan)
    writer.field(1e300)
    try writer.endRow()
    #expect(throws: FormatError.self) { try writer.field("a\tb") }
    try output.close()
    let expected = "id\tn\tx\ty\tz\na\t5\t5\t1e-05\t\nü\t-3\t-0.1\t\t1e+300\n"
    #expect(TemporaryFolder.contents(of: folder.file("t.tsv")) == Array(expected.utf8))
  }
}
