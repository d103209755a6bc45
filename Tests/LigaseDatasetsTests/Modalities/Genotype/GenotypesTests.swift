import LigaseDatasets
import LigaseFormats
import LigaseTensors
import TestSupport
import Testing

@Suite struct GenotypesTests {
  private let folder = TemporaryFolder()

  /// A VCF of lines `contig position id ref alt genotypes…`.
  private func file(_ rows: [String], samples: Int = 4) -> String {
    var text = "##fileformat=VCFv4.3\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
    text += "##FORMAT=<ID=PO,Number=1,Type=String,Description=\"Population\">\n"
    text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
    for sample in 0..<samples { text += "\ts\(sample)" }
    for row in rows {
      let fields = row.split(separator: " ").map(String.init)
      text += "\n" + (fields[..<5] + [".", ".", ".", "GT"] + fields[5...]).joined(separator: "\t")
    }
    return folder.write(text + "\n", to: "x.vcf")
  }

  private func site(
    _ contig: String, _ position: Int, _ reference: String, _ alternate: String, id: String = ""
  ) -> VariantSite {
    VariantSite(contig: contig, position: position, reference: reference, alternate: alternate, id: id)
  }

  /// Counts, `.` where one is missing.
  private func text(_ table: FeatureTable) -> [String] {
    (0..<table.rowCount).map { row in
      table.values[(row * table.names.count)..<((row + 1) * table.names.count)].map {
        $0.isNaN ? "." : "\(Int($0))"
      }
      .joined(separator: " ")
    }
  }

  @Test func alternateAllelesAreCountedAtEveryPloidy() throws {
    let path = file([
      "1 10 rs1 A G 0/0 0|1 1/1 ./.", "X 20 . C T,TA 0 1 2 1/2", "1 30 . G C 0/1/1 1/1/1 0/0/0 0/./1",
    ])
    let found = try Genotypes.read(path, threads: 2)
    #expect(found.samples == ["s0", "s1", "s2", "s3"])
    #expect(
      found.sites == [
        site("1", 10, "A", "G", id: "rs1"), site("X", 20, "C", "T"), site("X", 20, "C", "TA"),
        site("1", 30, "G", "C"),
      ])
    #expect(found.table.names == ["1:10:A:G", "X:20:C:T", "X:20:C:TA", "1:30:G:C"])
    #expect(text(found.table) == ["0 0 0 2", "1 1 0 3", "2 0 1 0", ". 1 1 ."])
  }

  @Test func sitesAreFoundByPositionAndAlleles() throws {
    let path = file(["1 30 . G C 0/1 0/0 1/1 0/1", "1 10 . A G 0/0 0|1 1/1 ./.", "2 5 . T A 0/1 0/1 0/1 0/1"])
    let sites = [site("1", 10, "A", "G"), site("1", 20, "C", "T"), site("1", 30, "G", "C")]
    let found = try Genotypes.read(path, alignedTo: sites, leastShare: 0.5, threads: 1)
    #expect(
      text(found.table) == ["0 . 1", "1 . 0", "2 . 2", ". . 1"] && found.table.names == sites.map(\.name))
    let alignment = found.alignment
    #expect(
      alignment.found == 2 && alignment.flipped == 0 && alignment.missing == ["1:20:C:T"]
        && alignment.extra == 1)
    #expect(
      alignment.report(.mean) == [
        "1 of the model's 3 sites is absent and was imputed with training means; expect lower accuracy: 1:20:C:T",
        "over half of the model's 3 sites are unknown for 1 of 4 samples, so these predictions rest mostly on imputed "
          + "genotypes: s3", "1 site is not in the model and ignored",
      ])
    #expect(alignment.sparse == ["s3"] && alignment.report(.mode)[0].contains("training modes"))
  }

  @Test func exchangedAllelesAreTurnedAtEveryPloidy() throws {
    let path = file([
      "1 10 . G A 0/0 0|1 1/1 ./.", "1 20 . T C 0 1 0 1", "1 30 . C G 0/1/1 1/1/1 0/0/0 0/0/1",
    ])
    let sites = [site("1", 10, "A", "G"), site("1", 20, "C", "T"), site("1", 30, "G", "C")]
    let found = try Genotypes.read(path, alignedTo: sites, leastShare: 1, threads: 1)
    #expect(text(found.table) == ["2 1 1", "1 0 0", "0 1 3", ". 0 2"])
    #expect(found.alignment.flipped == 3 && found.alignment.found == 0 && found.alignment.extra == 0)
    #expect(
      found.alignment.report(.mean) == [
        "3 of 3 sites have reference and alternate allele exchanged; their counts were converted"
      ])
  }

  @Test func sitesAreFoundByTheirIDs() throws {
    let path = file([
      "1 11 rs1 A G 0/0 0|1 1/1 ./.", "1 21 rs2 T C 0/0 0/1 1/1 1/1", "1 31 rs3 A C 1/1 1/1 1/1 1/1",
    ])
    let sites = [
      site("1", 10, "A", "G", id: "rs1"), site("1", 20, "C", "T", id: "rs2"),
      site("1", 30, "G", "C", id: "rs3"),
    ]
    let found = try Genotypes.read(path, alignedTo: sites, leastShare: 0.5, threads: 1)
    // rs3 has other alleles here.
    #expect(text(found.table) == ["0 2 .", "1 1 .", "2 0 .", ". 0 ."])
    #expect(
      found.alignment.byID == 2 && found.alignment.flipped == 1 && found.alignment.missing == ["1:30:G:C"])
    #expect(found.alignment.report(.mean).contains("2 of 3 sites were found by their id"))
  }

  /// A file may have contig names with and without `chr`.
  @Test func contigsWithAndWithoutTheirPrefix() throws {
    let path = file([
      "chr1 10 . A G 0/0 0|1 1/1 ./.", "1 20 . A G 0/0 0/0 1/1 0/1", "chrM 5 . C T 1 1 0 0",
      "X 7 . T A 0/1 0/1 0/1 0/0",
    ])
    let sites = [
      site("1", 10, "A", "G"), site("1", 20, "A", "G"), site("MT", 5, "C", "T"), site("chrX", 7, "A", "T"),
    ]
    let found = try Genotypes.read(path, alignedTo: sites, leastShare: 1, threads: 1)
    #expect(text(found.table) == ["0 0 1 1", "1 0 1 1", "2 2 0 1", ". 1 0 2"])
    #expect(found.alignment.renamed == 3 && found.alignment.extra == 0)
    #expect(
      found.alignment.report(.mean).first == "3 of 4 sites have contig names that differ by 'chr' (chr1, 1)")
  }

  @Test func allelesInEitherCase() throws {
    let read = try Genotypes.read(
      file(["1 10 . a Gt 0/0 0|1 1/1 ./.", "1 20 . A <del>,c 0/1 0/2 1/1 2/2"]), threads: 1)
    #expect(read.table.names == ["1:10:A:GT", "1:20:A:<del>", "1:20:A:C"])
    let path = file([
      "1 10 . A gT 0/0 0|1 1/1 ./.", "1 20 . C a 0/1 0/0 1/1 1/1", "1 30 rs7 g t 0/1 0/0 1/1 0/0",
    ])
    let sites = [site("1", 10, "a", "GT"), site("1", 20, "A", "c"), site("1", 31, "G", "T", id: "rs7")]
    let found = try Genotypes.read(path, alignedTo: sites, leastShare: 1, threads: 1)
    #expect(text(found.table) == ["0 1 1", "1 2 0", "2 0 2", ". 0 0"])
    #expect(found.alignment.flipped == 1 && found.alignment.byID == 1)
  }

  @Test func sitesThatShareNothingAreRefused() throws {
    let path = file(["1 10 . A G 0/0 0|1 1/1 ./.", "1 11 . A G 0/0 0|1 1/1 ./."])
    func refusal(_ sites: [VariantSite], _ share: Double) -> String {
      do {
        _ = try Genotypes.read(path, alignedTo: sites, leastShare: share, threads: 1)
        return "no error"
      } catch { return "\(error)" }
    }
    let others = (1...5).map { site("2", $0, "C", "T") }
    #expect(
      refusal(others, 0)
        == "the VCF has 0 of the model's 5 sites, expected at least one; the model's: 2:1:C:T, 2:2:C:T, "
        + "2:3:C:T, … (5 in all); the VCF's: 1:10:A:G, 1:11:A:G")
    #expect(
      refusal(others + [site("1", 10, "A", "G")], 0.5).hasPrefix(
        "the VCF has 1 of the model's 6 sites, expected at least 50 %"))
    #expect(refusal(others + [site("1", 10, "A", "G")], 0.1) == "no error")
  }

  /// A duplicate site is an error with both line numbers, regardless of the case of its alleles and the name
  /// of its contig.
  @Test func repeatedSites() throws {
    func refusal(_ rows: [String]) throws -> (read: String, aligned: String) {
      let path = file(rows)
      func message(_ body: () throws -> Void) -> String {
        do {
          try body()
          return "no error"
        } catch { return "\(error)".replacing(path, with: "x.vcf") }
      }
      return (
        message { _ = try Genotypes.read(path, threads: 2) },
        message {
          _ = try Genotypes.read(path, alignedTo: [site("1", 20, "A", "G")], leastShare: 0, threads: 1)
        }
      )
    }
    let other = "1 10 . T C 0/1 1/1 1/1 ./.", first = "1 20 r A G 0/0 0/1 1/1 0/0"
    let expected = "again, which line 6 has: expected each position with its alleles once"
    for (row, name) in [
      (first, "1:20:A:G"), ("1 20 q a g 0/0 0/1 1/1 0/0", "1:20:a:g"),
      ("chr1 20 . A G 1/1 1/1 0/0 0/1", "chr1:20:A:G"), ("1 20 . A T,G 0/1 0/2 1/1 ./.", "1:20:A:G"),
    ] {
      let found = try refusal([other, first, other.replacing("10", with: "11"), row])
      #expect(found.read == "x.vcf:8: found the site '\(name)' \(expected)", "\(row)")
      #expect(found.aligned == found.read)
    }
    #expect(
      try refusal(["1 20 . A G,g 0/1 1/2 2/2 ./."]).read
        == "x.vcf:5: found the site '1:20:A:g' again, which line 5 has: expected each position with its alleles once"
    )
    // Other alleles at a position, and the two alleles exchanged, are other sites.
    for row in ["1 20 . A C 0/0 0/0 0/1 0/1", "1 20 . G A 0/0 0/0 0/1 0/1", "1 20 . AT G 0/0 0/0 0/1 0/1"] {
      #expect(try refusal([first, row]) == ("no error", "no error"))
    }
  }

  @Test func recordsWithoutGenotypes() throws {
    let rows = ["1 10 . A G 0/0 0|1 1/1 ./.", "1 20 . A G 0.1 0.2 1 2"]
    let path = file(rows)
    let text = String(decoding: TemporaryFolder.contents(of: path)!, as: UTF8.self).replacing(
      "\tGT\t0.1", with: "\tDP\t0.1")
    let other = folder.write(text, to: "w.vcf")
    for read in [
      { _ = try Genotypes.read(other, threads: 1) },
      { _ = try Genotypes.read(other, alignedTo: [site("1", 20, "A", "G")], leastShare: 0, threads: 1) },
    ] {
      let error = #expect(throws: FormatError.self) { try read() }
      #expect(
        error?.line == 6 && error?.exitCode == 65 && error?.message.hasSuffix("the record has DP") == true)
    }
  }

  /// Only the sites of a panel are read, with its names and counted alleles.
  @Test func sitesOfAPanel() throws {
    let panel = folder.write(
      "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t30\t.\tc\tg\t.\t.\t.\n"
        + "chr1\t10\trs1\tA\tG,T\t.\t.\t.\nchr2\t5\t.\tT\t.\t.\t.\t.\n", to: "panel.vcf")
    let sites = try Genotypes.sites(contentsOf: panel)
    #expect(sites.map(\.name) == ["chr1:30:C:G", "chr1:10:A:G", "chr1:10:A:T"])
    let path = file([
      "1 5 . A C 0/0 0/0 0/0 0/0", "1 10 rs1 A G 0/0 0|1 1/1 ./.", "1 30 . G C 0/1 1/1 0/0 1/1",
    ])
    let read = try Genotypes.read(path, panel: sites, threads: 1) { _ in [3, 1, 0] }
    #expect(read.samples == ["s3", "s1", "s0"] && read.sites == [sites[0], sites[1]])
    #expect(read.table.names == ["chr1:30:C:G", "chr1:10:A:G"] && text(read.table) == ["0 .", "0 1", "1 0"])
    #expect(
      read.panel?.report(panel: "panel.vcf") == [
        "2 of the 3 sites of panel.vcf are features; 1 other site is ignored",
        "2 of 3 sites have contig names that differ by 'chr' (chr1, 1)",
        "1 of 3 sites have reference and alternate allele exchanged; their counts were converted",
        "1 of the panel's sites is absent: chr1:10:A:T",
      ])
    let error = #expect(throws: JoinError.self) {
      try Genotypes.read(path, panel: [site("7", 1, "A", "C")], threads: 1)
    }
    #expect(
      error?.description.hasPrefix("the VCF has 0 of the panel's 1 sites, expected at least one") == true)
    let empty = folder.write(
      "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n", to: "empty.vcf")
    #expect(throws: FormatError.self) { try Genotypes.sites(contentsOf: empty) }
    let twice = folder.write(
      "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t3\t.\tA\tC\t.\t.\t.\n"
        + "chr1\t3\t.\ta\tc\t.\t.\t.\n", to: "twice.vcf")
    #expect(throws: FormatError.self) { try Genotypes.sites(contentsOf: twice) }
  }

  /// Invalid genotypes are refused, and those read as missing are reported.
  @Test func genotypesThatGiveNoCounts() throws {
    let long = Array(repeating: "1", count: 128).joined(separator: "/")
    let error = #expect(throws: FormatError.self) {
      try Genotypes.read(file(["1 10 . A G 0/0 0/1 \(long) 1/1"]), threads: 1)
    }
    #expect(
      error?.line == 5
        && error?.message == "found a genotype of 128 alleles, expected a ploidy of 127 at most")
    let beyond = try Genotypes.read(file(["1 10 . A G 0/0 0/2 1/3 1/1"]), threads: 1)
    #expect(text(beyond.table) == ["0", ".", ".", "2"])
    #expect(beyond.warnings.map { "\($0.name) \($0.line) \($0.count)" } == ["allele-without-alternate 5 2"])
  }

  @Test func labelsInAFormatField() throws {
    var text = String(
      decoding: TemporaryFolder.contents(of: file(["1 10 . A G 0/0:EUR 0|1:AFR 1/1:. ./."]))!, as: UTF8.self)
    text = text.replacing("\tGT\t", with: "\tGT:PO\t")
    let path = folder.write(text, to: "y.vcf")
    #expect(try Genotypes.labels(inFormat: "PO", of: path) == ["EUR", "AFR", ".", ""])
    let error = #expect(throws: FormatError.self) { try Genotypes.labels(inFormat: "XX", of: path) }
    #expect(error?.message == "found no FORMAT field 'XX' in the first record, expected one of GT, PO")
  }

  @Test func missingGenotypesAreFilled() {
    let sites = [
      site("1", 1, "A", "G"), site("1", 2, "A", "G"), site("1", 3, "A", "G"), site("1", 4, "A", "G"),
    ]
    let values: [Float] = [0, 2, .nan, 1, 1, 2, .nan, 1, 1, .nan, .nan, 1, 2, 0, .nan, 1, 50, .nan, 3, .nan]
    func encoded(_ missing: GenotypeFeatures.Missing) -> (features: GenotypeFeatures, rows: Tensor) {
      let features = GenotypeFeatures(fitting: values, sites: sites, samples: [0, 1, 2, 3], missing: missing)
      let table = FeatureTable(names: sites.map(\.name), values: values)
      let encoded = features.encode(GenotypeRecords(sites: sites, table: table)) as! EncodedRows
      #expect(features.shape == InputShape(row: features.width) && features.problem == nil)
      return (features, encoded.values)
    }
    let (mean, byMean) = encoded(.mean)
    // Variances have the divisor n, and are a fifth of the site's own plus four fifths of the mean of both; a
    // site that is constant, or never known, has 1.
    let (first, second) = (0.5, 8.0 / 9), usual = (first + second) / 2
    let root = Float(((first + 4 * usual) / 5).squareRoot()),
      other = Float(((second + 4 * usual) / 5).squareRoot())
    #expect(
      mean.means == [1, 4 / 3, 0, 1] && mean.fills == mean.means && mean.deviations == [root, other, 1, 1])
    #expect(byMean.shape == [5, 4])
    #expect(
      byMean.scalars[9] == 0 && byMean.scalars[17] == 0 && byMean.scalars[2] == 0 && byMean.scalars[19] == 0)
    #expect(byMean.scalars[0] == -1 / root && byMean.scalars[16] == 49 / root && byMean.scalars[18] == 3)
    let (mode, byMode) = encoded(.mode)
    // 1 occurs twice, 0 and 2 once; 2 occurs twice; the third is unknown.
    #expect(mode.fills == [1, 2, 0, 1] && byMode.scalars[9] == (2 - 4 / 3 as Float) / other)
    let (flag, flagged) = encoded(.flag)
    #expect(flag.width == 8 && flagged.shape == [5, 8])
    #expect(Array(flagged.scalars[8..<16]) == Array(byMean.scalars[4..<8]) + [0, 0, 1, 0])
    #expect(Array(flagged.scalars[36..<40]) == [0, 1, 0, 1])
    var broken = mean
    broken.deviations[1] = 0
    #expect(broken.problem == "found a site with a standard deviation that is not above 0")
    broken.deviations.removeLast()
    #expect(broken.problem?.hasPrefix("found 4 sites with 4 means, 3 standard deviations") == true)
  }

  /// Among equally frequent counts the smallest is used.
  @Test func theModeOfATie() {
    let features = GenotypeFeatures(
      fitting: [2, 0, 2, 0, 1], sites: [site("1", 1, "A", "G")], samples: [0, 1, 2, 3, 4], missing: .mode)
    #expect(features.fills == [0])
  }

  /// Sites that the model does not use are skipped, and only change the count of extra sites.
  @Test func otherSitesArePassedOver() throws {
    let wanted = [
      "1 10 rs1 A G 0/0 0|1 1/1 ./.", "chr2 20 . C T 0/1 0/0 1/1 0/1", "3 5 rs9 T A 0/1 0/1 0/1 0/0",
    ]
    let sites = [site("chr1", 10, "A", "G"), site("2", 20, "T", "C"), site("7", 7, "T", "A", id: "rs9")]
    let others = (0..<500).map { "1 \(100 + $0) . A C,G 0/1 1/2 0/2 ./." }
    let few = try Genotypes.read(file(wanted), alignedTo: sites, leastShare: 0, threads: 1)
    for threads in [1, 3] {
      let many = try Genotypes.read(
        file([wanted[0]] + others + wanted[1...]), alignedTo: sites, leastShare: 0, threads: threads)
      #expect(text(many.table) == text(few.table) && many.samples == few.samples)
      #expect(many.alignment.extra == few.alignment.extra + 1000)
      #expect(
        many.alignment.missing == few.alignment.missing && many.alignment.flipped == few.alignment.flipped)
    }
    // A truncated row is refused at any position.
    #expect(throws: FormatError.self) {
      try Genotypes.read(
        file(wanted + ["1 900 . A C 0/1 0/1 0/1"]), alignedTo: sites, leastShare: 0, threads: 1)
    }
  }

  @Test func samplesWithoutALabelAreNotKept() throws {
    let path = file(["1 10 rs1 A G 0/0 0|1 1/1 ./.", "1 30 . G C 0/1 1/1 0/0 1/1"])
    let all = try Genotypes.read(path, threads: 1)
    let some = try Genotypes.read(path, threads: 1) { samples in
      #expect(samples == ["s0", "s1", "s2", "s3"])
      return [3, 1]
    }
    #expect(some.samples == ["s3", "s1"] && some.sites == all.sites)
    #expect(text(some.table) == [text(all.table)[3], text(all.table)[1]])
  }
}
