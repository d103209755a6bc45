import Glibc
import LigaseFormats
import LigaseRuntime
import TestSupport
import Testing

/// One reader with small files to mutate.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
  let name: String
  /// The file that is changed.
  let seeds: [[UInt8]]
  /// Other files that stay unchanged, by name; the changed one is called `fuzz` + `suffix`.
  var companions: [String: [UInt8]] = [:]
  var suffix = ""
  /// Whether the unchanged files are valid.
  var seedsAreGood = true
  /// Reads the file to its end; any error is allowed.
  let read: @Sendable (_ path: String, _ threads: Int) throws -> Void

  var testDescription: String { name }

  init(
    _ name: String, _ seeds: [String], companions: [String: String] = [:], suffix: String = "",
    seedsAreGood: Bool = true,
    read: @escaping @Sendable (_ path: String, _ threads: Int) throws -> Void
  ) {
    self.name = name
    self.seeds = seeds.map { Array($0.utf8) }
    self.companions = companions.mapValues { Array($0.utf8) }
    self.suffix = suffix
    self.seedsAreGood = seedsAreGood
    self.read = read
  }

  init(
    _ name: String, bytes: [[UInt8]], companions: [String: [UInt8]] = [:], suffix: String = "",
    seedsAreGood: Bool = true,
    read: @escaping @Sendable (_ path: String, _ threads: Int) throws -> Void
  ) {
    self.name = name
    seeds = bytes
    self.companions = companions
    self.suffix = suffix
    self.seedsAreGood = seedsAreGood
    self.read = read
  }
}

/// Changes bytes at random: single bytes, duplicated and removed stretches, concatenated files, numbers near
/// the limits.
struct ByteMutator {
  var random: SeededGenerator
  private static let letters =
    Array("\t\n\r\"',;:|/\\.#=<>%@+- 0123456789ACGTNacgtn_*!e\u{0}\u{7F}".utf8) + [0xFF, 0xC3]
  private static let words = [
    "0", "-1", "1", "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
    "99999999999999999999", "1e400", "-1e-400", "nan", "inf", "NA", ".", "", "\n\n", "\r\n", "\t\t",
  ].map { Array($0.utf8) }

  mutating func below(_ count: Int) -> Int { count <= 0 ? 0 : Int(random.next() % UInt64(count)) }

  /// Returns `bytes` with one to six changes; `other` may be inserted.
  mutating func changed(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...below(6) {
      let at = below(bytes.count + 1)
      let end = min(bytes.count, at + 1 + below(24))
      switch below(10) {
      case 0, 1: bytes.insert(ByteMutator.letters[below(ByteMutator.letters.count)], at: at)
      case 2, 3: if at < bytes.count { bytes[at] = ByteMutator.letters[below(ByteMutator.letters.count)] }
      case 4: if at < bytes.count { bytes[at] ^= 1 << UInt8(below(8)) }
      case 5: bytes.removeSubrange(at..<end)
      case 6: bytes.insert(contentsOf: bytes[at..<end], at: below(bytes.count + 1))
      case 7: bytes.replaceSubrange(at..<end, with: ByteMutator.words[below(ByteMutator.words.count)])
      case 8: bytes = Array(bytes[..<at]) + other.dropFirst(below(other.count))
      default: if below(4) == 0 { bytes.removeSubrange(at...) }
      }
    }
    return bytes
  }
}

/// Every reader returns a result or throws, whatever the bytes. 400 files each; `LIGASE_FUZZ_SECONDS` runs
/// each reader for that long instead, `LIGASE_FUZZ_TARGETS` names the readers, `LIGASE_FUZZ_SEED` sets the
/// seed. A file that stops the process stays in its temporary folder.
@Suite struct FuzzTests {
  @Test(arguments: FuzzTarget.all) func neverTraps(_ target: FuzzTarget) {
    if let names = getenv("LIGASE_FUZZ_TARGETS").map({ String(cString: $0).split(separator: ",") }) {
      guard names.contains(where: { $0 == target.name }) else { return }
    }
    let seconds = getenv("LIGASE_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) }
    let seed = getenv("LIGASE_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1
    let folder = TemporaryFolder()
    for (name, bytes) in target.companions { folder.write(bytes, to: name) }
    var mutator = ByteMutator(random: SeededGenerator(seed: seed))
    let clock = ContinuousClock()
    let start = clock.now
    var (files, errors) = (0, 0)
    // Some changed files are refused, and the unchanged file is not.
    for seed in target.seeds where target.seedsAreGood {
      #expect(throws: Never.self) {
        try target.read(folder.write(seed, to: "fuzz" + target.suffix), 2)
      }
    }
    while seconds.map({ start.duration(to: clock.now) < .seconds($0) }) ?? (files < 400) {
      let seed = target.seeds[mutator.below(target.seeds.count)]
      let other = target.seeds[mutator.below(target.seeds.count)]
      let path = folder.write(mutator.changed(seed, with: other), to: "fuzz" + target.suffix)
      do { try target.read(path, 1 + files % 2) } catch {
        errors += 1
        // The error is in one line, whatever the bytes.
        #expect(!"\(error)".utf8.contains { $0 < 0x20 }, "\(target.name): \(error)")
        #expect(error is FormatError, "\(target.name): \(error)")
      }
      files += 1
    }
    #expect(
      errors > 0 && (errors < files || files < 100 || !target.seedsAreGood),
      "\(target.name): \(errors) errors in \(files) files")
    if seconds != nil { print("\(target.name): \(files) files, \(errors) refused") }
  }
}
