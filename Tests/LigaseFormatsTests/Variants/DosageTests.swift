import LigaseFormats
import LigaseRuntime
import LigaseGenomics
import TestSupport
import Testing

/// Allele counts: their columns, and files that have none.
@Suite struct DosageTests {
  private let folder = TemporaryFolder()

  private func file(_ definitions: [String], _ rows: [String], samples: Int = 2) -> String {
    var text = "##fileformat=VCFv4.2\n"
    for id in definitions { text += "##FORMAT=<ID=\(id),Number=1,Type=String,Description=\"d\">\n" }
    text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
    for sample in 0..<samples { text += "\ts\(sample)" }
    for row in rows { text += "\n" + row.split(separator: " ").joined(separator: "\t") }
    return folder.write(text + "\n", to: "x.vcf")
  }

  @Test func namesThatRepeat() {
    let names = RepeatedNames(["a", "b", "a", "a:2", "a", "b", "sample"], reserved: ["sample"])
    #expect(names.unique == ["a", "b", "a:3", "a:2", "a:4", "b:2", "sample:2"])
    #expect(names.count == 4 && names.first == "a:3")
    #expect(names.message == "4 columns have the name of an earlier one, and so a number behind it: a:3, …")
    #expect(RepeatedNames(["a", "b"]).message == nil && RepeatedNames([]).unique == [])
    #expect(
      RepeatedNames(["a", "a"]).message
        == "1 column has the name of an earlier one, and so a number behind it: a:2")
    let many = RepeatedNames((0..<3000).map { "n\($0 % 7)" })
    #expect(Set(many.unique).count == 3000 && many.count == 2993)
  }

  @Test func columnsDiffer() throws {
    let path = file(
      ["GT"],
      [
        "1 5 . A <CNV:TR>,<CNV:TR> . . . GT 0/1 2/2", "1 7 . A C . . . GT 0/1 1/1",
        "1 7 . A C,C . . . GT 1/2 0/0",
        "1 7 . A C:2 . . . GT 0/0 0/1",
      ])
    for threads in [1, 3] {
      let output = try OutputFile(folder.file("d.tsv"), overwrite: true)
      let names = try DosageMatrix(contentsOf: path, threads: threads).writeTSV(to: output)
      try output.close()
      let table = try Table(contentsOf: folder.file("d.tsv"))
      #expect(
        table.columnNames == [
          "sample", "1:5:A:<CNV:TR>", "1:5:A:<CNV:TR>:2", "1:7:A:C", "1:7:A:C:3", "1:7:A:C:4", "1:7:A:C:2",
        ])
      #expect(try names.count == 3 && table.strings("1:7:A:C:4") == ["1", "0"])
    }
  }

  /// Alleles are counted in GT alone; an error names the fields of a file without it.
  @Test func filesWithoutGenotypes() throws {
    for (definitions, rows, expected) in [
      (
        ["DS", "GP"], ["1 5 . A C . . . DS:GP 0.1:1,0,0 2:0,0,1"],
        "3 DS (dosages), GP (probabilities of genotypes)"
      ),
      (
        [], ["1 5 . A C . . . DS 0.1 2", "1 6 . A C . . . GP 1 2"],
        "3 DS (dosages), GP (probabilities of genotypes)"
      ),
      (["GT", "DS"], ["1 5 . A C . . . DS 0.1 2"], "4 DS (dosages)"),
      (["PL"], ["1 5 . A C . . . PL 1 2"], "4 PL (likelihoods)"),
      (["X"], ["1 5 . A C . . . X 1 2", "1 6 . A C . . . . . ."], "4 X"),
    ] {
      let error = #expect(throws: FormatError.self) { try DosageMatrix(contentsOf: file(definitions, rows)) }
      let has = expected.dropFirst(2) == "X" ? "" : expected.dropFirst(2)
      #expect(
        error?.message
          == "found no genotypes (GT) in FORMAT, expected them: alleles are counted in GT alone"
          + (has.isEmpty
            ? "; the record has X" : "; the file has \(has), of which no whole counts can be made"))
      #expect(error?.line == 3 + definitions.count && error?.exitCode == 65)
    }
    // Some records have it; a file without variants has nothing to count.
    let mixed = try DosageMatrix(
      contentsOf: file(["GT"], ["1 5 . A C . . . DS 1 2", "1 6 . A C . . . GT 0/1 1/1"]))
    #expect(mixed.values == [-1, 1, -1, 2])
    #expect(mixed.warnings.map { "\($0.name) \($0.line) \($0.count)" } == ["no-genotype 4 1"])
    let strict = #expect(throws: FormatError.self) {
      try DosageMatrix(
        DosageStream(
          contentsOf: file(["GT"], ["1 5 . A C . . . GT 0/1 1/1", "1 6 . A C . . . DP:AD 1:2 3:4"]),
          needsGenotypes: true))
    }
    #expect(strict?.line == 5 && strict?.message.hasSuffix("; the record has AD, DP") == true)
    #expect(try DosageMatrix(contentsOf: file(["DS"], [])).variants.isEmpty)
    #expect(try DosageMatrix(contentsOf: file(["DS"], ["1 5 . A . . . . DS 1 2"])).variants.isEmpty)
  }

  @Test func ploidy() throws {
    func genotype(_ ploidy: Int, _ allele: String, _ mark: String = "/") -> String {
      Array(repeating: allele, count: ploidy).joined(separator: mark)
    }
    let most = try DosageMatrix(
      contentsOf: file(["GT"], ["1 5 . A C . . . GT \(genotype(127, "1")) |\(genotype(127, "0", "|"))"]))
    #expect(most.values == [127, 0])
    for fields in [
      genotype(128, "1") + " 0/1", "0/1 " + genotype(128, "."), "0/1 " + genotype(1000, "0", "|"),
    ] {
      let path = file(["GT"], ["1 5 . A C . . . GT 0/1 0/1", "1 6 . A C . . . GT \(fields)"])
      let error = #expect(throws: FormatError.self) { try DosageMatrix(contentsOf: path) }
      #expect(error?.line == 5 && error?.message.hasSuffix("expected a ploidy of 127 at most") == true)
    }
  }

  /// Records found by an index have no line number, and are named by their positions.
  @Test func placesThroughAnIndex() throws {
    let path = folder.file("i.vcf.gz")
    for (genotype, message) in [
      (
        Array(repeating: "1", count: 200).joined(separator: "|"),
        "found a genotype of 200 alleles at 1:6, expected"
      ),
      ("0/1/.", ""),
    ] {
      let output = try OutputFile(path, overwrite: true, compression: .bgzf)
      try output.write(
        "##fileformat=VCFv4.2\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\n"
          + "1\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\n1\t6\t.\tA\tC\t.\t.\t.\tGT\t\(genotype)\n")
      try output.close()
      let index = try OutputFile(path + ".tbi", overwrite: true, compression: .bgzf)
      try VariantIndex(indexing: path).write(to: index)
      try index.close()
      let stream = try DosageStream(contentsOf: path, regions: RegionSet([Region(contig: "1")]))
      do {
        #expect(try DosageMatrix(stream).values == [1, -1] && message.isEmpty)
      } catch let error as FormatError {
        #expect(
          error.message.hasPrefix(message) && !message.isEmpty && error.line == nil && error.column == nil)
      }
    }
  }

  /// An allele that ALT lacks makes a genotype missing, whatever its form.
  @Test func allelesWithoutAlternate() throws {
    let matrix = try DosageMatrix(
      contentsOf: file(
        ["GT"],
        ["1 5 . A C . . . GT 0/2 1|1", "1 6 . A C . . . GT 2 1/0/2", "1 7 . A C . . . GT:X 9/9:1 10/1:1"]))
    #expect(matrix.values == [-1, -1, -1, 2, -1, -1])
    #expect(matrix.warnings.map { "\($0.name) \($0.line) \($0.count)" } == ["allele-without-alternate 4 5"])
  }

  /// The fast paths of counting agree with plain parsing, whatever other fields there are.
  @Test func fastCountsAreThoseOfAPlainReading() throws {
    let folder = TemporaryFolder()
    var random = SeededGenerator(seed: 4)
    let usual = ["0|0", "0/1", "1|0", "1/1", "0|0:88", "1|1:7:1,2", "./.", "./.:.", ".|.:3"]
    let odd = ["1", "0", ".", "0/1/1", "./1", "1/.", "0|1:123456789012", "1/1:", "0/0:\u{E9}"]
    for (format, samples) in [("GT", 1), ("GT:GQ", 2), ("GT:GQ", 7), ("GT", 64), ("GT:GQ:AD", 301)] {
      var text = "##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"
      text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
      for sample in 0..<samples { text += "\ts\(sample)" }
      var expected: [[Int?]] = []
      for row in 0..<40 {
        let fields = (0..<samples).map { _ -> String in
          let pool = random.next() % 8 < UInt64(row % 3) ? odd : usual
          let field = pool[Int(random.next() % UInt64(pool.count))]
          return format == "GT" ? String(field.split(separator: ":")[0]) : field
        }
        text += "\n1\t\(row + 1)\t.\tA\tC\t.\t.\t.\t\(format)\t" + fields.joined(separator: "\t")
        expected.append(
          fields.map { field in
            let alleles = field.split(separator: ":")[0].split { $0 == "/" || $0 == "|" }
            return alleles.contains(".") ? nil : alleles.count { $0 == "1" }
          })
      }
      let path = folder.write(text + "\n", to: "d.vcf")
      for threads in [1, 2] {
        let matrix = try DosageMatrix(contentsOf: path, threads: threads)
        for row in expected.indices {
          #expect(
            (0..<samples).map { matrix[$0, row] } == expected[row],
            "\(format), \(samples) samples, row \(row)")
        }
      }
    }
  }
}
