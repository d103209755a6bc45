import LigaseFormats
import TestSupport
import Testing

/// Lines for browsers, and peaks of ENCODE.
@Suite struct BEDTests {
  private let folder = TemporaryFolder()

  @Test func browserLinesAreAWordAndABlank() throws {
    let text =
      "browser position chr1:1-9\ntrack name=x\ntrack\nbrowser\ttrack\ntrack01\t0\t10\ntrack_2\t5\t9\nbrowser1\t1\t2\n"
      + "track\t3\t4\n"
    let reader = try BED.Reader(contentsOf: folder.write(text, to: "t.bed"))
    var contigs: [String] = []
    while let record = try reader.next() { contigs.append(record.contig) }
    #expect(contigs == ["track01", "track_2", "browser1", "track"] && reader.browserLineCount == 4)
    var problems = ProblemList(limit: 9)
    #expect(try FileCheck.run(contentsOf: folder.file("t.bed"), into: &problems) == .bed)
    #expect(problems.recordCount == 4 && problems.errorCount == 0)
  }

  private func kind(_ text: String, _ name: String = "x.bed") throws -> BED.Kind {
    let reader = try BED.Reader(contentsOf: folder.write(text, to: name))
    let first = try reader.next()
    return BED.Kind(of: first, columnCount: reader.columnCount, path: name, trackType: reader.trackType)
  }

  @Test func peaksCarryTheirOwnNames() throws {
    let six = "chr1\t10\t20\tp\t100\t."
    #expect(try kind(six + "\t5.5\t3.2\t-1\t5\n") == .narrowPeak)
    #expect(try kind(six + "\t5.5\t3.2\t-1\n") == .broadPeak)
    #expect(try kind(six + "\t12\t18\t255,0,0\n") == .bed)
    #expect(try kind(six + "\t12\t18\t0\n") == .bed)
    // Ten columns that are not peaks, and a q-value that MACS leaves empty.
    #expect(try kind("chr1\t0\t10\tn\t0\t+\t0\t10\t255,0,0\textra\n") == .bed)
    #expect(try kind("chr1\t0\t100\tn\t500\t.\t3\t5\t-1\n") == .broadPeak)
    #expect(try kind(six + "\t12\t18\t0\n", "x.broadPeak.gz") == .broadPeak)
    #expect(try kind("track type=broadPeak name=\"y\"\n" + six + "\t12\t18\t0\n") == .broadPeak)
    #expect(try kind(six + "\t12\t18\t0\t1\t10\t0\n") == .bed)
    #expect(try kind(six + "\t12\t18\t0\t1\t10\t0\t5.5\t3.2\t-1\n") == .gappedPeak)
    #expect(BED.Kind.narrowPeak.columnNames[6...] == ["signal_value", "p_value", "q_value", "peak"])
  }
}
