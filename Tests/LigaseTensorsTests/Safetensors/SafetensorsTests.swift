import FoundationEssentials
import LigaseTensors
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  /// One specimen of the conformance collection.
  private struct Specimen: Decodable {
    struct Content: Decodable {
      var shape: [Int]
      var first: [Double]
    }
    var file: String
    var expect: String
    var tensors: [String: Content]?
    var metadata: [String: String]?
  }

  private static func file(_ header: String, _ payload: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8) + payload
  }

  private static func sample() -> [UInt8] {
    Safetensors.encode(
      [("a.weight", .draws([3, 4])), ("b", .draws([5], seed: 2)), ("scalar", Tensor(7))],
      metadata: ["note": "\"hé\"\n\\", "ligase": "{\"a\":1}"])
  }

  @Test func theConformanceCollection() throws {
    let folder = "conformance/safetensors/"
    guard let index = SharedData.path(folder + "index.json") else { return }
    let specimens = try JSONDecoder().decode(
      [Specimen].self, from: Data(TemporaryFolder.contents(of: index)!))
    #expect(specimens.count > 30)
    for specimen in specimens {
      let bytes = TemporaryFolder.contents(of: SharedData.path(folder + specimen.file)!)!
      guard let file = try? Safetensors(decoding: bytes) else {
        #expect(specimen.expect != "valid", "\(specimen.file) is refused")
        continue
      }
      #expect(specimen.expect != "invalid", "\(specimen.file) is accepted")
      guard specimen.expect == "valid" else { continue }
      let expected = specimen.tensors ?? [:]
      #expect(
        file.names == expected.keys.sorted() && file.metadata == specimen.metadata ?? [:], "\(specimen.file)")
      for (name, content) in expected {
        #expect(file.shape(of: name) == content.shape, "\(specimen.file): \(name)")
        let found = Array(file.scalars(of: name)!.prefix(content.first.count))
        #expect(found == content.first, "\(specimen.file): \(name)")
        #expect(file.tensor(name)!.shape == content.shape, "\(specimen.file): \(name)")
      }
    }
  }

  @Test func aRoundTripKeepsEveryBit() throws {
    let tensors: [(name: String, tensor: Tensor)] = [
      ("b/\"quoted\"", .draws([2, 3])),
      ("a", Tensor([.infinity, -0.0, .leastNonzeroMagnitude, -3.5], shape: [4])),
      ("none", .zeros([0, 3])), ("scalar", Tensor(2.5)),
    ]
    let metadata = ["key": "line\nline\t\"\\\u{1}é漢", "": "empty"]
    let file = try Safetensors(decoding: Safetensors.encode(tensors, metadata: metadata))
    #expect(file.metadata == metadata)
    #expect(file.names == tensors.map(\.name).sorted())
    for (name, tensor) in tensors {
      let found = file.tensor(name)!
      #expect(
        found.shape == tensor.shape && found.scalars.map(\.bitPattern) == tensor.scalars.map(\.bitPattern))
    }
    #expect(
      file.tensor("absent") == nil && file.scalars(of: "absent") == nil && file.shape(of: "absent") == nil)
  }

  @Test func everyTruncationIsSaid() throws {
    let bytes = Self.sample()
    for count in 0..<bytes.count {
      do {
        _ = try Safetensors(decoding: Array(bytes[..<count]))
        Issue.record("the first \(count) bytes are accepted")
      } catch let error as SafetensorsError {
        #expect(error.isTruncation, "\(count): \(error)")
      }
    }
    #expect(throws: SafetensorsError.self) { try Safetensors(decoding: bytes + [0]) }
  }

  @Test(arguments: [
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", "the header is not the JSON"),
    ("{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", "the type 'F31'"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "impossible shape"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "the offsets [4, 0]"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", "the offsets [0, 4, 8]"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "spans 4 bytes, expected 8"),
    ("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", "leaves a hole"),
    ("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", "2 bytes follow"),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
        + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", "overlaps"
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
        + "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", "appears twice"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}",
      "impossible shape"
    ),
    ("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", "'dtype' is missing"),
    ("{\"__metadata__\":{\"a\":1}}", "wrong type"), ("[]", "header is not"), ("", "header is not"),
  ])
  func brokenHeadersSayWhy(_ header: String, _ reason: String) {
    let error = #expect(throws: SafetensorsError.self) {
      try Safetensors(decoding: Self.file(header, [1, 2, 3, 4]))
    }
    #expect(error?.description.contains(reason) == true, "\(header): \(error?.description ?? "")")
  }

  @Test func deepNestingIsRefused() {
    for text in [String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000)] {
      #expect(throws: SafetensorsError.self) { try Safetensors(decoding: Self.file(text)) }
    }
  }

  /// Any bytes give a file or the reader's own error.
  @Test func mutatedBytesNeverTrap() throws {
    let whole = Self.sample(), headerEnd = 8 + Int(whole[0]) + Int(whole[1]) << 8
    let pieces = [
      "9223372036854775807", "-1", "1e400", "[", "{", "\"", "\\u0000", "null", "[0,4]", "\"I64\"", "0.5",
    ]
    var random = SeededGenerator(seed: 11)
    var accepted = 0
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0...random.next(below: 3) {
        let place = random.next(below: random.next(below: 4) == 0 ? bytes.count : min(headerEnd, bytes.count))
        switch random.next(below: 5) {
        case 0: bytes[place] ^= 1 << UInt8(random.next(below: 8))
        case 1: bytes[place] = UInt8(random.next(below: 256))
        case 2: bytes.insert(contentsOf: Array(pieces[random.next(below: pieces.count)].utf8), at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.next(below: 9)))
        default: bytes.swapAt(place, random.next(below: bytes.count))
        }
        if bytes.isEmpty { bytes = [0] }
      }
      if random.next(below: 2) == 0, bytes.count > 8 {
        // The header's length is correct again, so that the JSON after it is read.
        let length = headerEnd - 8 + bytes.count - whole.count
        if length >= 0 {
          withUnsafeBytes(of: UInt64(length).littleEndian) { bytes.replaceSubrange(..<8, with: $0) }
        }
      }
      do {
        let file = try Safetensors(decoding: bytes)
        accepted += 1
        for name in file.names {
          let tensor = file.tensor(name)!
          #expect(tensor.count == file.scalars(of: name)!.count)
        }
      } catch is SafetensorsError {}
    }
    #expect(accepted > 0)
  }
}
