import Glibc
import LigaseFormats
import TestSupport
import Testing

/// Mutated files, each of which is read or refused and never ends the process. `LIGASE_FUZZ_SECONDS` says how
/// long each kind of file is mutated; without it, a fixed number of files is tried.
@Suite struct VariantFuzzTests {
  /// Makes mutated copies of `seeds` and gives each to `body` until the time is over.
  private func mutate(_ seeds: [[UInt8]], seed: UInt64, alphabet: [UInt8], _ body: ([UInt8]) -> Void) {
    var random = SplitMix64(seed: seed)
    func below(_ n: Int) -> Int { Int(random.next() % UInt64(max(1, n))) }
    let seconds = getenv("LIGASE_FUZZ_SECONDS").flatMap { Int(String(cString: $0)) }
    let end = time(nil) + (seconds ?? 0)
    var rounds = 0
    while seconds == nil ? rounds < 1_500 : time(nil) < end {
      rounds += 1
      var bytes = seeds[below(seeds.count)]
      for _ in 0..<(1 + below(6)) {
        let at = below(bytes.count)
        switch below(7) {
        case 0: bytes.insert(alphabet[below(alphabet.count)], at: at)
        case 1 where !bytes.isEmpty: bytes.remove(at: at)
        case 2: bytes.removeLast(below(bytes.count))
        case 3 where !bytes.isEmpty: bytes[at] ^= 1 << UInt8(below(8))
        case 4:
          let length = min(below(40), bytes.count - at)
          bytes.insert(contentsOf: bytes[at..<(at + length)], at: below(bytes.count))
        case 5 where !bytes.isEmpty: bytes[at] = UInt8(below(256))
        default: if !bytes.isEmpty { bytes[at] = alphabet[below(alphabet.count)] }
        }
      }
      body(bytes)
    }
  }

  private func readAll(_ path: String) {
    guard let reader = try? VCF.Reader(contentsOf: path) else { return }
    while let record = try? reader.next() {
      _ = (record.info, record.genotypes, record.alternates, record.quality, record.failedFilters, record.ids)
    }
    _ = reader.warnings
  }

  @Test func strictReading() {
    let specimens = VCFCheckTests.records.map {
      VCFCheckTests.file($0.minor, VCFCheckTests.defined, samples: $0.samples, $0.record)
    }
    let clean = VCFCheckTests.file(
      4, VCFCheckTests.defined, samples: ["a", "b"],
      [
        "1 1 rs1;x A G,T 29.5 PASS DP=3;AF=0.5,1e-3;F GT:DP:PL 0|1:3:1,2,3,4,5,6 2",
        "2 9 . a g . . AF=. GT 0|1 1",
      ])
    let headers = VCFCheckTests.headers.map { VCFCheckTests.file($0.minor, [$0.line], []) }
    let alphabet = Array("\t\t\t\n\r#=<>,;:|/.0129ACGTN\"\\%-[]* ".utf8) + [0, 7, 0xFF]
    let folder = TemporaryFolder()
    var (accepted, refused) = (0, 0)
    mutate(
      (specimens + headers + [String](repeating: clean, count: 60)).map { Array($0.utf8) }, seed: 41,
      alphabet: alphabet
    ) { bytes in
      let path = folder.write(bytes, to: "f.vcf")
      var problems = ProblemList(limit: 3)
      do {
        try VCFCheck.run(contentsOf: path, into: &problems)
        if problems.errorCount == 0 { accepted += 1 } else { refused += 1 }
      } catch {}
      readAll(path)
      _ = try? VariantStatistics(contentsOf: path)
    }
    #expect(accepted > 20 && refused > 500, "\(accepted), \(refused)")
  }

  @Test func binaryVariants() {
    let records = [
      BCFTests.record(
        info: [
          [0x11, 1, 0x11, 14], [0x11, 2] + BCFTests.floats([0x3F00_0000, 0x7F80_0001]), [0x11, 3, 0x00],
        ],
        fields: [[0x11, 6, 0x21, 2, 5, 4, 4], [0x11, 1, 0x11, 3, 4]]),
      BCFTests.record(
        position: 7, alleles: ["ACGTACGTACGTACGTACGT", "A", "<DEL>"], filters: [0x21, 5, 0],
        info: [[0x12] + BCFTests.bytes(300, 2) + BCFTests.text("long text of more than fifteen bytes")],
        fields: [[0x11, 6, 0x31, 0, 0x81, 0x81, 2, 4, 3]]),
    ]
    let folder = TemporaryFolder()
    var read = 0
    mutate(
      [BCFTests.file(records), BCFTests.file([records[1]])], seed: 42,
      alphabet: [0, 0xFF, 0xF1, 0x7F, 0x80, 0x11]
    ) { bytes in
      let path = folder.write(bytes, to: "f.bcf")
      if (try? ByteReader(variants: path).readAll()) != nil { read += 1 }
      var problems = ProblemList(limit: 3)
      _ = try? FileCheck.run(contentsOf: path, into: &problems)
      readAll(path)
      _ = try? DosageMatrix(contentsOf: path)
      _ = try? FileStatistics(contentsOf: path)
    }
    #expect(read > 100)
  }

  @Test func intervals() {
    let seeds = [
      "chr1\t1\t9\n", "track x\nchr1 3 9 n 5 +\n", "a\t0\t90\tn\t0\t-\t1\t9\t1,2,3\t2\t5,5\t0,85\n",
    ]
    let folder = TemporaryFolder()
    var clean = 0
    mutate(seeds.map { Array($0.utf8) }, seed: 43, alphabet: Array("\t\n ,.+-0189#".utf8) + [0, 0xFF]) {
      bytes in
      let path = folder.write(bytes, to: "f.bed")
      var problems = ProblemList(limit: 3)
      try? BEDCheck.run(contentsOf: path, into: &problems)
      if problems.errorCount == 0 { clean += 1 }
      let reader = try? BED.Reader(contentsOf: path)
      while let interval = try? reader?.next() { _ = interval.end - interval.start }
    }
    #expect(clean > 100)
  }
}
