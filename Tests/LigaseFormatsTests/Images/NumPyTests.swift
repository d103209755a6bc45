import LigaseFormats
import TestSupport
import Testing

@Suite struct NumPyTests {
  private let folder = TemporaryFolder()

  /// The bytes of an array: the magic, a version, a header and elements.
  private func array(_ header: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let text = Array(header.utf8), length = text.count
    let size =
      version == 1
      ? [UInt8(length & 255), UInt8(length >> 8)]
      : (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + text + data
  }

  private func numbers(_ header: String, _ data: [UInt8], version: UInt8 = 1) throws -> [Double] {
    try NPYReader(contentsOf: folder.write(array(header, data, version: version), to: "a.npy")).numbers()
  }

  @Test func numbersOfEveryType() throws {
    func of(_ type: String, _ data: [UInt8]) throws -> [Double] {
      try numbers("{'descr': '\(type)', 'fortran_order': False, 'shape': (2,), }\n", data)
    }
    #expect(try of("|b1", [1, 0]) == [1, 0])
    #expect(try of("|i1", [255, 3]) == [-1, 3] && of("|u1", [255, 3]) == [255, 3])
    #expect(try of("<i2", [0, 128, 1, 0]) == [-32768, 1] && of(">u2", [1, 2, 0, 3]) == [258, 3])
    #expect(try of(">i4", [255, 255, 255, 254, 0, 0, 1, 0]) == [-2, 256])
    #expect(try of("<u8", [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]) == [1, 256])
    #expect(
      try of("<f2", [0, 0x3C, 0, 0xC0]) == [1, -2] && of(">f2", [0, 1, 0x7B, 0xFF]) == [0x1p-24, 65504])
    #expect(try of("<f4", [0, 0, 128, 63, 0, 0, 0, 192]) == [1, -2])
    #expect(try of("<f8", [0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 0, 192]) == [1, -2])
    let half = try of("<f2", [0, 0x7C, 1, 0x7E])
    #expect(half[0] == .infinity && half[1].isNaN)
  }

  @Test func theFirstAxisMayVaryFastest() throws {
    let header = "{'shape': (2, 3L), 'fortran_order': True, \"descr\": '|u1'}"
    #expect(try numbers(header, [1, 4, 2, 5, 3, 6], version: 2) == [1, 2, 3, 4, 5, 6])
    let reader = try NPYReader(contentsOf: folder.file("a.npy"))
    #expect(try reader.nextRow() == [1, 2, 3] && reader.nextRow() == [4, 5, 6] && reader.nextRow() == nil)
  }

  @Test func textsAndWholeNumbersAsTexts() throws {
    let file = folder.write(NPYWriter.bytes(texts: ["N0001", "ä", ""]), to: "t.npy")
    #expect(try NPYReader(contentsOf: file).strings() == ["N0001", "ä", ""])
    let bytes = array("{'descr': '|S3', 'fortran_order': False, 'shape': (2,)}", Array("abcx\0\0".utf8))
    #expect(try NPYReader(contentsOf: folder.write(bytes, to: "s.npy")).strings() == ["abc", "x"])
    let whole = array("{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", [255, 255, 7, 0])
    #expect(try NPYReader(contentsOf: folder.write(whole, to: "i.npy")).strings() == ["-1", "7"])
  }

  @Test func arraysThatAreRefused() throws {
    func refuses(_ bytes: [UInt8], _ words: String) {
      do {
        let reader = try NPYReader(contentsOf: folder.write(bytes, to: "bad.npy"))
        _ = reader.header.kind == .text ? [] : try reader.numbers()
        Issue.record("reads \(words)")
      } catch { #expect("\(error)".contains(words), "\(error)") }
    }
    func header(_ type: String, _ shape: String) -> String {
      "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    }
    refuses([], "found 0 bytes, expected a NumPy array")
    refuses(Array("MATLAB 5.0 file".utf8), "found 'MATLAB' at its start")
    refuses(array(header("|O", "(1,)"), []), "Python objects (a pickle), which are not read")
    refuses(array(header("<f4", "(2, -1)"), []), "found a shape that is not a tuple")
    refuses(array(header("<f4", "(6)"), []), "expected a Python dictionary")
    refuses(array(header("<f4", "(4294967296, 4294967296)"), []), "too large")
    refuses(array(header("<f4", "(1000000000,)"), [0, 0]), "truncated: found less than the 4000000000 bytes")
    refuses(array(header("<f4", "(2,)"), [0, 0, 0, 0]), "truncated")
    refuses(array(header("<q9", "(2,)"), []), "found the type '<q9'")
    refuses(
      array("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", []), "fields with names")
    refuses(array("{'descr': '<f4', 'shape': (1,)}", []), "found the keys")
    refuses(array("{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}", []), "not True or False")
    refuses([0x93] + Array("NUMPY".utf8) + [4, 0, 0, 0], "found version 4.0")
    refuses([0x93] + Array("NUMPY".utf8) + [1, 0, 200, 0, 0x7B], "the file ends within the header")
  }

  @Test func anArchiveIsReadAsItIsWritten() throws {
    let path = folder.file("a.npz"), writer = NPZWriter(try OutputFile(path))
    try writer.add("images", bytes: Array(0..<24), shape: [2, 3, 4])
    try writer.add("maps", floats: [0.5, -1], shape: [2, 1])
    try writer.add("ids", texts: ["a", "b"])
    try writer.close()
    let archive = try NPZ(contentsOf: path)
    #expect(archive.names == ["images", "maps", "ids"])
    #expect(try archive.array("images").header.shape == [2, 3, 4])
    #expect(try archive.array("images").numbers() == (0..<24).map { Double($0) })
    #expect(
      try archive.array("maps").numbers() == [0.5, -1] && archive.array("ids").strings() == ["a", "b"])
    #expect(throws: FormatError.self) { try archive.array("labels") }
    // A changed byte of the elements does not pass: the checksum is compared.
    var bytes = try #require(TemporaryFolder.contents(of: path))
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: [0, 1, 2, 3, 4, 5, 6, 7, 8]) })
    bytes[place + 3] ^= 1
    let damaged = try NPZ(contentsOf: folder.write(bytes, to: "damaged.npz"))
    #expect(throws: FormatError.self) { try damaged.array("images").numbers() }
    for end in stride(from: 0, to: bytes.count, by: 13) {
      let cut = folder.write(Array(bytes[..<end]), to: "cut.npz")
      #expect(throws: FormatError.self) { try NPZ(contentsOf: cut) }
    }
  }

  @Test(.enabled(if: RealData.folder != nil, "LIGASE_DATA names no folder with data"))
  func specimens() throws {
    let specimens = try #require(Specimens("numpy"))
    var counts: [String: Int] = [:]
    for specimen in specimens.files {
      counts[specimen.expectation, default: 0] += 1
      let isArchive = specimen.name.hasSuffix(".npz")
      func read() throws -> [(name: String, reader: NPYReader)] {
        guard isArchive else { return [("", try NPYReader(contentsOf: specimen.path))] }
        let archive = try NPZ(contentsOf: specimen.path)
        return try archive.names.map { ($0, try archive.array($0)) }
      }
      func all(_ reader: NPYReader) throws -> [Double] {
        switch reader.header.kind {
        case .text, .bytes: try reader.strings().map { _ in 0 }
        default: try reader.numbers()
        }
      }
      switch specimen.expectation {
      case "valid":
        do {
          let arrays = try read()
          for (name, reader) in arrays {
            let entry =
              isArchive
              ? specimen.entry["arrays"]?[name] ?? specimen.entry["members"]?[name] : specimen.entry["array"]
            let values = try all(reader)
            guard let entry else { continue }
            #expect(reader.header.shape == entry["shape"]?.numbers.map { Int($0) } ?? [], "\(specimen.name)")
            let first = entry["first"]?.numbers ?? []
            for (value, wanted) in zip(values, first) {
              #expect(value == wanted || value.isNaN && wanted.isNaN, "\(specimen.name): \(value) \(wanted)")
            }
            #expect(values.count >= first.count)
            if let mean = entry["mean"]?.number, !values.isEmpty, mean.isFinite {
              let own = values.reduce(0, +) / Double(values.count)
              #expect(abs(own - mean) <= 1e-9 * max(1, abs(mean)), "\(specimen.name)")
            }
          }
        } catch { Issue.record("\(specimen.name): \(error)") }
      case "invalid":
        do {
          for (_, reader) in try read() { _ = try all(reader) }
          Issue.record("\(specimen.name) is read")
        } catch { #expect(error is FormatError, "\(specimen.name): \(error)") }
      default:
        do { for (_, reader) in try read() { _ = try all(reader) } } catch {
          #expect(error is FormatError, "\(specimen.name): \(error)")
        }
      }
    }
    #expect(counts["valid"] ?? 0 > 20 && counts["invalid"] ?? 0 > 20, "\(counts)")
  }
}
